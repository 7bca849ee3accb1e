"""Judging predictions by the probability that guides are active."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.metrics import spearman_score
from sgrna_estimator.mixtures.activity import ActivityScorer, fit_to_all


class Remembered:
    """Predicts what a table says of the guides it is given."""

    def __init__(self, predictions):
        self.predictions = predictions

    def predict(self, X):
        return self.predictions[X.index].to_numpy()


@pytest.fixture
def screen(small_screen):
    return small_screen.data.set_index("seq", drop=False)


def test_each_screen_has_a_mixture_of_all_its_guides(screen):
    log2fc = screen["log2fc"].to_numpy()
    labels = np.repeat(["a", "b"], 120)
    fitted = fit_to_all(log2fc, screen["gene"], labels)
    for label in "ab":
        mine = labels == label
        genes = screen["gene"][mine]
        mixture = GuideEffectMixture().fit(log2fc[mine], groups=genes)
        expected = mixture.predict_proba(log2fc[mine], groups=genes)
        assert_array_equal(fitted.probability[mine], expected)


@pytest.mark.parametrize("sign", [1, -1])
def test_guides_are_ranked_in_the_direction_of_their_screen(screen, sign):
    log2fc = sign * screen["log2fc"].to_numpy()
    fitted = fit_to_all(log2fc, screen["gene"])
    scorer = ActivityScorer.from_mixtures(fitted, screen.index)
    some = screen.iloc[10:90]
    predictions = pd.Series(log2fc, screen.index)
    expected = spearman_score(sign * fitted.probability[10:90], log2fc[10:90])
    assert scorer(Remembered(predictions), some, None) == pytest.approx(expected)
    assert expected > 0.3


def test_a_constant_prediction_has_no_score(screen):
    fitted = fit_to_all(screen["log2fc"].to_numpy(), screen["gene"])
    scorer = ActivityScorer.from_mixtures(fitted, screen.index)
    constant = Remembered(pd.Series(0.0, screen.index))
    assert np.isnan(scorer(constant, screen, None))
