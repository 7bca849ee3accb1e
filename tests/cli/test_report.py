"""`compare --report`: the page, its fits and its commands."""

import shlex
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sgrna_estimator import GuideEffectMixture, PositionwiseReLURegressor
from tests import browser
from tests.command_line import COLUMNS, QUICK, SCORE, assert_refused, files
from tests.report.pages import HEADINGS, HOSTILE, Page


def test_learning_curves_of_screens_that_are_tested_only(run, screen, monkeypatch):
    """Each gene is a screen, so that no mixture of the training guides is the test's."""
    given = []
    fit = PositionwiseReLURegressor.fit

    def keep(self, X, y, **held_out):
        given.append((y, held_out.get("y_val")))
        return fit(self, X, y, **held_out)

    monkeypatch.setattr(PositionwiseReLURegressor, "fit", keep)
    screen = screen[:80].assign(screen=screen["gene"])
    screen.to_csv("screen.csv", index=False)
    args = ["--model", "network", *QUICK, "--report", "report.html"]
    columns = ["--sequence", "seq", *SCORE, "--screens", "screen"]
    status, _, err = run("compare", "screen.csv", *columns, *args)
    assert status == 0, err
    expected = []
    for gene, guides in screen.groupby("gene"):
        genes = [gene] * len(guides)
        mixture = GuideEffectMixture().fit(guides["log2fc"], groups=genes)
        expected += mixture.predict_proba(guides["log2fc"], groups=genes).tolist()
    [learnt_and_judged] = [each for each in given if each[1] is not None]
    assert_allclose(np.sort(np.concatenate(learnt_and_judged)), np.sort(expected))


def test_a_report_shows_the_mixture_of_each_screen(run, screen):
    screen[:120].to_csv("a.csv", index=False)
    screen[120:].to_csv("b<i>.csv", index=False)
    args = ["--sequence", "seq", *SCORE, "--model", "ridge", *QUICK]
    status, out, err = run("compare", "a.csv", "b<i>.csv", *args, "--report", "r.html")
    assert status == 0, err
    page = Path("r.html").read_text(encoding="utf-8")
    assert "120 guides of a.csv with the fitted mixture" in page
    assert "120 guides of b&lt;i&gt;.csv with the fitted mixture" in page
    assert all(line[2:] in page for line in out.splitlines() if line[:2] == "- ")


def test_ctrl_c_while_a_report_is_made(run, table, monkeypatch):
    def to_html(self):
        Path("began").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("sgrna_estimator.ComparisonReport.to_html", to_html)
    args = ["--sequence", "seq", *SCORE, "--model", "ridge", *QUICK]
    outputs = ["-o", "scores.csv", "--report", "report.html"]
    status, _, err = run("compare", table, *args, *outputs)
    assert status == 130
    assert err.endswith("\nsgrna-estimator: interrupted\n")
    assert files() == ["began", "scores.csv", table]  # the scores are whole


def test_scores_and_report_are_two_files(run, table):
    Path("scores.csv").symlink_to("report.html")
    args = ["--sequence", "seq", *SCORE, "-o", "scores.csv", "--report", "report.html"]
    assert_refused(
        run("compare", table, *args), "--output and --report are the same file"
    )


ARGUMENTS = [
    *("compare", "screen.tsv", "--sequence", "seq", "--target", "y <&>"),
    *("--groups", "gene", "--model", "ridge", "--model", "network", "--cv", "3"),
    *("--repeats", "1"),
    *("--layout", "10+20+3+10", "--seed", "7", "--jobs", "1"),
    *("--report", "report.html"),
]


@pytest.fixture
def hostile_table(screen, tmp_path):
    table = screen[["seq", "gene"]].assign(**{"y <&>": screen["y"]})
    table["gene"] = table["gene"].replace(table["gene"].iloc[0], HOSTILE)
    table.to_csv(tmp_path / "screen.tsv", sep="\t", index=False)


@pytest.mark.usefixtures("hostile_table")
def test_the_command_writes_it(run, tmp_path):
    status, out, err = run(*ARGUMENTS)
    assert status == 0, err
    assert "wrote report.html" in err
    parsed = Page(Path("report.html").read_text(encoding="utf-8"))
    assert parsed.texts("h2") == [*HEADINGS[:-1], "To use it", HEADINGS[-1]]
    in_card, *following, again = map(shlex.split, parsed.texts("code"))
    assert in_card == following[0]
    assert again == ["sgrna-estimator", *ARGUMENTS]
    verdicts = [line[2:] for line in out.splitlines() if line.startswith("- ")]
    text = parsed.texts("main")[0]
    assert verdicts
    assert all(sentence in text for sentence in verdicts)
    rows = parsed.rows()
    assert rows["Column of measured activities"] == ["y <&>"]
    assert rows["Guides of a gene"] == ["20 each"]
    assert rows["seed"] == ["7"]
    for _, *args in following:  # fit, effects, predict
        status, _, err = run(*(arg.replace("CANDIDATES", "screen") for arg in args))
        assert status == 0, err
    assert {"model.sgrna", "effects.png", "scores.tsv"} <= set(files(tmp_path))


@pytest.mark.usefixtures("hostile_table")
def test_a_browser_shows_what_the_command_writes(run, driver, tmp_path):
    status, _, err = run(*ARGUMENTS)
    assert status == 0, err
    assert browser.show(driver, tmp_path / "report.html", 1280) == []
    assert browser.accessibility_violations(driver) == []


def test_columns_of_mixtures_are_in_the_next_commands_of_mixtures_only(run, screen):
    screen.assign(y=screen["seq"].str.count("[GC]")).to_csv("screen.csv", index=False)
    args = ["compare", "screen.csv", *COLUMNS, "--groups", "gene", "--model", "ridge"]
    args += ["--drop-incomplete", *QUICK, "--report", "report.html"]
    status, _, err = run(*args)
    assert status == 0, err
    page = Page(Path("report.html").read_text("utf-8"))
    _, fit, effects, _, _ = map(shlex.split, page.texts("code"))
    assert fit == [
        *("sgrna-estimator", "fit", "screen.csv", "-o", "model.sgrna"),
        *("--model", "ridge", *COLUMNS, "--groups", "gene", "--drop-incomplete"),
    ]
    assert "--layout" not in effects


def test_a_simulated_screen_leaves_nothing_to_fit(run):
    args = ["compare", "--model", "ridge", *QUICK, "--report", "report.html"]
    status, _, err = run(*args)
    assert status == 0, err
    parsed = Page(Path("report.html").read_text("utf-8"))
    assert "To use it" not in parsed.texts("h2")
    assert "simulated screen" in parsed.texts("title")[0]
