"""Running: the same splits for all, in parallel, with progress, failures, Ctrl-C."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import (
    KFold,
)

from sgrna_estimator.comparison.compare import compare_estimators
from tests.command_line import expect_signals
from tests.comparison.models import Unlucky, on_sequences


def test_all_estimators_see_the_same_splits(features):
    X, y, _ = features
    seen = {"a": [], "b": []}

    class Spy(DummyRegressor):
        def __init__(self, name="a"):
            super().__init__()
            self.name = name

        def fit(self, X, y):
            seen[self.name].append(X[:, 0].tolist())
            return super().fit(X, y)

    compare_estimators({"a": Spy("a"), "b": Spy("b")}, X, y, cv=KFold(4))
    assert seen["a"] == seen["b"]
    assert len(seen["a"]) == 4


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_do_not_depend_on_n_jobs(screen, n_jobs):
    X, y, genes = screen
    models = {
        "forest": on_sequences(RandomForestRegressor(5)),
        "ridge": on_sequences(Ridge()),
    }
    expected = compare_estimators(models, X, y, groups=genes, random_state=3)
    result = compare_estimators(
        models, X, y, groups=genes, random_state=3, n_jobs=n_jobs
    )
    pd.testing.assert_frame_equal(result.predictions_, expected.predictions_)
    pd.testing.assert_series_equal(result.scores_["value"], expected.scores_["value"])
    assert models["forest"][-1].random_state is None  # what was given stays as it was


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_progress_is_told_in_the_parent(features, n_jobs):
    X, y, _ = features
    told = []
    compare_estimators(
        {"ridge": Ridge(), "lasso": Lasso()},
        X,
        y,
        cv=3,
        repeats=1,
        n_jobs=n_jobs,
        progress=lambda *args: told.append(args),
    )
    assert [done for done, _, _ in told] == list(range(1, 10))
    assert {total for _, total, _ in told} == {9}
    assert sorted(name for *_, name in told) == sorted(
        ["ridge", "lasso", "constant"] * 3
    )


@pytest.mark.parametrize(
    ("how", "n_jobs", "message"),
    [
        ("fit", None, r"fit on split 0: ValueError: no luck in row 3 .* 75 rows"),
        ("fit", 2, r"fit on split \d: ValueError: no luck in row 3 .* 75 rows"),
        ("predict", None, r"scoring on split 0: .*the prediction must be finite"),
        ("length", None, r"scoring on split 0: .* \[25, 24\]"),
    ],
)
def test_a_failure_names_the_estimator_and_the_split(features, how, n_jobs, message):
    X, y, _ = features
    models = {"ridge": Ridge(), "bad": Unlucky(how)}
    with pytest.raises(RuntimeError, match=f"'bad' failed in {message}"):
        compare_estimators(models, X, y, cv=KFold(4), n_jobs=n_jobs)


def test_interrupts_pass_through(features):
    X, y, _ = features
    with pytest.raises(KeyboardInterrupt):
        compare_estimators({"slow": Unlucky("interrupt")}, X, y)


PRESSED = """
import numpy as np
from sgrna_estimator.comparison.compare import compare_estimators
from tests.comparison.models import Unlucky

def compare(n_jobs):
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20.0)
    compare_estimators({"pressed": Unlucky("Ctrl-C")}, X, y, n_jobs=n_jobs)

if __name__ == "__main__":
    compare(2)
    print("compared", flush=True)
    try:
        compare(None)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_of_a_terminal_is_not_for_the_workers():
    done = subprocess.run(
        [sys.executable, "-c", PRESSED],
        cwd=Path(__file__).parents[2],
        preexec_fn=expect_signals,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "compared\ninterrupted\n", done.stderr


@pytest.mark.parametrize(
    ("n_jobs", "error"),
    [(None, KeyboardInterrupt), (None, OSError), (2, KeyboardInterrupt)],
)
def test_an_interrupt_while_waiting_stops_the_workers(features, n_jobs, error):
    X, y, _ = features
    told = []

    def progress(done, total, name):
        told.append(done)
        raise error("stop")

    with pytest.raises(error, match="stop"):
        compare_estimators({"ridge": Ridge()}, X, y, n_jobs=n_jobs, progress=progress)
    assert told == [1]
