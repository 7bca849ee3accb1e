"""`fit`: what it keeps and says."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn import config_context
from sklearn.linear_model import RidgeCV

from sgrna_estimator import compare_estimators
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli import fitting
from sgrna_estimator.cli.fit import _describe
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import COLUMNS, WROTE, assert_interrupted, assert_refused, files


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
    args = [*COLUMNS, "--model", "ridge", "--cv", 0, "-o", "model"]
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


@pytest.mark.parametrize("groups", [(), ("--groups", "gene")])
def test_guides_are_held_out(run, table, screen, groups):
    args = [*COLUMNS, *groups, "--model", "ridge", "--seed", 4, "-o", "model"]
    status, _, told = run("fit", table, *args)
    assert status == 0
    fitted = read_model(Path("model"))
    with config_context(enable_metadata_routing=True):
        result = compare_estimators(
            {"ridge": fitted.pipeline},
            screen[["seq"]],
            screen["y"],
            groups=screen["gene"] if groups else None,
            cv=5,
            repeats=1,
            random_state=4,
        )
    np.testing.assert_allclose(
        fitted.calibration.predictions, result.predictions_["ridge"]
    )
    np.testing.assert_array_equal(fitted.calibration.measured, screen["y"])
    assert (fitted.scores["n_held_out"], fitted.scores["n_folds"]) == (240, 5)
    metric = "within_group_spearman" if groups else "spearman"
    best = result.summary(metric).iloc[0]
    assert fitted.scores[metric]["mean"] == pytest.approx(best["mean"])
    within = " within genes" if groups else ""
    assert f"pearman correlation{within} on guides held out: {best['mean']:.3f}" in told


def test_no_intervals_where_there_are_few_genes(run, screen):
    screen[:80].to_csv("four.csv", index=False)
    args = [*COLUMNS, "--groups", "gene", "--model", "ridge", "-o", "model"]
    status, _, told = run("fit", "four.csv", *args)
    assert status == 0
    assert "no intervals, because 5 folds (--cv) need 5 sets of guides" in told
    assert read_model(Path("model")).calibration is None
    assert run("fit", "four.csv", *args, "--cv", 4)[0] == 0
    assert len(read_model(Path("model")).calibration.measured) == 80
    assert_refused(
        run("fit", "four.csv", *args, "--cv", 1), "--cv must be 0 or at least"
    )


@pytest.mark.parametrize("there", [False, True])
def test_ctrl_c_while_guides_are_held_out(run, table, monkeypatch, there):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "cross_validate", interrupt)
    if there:
        Path("model").write_text("a good one")
    args = [*COLUMNS, "--model", "ridge", "-o", "model"]
    kept = (
        "model was there and is left alone" if there else "what was learnt is in model"
    )
    assert_interrupted(
        run("fit", table, *args), f"Ctrl-C came before intervals were known; {kept}\n"
    )
    if there:
        assert Path("model").read_text() == "a good one"
    else:
        assert read_model(Path("model")).calibration is None


def test_a_model_that_ranks_no_guides_is_said_to(run, screen):
    screen.assign(y=np.arange(len(screen)) % 2).to_csv("noise.csv", index=False)
    args = [*COLUMNS, "--model", "lasso", "-o", "model"]
    status, _, told = run("fit", "noise.csv", *args)
    assert status == 0
    scores = read_model(Path("model")).scores
    if "spearman" not in scores:
        assert "it predicted the same for all guides held out" in told
    assert _describe({"n_held_out": 9, "n_folds": 5}).startswith(
        "it predicted the same"
    )
