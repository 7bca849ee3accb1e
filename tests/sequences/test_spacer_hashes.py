"""Guides as numbers: the same whatever is around the spacer, and however it is written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    GuideLayout,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.sequences.codes import SequenceError
from sgrna_estimator.sequences.spacer_hashes import (
    hash_codes,
    hash_letters,
    hash_texts,
)

LETTERS = st.text("ACGT", min_size=43, max_size=43)
LONG, SHORT = GuideLayout.parse("10+20+3+10"), GuideLayout.parse("4+20+3+3")


@given(st.lists(LETTERS, min_size=1, max_size=5))
def test_layouts_around_a_spacer_agree(contexts):
    cut = [context[6:36].lower().replace("t", "u") for context in contexts]
    hashes = hash_texts(contexts, LONG)
    assert_array_equal(hashes, hash_texts(cut, SHORT))
    assert len(set(hashes.tolist())) == len({context[10:30] for context in contexts})


@given(st.permutations("ACGT"), st.lists(LETTERS, min_size=1, max_size=5))
def test_letters_of_columns_agree_with_text(alphabet, contexts):
    names = LONG.position_names()
    codes = np.array(
        [[alphabet.index(letter) for letter in each] for each in contexts], np.uint8
    )
    found = hash_letters(codes, names, "".join(alphabet))
    assert_array_equal(found, hash_texts(contexts, LONG))
    spacers = hash_letters(codes[:, LONG.spacer], range(1, 21), "".join(alphabet))
    assert_array_equal(spacers, found)


def test_guides_of_another_length_are_refused():
    with pytest.raises(SequenceError, match="30, but there is one of length 43"):
        hash_texts(["ACGT" * 10 + "ACG"], SHORT)


def test_unknown_letters_are_a_letter_of_their_own():
    context = "A" * 43
    with_unknown = [context[:15] + other + context[16:] for other in "N-"]
    (known,), unknown = hash_texts([context], LONG), hash_texts(with_unknown, LONG)
    assert unknown[0] == unknown[1] != known


def test_codes_are_told_apart_exactly():
    codes = np.array(np.meshgrid(*[range(4)] * 8)).reshape(8, -1).T.astype(np.uint8)
    assert len(np.unique(hash_codes(codes))) == 4**8


@pytest.mark.parametrize(
    ("positions", "alphabet"),
    [(range(1, 20), "ACGT"), (["a", *range(2, 21)], "ACGT"), (range(1, 21), "ACGTN")],
)
def test_columns_that_do_not_number_a_spacer(positions, alphabet):
    letters = np.zeros((1, len(positions)), dtype=np.uint8)
    assert hash_letters(letters, list(positions), alphabet) is None


def test_a_fitted_network_remembers_its_guides_and_its_prior_s(small_screen):
    def fit(rows, **options):
        encoder = SequenceOneHotTransformer(
            position_names=LONG.position_names(), drop_constant=False
        ).set_output(transform="pandas")
        network = PositionwiseReLURegressor(max_iter=1, random_state=0, **options)
        model = make_pipeline(encoder, network)
        return model.fit(small_screen.sequences[rows], small_screen.target[rows])

    def hashes(rows):
        return np.unique(hash_texts(small_screen.sequences[rows].tolist(), LONG))

    source = fit(slice(0, 100))
    assert_array_equal(source[-1].networks_[0].seen, hashes(slice(0, 100)))
    target = fit(slice(50, 150), prior=FrozenEstimator(source))
    assert_array_equal(target[-1].networks_[0].seen, hashes(slice(0, 150)))
    more = target[:-1].transform(small_screen.sequences[150:240])
    target[-1].partial_fit(more, small_screen.target[150:240])
    assert_array_equal(target[-1].networks_[0].seen, hashes(slice(0, 240)))
    bare = PositionwiseReLURegressor(max_iter=1).fit(more.to_numpy(), range(90))
    assert bare.networks_[0].seen is None


def test_numbers_are_those_that_model_files_hold():
    """Other numbers would make guides of older files unknown, and tested on again."""
    codes = [[0] * 20, [0, 1, 2, 3] * 5, [3] * 19 + [4]]
    expected = [0, 0xC3E01D7447C9D57E, 0x26DC0F369C708096]
    assert hash_codes(np.array(codes, dtype=np.uint8)).tolist() == expected


def test_the_spacer_counts_from_its_first_letter_to_its_last():
    context = "A" * 43
    changed = [context[:at] + "C" + context[at + 1 :] for at in range(43)]
    differs = hash_texts(changed, LONG) != hash_texts([context], LONG)
    assert np.flatnonzero(differs).tolist() == [*range(10, 30)]
