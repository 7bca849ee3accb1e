"""``--bounds``: what is measured in %, learnt and predicted within its bounds."""

import shlex
import subprocess
from dataclasses import replace
from inspect import signature
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sgrna_estimator.cli.fit import fit
from sgrna_estimator.cli.next_commands import commands_to_use_it
from sgrna_estimator.cli.screen import find_doubts
from sgrna_estimator.comparison.decision import Decision
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.storage import read_model
from tests.cli.test_design import environment, write_fasta
from tests.command_line import (
    COLUMNS,
    QUICK,
    SCORE,
    SUBPROCESS,
    assert_refused,
    cells,
    change,
    files,
)
from tests.design.designs import random_sequences
from tests.report.pages import Page

PERCENT = ["--bounds", 0, 100]
NETWORK = ["--model", "network", "--networks", 2, "--cv", 2]


@pytest.fixture
def percent(run, screen):
    """The screen in %, as ``percent.csv``, some guides at the bounds themselves.

    It is written where `run` runs commands.
    """
    y = (100 * screen["y"]).where(screen["y"].rank() > 20, 0.0)
    y = y.where(screen["y"].rank() < 200, 100.0)
    table = screen.assign(y=y)
    table.to_csv("percent.csv", index=False)
    return table


def test_commands_one_after_the_other(tmp_path):
    """As users run them: fit, predict, evaluate, design and effects."""
    screen = make_guide_screen(
        200, 10, upstream_length=4, downstream_length=3, random_state=0
    ).data
    screen["indel"] = 100.0 * (screen["activity"] > screen["activity"].median())
    screen[:150].to_csv(tmp_path / "screen.csv", index=False)
    screen[150:].to_csv(tmp_path / "new.csv", index=False)
    write_fasta(tmp_path / "genes.fa", random_sequences(2, 400))

    def run(*args):
        done = subprocess.run(
            [*SUBPROCESS, *map(str, args)],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done

    columns = ["--sequence", "seq", "--target", "indel", "--layout", "4+20+NGG+3"]
    run("fit", "screen.csv", *columns, *PERCENT, *NETWORK, "-o", "model")
    run("predict", "model", "new.csv", "-o", "predicted.csv")
    predicted = pd.read_csv(tmp_path / "predicted.csv")
    names = ["prediction", "lower", "upper"]
    assert predicted[names].to_numpy().min() >= 0
    assert predicted[names].to_numpy().max() <= 100
    assert predicted["prediction"].std() > 5
    # measurements are all at the bounds, and so are most intervals
    assert (predicted["lower"] == 0).any()
    assert (predicted["upper"] == 100).any()
    fitted = read_model(tmp_path / "model")
    assert fitted.bounds == (0.0, 100.0)
    assert_allclose(
        predicted["prediction"],
        fitted.pipeline.predict(screen[["seq"]][150:]),
        atol=1e-3,
    )
    scored = run("evaluate", "model", "new.csv").stdout
    mse = np.mean((predicted["prediction"] - predicted["indel"]) ** 2)
    assert f"{mse:.4g}"[:3] in scored
    run("design", "model", "genes.fa", "--all", "-o", "guides.tsv")
    guides = pd.read_csv(tmp_path / "guides.tsv", sep="\t")
    score = guides["On-Target Efficacy Score"]
    contexts = guides[["sgRNA Context Sequence"]].set_axis(["seq"], axis="columns")
    assert_allclose(score, fitted.pipeline.predict(contexts), atol=1e-3)
    assert score.max() > 60
    assert guides["lower"].min() >= 0
    assert guides["upper"].max() <= 100
    run("effects", "model", "-o", "effects.csv")


def test_models_are_compared_in_the_unit_of_the_table(run, percent):
    args = ["percent.csv", *COLUMNS, *PERCENT, *QUICK]
    models = ["ridge", "fractional_logistic", "network_logistic"]
    chosen = [part for name in models for part in ("--model", name)]
    status, out, err = run("compare", *args, *chosen, "--predictions", "p.csv")
    assert status == 0, err
    shown = cells(out)[0]["mse"].astype(float)
    assert set(shown.index) == {*models, "constant"}
    assert shown["constant"] > 200
    predicted = pd.read_csv("p.csv")
    errors = (predicted[models].sub(predicted["y"], axis=0) ** 2).mean()
    assert_allclose(shown[models], errors, rtol=0.01)
    within = predicted[["fractional_logistic", "network_logistic"]]
    assert within.to_numpy().min() >= 0
    assert within.to_numpy().max() <= 100
    assert "--bounds" not in err


@pytest.mark.usefixtures("percent")
def test_one_network_of_two_that_are_the_same_is_compared(run):
    args = ["percent.csv", *COLUMNS, *PERCENT, *QUICK, "--groups", "gene"]
    status, out, _ = run("compare", *args)
    assert status == 0
    compared = set(cells(out)[0].index)
    assert {"network_logistic", "network_windows", "ridge"} <= compared
    assert "network" not in compared


def test_bounds_scale_with_the_target(run, percent):
    moved = percent.assign(y=percent["y"] / 50 - 1)
    moved.to_csv("moved.csv", index=False)
    predictions = []
    for table, bounds in (("percent.csv", (0, 100)), ("moved.csv", (-1, 1))):
        args = [*COLUMNS, "--bounds", *bounds, *NETWORK, "-o", "model"]
        status, _, err = run("fit", table, *args)
        assert status == 0, err
        assert "--bounds" not in err
        assert run("predict", "model", table, "-o", "p.csv")[0] == 0
        predictions.append(pd.read_csv("p.csv")[["prediction", "lower", "upper"]])
    assert_allclose(predictions[1], predictions[0] / 50 - 1, atol=1e-3)


@pytest.mark.usefixtures("percent")
def test_bounds_go_with_a_prior(run):
    long = ["--layout", "10+20+3+10"]
    args = ["percent.csv", "--sequence", "seq", *long]
    # learnt from log2 fold changes, which have no bounds
    options = ["--target", "log2fc", *NETWORK, "-o", "prior"]
    assert run("fit", *args, *options)[0] == 0
    short = ["--networks", 1, "--cv", 0]
    options = ["--target", "y", "--prior", "prior", *PERCENT, *short]
    status, _, err = run("fit", *args, *options, "-o", "model")
    assert status == 0, err
    fitted = read_model(Path("model"))
    assert fitted.bounds == (0.0, 100.0)
    assert (fitted.pipeline.regressor_[-1].prior_scale_ > 0).all()
    # and what has bounds is a prior itself
    options = ["--target", "log2fc", "--prior", "model", *short, "-o", "again"]
    assert run("fit", *args, *options)[0] == 0


@pytest.mark.usefixtures("percent")
def test_a_report_of_a_target_with_bounds(run):
    args = ["percent.csv", *COLUMNS, *PERCENT, *QUICK, "--report", "r.html"]
    status, _, err = run("compare", *args, "--model", "network_logistic")
    assert status == 0, err
    page = Page(Path("r.html").read_text(encoding="utf-8"))
    assert any("network_logistic" in text for text in page.texts("td", "th"))


def test_the_next_commands_of_a_report_have_the_bounds():
    given = dict.fromkeys(signature(fit).parameters)
    given |= {"tables": ["s.csv"], "bounds": (-0.25, 100.0), "networks": 1}

    def first_for(model):
        decision = Decision("yes", "Yes.", model, "", "spearman")
        return shlex.split(commands_to_use_it(decision, given)[0])

    first = first_for("network_windows")
    start = first.index("--bounds")
    assert first[start : start + 3] == ["--bounds", "-0.25", "100"]
    # which would be refused
    assert "--bounds" not in first_for("ridge")


@pytest.mark.parametrize("command", ["fit", "compare"])
def test_a_measurement_beyond_the_bounds(run, percent, command):
    change(percent, [3, 9], "y", 104.5).to_csv("percent.csv", index=False)
    result = run(command, "percent.csv", *COLUMNS, *PERCENT, "-o", "output.csv")
    assert_refused(
        result,
        "percent.csv, data rows 4, 10: the target in column 'y' must be from 0 to 100 "
        "(--bounds), but it is 104.5",
    )
    assert files() == ["percent.csv"]


@pytest.mark.parametrize("command", ["fit", "compare"])
@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (
            (100, 0),
            "--bounds must be two finite numbers, the lower first, such as 0 and",
        ),
        ((1, 1), "got 1.0 and 1.0"),
        ((0, "nan"), "got 0.0 and nan"),
        (("-inf", 1), "got -inf and 1.0"),
        ((0, "high"), "Invalid value for '--bounds'"),
    ],
)
@pytest.mark.usefixtures("percent")
def test_what_are_no_bounds(run, command, bounds, message):
    args = ["percent.csv", *COLUMNS, "--bounds", *bounds, "-o", "output.csv"]
    assert_refused(run(command, *args), message)
    assert files() == ["percent.csv"]


