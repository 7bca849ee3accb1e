"""The command line: what it prints and writes, and what it does with bad input."""

import gzip
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import warnings
from fcntl import ioctl
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import RidgeCV

from sgrna_estimator import __version__, datasets
from sgrna_estimator.baselines.catalogue import MODELS, make_model
from sgrna_estimator.cli import terminal as cli_terminal
from sgrna_estimator.cli.app import main
from sgrna_estimator.network import base
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import assert_interrupted, assert_refused, files

SUBPROCESS = [sys.executable, "-m", "sgrna_estimator"]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
COLUMNS = ["--sequence", "seq", "--target", "y"]
WROTE = "wrote model; compare says how well such a model predicts new guides\n"


@pytest.fixture
def screen(small_screen):
    """240 guides of 12 genes, with a target from 0 to 1."""
    frame = small_screen.data[["seq", "gene", "distance2TSS", "log2fc"]]
    return frame.assign(y=small_screen.target)


@pytest.fixture
def table(screen, tmp_path):
    """The screen as a file, ``screen.tsv``, in the folder that commands run in."""
    screen.to_csv(tmp_path / "screen.tsv", sep="\t", index=False)
    return "screen.tsv"


@pytest.fixture
def model(run, table):
    """A ridge model of the screen, with a covariate, in the file ``model``."""
    covariate = ["--covariates", "distance2TSS"]
    status, _, _ = run(
        "fit", table, *COLUMNS, *covariate, "--model", "ridge", "-o", "model"
    )
    assert status == 0
    return "model"


# The program --------------------------------------------------------------------------


def test_the_program_is_installed():
    [script] = entry_points(group="console_scripts", name="sgrna-estimator")
    assert script.load() is main


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
    for command in ("compare", "fit", "predict"):
        assert re.search(rf"^  {command} ", out, re.MULTILINE)


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_help_lists_the_models_within_80_columns(run, command):
    status, out, _ = run(command, "--help")
    assert status == 0
    for name, each in MODELS.items():
        assert re.search(rf"^    {name} +{re.escape(each.description)}$", out, re.M)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["fit", "predict", "effects"])
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


# compare ------------------------------------------------------------------------------


def cells(out):
    """Return the printed table as a DataFrame of text, and the paragraphs below."""
    lines, _, below = out.partition("\n\n")
    heading, *rows = [re.split(r" {2,}", line) for line in lines.split("\n")]
    return pd.DataFrame(rows, columns=heading).set_index("model"), below


def test_compare_simulates_a_screen_when_there_is_no_table(run):
    status, out, err = run("compare", "--model", "ridge", "--cv", 2, "--jobs", 1)
    assert status == 0
    assert err == (
        "simulated screen: 2000 guides of 40 genes, 2 folds; ridge and the constant\n"
    )
    printed, below = cells(out)
    assert printed.index.tolist() == ["ridge", "constant"]
    assert below.startswith("Means over 2 folds. ")


def test_compare_prints_and_writes_what_compare_estimators_finds(run, table, screen):
    from sgrna_estimator import compare_estimators

    status, out, err = run(
        *("compare", table, *COLUMNS, "--groups", "gene", "--cv", 3, "--seed", 7),
        *("--model", "lasso", "--model", "ridge", "--baseline", "ridge", "--jobs", 1),
        *("--covariates", "distance2TSS", "--output", "scores.csv"),
    )
    assert status == 0
    assert err == (
        "screen.tsv: 240 guides of 12 genes, 3 folds; ridge, lasso and the constant\n"
    )
    columns = ["seq", "distance2TSS"]
    expected = compare_estimators(
        {
            name: make_model(
                name, sequence="seq", covariates=columns[1:], random_state=7
            )
            for name in ("ridge", "lasso")
        },
        screen[columns],
        screen["y"],
        groups=screen["gene"],
        sequences=screen["seq"],
        cv=3,
        baseline="ridge",
        random_state=7,
    )
    scores = pd.read_csv("scores.csv")
    pd.testing.assert_frame_equal(
        scores.drop(columns=["fit_seconds", "score_seconds"]),
        expected.scores_.drop(columns=["fit_seconds", "score_seconds"]),
        check_dtype=False,
    )
    assert files() == ["scores.csv", "screen.tsv"]

    printed, below = cells(out)
    spearman = expected.summary("spearman").set_index("estimator")
    assert printed.index.tolist() == spearman.index.tolist()
    assert printed.columns.tolist() == [
        *("spearman", "+/-", "within", "pearson", "r2", "mse", "mse diff", "p"),
        "fit s",
    ]
    for name in printed.index:
        row = spearman.loc[name]
        assert printed.loc[name, "spearman"] == f"{row['mean']:.3f}"
        assert printed.loc[name, "+/-"] == f"{row['upper'] - row['mean']:.3f}"
    mse = expected.summary("mse").set_index("estimator")
    assert float(printed.loc["lasso", "mse"]) == pytest.approx(
        mse.loc["lasso", "mean"], rel=1e-3
    )
    assert float(printed.loc["lasso", "mse diff"]) == pytest.approx(
        mse.loc["lasso", "difference"], rel=1e-2
    )
    assert printed.loc["lasso", "p"] == f"{mse.loc['lasso', 'p_adjusted']:.3f}"
    assert printed.loc["ridge", ["mse diff", "p"]].tolist() == ["-", "-"]
    assert "mse diff: mse less that of ridge; " in below
    for sentence in expected.verdict():
        assert f"\n- {sentence}\n" in below


