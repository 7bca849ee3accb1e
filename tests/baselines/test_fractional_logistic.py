"""Fractional logistic regression: against its written objective, and scikit-learn."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    parametrize_with_checks,
)

from sgrna_estimator._validation import check_target
from sgrna_estimator.baselines.fractional_logistic import (
    FractionalLogisticRegression,
    _l1_objective,
    _l2_objective,
)

PENALTIES = ["l2", "l1", None]


def make_guides(n_guides=120, n_features=6, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_guides, n_features))
    log_odds = X @ rng.normal(size=n_features) - 0.5
    return X, expit(log_odds + rng.normal(size=n_guides)), rng.uniform(0, 2, n_guides)


def written_objective(model, X, y, weights):
    """Evaluate the sum in the class's Notes, one guide at a time."""
    total = 0.0
    for row, target, weight in zip(X, y, weights, strict=True):
        z = sum(c * x for c, x in zip(model.coef_, row, strict=True)) + model.intercept_
        p = 1 / (1 + np.exp(-z))
        total -= weight * (target * np.log(p) + (1 - target) * np.log(1 - p))
    if model.penalty == "l2":
        return sum(c**2 for c in model.coef_) / 2 + model.C * total
    if model.penalty == "l1":
        return sum(abs(c) for c in model.coef_) + model.C * total
    return total


def doubled(X, y, weights):
    """A soft label as two weighted hard ones: what other libraries can fit."""
    stack = sparse.vstack if sparse.issparse(X) else np.vstack
    n = len(y)
    return (
        stack([X, X]),
        np.repeat([0, 1], n),
        np.concatenate([weights * (1 - y), weights * y]),
    )


def subgradient_distance(model, X, y, weights):
    """How far 0 is from the subgradient of the objective: 0 at the optimum."""
    residual = weights * (model.predict(X) - y)
    C = 1.0 if model.penalty is None else model.C
    gradient = C * (X.T @ residual)
    if model.penalty == "l2":
        gradient = gradient + model.coef_
    elif model.penalty == "l1":
        gradient = np.where(
            model.coef_ != 0,
            gradient + np.sign(model.coef_),
            np.sign(gradient) * np.maximum(np.abs(gradient) - 1, 0),
        )
    intercept = C * residual.sum() if model.fit_intercept else 0.0
    return max(np.abs(gradient).max(), abs(intercept)) / (C * weights.sum())


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_equals_scipy_on_the_written_objective(penalty, fit_intercept):
    X, y, weights = make_guides(n_guides=40, n_features=3)
    model = FractionalLogisticRegression(
        C=0.3, penalty=penalty, fit_intercept=fit_intercept, tol=1e-9
    ).fit(X, y, sample_weight=weights)

    def objective(parameters):
        other = clone(model)
        other.coef_ = parameters[:3]
        other.intercept_ = parameters[3] if fit_intercept else 0.0
        return written_objective(other, X, y, weights)

    # Powell needs no gradient, so that it does not mind the L1 kink
    best = minimize(
        objective,
        np.zeros(3 + fit_intercept),
        method="Powell",
        options={"xtol": 1e-10, "ftol": 1e-15, "maxiter": 1000, "maxfev": 100_000},
    )
    assert written_objective(model, X, y, weights) == pytest.approx(best.fun, abs=1e-8)
    np.testing.assert_allclose(model.coef_, best.x[:3], atol=1e-4)
    assert model.intercept_ == pytest.approx(
        best.x[3] if fit_intercept else 0.0, abs=1e-4
    )


@settings(max_examples=40)
@given(
    st.sampled_from(PENALTIES),
    st.floats(-3, 1),
    st.booleans(),
    st.booleans(),
    st.integers(0, 10_000),
)
def test_the_gradient_vanishes_at_the_fit(penalty, log_C, intercept, is_sparse, seed):
    X, y, weights = make_guides(n_features=4, seed=seed)
    model = FractionalLogisticRegression(
        C=10**log_C, penalty=penalty, fit_intercept=intercept
    ).fit(sparse.csr_array(X) if is_sparse else X, y, sample_weight=weights)
    assert subgradient_distance(model, X, y, weights) < 5e-6


