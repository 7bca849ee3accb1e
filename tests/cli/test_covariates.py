"""`compare --covariates`: what they brought."""

import numpy as np
import pytest

from tests.command_line import COLUMNS, QUICK, cells

RIDGE = ["--model", "ridge"]


@pytest.fixture
def helped(screen):
    """A screen that letters explain in part, and a distance the rest."""
    rng = np.random.default_rng(0)
    distance = rng.normal(size=len(screen))
    gc = screen["seq"].str.count("[GC]")
    y = (gc - gc.mean()) / gc.std() + distance + rng.normal(size=len(screen)) / 10
    screen.assign(y=y, distance=distance).to_csv("screen.csv", index=False)
    return "screen.csv"


def sentences(out):
    return [
        line for line in out.splitlines() if line.startswith("- With the covariate")
    ]


def test_the_difference_to_the_same_model_without_them(run, helped, tmp_path):
    args = ["compare", helped, *COLUMNS, *RIDGE, *QUICK, "--cv", 5]
    status, out, err = run(*args, "--covariates", "distance", "--report", "report.html")
    assert status == 0, err
    (sentence,) = sentences(out)
    score = float(cells(out)[0].loc["ridge", "spearman"])
    assert f"of ridge is {score:.3f}, without it " in sentence
    assert sentence.endswith(", which is a gain.")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert sentence[2:] in page
    # on the same folds, the model without is that of a comparison without
    status, bare, _ = run(*args)
    assert status == 0
    assert sentences(bare) == []
    without = float(cells(bare)[0].loc["ridge", "spearman"])
    assert f", without it {without:.3f}: a difference of " in sentence


def test_nothing_is_said_where_no_model_is_recommended(run, noise):
    args = [*COLUMNS, *RIDGE, *QUICK, "--covariates", "distance2TSS"]
    status, out, _ = run("compare", "screen.csv", *args)
    assert status == 0
    assert out.startswith("No: ")
    assert sentences(out) == []


def test_log2_fold_changes_too(run, screen):
    rng = np.random.default_rng(0)
    active = screen["seq"].str[20].isin(["G", "C"]).to_numpy()
    lfc = rng.normal(scale=0.2, size=len(screen)) - 3.0 * active
    distance = rng.normal(size=len(screen))
    screen.assign(lfc=lfc, distance=distance).to_csv("screen.csv", index=False)
    args = ["--sequence", "seq", "--score", "lfc", *RIDGE, *QUICK, "--cv", 5]
    status, out, err = run("compare", "screen.csv", *args, "--covariates", "distance")
    assert status == 0, err
    assert len(sentences(out)) == 1
