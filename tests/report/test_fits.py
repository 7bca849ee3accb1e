"""Which fits a report shows beside a comparison, and what they learn from."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.report.fits import fits_to_show


def models(*names, through_mixture=False):
    return {
        name: make_model(
            name, sequence="seq", through_mixture=through_mixture, random_state=0
        )
        for name in names
    }


@pytest.fixture
def screen(small_screen):
    return small_screen.data[["seq", "gene", "log2fc"]].assign(y=small_screen.target)


@pytest.fixture
def split():
    return np.arange(60, 240), np.arange(60)


def test_the_last_network_and_the_first_linear_model_are_explained(screen, split):
    estimators = models("ridge", "fractional_logistic", "network", "network_logistic")
    fits = fits_to_show(estimators, screen[["seq"]], screen["y"], split=split)
    assert list(fits.effects) == ["network_logistic", "fractional_logistic"]
    assert list(fits.curves) == ["network", "network_logistic"]
    assert fits.mixtures == {}
    expected = estimators["network_logistic"].fit(screen[["seq"]], screen["y"])
    assert_array_equal(
        fits.effects["network_logistic"].predict(screen[["seq"]]),
        expected.predict(screen[["seq"]]),
    )


def test_what_was_compared_stays_unfitted(screen, split):
    estimators = models("ridge", "network")
    fits_to_show(estimators, screen[["seq"]], screen["y"], split=split)
    assert not hasattr(estimators["network"][-1], "loss_curve_")
    assert not hasattr(estimators["ridge"][-1], "coef_")


def test_other_estimators_have_no_further_fit(screen, split):
    estimators = models("gradient_boosting")
    fits = fits_to_show(estimators, screen[["seq"]], screen["y"], split=split)
    assert (fits.effects, fits.curves) == ({}, {})


@pytest.mark.parametrize("given", [True, False])
def test_the_mixture_of_each_screen_comes_with_its_guides(screen, split, given):
    labels = np.repeat(["a", "b"], 120)
    fits = fits_to_show(
        {},
        screen[["seq"]],
        screen["log2fc"],
        split=split,
        groups=screen["gene"],
        screens=labels if given else None,
        through_mixture=True,
    )
    assert list(fits.mixtures) == (["a", "b"] if given else ["the screen"])
    for name, (mixture, log2fc, genes) in fits.mixtures.items():
        mine = screen[labels == name] if given else screen
        assert_array_equal(log2fc, mine["log2fc"])
        assert_array_equal(genes, mine["gene"])
        expected = GuideEffectMixture().fit(mine["log2fc"], groups=mine["gene"])
        assert mixture.mu1_ == expected.mu1_


def test_validation_loss_is_that_of_the_test_guides(screen, split):
    [network] = fits_to_show(
        models("network"), screen[["seq"]], screen["y"], split=split
    ).curves.values()
    train, test = split
    pipeline = models("network")["network"]
    encoded = pipeline[:-1].fit_transform(screen[["seq"]].iloc[train])
    held_out = pipeline[:-1].transform(screen[["seq"]].iloc[test])
    expected = pipeline[-1].fit(
        encoded, screen["y"][train], X_val=held_out, y_val=screen["y"][test]
    )
    assert_allclose(network.validation_loss_curve_, expected.validation_loss_curve_)


def test_learning_curves_of_a_report_see_no_test_guide(screen, split):
    _, test = split
    estimators = models("network", through_mixture=True)
    networks = []
    for values in (screen["log2fc"], 5 - 3 * screen["log2fc"]):
        log2fc = screen["log2fc"].copy()
        log2fc[test] = values[test]
        fits = fits_to_show(
            estimators,
            screen[["seq"]],
            log2fc,
            split=split,
            groups=screen["gene"],
            through_mixture=True,
        )
        networks.append(fits.curves["network"])
    before, after = networks
    assert before.loss_curve_ == after.loss_curve_
    assert before.validation_loss_curve_ != after.validation_loss_curve_


def test_a_network_behind_bounds_learns_shares(screen, split):
    percent = 100 * screen["y"]
    plain = {"bounded": make_model("network_logistic", sequence="seq", random_state=0)}
    bounded = {
        "bounded": make_model(
            "network_logistic", sequence="seq", random_state=0, bounds=(0, 100)
        )
    }
    expected = fits_to_show(plain, screen[["seq"]], screen["y"], split=split)
    found = fits_to_show(bounded, screen[["seq"]], percent, split=split)
    for curve in ("loss_curve_", "validation_loss_curve_"):
        assert_allclose(
            getattr(found.curves["bounded"], curve),
            getattr(expected.curves["bounded"], curve),
            rtol=1e-4,
        )
    assert found.effects["bounded"].bounds_ == (0, 100)
