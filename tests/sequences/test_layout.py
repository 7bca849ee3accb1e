"""Layouts: where the spacer, the PAM and the seed are, and how positions are counted."""

import pytest

from sgrna_estimator.sequences.layout import GuideLayout, as_layout


def test_a_layout_of_kim_is_read():
    layout = GuideLayout.parse("4+20+3+3")
    context = "uuuu" + "1234567890" + "SSSSSSSSSS" + "NGG" + "ddd"
    assert layout == GuideLayout(4, 20, 3, 3)
    assert layout.length == len(context) == 30
    assert context[layout.spacer] == "1234567890SSSSSSSSSS"
    assert context[layout.seed] == "SSSSSSSSSS"
    assert context[layout.pam] == "NGG"


@pytest.mark.parametrize("text", ["4+PAM4+23+3", " 4 + pam4 + 23+3"])
def test_a_layout_with_the_pam_first_is_read(text):
    layout = GuideLayout.parse(text)
    context = "uuuu" + "TTTV" + "SSSSSSSSSS" + "1234567890123" + "ddd"
    assert layout == GuideLayout(4, 23, 4, 3, pam_first=True)
    assert layout.length == len(context)
    assert context[layout.pam] == "TTTV"
    assert context[layout.seed] == "SSSSSSSSSS"
    assert context[layout.spacer] == "SSSSSSSSSS1234567890123"


@pytest.mark.parametrize(
    "text", ["4+20+3+3", "4+PAM4+23+3", "0+20+0+0", "4+20+NGG+3", "4+TTTV+23+3"]
)
def test_a_layout_is_written_as_it_is_read(text):
    assert str(GuideLayout.parse(text)) == text
    assert as_layout(text) == GuideLayout.parse(text)


def test_a_marked_third_number_is_the_pam_too():
    assert GuideLayout.parse("4+20+PAM3+3") == GuideLayout.parse("4+20+3+3")


def test_positions_are_counted_from_the_spacer_or_the_pam():
    layout = GuideLayout.parse("2+3+2+2")
    assert layout.position_names() == (-2, -1, 1, 2, 3, 4, 5, 6, 7)
    assert layout.position_names("pam") == (-5, -4, -3, -2, -1, 1, 2, 3, 4)
    layout = GuideLayout.parse("1+PAM2+3+1")
    assert layout.position_names() == (-3, -2, -1, 1, 2, 3, 4)
    assert layout.position_names("pam") == (-1, 1, 2, 3, 4, 5, 6)


def test_a_short_spacer_is_all_seed():
    layout = GuideLayout.parse("1+6+3+0")
    assert layout.seed == layout.spacer == slice(1, 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20",
        "4+20+3",
        "4+20+3+3+1",
        "4+20+3?+3",
        "PAM4+20+3+3",
        "4-20-3-3",
        "NGG+20+3+3",
        "4+20+3+NGG",
        "4+20+3+" + 5000 * "9",
        "SpCas",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match=r"upstream\+spacer\+PAM\+downstream"):
        GuideLayout.parse(text)


def test_two_pams_are_refused():
    with pytest.raises(ValueError, match="got '4\\+PAM4\\+PAM3\\+3'"):
        GuideLayout.parse("4+PAM4+PAM3+3")


@pytest.mark.parametrize(
    ("lengths", "named"),
    [((-1, 20, 3, 3), "upstream_length"), ((4, 0, 3, 3), "spacer_length")],
)
def test_impossible_lengths_are_refused(lengths, named):
    with pytest.raises(ValueError, match=named):
        GuideLayout(*lengths)


def test_numberings_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="got 'protospacer'"):
        GuideLayout.parse("4+20+3+3").position_names("protospacer")
    with pytest.raises(ValueError, match="has no PAM"):
        GuideLayout.parse("0+20+0+0").position_names("pam")


def test_a_wrong_length_is_told_with_both_lengths():
    layout = GuideLayout.parse("4+20+3+3")
    layout.check_length(30)
    with pytest.raises(ValueError, match=r"4\+20\+3\+3 has 30 positions.* have 43"):
        layout.check_length(43)


