"""A command that is killed leaves the old file or the new one, whole, and runs again.

``SGRNA_ESTIMATOR_KILLS`` is the number of moments a command is killed at; most of them
are in the time in which its output is written.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.command_line import COLUMNS, SUBPROCESS, files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

N_KILLS = int(os.environ.get("SGRNA_ESTIMATOR_KILLS", "4"))
MOST_MOMENTS = 0.8  # of those, in the time of writing
TEMPORARY = ".sgrna-estimator-*"
OLD = b"what was there before\n"


def is_writing(folder, name):
    return any(folder.glob(f"{TEMPORARY}/{name}"))


def start(args, folder):
    return subprocess.Popen(
        [*SUBPROCESS, *args],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def time_whole_run(args, folder, name):
    """Run a command to its end; return its output, and when it began to write."""
    begin = time.monotonic()
    child, began = start(args, folder), None
    while child.poll() is None:
        if began is None and is_writing(folder, name):
            began = time.monotonic() - begin
        time.sleep(0.0005)
    assert child.returncode == 0
    whole = time.monotonic() - begin
    return (folder / name).read_bytes(), whole if began is None else began, whole


def kill(args, folder, name, moment, from_writing):
    """Kill a command some seconds after it has begun, or has begun to write."""
    child = start(args, folder)
    if from_writing:
        while child.poll() is None and not is_writing(folder, name):
            time.sleep(0.0005)
    time.sleep(moment)
    child.send_signal(signal.SIGKILL)
    child.wait()


def check_kills(args, name, had_one):
    folder = Path.cwd()
    new, began, whole = time_whole_run(args, folder, name)
    rng = random.Random(0)
    outcomes = {"old": 0, "new": 0}
    for number in range(N_KILLS):
        (folder / name).unlink()
        if had_one:
            (folder / name).write_bytes(OLD)
        from_writing = number < MOST_MOMENTS * N_KILLS
        longest = 1.1 * (whole - began) if from_writing else whole
        kill(args, folder, name, rng.uniform(0, longest), from_writing)
        there = (folder / name).read_bytes() if (folder / name).exists() else None
        assert there in ((OLD if had_one else None), new)
        outcomes["new" if there == new else "old"] += 1
        if there is None:
            (folder / name).touch()
    # what the last of them left, and what all have left before, is gone then
    again, _, _ = time_whole_run(args, folder, name)
    assert again == new
    assert not list(folder.glob(TEMPORARY))
    print(f"{args[0]}, {'over a file' if had_one else 'a new file'}: {outcomes}")


@pytest.fixture
def large(screen):
    """A table that takes some time to write."""
    frame = screen.loc[screen.index.repeat(500)]
    frame.to_csv("large.csv", index=False)
    return "large.csv"


@pytest.mark.parametrize("had_one", [False, True])
def test_fit(table, had_one):
    args = ["fit", table, *COLUMNS, "--model", "ridge", "-o", "kept.sgrna"]
    check_kills(args, "kept.sgrna", had_one)
    assert files() == ["kept.sgrna", "screen.tsv"]


@pytest.mark.parametrize("had_one", [False, True])
def test_predict(model, large, had_one):
    check_kills(["predict", model, large, "-o", "out.csv"], "out.csv", had_one)
    assert files() == ["large.csv", "model", "out.csv", "screen.tsv"]


def test_predict_with_a_side_file(model, large):
    args = ["predict", model, large, "-o", "out.csv", "--on-error", "report"]
    side = "out.csv.rejected.tsv"
    Path(side).write_bytes(OLD)
    child = start(args, Path.cwd())
    while not is_writing(Path.cwd(), side):
        assert child.poll() is None
        time.sleep(0.0005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert Path(side).read_bytes() in (OLD, b"file\trow\tsequence\treason\n")
    assert not Path("out.csv").exists()
    time_whole_run(args, Path.cwd(), "out.csv")
    assert not list(Path.cwd().glob(TEMPORARY))
    assert Path(side).read_bytes() != OLD
