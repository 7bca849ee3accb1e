"""Any fitted model predicts as it would itself, by tables where it has them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge

from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.scoring import predictor as predictor_module
from sgrna_estimator.scoring.calibration import Calibration
from sgrna_estimator.scoring.predictor import Predictor, WarningsOfParts
from sgrna_estimator.sequences.codes import SequenceError
from tests.scoring.models import ACTIVITY, FRAME, NEW_FRAME, fit, network

COLUMNS = ["seq", "distance"]
COMPILED = {"ridge": True, "network": True, "ridge_dinucleotides": False}


def fitted(name):
    model = make_model(name, sequence="seq", covariates=["distance"], random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(FRAME[COLUMNS], ACTIVITY)


@pytest.mark.parametrize("name", COMPILED)
def test_predictions_are_those_of_the_model(name):
    model = fitted(name)
    found = Predictor(model)
    assert found.is_compiled == COMPILED[name]
    assert found.names == ["prediction"]
    predictions = found.predict(NEW_FRAME[COLUMNS])["prediction"]
    assert_allclose(predictions, model.predict(NEW_FRAME[COLUMNS]), atol=1e-4)


@pytest.mark.parametrize("model", [network(n_networks=3), Ridge()])
def test_how_sure_a_prediction_is(model):
    model = fit(model)
    held_out = np.linspace(0, 1, 50)
    calibration = Calibration(held_out, held_out + np.tile([-1.0, 2.0], 25))
    found = Predictor(model, calibration=calibration)
    predictions = found.predict(NEW_FRAME[["seq"]])
    assert list(predictions) == found.names
    several = not isinstance(model[-1], Ridge)
    assert found.names == ["prediction", *["std"] * several, "lower", "upper"]
    mean = predictions["prediction"]
    if several:
        encoded = model[:-1].transform(NEW_FRAME["seq"])
        expected = model[-1].predict(encoded, return_std=True)
        assert_allclose([mean, predictions["std"]], expected, atol=1e-4)
    assert_allclose(predictions["lower"], mean - 1)
    assert_allclose(predictions["upper"], mean + 2)


def test_a_model_of_activity_tells_it_as_well(monkeypatch):
    monkeypatch.setattr(predictor_module, "_GUIDES_AT_ONCE", 30)
    model = fitted("mixture_logistic")
    found = Predictor(model, tells_active=True)
    assert not found.is_compiled
    predictions = found.predict(NEW_FRAME[COLUMNS])
    assert list(predictions) == found.names == ["prediction", "p_active"]
    assert_allclose(
        predictions["prediction"], model.predict(NEW_FRAME[COLUMNS]), rtol=1e-12
    )
    assert_allclose(
        predictions["p_active"], model.predict_proba(NEW_FRAME[COLUMNS]), rtol=1e-12
    )


@pytest.mark.parametrize("model", [network(), RandomForestRegressor(5, random_state=0)])
def test_sequences_that_do_not_fit(model, monkeypatch):
    monkeypatch.setattr(predictor_module, "_GUIDES_AT_ONCE", 4)
    found = Predictor(fit(model))
    good = "ACGGGACGTAC"
    wrong = ["ACG", "", None, "NCGGGACGTAC", "ACGGGACG AC", "ACGGGACGTACC"]
    sequences = pd.Series([good, *wrong, good])
    refused = found.refused(sequences)
    assert sorted(refused) == [1, 2, 3, 4, 5, 6]
    assert refused[1].endswith("length seen in fit, 11, but there is one of length 3")
    assert refused[2].endswith("but there is an empty string")
    assert refused[3].endswith("but there is a missing value")
    assert refused[4].endswith("(first 'N', at position 1)")
    assert refused[5].endswith("(first ' ', at position 9)")
    assert refused[6].endswith("length 12")
    assert found.refused(sequences[[0, 7]]) == {}
    with pytest.raises(SequenceError) as error:
        found.predict(pd.DataFrame({"seq": [good] * 6 + ["ACG"]}))
    assert error.value.rows == [6]


def test_predictions_do_not_depend_on_how_many_are_made_at_once(monkeypatch):
    found = Predictor(fit(RandomForestRegressor(5, random_state=0)))
    whole = found.predict(NEW_FRAME[["seq"]])["prediction"]
    monkeypatch.setattr(predictor_module, "_GUIDES_AT_ONCE", 7)
    assert_array_equal(found.predict(NEW_FRAME[["seq"]])["prediction"], whole)


def warn_in_parts():
    parts = WarningsOfParts()
    for number in range(3):
        with parts.part(f"guide {number}"):
            warnings.warn("first", UserWarning, stacklevel=1)
            if number == 1:
                warnings.warn("second", FutureWarning, stacklevel=1)
    parts.issue()


def test_each_kind_of_warning_is_given_once():
    with pytest.warns() as caught:
        warn_in_parts()
    assert [(str(each.message), each.category) for each in caught] == [
        ("first (row 1 is guide 0; there are more among later guides)", UserWarning),
        ("second (row 1 is guide 1)", FutureWarning),
    ]
