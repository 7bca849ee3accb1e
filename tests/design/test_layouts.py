"""What a model remembers of its layout, and what is said beside it."""

import pandas as pd
import pytest

from sgrna_estimator import GuideLayout
from sgrna_estimator.design.layouts import doubt_of_layout, layout_of_sites
from sgrna_estimator.storage.summary import summarise_guides


@pytest.mark.parametrize(
    ("remembered", "given", "expected"),
    [
        ("4+20+NGG+3", None, "4+20+NGG+3"),
        (None, "SpCas9", "4+20+NGG+3"),
        ("4+20+3+3", "SpCas9", "4+20+NGG+3"),
        ("4+20+NGG+3", "4+20+3+3", "4+20+NGG+3"),
        ("4+20+NGG+3", "SpCas9", "4+20+NGG+3"),
        (None, "4+TTTV+20+3", "4+TTTV+20+3"),
    ],
)
def test_either_or_both(remembered, given, expected):
    length = GuideLayout.parse(expected).length
    assert str(layout_of_sites(remembered, given, length)) == expected


@pytest.mark.parametrize(
    ("remembered", "given", "message"),
    [
        (None, None, "does not know the layout"),
        ("4+20+3+3", None, "does not say the letters of the PAM"),
        ("4+20+NGG+3", "4+20+NAG+3", "4.20.NGG.3 is contradicted by 4.20.NAG.3"),
        ("4+20+3+3", "5+20+NGG+2", "contradicted"),
        ("4+20+NGG+3", "4+TTT+20+3", "contradicted"),
        (None, "CRISPRa", "has 43 positions, but the sequences .* have 30"),
        (None, "4+20", "a layout is written as"),
    ],
)
def test_refusals(remembered, given, message):
    with pytest.raises(ValueError, match=message):
        layout_of_sites(remembered, given, 30)


@pytest.mark.parametrize(
    ("layout", "doubt"),
    [
        ("1+3+NGG+1", None),
        ("1+3+NRG+1", None),
        ("0+4+NGG+1", None),
        ("2+3+NGG+0", "had A, T as well where 2+3+NGG+0 has letter 3 of the PAM, G"),
        ("1+3+VGG+1", "had T as well where 1+3+VGG+1 has letter 1 of the PAM, V"),
    ],
)
def test_a_layout_that_training_guides_speak_against(layout, doubt):
    guides = pd.Series(["AACGTGGA", "CTTAAGGT", "UGCACGGA"])
    summary = summarise_guides(guides, pd.Series([0.0, 1.0, 2.0]))
    found = doubt_of_layout(GuideLayout.parse(layout), summary)
    assert found is None if doubt is None else doubt in found


def test_guides_of_several_lengths_say_nothing():
    summary = summarise_guides(pd.Series(["AACGTGGA", "ACGT"]), pd.Series([0.0, 1.0]))
    assert doubt_of_layout(GuideLayout.parse("0+5+GGG+0"), summary) is None
