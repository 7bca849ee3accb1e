"""`compare --train A --test B`: one fit of each model, judged once."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from tests.command_line import COLUMNS, assert_refused, cells

ARGS = [*COLUMNS, "--model", "ridge", "--jobs", 1]
SIDES = ["--train", "a.csv", "--test", "b.csv"]


@pytest.fixture
def sides(clear):
    """140 guides to learn from; 100 others to be judged on, and 20 of the first."""
    clear[:140].to_csv("a.csv", index=False)
    clear[120:].to_csv("b.csv", index=False)
    return clear


def test_models_are_fitted_to_one_table_and_judged_on_the_other(run, sides):
    outputs = ["-o", "scores.csv", "--predictions", "p.csv"]
    status, out, told = run("compare", *SIDES, *ARGS, "--groups", "gene", *outputs)
    assert status == 0, told
    assert "fitted to a.csv and judged on b.csv; ridge and the constant" in told
    assert "20 of 120 guides of --test left out, because they are among those" in told
    assert re.search(r"genes of --test are in --train too", told) is None
    assert out.startswith(
        "Which model is best cannot be told: there is one split only."
    )
    assert "fitted once, to 140 guides, and judged on 100." in out
    printed, below = cells(out)
    assert printed.index.tolist() == ["ridge", "constant"]
    lower, within, upper = printed.loc["ridge", ["lower", "within", "upper"]].astype(
        float
    )
    assert 0 < lower < within < upper <= 1
    assert printed.loc["constant", "within"] == "nan"
    assert "are ranked better than by chance by ridge" in below
    predictions = pd.read_csv("p.csv")
    assert predictions["file"].unique().tolist() == ["b.csv"]
    assert predictions["row"].tolist() == list(range(21, 121))
    scores = pd.read_csv("scores.csv").set_index(["estimator", "metric"])["value"]
    expected = spearmanr(predictions["y"], predictions["ridge"]).statistic
    assert scores["ridge", "spearman"] == pytest.approx(expected)
    assert float(printed.loc["ridge", "spearman"]) == pytest.approx(expected, abs=6e-4)
    # nothing of b.csv is learnt from
    changed = sides[120:].assign(y=np.arange(120))
    changed.to_csv("b.csv", index=False)
    assert run("compare", *SIDES, *ARGS, "--groups", "gene", *outputs)[0] == 0
    assert pd.read_csv("p.csv")["ridge"].tolist() == predictions["ridge"].tolist()


def test_genes_that_are_known_are_told(run, sides):
    sides[:130].to_csv("a.csv", index=False)
    sides[130:].to_csv("b.csv", index=False)
    status, _, told = run("compare", *SIDES, *ARGS, "--groups", "gene")
    assert status == 0
    assert "1 of the 6 genes of --test are in --train too" in told
    assert "left out" not in told


def test_scales_are_doubted_of_what_is_learnt_from_only(run, sides):
    sides[:60].to_csv("a.csv", index=False)
    sides[60:140].to_csv("c.csv", index=False)
    sides[140:].assign(y=100 * sides["y"]).to_csv("b.csv", index=False)
    status, _, told = run("compare", *SIDES, "--train", "c.csv", *ARGS)
    assert status == 0
    assert "does not have one scale" not in told
    swapped = ["--train", "b.csv", "--train", "c.csv", "--test", "a.csv"]
    status, _, told = run("compare", *swapped, *ARGS)
    assert status == 0
    assert "does not have one scale" in told


def test_nothing_that_is_noise_is_shown(run, noise):
    screen = pd.read_csv("screen.csv")
    screen[:120].to_csv("a.csv", index=False)
    screen[120:].to_csv("b.csv", index=False)
    status, out, _ = run("compare", *SIDES, *ARGS)
    assert status == 0
    assert "- Guides are not shown to be ranked by any model." in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--train", "a.csv"], "--train and --test go together"),
        (["--test", "a.csv"], "--train and --test go together"),
        (["b.csv", *SIDES], "b.csv: with --train and --test each table must be of one"),
        ([*SIDES, "--cv", 5], "--cv is for folds"),
        ([*SIDES, "--report", "r.html"], "--report is for folds"),
        ([*SIDES, "--permutations", 0], "--permutations is for folds"),
        (
            ["--train", "a.csv", "--test", "a.csv"],
            "the table 'a.csv' is given twice",
        ),
    ],
)
@pytest.mark.usefixtures("sides")
def test_options_that_do_not_go_with_one_split(run, options, message):
    assert_refused(run("compare", *options, *ARGS), message)


def test_a_copy_of_the_training_table_leaves_nothing_to_judge_on(run, sides):
    sides[:140].to_csv("copy.csv", index=False)
    options = ["--train", "a.csv", "--test", "copy.csv"]
    status, out, told = run("compare", *options, *ARGS)
    assert (status, out) == (2, "")
    assert told.splitlines()[-1] == (
        "sgrna-estimator: error: a.csv, copy.csv: there is no guide to test on: 140 are, "
        "and all are among those that models learn from"
    )
