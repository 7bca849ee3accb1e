"""The tables of effects."""

from xml.etree import ElementTree

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


LETTERS = LetterEffects(
    [[0.25, -1.5], [np.nan, np.nan], [1.0, 0.0]],
    "AC",
    (-1, "x", 2),
    "base effect",
    "activity",
)
PAIRS = InteractionEffects(
    np.arange(-2, 10).reshape(3, 2, 2) / 8, "AC", (5, 6, 7, 8, 9), 2, "log odds"
)


def test_what_is_printed_is_a_line_with_the_strongest_effect():
    assert repr(LETTERS) == (
        "LetterEffects(base effects of AC at 3 positions, in activity; the strongest is "
        "-1.5 of C at -1)"
    )
    assert repr(PAIRS) == (
        "InteractionEffects(interactions of AC at 3 pairs of positions, 2 apart, in log "
        "odds; the strongest is +1.12 of C at 7 and C at 9)"
    )
    layout = as_layout("0+2+0+0")
    nothing = np.full((2, 2), np.nan)
    unknown = LetterEffects(nothing, "AC", (1, 2), "coefficient", "activity", layout)
    assert repr(unknown) == (
        f"LetterEffects(coefficients of AC at 2 positions, in activity, layout {layout}; "
        "none is known)"
    )


def cells(effects):
    page = ElementTree.fromstring(effects._repr_html_())
    assert page.find("p").text == repr(effects)
    return [
        [cell.text or "" for cell in row if cell.tag in ("th", "td")]
        for row in page.iter("tr")
    ]


def test_a_notebook_shows_letters_as_rows_and_positions_as_columns():
    assert cells(LETTERS) == [
        ["", "-1", "x", "2"],
        ["A", "0.25", "", "1"],
        ["C", "-1.5", "", "0"],
    ]


def test_a_notebook_shows_the_strongest_pairs():
    table = cells(PAIRS)
    assert table[0] == list(PAIRS.to_frame())
    assert table[1] == ["7", "C", "9", "C", "1.12"]
    assert len(table) == 1 + 10  # of twelve
    strengths = [abs(float(row[-1])) for row in table[1:]]
    assert strengths == sorted(strengths, reverse=True)
    assert len(cells(LetterEffects([[1.0]], "A", (1,), "coefficient", "activity"))) == 2
