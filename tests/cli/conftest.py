"""A screen, its table and a model of it, which tests of the command line share."""

import numpy as np
import pytest

from sgrna_estimator.network import base
from tests.command_line import COLUMNS


@pytest.fixture
def screen(small_screen):
    """240 guides of 12 genes, with a target from 0 to 1."""
    frame = small_screen.data[["seq", "gene", "distance2TSS", "log2fc"]]
    return frame.assign(y=small_screen.target)


@pytest.fixture
def table(screen, tmp_path):
    """The screen as a file, ``screen.tsv``, in the folder that commands run in."""
    screen.to_csv(tmp_path / "screen.tsv", sep="\t", index=False)
    return "screen.tsv"


@pytest.fixture
def model(run, table):
    """A ridge model of the screen, with a covariate, in the file ``model``."""
    covariate = ["--covariates", "distance2TSS"]
    status, _, _ = run(
        "fit", table, *COLUMNS, *covariate, "--model", "ridge", "--cv", 0, "-o", "model"
    )
    assert status == 0
    return "model"


@pytest.fixture
def interrupt_epoch(monkeypatch):
    """Press Ctrl-C in an epoch of a network's fit."""
    train_epoch = base.train_epoch

    def interrupt_in(number):
        def train(trainee, *args):
            if trainee.n_iter + 1 == number:
                raise KeyboardInterrupt
            train_epoch(trainee, *args)

        monkeypatch.setattr(base, "train_epoch", train)

    return interrupt_in


@pytest.fixture
def clear(screen, tmp_path):
    """The screen with a signal that nobody could miss, in ``screen.csv``."""
    clear = screen.assign(y=screen["seq"].str.count("[GC]"))
    clear.to_csv(tmp_path / "screen.csv", index=False)
    return clear


@pytest.fixture
def noise(screen, tmp_path):
    """The screen without any signal, in ``screen.csv``."""
    y = np.random.default_rng(1).uniform(size=len(screen))
    screen.assign(y=y).to_csv(tmp_path / "screen.csv", index=False)
