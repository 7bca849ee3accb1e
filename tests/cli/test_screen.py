"""Tables that cannot be learnt from: one line says which file, row and column."""

from pathlib import Path

import numpy as np
import pytest

from tests.command_line import COLUMNS, PNG, QUICK, assert_refused, change, files

BAD_TABLES = {
    "unequal lengths": (
        lambda screen: change(screen, [3, 8], "seq", "ACGT"),
        "screen.tsv, data rows 4, 9: in the sequence column 'seq' every sequence "
        "must have the same length (the commonest is 43; for "
        "several lengths set align, on the command line --align), but "
        "there is one of length 4",
    ),
    "empty sequence": (
        lambda screen: change(screen, [0], "seq", ""),
        "screen.tsv, data row 1: in the sequence column 'seq'",
    ),
    "missing sequence": (
        lambda screen: change(screen, [5], "seq", np.nan),
        "screen.tsv, data row 6: in the sequence column 'seq'",
    ),
    "a letter outside the alphabet": (
        lambda screen: change(screen, [2], "seq", screen["seq"][2][:9] + "X" * 34),
        "screen.tsv, data row 3: in the sequence column 'seq' every letter must be one "
        "of 'ACGT', but there is another (first 'X', at position 10)",
    ),
    "missing target": (
        lambda screen: change(screen, [6], "y", np.nan),
        "screen.tsv, data row 7: the target in column 'y' must be a finite number, but "
        "it is missing",
    ),
    "infinite target": (
        lambda screen: change(screen, [6, 9], "y", "-inf"),
        "screen.tsv, data rows 7, 10: the target in column 'y' must be a finite "
        "number, but it is '-inf'",
    ),
    "target that is text": (
        lambda screen: change(screen, [6], "y", "high"),
        "screen.tsv, data row 7: the target in column 'y' must be a finite number, but "
        "it is 'high'",
    ),
    "covariate that is missing": (
        lambda screen: change(screen, [4], "distance2TSS", ""),
        "screen.tsv, data row 5: the covariate in column 'distance2TSS'",
    ),
    "no column of that name": (
        lambda screen: screen.rename(columns={"y": "Y2"}),
        "screen.tsv: there is no column 'y' for the target; the columns are 'seq', ",
    ),
    "header only": (lambda screen: screen[:0], "screen.tsv: has a header but no rows"),
    "empty": (b"", "screen.tsv: is empty"),
    "a picture": (PNG, "screen.tsv: is not a table of text"),
    "not a table": (b"seq\ty\nACGT\n", "screen.tsv: is not a table: data row 1"),
}


@pytest.mark.parametrize("command", ["compare", "fit"])
@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables(run, screen, command, case):
    content, message = BAD_TABLES[case]
    if callable(content):
        content(screen).to_csv("screen.tsv", sep="\t", index=False)
    else:
        Path("screen.tsv").write_bytes(content)
    result = run(
        *(command, "screen.tsv", *COLUMNS, "--covariates", "distance2TSS"),
        *("-o", "output.csv"),
    )
    assert_refused(result, message)
    assert files() == ["screen.tsv"]


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_tables_that_are_not_there_or_do_not_go_together(run, screen, table, command):
    args = [*COLUMNS, "-o", "output.csv"]
    assert_refused(run(command, "none.tsv", *args), "none.tsv: there is no such file")
    assert_refused(run(command, ".", *args), ".: is a folder")
    assert_refused(run(command, table, table, *args), "'screen.tsv' is given twice")
    screen.drop(columns="seq").to_csv("other.csv", index=False)
    assert_refused(
        run(command, table, "other.csv", *args),
        "other.csv: there is no column 'seq' for the sequence; the columns are 'gene'",
    )
    assert files() == ["other.csv", "screen.tsv"]


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_columns_must_be_named(run, table, command):
    args = [command, table, "-o", "output.csv"]
    assert_refused(run(*args), "--sequence must name a column")
    assert_refused(
        run(*args, "--sequence", "seq"), "--target or --score must name a column"
    )
    near = ["--sequence", "Seq", "--target", "y"]
    assert_refused(run(*args, *near), "no column 'Seq'", "did you mean 'seq'?")
    assert_refused(
        run(*args, *COLUMNS, "--covariates", "GC"), "no column 'GC' for the covariate"
    )
    assert_refused(run(*args, *COLUMNS, "--covariates", "y"), "'y' has two roles")


def test_groups_that_cannot_be_made_into_folds(run, screen):
    def refused(frame, cv, n_sets):
        frame.to_csv("screen.csv", index=False)
        assert_refused(
            run(
                *("compare", "screen.csv", *COLUMNS, "--groups", "gene", "--cv", cv),
                *("-o", "scores.csv"),
            ),
            f"screen.csv: {cv} folds (--cv) need {cv} sets of guides, but guides with "
            f"the same 'gene' or 'seq' stay together, which makes {n_sets}\n",
        )
        assert files() == ["screen.csv"]

    refused(screen.assign(gene="TP53"), cv=5, n_sets=1)
    refused(screen.assign(gene="TP53"), cv=2, n_sets=1)
    refused(screen, cv=13, n_sets=12)
    # one sequence in all genes ties them together
    shared = change(screen, range(0, 240, 20), "seq", screen["seq"][0])
    refused(shared, cv=2, n_sets=1)


def test_sequences_that_cannot_be_made_into_folds(run, screen):
    screen[:4].to_csv("screen.csv", index=False)
    assert_refused(
        run("compare", "screen.csv", *COLUMNS),
        "screen.csv: 5 folds (--cv) need 5 sets of guides, but guides with the same "
        "'seq' stay together, which makes 4",
    )


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_incomplete_rows_are_left_out_where_asked_for(run, screen, command):
    change(screen, [6, 9], "y", np.nan).to_csv("holes.csv", index=False)
    args = [command, "holes.csv", *COLUMNS, "--model", "ridge"]
    output = ["-o", "output.csv"]
    assert_refused(run(*args, *output), "holes.csv, data rows 7, 10: the target")
    status, _, told = run(*args, *output, "--drop-incomplete")
    assert status == 0
    assert "holes.csv: left out 2 rows in which a cell is missing" in told


def test_genes_that_are_guides_are_doubted(run, screen):
    args = ["compare", "screen.csv", *COLUMNS, "--groups", "gene", "--model", "ridge"]
    for n_shared, expected in (
        (1, "each of the 240 guides has a label of its own in 'gene'"),
        (24, "216 of the 240 guides have a label of their own in 'gene'"),
        (25, None),
    ):
        screen["gene"] = [f"guide{max(number, n_shared)}" for number in range(1, 241)]
        screen.to_csv("screen.csv", index=False)
        status, _, told = run(*args, *QUICK)
        assert status == 0
        assert ("of the genes?" in told) == (expected is not None)
        assert expected is None or expected in told
