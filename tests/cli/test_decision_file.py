"""A decision is printed, written, and followed by `fit --model best`."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from sgrna_estimator.cli.decision_file import read_best
from sgrna_estimator.cli.terminal import Stop
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.storage import read_model
from tests.command_line import COLUMNS, QUICK, SUBPROCESS, assert_refused, files

COMPARE = ["compare", "screen.csv", *COLUMNS, "--groups", "gene", *QUICK]
COMPARE += ["--model", "ridge", "--model", "ridge_dinucleotides"]
DECISION = ["--decision", "decision.json"]
FIT = ["fit", "screen.csv", *COLUMNS, "--cv", 0, "-o", "model"]
BEST = ["--model", "best", *DECISION]


@pytest.mark.usefixtures("clear")
def test_fit_follows_what_compare_decided(tmp_path):
    def run(*args):
        return subprocess.run(
            [*SUBPROCESS, *map(str, args)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )

    compared = run(*COMPARE, *DECISION)
    assert compared.returncode == 0, compared.stderr
    headline, why, benefit, following = compared.stdout.splitlines()[:4]
    assert headline == "Yes: guides are ranked within genes better than by chance."
    assert why.startswith("Use ridge (Spearman within genes 0.")
    assert benefit.startswith("Of the four best-scored guides a gene, ")
    assert following == (
        "Next: sgrna-estimator fit screen.csv -o model.sgrna --model best --decision "
        "decision.json --sequence seq --target y --groups gene"
    )
    written = json.loads((tmp_path / "decision.json").read_text("utf-8"))
    assert written["sentences"] == [headline, why, benefit]
    assert (written["answer"], written["model"]) == ("yes", "ridge")
    fitted = run(*shlex.split(following)[2:])
    assert fitted.returncode == 0, fitted.stderr
    assert read_model(tmp_path / "model.sgrna").name == "ridge"


@pytest.mark.usefixtures("noise")
def test_where_no_model_is_recommended_none_is_fitted(run):
    status, out, err = run(*COMPARE, *DECISION)
    assert status == 0, err
    assert out.startswith("No: no model is shown to rank guides within genes better")
    assert "Next: " not in out
    assert json.loads(Path("decision.json").read_text("utf-8"))["score"] is None
    assert_refused(
        run(*FIT, *BEST),
        "decision.json: the comparison recommends no model (No: no model is shown",
        "--model NAME fits one all the same",
    )
    assert files() == ["decision.json", "screen.csv"]


def test_a_decision_is_for_the_guides_that_were_compared(run, clear):
    assert run(*COMPARE, *DECISION)[0] == 0
    clear.sample(frac=1, random_state=0).to_csv("screen.csv", index=False)
    status, _, err = run(*FIT, *BEST)  # the same in another order
    assert status == 0, err
    changed = clear.assign(y=clear["y"].where(clear.index > 0, 99))
    changed.to_csv("screen.csv", index=False)
    assert_refused(run(*FIT, *BEST), "is of a comparison on other guides than those of")


@pytest.mark.usefixtures("clear")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "best"], "--model best and --decision go together"),
        (["--model", "ridge", *DECISION], "--model best and --decision go together"),
        (BEST, "decision.json: No such file"),
        (["--model", "best", "--decision", "screen.csv"], "is not a file that compare"),
    ],
)
def test_decisions_that_cannot_be_followed(run, options, message):
    assert_refused(run(*FIT, *options), message)
    assert files() == ["screen.csv"]


def of_json(**content):
    fields = {"model": "ridge", "headline": "Yes.", "guides": ""} | content
    return json.dumps(fields)


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "[" * 2000,
        of_json(model=["ridge"]),
        of_json(headline={}),
        of_json(model=1),
    ],
)
def test_other_json_is_no_decision(tmp_path, text):
    path = tmp_path / "decision.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(
        Stop, match=r"decision\.json: is not a file that compare --decis"
    ):
        read_best(path, make_guide_screen(n_guides=20, n_genes=2, random_state=0))


@pytest.mark.usefixtures("clear")
def test_a_model_of_another_version_is_named(run):
    assert run(*COMPARE, *DECISION)[0] == 0
    path = Path("decision.json")
    path.write_text(path.read_text("utf-8").replace('"ridge"', '"rigid"'), "utf-8")
    assert_refused(run(*FIT, *BEST), "there is no model 'rigid'; there are ridge, ")


@pytest.mark.usefixtures("clear")
@pytest.mark.parametrize("name", ["decision.txt", "no/decision.json"])
def test_where_no_decision_can_be_written(run, name):
    assert_refused(run(*COMPARE, "--decision", name), name)
    assert files() == ["screen.csv"]
