"""`predict` as a part of a pipeline: formats, standard input and output, bad rows."""

import bz2
import gzip
import io
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.datasets import text
from sgrna_estimator.storage import table_writers
from tests.command_line import (
    COLUMNS,
    SUBPROCESS,
    assert_interrupted,
    assert_refused,
    change,
    files,
)


@pytest.fixture
def plain(run, table):
    """A ridge model of the sequence alone, in the file ``plain``."""
    assert (
        run("fit", table, *COLUMNS, "--model", "ridge", "--cv", 0, "-o", "plain")[0]
        == 0
    )
    return "plain"


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(text, "_BYTES_A_BLOCK", 500)


@pytest.fixture
def stdin(monkeypatch):
    def give(content):
        buffer = io.BufferedReader(io.BytesIO(content))
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=buffer))

    return give


def fasta_of(screen):
    return "".join(
        f">{gene} {row}\n{seq[:20]}\n{seq[20:]}\n"
        for row, (gene, seq) in enumerate(
            zip(screen["gene"], screen["seq"], strict=True)
        )
    )


# Formats ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["out.tsv", "out.csv.gz", "out.txt.bz2", "out.csv.zip", "out.tsv.xz"]
)
def test_text_has_all_rows_in_order(run, model, screen, small_blocks, name):
    assert run("predict", model, "screen.tsv", "-o", name)[0] == 0
    separator = "," if ".csv" in name else "\t"
    written = pd.read_csv(name, sep=separator)
    pd.testing.assert_frame_equal(written.drop(columns="prediction"), screen)
    assert run("predict", model, "screen.tsv", "-o", "again.csv")[0] == 0
    np.testing.assert_array_equal(
        written["prediction"], pd.read_csv("again.csv")["prediction"]
    )


def test_parquet_keeps_its_types(run, model, screen):
    screen.assign(flag=screen["y"] > 0.5).to_parquet("new.parquet")
    assert run("predict", model, "new.parquet", "-o", "out.parquet")[0] == 0
    assert run("predict", model, "new.parquet", "-o", "out.csv")[0] == 0
    written, text_ = pd.read_parquet("out.parquet"), pd.read_csv("out.csv")
    assert written["flag"].dtype == bool
    pd.testing.assert_frame_equal(
        written[[*screen, "prediction"]], text_.drop(columns="flag"), check_dtype=False
    )
    assert run("predict", model, "screen.tsv", "-o", "text.parquet")[0] == 0
    of_text = pd.read_parquet("text.parquet")
    assert of_text["distance2TSS"][0] == str(screen["distance2TSS"][0])
    np.testing.assert_array_equal(of_text["prediction"], written["prediction"])


def test_fasta(run, plain, screen, small_blocks):
    Path("new.fa.gz").write_bytes(gzip.compress(fasta_of(screen).encode()))
    assert run("predict", plain, "new.fa.gz", "-o", "out.fasta")[0] == 0
    assert run("predict", plain, "new.fa.gz", "-o", "out.tsv")[0] == 0
    assert run("predict", plain, "screen.tsv", "-o", "table.tsv")[0] == 0
    written, table = (
        pd.read_csv("out.tsv", sep="\t"),
        pd.read_csv("table.tsv", sep="\t"),
    )
    assert written.columns.tolist() == ["title", "seq", "prediction"]
    assert written["title"][3] == f"{screen['gene'][3]} 3"
    pd.testing.assert_frame_equal(
        written[["seq", "prediction"]], table[["seq", "prediction"]]
    )
    first, second, *_ = Path("out.fasta").read_text().splitlines()
    assert first == f">{screen['gene'][0]} 0 prediction={written['prediction'][0]}"
    assert second == screen["seq"][0]
    assert_refused(
        run("predict", plain, "screen.tsv", "-o", "table.fasta"),
        "table.fasta: FASTA has no place for the columns of a table",
    )
    assert_refused(
        run("predict", plain, "screen.tsv", "-o", "out.json"),
        "out.json: must end in .parquet, .fasta, .csv, .tsv, .txt",
    )


def test_fasta_has_no_covariates(run, model, screen):
    Path("new.fa").write_text(fasta_of(screen))
    assert_refused(
        run("predict", model, "new.fa", "-o", "out.tsv"),
        "new.fa: there is no column 'distance2TSS' for the covariate; the columns are "
        "'title', 'seq'",
    )


# Standard input and output ------------------------------------------------------------


def test_standard_input_and_output(run, model, screen, stdin):
    assert run("predict", model, "screen.tsv", "-o", "out.tsv")[0] == 0
    for content in (
        Path("screen.tsv").read_bytes(),
        bz2.compress(screen.to_csv(index=False).encode()),
    ):
        stdin(content)
        status, out, err = run("predict", model, "-", "-o", "-")
        assert (status, out) == (0, Path("out.tsv").read_text())
        assert err == "wrote 240 predictions to standard output\n"
    stdin(screen.to_parquet())
    _, out, _ = run("predict", model, "-", "-o", "-", "--format", "csv")
    assert out.startswith("seq,gene,distance2TSS,log2fc,y,prediction\n")
    assert files() == ["model", "out.tsv", "screen.tsv"]


