"""Commands that are ended from outside leave no worker and no file."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sgrna_estimator.cli.signals import ended_in_order
from tests.command_line import QUICK, SUBPROCESS, expect_signals, files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

LONG = ["compare", "--model", "network_windows", "--cv", "30", "--jobs", "2"]


@pytest.fixture(autouse=True)
def _in_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("JOBLIB_TEMP_FOLDER", raising=False)


def is_running(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def comparison():
    """A comparison whose workers have begun."""
    child = subprocess.Popen(
        [*SUBPROCESS, *LONG, "-o", "scores.csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=expect_signals,
    )
    try:
        while not list(Path.cwd().glob(".sgrna-estimator-*")):
            assert child.poll() is None
            time.sleep(0.02)
        time.sleep(2)  # the workers are starting, or at work
        yield child
    finally:
        if is_running(child.pid):
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_workers_too(comparison, number):
    comparison.send_signal(number)
    out, err = comparison.communicate(timeout=20)  # the workers have these pipes, too
    assert comparison.returncode == 128 + number
    assert out == ""
    assert "Traceback" not in err
    deadline = time.monotonic() + 20
    while is_running(comparison.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(comparison.pid)
    assert files() == []


def test_the_next_run_removes_what_killed_workers_have_left(comparison):
    os.killpg(comparison.pid, signal.SIGKILL)
    comparison.wait()
    assert files()
    status = subprocess.run(
        [*SUBPROCESS, "compare", "--model", "ridge", *map(str, QUICK)],
        capture_output=True,
        check=False,
    ).returncode
    assert status == 0
    assert files() == []


def test_what_was_ignored_is_ignored_still_and_all_is_as_before_in_the_end():
    code = f"""if True:
        import os, signal
        from sgrna_estimator.cli.signals import ended_in_order
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with ended_in_order():
            os.kill(os.getpid(), signal.SIGHUP)
            print("goes on", flush=True)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        try:
            with ended_in_order():
                os.kill(os.getpid(), signal.SIGTERM)
        except SystemExit as stop:
            assert stop.code == {128 + signal.SIGTERM}
        with ended_in_order():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)  # at once
                print("never")
    """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGTERM, done.stderr
    assert done.stdout == "goes on\n"


def test_a_thread_that_may_have_no_handlers():
    entered = []

    def enter():
        with ended_in_order():
            entered.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [signal.getsignal(signal.SIGTERM)]
