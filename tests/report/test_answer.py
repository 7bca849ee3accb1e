"""The card that a report begins with."""

import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.report.answer import answer_rows


def test_a_model_chosen_on_other_folds_is_told_where_it_is_another(content):
    result = content["result"]
    (label, best), (metric, score), *chosen = answer_rows(result)
    assert (label, best) == ("Highest score", result.best)
    assert metric == "Mean Spearman correlation within genes"
    choice = result.score_of_choice()
    mean, lower, upper = (f"{value:.3f}" for value in choice[:3])
    expected = f"{mean} (95 % interval {lower} to {upper})"
    assert expected in {score, *dict(chosen).values()}
    assert bool(chosen) == (score != expected)


def test_without_genes_it_is_the_rank_correlation_of_all_guides():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    result = compare_estimators(
        {"ridge": Ridge(1e-9)}, X, X.sum(axis=1), random_state=0
    )
    assert answer_rows(result)[:2] == [
        ("Model to use", "ridge"),
        ("Spearman correlation", "1.000 (95 % interval 1.000 to 1.000)"),
    ]


def test_a_score_that_is_not_defined_is_told_as_such():
    rng = np.random.default_rng(0)
    median = DummyRegressor(strategy="median")
    result = compare_estimators(
        {"median": median},
        *(rng.normal(size=(20, 2)), rng.normal(size=20)),
        random_state=0,
    )
    assert answer_rows(result) == [
        ("Highest score", "median"),
        ("Spearman correlation", "n/a"),
    ]
