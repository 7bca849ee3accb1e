"""The page "Getting started" runs as printed, in its order."""

import doctest
import re
import shlex
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tests.command_line import QUICK, SUBPROCESS

PAGE = (Path(__file__).parents[1] / "docs" / "getting_started.rst").read_text("utf-8")

# What is added so that it takes seconds.
HASTE = {
    "compare": [*QUICK, "--model", "ridge"],
    "fit": ["--model", "ridge", "--cv", "0"],
    "mixture": [],
}


def commands():
    """Return the commands of the package on the page, each a list of words."""
    blocks = re.findall(r"^\.\. code-block:: sh\n\n((?:    .*\n|\n)+)", PAGE, re.M)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    words = [shlex.split(line) for line in lines]
    return [each[1:] for each in words if each[:1] == ["sgrna-estimator"]]


def write_tables():
    """Run the examples that write a table, those that are skipped elsewhere."""
    names = {}
    for example in doctest.DocTestParser().get_examples(PAGE):
        exec(example.source, names)
        if "candidates.tsv" in example.source:
            return
    raise AssertionError("candidates.tsv is not written")


@pytest.fixture
def tables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_tables()
    return tmp_path


def test_commands_run_in_their_order(tables):
    ran = []
    for name, *args in commands():
        done = subprocess.run(
            [*SUBPROCESS, name, *args, *map(str, HASTE.get(name, []))],
            capture_output=True,
            text=True,
            cwd=tables,
            check=False,
        )
        assert done.returncode == 0, (name, args, done.stderr)
        ran.append(name)
    assert ran == ["compare", "compare", "fit", "effects", "predict", "mixture"]
    written = {path.name for path in tables.iterdir()}
    assert written > {"report.html", "model.sgrna", "effects.png", "probabilities.tsv"}
    scores = pd.read_csv(tables / "scores.tsv", sep="\t")
    assert len(scores) == len(pd.read_csv(tables / "candidates.tsv", sep="\t"))
    assert {"prediction", "p_active"} <= set(scores)


def test_the_table_is_the_one_that_is_shown(tables):
    table = pd.read_csv(tables / "screen.tsv", sep="\t", dtype=str)
    (shown,) = re.findall(r"^    (seq .*\n(?:    [ACGT]{43} .*\n)+)", PAGE, re.M)
    heading, *rows = (line.split() for line in shown.splitlines())
    assert heading == list(table)
    assert rows == table.head(len(rows)).to_numpy().tolist()
