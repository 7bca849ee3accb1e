"""Printing that fails costs neither files nor fits."""

import io
import os
import signal
import subprocess
from pathlib import Path

import pytest

from sgrna_estimator.cli.standard_streams import Unfailing
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import COLUMNS, SUBPROCESS, files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="shells of POSIX")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")

RIDGE = [*COLUMNS, "--model", "ridge"]
COMPARE = ["compare", "screen.tsv", *RIDGE, "--cv", "2", "--jobs", "1"]
COMPARE += ["-o", "scores.csv", "--report", "report.html"]
EVALUATE = ["evaluate", "model", "screen.tsv", "--groups", "gene"]
EVALUATE += ["-o", "scores.csv", "--per-gene", "genes.csv", "--layout", "10+20+3+10"]
MIXTURE = ["mixture", "screen.tsv", "--score", "log2fc", "--groups", "gene"]
MIXTURE += ["-o", "active.tsv", "--genes", "genes.csv"]
FIT = ["fit", "screen.tsv", *RIDGE, "-o", "fitted"]
CANNOT = "sgrna-estimator: error: standard output: cannot be written ("


def shell(args, redirected):
    """Run a command as a shell does; return its status and what it told."""
    line = f'"$@" {redirected}; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", line, "bash", *SUBPROCESS, *args],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture(autouse=True)
def _in_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


FULL = pytest.param(">/dev/full", 2, f"{CANNOT}No space left on device)", marks=full)
CLOSED = pytest.param(">&-", 2, f"{CANNOT}it is closed)")
PIPE = pytest.param("| true", 0, "wrote ")


def check_that_only_the_print_is_lost(args, written, redirected, status, told):
    found, err = shell(args, redirected)
    assert found == status, err
    assert set(written) <= set(files())
    assert err.splitlines()[-1].startswith(told)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("redirected", "status", "told"), [FULL, CLOSED, PIPE])
def test_a_comparison_that_cannot_be_printed(redirected, status, told):
    written = ["scores.csv", "report.html"]
    check_that_only_the_print_is_lost(COMPARE, written, redirected, status, told)


@pytest.mark.parametrize(("redirected", "status", "told"), [FULL])
def test_an_evaluation_that_cannot_be_printed(model, screen, redirected, status, told):
    unseen = screen.assign(seq=screen["seq"].str[::-1])
    unseen.to_csv("screen.tsv", sep="\t", index=False)
    written = ["scores.csv", "genes.csv"]
    check_that_only_the_print_is_lost(EVALUATE, written, redirected, status, told)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("redirected", "status", "told"), [CLOSED])
def test_a_mixture_that_cannot_be_printed(redirected, status, told):
    written = ["active.tsv", "genes.csv"]
    check_that_only_the_print_is_lost(MIXTURE, written, redirected, status, told)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    "redirected",
    ["2>&-", pytest.param("2>/dev/full", marks=full), "<&- >&- 2>&-", "2>&1 | true"],
)
def test_what_cannot_be_told_is_no_reason_to_stop(redirected):
    status, _ = shell(FIT, redirected)
    assert status == 0
    assert read_model(Path("fitted")).name == "ridge"


@pytest.mark.usefixtures("table")
def test_a_file_does_not_take_the_number_of_a_closed_stream():
    # What a library writes to the number of standard error would end up in the model.
    code = """if True:
        import os
        from sgrna_estimator.cli import fit
        from sgrna_estimator.cli.app import main
        from sgrna_estimator.storage import whole_files

        sync = whole_files._sync
        def write_and_sync(path):
            os.write(2, b"OMP: Info #276"), sync(path)
        whole_files._sync = write_and_sync
        main({args!r})
    """
    child = subprocess.run(
        ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", SUBPROCESS[0], "-c",
         code.format(args=FIT)],
        check=False,
    )  # fmt: skip
    assert child.returncode == 0
    assert read_model(Path("fitted")).name == "ridge"


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_terminal_that_is_closed_does_not_end_a_fit(term):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    args = ["fit", "screen.tsv", *COLUMNS, "--model", "network", "--networks", "1"]
    child = subprocess.Popen(
        [*SUBPROCESS, *args, "--cv", "0", "-o", "fitted"],
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": term},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # as nohup
    )
    os.close(theirs)
    os.read(ours, 1)
    os.close(ours)
    assert child.wait() == 0
    assert read_model(Path("fitted")).interrupted is None


@full
@pytest.mark.parametrize("kind", ["tsv", "parquet"])
def test_predictions_that_standard_output_has_no_room_for(model, table, kind):
    args = ["predict", model, table, "-o", "-", "--format", kind]
    expected = 2, f"{CANNOT}No space left on device)\n"
    assert shell(args, ">/dev/full") == expected
    assert shell(args, ">&-") == (2, f"{CANNOT}it is closed)\n")


def test_letters_that_the_encoding_lacks_are_shown_as_numbers():
    written = io.BytesIO()
    stream = Unfailing(io.TextIOWrapper(written, encoding="ascii"))
    print("\u03b1-synuclein", file=stream, flush=True)
    stream.check()
    assert written.getvalue() == b"\\u03b1-synuclein\n"


def test_the_first_failure_is_the_one_that_is_told():
    class Failing(io.StringIO):
        def write(self, text):
            raise OSError(28, text)

    stream = Unfailing(Failing())
    stream.check()
    assert print("first", "second", file=stream) is None
    with pytest.raises(
        OSError, match=r"^standard output: cannot be written \(first\)$"
    ):
        stream.check()
    assert not stream.isatty()
    assert not Unfailing(None).isatty()
