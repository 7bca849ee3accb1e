"""Alphabets: their letters, ambiguity codes and weights."""

import numpy as np
import pytest

from sgrna_estimator.sequences.alphabet import IUPAC_NUCLEOTIDES, Alphabet

DNA = Alphabet("ACGT")
PROTEIN = Alphabet("ACDEFGHIKLMNPQRSTVWY")


@pytest.mark.parametrize(
    "letters", ["", "A", "AA", "AaC", "AC T", "ACG1", "ACG?", "ACGß", "A\nC"]
)
def test_wrong_alphabets(letters):
    with pytest.raises(ValueError, match="alphabet must be two or more distinct"):
        Alphabet(letters)


def test_alphabet_ignores_case():
    assert Alphabet("acgt").letters == "ACGT"


@pytest.mark.parametrize(
    "letters", ["ACGT", "TGCA", "ACGU", "ACGT-", "ACGTN", "ACGTU", "ACGTNU-"]
)
def test_ambiguity_codes_of_nucleotides(letters):
    alphabet = Alphabet(letters)
    thymine = "T" if "T" in letters else "U"
    for code, meaning in IUPAC_NUCLEOTIDES.items():
        if code not in letters:
            assert alphabet.ambiguous[code] == meaning.replace("T", thymine)


def test_ambiguity_of_other_alphabets():
    assert PROTEIN.ambiguous == {"X": PROTEIN.letters}
    assert Alphabet("ACGX").ambiguous == {"?": "ACGX"}


@pytest.mark.parametrize(
    "alphabet", [DNA, Alphabet("ACGU-"), Alphabet("GCATN"), PROTEIN]
)
def test_weights_and_letter_sets_agree(alphabet):
    weights = alphabet.weights("spread")
    np.testing.assert_allclose(weights[:-1].sum(axis=1), 1)
    assert not weights[alphabet.absent].any()
    bits = 1 << np.arange(alphabet.n_letters)
    np.testing.assert_array_equal((weights[:-1] > 0) @ bits, alphabet.letter_sets[:-1])
    assert alphabet.letter_sets[alphabet.absent] & bits.sum() == 0
    zero = alphabet.weights("zero")
    np.testing.assert_array_equal(
        zero[: alphabet.n_letters], np.eye(alphabet.n_letters)
    )
    assert not zero[alphabet.n_letters :].any()
