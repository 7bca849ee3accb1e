"""Guides that look active on the wrong side of the null."""

import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.stats import norm

from sgrna_estimator.mixtures.guides import Guides
from sgrna_estimator.mixtures.null import null_log_density
from sgrna_estimator.mixtures.wrong_sign import count_wrong_sign, warn_of_wrong_sign
from tests.mixtures.objectives import effect_objective, nothing_known


def test_the_expectation_is_what_the_null_gives():
    # a wide active component, which takes whatever is far from the null for its own
    n_guides = 40_000
    gene = np.repeat(np.arange(40), 1000)
    rng = np.random.default_rng(0)
    y = rng.normal(0, 1, n_guides)
    active = rng.random(n_guides) < 0.4
    y[active] = np.abs(rng.normal(2, 3, active.sum()))  # activity has one sign
    guides = Guides(y, np.ones(n_guides), gene, np.zeros(40, int), 1)
    objective = effect_objective(guides, nothing_known(null_tail=0.0))
    vector = objective.start(0.4, 2.0)
    vector[:5] = [0, 0, np.log(3), 2, np.log(0.1)]
    objective.evaluate(vector)
    count, expected = count_wrong_sign(objective, vector)
    sums = objective.evaluate(vector, move_grid=False).sums
    assert count == np.sum((y < 0) & (sums.active > 0.5))
    assert count > 100
    assert expected == pytest.approx(count, rel=0.15)


@pytest.mark.parametrize("tail", [0.0, 0.2])
def test_the_expectation_is_an_integral_over_the_wrong_side(tail):
    rng = np.random.default_rng(1)
    gene = np.repeat(np.arange(30), 4)
    guides = Guides(
        rng.normal(0.5, 1, 120), rng.uniform(0.5, 2, 120), gene, np.zeros(30, int), 1
    )
    objective = effect_objective(guides, nothing_known(null_tail=tail))
    vector = objective.start(0.4, 2.0)
    vector[:5] = [0.3, np.log(0.4), np.log(3), 2, np.log(0.1)]
    _, expected = count_wrong_sign(objective, vector)
    _, _, cells, sums = objective.evaluate(vector, move_grid=False)
    components = objective.components(vector)
    mean, scale = components.null_mean[0], components.null_scale[0]
    assert (mean, scale) == pytest.approx((0.3, 0.4))

    y = np.linspace(mean - 20 * scale, mean, 20_001)[:, None]
    effect = np.sum(sums.posterior.sum(axis=1) * cells.effect, axis=1)[gene]
    null = (1 - sums.gate) * np.exp(
        null_log_density(y, mean, scale, components.null_tail[0])
    )
    active = sums.gate * norm.pdf(y, effect, components.active_scale[0])
    calls = trapezoid(np.where(active > null, null, 0), y, axis=0)
    # steps of a quarter of the scale, of which some are cut in two
    assert expected == pytest.approx(guides.weight @ calls, rel=0.1)

    known = replace(nothing_known(null_tail=tail), null_mean=np.array([mean]))
    believed = effect_objective(guides, known)
    assert count_wrong_sign(believed, believed.start(0.4, 2.0)) == (0, 0)


def fitted(count, expected, direction="positive"):
    return SimpleNamespace(
        wrong_sign_calls_=count,
        expected_wrong_sign_calls_=expected,
        direction_=direction,
    )


def test_many_more_than_expected_are_told():
    with pytest.warns(UserWarning, match="^40 guides below .* explains 0.5: the noise"):
        warn_of_wrong_sign(fitted(40, 0.5))
    with pytest.warns(UserWarning, match="guides above the null look active"):
        warn_of_wrong_sign(fitted(40, 0.5, "negative"))


def test_five_are_enough_to_be_told():
    with pytest.warns(UserWarning, match="^5 guides"):
        warn_of_wrong_sign(fitted(5, 0.1))


@pytest.mark.parametrize(("count", "expected"), [(4, 0.0), (8, 7.5), (25, 20.0)])
def test_a_few_or_as_many_as_expected_are_not(count, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_wrong_sign(fitted(count, expected))
