"""Scores are what the model predicts."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor, HistGradientBoostingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    LassoCV,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    RidgeCV,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    BoundedTargetRegressor,
    FractionalLogisticRegression,
    MixtureLogisticRegression,
    PositionwiseReLUClassifier,
    SequenceOneHotTransformer,
    compile_scorer,
)
from sgrna_estimator.scoring import parts, scorer
from sgrna_estimator.sequences.codes import SequenceError
from tests.scoring.models import (
    ACTIVITY,
    DEEP,
    DROPPED,
    FRAME,
    GUIDES,
    HIDDEN,
    NEW,
    NEW_FRAME,
    WINDOWS,
    check_equal,
    fit,
    fit_with_covariates,
    make_guides,
    network,
)

LABELS = np.median(ACTIVITY) < ACTIVITY
SHARES = np.clip(ACTIVITY / 10, 0, 1)

NETWORKS = {
    "width 1": {},
    "windows": WINDOWS,
    "one window": {"window_size": 9, "n_units": 2},
    "hidden": HIDDEN,
    "deep": DEEP,
    "width 1, hidden": {"hidden_layer_sizes": (3,)},
}


def each_network(function):
    return pytest.mark.parametrize("sizes", NETWORKS.values(), ids=list(NETWORKS))(
        function
    )


# Networks ------------------------------------------------------------------------------


@each_network
@pytest.mark.parametrize("n_networks", [1, 3])
def test_networks(sizes, n_networks):
    model = fit(network(n_networks=n_networks, **sizes))
    found = compile_scorer(model)
    assert len(found.parts) == n_networks
    assert all(part.tables is not None for part in found.parts)
    check_equal(found.score(NEW), model.predict(NEW))


@settings(max_examples=25)
@given(
    window_size=st.integers(1, 5),
    n_units=st.integers(1, 3),
    share_weights=st.booleans(),
    hidden=st.lists(st.integers(1, 70), max_size=2),
    n_networks=st.integers(1, 2),
    drop_constant=st.booleans(),
    alphabet=st.sampled_from(["ACGT", "TGCA", "ACGTN"]),
    unknown=st.sampled_from(["error", "zero", "spread"]),
    align=st.sampled_from([None, "left", "right"]),
    max_table_bytes=st.sampled_from([0, 2**16, 2**28]),
    seed=st.integers(0, 5),
)
def test_any_network_and_encoding(
    window_size,
    n_units,
    share_weights,
    hidden,
    n_networks,
    drop_constant,
    alphabet,
    unknown,
    align,
    max_table_bytes,
    seed,
):
    letters = "ACGTUacgtu" + {"error": "", "zero": "NR?x", "spread": "NRy"}[unknown]
    guides = make_guides(30, seed, letters)
    if align is not None:
        guides = [guide[: 7 + row % 5] for row, guide in enumerate(guides)]
    with warnings.catch_warnings():
        # Short ones lack the dropped G; a network of few units may predict a constant.
        warnings.simplefilter("ignore", UserWarning)
        model = fit(
            network(
                window_size=window_size,
                n_units=n_units,
                share_weights=share_weights,
                hidden_layer_sizes=tuple(hidden),
                n_networks=n_networks,
                n_channels=len(alphabet),
                max_iter=1,
            ),
            drop_constant=drop_constant,
            alphabet=alphabet,
            unknown=unknown,
            align=align,
        )
        predictions = model.predict(guides)
        scores = compile_scorer(model, max_table_bytes=max_table_bytes).score(guides)
    check_equal(scores, predictions)


def test_classifiers_give_the_second_class():
    for n_networks in (1, 2):
        classifier = PositionwiseReLUClassifier(
            max_iter=3, random_state=0, n_networks=n_networks
        )
        model = fit(classifier, y=LABELS)
        check_equal(compile_scorer(model).score(NEW), model.predict_proba(NEW)[:, 1])


def test_logistic_outputs_are_averaged_as_probabilities():
    model = fit(network(output="logistic", n_networks=3, **HIDDEN), y=SHARES)
    check_equal(compile_scorer(model).score(NEW), model.predict(NEW))


def test_standard_deviation_over_networks():
    model = fit(network(n_networks=3))
    mean, std = compile_scorer(model).score(NEW, return_std=True)
    expected_mean, expected_std = model.predict(NEW, return_std=True)
    check_equal(mean, expected_mean)
    check_equal(std, expected_std)
    with pytest.raises(ValueError, match="needs several networks"):
        compile_scorer(fit(network())).score(NEW, return_std=True)


# Linear models -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (RidgeCV(), ACTIVITY),
        (LassoCV(cv=3, alphas=5), ACTIVITY),
        (Ridge(fit_intercept=False), ACTIVITY),
        (FractionalLogisticRegression(), SHARES),
        (GridSearchCV(FractionalLogisticRegression(), {"C": [0.1, 1]}, cv=3), SHARES),
    ],
)
def test_linear_models(model, y):
    model = fit(model, y=y)
    check_equal(compile_scorer(model).score(NEW), model.predict(NEW))


def test_large_numbers_that_all_guides_share_take_no_digits():
    model = fit(LinearRegression(), y=ACTIVITY + 1e6, dtype=np.float64)
    model[-1].coef_ += 1e4  # of every letter, as a rank-deficient fit may have it
    check_equal(compile_scorer(model).score(NEW), model.predict(NEW))


def test_logistic_regression_gives_the_second_class():
    model = fit(LogisticRegression(), y=LABELS)
    check_equal(compile_scorer(model).score(NEW), model.predict_proba(NEW)[:, 1])


@pytest.mark.parametrize("unknown", ["zero", "spread"])
def test_linear_models_of_unknown_letters(unknown):
    model = fit(RidgeCV(), unknown=unknown)
    guides = make_guides(50, letters="ACGTN")
    check_equal(compile_scorer(model).score(guides), model.predict(guides))


# Wrappers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap",
    [
        FrozenEstimator,
        lambda model: GridSearchCV(model, {"alpha": [0.1, 1]}, cv=2),
        TransformedTargetRegressor,
        lambda model: BaggingRegressor(model, 3, random_state=0),
    ],
)
def test_models_in_others(wrap):
    inner = network(**WINDOWS)
    if wrap is FrozenEstimator:
        inner = inner.fit(SequenceOneHotTransformer().fit_transform(GUIDES), ACTIVITY)
    model = fit(wrap(inner))
    check_equal(compile_scorer(model).score(NEW), model.predict(NEW))


def test_a_search_around_the_pipeline():
    model = make_pipeline(SequenceOneHotTransformer(), Ridge())
    model = GridSearchCV(model, {"ridge__alpha": [1, 10]}, cv=2).fit(GUIDES, ACTIVITY)
    check_equal(compile_scorer(model).score(NEW), model.predict(NEW))


class SumOfLetters(OutlierMixin, BaseEstimator):
    """Has coefficients, but predicts something else."""

    def fit(self, X, y=None):
        self.coef_, self.n_features_in_ = np.ones(X.shape[1]), X.shape[1]
        return self


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (HistGradientBoostingRegressor(max_iter=2), "HistGradientBoostingRegressor"),
        (PoissonRegressor(), "PoissonRegressor"),
        (SumOfLetters(), "SumOfLetters predicts is not the sum"),
        (MixtureLogisticRegression(), "MixtureLogisticRegression predicts is not"),
        (
            TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp),
            "compile its regressor_",
        ),
    ],
)
def test_other_models_are_refused(model, message):
    model = fit(model, y=np.abs(ACTIVITY))
    with pytest.raises(ValueError, match=message):
        compile_scorer(model)


# Covariates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        network(covariates=[0, -1]),
        network(covariates=[-1, 0], **HIDDEN),
        RidgeCV(),
    ],
    ids=["network", "hidden", "ridge"],
)
@pytest.mark.parametrize("max_table_bytes", [0, 2**28])
def test_covariates(model, max_table_bytes):
    model = fit_with_covariates(model)
    predictions = model.predict(NEW_FRAME)
    found = compile_scorer(model, max_table_bytes=max_table_bytes)
    assert found.covariates.names == ("distance", "gc")
    check_equal(found.score(NEW, covariates=NEW_FRAME), predictions)
    columns = NEW_FRAME[["distance", "gc"]].to_numpy()
    check_equal(found.score(NEW_FRAME["seq"], covariates=columns), predictions)


LOGISTIC = {"output": "logistic"}


@pytest.mark.parametrize(
    ("options", "max_table_bytes"),
    # Tables of an additive network are added up in float64, where nothing overflows.
    [({}, 0), (LOGISTIC, 0), (HIDDEN, 0), (HIDDEN, 2**28), (HIDDEN | LOGISTIC, 2**28)],
    ids=str,
)
def test_covariates_whose_sums_overflow_are_named(options, max_table_bytes):
    model = fit_with_covariates(network(covariates=[0, -1], **options), y=SHARES)
    found = compile_scorer(model, max_table_bytes=max_table_bytes)
    far = NEW_FRAME.copy()
    far.loc[[7, 9], "gc"] = [1.7e308, -1.7e308]
    with pytest.raises(ValueError, match="covariates hold numbers in rows 8, 10 that"):
        found.score(NEW, covariates=far)


# What does not change numbers ----------------------------------------------------------


@each_network
def test_blocks_and_threads(sizes, monkeypatch):
    found = compile_scorer(fit(network(**sizes)))
    whole = found.score(NEW)
    monkeypatch.setattr(scorer, "_GUIDES_A_BLOCK", 7)
    monkeypatch.setattr(parts, "_GUIDES_A_BATCH", 3)
    parts_of_it = found.score(NEW)
    check_equal(parts_of_it, whole)
    if sizes is not DEEP:  # BLAS rounds by how many rows it is given
        assert_array_equal(parts_of_it, whole)
    assert_array_equal(found.score(NEW, n_jobs=3), parts_of_it)


@each_network
def test_models_too_large_for_tables(sizes):
    model = fit(network(**sizes))
    found = compile_scorer(model, max_table_bytes=100)
    assert all(part.tables is None for part in found.parts)
    check_equal(found.score(NEW), model.predict(NEW))


def test_tables_share_the_memory():
    model = fit(network(n_networks=4, **HIDDEN))
    for limit in (2**24, 2**20):
        found = compile_scorer(model, max_table_bytes=limit)
        assert 0 < sum(part.tables.n_bytes for part in found.parts) <= limit


@each_network
def test_pickling(sizes):
    found = compile_scorer(fit(network(**sizes)))
    again = pickle.loads(pickle.dumps(found))
    assert_array_equal(again.score(NEW), found.score(NEW))
    assert repr(again) == repr(found)


def test_rows_of_a_copy_start_at_a_cache_line():
    found = compile_scorer(fit(network(**HIDDEN)))
    for each in (found, pickle.loads(pickle.dumps(found))):
        assert each.parts[0].tables.rows.ctypes.data % 64 == 0


def test_repr_is_short():
    found = compile_scorer(fit(network(n_networks=2, **HIDDEN)))
    assert repr(found).startswith("GuideScorer(11 positions, 2 models, 2 of them as")
    assert len(repr(found)) < 100


# Letters that are not as in training ----------------------------------------------------


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\ufeff"])
@pytest.mark.parametrize("container", [list, pd.Series, np.array])
def test_a_blank_is_no_unknown_letter(container, blank):
    model = fit(network(), unknown="zero")
    guides = container([NEW[0], blank + NEW[1][1:]])
    for read in (model.predict, compile_scorer(model).score):
        with pytest.raises(
            SequenceError, match=r"be a blank.* at position 1\).*row 2$"
        ):
            read(guides)


def test_warning_of_dropped_letters(monkeypatch):
    model = fit(network(), unknown="zero")
    found = compile_scorer(model)
    guides = [*NEW[:20]]
    for row, letter in ((3, "a"), (4, "N"), (12, "T"), (19, "C")):
        guides[row] = guides[row][: DROPPED[1]] + letter + guides[row][DROPPED[1] + 1 :]
    guides[12] = guides[12].replace("A", "N")
    with pytest.warns(UserWarning, match="row 4 has 'A'.*in rows 4, 13, 20") as record:
        predictions = model.predict(guides)
    expected = str(record[0].message)
    monkeypatch.setattr(scorer, "_GUIDES_A_BLOCK", 8)
    for n_jobs in (1, 2):
        with pytest.warns(UserWarning, match="was dropped") as record:
            scores = found.score(guides, n_jobs=n_jobs)
        assert [str(each.message) for each in record] == [expected]
        check_equal(scores, predictions)
    guides[12], guides[3] = (
        guides[3],
        guides[12],
    )  # the first of them is not all letters
    with pytest.warns(UserWarning, match="row 4 has 'T'"):
        found.score(guides)


def test_frame_and_sequences_are_the_encoders():
    model = fit_with_covariates(RidgeCV())
    with pytest.raises(ValueError, match="must hold one column of sequences"):
        compile_scorer(model).score(FRAME, covariates=FRAME)


# Bounds --------------------------------------------------------------------------------


def bounded(model, bounds=(-50, 150)):
    low, high = bounds
    wrapped = make_pipeline(SequenceOneHotTransformer(), model)
    y = low + (high - low) * np.asarray(SHARES)
    return BoundedTargetRegressor(wrapped, bounds=bounds).fit(GUIDES, y)


@pytest.mark.parametrize(
    "model",
    [
        FractionalLogisticRegression(),
        network(output="logistic"),
        network(output="logistic", n_networks=3, **HIDDEN),
    ],
)
@pytest.mark.parametrize("bounds", [(-50, 150), (0, 1), (0.29, 0.3)])
def test_scores_of_a_bounded_target_are_in_its_unit(model, bounds):
    model = bounded(model, bounds)
    scores = compile_scorer(model).score(NEW)
    check_equal(scores, model.predict(NEW))
    assert bounds[0] <= scores.min() < scores.max() <= bounds[1]


def test_the_standard_deviation_of_a_bounded_target_is_in_its_unit():
    model = bounded(network(output="logistic", n_networks=3))
    mean, std = compile_scorer(model).score(NEW, return_std=True)
    expected_mean, expected_std = model.predict(NEW, return_std=True)
    check_equal(mean, expected_mean)
    check_equal(std, expected_std)


def test_bounds_of_a_search_are_found():
    search = GridSearchCV(
        bounded(FractionalLogisticRegression()),
        {"regressor__fractionallogisticregression__C": [0.1, 1.0]},
        cv=3,
    )
    search.fit(np.array(GUIDES, dtype=object), -50 + 200 * np.asarray(SHARES))
    check_equal(compile_scorer(search).score(NEW), search.predict(NEW))


def test_bounds_that_cannot_be_compiled_are_refused():
    # its predictions are cut off where they are beyond
    with pytest.raises(ValueError, match="no logistic output"):
        compile_scorer(bounded(Ridge()))
    inner = bounded(FractionalLogisticRegression(), (0, 1))
    twice = BoundedTargetRegressor(inner, bounds=(0, 2)).fit(GUIDES, SHARES)
    with pytest.raises(ValueError, match="or one in another"):
        compile_scorer(twice)
