"""What a model remembers of its layout, and what is said beside it."""

import pytest

from sgrna_estimator import GuideLayout
from sgrna_estimator.design.layouts import layout_of_sites


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
        ("4+20+NGG+3", "4+20+NAG+3", "4.20.NGG.3, which 4.20.NAG.3 contradicts"),
        ("4+20+3+3", "5+20+NGG+2", "contradicts"),
        ("4+20+NGG+3", "4+TTT+20+3", "contradicts"),
        (None, "CRISPRa", "has 43 positions, but the sequences .* have 30"),
        (None, "4+20", "a layout is written as"),
    ],
)
def test_refusals(remembered, given, message):
    with pytest.raises(ValueError, match=message):
        layout_of_sites(remembered, given, 30)