def test_what_is_wrong_in_standard_input(run, model, screen, stdin):
    change(screen, [2], "distance2TSS", "far").to_csv("bad.csv", index=False)
    stdin(Path("bad.csv").read_bytes())
    assert_refused(
        run("predict", model, "-", "-o", "-"), "standard input, data row 3: the covari"
    )
    stdin(b"")
    assert_refused(run("predict", model, "-", "-o", "-"), "standard input: is empty")


def test_a_pipe_as_shells_make_it(model, table):
    command = [*SUBPROCESS, "predict", model, "-", "-o", "-", "--format", "parquet"]
    content = gzip.compress(Path(table).read_bytes())
    done = subprocess.run(command, input=content, capture_output=True)
    assert (done.returncode, done.stderr) == (
        0,
        b"wrote 240 predictions to standard output\n",
    )
    written = pd.read_parquet(io.BytesIO(done.stdout))
    assert len(written) == 240
    assert files() == ["model", "screen.tsv"]


@pytest.mark.parametrize("kind", ["tsv", "parquet"])
def test_a_reader_that_leaves_early(model, screen, kind):
    pd.concat([screen] * 100).to_csv("many.csv", index=False)
    command = [*SUBPROCESS, "predict", model, "many.csv", "-o", "-", "--format", kind]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as child:
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 1


# Rows that cannot be predicted --------------------------------------------------------


@pytest.fixture
def bad(screen, table):
    """A table with three bad rows, one of which lacks a cell."""
    wrong = change(screen, [2], "seq", "ACGT")
    wrong = change(wrong, [100], "distance2TSS", "far")
    lines = wrong.to_csv(index=False).splitlines()
    lines[200] = lines[200].rpartition(",")[0]
    Path("bad.csv").write_text("\n".join(lines) + "\n")
    return "bad.csv"


def test_bad_rows_go_to_a_file(run, model, screen, bad, small_blocks):
    status, out, err = run(
        "predict", model, bad, "-o", "out.csv", "--on-error", "report"
    )
    assert (status, out) == (0, "")
    assert err == (
        "wrote 237 predictions to out.csv\n"
        "rejected 3 rows: out.csv.rejected.tsv says which and why\n"
    )
    rejected = pd.read_csv("out.csv.rejected.tsv", sep="\t")
    assert rejected.columns.tolist() == ["file", "row", "sequence", "reason"]
    assert rejected["file"].tolist() == ["bad.csv"] * 3
    assert rejected["row"].tolist() == [3, 101, 200]
    assert rejected["sequence"].tolist() == ["ACGT", *screen["seq"][[100, 199]]]
    assert "length 4" in rejected["reason"][0]
    assert "it is 'far'" in rejected["reason"][1]
    assert "not as many fields as the header (4, not 5)" in rejected["reason"][2]
    assert run("predict", model, "screen.tsv", "-o", "all.csv")[0] == 0
    expected = pd.read_csv("all.csv").drop([2, 100, 199]).reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_csv("out.csv"), expected)


def test_bad_rows_stop_without_it(run, model, bad, small_blocks):
    Path("out.csv").write_text("old")
    assert_refused(
        run("predict", model, bad, "-o", "out.csv"), "bad.csv, data row 3: ", "length 4"
    )
    assert Path("out.csv").read_text() == "old"
    assert files() == ["bad.csv", "model", "out.csv", "screen.tsv"]


def test_a_file_of_no_bad_rows_is_not_one_of_before(run, model):
    Path("why.csv").write_text("old")
    report = ["--on-error", "report", "--rejected", "why.csv"]
    assert run("predict", model, "screen.tsv", "-o", "out.csv", *report)[0] == 0
    assert Path("why.csv").read_text() == "file,row,sequence,reason\n"


def test_where_bad_rows_go(run, model):
    args = ["predict", model, "screen.tsv", "-o"]
    report = ["--on-error", "report"]
    assert_refused(run(*args, "-", *report), "-o - needs --rejected")
    same = run(*args, "a.csv", *report, "--rejected", "a.csv")
    assert_refused(same, "a.csv: --output and --rejected are the same file")
    alone = run(*args, "a.csv", "--rejected", "b.csv")
    assert_refused(alone, "--rejected is for --on-error=report")
    status, out, _ = run(*args, "-", *report, "--rejected", "b.csv")
    assert (status, out.count("\n")) == (0, 241)
    assert files() == ["b.csv", "model", "screen.tsv"]


# Interrupted --------------------------------------------------------------------------


def test_interrupted_predicting_leaves_the_old_file(run, model, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    Path("out.csv").write_text("old")
    monkeypatch.setattr(table_writers, "_as_lines", interrupt)
    report = ["--on-error", "report"]
    assert_interrupted(run("predict", model, "screen.tsv", "-o", "out.csv", *report))
    assert Path("out.csv").read_text() == "old"
    assert files() == ["model", "out.csv", "screen.tsv"]


def test_ctrl_c_while_it_waits_for_more(run, model, monkeypatch):
    class Terminal(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            raise KeyboardInterrupt

    stream = types.SimpleNamespace(buffer=io.BufferedReader(Terminal()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert_interrupted(run("predict", model, "-", "-o", "out.tsv"))
    assert files() == ["model", "screen.tsv"]
