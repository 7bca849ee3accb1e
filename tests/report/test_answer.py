"""The card that a report begins with."""

import dataclasses

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.report.answer import answer_rows, answer_sentence
from tests.report.pages import additive


@pytest.fixture(scope="module")
def shown(small_screen):
    """A comparison with a signal that nobody could miss."""
    sequences = small_screen.sequences
    return compare_estimators(
        {"ridge": additive()},
        sequences,
        sequences.str.count("[GC]").astype(float),
        groups=small_screen.groups,
        cv=4,
        random_state=0,
    )


def test_the_answer_is_to_the_primary_question(content, shown):
    assert answer_sentence(shown) == (
        "Yes: guides are ranked within genes better than by chance."
    )
    assert not content["result"].has_signal
    assert answer_sentence(content["result"]) == (
        "No: no model is shown to rank guides within genes better than chance."
    )
    scores = shown.scores_.copy()
    scores.loc[scores["metric"] == "within_group_spearman", "value"] *= [
        (-1) ** split
        for split in scores.loc[scores["metric"] == "within_group_spearman", "split"]
    ]
    elsewhere = dataclasses.replace(shown, scores_=scores)
    assert answer_sentence(elsewhere).startswith("Weakly: no model is shown to rank")


def test_what_cannot_be_told_is_not_answered(shown):
    leaky = dataclasses.replace(shown, leaks_={"groups": 3})
    assert "known from training" in answer_sentence(leaky)
    one = dataclasses.replace(shown, splits_=shown.splits_[:1])
    assert "one split cannot be tested" in answer_sentence(one)


def test_a_model_chosen_on_other_folds_is_told_where_it_is_another(content):
    result = content["result"]
    (label, best), (metric, score), *chosen = answer_rows(result)
    assert (label, best) == ("Best model", result.best)
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
        ("Best model", "ridge"),
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
        ("Best model", "median"),
        ("Spearman correlation", "n/a"),
    ]
