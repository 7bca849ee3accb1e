"""The program: its commands, its help, its version, and what it loads."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sgrna_estimator import __version__
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli import terminal as cli_terminal
from tests.command_line import COLUMNS, SUBPROCESS, assert_refused, files


def test_the_package_runs_as_a_module():
    done = subprocess.run([*SUBPROCESS, "--version"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout == f"sgrna-estimator {__version__}\n"
    assert done.stderr == ""


def test_the_version(run):
    assert run("--version") == (0, f"sgrna-estimator {__version__}\n", "")


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(run, args):
    status, out, err = run(*args)
    assert status == 0
    assert err == ""
    for command in ("compare", "fit", "predict", "evaluate"):
        assert re.search(rf"^  {command} ", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["fi"], ["fit"]),
        (["fit", "screen.tsv", "--ali"], ["--align"]),
        (["fit", "screen.tsv", "--align", "le"], ["left"]),
        (["compare", "--model", "ri"], ["ridge", "ridge_dinucleotides"]),
        (["fit", "--model", "network_p"], ["network_prior"]),
    ],
)
def test_a_shell_completes_commands_options_and_models(words, expected):
    done = subprocess.run(
        [Path(sys.executable).with_name("sgrna-estimator")],
        env={
            **os.environ,
            "_SGRNA_ESTIMATOR_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(["sgrna-estimator", *words]),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == expected


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_help_lists_the_models_within_80_columns(run, command):
    status, out, _ = run(command, "--help")
    assert status == 0
    for name, each in MODELS.items():
        assert re.search(rf"^    {name} +{re.escape(each.description)}$", out, re.M)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["fit", "predict", "evaluate", "effects", "design"])
def test_help_says_that_a_model_file_holds_no_code(run, command):
    _, out, _ = run(command, "--help")
    assert "no code" in " ".join(out.split())


def test_the_command_line_itself_imports_nothing_heavy():
    # as it would be without what the package's __init__ imports
    code = """if True:
        import sys, types
        package = types.ModuleType("sgrna_estimator")
        package.__path__ = [sys.argv[1]]
        sys.modules["sgrna_estimator"] = package
        import sgrna_estimator.cli.app
        heavy = {"numpy", "scipy", "pandas", "sklearn", "numba", "joblib", "rich",
                 "matplotlib", "seaborn", "pooch"}
        print(sorted(heavy & set(sys.modules)))
    """
    folder = str(Path(cli_terminal.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr


def test_an_unknown_command(run):
    assert_refused(run("forget"), "No such command 'forget'")


def test_a_refusal_as_the_shell_sees_it(tmp_path):
    path = tmp_path / "screen.csv"
    path.write_text("seq,y\nACGT,1\nACGT,high\n")
    done = subprocess.run(
        [*SUBPROCESS, "fit", str(path), *COLUMNS, "-o", str(tmp_path / "model")],
        capture_output=True,
        text=True,
    )
    assert_refused(
        (done.returncode, done.stdout, done.stderr), f"{path}, data row 2: ", "'y'"
    )
    assert files(tmp_path) == ["screen.csv"]


def test_a_reader_that_leaves_early_causes_no_traceback():
    child = subprocess.Popen(
        [*SUBPROCESS, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    child.stdout.close()
    with child.stderr:
        assert child.stderr.read() == b""
    assert child.wait() == 0