@pytest.mark.parametrize("objective", [_l2_objective, _l1_objective])
def test_gradients_equal_finite_differences(objective):
    X, y, weights = make_guides(n_guides=30, n_features=4)
    n_parameters = 9 if objective is _l1_objective else 5
    parameters = np.random.default_rng(1).uniform(0.1, 1.0, n_parameters)
    args = (X, y, weights / weights.sum(), 0.2)
    step = 1e-5
    numeric = [
        (
            objective(parameters + step * unit, *args)[0]
            - objective(parameters - step * unit, *args)[0]
        )
        / (2 * step)
        for unit in np.eye(n_parameters)
    ]
    np.testing.assert_allclose(objective(parameters, *args)[1], numeric, rtol=1e-6)
    forward = approx_fprime(parameters, lambda w: objective(w, *args)[0])
    np.testing.assert_allclose(objective(parameters, *args)[1], forward, atol=1e-6)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, sparse.csc_matrix])
@pytest.mark.parametrize("penalty", PENALTIES)
def test_equals_logistic_regression_on_hard_labels(penalty, container):
    X, y, weights = make_guides()
    y = (y > 0.5).astype(float)
    model = FractionalLogisticRegression(C=0.1, penalty=penalty, tol=1e-8)
    model.fit(container(X), y, sample_weight=weights)
    classifier = LogisticRegression(
        C=np.inf if penalty is None else 0.1,
        l1_ratio=1 if penalty == "l1" else 0,
        solver="saga" if penalty == "l1" else "lbfgs",
        tol=1e-9,
        max_iter=100_000,
        random_state=0,
    ).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(model.coef_, classifier.coef_[0], atol=1e-5)
    assert model.intercept_ == pytest.approx(classifier.intercept_[0], abs=1e-5)
    np.testing.assert_allclose(
        model.predict(X), classifier.predict_proba(X)[:, 1], atol=1e-6
    )


@pytest.mark.parametrize("penalty", PENALTIES)
def test_equals_logistic_regression_on_doubled_rows(penalty):
    X, y, weights = make_guides()
    model = FractionalLogisticRegression(C=0.1, penalty=penalty, tol=1e-8)
    model.fit(X, y, sample_weight=weights)
    X_hard, labels, label_weights = doubled(X, y, weights)
    classifier = LogisticRegression(
        C=np.inf if penalty is None else 0.1,
        l1_ratio=1 if penalty == "l1" else 0,
        solver="saga" if penalty == "l1" else "lbfgs",
        tol=1e-9,
        max_iter=100_000,
        random_state=0,
    ).fit(X_hard, labels, sample_weight=label_weights)
    np.testing.assert_allclose(model.coef_, classifier.coef_[0], atol=1e-5)
    assert model.intercept_ == pytest.approx(classifier.intercept_[0], abs=1e-5)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_zero_and_all_one_targets_predict_their_limit(penalty, is_sparse, value):
    X, y, _ = make_guides()
    X = sparse.csr_array(X) if is_sparse else X
    model = FractionalLogisticRegression(penalty=penalty)
    model.fit(X, np.full_like(y, value))
    assert (model.predict(X) == value).all()
    assert model.intercept_ == (np.inf if value else -np.inf)
    assert (model.coef_ == 0).all()


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("value", [1e-12, 0.1, 0.3, 0.7])
def test_a_constant_target_gives_exactly_constant_predictions(penalty, value):
    X, y, weights = make_guides()
    model = FractionalLogisticRegression(penalty=penalty)
    model.fit(X, np.full_like(y, value), sample_weight=weights)
    assert (model.coef_ == 0).all()
    assert np.unique(model.predict(X)) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_class_without_intercept_has_a_finite_optimum(value):
    X, y, weights = make_guides()
    y = np.full_like(y, value)
    model = FractionalLogisticRegression(fit_intercept=False).fit(
        X, y, sample_weight=weights
    )
    assert np.isfinite(model.coef_).all()
    assert model.intercept_ == 0.0
    assert subgradient_distance(model, X, y, weights) < 5e-6


