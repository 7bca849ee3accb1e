"""Columns that are no letters."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline

from sgrna_estimator import SequenceOneHotTransformer
from tests.network.networks import HIDDEN, quick, regressor


@pytest.mark.parametrize("options", [{}, HIDDEN | {"dropout": 0}])
def test_a_covariate_explains_what_it_should(with_distance, options):
    X, y = with_distance
    network = regressor(covariates=["distance"], alpha=0.1, **options).fit(X, y)
    without = regressor(alpha=0.1, **options).fit(X.drop(columns="distance"), y)
    assert network.score(X, y) > without.score(X.drop(columns="distance"), y) + 0.2
    assert network.covariate_mean_ == pytest.approx(X["distance"].mean())
    assert network.covariate_scale_ == pytest.approx(X["distance"].std(ddof=0))
    if not options:
        slope = network.readout_weights_[-1] / network.covariate_scale_[0]
        assert slope == pytest.approx(0.05, rel=0.1)
        moved = X.assign(distance=X["distance"] + 10)
        assert_allclose(
            network.predict(moved) - network.predict(X), 10 * slope, atol=1e-4
        )


def test_covariates_by_name_and_number_give_the_same_bits(with_distance):
    X, y = with_distance
    expected = quick(covariates=["distance"]).fit(X, y).predict(X)
    first = X[["distance", *X.columns[:-1]]]
    for covariates, frame in (
        ([X.shape[1] - 1], X),
        ([-1], X),
        (np.array([-1]), X.to_numpy()),
        (("distance",), first),
        ([0], first.to_numpy()),
        ([0], sparse.csr_array(first.to_numpy())),
    ):
        network = quick(covariates=covariates).fit(frame, y)
        assert_array_equal(network.predict(frame), expected)


@pytest.mark.parametrize("options", [{}, HIDDEN])
def test_the_unit_of_a_covariate_does_not_matter(with_distance, options):
    X, y = with_distance
    network = regressor(covariates=["distance"], max_iter=10, **options)
    expected = clone(network).fit(X, y).predict(X)
    in_kb = X.assign(distance=X["distance"] / 1024)
    assert_array_equal(clone(network).fit(in_kb, y).predict(in_kb), expected)
    moved = X.assign(distance=3 * X["distance"] - 1000)
    assert_allclose(clone(network).fit(moved, y).predict(moved), expected, atol=1e-3)


def test_a_column_transformer_names_its_columns(with_distance, screen):
    X, y = with_distance
    letters = np.array(list("ACGT"))[screen.letters]
    table = pd.DataFrame(
        {"seq": ["".join(row) for row in letters], "distance": X["distance"]}
    )
    model = make_pipeline(
        ColumnTransformer(
            [("seq", SequenceOneHotTransformer(), ["seq"])], remainder="passthrough"
        ).set_output(transform="pandas"),
        quick(covariates=["remainder__distance"]),
    ).fit(table, y)
    expected = quick(covariates=["distance"]).fit(X, y).predict(X)
    assert_array_equal(model.predict(table), expected)


@pytest.mark.parametrize("value", [0.1, 7.0])
def test_a_covariate_that_is_constant_in_training_is_harmless(screen, value):
    n = 399  # the mean of so many 0.1 is not 0.1
    X = np.column_stack([screen.X, np.full(len(screen.X), value)])
    network = regressor(covariates=[-1], max_iter=5).fit(X[:n], screen.y[:n])
    without = regressor(max_iter=5).fit(screen.X[:n], screen.y[:n])
    X[:, -1] = 2 * value
    assert_allclose(
        network.predict(X), without.predict(screen.X), atol=5 * screen.y.std()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"covariates": ["gc"]}, "'gc', which X does not have"),
        ({"covariates": [99]}, "names column 99, but X has 33 columns"),
        ({"covariates": "distance"}, "must be an array-like"),
        ({"window_size": 2}, "but not distance: name the columns"),
        ({"covariates": [-1], "window_size": 9}, "window_size=9 is more than the 8"),
        ({"covariates": list(range(33))}, "all 33 columns are covariates"),
    ],
)
def test_columns_that_do_not_fit_are_refused(with_distance, options, message):
    X, y = with_distance
    with pytest.raises(ValueError, match=message):
        regressor(**options).fit(X, y)
