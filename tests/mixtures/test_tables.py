"""Fitted mixtures as tables of guides, of genes and of screens."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.mixtures.screens import fit_mixtures
from sgrna_estimator.mixtures.tables import (
    describe_genes,
    describe_guides,
    describe_null,
    describe_screens,
)
from tests.mixtures.guide_effect_data import simulate


@pytest.fixture(scope="module")
def screens():
    """Two screens of the same genes, the second with half the guides, and controls."""
    y, gene, *_ = simulate(8, 30)
    screen = np.where(np.arange(y.size) % 3 == 0, "B", "A")
    null = np.random.default_rng(0).normal(0, 0.6, 20)
    y, screen = np.append(y, null), np.append(screen, ["A"] * 10 + ["B"] * 10)
    names = pd.Series([f"g{number}" for number in gene] + [None] * 20)
    is_control = np.arange(y.size) >= gene.size
    fitted = fit_mixtures(GuideEffectMixture(), y, names, screen, is_control)
    return fitted, y, names, screen, is_control


def test_guides_have_the_effect_of_their_gene_in_their_screen(screens):
    fitted, _, names, screen, is_control = screens
    table = describe_guides(fitted, names, is_control)
    assert_array_equal(table["mixture_probs"], fitted.probability)
    assert table.loc[is_control, ["gene_effect", "mixing"]].isna().all(axis=None)
    a, b = fitted.mixtures
    for row in (0, 1, 100):
        mixture = b if screen[row] == "B" else a
        gene = list(mixture.groups_).index(names[row])
        assert table["gene_effect"][row] == mixture.gene_effects_[gene]
        assert table["mixing"][row] == mixture.mixing_[gene]


def test_without_genes_all_guides_have_the_same_effect(screens):
    _, y, _, screen, is_control = screens
    fitted = fit_mixtures(GuideEffectMixture(), y, None, screen, is_control)
    table = describe_guides(fitted, None, is_control)
    for name, mixture in zip("AB", fitted.mixtures, strict=True):
        mine = (screen == name) & ~is_control
        assert_array_equal(table["gene_effect"][mine], mixture.gene_effects_[0])


def test_genes_are_listed_for_each_screen(screens):
    fitted = screens[0]
    table = describe_genes(fitted)
    assert_array_equal(table["screen"], ["A"] * 8 + ["B"] * 8)
    assert_array_equal(table["gene"][:8], fitted.mixtures[0].groups_)
    assert_array_equal(
        table["mixing_std_error"][8:], fitted.mixtures[1].mixing_std_errors_
    )


def test_screens_count_guides_that_are_no_controls(screens):
    fitted, _, _, screen, is_control = screens
    table = describe_screens(fitted, is_control)
    assert table["screen"].tolist() == ["A", "B"]
    assert table["guides"].tolist() == [160, 80]
    assert table["genes"].tolist() == [8, 8]
    mine = (screen == "B") & ~is_control
    expected = fitted.probability[mine].sum()
    assert table["expected active"][1] == round(expected)
    assert_allclose(table["mu1"][1], fitted.mixtures[1].mu1_, atol=5e-4)


def test_the_null_is_told_as_it_was_fitted(screens):
    fitted, y, names, _, is_control = screens
    (mixture, _), table = fitted.mixtures, describe_screens(fitted, is_control)
    assert table["null df"][0] == round(mixture.null_dof_, 1)
    assert describe_null(mixture) == (
        f"around {mixture.null_mean_:.3g} with scale {mixture.null_scale_:.3g} "
        f"(t with {mixture.null_dof_:.3g} degrees of freedom)"
    )
    normal = GuideEffectMixture(null="normal")
    normal.fit(y[~is_control], groups=names[~is_control])
    assert describe_null(normal).endswith("(normal)")
