"""Predictions of a stream: those of the whole table, and what becomes of bad rows."""

import numpy as np
import pytest

from sgrna_estimator.datasets import TableError, text
from sgrna_estimator.datasets.streams import GuideStream
from sgrna_estimator.storage.streamed_predictions import predict_stream
from tests.storage.models import fitted_model

MODELS = ["ridge", "gradient_boosting"]  # with tables, and without


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(text, "_BYTES_A_BLOCK", 200)


def predict(model, frame, folder, reject=None):
    path = folder / "table.tsv"
    frame.to_csv(path, sep="\t", index=False)
    with GuideStream(
        [path], sequence="seq", covariates=["dist"], reject=reject
    ) as stream:
        parts = list(predict_stream(model, stream, reject))
    numbers = [number for part in parts for number in part.guides.numbers.tolist()]
    return numbers, np.concatenate([part.predictions["prediction"] for part in parts])


@pytest.mark.parametrize("name", MODELS)
def test_predictions_are_those_of_the_whole(tmp_path, guides, small_blocks, name):
    frame, _ = guides
    model = fitted_model(guides, name)
    numbers, predictions = predict(model, frame, tmp_path)
    assert numbers == list(range(1, len(frame) + 1))
    np.testing.assert_allclose(predictions, model.predict(frame)["prediction"])
    expected = model.pipeline.predict(frame)
    np.testing.assert_allclose(predictions, expected, atol=1e-6)


def spoil(frame):
    wrong = frame.astype(object)
    wrong.loc[4, "seq"] = "ACGT"
    wrong.loc[30, "seq"] = "N" + wrong.loc[30, "seq"][1:]
    wrong.loc[[30, 50], "dist"] = "far"
    wrong.loc[51, "dist"] = None
    return wrong


@pytest.mark.parametrize("name", MODELS)
def test_rows_that_cannot_be_predicted_are_left_out(
    tmp_path, guides, small_blocks, name
):
    frame, _ = guides
    model = fitted_model(guides, name)
    rejected = []
    numbers, predictions = predict(model, spoil(frame), tmp_path, rejected.append)
    assert [(each.row, each.sequence) for each in rejected] == [
        (5, "ACGT"),
        (31, "N" + frame["seq"][30][1:]),
        (51, frame["seq"][50]),
        (52, frame["seq"][51]),
    ]
    reasons = [each.reason for each in rejected]
    number = "the covariate in column 'dist' must be a finite number, but it is "
    assert "one of length 4" in reasons[0]
    assert "(first 'N', at position 1)" in reasons[1]
    assert reasons[1].endswith(f"; {number}'far'")
    assert reasons[2:] == [f"{number}'far'", f"{number}missing"]
    kept = [row for row in range(len(frame)) if row not in (4, 30, 50, 51)]
    assert numbers == [row + 1 for row in kept]
    np.testing.assert_allclose(predictions, model.predict(frame)["prediction"][kept])


def test_the_first_row_at_fault_is_named(tmp_path, guides, small_blocks):
    frame, _ = guides
    wrong = spoil(frame)
    with pytest.raises(
        TableError, match=r"table\.tsv, data row 5: in the sequence col"
    ):
        predict(fitted_model(guides), wrong, tmp_path)
    wrong.loc[[4, 30], "seq"] = frame["seq"][0]
    with pytest.raises(
        TableError, match=r"data row 31: the covariate in column 'dist'"
    ):
        predict(fitted_model(guides), wrong, tmp_path)


def test_all_rows_may_be_left_out(tmp_path, guides, small_blocks):
    frame, _ = guides
    rejected = []
    wrong = frame.assign(seq="ACGT")
    numbers, predictions = predict(
        fitted_model(guides), wrong, tmp_path, rejected.append
    )
    assert (numbers, len(predictions), len(rejected)) == ([], 0, len(frame))


def test_a_warning_says_which_row_it_counts_from(tmp_path, guides, small_blocks):
    frame, _ = guides
    changed = frame["seq"].str[:5] + "T" + frame["seq"].str[6:]
    late = frame.assign(seq=frame["seq"].where(frame.index < 30, changed))
    late.loc[30, "seq"] = "ACGT"
    with pytest.warns(UserWarning, match="was dropped") as caught:
        predict(fitted_model(guides), late, tmp_path, lambda _: None)
    [warning] = caught
    assert "there are more among later guides" in str(warning.message)
    assert f"of {tmp_path}" in str(warning.message)
