"""Guides that no letter tells apart have one number: against a slow comparison of pairs."""

from itertools import combinations
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sgrna_estimator.sequences import same_guides
from sgrna_estimator.sequences.codes import SequenceError
from sgrna_estimator.sequences.same_guides import label_guides


def label_slowly(texts, align):
    """Compare each guide with each other, letter by letter."""
    width = max(map(len, texts))
    pad = str.ljust if align == "left" else str.rjust
    rows = [pad(text.upper().replace("U", "T"), width) for text in texts]
    rows = ["".join(c if c in "ACGT" else "." for c in row) for row in rows]
    n_needed = next(n for n in range(1, 99) if 4**n >= len(texts))
    labels = list(range(len(texts)))
    for i, j in combinations(range(len(texts)), 2):
        pairs = zip(rows[i], rows[j], strict=True)
        shared = [(a, b) for a, b in pairs if "." not in (a, b)]
        alike = len(shared) >= n_needed and all(a == b for a, b in shared)
        if rows[i] == rows[j] or alike:
            old, new = labels[j], labels[i]
            labels = [new if label == old else label for label in labels]
    return pd.factorize(np.array(labels))[0]


@st.composite
def guides(draw):
    """Return pieces of few sequences, in which letters are unknown here and there."""
    whole = draw(
        st.lists(st.text("AC", min_size=7, max_size=7), min_size=1, max_size=4)
    )
    texts = []
    for _ in range(draw(st.integers(1, 15))):
        letters = list(draw(st.sampled_from(whole)))
        for place in draw(st.lists(st.integers(0, 6), max_size=3)):
            letters[place] = draw(st.sampled_from("N-.aRTu"))
        start, stop = draw(st.integers(0, 3)), draw(st.integers(4, 7))
        texts.append("".join(letters[start:stop]))
    return texts


@pytest.mark.parametrize("most_patterns", [0, 2, 32])
@settings(max_examples=150)
@given(texts=guides(), align=st.sampled_from(["left", "right"]))
def test_labels_equal_those_of_a_slow_comparison(most_patterns, texts, align):
    with (
        mock.patch.object(same_guides, "_MOST_PATTERNS", most_patterns),
        mock.patch.object(same_guides, "_CELLS_A_BLOCK", 20),
    ):
        found = label_guides(texts, unknown="zero", align=align)
    assert_array_equal(found, label_slowly(texts, align))


@given(st.lists(st.text("ACGTacgtuU", min_size=4, max_size=4), min_size=1, max_size=40))
def test_whole_guides_of_one_length_are_the_same_if_their_text_is(texts):
    expected = pd.factorize(np.array([t.upper().replace("U", "T") for t in texts]))[0]
    for align in (None, "left", "right"):
        found = label_guides(texts, unknown="error", align=align)
        assert_array_equal(found, expected)


GUIDE = "GATTACACCTGATTCGTCAA"


@pytest.mark.parametrize(
    ("other", "unknown", "align", "same"),
    [
        (GUIDE.lower().replace("t", "u"), "error", None, True),
        ("G" + GUIDE, "error", "right", True),
        ("G" + GUIDE, "error", "left", False),
        (GUIDE + "A", "error", "left", True),
        (GUIDE + "A", "error", "right", False),
        (GUIDE[3:], "error", "right", True),
        (GUIDE[:-1] + "N", "zero", None, True),
        (GUIDE[:-1] + "N", "spread", None, True),
        (GUIDE[:9] + "N" + GUIDE[10:], "zero", None, True),
        (GUIDE[:9] + "G" + GUIDE[10:], "zero", None, False),
        ("N" * 20, "zero", None, False),  # or one such row would tie all guides
        ("N" * 19 + "A", "zero", None, False),
    ],
)
def test_two_ways_to_write_a_guide(other, unknown, align, same):
    rows = np.random.default_rng(0).choice(list("ACGT"), (50, 20))
    many = ["".join(row) for row in rows]
    labels = label_guides([GUIDE, other, *many], unknown=unknown, align=align)
    assert (labels[0] == labels[1]) == same
    assert len(set(labels[2:]) - set(labels[:2])) == len(many)


def test_letters_that_only_a_third_guide_lacks_still_tell_two_apart():
    longer = ["A" + GUIDE, "C" + GUIDE]
    assert label_guides(longer, unknown="error", align="right").tolist() == [0, 1]
    tied = label_guides([*longer, GUIDE], unknown="error", align="right")
    assert tied.tolist() == [0, 0, 0]


def test_what_the_encoder_refuses_is_refused():
    with pytest.raises(SequenceError, match=r"'N', at position 2\) in row 2"):
        label_guides(["ACGT", "ANGT"], unknown="error", align=None)
    with pytest.raises(SequenceError, match="same length"):
        label_guides(["ACGT", "ACG", "ACGA"], unknown="error", align=None)
