"""MixtureLogisticRegression: on known truth, on real screens, and as an estimator."""

import pickle
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit
from scipy.stats import norm, spearmanr
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    parametrize_with_checks,
)

from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression


def simulate(
    n_guides=600,
    n_genes=15,
    n_positions=5,
    coef_sd=0.8,
    intercept=-0.7,
    gene_intercept_scale=0.5,
    mu1=3.0,
    sigma_g=0.7,
    scales=(0.8, 1.0),
    seed=0,
):
    """Draw one-hot guides from the model, coefficients from the L2 penalty's prior."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (n_guides, n_positions))
    X = (letters[:, :, None] == np.arange(4)).reshape(n_guides, -1).astype(float)
    coef = rng.normal(0, coef_sd, X.shape[1])
    gene = np.arange(n_guides) % n_genes
    gene_intercept = rng.normal(0, gene_intercept_scale, n_genes)
    effect = rng.normal(mu1, sigma_g, n_genes)
    probability = expit(intercept + gene_intercept[gene] + X @ coef)
    active = rng.random(n_guides) < probability
    y = np.where(
        active, rng.normal(effect[gene], scales[1]), rng.normal(0, scales[0], n_guides)
    )
    return X, y, gene, active, coef, effect, probability


def within_positions(n_features):
    """Matrix that subtracts the mean of each position's four coefficients.

    One-hot letters add up to 1, so only differences within a position mean anything.
    """
    return np.kron(np.eye(n_features // 4), np.eye(4) - 0.25)


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


@settings(deadline=None, max_examples=6)
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


@settings(deadline=None, max_examples=8)
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
    assert model.null_mean_[0] == pytest.approx(null.mean())
    assert model.null_scale_[0] == pytest.approx(null.std(ddof=1))
    assert_array_equal(model.groups_, np.arange(15))
    without = MixtureLogisticRegression().fit(X, y, groups=gene)
    assert np.corrcoef(model.coef_, without.coef_)[0, 1] > 0.95


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


# ---- several screens -----------------------------------------------------------------


def two_screens(seed=0):
    """The same coefficients in two screens that share two genes and little else."""
    X, y, gene, *_ = simulate(800, 8, seed=seed)
    other = simulate(800, 8, mu1=6.0, scales=(1.5, 1.5), seed=seed)
    rng = np.random.default_rng(seed + 100)
    active = rng.random(800) < expit(1.0 + X @ other[4])
    y_other = np.where(active, rng.normal(6, 1.5, 800), rng.normal(0, 1.5, 800))
    genes = np.append([f"g{g}" for g in gene], [f"g{g + 6}" for g in gene])
    return (
        np.vstack([X, X]),
        np.append(y, y_other),
        genes,
        np.repeat(["A", "B"], 800),
    )


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


def test_posterior_of_guides_whose_screen_or_gene_is_new():
    X, y, gene, screen = two_screens()
    model = MixtureLogisticRegression().fit(X, y, groups=gene, screens=screen)
    x, value = X[:1], np.array([2.0])
    gate = [model.predict_proba(x, screens=[name])[0] for name in "AB"]
    active, null = [], []
    for s in range(2):
        scale = np.hypot(model.active_scale_[s], model.sigma_g_[s])
        active.append(gate[s] * norm.pdf(2, model.mu1_[s], scale))
        null.append(
            (1 - gate[s]) * norm.pdf(2, model.null_mean_[s], model.null_scale_[s])
        )
        assert model.posterior(x, value, screens=["AB"[s]])[0] == pytest.approx(
            active[s] / (active[s] + null[s])
        )
    assert model.posterior(x, value)[0] == pytest.approx(
        sum(active) / (sum(active) + sum(null))
    )


def test_controls_of_one_screen_leave_the_other_alone():
    X, y, gene, screen = two_screens()
    is_control = np.zeros(1600, dtype=bool)
    is_control[:50] = True
    y[:50] = np.random.default_rng(0).normal(0.2, 0.7, 50)
    model = MixtureLogisticRegression().fit(
        X, y, groups=gene, screens=screen, controls=is_control
    )
    assert model.null_mean_[0] == pytest.approx(y[:50].mean())
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
    MixtureLogisticRegression(max_iter=20, tol=1.0).fit(X, frame["log2fc"], **labels)
    start = time.perf_counter()
    model = MixtureLogisticRegression(C=0.01).fit(X, frame["log2fc"], **labels)
    assert time.perf_counter() - start < 3
    assert model.converged_
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


# ---- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [
        ([0.0, np.nan, 1.0, 2.0], "aabb", r"y .* \(NaN\) or infinite \(inf\) in row 1"),
        ([0.0, 1.0, 2.0, 3.0], ["a", "a", None, "b"], "groups is missing in row 2"),
        ([0.0, 1.0, 2.0, 3.0], "abc", "expected 4, got 3"),
        ([0.0, 1.0, 2.0], "aab", "inconsistent numbers of samples"),
    ],
)
def test_bad_input_is_named(y, groups, message):
    with pytest.raises(ValueError, match=message):
        MixtureLogisticRegression().fit(np.eye(4), y, groups=list(groups))


def test_posterior_needs_a_row_of_x_for_each_y():
    X, y, gene, *_ = simulate(100, 5, 2)
    model = MixtureLogisticRegression().fit(X, y, groups=gene)
    with pytest.raises(ValueError, match="have 100 and 99"):
        model.posterior(X, y[1:], gene)
    with pytest.raises(ValueError, match="fitted without screens"):
        model.predict(X, screens=gene)


def test_too_few_steps_warn():
    X, y, gene, *_ = simulate(100, 5, 2)
    with pytest.warns(ConvergenceWarning, match="did not converge in 2 steps"):
        model = MixtureLogisticRegression(max_iter=2).fit(X, y, groups=gene)
    assert not model.converged_


def test_not_fitted():
    with pytest.raises(NotFittedError):
        MixtureLogisticRegression().predict([[1.0]])


# ---- scikit-learn --------------------------------------------------------------------

_TO_THE_LAST_DIGITS = (
    "equal to 1e-5, not to the 1e-7 the check asks for: the steps end where the "
    "objective is flat to the last digit"
)
_PROBABILITIES = (
    "a regression that has probabilities too, of a state that no one has labelled"
)


@parametrize_with_checks(
    [MixtureLogisticRegression(), MixtureLogisticRegression(penalty="l1")],
    expected_failed_checks=lambda estimator: {
        "check_sample_weight_equivalence_on_dense_data": _TO_THE_LAST_DIGITS,
        "check_sample_weight_equivalence_on_sparse_data": _TO_THE_LAST_DIGITS,
        "check_estimator_sparse_array": _PROBABILITIES,
        "check_estimator_sparse_matrix": _PROBABILITIES,
        "check_regressors_no_decision_function": _PROBABILITIES,
    },
    xfail_strict=True,
)
def test_common_checks(estimator, check):
    check(estimator)


def test_checks_that_are_left_out():
    check_param_validation("MixtureLogisticRegression", MixtureLogisticRegression())
    check_dataframe_column_names_consistency(
        "MixtureLogisticRegression", MixtureLogisticRegression()
    )


def test_fits_are_repeatable_and_survive_pickling():
    X, y, gene, *_ = simulate(200, 5, 3)
    model = MixtureLogisticRegression().fit(X, y, groups=gene)
    again = clone(model).fit(X, y, groups=gene)
    loaded = pickle.loads(pickle.dumps(model))
    for other in (again, loaded):
        assert_array_equal(other.predict(X, gene), model.predict(X, gene))
        assert_array_equal(other.posterior(X, y, gene), model.posterior(X, y, gene))


def test_tables_bring_names():
    X, y, gene, *_ = simulate(200, 5, 1)
    table = pd.DataFrame(X, columns=list("ACGT"))
    model = MixtureLogisticRegression().fit(table, pd.Series(y), groups=pd.Series(gene))
    assert_array_equal(model.feature_names_in_, list("ACGT"))
    assert_array_equal(model.predict(table), model.predict(table.copy()))


def test_groups_are_routed_through_a_search_in_a_pipeline():
    X, y, gene, *_ = simulate(300, 6, 3)
    letters = X.reshape(300, 3, 4).argmax(axis=2)
    with config_context(enable_metadata_routing=True):
        mixture = MixtureLogisticRegression(standard_errors=False)
        mixture.set_fit_request(groups=True, sample_weight=False)
        pipeline = make_pipeline(OneHotEncoder(), mixture)
        search = GridSearchCV(
            pipeline, {"mixturelogisticregression__C": [0.01, 1.0]}, cv=GroupKFold(3)
        )
        search.fit(letters, y, groups=gene)
        assert len(search.best_estimator_[-1].groups_) == 6
        result = cross_validate(
            pipeline,
            letters,
            y,
            cv=GroupKFold(3),
            params={"groups": gene},
            return_estimator=True,
        )
    assert [len(fold[-1].groups_) for fold in result["estimator"]] == [4, 4, 4]


def test_without_routing_groups_reach_only_the_splitter():
    X, y, gene, *_ = simulate(300, 6, 3)
    search = GridSearchCV(
        MixtureLogisticRegression(standard_errors=False), {"C": [0.1]}, cv=GroupKFold(3)
    )
    search.fit(X, y, groups=gene)
    assert_array_equal(search.best_estimator_.groups_, [0])
