"""`compare --covariates`: what they brought."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.storage import read_model
from tests.command_line import COLUMNS, QUICK, assert_refused, cells

RIDGE = ["--model", "ridge"]


@pytest.fixture
def helped(screen):
    """A screen that letters explain in part, and a distance the rest."""
    rng = np.random.default_rng(0)
    distance = rng.normal(size=len(screen))
    gc = screen["seq"].str.count("[GC]")
    y = (gc - gc.mean()) / gc.std() + distance + rng.normal(size=len(screen)) / 10
    screen.assign(y=y, distance=distance).to_csv("screen.csv", index=False)
    return "screen.csv"


def sentences(out):
    return [
        line for line in out.splitlines() if line.startswith("- With the covariate")
    ]


def test_the_difference_to_the_same_model_without_them(run, helped, tmp_path):
    args = ["compare", helped, *COLUMNS, *RIDGE, *QUICK, "--cv", 5]
    status, out, err = run(*args, "--covariates", "distance", "--report", "report.html")
    assert status == 0, err
    (sentence,) = sentences(out)
    score = float(cells(out)[0].loc["ridge", "spearman"])
    assert f"of ridge is {score:.3f}, without it " in sentence
    assert sentence.endswith(", which is a gain.")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert sentence[2:] in page
    # on the same folds, the model without is that of a comparison without
    status, bare, _ = run(*args)
    assert status == 0
    assert sentences(bare) == []
    without = float(cells(bare)[0].loc["ridge", "spearman"])
    assert f", without it {without:.3f}: a difference of " in sentence


def test_nothing_is_said_where_no_model_is_recommended(run, noise):
    args = [*COLUMNS, *RIDGE, *QUICK, "--covariates", "distance2TSS"]
    status, out, _ = run("compare", "screen.csv", *args)
    assert status == 0
    assert out.startswith("No: ")
    assert sentences(out) == []


def test_log2_fold_changes_too(run, screen):
    rng = np.random.default_rng(0)
    active = screen["seq"].str[20].isin(["G", "C"]).to_numpy()
    lfc = rng.normal(scale=0.2, size=len(screen)) - 3.0 * active
    distance = rng.normal(size=len(screen))
    screen.assign(lfc=lfc, distance=distance).to_csv("screen.csv", index=False)
    args = ["--sequence", "seq", "--score", "lfc", *RIDGE, *QUICK, "--cv", 5]
    status, out, err = run("compare", "screen.csv", *args, "--covariates", "distance")
    assert status == 0, err
    assert len(sentences(out)) == 1


# Text ---------------------------------------------------------------------------------


@pytest.fixture
def cell_lines(screen):
    """A screen in two cell lines, in one of which all guides do better."""
    rng = np.random.default_rng(0)
    frame = screen.assign(cells=np.resize(["K562", "HEK293", "A375"], len(screen)))
    frame["y"] = 2.0 * (frame["cells"] == "K562") + rng.normal(size=len(screen)) / 10
    frame.to_csv("screen.csv", index=False)
    return frame


def test_text_is_categories_in_every_command(run, cell_lines):
    args = ["screen.csv", *COLUMNS, "--covariates", "cells", "--covariates"]
    args += ["distance2TSS", *RIDGE]
    status, _, err = run("fit", *args, "-o", "model")
    assert status == 0, err
    told = (
        "the covariate 'cells' is text: its categories are 'A375', 'HEK293', 'K562'\n"
    )
    assert told in err
    status, _, err = run("predict", "model", "screen.csv", "-o", "out.csv")
    assert status == 0, err
    predicted = pd.read_csv("out.csv")["prediction"]
    pipeline = make_pipeline(
        ColumnTransformer(
            [
                ("sequence", SequenceOneHotTransformer(), ["seq"]),
                (
                    "cells",
                    make_pipeline(OneHotEncoder(sparse_output=False), StandardScaler()),
                    ["cells"],
                ),
                ("numbers", StandardScaler(), ["distance2TSS"]),
            ]
        ),
        read_model("model").pipeline[-1],
    )
    expected = pipeline.fit(cell_lines, cell_lines["y"]).predict(cell_lines)
    np.testing.assert_allclose(predicted, expected, atol=1e-6)
    status, out, err = run("evaluate", "model", "screen.csv", "--allow-training-guides")
    assert "cells" not in err
    status, out, err = run("compare", *args, *QUICK)
    assert status == 0, err
    assert told in err
    assert sentences(out)[0].startswith(
        "- With the covariates cells and distance2TSS, "
    )


def test_a_category_that_training_had_not_is_refused(run, cell_lines):
    args = ["screen.csv", *COLUMNS, "--covariates", "cells", *RIDGE, "--cv", 0]
    assert run("fit", *args, "-o", "model")[0] == 0
    cells = cell_lines["cells"].where(cell_lines.index != 4, "U2OS")
    cell_lines.assign(cells=cells).to_csv("new.csv", index=False)
    problem = (
        "the covariate in column 'cells' must be one of the categories of training, "
        "'A375', 'HEK293', 'K562', but it is 'U2OS'"
    )
    predict = ["predict", "model", "new.csv", "-o", "out.csv"]
    assert_refused(run(*predict), f"new.csv, data row 5: {problem}")
    assert_refused(
        run("evaluate", "model", "new.csv"), f"new.csv, data row 5: {problem}"
    )
    assert run(*predict, "--on-error", "report")[0] == 0
    rejected = pd.read_csv("out.csv.rejected.tsv", sep="\t")
    assert rejected[["row", "reason"]].to_numpy().tolist() == [[5, problem]]
    assert len(pd.read_csv("out.csv")) == len(cell_lines) - 1
