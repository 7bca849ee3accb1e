"""Files are written whole or not at all, whatever happens, and keep their mode."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from sgrna_estimator.storage.whole_files import (
    OutputError,
    check_output,
    check_separator,
    whole_file,
    write,
    write_table,
)
from tests.command_line import files

posix = pytest.mark.skipif(os.name != "posix", reason="modes and signals of POSIX")


def write_text(path, text):
    write(path, lambda file: file.write_text(text))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def mode(path):
    return oct(path.stat().st_mode & 0o777)


# Modes and places ---------------------------------------------------------------------


@posix
@pytest.mark.parametrize("bits", [0o600, 0o640, 0o444, 0o755])
def test_a_file_that_is_written_over_keeps_its_mode(tmp_path, bits):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(bits)
    write_text(path, "new")
    assert path.read_text() == "new"
    assert mode(path) == oct(bits)
    link = tmp_path / "link"
    link.symlink_to(path)
    write_text(link, "newer")
    assert link.is_symlink()
    assert path.read_text() == "newer"
    assert mode(path) == oct(bits)


@posix
@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_follows_the_umask(tmp_path, umask, expected):
    before = os.umask(umask)
    try:
        write_text(tmp_path / "file", "new")
    finally:
        os.umask(before)
    assert mode(tmp_path / "file") == oct(expected)


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda f: (done.append("sync"), sync(f)))
    monkeypatch.setattr(
        os, "replace", lambda a, b, **k: (done.append("replace"), replace(a, b, **k))
    )
    write_text(tmp_path / "file", "new")
    assert done == ["sync", "replace", "sync"]


def test_a_folder_that_cannot_be_synced_is_no_failure(tmp_path, monkeypatch):
    sync = os.fsync

    def sync_files_only(descriptor):
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", sync_files_only)
    write_text(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new"


@posix
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputError, match=r"file: cannot be written \(Perm"):
            check_output(path, [])
        with pytest.raises(OutputError, match=r"file: cannot be written \(Perm"):
            write_text(path, "new")
    finally:
        tmp_path.chmod(0o755)
    assert path.read_text() == "old"


def test_places_where_no_file_can_be(tmp_path):
    with pytest.raises(OutputError, match="is a folder, not a file"):
        check_output(tmp_path, [])
    with pytest.raises(OutputError, match=r"none/file: cannot be written \(No"):
        check_output(tmp_path / "none" / "file", [])
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is read from, and would be written over"):
        check_output(tmp_path / "file", [tmp_path / "file"])
    with pytest.raises(OutputError, match=r"must end in \.csv, \.tsv"):
        check_separator(tmp_path / "file")


# What goes wrong ----------------------------------------------------------------------


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_what_fails_half_way_leaves_the_old_file(tmp_path, error):
    def fail(file):
        file.write_text("half")
        raise error

    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write(path, fail)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


FULL = """
import resource, sys
from pathlib import Path
from sgrna_estimator.storage.whole_files import OutputError, write
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # as if the disk were full
try:
    write(Path(sys.argv[1]), lambda file: file.write_bytes(bytes(2000)))
except OutputError as error:
    print(error)
"""


@posix
def test_a_disk_that_is_full(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, path], capture_output=True, text=True
    )
    assert done.stdout == f"{path}: cannot be written (File too large)\n", done.stderr
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


OVERWRITE = """
import sys
from pathlib import Path
from sgrna_estimator.storage.whole_files import write
path = Path(sys.argv[1])
for number in range(10_000):
    content = b"%d" % (number % 2) * 1_000_000
    write(path, lambda file: file.write_bytes(content))
    print(number, flush=True)
"""


@posix
def test_a_process_that_is_killed_leaves_the_old_file_or_the_new(tmp_path):
    path = tmp_path / "file"
    rng = random.Random(0)
    whole = {bytes([digit]) * 1_000_000 for digit in b"01"}
    for _ in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", OVERWRITE, path], stdout=subprocess.PIPE
        )
        with child.stdout:
            assert child.stdout.readline() == b"0\n"
            time.sleep(rng.uniform(0, 0.02))
            child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        assert path.read_bytes() in whole
    others = [name for name in names(tmp_path) if name != "file"]
    assert all(name.startswith(".sgrna-estimator-") for name in others)
    write_text(path, "new")
    assert names(tmp_path) == ["file"]


HOLD = """
import sys
from pathlib import Path
from sgrna_estimator.storage.whole_files import whole_file
with whole_file(Path(sys.argv[1])) as file:
    file.write_text("first")
    print(file, flush=True)
    sys.stdin.read()
