"""What a comparison says in sentences."""

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.comparison.scores import MetricScores
from sgrna_estimator.comparison.verdict import _on_ranking
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
    ranking, lead, too, among_all, *_, better, scope = result.verdict()
    assert "ranks guides within genes best (Spearman 0." in ranking
    assert " cannot be told apart from it: difference 0." in lead
    assert too.startswith("Better than chance too: ")
    assert "ranks guides best (Spearman 0." in among_all
    assert better.startswith("In squared error better than a constant (")
    assert "ridge (" in better
    assert scope == (
        "The scores estimate models trained on about 80 % of these guides, on new genes "
        "of this screen; other screens are not covered."
    )


def test_many_models_are_counted(screen):
    X, y, genes = screen
    models = {f"ridge{n}": on_sequences(Ridge(1 + n / 1000)) for n in range(5)}
    result = compare_estimators(models, X, y, groups=genes, repeats=1, random_state=0)
    ranking, lead, too, *_ = result.verdict()
    best, second, *_ = result.summary(result.primary)["estimator"]
    assert ranking.startswith(f"{best} ranks guides within genes best")
    assert lead.startswith(
        f"4 others cannot be told apart from it; the next is {second} (difference "
    )
    assert too.startswith(f"Better than chance too: {second} (")
    assert too.endswith(" and 3 others.")


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
    assert "In squared error no model is shown to be better than a constant" in text
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
    assert "In squared error better than a constant (1.0" in text
    assert "It overfits in squared error, worse than a constant: off (" in text
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


def test_an_interval_without_zero_that_is_no_difference():
    # Each of many equal models is far from the best of them now and then.
    rng = np.random.default_rng(0)
    splits = [(np.arange(80), np.arange(80, 100))] * 5
    names = [f"model{n}" for n in range(9)]
    values = 0.5 + rng.normal(scale=0.002, size=(9, 5))
    values[0] += 0.02
    values[1] = values[0] - 0.001 * np.array([0.5, 1.5, 1.2, 0.8, 1.9])
    text = " ".join(_on_ranking(MetricScores("spearman", names, values, splits), ""))
    assert (
        "model1 cannot be told apart from it: difference 0.001, 95 % interval" in text
    )
    assert "0.002, too little among 36 pairs." in text
