"""What holds for every estimator, whatever it learns."""

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    FractionalLogisticRegression,
    GuideEffectMixture,
    MixtureLogisticRegression,
    MixtureTargetRegressor,
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)

N, N_POSITIONS = 60, 5
RNG = np.random.default_rng(0)
LETTERS = RNG.integers(0, 4, (N, N_POSITIONS))
SEQUENCES = ["".join("ACGT"[letter] for letter in row) for row in LETTERS]
X = np.eye(4)[LETTERS].reshape(N, -1)
NUMBERS = X * RNG.uniform(0.5, 1.5, X.shape)
ACTIVITY = X @ RNG.normal(size=X.shape[1]) + RNG.normal(scale=0.3, size=N)
SHARES = 1 / (1 + np.exp(-ACTIVITY))
GENE = np.arange(N) // 5
WEIGHT = RNG.integers(1, 4, N).astype(float)


def network(kind=PositionwiseReLURegressor, **options):
    return kind(**{"alpha": 1.0, "max_iter": 4, "random_state": 0} | options)


WINDOWS = {"window_size": 2, "n_units": 3, "hidden_layer_sizes": (4,), "dropout": 0.0}
# Estimator, target, what else `fit` is given
MODELS = {
    "network": (network(), ACTIVITY, {"sample_weight": WEIGHT}),
    "windows": (network(**WINDOWS), ACTIVITY, {"sample_weight": WEIGHT}),
    "networks": (network(n_networks=2), ACTIVITY, {"sample_weight": WEIGHT}),
    "covariates": (network(covariates=[-1, 0]), ACTIVITY, {"sample_weight": WEIGHT}),
    "early stopping": (
        network(early_stopping=True),
        ACTIVITY,
        {"X_val": X[:20], "y_val": ACTIVITY[:20]},
    ),
    "classifier": (
        network(PositionwiseReLUClassifier),
        SHARES > 0.5,
        {"sample_weight": WEIGHT},
    ),
    "fractional": (FractionalLogisticRegression(), SHARES, {"sample_weight": WEIGHT}),
    "mixture": (
        MixtureLogisticRegression(max_iter=3, standard_errors=False),
        ACTIVITY,
        {"sample_weight": WEIGHT, "groups": GENE},
    ),
    "target": (
        MixtureTargetRegressor(
            FractionalLogisticRegression(), mixture=GuideEffectMixture(max_iter=3)
        ),
        ACTIVITY,
        {"groups": GENE},
    ),
}
each_model = pytest.mark.parametrize("name", MODELS)
pytestmark = [  # three steps are few
    pytest.mark.filterwarnings(f"ignore:{message}")
    for message in (".*heavier tails", ".*did not converge", ".*wrong side")
]


def copies(name):
    """Return an estimator, its target and what else it is given, for one test alone."""
    model, y, given_too = MODELS[name]
    return (
        clone(model),
        y.copy(),
        {key: value.copy() for key, value in given_too.items()},
    )


def fitted(name, matrix):
    model, y, given_too = copies(name)
    return model.fit(matrix, y, **given_too)


def answers(model, matrix):
    """Return the predictions of a model, and all numbers that it shows."""
    shown = [
        np.ravel(value)
        for key, value in sorted(vars(model).items())
        if key.endswith("_") and isinstance(value, np.ndarray | float)
    ]
    if hasattr(model, "base_effects_"):
        shown.append(model.base_effects_.ravel())
    numbers = [each.astype(float) for each in shown if each.dtype.kind in "fiub"]
    return np.concatenate([np.ravel(model.predict(matrix)), *numbers])


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    FITTED = {name: fitted(name, X) for name in MODELS}


# ---- what was given is not kept -----------------------------------------------------

FORMS = {
    "letters": lambda: X.copy(),
    "float32 letters": lambda: X.astype(np.float32),
    "bytes": lambda: X.astype(np.uint8),
    "numbers": lambda: NUMBERS.copy(),
    "float32 numbers": lambda: NUMBERS.astype(np.float32),
    "numbers in column order": lambda: np.asfortranarray(NUMBERS),
    "CSR": lambda: sparse.csr_array(X),
    "CSR of numbers": lambda: sparse.csr_array(NUMBERS),
}


def overwrite(thing):
    """Make what was given to a fit worthless, in place."""
    values = thing.data if sparse.issparse(thing) else thing
    values[...] = 1 if values.dtype == bool else 77


IN_PARTS = ["network", "windows", "networks", "covariates", "classifier"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "method"),
    [(name, "fit") for name in MODELS] + [(name, "partial_fit") for name in IN_PARTS],
)
def test_data_can_be_overwritten_after_a_fit(name, method, form):
    model, y, given_too = copies(name)
    if (name, method) == ("classifier", "partial_fit"):
        given_too["classes"] = np.array([False, True])
    matrix = FORMS[form]()
    getattr(model, method)(matrix, y, **given_too)
    expected = answers(model, FORMS[form]())
    for thing in (matrix, y, *given_too.values()):
        overwrite(thing)
    assert_array_equal(answers(model, FORMS[form]()), expected)


