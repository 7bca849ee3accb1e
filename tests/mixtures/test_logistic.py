"""MixtureLogisticRegression: on known truth and on real screens."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.stats import spearmanr
from sklearn.preprocessing import OneHotEncoder

from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression
from sgrna_estimator.mixtures.null import fit_null
from tests.mixtures.logistic_data import simulate, within_positions

# ---- known truth ---------------------------------------------------------------------


def test_recovers_the_coefficients_and_their_uncertainty():
    correlations, inside = [], []
    for seed in range(4):
        X, y, gene, _, coef, *_ = simulate(2000, 40, 10, 0.7, seed=seed)
        model = MixtureLogisticRegression(C=0.49).fit(X, y, groups=gene)
        centre = within_positions(40)
        error = centre @ (model.coef_ - coef)
        standard_error = np.sqrt(np.diag(centre @ model.coef_covariance_ @ centre))
        correlations.append(np.corrcoef(centre @ model.coef_, centre @ coef)[0, 1])
        inside.append(np.abs(error) < 1.96 * standard_error)
    assert min(correlations) > 0.9
    assert 0.9 <= np.mean(inside) <= 0.98


def test_recovers_everything_else():
    X, y, gene, active, _, effect, probability = simulate(3000, 30, seed=1)
    model = MixtureLogisticRegression().fit(X, y, groups=gene)
    assert model.null_mean_ == pytest.approx(0, abs=0.05)
    assert model.null_scale_ == pytest.approx(0.8, abs=0.05)
    assert model.active_scale_ == pytest.approx(1.0, abs=0.1)
    assert model.mu1_ == pytest.approx(3.0, abs=0.3)
    assert 0.2 < model.gene_intercept_scale_ < 1.0
    z = (model.gene_effects_ - effect) / model.gene_effect_std_errors_
    assert np.mean(np.abs(z) < 1.96) >= 0.85
    assert np.corrcoef(model.predict_proba(X, gene), probability)[0, 1] > 0.97
    assert np.mean((model.posterior(X, y, gene) > 0.5) == active) > 0.94


def test_learns_nothing_from_noise():
    correlations = []
    for seed in range(20):
        X, y, gene, *_ = simulate(400, 10, coef_sd=0.0, seed=seed)
        half = np.arange(400) < 200
        model = MixtureLogisticRegression(C=0.1, standard_errors=False)
        model.fit(X[half], y[half], groups=gene[half])
        correlations.append(spearmanr(model.predict(X[~half]), y[~half]).statistic)
    standard_error = np.std(correlations, ddof=1) / np.sqrt(20)
    assert abs(np.mean(correlations)) < 2 * standard_error


def test_the_prediction_is_the_expected_log2_fold_change():
    X, y, gene, *_ = simulate(4000, 20, seed=2)
    train = np.arange(4000) < 2000
    model = MixtureLogisticRegression().fit(X[train], y[train], groups=gene[train])
    expected = model.predict(X[~train], gene[~train])
    for low in np.quantile(expected, [0, 0.25, 0.5, 0.75]):
        mine = (expected >= low) & (expected <= low + 0.5)
        error = y[~train][mine] - expected[mine]
        assert abs(error.mean()) < 4 * error.std() / np.sqrt(mine.sum())


def test_genes_matter_when_they_are_known():
    X, y, gene, *_ = simulate(2000, 10, sigma_g=2.0, mu1=5.0, seed=3)
    model = MixtureLogisticRegression().fit(X, y, groups=gene)
    with_genes = np.corrcoef(model.predict(X, gene), y)[0, 1]
    assert with_genes > np.corrcoef(model.predict(X), y)[0, 1] + 0.02
    assert_array_equal(model.predict(X, np.full(2000, 99)), model.predict(X))


def test_the_target_of_a_guide_is_not_used_to_predict_it():
    X, y, gene, *_ = simulate(seed=4)
    model = MixtureLogisticRegression().fit(X, y, groups=gene)
    twins = np.vstack([X[:1], X[:1]])
    assert np.ptp(model.predict(twins, [0, 0])) == 0
    found = model.posterior(twins, [-3.0, 5.0], [0, 0])
    assert found[0] < 0.01
    assert found[1] > 0.99


# ---- penalties -----------------------------------------------------------------------


def test_l1_leaves_out_what_does_not_matter():
    rng = np.random.default_rng(5)
    X, y, gene, *_ = simulate(1500, 20, n_positions=1, coef_sd=1.5, seed=5)
    X = np.hstack([X[:, :2], rng.normal(size=(1500, 10))])
    model = MixtureLogisticRegression(C=0.02, penalty="l1").fit(X, y, groups=gene)
    zero = model.coef_ == 0
    assert zero[2:].sum() >= 7
    assert not zero[:2].all()
    assert_array_equal(np.isnan(model.coef_std_errors_), zero)
    assert np.isnan(model.coef_covariance_[zero]).all()


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_the_penalty_is_that_of_logistic_regression(penalty):
    X, y, gene, *_ = simulate(seed=6)
    weak, strong = (
        MixtureLogisticRegression(C=C, penalty=penalty).fit(X, y, groups=gene)
        for C in (1.0, 0.01)
    )
    norm_of = {"l1": lambda b: np.abs(b).sum(), "l2": lambda b: (b**2).sum()}[penalty]
    assert norm_of(strong.coef_) < norm_of(weak.coef_)
    assert not np.allclose(strong.coef_, weak.coef_)
    # a feature in other units has a coefficient in others, and a prior in others
    doubled = MixtureLogisticRegression(
        C=1.0 * {"l1": 2, "l2": 4}[penalty], penalty=penalty
    ).fit(X / 2, y, groups=gene)
    assert_allclose(doubled.coef_, 2 * weak.coef_, atol=2e-3)


def test_no_penalty_needs_coefficients_that_mean_something():
    X, y, gene, *_ = simulate(1500, 20, seed=7)
    one_hot = MixtureLogisticRegression(penalty=None).fit(X, y, groups=gene)
    assert np.isnan(one_hot.coef_std_errors_).all()
    assert np.isfinite(one_hot.gene_effect_std_errors_).all()
    without_first = np.delete(X, np.arange(0, 20, 4), axis=1)
    other = MixtureLogisticRegression(penalty=None).fit(without_first, y, groups=gene)
    assert np.isfinite(other.coef_std_errors_).all()
    assert_allclose(
        other.predict_proba(without_first), one_hot.predict_proba(X), atol=0.01
    )


def test_a_constant_column_has_no_effect():
    X, y, gene, *_ = simulate(seed=8)
    X[:, 3] = 0.0
    model = MixtureLogisticRegression().fit(X, y, groups=gene)
    assert model.coef_[3] == 0


# ---- symmetries and guards -----------------------------------------------------------


@settings(max_examples=6)
@given(st.integers(0, 1000))
def test_a_flip_of_the_sign_flips_the_answer(seed):
    X, y, gene, *_ = simulate(200, 5, 2, seed=seed)
    up = MixtureLogisticRegression(direction="positive").fit(X, y, groups=gene)
    down = MixtureLogisticRegression(direction="negative").fit(X, -y, groups=gene)
    assert (up.direction_, down.direction_) == ("positive", "negative")
    assert_allclose(down.coef_, up.coef_, rtol=1e-9)
    assert_allclose(down.gene_effects_, -up.gene_effects_, rtol=1e-9)
    assert_allclose(down.predict(X, gene), -up.predict(X, gene), rtol=1e-9)
    assert_allclose(
        down.posterior(X, -y, gene), up.posterior(X, y, gene), rtol=1e-9, atol=1e-15
    )


def test_the_direction_is_found():
    X, y, gene, *_ = simulate(seed=9)
    assert MixtureLogisticRegression().fit(X, -y, groups=gene).direction_ == "negative"


@pytest.mark.filterwarnings("ignore:.*look active")
@settings(max_examples=8)
@given(
    st.integers(0, 1000),
    st.sampled_from(["l2", "l1", None]),
    st.sampled_from([0.0, 50.0, 1e6]),
)
def test_any_screen_gives_a_finite_fit_that_never_got_worse(seed, penalty, outlier):
    X, y, gene, *_ = simulate(80, 6, 2, seed=seed)
    y[3] += outlier
    gene[gene == 5] = np.arange((gene == 5).sum()) + 5  # genes of one guide
    model = MixtureLogisticRegression(penalty=penalty, max_iter=2000)
    model.fit(X, y, groups=gene)
    assert np.all(np.diff(model.lower_bounds_) >= 0)
    assert model.lower_bound_ == model.lower_bounds_[-1]
    for values in (
        model.predict(X, gene),
        model.predict_proba(X),
        model.posterior(X, y, gene),
        model.gene_effects_,
        model.gene_effect_std_errors_,
        model.gene_intercept_std_errors_,
    ):
        assert np.isfinite(values).all()


def test_equal_values_are_an_error():
    X, _, gene, *_ = simulate(100, 5, 2)
    with pytest.raises(ValueError, match=r"have only \[0.5\]"):
        MixtureLogisticRegression().fit(X, np.full(100, 0.5), groups=gene)


def test_negative_controls_are_the_null_and_nothing_else():
    X, y, gene, *_ = simulate(seed=10)
    rng = np.random.default_rng(11)
    null = rng.normal(0.1, 0.7, y.size)
    # controls whose sequences would contradict the guides', were they to count
    rows = np.vstack([X, 1 - X])
    labels = np.append(gene.astype(object), [None] * y.size)
    is_control = np.repeat([False, True], y.size)
    model = MixtureLogisticRegression().fit(
        rows, np.append(y, null), groups=labels, controls=is_control
    )
    fitted = fit_null(null, np.ones(null.size))
    found = model.null_mean_[0], model.null_scale_[0], 1 / model.null_dof_[0]
    assert found == pytest.approx(fitted)
    assert_array_equal(model.groups_, np.arange(15))
    without = MixtureLogisticRegression().fit(X, y, groups=gene)
    assert np.corrcoef(model.coef_, without.coef_)[0, 1] > 0.95


@pytest.mark.filterwarnings("ignore:.*look active")
def test_weights_are_numbers_of_guides():
    X, y, gene, *_ = simulate(200, 5, 3, seed=12)
    weight = np.random.default_rng(0).integers(0, 4, 200)
    weighted = MixtureLogisticRegression().fit(X, y, groups=gene, sample_weight=weight)
    repeated = MixtureLogisticRegression().fit(
        np.repeat(X, weight, axis=0),
        np.repeat(y, weight),
        groups=np.repeat(gene, weight),
    )
    assert_allclose(weighted.coef_, repeated.coef_, atol=1e-4)
    assert_allclose(weighted.gene_effects_, repeated.gene_effects_, atol=1e-4)
    assert_allclose(weighted.coef_std_errors_, repeated.coef_std_errors_, rtol=1e-3)


def test_given_scales_are_kept():
    X, y, gene, *_ = simulate(seed=13)
    model = MixtureLogisticRegression(gene_intercept_scale=0.01, sigma_g=0.2).fit(
        X, y, groups=gene
    )
    assert model.gene_intercept_scale_ == pytest.approx(0.01)
    assert model.sigma_g_ == pytest.approx(0.2)
    assert np.abs(model.gene_intercepts_).max() < 0.02


def test_standard_errors_can_be_left_out():
    X, y, gene, *_ = simulate(seed=14)
    model = MixtureLogisticRegression(standard_errors=False).fit(X, y, groups=gene)
    assert not hasattr(model, "coef_std_errors_")
    assert not hasattr(model, "gene_effect_std_errors_")
    full = MixtureLogisticRegression().fit(X, y, groups=gene)
    assert_array_equal(model.coef_, full.coef_)
    assert_array_equal(model.gene_effects_, full.gene_effects_)
    assert_allclose(full.coef_std_errors_**2, np.diag(full.coef_covariance_))
    full.set_params(standard_errors=False).fit(X, y, groups=gene)
    assert not hasattr(full, "coef_std_errors_")


# ---- real screens --------------------------------------------------------------------


@pytest.fixture(scope="module")
def both_screens(crispra_tiling):
    frame = crispra_tiling.frame
    letters = np.array([list(sequence) for sequence in frame["seq"]])
    varies = (letters != letters[0]).any(axis=0)
    X = OneHotEncoder(sparse_output=False).fit_transform(letters[:, varies])
    return X, frame


def test_both_crispra_screens_together(both_screens):
    X, frame = both_screens
    assert X.shape == (2073, 160)
    labels = {"groups": frame["gene"], "screens": frame["screen"]}
    model = MixtureLogisticRegression(C=0.01).fit(X, frame["log2fc"], **labels)
    assert model.converged_
    assert model.n_iter_ < 100  # 50 when this was written
    assert len(model.groups_) == 42
    found = model.posterior(X, frame["log2fc"], **labels)
    # strongly penalised it is almost the mixture that has no sequences
    assert np.corrcoef(found, frame["mixture_probs"])[0, 1] > 0.98
    assert np.isfinite(model.coef_std_errors_).all()


def test_sparse_is_dense(both_screens):
    X, frame = both_screens
    neuron = (frame["screen"] == "neuron").to_numpy()
    y, gene = frame["log2fc"][neuron], frame["gene"][neuron]
    dense = MixtureLogisticRegression(C=0.05).fit(X[neuron], y, groups=gene)
    for container in (sparse.csr_array, sparse.csr_matrix):
        X_sparse = container(X[neuron])
        model = MixtureLogisticRegression(C=0.05).fit(X_sparse, y, groups=gene)
        assert_allclose(model.coef_, dense.coef_, atol=1e-5)
        assert_allclose(
            model.predict(X_sparse, gene), dense.predict(X[neuron], gene), atol=1e-5
        )
        assert_allclose(
            model.posterior(X_sparse, y, gene),
            dense.posterior(X[neuron], y, gene),
            atol=1e-5,
        )
