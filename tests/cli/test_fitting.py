"""The fits behind the commands: which models, how many at once, and Ctrl-C."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import RidgeCV

from sgrna_estimator.baselines import catalogue
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.fitting import model_for
from sgrna_estimator.cli.screen import simulate_screen
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import (
    COLUMNS,
    QUICK,
    SUBPROCESS,
    assert_interrupted,
    assert_refused,
    cells,
    change,
    expect_signals,
    files,
)


def test_compare_runs_every_model_by_default(run, table):
    status, out, err = run("compare", table, *COLUMNS, *QUICK)
    assert status == 0
    printed, _ = cells(out)
    models = [
        n for n in MODELS if MODELS[n].target != "log2fc" and not MODELS[n].needs_prior
    ]
    assert sorted(printed.index) == sorted([*models, "constant"])
    assert "within" not in printed.columns  # there are no groups
    note = "Not compared, being for log2 fold changes only: mixture_logistic."
    assert out.splitlines()[-1] == note
    assert f"2 folds; {', '.join(models)} and the constant" in err


def test_scores_do_not_depend_on_the_number_of_jobs(run, table):
    for jobs in (1, 2):
        status, _, _ = run(
            *("compare", table, *COLUMNS, "--model", "ridge", "--cv", 3),
            *("--repeats", 2, "--jobs", jobs, "-o", f"{jobs}.tsv"),
        )
        assert status == 0
    one, two = (pd.read_csv(f"{jobs}.tsv", sep="\t") for jobs in (1, 2))
    assert one["value"].equals(two["value"])


def test_models_for_probabilities_are_left_out_unless_asked_for(run, table):
    args = ["compare", table, "--sequence", "seq", "--target", "log2fc"]
    args += QUICK
    status, out, _ = run(*args)
    assert status == 0
    assert out.splitlines()[-1] == (
        "Not compared, being for targets from 0 to 1 only: fractional_logistic, "
        "network_logistic."
    )
    models = set(cells(out)[0].index)
    others = {n for n in MODELS if MODELS[n].target != "probability"}
    assert models == {*others, "constant"} - {"prior", "network_prior"}
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


@pytest.mark.parametrize("epoch", [1, 3])  # while compiling, and in a fit
def test_an_interrupted_network_is_not_scored(run, table, interrupt_epoch, epoch):
    interrupt_epoch(epoch)
    args = ["--model", "network", *QUICK, "-o", "scores.csv"]
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


def test_ctrl_c_stops_the_workers_too(tmp_path):
    command = ["compare", "--model", "network_windows", "--cv", "30", "--jobs", "2"]
    child = subprocess.Popen(
        [*SUBPROCESS, *command, "-o", "scores.csv"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=expect_signals,
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


@pytest.mark.parametrize(
    ("many", "settings"),
    [
        (2_000, catalogue.MANY_GUIDES_SETTINGS),
        (2_001, catalogue.ACCURATE_SETTINGS),
    ],
)
def test_the_windows_follow_from_the_number_of_guides(monkeypatch, many, settings):
    screen = simulate_screen({}, seed=0)
    assert len(screen.target) == 2_000
    monkeypatch.setattr(catalogue, "_MANY_GUIDES", many)
    model = model_for("network_windows", screen, unknown="error", align=None, seed=0)
    assert settings.items() <= model[-1].get_params().items()
