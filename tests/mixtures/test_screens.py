"""A mixture for each screen: which guides it is fitted to, and what it says of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.mixtures.screens import fit_mixtures
from tests.mixtures.guide_effect_data import simulate


def test_each_guide_is_judged_by_the_mixture_of_its_screen():
    y, gene, *_ = simulate(10, 20)
    screen = np.where(gene % 2, "up", "down")
    values = np.where(screen == "up", y, -y)
    nobody = np.zeros(y.size, dtype=bool)
    fitted = fit_mixtures(GuideEffectMixture(), values, gene, screen, nobody)
    assert_array_equal(fitted.screens, ["down", "up"])
    assert_array_equal(fitted.sign, np.where(screen == "up", 1, -1))
    for name, mixture in zip(fitted.screens, fitted.mixtures, strict=True):
        mine = screen == name
        alone = GuideEffectMixture().fit(values[mine], groups=gene[mine])
        assert_array_equal(mixture.groups_, np.unique(gene[mine]))
        assert_allclose(
            fitted.probability[mine], alone.predict_proba(values[mine], gene[mine])
        )


def test_controls_are_of_no_gene():
    y, gene, *_ = simulate(10, 20)
    null = np.random.default_rng(1).normal(0, 0.5, 40)
    values, genes = np.append(y, null), np.append(gene, np.zeros(40, dtype=int))
    is_control = np.arange(values.size) >= y.size
    fitted = fit_mixtures(GuideEffectMixture(), values, genes, None, is_control)
    (mixture,) = fitted.mixtures
    assert mixture.null_mean_ == pytest.approx(null.mean(), abs=0.02)
    assert_allclose(fitted.probability[is_control], mixture.predict_proba(null))


def test_a_screen_at_fault_is_named():
    values = np.array([0.0, 1.0, 2.0, 3.0, 3.0])
    screen = ["A", "A", "A", "B", "B"]
    nobody = np.zeros(5, dtype=bool)
    with pytest.raises(ValueError, match=r"^screen B: guides .* at least 2 different"):
        fit_mixtures(GuideEffectMixture(), values, None, screen, nobody)