def test_a_layout_is_one_already():
    layout = GuideLayout.parse("4+20+3+3")
    assert as_layout(layout) is layout
    assert as_layout(None) is None


@pytest.mark.parametrize("layout", [30, (4, 20, 3, 3)])
def test_what_is_no_layout_is_refused(layout):
    with pytest.raises(ValueError, match=r"must be a GuideLayout, or text.*, got .*3"):
        as_layout(layout)


@pytest.mark.parametrize(
    ("name", "text", "length"),
    [
        ("SpCas9", "4+20+NGG+3", 30),
        ("cas12a", " 4 + tttv + 23 + 3", 34),
        ("CRISPRa", "10+20+NGG+10", 43),
    ],
)
def test_layouts_have_names(name, text, length):
    assert GuideLayout.parse(name) == as_layout(name) == GuideLayout.parse(text)
    assert GuideLayout.parse(name).length == length


def test_letters_of_the_pam_say_where_and_how_long_it_is():
    cas9, cas12a = GuideLayout.parse("SpCas9"), GuideLayout.parse("Cas12a")
    assert cas9 == GuideLayout(4, 20, 3, 3, pam_pattern="NGG")
    assert cas12a == GuideLayout(4, 23, 4, 3, pam_first=True, pam_pattern="TTTV")
    assert cas9.pam == slice(24, 27)
    assert cas12a.pam == slice(4, 8)


def test_a_pam_is_added_to_lengths_or_replaced():
    assert str(GuideLayout.parse("4+20+3+3", pam="nrg")) == "4+20+NRG+3"
    assert str(GuideLayout.parse("Cas12a", pam="UUUN")) == "4+TTTN+23+3"
    assert GuideLayout.parse("4+20+3+3").pam_pattern is None


@pytest.mark.parametrize(
    ("pam", "message"),
    [
        ("NG", "'NG' has 2 letters, but the layout has 3 positions"),
        ("NXG", r"IUPAC codes \(ACGTRYSWKMBDHVN\), but 'NXG' has 'X'"),
        (3, "text such as 'NGG', got 3"),
    ],
)
def test_other_pams_are_refused(pam, message):
    with pytest.raises(ValueError, match=message):
        GuideLayout.parse("4+20+3+3", pam=pam)


def test_a_pam_of_other_letters_is_refused_in_text_too():
    with pytest.raises(ValueError, match="'NXG' has 'X'"):
        GuideLayout.parse("4+20+NXG+3")


def test_where_nucleases_cut():
    # SpCas9: between the 3rd and 4th letter from the PAM; Cas12a: after the 18th
    assert GuideLayout.parse("SpCas9").cut == 17
    assert GuideLayout.parse("0+18+NGG+0").cut == 15
    assert GuideLayout.parse("Cas12a").cut == 18
    assert GuideLayout.parse("0+TTTV+20+0").cut == 18
    assert GuideLayout.parse("0+TTTV+16+0").cut == 16
    assert GuideLayout.parse("0+2+NGG+0").cut == 0


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("4+20+3+3", "SpCas9", "4+20+NGG+3"),
        ("SpCas9", "4+20+3+3", "4+20+NGG+3"),
        ("4+20+3+3", "4+20+3+3", "4+20+3+3"),
        ("Cas12a", "4+PAM4+23+3", "4+TTTV+23+3"),
    ],
)
def test_two_descriptions_of_one_layout(one, other, both):
    joined = GuideLayout.parse(one).joined(GuideLayout.parse(other))
    assert str(joined) == both


@pytest.mark.parametrize("other", ["4+20+NAG+3", "5+20+NGG+2", "4+PAM3+20+3"])
def test_descriptions_that_contradict_each_other(other):
    with pytest.raises(ValueError, match=r"4\+20\+NGG\+3 is contradicted by"):
        GuideLayout.parse("SpCas9").joined(GuideLayout.parse(other))
