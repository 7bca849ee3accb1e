"""Folds that choose a penalty where genes are few."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.model_selection import GroupKFold, KFold

from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.baselines.gene_folds import GeneFolds

X = np.zeros((12, 1))


def assert_same_folds(folds, expected):
    for ours, theirs in zip(folds, expected, strict=True):
        assert_array_equal(ours[0], theirs[0])
        assert_array_equal(ours[1], theirs[1])


@pytest.mark.parametrize(("n_genes", "n_folds"), [(2, 2), (3, 3), (6, 3)])
def test_folds_are_those_of_as_many_groups(n_genes, n_folds):
    genes = np.arange(12) % n_genes
    assert GeneFolds(3).get_n_splits(X, None, genes) == n_folds
    expected = GroupKFold(n_folds).split(X, None, genes)
    assert_same_folds(GeneFolds(3).split(X, None, genes), expected)


def test_guides_of_a_single_gene_are_split_among_themselves():
    gene = np.repeat("Esrrb", 12)
    assert GeneFolds(3).get_n_splits(X, None, gene) == 3
    assert_same_folds(GeneFolds(3).split(X, None, gene), KFold(3).split(X))


def test_genes_must_be_given():
    with pytest.raises(ValueError, match="groups"):
        next(GeneFolds(3).split(X))
    assert GeneFolds(3).get_n_splits() == 3


@pytest.mark.parametrize("name", ["ridge", "ridge_dinucleotides", "lasso"])
def test_models_are_fitted_to_two_genes(name, small_screen):
    rows = small_screen.groups.isin(["gene01", "gene02"])
    assert rows.sum() == 40
    table = small_screen.sequences[rows].to_frame("seq")
    model = make_model(name, sequence="seq", by_gene=True, random_state=0)
    with config_context(enable_metadata_routing=True):
        genes = small_screen.groups[rows]
        model.fit(table, small_screen.target[rows], groups=genes)
    assert np.isfinite(model.predict(table)).all()
