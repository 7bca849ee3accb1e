"""`--standardize`: tables in different units, and what says that they are."""

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.storage import read_model
from tests.command_line import COLUMNS, QUICK, assert_refused, cells

RIDGE = ["--model", "ridge"]
UNIT = "y in standard deviations from the mean of its table"


@pytest.fixture
def tables(screen):
    """Half of a screen in shares, and the other half in per cent of other guides."""
    screen[:120].to_csv("share.csv", index=False)
    screen[120:].assign(y=100 * screen["y"] + 3).to_csv("percent.csv", index=False)
    return ["share.csv", "percent.csv"]


@pytest.fixture
def standardized(screen):
    """The same screen in one table, standardised by hand."""
    y = screen["y"].to_numpy()
    halves = [(half - half.mean()) / half.std() for half in (y[:120], y[120:])]
    screen.assign(y=np.concatenate(halves)).to_csv("by_hand.csv", index=False)
    return "by_hand.csv"


@pytest.mark.parametrize("factor", [2.9, 3.1])
def test_different_scales_are_doubted_from_a_factor_3(run, screen, factor):
    z = (screen["y"][:120] - screen["y"][:120].mean()) / screen["y"][:120].std(ddof=0)
    for name, scale in (("a.csv", 1), ("b.csv", factor)):
        screen[:120].assign(y=scale * z.to_numpy() + 10).to_csv(name, index=False)
    status, _, told = run("compare", "a.csv", "b.csv", *COLUMNS, *RIDGE, *QUICK)
    assert status == 0
    said = "standard deviation 1 in a.csv, 3.1 in b.csv): models learn most"
    assert (said in told) == (factor > 3)
    assert ("--standardize" in told) == (factor > 3)


def test_fit_doubts_scales_and_evaluate_does_not(run, tables):
    status, _, told = run("fit", *tables, *COLUMNS, *RIDGE, "--cv", 0, "-o", "model")
    assert status == 0
    assert "--standardize" in told
    status, _, told = run("evaluate", "model", *tables)
    assert status == 0
    assert "--standardize" not in told


def test_compare_is_that_of_targets_standardised_by_hand(run, tables, standardized):
    found = []
    for files, options in (tables, ["--standardize"]), ([standardized], []):
        status, out, told = run("compare", *files, *COLUMNS, *RIDGE, *QUICK, *options)
        assert status == 0
        assert "does not have one scale" not in told
        found.append(cells(out)[0].drop(columns="fit s"))
    pd.testing.assert_frame_equal(*found)


def test_no_model_of_other_targets_is_compared(run, tables):
    args = [*COLUMNS, "--standardize", "--jobs", 1, "--cv", 2, "--repeats", 1]
    args += ["--model", "ridge", "--model", "mixture_logistic"]
    assert_refused(
        run("compare", *tables, *args),
        "--standardize is not for log2 fold changes, which mixture_logistic needs",
    )


def test_a_model_says_what_its_unit_is(run, tables, standardized):
    args = [*COLUMNS, *RIDGE, "--cv", 0]
    status, _, told = run("fit", *tables, *args, "--standardize", "-o", "model")
    assert status == 0
    assert "does not have one scale" not in told
    assert "values below and above 0" not in told
    assert read_model("model").unit == UNIT
    status, _, _ = run("fit", standardized, *args, "-o", "by_hand")
    assert status == 0
    assert read_model("by_hand").unit == "y"
    status, _, told = run("predict", "model", tables[1], "-o", "p.csv")
    assert status == 0
    assert f"prediction is {UNIT}: it was fitted with --standardize" in told
    assert run("predict", "by_hand", tables[1], "-o", "q.csv")[0] == 0
    found, expected = (pd.read_csv(name)["prediction"] for name in ("p.csv", "q.csv"))
    np.testing.assert_allclose(found, expected)


def test_evaluate_standardises_likewise(run, tables, standardized):
    args = [*COLUMNS, *RIDGE, "--cv", 0]
    assert run("fit", *tables, *args, "--standardize", "-o", "model")[0] == 0
    status, out, told = run("evaluate", "model", *tables)
    assert status == 0
    assert "each table's measurements are standardised" in told
    assert run("fit", standardized, *args, "-o", "by_hand")[0] == 0
    assert run("evaluate", "by_hand", standardized)[1] == out


def test_the_report_says_what_the_unit_is(run, tables, tmp_path):
    args = [*COLUMNS, *RIDGE, *QUICK, "--standardize", "--report", "report.html"]
    assert run("compare", *tables, *args)[0] == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "y, in standard deviations from the mean of its table" in page


def test_fit_follows_a_decision_about_standardised_targets(run, clear):
    clear[:120].to_csv("a.csv", index=False)
    clear[120:].assign(y=10 * clear["y"]).to_csv("b.csv", index=False)
    tables = ["a.csv", "b.csv"]
    args = [*COLUMNS, *RIDGE, *QUICK, "--standardize", "--decision", "d.json"]
    status, out, _ = run("compare", *tables, *args)
    assert status == 0
    (following,) = [line for line in out.splitlines() if line.startswith("Next: ")]
    assert following.endswith(" --standardize")
    best = ["--model", "best", "--decision", "d.json", "--cv", 0, "-o", "model"]
    assert_refused(run("fit", *tables, *COLUMNS, *best), "on other guides")
    status, _, _ = run("fit", *tables, *COLUMNS, *best, "--standardize")
    assert status == 0


@pytest.mark.parametrize("command", ["compare", "fit"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--score", "log2fc"], "--standardize is for --target: mixtures know 0"),
        (
            ["--target", "y", "--bounds", "-100", "100"],
            "--standardize and --bounds do not go together",
        ),
        (
            ["--target", "flat"],
            "percent.csv: the target in column 'flat' must vary to be standardised, but "
            "all guides have 2",
        ),
    ],
)
def test_targets_that_are_not_standardised(run, screen, command, options, message):
    screen[:120].assign(flat=screen["y"]).to_csv("share.csv", index=False)
    screen[120:].assign(flat=2).to_csv("percent.csv", index=False)
    args = [
        "share.csv",
        "percent.csv",
        "--sequence",
        "seq",
        "--model",
        "network",
        *options,
    ]
    output = ["-o", "model.csv"]
    assert_refused(run(command, *args, "--standardize", *output), message)


def test_there_must_be_tables(run):
    assert_refused(run("compare", "--standardize"), "there is no TABLE")