def test_compare_runs_every_model_by_default(run, table):
    status, out, err = run("compare", table, *COLUMNS, "--cv", 2, "--jobs", 1)
    assert status == 0
    printed, _ = cells(out)
    models = [name for name in MODELS if not MODELS[name].is_mixture]
    assert sorted(printed.index) == sorted([*models, "constant"])
    assert "within" not in printed.columns  # there are no groups
    assert err.startswith("left out, for log2 fold changes only: mixture_logistic\n")
    assert f"2 folds; {', '.join(models)} and the constant" in err


def test_scores_do_not_depend_on_the_number_of_jobs(run, table):
    for jobs in (1, 2):
        status, _, _ = run(
            *("compare", table, *COLUMNS, "--model", "ridge", "--cv", 3),
            *("--jobs", jobs, "-o", f"{jobs}.tsv"),
        )
        assert status == 0
    one, two = (pd.read_csv(f"{jobs}.tsv", sep="\t") for jobs in (1, 2))
    assert one["value"].equals(two["value"])


def test_compare_puts_tables_one_below_the_other(run, screen):
    screen[:100].to_csv("a.csv", index=False)
    screen[100:].drop(columns="log2fc").to_csv("b.tsv.gz", sep="\t", index=False)
    screen.to_csv("both.csv", index=False)
    results = []
    for tables in (["a.csv", "b.tsv.gz"], ["both.csv"]):
        args = ["--groups", "gene", "--model", "ridge", "--cv", 2, "--jobs", 1]
        status, out, err = run("compare", *tables, *COLUMNS, *args)
        assert status == 0
        assert err.startswith(f"{', '.join(tables)}: 240 guides of 12 genes")
        results.append(cells(out)[0].drop(columns="fit s"))
    pd.testing.assert_frame_equal(*results)


def test_models_for_probabilities_are_left_out_unless_asked_for(run, table):
    args = ["compare", table, "--sequence", "seq", "--target", "log2fc"]
    args += ["--cv", 2, "--jobs", 1]
    status, out, err = run(*args)
    assert status == 0
    note = "left out, for targets from 0 to 1 only: "
    assert err.startswith(f"{note}fractional_logistic, network_logistic\n")
    models = set(cells(out)[0].index)
    assert models == {*MODELS, "constant"} - {"fractional_logistic", "network_logistic"}
    for asked_for in (
        ["--model", "ridge", "--model", "network_logistic"],
        ["--baseline", "network_logistic"],
    ):
        assert_refused(
            run(*args, *asked_for),
            "screen.tsv, data rows ",
            "the target in column 'log2fc' must be from 0 to 1 for network_logistic, "
            "but it is ",
        )


def test_a_target_without_variation_is_compared_too(run, screen):
    screen.assign(y=0.5).to_csv("flat.csv", index=False)
    args = ["--model", "ridge", "--cv", 2, "--jobs", 1]
    status, out, _ = run("compare", "flat.csv", *COLUMNS, *args)
    assert status == 0
    assert cells(out)[0]["spearman"].tolist() == ["nan", "nan"]