def test_a_class_that_has_no_weight_does_not_count():
    X, y, _ = make_guides()
    y = (y > 0.5).astype(float)
    model = FractionalLogisticRegression().fit(X, y, sample_weight=y)
    assert (model.predict(X) == 1.0).all()


@pytest.mark.parametrize("penalty", PENALTIES)
def test_integer_weights_repeat_guides(penalty):
    X, y, _ = make_guides()
    repeats = np.random.default_rng(2).integers(0, 4, len(y))
    weighted = FractionalLogisticRegression(penalty=penalty, tol=1e-9)
    repeated = clone(weighted).fit(X.repeat(repeats, axis=0), y.repeat(repeats))
    weighted.fit(X, y, sample_weight=repeats)
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-6)


def test_one_minus_the_target_flips_every_sign():
    X, y, _ = make_guides()
    model = FractionalLogisticRegression().fit(X, y)
    flipped = FractionalLogisticRegression().fit(X, 1 - y)
    np.testing.assert_allclose(flipped.coef_, -model.coef_, atol=1e-4)
    np.testing.assert_allclose(flipped.predict(X), 1 - model.predict(X), atol=1e-4)


def test_with_an_intercept_the_mean_prediction_is_the_mean_target():
    X, y, weights = make_guides()
    for penalty in PENALTIES:
        model = FractionalLogisticRegression(penalty=penalty)
        predicted = model.fit(X, y, sample_weight=weights).predict(X)
        assert np.average(predicted, weights=weights) == pytest.approx(
            np.average(y, weights=weights), abs=2e-6
        )


def test_the_intercept_is_not_penalised():
    X, y, _ = make_guides()
    y = 1e-4 + 1e-5 * y
    for penalty in ("l1", "l2"):
        model = FractionalLogisticRegression(C=1e-6, penalty=penalty).fit(X, y)
        assert model.intercept_ == pytest.approx(logit(y.mean()), abs=1e-3)


def test_a_strong_l1_penalty_leaves_exact_zeros():
    X, y, _ = make_guides()
    n_zeros = [
        (FractionalLogisticRegression(C=C, penalty="l1").fit(X, y).coef_ == 0).sum()
        for C in (1e-3, 0.05, 10.0)
    ]
    assert n_zeros[0] == X.shape[1]
    assert 0 < n_zeros[1] < X.shape[1]
    assert n_zeros[2] == 0


def test_too_few_iterations_warn():
    X, y, _ = make_guides()
    with pytest.warns(ConvergenceWarning, match="did not converge in 2 iterations"):
        model = FractionalLogisticRegression(max_iter=2).fit(X, y)
    assert model.n_iter_ == 2


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0.1, 1.5, 0.2, -1.0], r"at least 0, but it is -1 in row 4$"),
        ([0.1, 1.5, 0.2, 1.2], r"at most 1, but it is 1\.5 in rows 2, 4$"),
        ([0.1, np.nan, 0.2, 0.3], r"row 2$"),
        (pd.Series([0.1, "active", 0.2, 0.3]), r"'active' is not one, in row 2$"),
    ],
)
def test_bad_targets_are_named(y, message):
    with pytest.raises(ValueError, match=message):
        FractionalLogisticRegression().fit(np.eye(4), y)


def test_bad_weights_are_refused():
    X, y, weights = make_guides()
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        FractionalLogisticRegression().fit(X, y, sample_weight=-weights)
    with pytest.raises(ValueError, match="zero"):
        FractionalLogisticRegression().fit(X, y, sample_weight=0 * weights)


