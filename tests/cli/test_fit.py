"""`fit`: what it keeps and says."""

import warnings
from pathlib import Path

from sklearn.linear_model import RidgeCV

from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import COLUMNS, WROTE, files


def test_fit_takes_the_windows_by_default(run, table, monkeypatch):
    monkeypatch.setitem(MODELS, "network_windows", MODELS["ridge"])
    assert run("fit", table, *COLUMNS, "-o", "model")[0] == 0
    assert read_model(Path("model")).name == "network_windows"


def test_fit_shows_warnings_as_lines(run, table, monkeypatch):
    def fit(self, X, y):
        warnings.warn("some rows\n  are odd", UserWarning, stacklevel=2)
        return real_fit(self, X, y)

    real_fit = RidgeCV.fit
    monkeypatch.setattr(RidgeCV, "fit", fit)
    args = [*COLUMNS, "--model", "ridge", "-o", "model"]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        status, _, err = run("fit", table, *args)
    assert status == 0
    assert err == (
        f"screen.tsv: 240 guides; fitting ridge\nwarning: some rows are odd\n{WROTE}"
    )


def test_fit_names_the_table_that_a_model_refuses(run, screen):
    screen.assign(seq="ACGT").to_csv("same.csv", index=False)
    result = run("fit", "same.csv", *COLUMNS, "--model", "ridge", "-o", "model")
    status, _, err = result
    assert status == 2
    assert err.splitlines()[-1].startswith("sgrna-estimator: error: same.csv: ")
    assert files() == ["same.csv"]
