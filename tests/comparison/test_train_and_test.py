"""Estimators fitted to one screen and judged on another."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.comparison.evaluation import evaluate_predictions
from sgrna_estimator.comparison.train_and_test import train_and_test


@pytest.fixture
def guides(small_screen):
    return small_screen.sequences, small_screen.target.to_numpy(), small_screen.groups


def models():
    encoder = SequenceOneHotTransformer(drop_constant=False)
    return {alpha: make_pipeline(encoder, Ridge(alpha)) for alpha in (1.0, 30.0)}


def named():
    return {f"ridge{alpha:g}": each for alpha, each in models().items()}


@pytest.mark.parametrize("grouped", [False, True])
def test_scores_are_those_of_one_fit(guides, grouped):
    sequences, y, genes = guides
    is_test = np.arange(240) >= 160
    groups = genes if grouped else None
    found = train_and_test(
        named(), sequences, y, is_test, groups=groups, random_state=0
    )
    assert (found.n_train, found.n_test, found.n_known) == (160, 80, 0)
    assert found.primary == ("within_group_spearman" if grouped else "spearman")
    shared = set(genes[160:]) & set(genes[:160])
    expected = (genes[160:].nunique(), len(shared)) if grouped else (0, 0)
    assert (found.n_genes, found.n_known_genes) == expected
    predicted = models()[30.0].fit(sequences[:160], y[:160]).predict(sequences[160:])
    assert_allclose(found.predictions["ridge30"], predicted)
    assert found.predictions.index.tolist() == list(range(160, 240))
    by_hand = evaluate_predictions(
        y[160:], predicted, None if not grouped else genes[160:]
    )
    own = found.evaluations["ridge30"]
    assert_allclose(own.scores["value"], by_hand.scores["value"])
    assert own.by_group == by_hand.by_group
    scores = found.scores().set_index(["metric", "estimator"])["value"]
    assert scores["spearman"]["ridge30"] == pytest.approx(
        spearmanr(y[160:], predicted).statistic
    )
    assert np.isnan(scores["spearman"]["constant"])
    best = scores[found.primary].drop("constant").idxmax()
    assert found.scores()["estimator"].unique()[[0, -1]].tolist() == [best, "constant"]


def test_guides_of_training_are_not_tested(guides):
    sequences, y, _ = guides
    texts = sequences.tolist()
    texts[200] = texts[3].lower()
    texts[239] = texts[4]
    found = train_and_test(named(), texts, y, np.arange(240) >= 160)
    assert (found.n_known, found.n_test) == (2, 78)
    tested = [row for row in range(160, 240) if row not in (200, 239)]
    assert found.predictions.index.tolist() == tested


@pytest.mark.parametrize(
    ("n_first", "message"),
    [(0, "no guide to learn from"), (240, "no guide to test on: 0 are")],
)
def test_both_sides_have_guides(guides, n_first, message):
    sequences, y, _ = guides
    with pytest.raises(ValueError, match=message):
        train_and_test(named(), sequences, y, np.arange(240) >= n_first)


def test_known_guides_alone_are_nothing_to_test_on(guides):
    sequences, y, _ = guides
    texts = [*sequences[:200], *sequences[:40]]
    with pytest.raises(ValueError, match="40 are, and all are among those"):
        train_and_test(named(), texts, y, np.arange(240) >= 200)
