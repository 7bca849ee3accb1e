"""A model of which a part is missing is not read, and predicting finds no gap later."""

import copy
import warnings

import pytest

from sgrna_estimator import letter_effects
from sgrna_estimator.storage import ModelFileError, read_model
from tests.baselines.small_models import fit_model
from tests.storage.models import described, fitted_model, forge

NAMES = ("ridge", "network")


@pytest.fixture(scope="module")
def written(guides, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name in NAMES:
        fitted_model(guides, name).write(folder / name)
    return {name: described(folder / name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:X has feature names")
def test_each_attribute_is_missed_or_not_needed(guides, tmp_path, written, name):
    frame, _ = guides
    description, arrays = written[name]
    n_refused = 0
    for each in description["objects"]:
        for attribute in list(each["state"]):
            value = each["state"].pop(attribute)
            path = forge(tmp_path / "model.sgrna", description, arrays)
            try:
                read_model(path).predict(frame)
            except ModelFileError as error:
                assert "\n" not in str(error)  # noqa: PT017, most are not needed
                n_refused += 1
            each["state"][attribute] = value
    assert n_refused > 20


def test_what_predicting_takes_is_looked_at_when_a_model_is_read(tmp_path, written):
    description, arrays = written["ridge"]
    [ridge] = (each for each in description["objects"] if "RidgeCV" in each["type"])
    coef = ridge["state"].pop("coef_")
    path = forge(tmp_path / "model.sgrna", description, arrays)
    with pytest.raises(ModelFileError, match=r"AttributeError: .*coef_"):
        read_model(path)
    ridge["state"]["coef_"] = coef
    read_model(forge(path, description, arrays))


def test_parameters_and_fields_are_looked_at_though_nothing_predicts_by_them(
    tmp_path, written
):
    description, arrays = written["network"]
    for kind, attribute in (
        ("Regressor", "learning_rate_init"),
        ("Network", "background"),
    ):
        [each] = (o for o in description["objects"] if o["type"].endswith(kind))
        value = each["state"].pop(attribute)
        path = forge(tmp_path / "model.sgrna", description, arrays)
        with pytest.raises(ModelFileError, match=f"AttributeError: .*{attribute}"):
            read_model(path)
        each["state"][attribute] = value


def test_effects_take_the_positions_from_where_predictions_do(tmp_path, written):
    description, arrays = written["ridge"]
    path = forge(tmp_path / "model.sgrna", description, arrays)
    expected = letter_effects(read_model(path).pipeline)
    description = copy.deepcopy(description)
    for each in description["objects"]:
        if "encoding_" in each["state"]:
            each["state"] |= {"kept_positions_": [99], "sequence_length_": None}
    found = letter_effects(read_model(forge(path, description, arrays)).pipeline)
    assert found.to_frame().equals(expected.to_frame())


@pytest.mark.parametrize("unknown", ["zero", "spread"])
@pytest.mark.parametrize("align", [None, "right"])
def test_models_that_take_other_guides_are_read_without_a_word(
    guides, tmp_path, unknown, align
):
    frame, target = guides
    if align:
        frame = frame.assign(
            seq=frame["seq"].str[2:].where(frame.index > 3, frame["seq"])
        )
    pipeline = fit_model((frame, target), unknown=unknown, align=align)
    model = fitted_model(
        (frame, target), pipeline=pipeline, unknown=unknown, align=align
    )
    model.write(tmp_path / "model.sgrna")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = read_model(tmp_path / "model.sgrna")
    assert read.predict(frame).equals(model.predict(frame))
