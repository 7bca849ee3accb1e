"""What is in front of a model: one encoder, and covariates that are scaled or not."""

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from sgrna_estimator import (
    MixtureTargetRegressor,
    SequenceOneHotTransformer,
    compile_scorer,
)
from sgrna_estimator.baselines.catalogue import make_model
from tests.scoring.models import (
    ACTIVITY,
    FRAME,
    GUIDES,
    NEW_FRAME,
    check_equal,
    fit_with_covariates,
)


def fit_columns(*columns, X=FRAME, **options):
    return make_pipeline(ColumnTransformer(columns, **options), Ridge()).fit(
        X, ACTIVITY
    )


SEQUENCE = ("sequence", SequenceOneHotTransformer(), ["seq"])


@pytest.mark.parametrize(
    "others",
    [
        ("scaled", StandardScaler(), ["distance"]),
        ("centred", StandardScaler(with_std=False), ["distance"]),
        ("divided", StandardScaler(with_mean=False), ["distance"]),
        ("by number", StandardScaler(), [0]),
        ("by mask", StandardScaler(), [True, False, False]),
        ("slice", StandardScaler(), slice(0, 1)),
        ("function", FunctionTransformer(), ["distance"]),
        ("function of numbers", "passthrough", lambda X: ["distance"]),
    ],
    ids=lambda others: others[0],
)
def test_columns(others):
    model = fit_with_covariates(Ridge(), others)
    scores = compile_scorer(model).score(NEW_FRAME["seq"], covariates=NEW_FRAME)
    check_equal(scores, model.predict(NEW_FRAME))


def test_the_rest_of_the_columns():
    model = fit_columns(
        SEQUENCE,
        ("nothing", StandardScaler(), []),
        ("left out", "drop", ["gc"]),
        remainder="passthrough",
    )
    found = compile_scorer(model)
    assert found.covariates.names == ("distance",)
    scores = found.score(NEW_FRAME["seq"], covariates=NEW_FRAME)
    check_equal(scores, model.predict(NEW_FRAME[["distance", "seq", "gc"]]))


def test_columns_without_names():
    X = FRAME.to_numpy()
    columns = [("gc", StandardScaler(), [2]), ("seq", SequenceOneHotTransformer(), [1])]
    found = compile_scorer(fit_columns(*columns, X=X))
    assert found.covariates.names is None
    predictions = fit_columns(*columns, X=X).predict(X)
    check_equal(found.score(GUIDES, covariates=FRAME[["gc"]]), predictions)


@pytest.mark.parametrize("name", ["ridge", "network", "network_windows"])
def test_models_of_the_catalogue(name):
    model = make_model(name, sequence="seq", covariates=["gc"], random_state=0)
    model = model.fit(FRAME, ACTIVITY)
    scores = compile_scorer(model).score(NEW_FRAME["seq"], covariates=NEW_FRAME)
    check_equal(scores, model.predict(NEW_FRAME))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([SEQUENCE, ("a", MinMaxScaler(), ["gc"])], r"not by MinMaxScaler\(\)"),
        ([SEQUENCE, ("a", FunctionTransformer(np.log), ["gc"])], "not by Function"),
        ([("a", "passthrough", ["gc"])], "encodes 0 sequences"),
        ([SEQUENCE, ("b", SequenceOneHotTransformer(), ["seq"])], "encodes 2"),
        ([SEQUENCE, ("a", "passthrough", slice("gc", "gc"))], "list their columns"),
    ],
)
def test_other_columns_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        compile_scorer(fit_columns(*columns))


def test_models_without_an_encoder_are_refused():
    X = SequenceOneHotTransformer().fit_transform(GUIDES)
    with pytest.raises(ValueError, match="in front of this one there is nothing"):
        compile_scorer(Ridge().fit(X, ACTIVITY))
    scaled = make_pipeline(SequenceOneHotTransformer(), StandardScaler(), Ridge())
    with pytest.raises(
        ValueError, match="there is SequenceOneHotTransformer, Standard"
    ):
        compile_scorer(scaled.fit(GUIDES, ACTIVITY))
    scaled = make_pipeline(StandardScaler(), Ridge()).fit(X, ACTIVITY)
    with pytest.raises(ValueError, match=r"there is StandardScaler\(\)"):
        compile_scorer(scaled)


def test_several_encoders_are_refused():
    each = make_pipeline(SequenceOneHotTransformer(), Ridge())
    model = BaggingRegressor(each, 2, random_state=0)
    model = model.fit(np.array(GUIDES, dtype=object)[:, None], ACTIVITY)
    with pytest.raises(ValueError, match="there are 2 encoders"):
        compile_scorer(model)


def test_log2_fold_changes_are_refused():
    model = make_pipeline(SequenceOneHotTransformer(), Ridge())
    model = MixtureTargetRegressor(model).fit(GUIDES, ACTIVITY, np.arange(60) // 10)
    with pytest.raises(ValueError, match="compile its regressor_"):
        compile_scorer(model)
    compile_scorer(model.regressor_)
