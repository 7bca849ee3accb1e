"""No model is judged on guides that a prior has learnt from."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    GuideLayout,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.comparison.known_guides import known_to_priors

LONG, SHORT = GuideLayout.parse("10+20+3+10"), GuideLayout.parse("4+20+3+3")


def model(layout, unknown="error", **options):
    encoder = SequenceOneHotTransformer(
        unknown=unknown, position_names=layout.position_names(), drop_constant=False
    ).set_output(transform="pandas")
    options = {"max_iter": 2, "random_state": 0} | options
    return make_pipeline(encoder, PositionwiseReLURegressor(**options))


@pytest.fixture(scope="module")
def source(small_screen):
    """A prior of the first 60 guides, cut to 30 letters."""
    short = small_screen.sequences.str[6:36]
    return FrozenEstimator(model(SHORT).fit(short[:60], small_screen.target[:60]))


def test_what_a_prior_has_learnt_from_is_not_tested_on(small_screen, source):
    X, y = small_screen.sequences, small_screen.target
    ridge = make_pipeline(SequenceOneHotTransformer(), Ridge())
    result = compare_estimators(
        {"prior": model(LONG, prior=source), "ridge": ridge},
        *(X, y),
        repeats=1,
        random_state=0,
    )
    assert result.n_known_to_priors_ == 60
    tested = np.concatenate([test for _, test in result.splits_])
    assert sorted(tested) == list(range(60, 240))
    assert sorted(result.predictions_.index) == list(range(60, 240))
    trained = np.concatenate([train for train, _ in result.splits_])
    assert set(trained) == set(range(240))
    assert result.verdict()[0] == (
        "60 guides that a prior has learnt from are in training only: no model is "
        "judged on them."
    )


@pytest.mark.filterwarnings("ignore:the prior is set aside")
def test_a_known_guide_with_an_unread_letter_is_known_too(small_screen, source):
    X, y = small_screen.sequences.copy(), small_screen.target
    X[239] = X[0][:15] + "N" + X[0][16:]  # within the spacer
    prior = {"prior": model(LONG, unknown="zero", prior=source)}
    result = compare_estimators(prior, X, y, repeats=1, random_state=0)
    assert result.n_known_to_priors_ == 61
    assert 239 not in result.predictions_.index


def test_without_a_prior_all_guides_are_tested(small_screen):
    X, y = small_screen.sequences, small_screen.target
    result = compare_estimators(
        {"network": model(LONG)}, X, y, repeats=1, random_state=0
    )
    assert result.n_known_to_priors_ == 0
    assert sum(len(test) for _, test in result.splits_) == 240


def test_a_prior_of_all_guides_cannot_be_judged(small_screen):
    X, y = small_screen.sequences, small_screen.target
    prior = FrozenEstimator(model(LONG).fit(X, y))
    with pytest.raises(ValueError, match=r"all test guides of split 0.*exclude="):
        compare_estimators({"prior": model(LONG, prior=prior)}, X, y)


def test_a_prior_that_does_not_say_what_it_knows_is_warned_of(small_screen):
    X = (
        SequenceOneHotTransformer()
        .set_output(transform="pandas")
        .fit_transform(small_screen.sequences)
    )
    network = PositionwiseReLURegressor(max_iter=1).fit(X, small_screen.target)
    networks = {"bare": PositionwiseReLURegressor(prior=FrozenEstimator(network))}
    # the first position of the spacer is always G, and was dropped
    names = [f"{int(name.split('_')[0]) - 10}_{name[-1]}" for name in X.columns]
    with pytest.warns(UserWarning, match="'bare': which of these guides"):
        known = known_to_priors(networks, X.set_axis(names, axis=1), np.arange(len(X)))
    assert not known.any()