def test_log2_fold_changes_can_be_overwritten_after_a_fit():
    y, gene = ACTIVITY.copy(), GENE.copy()
    model = GuideEffectMixture().fit(y, groups=gene)
    expected = model.predict_proba(ACTIVITY, groups=GENE)
    overwrite(y), overwrite(gene)
    assert_array_equal(model.predict_proba(ACTIVITY, groups=GENE), expected)


# ---- one table in any container -----------------------------------------------------

CONTAINERS = {
    "float32": lambda X: X.astype(np.float32),
    "float16": lambda X: X.astype(np.float16),
    "bytes": lambda X: X.astype(np.uint8),
    "bool": lambda X: X.astype(bool),
    "objects": lambda X: X.astype(object),
    "column order": np.asfortranarray,
    "every second row": lambda X: X.repeat(2, axis=0)[::2],
    "CSR array": sparse.csr_array,
    "COO array": sparse.coo_array,
    "list": lambda X: X.tolist(),
    "DataFrame": pd.DataFrame,
}


@pytest.mark.parametrize("kind", CONTAINERS)
@each_model
def test_containers_make_no_difference(name, kind):
    matrix = CONTAINERS[kind](X)
    assert_allclose(
        answers(fitted(name, matrix), matrix),
        answers(FITTED[name], X),
        rtol=1e-6,
        atol=1e-9,
    )


@each_model
def test_mapped_tables_are_read_as_they_are(name, tmp_path):
    model, y, given_too = copies(name)
    joblib.dump((X, y, given_too), tmp_path / "tables")
    matrix, y, given_too = joblib.load(tmp_path / "tables", mmap_mode="r")
    assert not matrix.flags.writeable
    model.fit(matrix, y, **given_too)
    assert_array_equal(answers(model, matrix), answers(FITTED[name], X))


# ---- order --------------------------------------------------------------------------


@settings(max_examples=10)
@given(st.lists(st.integers(0, N - 1), min_size=1, max_size=2 * N))
@each_model
def test_a_prediction_does_not_depend_on_the_guides_around_it(name, rows):
    model = FITTED[name]
    together = model.predict(X)
    assert_allclose(model.predict(X[rows]), together[rows], rtol=1e-6, atol=1e-9)


FULL_BATCH = {"batch_size": 1000, "max_iter": 20}
IN_ANY_ORDER = {
    "network": network(**FULL_BATCH),
    "windows": network(**WINDOWS | FULL_BATCH),
    "least squares": network(init="least_squares", **FULL_BATCH),
    "fractional": FractionalLogisticRegression(tol=1e-9),
}


@settings(max_examples=4)
@given(seed=st.integers(0, 99))
@pytest.mark.parametrize("name", IN_ANY_ORDER)
def test_the_order_of_guides_in_training_does_not_matter(name, seed):
    order = np.random.default_rng(seed).permutation(N)
    model = clone(IN_ANY_ORDER[name])
    expected = model.fit(X, SHARES).predict(X)
    found = model.fit(X[order], SHARES[order]).predict(X)
    assert_allclose(found, expected, atol=1e-2 * np.std(expected))


@settings(max_examples=5)
@given(alphabet=st.permutations("ACGT"))
@pytest.mark.parametrize(
    "model",
    [network(init="least_squares"), FractionalLogisticRegression(tol=1e-9), Ridge()],
    ids=["least squares", "fractional", "ridge"],
)
def test_the_order_of_letters_does_not_matter(model, alphabet):
    found, expected = (
        make_pipeline(SequenceOneHotTransformer(alphabet=letters), clone(model))
        .fit(SEQUENCES, SHARES)
        .predict(SEQUENCES)
        for letters in ("".join(alphabet), "ACGT")
    )
    assert_allclose(found, expected, atol=1e-3 * np.std(expected))


# ---- weight ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["network", "windows", "fractional", "mixture"])
def test_a_weight_of_two_is_the_guide_twice(name):
    model, y, given_too = copies(name)
    if name in ("network", "windows"):
        model.set_params(**FULL_BATCH)
    given_too.pop("sample_weight")
    weighted = clone(model).fit(X, y, sample_weight=WEIGHT, **given_too).predict(X)
    rows = np.repeat(np.arange(N), WEIGHT.astype(int))
    given_too = {key: value[rows] for key, value in given_too.items()}
    repeated = clone(model).fit(X[rows], y[rows], **given_too).predict(X)
    assert_allclose(repeated, weighted, atol=2e-3 * np.std(weighted))
