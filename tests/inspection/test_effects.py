"""The tables of effects."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.inspection.effects import InteractionEffects, LetterEffects
from sgrna_estimator.inspection.letter_effects import letter_effects
from sgrna_estimator.sequences.layout import as_layout
from tests.inspection.planted import ACTIVITY, GUIDES, LAYOUT, LENGTH


def test_the_table_has_a_row_for_each_letter_of_each_position():
    model = make_pipeline(SequenceOneHotTransformer(), Ridge()).fit(GUIDES, ACTIVITY)
    effects = letter_effects(model, layout=LAYOUT, numbering="pam")
    table = effects.to_frame()
    assert list(table) == ["position", "letter", "effect"]
    assert len(table) == LENGTH * 4
    row = table[(table["position"] == -1) & (table["letter"] == "G")]
    assert row["effect"].item() == effects.values[1, 2]
    assert table["effect"].isna().sum() == 8


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"shape \(3, 4\).* got \(2, 4\)"):
        LetterEffects(np.zeros((2, 4)), "ACGT", (1, 2, 3), "coefficient", "activity")
    with pytest.raises(ValueError, match=r"shape \(2, 4, 4\).* got \(3, 4, 4\)"):
        InteractionEffects(np.zeros((3, 4, 4)), "ACGT", (1, 2, 3), 1, "activity")
    layout = as_layout("0+2+0+0")
    for values, make in (
        (np.zeros((3, 4)), lambda *args: LetterEffects(*args, layout=layout)),
        (np.zeros((2, 4, 4)), lambda *args: InteractionEffects(*args, layout=layout)),
    ):
        with pytest.raises(ValueError, match="2 positions, but the sequences have 3"):
            make(values, "ACGT", (1, 2, 3), 1, "activity")


def test_numbers_may_be_lists():
    pairs = InteractionEffects([[[0.5, 1], [2, 3]]], "AC", (1, 2), 1, "activity")
    assert pairs.to_frame()["effect"].tolist() == [0.5, 1, 2, 3]
