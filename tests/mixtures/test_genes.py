"""Several screens: their genes, what they share, and guides whose screen is not known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.mixtures.genes import sort_by_gene
from sgrna_estimator.mixtures.labels import learn_labels
from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression
from tests.mixtures.logistic_data import two_screens


def test_screens_have_their_own_scales_and_share_coefficients():
    X, y, gene, screen = two_screens()
    model = MixtureLogisticRegression().fit(X, y, groups=gene, screens=screen)
    assert_array_equal(model.screens_, ["A", "B"])
    assert_allclose(model.null_scale_, [0.8, 1.5], rtol=0.15)
    assert model.mu1_[1] > model.mu1_[0] + 1.5
    assert model.intercept_[1] > model.intercept_[0]
    assert model.coef_.shape == (X.shape[1],)
    assert model.gene_effects_.shape == (16,)  # g6 and g7 are in both
    pairs = list(zip(model.group_screens_, model.groups_, strict=True))
    assert len(set(pairs)) == 16
    assert ("A", "g7") in pairs
    assert ("B", "g7") in pairs
    alone = MixtureLogisticRegression().fit(X[:800], y[:800], groups=gene[:800])
    assert np.corrcoef(model.coef_, alone.coef_)[0, 1] > 0.8
    assert model.coef_std_errors_.mean() < alone.coef_std_errors_.mean()


def test_what_is_not_said_of_the_screen_is_averaged():
    X, y, gene, screen = two_screens()
    model = MixtureLogisticRegression().fit(X, y, groups=gene, screens=screen)
    x = X[:1]

    def predict(group, screen):
        return model.predict(
            x,
            None if group is None else [group],
            None if screen is None else [screen],
        )[0]

    assert predict("g0", None) == predict("g0", "A")  # g0 is in A only
    assert predict("g7", "A") != predict("g7", "B")
    by_screen = [predict(None, name) for name in "AB"]
    assert predict(None, None) == pytest.approx(np.mean(by_screen))
    assert predict("g7", None) == predict(None, None)  # which of the two?
    assert predict("new", "A") == by_screen[0]
    assert predict("new", "unheard of") == predict(None, None)
    # a gene of B has not been seen in A
    assert predict("g13", "A") == by_screen[0]


def test_controls_of_one_screen_leave_the_other_alone():
    X, y, gene, screen = two_screens()
    is_control = np.zeros(1600, dtype=bool)
    is_control[:50] = True
    y[:50] = np.random.default_rng(0).normal(0.2, 0.7, 50)
    model = MixtureLogisticRegression().fit(
        X, y, groups=gene, screens=screen, controls=is_control
    )
    assert model.null_mean_[0] == pytest.approx(y[:50].mean(), abs=0.02)
    assert model.null_scale_[1] == pytest.approx(1.5, rel=0.15)


@pytest.mark.parametrize(
    ("controls", "weight", "message"),
    [
        (np.arange(8) < 4, None, "guides of screen A are all negative controls"),
        (None, np.arange(8) // 4, "guides of screen A are all negative controls or"),
        (np.arange(8) == 0, None, r"controls of screen A must .* have only \[0.0\]"),
    ],
)
def test_screens_without_guides_are_named(controls, weight, message):
    screen = np.repeat(["A", "B"], 4)
    with pytest.raises(ValueError, match=message):
        MixtureLogisticRegression().fit(
            np.eye(8),
            np.arange(8.0),
            screens=screen,
            controls=controls,
            sample_weight=weight,
        )


def test_weights_of_0_and_controls_are_no_guides():
    names = ["a", "b", "a", "c", "b", "a"]
    group = learn_labels(names, 6, "groups")
    screen = learn_labels(["X", "X", "Y", "Y", "Y", "Y"], 6, "screens")
    weight = np.array([1.0, 2.0, 1.0, 0.0, 1.0, 1.0])
    is_control = np.array([False] * 5 + [True])
    guides, rows, genes = sort_by_gene(
        np.arange(6.0), weight, group, screen, is_control
    )
    assert_array_equal(rows, [0, 1, 2, 4])
    assert_array_equal(guides.y, [0, 1, 2, 4])
    assert_array_equal(guides.gene, [0, 1, 2, 3])
    assert_array_equal(genes.screen_of_gene, [0, 0, 1, 1])
    assert_array_equal(genes.groups.values[genes.group_of_gene], ["a", "b", "a", "b"])
    assert_allclose(genes.screen_shares, [0.6, 0.4])


def test_genes_are_found_by_label_and_screen():
    group = learn_labels(["a", "b", "b"], 3, "groups")
    screen = learn_labels(["X", "X", "Y"], 3, "screens")
    _, _, genes = sort_by_gene(
        np.arange(3.0), np.ones(3), group, screen, np.zeros(3, dtype=bool)
    )
    gene, shares = genes.find(["b", "b", "a", "new"], ["X", "Y", "Y", "X"], 4)
    assert_array_equal(gene, [1, 2, -1, -1])
    assert_array_equal(shares, [[1, 0], [0, 1], [0, 1], [1, 0]])
    gene, shares = genes.find(["a", "b"], None, 2)
    assert_array_equal(gene, [0, -1])  # b is in both
    assert_allclose(shares, [[2 / 3, 1 / 3]] * 2)
