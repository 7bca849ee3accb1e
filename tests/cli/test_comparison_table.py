"""The printed table: as many columns as a terminal has room for."""

import os
import pty
import re
import select
import struct
import subprocess
import termios
from fcntl import ioctl

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from tests.command_line import COLUMNS, QUICK, SUBPROCESS, cells


def on_a_terminal(args, columns, cwd):
    """Run the command line on a terminal; return its status and what it shows."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    child = subprocess.Popen(
        [*SUBPROCESS, *args],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env=environment,
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # Linux says so when the child has closed its end
            break
    os.close(ours)
    return child.wait(timeout=60), shown.decode()


def test_a_terminal_has_a_progress_bar_and_as_much_of_the_table_as_fits(
    table, tmp_path
):
    args = ["compare", table, *COLUMNS, "--groups", "gene", *map(str, QUICK)]
    args += ["--model", "ridge_dinucleotides"]
    status, shown = on_a_terminal(args, 80, tmp_path)
    assert status == 0
    assert "4/4" in shown  # the bar
    assert "fits done" not in shown
    # The bar is wiped away before the results come.
    result = shown[shown.rindex("\x1b[2K") + len("\x1b[2K") :].replace("\r\n", "\n")
    assert "\x1b" not in result
    assert result.startswith("No: no model is shown to rank guides within genes better")
    assert max(map(len, result.splitlines())) <= 80
    printed, below = cells(result)
    assert printed.index.tolist() == ["ridge_dinucleotides", "constant"]
    assert "pearson" not in printed.columns
    assert "Left out for want of room: pearson, mse within, fit s." in below


@pytest.fixture
def run_on_a_terminal(run, table, monkeypatch):
    """Compare on a terminal of some width (None: no terminal); return the output."""
    args = ["compare", table, *COLUMNS, "--groups", "gene", *QUICK]
    args += ["--model", "ridge_dinucleotides"]

    def run_at(width):
        with monkeypatch.context() as terminal:
            if width is not None:
                terminal.setattr("sys.stdout.isatty", lambda: True)
                terminal.setenv("COLUMNS", str(width))
            status, out, _ = run(*args)
        assert status == 0
        return out

    return run_at


def test_a_narrow_terminal_does_without_columns(run_on_a_terminal):
    piped = run_on_a_terminal(None)
    whole, below = cells(piped)
    assert whole.columns[-1] == "fit s"
    assert "want of room" not in below
    needed = len(piped.split("\n\n")[1].split("\n")[0])  # the width of the table
    out = run_on_a_terminal(needed)
    assert cells(out)[0].columns.equals(whole.columns)
    assert "want of room" not in out

    for width, left_out in [
        (needed - 1, ["pearson"]),
        (80, ["pearson", "mse within", "fit s"]),
        (66, ["pearson", "mse within", "fit s", "r2", "spearman"]),
        (20, ["pearson", "mse within", "fit s", "r2", "spearman", "+/-"]),
    ]:
        out = run_on_a_terminal(width)
        printed, below = cells(out)
        assert printed.columns.tolist() == whole.columns.drop(left_out).tolist()
        if width > 20:
            lines = [each for each in out.splitlines() if not each.startswith("Next: ")]
            assert max(map(len, lines)) <= width  # what is to be copied is in one line
        paragraph = " ".join(below.split())
        assert paragraph.endswith(f"Left out for want of room: {', '.join(left_out)}.")
        explained = "mse within: mse after removing" in paragraph
        assert explained == ("mse within" not in left_out)
        assert "within: mean spearman within genes" in paragraph  # the primary question


def test_piped_output_has_a_paragraph_a_line(run_on_a_terminal):
    decided, table, below = run_on_a_terminal(None).split("\n\n")
    assert decided.startswith("No: no model is shown")
    assert decided.count("\n") == 1  # and what would help
    assert len({len(line) for line in table.split("\n")}) == 1
    *sentences, legend, end = below.split("\n")
    assert end == ""
    assert sentences
    assert all(line.startswith("- ") and line.endswith(".") for line in sentences)
    assert legend.startswith("Means over 2 folds. ")
    assert not any(line.endswith(" ") for line in [decided, *sentences, legend])


def two_tables(screen):
    screen[:100].to_csv("a.csv", index=False)
    screen[100:].to_csv("b.csv", index=False)
    return ["compare", "a.csv", "b.csv", *COLUMNS, "--model", "ridge", *QUICK]


def by_table(out):
    """Return the title of the table of tables, its heading, and the cells by model."""
    _, below = cells(out)
    title, *lines = below.partition("\n\n")[0].split("\n")
    heading, *rows = (re.split(r" {2,}", line) for line in lines)
    return title, heading, {row[0]: row[1:] for row in rows}


def test_several_tables_have_a_score_each(run, screen):
    status, out, err = run(*two_tables(screen), "--predictions", "p.csv")
    assert status == 0, err
    title, heading, rows = by_table(out)
    assert title == (
        "Spearman correlation on the guides of each table, +/- half the corrected 95 % "
        "interval:"
    )
    assert heading == ["model", "a.csv (100 guides)", "b.csv (140 guides)"]
    assert rows["constant"] == ["nan", "nan"]
    predictions = pd.read_csv("p.csv")
    for file, cell in zip(["a.csv", "b.csv"], rows["ridge"], strict=True):
        of_file = predictions[predictions["file"] == file]
        by_fold = [
            spearmanr(rows["y"], rows["ridge"]).statistic
            for _, rows in of_file.groupby("split")
        ]
        assert re.fullmatch(r"-?\d\.\d{3} \+/- \d\.\d{3}", cell)
        assert float(cell.split()[0]) == pytest.approx(np.mean(by_fold), abs=6e-4)


def test_one_table_has_no_scores_of_its_own(run, table):
    status, out, _ = run("compare", table, *COLUMNS, "--model", "ridge", *QUICK)
    assert status == 0
    assert "of each table" not in out
