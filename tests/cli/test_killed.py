"""A command that is killed leaves the old file or the new one, whole, and runs again.

``SGRNA_ESTIMATOR_KILLS`` is the number of moments a command is killed at; most of them
are in the time in which its output is written.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command_line import COLUMNS, files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

N_KILLS = int(os.environ.get("SGRNA_ESTIMATOR_KILLS", "10"))
SHARE_IN_WRITING = 0.8
TEMPORARY = ".sgrna-estimator-*"
OLD = b"what was there before\n"

# Each command is a process of its own, forked from one that has run it before: most of the
# time of a command is that in which its modules are loaded.
SERVER = """
import json, os, sys
from sgrna_estimator.cli.app import main

def run(args):
    null = os.open(os.devnull, os.O_RDWR)
    for number in (1, 2):
        os.dup2(null, number)
    main(args)

answer = os.fdopen(os.dup(1), "w")
first = json.loads(sys.stdin.readline())
try:
    run(first)
except SystemExit as stop:
    print(stop.code or 0, file=answer, flush=True)
for line in sys.stdin:
    process = os.fork()
    if not process:
        run(json.loads(line))
    print(process, file=answer, flush=True)
    print(os.waitpid(process, 0)[1], file=answer, flush=True)
"""


class Command:
    """A command that is started many times."""

    def __init__(self, args):
        self._line = json.dumps(args) + "\n"
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        self._send()
        assert self._receive() == 0

    def _send(self):
        self._server.stdin.write(self._line)
        self._server.stdin.flush()

    def _receive(self):
        return int(self._server.stdout.readline())

    def start(self):
        self._send()
        self.process = self._receive()

    def is_running(self):
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self):
        if self.is_running():
            os.kill(self.process, signal.SIGKILL)
        return self.wait()

    def wait(self):
        return self._receive()

    def close(self):
        self._server.communicate()
        assert self._server.returncode == 0


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def is_writing(name):
    return any(Path.cwd().glob(f"{TEMPORARY}/{name}"))


def wait_for_writing(command, name):
    while command.is_running() and not is_writing(name):
        time.sleep(0)


def time_whole_run(command, name):
    """Run a command; return its seconds until it has written, and those of writing."""
    begin = time.monotonic()
    command.start()
    wait_for_writing(command, name)
    began = time.monotonic()
    while command.is_running() and is_writing(name):
        time.sleep(0)
    end = time.monotonic()
    assert command.wait() == 0
    return end - begin, end - began


def check_kills(args, name, had_one):
    path = Path(name)
    command = Command(args)
    new = path.read_bytes()
    whole, writing = time_whole_run(command, name)
    rng = random.Random(0)
    outcomes = {"old": 0, "new": 0}
    for number in range(N_KILLS):
        path.unlink(missing_ok=True)
        if had_one:
            path.write_bytes(OLD)
        command.start()
        longest = whole
        if number < SHARE_IN_WRITING * N_KILLS:
            wait_for_writing(command, name)
            longest = writing
        time.sleep(rng.uniform(0, longest))
        command.kill()
        there = path.read_bytes() if path.exists() else None
        assert there in (OLD if had_one else None, new)
        outcomes["new" if there == new else "old"] += 1
    # What the last of them left, and what all have left before, is gone then.
    time_whole_run(command, name)
    command.close()
    assert path.read_bytes() == new
    assert not list(Path.cwd().glob(TEMPORARY))
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
    side = Path("out.csv.rejected.tsv")
    command = Command(args)
    nothing = side.read_bytes()
    Path("out.csv").unlink()
    side.write_bytes(OLD)
    command.start()
    wait_for_writing(command, side.name)
    command.kill()
    assert side.read_bytes() in (OLD, nothing)
    assert not Path("out.csv").exists()
    time_whole_run(command, "out.csv")
    command.close()
    assert side.read_bytes() == nothing
    assert not list(Path.cwd().glob(TEMPORARY))
