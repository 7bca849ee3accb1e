"""The program around the command line: when Ctrl-C comes before and after it."""

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from sgrna_estimator.__main__ import run
from tests.command_line import assert_interrupted, expect_signals

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

PRESS = """
import atexit, os, signal, sys

def press():
    os.kill(os.getpid(), signal.SIGINT)

class WhileImporting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            press()

sys.meta_path.insert(0, WhileImporting())
if {module!r} == "":
    atexit.register(press)
sys.argv = ["sgrna-estimator", *{args!r}]
from sgrna_estimator.__main__ import run
run()
"""


def pressed(module, *args):
    """Press Ctrl-C where `module` is imported, or if it is empty, in the end."""
    code = PRESS.format(module=module, args=args)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=expect_signals,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_program_is_installed():
    [script] = entry_points(group="console_scripts", name="sgrna-estimator")
    assert script.load() is run


@pytest.mark.parametrize(
    "module", ["typer", "sgrna_estimator.cli.app", "numpy", "pandas"]
)
def test_ctrl_c_while_python_imports(module, tmp_path):
    table = tmp_path / "screen.tsv"
    table.write_text("seq\ty\n")
    args = "mixture", str(table), "--score", "y", "-o", str(tmp_path / "out.tsv")
    assert_interrupted(pressed(module, *args))
    assert list(tmp_path.iterdir()) == [table]


def test_ctrl_c_after_the_work_changes_nothing():
    status, out, err = pressed("", "--version")
    assert status == 0
    assert out.startswith("sgrna-estimator ")
    assert err == ""