"""


@posix
def test_only_what_the_dead_have_left_is_removed(tmp_path):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-c", HOLD, tmp_path / "file"]
    with subprocess.Popen(command, **pipes) as dead:
        dead.stdout.readline()
        dead.kill()
    left = tmp_path / names(tmp_path)[0]
    assert [file.name for file in left.iterdir()] == ["file"]
    with subprocess.Popen(command, **pipes) as living:
        temporary = Path(living.stdout.readline().decode().strip())
        assert not left.exists()
        write_text(tmp_path / "file", "second")
        check_output(tmp_path / "file", [])
        assert temporary.read_text() == "first"
        living.communicate()
        assert living.returncode == 0
    assert (tmp_path / "file").read_text() == "first"
    assert names(tmp_path) == ["file"]


MANY = """
import sys
from pathlib import Path
from sgrna_estimator.storage.whole_files import write
for number in range(200):
    write(Path(sys.argv[1]), lambda file: file.write_text("whole"))
"""


@posix
def test_processes_that_write_side_by_side_do_not_disturb_each_other(tmp_path):
    started = [
        subprocess.Popen([sys.executable, "-c", MANY, tmp_path / name])
        for name in ("a", "b", "b")
    ]
    assert [child.wait() for child in started] == [0, 0, 0]
    assert names(tmp_path) == ["a", "b"]


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def flock(*_):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", flock)
    with whole_file(tmp_path / "a") as first:
        first.touch()
        write_text(tmp_path / "b", "new")
        assert first.exists()
    assert names(tmp_path) == ["a", "b"]


@pytest.mark.parametrize(
    "error",
    [ValueError("row 3"), BrokenPipeError(32, "Broken pipe"), OutputError("b: x")],
)
def test_what_is_not_about_the_file_passes_on(tmp_path, error):
    def fail(_):
        raise error

    with pytest.raises(type(error)) as raised:
        write(tmp_path / "file", fail)
    assert raised.value is error
    assert names(tmp_path) == []


def test_a_failure_halfway_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half(file):
        file.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"a.txt: cannot be written \(No space left"):
        write(path, half)
    assert path.read_text() == "old"
    assert files(tmp_path) == ["a.txt"]


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    write(path, lambda file: file.write_text("new"))
    assert path.read_text() == "new"
    assert files(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "separator"),
    [("a.csv", ","), ("a.TSV", "\t"), ("a.txt.gz", "\t"), ("a.b.csv.zip", ",")],
)
def test_the_name_says_what_separates_columns(tmp_path, name, separator):
    assert check_separator(tmp_path / name) == separator
    table = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    write_table(table, tmp_path / name)
    again = pd.read_csv(tmp_path / name, sep=separator)
    pd.testing.assert_frame_equal(again, table, check_dtype=False)


def test_an_error_of_output_is_an_error_of_the_system_in_one_line(tmp_path):
    for failing in (
        lambda: check_output(tmp_path, []),
        lambda: check_output(tmp_path / "none" / "a.csv", []),
        lambda: check_separator(tmp_path / "a.png"),
    ):
        with pytest.raises(OSError, match=str(tmp_path)) as refused:
            failing()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_line_ends_within_cells_are_quoted(tmp_path, name):
    notes = ["a\rb", "c\nd", "e\r\nf", '"g",\t', "h"]
    write_table(pd.DataFrame({"note": notes, "x": range(5)}), tmp_path / name)
    with (tmp_path / name).open(newline="") as file:
        found = list(csv.reader(file, delimiter="," if name == "a.csv" else "\t"))
    assert found == [["note", "x"], *([note, str(x)] for x, note in enumerate(notes))]