def test_aligned_sequences_and_unknown_letters(run, screen):
    sequences = screen["seq"].where(screen.index % 2 == 0, screen["seq"].str[1:])
    screen["seq"] = sequences.where(screen.index != 7, "N" + sequences.str[1:])
    screen.to_csv("mixed.csv", index=False)
    args = ["compare", "mixed.csv", *COLUMNS, "--model", "ridge", "--cv", 2]
    args += ["--jobs", 1]
    assert_refused(run(*args), "mixed.csv", "same length")
    assert_refused(run(*args, "--align", "right"), "mixed.csv, data row 8:", "'N'")
    assert run(*args, "--align", "right", "--unknown", "zero")[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sequence", "seq"], "--sequence names a column, but there is no TABLE"),
        (["--target", "y"], "--target names a column, but there is no TABLE"),
        (["--groups", "gene"], "--groups names a column, but there is no TABLE"),
        (["--covariates", "x"], "--covariates names a column, but there is no TABLE"),
        (["--jobs", "0"], "--jobs must not be 0"),
        (["--cv", "1"], "--cv"),
        (["--cv", "five"], "--cv"),
        (["--seed", "-1"], "--seed"),
        (["--model", "forest"], "there is no model 'forest'; there are ridge, "),
        (["--baseline", "forest"], "there is no model 'forest'; there are ridge, "),
        (["--model", "constant"], "there is no model 'constant'"),
        (["--unknown", "maybe"], "--unknown"),
        (["--targte", "y"], "No such option: --targte"),
        (["--sequence"], "--sequence"),
        (["-o", "no/scores.csv"], "no/scores.csv: cannot be written"),
        (["-o", "scores.png"], "scores.png: must end in .csv, .tsv, .txt"),
        (["-o", "scores.csv.rar"], "scores.csv.rar: must end in"),
        (["-o", "folder.csv"], "folder.csv: is a folder, not a file to write to"),
        (["--report", "a.pdf"], "a.pdf: the name of a report must end in .html"),
        (["--report", "no/a.html"], "no/a.html: cannot be written"),
        (["--layout", "4+20+3+3"], "--layout is for --report"),
        (
            ["--report", "a.html", "--layout", "4+20+3+3"],
            "simulated screen: the layout 4+20+3+3 has 30 positions, but",
        ),
    ],
)
def test_options_that_cannot_be_used(run, options, message):
    Path("folder.csv").mkdir()
    assert_refused(run("compare", *options), message)
    assert files() == ["folder.csv"]
    assert files("folder.csv") == []


def test_an_unknown_command(run):
    assert_refused(run("forget"), "No such command 'forget'")


# Bad tables ---------------------------------------------------------------------------


def change(screen, rows, column, value):
    changed = screen.astype(object)
    changed.loc[rows, column] = value
    return changed


BAD_TABLES = {
    "unequal lengths": (
        lambda screen: change(screen, [3, 8], "seq", "ACGT"),
        "screen.tsv, data rows 4, 9: in the sequence column 'seq' every sequence "
        "must have the same length (the commonest is 43), but there is one of length 4",
    ),
    "empty sequence": (
        lambda screen: change(screen, [0], "seq", ""),
        "screen.tsv, data row 1: in the sequence column 'seq'",
    ),
    "missing sequence": (
        lambda screen: change(screen, [5], "seq", np.nan),
        "screen.tsv, data row 6: in the sequence column 'seq'",
    ),
    "a letter outside the alphabet": (
        lambda screen: change(screen, [2], "seq", screen["seq"][2][:9] + "X" * 34),
        "screen.tsv, data row 3: in the sequence column 'seq' every letter must be one "
        "of 'ACGT', but there is another (first 'X', at position 10)",
    ),
    "missing target": (
        lambda screen: change(screen, [6], "y", np.nan),
        "screen.tsv, data row 7: the target in column 'y' must be a finite number, but "
        "it is missing",
    ),
    "infinite target": (
        lambda screen: change(screen, [6, 9], "y", "-inf"),
        "screen.tsv, data rows 7, 10: the target in column 'y' must be a finite "
        "number, but it is '-inf'",
    ),
    "target that is text": (
        lambda screen: change(screen, [6], "y", "high"),
        "screen.tsv, data row 7: the target in column 'y' must be a finite number, but "
        "it is 'high'",
    ),
    "covariate that is missing": (
        lambda screen: change(screen, [4], "distance2TSS", ""),
        "screen.tsv, data row 5: the covariate in column 'distance2TSS'",
    ),
    "no column of that name": (
        lambda screen: screen.rename(columns={"y": "Y2"}),
        "screen.tsv: there is no column 'y' for the target; the columns are 'seq', ",
    ),
    "header only": (lambda screen: screen[:0], "screen.tsv: has a header but no rows"),
    "empty": (b"", "screen.tsv: is empty"),
    "a picture": (PNG, "screen.tsv: is not a table of text"),
    "not a table": (b"seq\ty\nACGT\n", "screen.tsv: is not a table: data row 1"),
}


