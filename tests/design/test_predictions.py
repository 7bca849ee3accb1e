"""Predictions of contexts, whatever the model."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sgrna_estimator.design.predictions import (
    check_needs_sequence_only,
    predict_contexts,
)
from sgrna_estimator.scoring.calibration import Calibration
from tests.design.designs import find_by_hand, fit, random_sequences


@pytest.fixture(scope="module")
def contexts():
    contexts = find_by_hand(random_sequences(1, 500))["context"]
    return contexts.set_axis(range(7, 7 + len(contexts)))


@pytest.mark.parametrize("name", ["ridge", "network", "gradient_boosting"])
def test_one_model_predicts_as_its_pipeline(contexts, name):
    fitted = fit(name)
    found = predict_contexts(fitted, contexts)
    assert list(found) == ["prediction"]
    assert found.index.equals(contexts.index)
    expected = fitted.pipeline.predict(contexts.to_frame("seq"))
    assert_allclose(found["prediction"], expected, atol=1e-5)


def test_several_networks_have_a_spread(contexts):
    found = predict_contexts(fit("network", n_networks=2), contexts)
    assert list(found) == ["prediction", "prediction_sd"]
    assert (found["prediction_sd"] > 0).all()


@pytest.mark.parametrize("name", ["ridge", "mixture_logistic"])
def test_after_log2_fold_changes_it_is_the_probability(contexts, name):
    fitted = fit(name, score=True)
    found = predict_contexts(fitted, contexts)
    expected = fitted.predict(contexts.to_frame("seq"))["p_active"]
    # what predict writes is kept between 0 and 1; here nothing ends in a tie
    assert_allclose(found["prediction"].clip(0, 1), expected, atol=1e-5)


@pytest.mark.parametrize("score", [False, True])
def test_measurements_have_an_interval_and_probabilities_none(contexts, score):
    held_out = np.linspace(0, 1, 60)
    calibration = Calibration(held_out, held_out + np.tile([-1.0, 2.0], 30))
    fitted = dataclasses.replace(fit(score=score), calibration=calibration)
    found = predict_contexts(fitted, contexts)
    assert list(found) == ["prediction", *([] if score else ["lower", "upper"])]
    if not score:
        assert_allclose(found["lower"], found["prediction"] - 1)
        assert_allclose(found["upper"], found["prediction"] + 2)


def test_covariates_are_refused():
    check_needs_sequence_only(fit())
    categories = {"cells": ["HEK293", "K562"]}
    names = ["distance2TSS", "cells=HEK293", "cells=K562"]
    fitted = dataclasses.replace(fit(), covariates=names, categories=categories)
    with pytest.raises(
        ValueError, match=r"needs distance2TSS, cells of .* use predict"
    ):
        check_needs_sequence_only(fitted)


def test_a_letter_that_training_did_not_have_is_for_others_to_say():
    fitted = fit("ridge", begins_with_g=True)
    contexts = pd.Series(["ACGT" + "C" + "A" * 19 + "CGG" + "ACG"])
    assert predict_contexts(fitted, contexts).notna().all(axis=None)
