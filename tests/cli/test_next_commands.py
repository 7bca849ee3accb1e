"""The command that follows from a comparison."""

import shlex

import pytest

from tests.command_line import COLUMNS, QUICK

COMPARE = ["compare", "screen.csv", *COLUMNS, "--groups", "gene", *QUICK]
COMPARE += ["--model", "ridge", "--model", "ridge_dinucleotides"]


@pytest.mark.usefixtures("noise")
def test_guides_like_published_ones_could_begin_from_these(run):
    layout = ["--layout", "10+20+3+10", "--report", "report.html"]
    status, out, err = run(*COMPARE, *layout)
    assert status == 0, err
    (line,) = (each for each in out.splitlines() if each.startswith("Next: "))
    typed = shlex.join(["sgrna-estimator", *map(str, [*COMPARE, *layout])])
    assert line == f"Next: {typed} --prior kim2019 --model network_prior"
    spacers_of_23 = ["--layout", "10+23+3+7", "--report", "report.html"]
    assert "Next: " not in run(*COMPARE, *spacers_of_23)[1]


def test_without_a_table_the_next_command_is_for_one(run):
    status, out, err = run("compare", "--model", "ridge", *QUICK)
    assert status == 0, err
    (line,) = (each for each in out.splitlines() if each.startswith("Next: "))
    assert line == (
        "Next: sgrna-estimator compare TABLE.tsv --sequence COLUMN --target COLUMN "
        "--groups COLUMN"
    )