@pytest.mark.parametrize("command", ["compare", "fit"])
@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables(run, screen, command, case):
    content, message = BAD_TABLES[case]
    if callable(content):
        content(screen).to_csv("screen.tsv", sep="\t", index=False)
    else:
        Path("screen.tsv").write_bytes(content)
    result = run(
        *(command, "screen.tsv", *COLUMNS, "--covariates", "distance2TSS"),
        *("-o", "output.csv"),
    )
    assert_refused(result, message)
    assert files() == ["screen.tsv"]


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_a_target_outside_0_and_1_for_a_model_asked_for(run, screen, command):
    change(screen, [11, 30], "y", 1.25).to_csv("screen.csv", index=False)
    result = run(
        *(command, "screen.csv", *COLUMNS, "--model", "fractional_logistic"),
        *("-o", "output.csv"),
    )
    assert_refused(
        result,
        "screen.csv, data rows 12, 31: the target in column 'y' must be from 0 to 1 "
        "for fractional_logistic, but it is 1.25",
    )
    assert files() == ["screen.csv"]


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_tables_that_are_not_there_or_do_not_go_together(run, screen, table, command):
    args = [*COLUMNS, "-o", "output.csv"]
    assert_refused(run(command, "none.tsv", *args), "none.tsv: there is no such file")
    assert_refused(run(command, ".", *args), ".: is a folder")
    assert_refused(run(command, table, table, *args), "'screen.tsv' is given twice")
    screen.drop(columns="seq").to_csv("other.csv", index=False)
    assert_refused(
        run(command, table, "other.csv", *args),
        "other.csv: there is no column 'seq' for the sequence; the columns are 'gene'",
    )
    assert files() == ["other.csv", "screen.tsv"]


@pytest.mark.parametrize("command", ["compare", "fit"])
def test_columns_must_be_named(run, table, command):
    args = [command, table, "-o", "output.csv"]
    assert_refused(run(*args), "--sequence must name a column")
    assert_refused(
        run(*args, "--sequence", "seq"), "--target or --score must name a column"
    )
    near = ["--sequence", "Seq", "--target", "y"]
    assert_refused(run(*args, *near), "no column 'Seq'", "did you mean 'seq'?")
    assert_refused(
        run(*args, *COLUMNS, "--covariates", "GC"), "no column 'GC' for the covariate"
    )
    assert_refused(run(*args, *COLUMNS, "--covariates", "y"), "'y' has two roles")


def test_groups_that_cannot_be_made_into_folds(run, screen):
    def refused(frame, cv, n_sets):
        frame.to_csv("screen.csv", index=False)
        assert_refused(
            run(
                *("compare", "screen.csv", *COLUMNS, "--groups", "gene", "--cv", cv),
                *("-o", "scores.csv"),
            ),
            f"screen.csv: {cv} folds (--cv) need {cv} sets of guides, but guides with "
            f"the same 'gene' or 'seq' stay together, which makes {n_sets}\n",
        )
        assert files() == ["screen.csv"]

    refused(screen.assign(gene="TP53"), cv=5, n_sets=1)
    refused(screen.assign(gene="TP53"), cv=2, n_sets=1)
    refused(screen, cv=13, n_sets=12)
    # one sequence in all genes ties them together
    shared = change(screen, range(0, 240, 20), "seq", screen["seq"][0])
    refused(shared, cv=2, n_sets=1)


def test_sequences_that_cannot_be_made_into_folds(run, screen):
    screen[:4].to_csv("screen.csv", index=False)
    assert_refused(
        run("compare", "screen.csv", *COLUMNS),
        "screen.csv: 5 folds (--cv) need 5 sets of guides, but guides with the same "
        "'seq' stay together, which makes 4",
    )


def test_a_model_that_fails_is_named_in_one_line(run, screen):
    # Of three guides, two are in training: too few for the inner folds of the lasso.
    screen[:3].to_csv("screen.csv", index=False)
    args = ["compare", "screen.csv", *COLUMNS, "--cv", 3, "--model", "lasso"]
    status, out, err = run(*args, "--jobs", 1)
    assert status == 2
    assert out == ""
    assert re.search(
        r"^sgrna-estimator: error: screen.csv: estimator 'lasso' failed in fit .*$",
        err.splitlines()[-1],
    )
    assert "Traceback" not in err


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