@pytest.mark.usefixtures("percent")
def test_what_has_no_bounds(run):
    args = ["percent.csv", *COLUMNS, *PERCENT, "-o", "model", "--model", "ridge"]
    assert_refused(run("fit", *args), "ridge has no logistic output", "network_windows")
    for command in ("fit", "compare"):
        args = ["percent.csv", "--sequence", "seq", *SCORE, *PERCENT, "-o", "m.csv"]
        assert_refused(run(command, *args), "--bounds is for --target: log2 fold")
    assert files() == ["percent.csv"]


def test_measurements_of_another_unit_are_doubted(run, percent):
    args = [*COLUMNS, *PERCENT, *NETWORK, "-o", "model"]
    assert run("fit", "percent.csv", *args)[0] == 0
    change(percent, [4], "y", 1000).to_csv("other.csv", index=False)
    said = "bounds 0 and 100 that the model was fitted with"
    status, _, err = run("evaluate", "model", "other.csv")
    assert status == 0, err
    assert f"other.csv, data row 5: measurements in 'y' are beyond the {said} (f" in err
    assert said not in run("evaluate", "model", "percent.csv")[2]


# Where bounds are offered --------------------------------------------------------------


def offers(table):
    doubts = find_doubts(table, offer_bounds=True)
    return [each for each in doubts if "--bounds" in each]


