"""What a comparison says in sentences."""

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sgrna_estimator.comparison.compare import compare_estimators
from tests.comparison.models import AlwaysTen, on_sequences


def test_verdict_on_a_screen_with_signal(screen):
    X, y, genes = screen
    result = compare_estimators(
        {
            "ridge": on_sequences(Ridge()),
            "twin": on_sequences(Ridge(1.01)),
        },
        X,
        y,
        groups=genes,
        random_state=0,
    )
    better, ranking, lead, too, *_ = result.verdict()
    assert better.startswith("Better than a constant (squared error ")
    assert "ridge (" in better
    assert "ranks guides best (Spearman 0." in ranking
    assert too.startswith("Better than chance too: ")
    assert "within noise" in lead


def test_verdict_on_noise(features):
    X, _, groups = features
    y = np.random.default_rng(5).normal(size=100)
    result = compare_estimators(
        {"ridge": Ridge(), "none": Lasso(1e6)},
        *(X, y),
        groups=groups,
        repeats=1,
        random_state=0,
    )
    text = " ".join(result.verdict())
    assert "No model is shown to predict better than a constant" in text
    assert "No model is shown to rank guides better than chance" in text
    assert "No model is shown to rank guides within genes" in text
    assert "unless all splits are so: none (on 5 of 5 splits)." in text
    assert (
        "No signal detected within genes; with these guides a correlation below" in text
    )


def test_verdict_on_a_clear_winner_and_a_clear_loser():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = X[:, 0] + 0.3 * X[:, 1] + 0.01 * rng.normal(size=600)
    second = FunctionTransformer(np.take, kw_args={"indices": [1], "axis": 1})
    result = compare_estimators(
        {
            "ridge": Ridge(),
            "half": make_pipeline(second, Ridge()),
            "off": make_pipeline(FunctionTransformer(np.negative), AlwaysTen()),
        },
        X,
        y,
        random_state=0,
    )
    text = " ".join(result.verdict())
    assert "Better than a constant (squared error 1.0" in text
    assert "Worse than a constant: off (" in text
    assert "ridge ranks guides best (Spearman 1.000" in text
    assert "Its lead over every other is more than noise; the next is half (0." in text


def test_verdict_has_little_to_say_on_little(features):
    X, y, _ = features
    one = compare_estimators(
        {"ridge": Ridge()}, X, y, cv=[(np.arange(50), np.arange(50, 100))]
    )
    assert one.verdict() == [
        "There is one split only: no difference can be told from noise."
    ]
    assert one.summary("mse")["lower"].isna().all()
    alone = compare_estimators({"mean": DummyRegressor()}, X, y)
    assert (
        alone.verdict()[0] == "There is nothing to compare with the constant predictor."
    )
