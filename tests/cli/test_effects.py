"""`effects`: which base matters where."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sgrna_estimator.inspection.letter_effects import letter_effects
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import SCORE, assert_refused, files


@pytest.fixture
def model(run, table):
    """A ridge model of the probability of being active, in the file ``model``."""
    args = ["--sequence", "seq", *SCORE, "--model", "ridge", "-o", "model"]
    assert run("fit", table, *args)[0] == 0
    return "model"


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.PDF", b"%PDF")],
)
@pytest.mark.parametrize("kind", ["heatmap", "logo"])
def test_effects_are_drawn(run, model, name, begins, kind):
    args = ["--kind", kind, "--layout", "10+20+3+10", "-o", name]
    assert run("effects", model, *args) == (0, "", f"wrote {name}\n")
    assert Path(name).read_bytes().startswith(begins)
    plt.close("all")


def test_effects_are_written(run, model):
    args = ["--layout", "10+20+3+10", "--numbering", "pam", "-o", "effects.tsv.gz"]
    assert run("effects", model, *args) == (0, "", "wrote effects.tsv.gz\n")
    written = pd.read_csv("effects.tsv.gz", sep="\t")
    fitted = read_model(Path(model)).pipeline
    expected = letter_effects(fitted, layout="10+20+3+10", numbering="pam").to_frame()
    assert_allclose(written["effect"], expected["effect"])
    assert written["position"].tolist() == expected["position"].tolist()
    assert written["position"].min() == -30


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-o", "a.jpg"], "a.jpg: must end in .png, .svg, .pdf, .csv"),
        (["-o", "a.csv", "--kind", "logo"], "a.csv: --kind logo is for .png, .svg"),
        (["-o", "a.png", "--layout", "4+20+3+3"], "model: the layout 4+20+3+3 has 30"),
        (["-o", "a.png", "--layout", "4+x"], "model: a layout is written as"),
        (["-o", "a.csv", "--numbering", "pam"], "needs a layout"),
        (["-o", "no/a.png"], "no/a.png: cannot be written"),
    ],
)
def test_effects_that_cannot_be_shown(run, model, args, message):
    assert_refused(run("effects", model, *args), message)
    assert files() == ["model", "screen.tsv"]


def test_effects_of_what_has_none(run, table):
    args = ["--sequence", "seq", *SCORE, "--model", "gradient_boosting", "-o", "model"]
    run("fit", table, *args)
    assert_refused(
        run("effects", "model", "-o", "a.csv"),
        "model: HistGradientBoostingRegressor has no effect of each letter",
    )
    assert_refused(
        run("effects", table, "-o", "a.csv"), "screen.tsv: is not a model file"
    )
    assert files() == ["model", "screen.tsv"]