# Output -------------------------------------------------------------------------------


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
    args = ["--model", "ridge", "--cv", 2, "--jobs", 1, "-o", "scores.csv"]
    status, out, err = run("compare", table, *COLUMNS, *args)
    assert status == 2
    assert out == ""
    assert err.splitlines()[-1] == (
        "sgrna-estimator: error: scores.csv: cannot be written (No space left on "
        "device)"
    )
    assert Path("scores.csv").read_text() == "old"
    assert files() == ["scores.csv", "screen.tsv"]


def test_a_reader_that_leaves_early_causes_no_traceback():
    child = subprocess.Popen(
        [*SUBPROCESS, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    child.stdout.close()
    with child.stderr:
        assert child.stderr.read() == b""
    assert child.wait() == 1


# fit and predict ----------------------------------------------------------------------


def test_fit_then_predict_gives_what_the_pipeline_gives(run, table, screen):
    args = ["--covariates", "distance2TSS", "--seed", 3, "--model", "network"]
    status, out, err = run("fit", table, *COLUMNS, *args, "-o", "model")
    assert (status, out) == (0, "")
    assert err == f"screen.tsv: 240 guides; fitting network\n{WROTE}"
    status, out, err = run("predict", "model", table, "-o", "predictions.tsv")
    assert (status, out) == (0, "")
    assert err == "wrote 240 predictions to predictions.tsv\n"

    columns = ["seq", "distance2TSS"]
    expected = make_model(
        "network", sequence="seq", covariates=columns[1:], random_state=3
    ).fit(screen[columns], screen["y"])
    written = pd.read_csv("predictions.tsv", sep="\t")
    np.testing.assert_allclose(
        written["prediction"], expected.predict(screen[columns]), rtol=1e-6
    )
    pd.testing.assert_frame_equal(written.drop(columns="prediction"), screen)
    model = read_model(Path("model"))
    assert model.name == "network"
    assert model.tables == ["screen.tsv"]
    assert model.n_guides == 240
    assert "_skl_callbacks" not in vars(model.pipeline[-1])


def test_fit_takes_the_windows_by_default(run, table, monkeypatch):
    monkeypatch.setitem(MODELS, "network_windows", MODELS["ridge"])
    assert run("fit", table, *COLUMNS, "-o", "model")[0] == 0
    assert read_model(Path("model")).name == "network_windows"


def test_predict_keeps_the_other_columns_as_they_are_written(run, model, screen):
    new = pd.DataFrame(
        {
            "id": ["007", "1.50", "NA", "", "1e3"],
            "spacer": screen["seq"][:5].str.lower(),
            "distance2TSS": ["12", "13.0", " 14", "1e2", "0"],
        }
    )
    new.to_csv("new.csv", index=False)
    options = ["--sequence", "spacer", "-o", "out.csv.gz"]
    assert run("predict", model, "new.csv", *options)[0] == 0
    with gzip.open("out.csv.gz", "rt") as file:
        written = pd.read_csv(file, dtype=str, keep_default_na=False)
    assert written.columns.tolist() == [*new.columns, "prediction"]
    pd.testing.assert_frame_equal(written[new.columns], new, check_dtype=False)
    features = pd.DataFrame(
        {"seq": new["spacer"], "distance2TSS": [12.0, 13.0, 14.0, 100.0, 0.0]}
    )
    np.testing.assert_allclose(
        written["prediction"].astype(float),
        read_model(Path(model)).pipeline.predict(features),
    )


def test_predict_reads_several_tables(run, model, screen):
    screen[:10].to_csv("a.csv", index=False)
    screen[10:].drop(columns="y").to_csv("b.tsv", sep="\t", index=False)
    assert run("predict", model, "a.csv", "b.tsv", "-o", "out.csv")[0] == 0
    assert run("predict", model, "screen.tsv", "-o", "whole.csv")[0] == 0
    parts, whole = pd.read_csv("out.csv"), pd.read_csv("whole.csv")
    assert parts.columns.tolist() == [
        *("seq", "gene", "distance2TSS", "log2fc", "prediction")
    ]
    pd.testing.assert_frame_equal(parts, whole[parts.columns])


def test_predict_refuses_what_the_model_cannot_take(run, model, screen):
    def refused(frame, *parts):
        frame.to_csv("new.csv", index=False)
        assert_refused(run("predict", model, "new.csv", "-o", "out.csv"), *parts)
        assert files() == ["model", "new.csv", "screen.tsv"]

    refused(
        screen.assign(seq=screen["seq"].str[:30]),
        "new.csv, data rows 1, 2, 3, 4, 5 and 235 more: in the sequence column 'seq' "
        "every sequence must have the length seen in fit, 43, but there is one of "
        "length 30",
    )
    refused(
        screen.drop(columns="distance2TSS"),
        "new.csv: there is no column 'distance2TSS' for the covariate",
    )
    refused(
        change(screen, [2], "distance2TSS", "far"),
        "new.csv, data row 3: the covariate in column 'distance2TSS' must be a finite "
        "number, but it is 'far'",
    )
    refused(screen.drop(columns="seq"), "new.csv: there is no column 'seq'")
    refused(change(screen, [1], "seq", "N" * 43), "new.csv, data row 2: ", "'N'")
    refused(
        screen.assign(prediction=0), "new.csv: there is a column 'prediction' already"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "none: there is no such file"),
        ("folder", "folder: is a folder"),
        ("screen.tsv", "screen.tsv: is not a model file"),
        ("picture", "picture: is not a model file"),
        ("truncated", "truncated: is a model file that is not whole"),
    ],
)
def test_predict_refuses_files_that_are_not_models(run, model, name, message):
    Path("folder").mkdir()
    Path("picture").write_bytes(PNG)
    content = Path(model).read_bytes()
    Path("truncated").write_bytes(content[: len(content) // 2])
    assert_refused(run("predict", name, "screen.tsv", "-o", "out.csv"), message)
    assert "out.csv" not in files()


@pytest.mark.filterwarnings("default")
def test_warnings_are_lines_without_source_code(run, model, monkeypatch):
    monkeypatch.setattr("sgrna_estimator.storage.model_file.__version__", "9.9")
    status, _, err = run("predict", model, "screen.tsv", "-o", "out.csv")
    assert status == 0
    assert err.splitlines() == [
        f"warning: model: was fitted with sgrna_estimator {__version__}, but this is "
        "9.9: predictions may differ; fit the model again to be sure",
        "wrote 240 predictions to out.csv",
    ]


def test_fit_shows_warnings_as_lines(run, table, monkeypatch):
    def fit(self, X, y):
        warnings.warn("some rows\n  are odd", UserWarning, stacklevel=2)
        return real_fit(self, X, y)

    real_fit = RidgeCV.fit
    monkeypatch.setattr(RidgeCV, "fit", fit)
    args = [*COLUMNS, "--model", "ridge", "-o", "model"]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        status, _, err = run("fit", table, *args)
    assert status == 0
    assert err == (
        f"screen.tsv: 240 guides; fitting ridge\nwarning: some rows are odd\n{WROTE}"
    )


def test_fit_names_the_table_that_a_model_refuses(run, screen):
    screen.assign(seq="ACGT").to_csv("same.csv", index=False)
    result = run("fit", "same.csv", *COLUMNS, "--model", "ridge", "-o", "model")
    status, _, err = result
    assert status == 2
    assert err.splitlines()[-1].startswith("sgrna-estimator: error: same.csv: ")
    assert files() == ["same.csv"]


# Ctrl-C -------------------------------------------------------------------------------


@pytest.fixture
def interrupt_epoch(monkeypatch):
    """Press Ctrl-C in an epoch of a network's fit."""
    train_epoch = base.train_epoch

    def interrupt_in(number):
        def train(trainee, *args):
            if trainee.n_iter + 1 == number:
                raise KeyboardInterrupt
            train_epoch(trainee, *args)

        monkeypatch.setattr(base, "train_epoch", train)

    return interrupt_in


@pytest.mark.parametrize("epoch", [1, 3])  # while compiling, and in a fit
def test_an_interrupted_network_is_not_scored(run, table, interrupt_epoch, epoch):
    interrupt_epoch(epoch)
    args = ["--model", "network", "--cv", 2, "--jobs", 1, "-o", "scores.csv"]
    result = run("compare", table, *COLUMNS, *args)
    assert_interrupted(result, "sgrna-estimator: interrupted\n")
    assert files() == ["screen.tsv"]


def test_an_interrupted_fit_keeps_what_was_learnt(run, table, interrupt_epoch):
    interrupt_epoch(3)
    args = ["fit", table, *COLUMNS, "--model", "network", "-o", "model"]
    assert_interrupted(
        run(*args), "Ctrl-C ended the fit after 2 epochs; what was learnt is in model\n"
    )
    assert files() == ["model", "screen.tsv"]
    with pytest.warns(UserWarning, match="Ctrl-C ended the fit after 2 epochs"):
        model = read_model(Path("model"))
    assert model.pipeline[-1].n_iter_ == 2


def test_an_interrupted_fit_does_not_replace_a_model(run, table, interrupt_epoch):
    interrupt_epoch(3)
    Path("model").write_text("a good one")
    args = ["fit", table, *COLUMNS, "--model", "network", "-o", "model"]
    assert_interrupted(
        run(*args), "after 2 epochs; model was there and is left alone\n"
    )
    assert Path("model").read_text() == "a good one"


def test_a_fit_interrupted_at_once_leaves_nothing(run, table, interrupt_epoch):
    interrupt_epoch(1)
    args = ["fit", table, *COLUMNS, "--model", "network", "-o", "model"]
    assert_interrupted(run(*args), "sgrna-estimator: interrupted\n")
    assert files() == ["screen.tsv"]


def test_a_model_without_epochs_is_not_kept_when_interrupted(run, table, monkeypatch):
    def fit(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(RidgeCV, "fit", fit)
    args = ["fit", table, *COLUMNS, "--model", "ridge", "-o", "model"]
    assert_interrupted(run(*args), "sgrna-estimator: interrupted\n")
    assert files() == ["screen.tsv"]


def test_interrupted_writing_leaves_nothing(run, table, monkeypatch):
    def write(*args, **options):
        Path(args[1]).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_csv", write)
    args = ["--model", "ridge", "--cv", 2, "--jobs", 1, "-o", "scores.csv"]
    assert_interrupted(run("compare", table, *COLUMNS, *args))
    assert files() == ["screen.tsv"]


def test_ctrl_c_stops_the_workers_too(tmp_path):
    command = ["compare", "--model", "network_windows", "--cv", "30", "--jobs", "2"]
    child = subprocess.Popen(
        [*SUBPROCESS, *command, "-o", "scores.csv"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        first = child.stderr.readline()
        time.sleep(2)  # the workers are starting, or at work
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does
        out, err = child.communicate(timeout=30)
        assert_interrupted((child.returncode, out, first + err))
        assert files(tmp_path) == []
        assert_no_process_left(child.pid)
    finally:
        if child.poll() is None:
            child.kill()


def assert_no_process_left(group):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("workers are still running")


# Progress and the terminal ------------------------------------------------------------


def test_a_short_run_says_nothing_about_its_progress(run, table):
    args = ["--model", "ridge", "--cv", 2, "--jobs", 1]
    _, _, err = run("compare", table, *COLUMNS, *args)
    assert err.splitlines()[1:] == [
        "screen.tsv: 240 guides, 2 folds; ridge and the constant"
    ]


def test_a_long_run_says_how_far_it_is(run, table, monkeypatch):
    monkeypatch.setattr(cli_terminal, "_SECONDS_BETWEEN_LINES", 0.0)
    args = ["--model", "ridge", "--cv", 2, "--jobs", 1]
    _, _, err = run("compare", table, *COLUMNS, *args)
    assert re.findall(r"^(\d) of 4 fits done after \d s$", err, re.M) == list("01234")
    args = ["--model", "network", "-o", "model"]
    _, _, err = run("fit", table, *COLUMNS, *args)
    n_epochs = read_model(Path("model")).pipeline[-1].n_iter_
    assert re.findall(rf"^(\d+) of {n_epochs} epochs done", err, re.M) == [
        str(epoch) for epoch in range(1, n_epochs + 1)
    ]
    _, _, err = run("predict", "model", table, "-o", "out.csv")
    assert "240 of 240 guides done after 0 s\n" in err


@pytest.mark.parametrize(
    ("terminal", "kind", "has_bar"),
    [(True, "xterm", True), (True, "dumb", False), (False, "xterm", False)],
)
def test_a_bar_takes_the_place_of_lines_on_a_terminal(
    run, table, monkeypatch, terminal, kind, has_bar
):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as logs of automatic builds have it
    monkeypatch.setattr(cli_terminal, "_SECONDS_BETWEEN_LINES", 0.0)
    args = ["--model", "ridge", "--cv", 2, "--jobs", 1]
    status, out, err = run("compare", table, *COLUMNS, *args)
    assert status == 0
    assert ("4 of 4 fits done" in err) == (not has_bar)
    assert ("4/4" in err) == has_bar
    assert ("\x1b" in err) == has_bar
    assert "\x1b" not in out


def on_a_terminal(args, columns, cwd):
    """Run the command line on a terminal; return its status and what it shows."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    child = subprocess.Popen(
        [*SUBPROCESS, *args],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env=environment,
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # Linux says so when the child has closed its end
            break
    os.close(ours)
    return child.wait(timeout=60), shown.decode()


def test_a_terminal_has_a_progress_bar_and_as_much_of_the_table_as_fits(
    table, tmp_path
):
    args = ["compare", table, *COLUMNS, "--groups", "gene", "--cv", "2", "--jobs", "1"]
    args += ["--model", "ridge_dinucleotides"]
    status, shown = on_a_terminal(args, 80, tmp_path)
    assert status == 0
    assert "4/4" in shown  # the bar
    assert "fits done" not in shown
    # The bar is wiped away before the results come.
    result = shown[shown.rindex("\x1b[2K") + len("\x1b[2K") :].replace("\r\n", "\n")
    assert "\x1b" not in result
    assert result.startswith("model ")
    assert max(map(len, result.splitlines())) <= 80
    printed, below = cells(result)
    assert printed.index.tolist() == ["ridge_dinucleotides", "constant"]
    assert "pearson" not in printed.columns
    assert "Left out for want of room: pearson, fit s." in below


@pytest.fixture
def run_on_a_terminal(run, table, monkeypatch):
    """Compare on a terminal of some width (None: no terminal); return the output."""
    args = ["compare", table, *COLUMNS, "--groups", "gene", "--cv", 2, "--jobs", 1]
    args += ["--model", "ridge_dinucleotides"]

    def run_at(width):
        with monkeypatch.context() as terminal:
            if width is not None:
                terminal.setattr("sys.stdout.isatty", lambda: True)
                terminal.setenv("COLUMNS", str(width))
            status, out, _ = run(*args)
        assert status == 0
        return out

    return run_at


def test_a_narrow_terminal_does_without_columns(run_on_a_terminal):
    piped = run_on_a_terminal(None)
    whole, below = cells(piped)
    assert whole.columns[-1] == "fit s"
    assert "want of room" not in below
    needed = piped.index("\n")  # the width of the table
    out = run_on_a_terminal(needed)
    assert cells(out)[0].columns.equals(whole.columns)
    assert "want of room" not in out

    for width, left_out in [
        (needed - 1, ["pearson"]),
        (80, ["pearson", "fit s"]),
        (66, ["pearson", "fit s", "r2", "within"]),
        (20, ["pearson", "fit s", "r2", "within", "+/-"]),
    ]:
        out = run_on_a_terminal(width)
        printed, below = cells(out)
        assert printed.columns.tolist() == whole.columns.drop(left_out).tolist()
        if width > 20:
            assert max(map(len, out.splitlines())) <= width
        paragraph = " ".join(below.split())
        assert f"Left out for want of room: {', '.join(left_out)}. " in paragraph
        explained = "within: mean spearman within genes" in paragraph
        assert explained == ("within" not in left_out)


def test_piped_output_has_a_paragraph_a_line(run_on_a_terminal):
    lines = run_on_a_terminal(None).split("\n")
    assert lines[-1] == ""
    assert lines[4].startswith("Means over 2 folds. ")
    assert all(line.startswith("- ") and line.endswith(".") for line in lines[5:-1])
    assert not any(line.endswith(" ") for line in lines)


# Real tables --------------------------------------------------------------------------

QUICK = ["--model", "ridge", "--model", "network", "--cv", "2", "--jobs", "1"]


@pytest.mark.usefixtures("crispra_tiling")
def test_two_published_tables(run):
    folder = datasets.get_data_home().absolute()
    tables = [
        folder / "NeuronTopGeneGuidesMixtureProbs.txt",
        folder / "SelfRenewalTopGeneGuidesMixtureProbs.txt",
    ]
    columns = ["--sequence", "seq", "--target", "mixture_probs", "--groups", "gene"]
    status, out, err = run("compare", *tables, *columns, *QUICK)
    assert status == 0
    assert "2073 guides of 42 genes, 2 folds; ridge, network and the" in err
    assert sorted(cells(out)[0].index) == ["constant", "network", "ridge"]


@pytest.mark.usefixtures("kim2019")
def test_a_published_table_with_line_breaks_in_its_header(run):
    table = datasets.get_data_home().absolute() / "Kim_2019_Train.csv.zip"
    columns = ["--sequence", "Target context sequence (4+20+3+3)"]
    columns += ["--target", "Background subtracted indel (%)"]
    status, out, err = run("compare", table, *columns, *QUICK)
    assert status == 0
    assert "12832 guides, 2 folds; ridge, network and the constant" in err
    assert cells(out)[0]["spearman"].drop("constant").astype(float).min() > 0.5