@pytest.mark.parametrize("value", [1e308, 5e-324])
def test_weights_whose_sum_says_nothing_are_refused(value):
    X, y, weights = make_guides()
    with pytest.raises(ValueError, match=r"sum that float64 can hold.* as \w+ as "):
        FractionalLogisticRegression().fit(X, y, np.full_like(weights, value))


def test_new_guides_far_from_all_others_are_named():
    X, y, _ = make_guides()
    model = FractionalLogisticRegression(C=1e3).fit(X, y)
    X = np.ones_like(X)
    X[[3, 5]] = 1.7e308 * np.sign(model.coef_)
    with pytest.raises(
        ValueError, match=r"X holds numbers in rows 4, 6 that are so la"
    ):
        model.predict(X)


EDGES = {
    "one guide": slice(1),
    "two guides": slice(2),
    "equal guides": np.zeros(20, dtype=int),
}


@pytest.mark.parametrize("penalty", ["l2", "l1", None])
@pytest.mark.parametrize("rows", EDGES.values(), ids=list(EDGES))
@pytest.mark.parametrize("factor", [1, 1e-30, 1e-300])
def test_answers_to_few_guides_are_finite(penalty, rows, factor):
    X, y, _ = make_guides()
    X, y = X[rows], factor * y[rows]
    with warnings.catch_warnings():  # of coefficients that nothing holds
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = FractionalLogisticRegression(penalty=penalty).fit(X, y)
    for numbers in (model.coef_, model.intercept_, model.predict(X)):
        assert np.isfinite(numbers).all()


def test_search_pickle_feature_names_and_routing():
    X, y, weights = make_guides()
    frame = pd.DataFrame(X, columns=[f"{i}_A" for i in range(X.shape[1])])
    search = GridSearchCV(FractionalLogisticRegression(), {"C": [0.01, 1]}, cv=3)
    search.fit(frame, y)
    assert search.best_params_ == {"C": 1}
    assert search.best_estimator_.feature_names_in_.tolist() == list(frame.columns)
    restored = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(restored.predict(frame), search.predict(frame))
    with config_context(enable_metadata_routing=True):
        model = FractionalLogisticRegression().set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False)
        weighted = cross_validate(
            model, X, y, params={"sample_weight": weights}, return_estimator=True, cv=2
        )
    plain = cross_validate(clone(model), X, y, return_estimator=True, cv=2)
    assert not np.allclose(weighted["estimator"][0].coef_, plain["estimator"][0].coef_)


class OnProbabilities(FractionalLogisticRegression):
    """The estimator, behind a map of any target into [0, 1].

    scikit-learn's checks draw targets from the whole line and have no tag to ask for
    probabilities, so that on the estimator itself most stop at the check of ``y``.
    """

    def fit(self, X, y, sample_weight=None):
        return super().fit(X, expit(check_target(y)), sample_weight=sample_weight)

    def score(self, X, y, sample_weight=None):
        return super().score(X, expit(check_target(y)), sample_weight=sample_weight)


@parametrize_with_checks(
    [
        OnProbabilities(),
        OnProbabilities(penalty="l1", C=10.0, tol=1e-9),
        OnProbabilities(penalty=None),
    ],
)
def test_common_checks(estimator, check):
    check(estimator)


def test_checks_that_the_suite_leaves_out():
    for check in (check_param_validation, check_dataframe_column_names_consistency):
        check("OnProbabilities", OnProbabilities())


def test_on_mixture_probabilities_of_a_screen(crispra_tiling):
    letters = np.array([list(sequence) for sequence in crispra_tiling.sequences])
    X = OneHotEncoder().fit_transform(letters)
    y = crispra_tiling.target.to_numpy()
    for penalty in PENALTIES:
        model = FractionalLogisticRegression(C=0.1, penalty=penalty).fit(X, y)
        assert subgradient_distance(model, X, y, np.ones(len(y))) < 5e-6
