"""Progress: a bar on a terminal, lines elsewhere."""

import re
from pathlib import Path

import pytest

from sgrna_estimator.cli import terminal as cli_terminal
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import COLUMNS, QUICK


def test_a_short_run_says_nothing_about_its_progress(run, table):
    args = ["--model", "ridge", *QUICK]
    _, _, err = run("compare", table, *COLUMNS, *args)
    assert err.splitlines()[1:] == [
        "screen.tsv: 240 guides, 2 folds; ridge and the constant"
    ]


def test_a_long_run_says_how_far_it_is(run, table, monkeypatch):
    monkeypatch.setattr(cli_terminal, "_SECONDS_BETWEEN_LINES", 0.0)
    args = ["--model", "ridge", *QUICK]
    _, _, err = run("compare", table, *COLUMNS, *args)
    assert re.findall(r"^(\d) of 4 fits done after \d s$", err, re.M) == list("01234")
    args = ["--model", "network", "-o", "model"]
    _, _, err = run("fit", table, *COLUMNS, *args)
    n_epochs = read_model(Path("model")).pipeline[-1].n_iter_
    assert re.findall(rf"^(\d+) of {n_epochs} epochs done", err, re.M) == [
        str(epoch) for epoch in range(1, n_epochs + 1)
    ]
    _, _, err = run("predict", "model", table, "-o", "out.csv")
    assert re.search(r"^240 guides done after \d s, [\d,]+ a second$", err, re.M)


@pytest.mark.parametrize(
    ("terminal", "kind", "has_bar"),
    [(True, "xterm", True), (True, "dumb", False), (False, "xterm", False)],
)
def test_a_bar_takes_the_place_of_lines_on_a_terminal(
    run, table, monkeypatch, terminal, kind, has_bar
):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as logs of automatic builds have it
    monkeypatch.setattr(cli_terminal, "_SECONDS_BETWEEN_LINES", 0.0)
    args = ["--model", "ridge", *QUICK]
    status, out, err = run("compare", table, *COLUMNS, *args)
    assert status == 0
    assert ("4 of 4 fits done" in err) == (not has_bar)
    assert ("4/4" in err) == has_bar
    assert ("\x1b" in err) == has_bar
    assert "\x1b" not in out
