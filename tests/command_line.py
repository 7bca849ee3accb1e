"""What tests of the command line share."""

import re
import signal
import sys
from pathlib import Path

import pandas as pd

SUBPROCESS = [sys.executable, "-m", "sgrna_estimator"]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
COLUMNS = ["--sequence", "seq", "--target", "y"]
SCORE = ["--score", "log2fc", "--groups", "gene"]
QUICK = ["--cv", 2, "--repeats", 1, "--permutations", 0, "--jobs", 1]
WROTE = "wrote model; compare says how well such a model predicts new guides\n"


def expect_signals():
    """Undo, in a child, what nohup, a shell or other tests do to signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def files(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


def assert_refused(result, *parts):
    """Bad input: one line that has these parts, status 2, nothing printed."""
    status, out, err = result
    assert status == 2, err
    assert out == ""
    assert err.startswith("sgrna-estimator: error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    for part in parts:
        assert part in err


def assert_interrupted(result, *parts):
    status, out, err = result
    assert status == 130, err
    assert out == ""
    assert err.splitlines()[-1].startswith("sgrna-estimator: ")
    assert "Traceback" not in err
    for part in parts:
        assert part in err


def without_progress(err):
    """Return what was said, but for how far it was: a busy machine is told of that."""
    return re.sub(r"^\d+ of \d+ .* done after \d+ s\n", "", err, flags=re.MULTILINE)


def cells(out):
    """Return the printed table as a DataFrame of text, and the paragraphs below.

    Above it is what was decided.
    """
    _, lines, below = out.split("\n\n", 2)
    heading, *rows = [re.split(r" {2,}", line) for line in lines.split("\n")]
    return pd.DataFrame(rows, columns=heading).set_index("model"), below


def change(screen, rows, column, value):
    changed = screen.astype(object)
    changed.loc[rows, column] = value
    return changed