@pytest.mark.parametrize(
    ("low", "high", "offered"),
    [
        (
            0,
            100,
            "'y' is from 0 to 100: if it cannot be beyond 0 and 100, --bounds 0 100",
        ),
        (0.5, 95, "'y' is from 0.5 to 95: if it cannot be beyond 0 and 100"),
        (0.02, 0.97, "'y' is from 0.02 to 0.97: if it cannot be beyond 0 and 1, --bou"),
        (0, 60, None),
        (0, 100.5, None),
        (-0.1, 99, None),
        (0.3, 1, None),
        (5, 11, None),
    ],
)
def test_bounds_are_offered_where_a_target_fills_them(small_screen, low, high, offered):
    y = pd.Series(np.linspace(low, high, len(small_screen)), name="y")
    found = offers(replace(small_screen, target=y))
    assert len(found) == (offered is not None)
    if offered is not None:
        assert found[0].startswith(offered)
        assert found[0].endswith(" keeps predictions within")
    # and log2 fold changes have none, whatever they look like
    assert not offers(replace(small_screen, target=y, is_log2fc=True))


@pytest.mark.parametrize(
    ("options", "offered"),
    [
        (["--model", "ridge", "--model", "network"], True),
        (["--model", "network", "--bounds", 0, 1], False),
        # which have no logistic output, or have it already
        (["--model", "ridge", "--model", "network_logistic"], False),
    ],
)
@pytest.mark.usefixtures("table")
def test_a_comparison_offers_bounds_to_models_that_gain_by_them(run, options, offered):
    said = (
        "'y' is from 0.00358 to 1: if it cannot be beyond 0 and 1, --bounds 0 1 keeps"
    )
    status, _, err = run("compare", "screen.tsv", *COLUMNS, *QUICK, *options)
    assert status == 0, err
    assert (said in err) is offered
    assert "--bounds" not in err.replace(said, "")


@pytest.mark.parametrize(("name", "offered"), [("network", True), ("ridge", False)])
@pytest.mark.usefixtures("table")
def test_a_fit_offers_bounds_likewise(run, name, offered):
    args = ["screen.tsv", *COLUMNS, "--model", name, "--networks", 1, "--cv", 0]
    status, _, err = run("fit", *args, "-o", "model")
    assert status == 0, err
    assert ("--bounds 0 1 keeps" in err) is offered


def test_a_simulated_screen_is_offered_none(run):
    assert "--bounds" not in run("compare", *QUICK, "--model", "network")[2]


def test_bounds_are_offered_of_published_tables(
    kim2019, doench2016, crispron2021, haeussler2016
):
    def offer(table):
        return [each.split("--bounds ")[1].split(" keeps")[0] for each in offers(table)]

    assert offer(crispron2021) == ["0 100"]
    assert offer(doench2016) == ["0 1"]
    assert offer(haeussler2016["doench2014-Hs"]) == ["0 1"]
    # the background is subtracted: some are below 0
    assert offer(kim2019) == []
    # indels of at most 12 %, and log2 fold changes
    assert offer(haeussler2016["chari2015Train293T"]) == []
    assert offer(haeussler2016["xu2015TrainHl60"]) == []
