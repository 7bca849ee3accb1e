"""Files that commands write: found out before the work, whole or not at all."""

import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from sgrna_estimator.storage.model_file import read_model
from tests.command_line import (
    COLUMNS,
    QUICK,
    SCORE,
    SUBPROCESS,
    assert_interrupted,
    assert_refused,
    files,
)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no folder that root cannot use")
@pytest.mark.parametrize("command", ["compare", "fit", "predict"])
def test_an_unwritable_folder_is_found_out_before_the_work(run, table, command):
    model = ["model"] if command == "predict" else []
    columns = [] if command == "predict" else COLUMNS
    result = run(command, *model, table, *columns, "-o", "/proc/output.csv")
    assert_refused(result, "/proc/output.csv: cannot be written (")


def test_input_is_not_written_over(run, table, model):
    before = Path(table).read_bytes(), Path(model).read_bytes()
    Path("link.csv").symlink_to(table)
    read_from = "is read from, and would be written over"
    for output in (table, "link.csv"):
        for result in (
            run("compare", table, *COLUMNS, "-o", output),
            run("fit", table, *COLUMNS, "-o", output),
            run("predict", model, table, "-o", output),
        ):
            assert_refused(result, f"{output}: {read_from}")
    assert (Path(table).read_bytes(), Path(model).read_bytes()) == before


def test_a_name_that_is_too_long(run, table):
    name = "x" * 300 + ".csv"
    assert_refused(run("compare", table, *COLUMNS, "-o", name), "File name too long")


def test_a_pipe_is_not_replaced(run, table):
    os.mkfifo("pipe.csv")
    result = run("compare", table, *COLUMNS, "-o", "pipe.csv")
    assert_refused(result, "pipe.csv: is not a file to write to")
    assert Path("pipe.csv").is_fifo()


def test_output_replaces_a_file_and_follows_a_link(run, table):
    Path("folder").mkdir()
    Path("folder/target").write_text("old")
    Path("model").symlink_to("folder/target")
    args = ["fit", table, *COLUMNS, "--model", "ridge", "-o", "model"]
    assert run(*args)[0] == 0
    assert Path("model").is_symlink()
    assert read_model(Path("folder/target")).name == "ridge"
    assert files("folder") == ["target"]


def test_a_failed_write_leaves_the_old_file(run, table, monkeypatch):
    def fail(*args, **options):
        Path(args[1]).write_text("half")
        raise OSError(28, "No space left on device")

    Path("scores.csv").write_text("old")
    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    args = ["--model", "ridge", *QUICK, "-o", "scores.csv"]
    status, out, err = run("compare", table, *COLUMNS, *args)
    assert status == 2
    assert out == ""
    assert err.splitlines()[-1] == (
        "sgrna-estimator: error: scores.csv: cannot be written (No space left on "
        "device)"
    )
    assert Path("scores.csv").read_text() == "old"
    assert files() == ["scores.csv", "screen.tsv"]


def run_on_a_full_disk(*args):
    """Run a command where there is no room for more than a few bytes of a file.

    In a process of its own, because the output of the tests may be a file as well.
    """
    resource = pytest.importorskip("resource")

    def limit():
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))

    done = subprocess.run(
        [*SUBPROCESS, *map(str, args)], preexec_fn=limit, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


RIDGE = [*COLUMNS, "--model", "ridge"]
WRITING = {
    "fit": [["screen.tsv", *RIDGE, "--cv", 0], "-o", "fitted"],
    "compare": [["screen.tsv", *RIDGE, "--cv", 2, "--jobs", 1], "-o", "scores.csv"],
    "compare --report": [["screen.tsv", *RIDGE, *QUICK], "--report", "report.html"],
    "predict": [["model", "screen.tsv"], "-o", "out.csv"],
    "predict parquet": [["model", "screen.tsv"], "-o", "out.parquet"],
    "predict gz": [["model", "screen.tsv"], "-o", "out.tsv.gz"],
    "mixture": [["screen.tsv", *SCORE], "-o", "active.tsv"],
    "mixture --genes": [["screen.tsv", *SCORE, "-o", "a.tsv"], "--genes", "genes.tsv"],
    **{
        f"effects {ending}": [["model"], "-o", f"effects.{ending}"]
        for ending in ("png", "svg", "pdf", "csv")
    },
}


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk_leaves_the_old_file_and_its_mode(name):
    args, *option, output = WRITING[name]
    Path(output).write_text("old")
    Path(output).chmod(0o600)
    before = files()
    status, _, err = run_on_a_full_disk(name.split()[0], *args, *option, output)
    assert status == 2
    told = err.splitlines()[-1]
    assert told.startswith("sgrna-estimator: error: ")
    assert told.endswith(": cannot be written (File too large)")
    assert Path(output).read_text() == "old"
    assert Path(output).stat().st_mode & 0o777 == 0o600
    assert files() == before


def test_a_link_that_leads_to_itself(run, model):
    for name in ("loop.csv", "loop.html"):
        Path(name).symlink_to(name)
    loops = "cannot be written (Too many levels of symbolic links)"
    report = ["-o", "scores.csv", "--report", "loop.html"]
    rejected = ["-o", "o.csv", "--on-error", "report", "--rejected", "loop.csv"]
    for args in (
        ("fit", "screen.tsv", *RIDGE, "-o", "loop.csv"),
        ("compare", "screen.tsv", *RIDGE, *report),
        ("predict", "model", "screen.tsv", "-o", "loop.csv/out.csv"),
        ("predict", "model", "screen.tsv", *rejected),
        ("effects", "model", "-o", "loop.csv"),
    ):
        assert_refused(run(*args), f": {loops}")
    assert Path("loop.csv").is_symlink()


@pytest.mark.parametrize("error", [MemoryError(), MemoryError("no 8 GiB for an array")])
def test_memory_that_is_not_there(run, model, monkeypatch, error):
    def read(*args, **options):
        raise error

    monkeypatch.setattr("sgrna_estimator.cli.effects.read_model", read)
    result = run("effects", model, "-o", "effects.csv")
    assert_refused(result, "there is not enough memory", str(error))
    assert files() == ["model", "screen.tsv"]


def test_interrupted_writing_leaves_nothing(run, table, monkeypatch):
    def write(*args, **options):
        Path(args[1]).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_csv", write)
    args = ["--model", "ridge", *QUICK, "-o", "scores.csv"]
    assert_interrupted(run("compare", table, *COLUMNS, *args))
    assert files() == ["screen.tsv"]
