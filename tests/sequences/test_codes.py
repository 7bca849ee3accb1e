"""Texts in any container, and the letter codes that they become."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import (
    SequenceError,
    encode_sequences,
    read_texts,
    write_sequences,
)

DNA = Alphabet("ACGT")
PROTEIN = Alphabet("ACDEFGHIKLMNPQRSTVWY")
TEXTS = ["GATTACA", "cccgggt", "UUUaaac"]

CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "ndarray_object": lambda texts: np.array(texts, dtype=object),
    "ndarray_unicode": np.array,
    "ndarray_bytes": lambda texts: np.array(texts, dtype="S"),
    "ndarray_string_dtype": lambda texts: np.array(
        texts, dtype=np.dtypes.StringDType()
    ),
    "ndarray_column": lambda texts: np.array(texts)[:, np.newaxis],
    "list_of_bytes": lambda texts: [text.encode() for text in texts],
    "pandas_default": pd.Series,
    "pandas_object": lambda texts: pd.Series(texts, dtype=object),
    "pandas_python_string": lambda texts: pd.Series(texts, dtype="string[python]"),
    "pandas_arrow_string": lambda texts: pd.Series(texts, dtype="string[pyarrow]"),
    "pandas_arrow_dtype": lambda texts: pd.Series(
        texts, dtype=pd.ArrowDtype(pa.string())
    ),
    "pandas_category": lambda texts: pd.Series(texts, dtype="category"),
    "pandas_other_index": lambda texts: pd.Series(texts, index=[7, 7, 3]),
    "pandas_index": pd.Index,
    "pandas_frame": lambda texts: pd.DataFrame({"seq": texts}),
    "polars_series": pl.Series,
    "polars_category": lambda texts: pl.Series(texts, dtype=pl.Categorical),
    "polars_frame": lambda texts: pl.DataFrame({"seq": texts}),
    "pyarrow_array": pa.array,
    "pyarrow_chunked_array": lambda texts: pa.chunked_array([texts[:1], texts[1:]]),
    "pyarrow_table": lambda texts: pa.table({"seq": texts}),
}


def reference_codes(texts, alphabet, unknown, align=None, length=None):
    """Encode letter by letter, as the definition says."""
    length = max(map(len, texts)) if length is None else length
    rows = []
    for text in texts:
        row = []
        for character in text.upper():
            if character == "U" and "U" not in alphabet.letters:
                character = "T"
            if character == "T" and "T" not in alphabet.letters:
                character = "U"
            if character in alphabet.letters:
                row.append(alphabet.letters.index(character))
            elif unknown == "spread" and character in alphabet.ambiguous:
                row.append(alphabet.symbols.index(character))
            elif unknown == "zero":
                row.append(alphabet.unknown)
            else:
                raise ValueError(character)
        padding = [alphabet.absent] * (length - len(text))
        rows.append(padding + row if align == "right" else row + padding)
    return np.array(rows, dtype=np.uint8)


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_every_container_gives_the_same_texts(container):
    assert read_texts(container(TEXTS)) == TEXTS


def test_reading_does_not_change_the_list():
    texts = [b"ACGT", "ACGT"]
    assert read_texts(texts) == ["ACGT", "ACGT"]
    assert texts == [b"ACGT", "ACGT"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_missing_values_are_named_by_row(missing):
    with pytest.raises(SequenceError, match=r"missing value in rows 2, 4$") as caught:
        read_texts(["ACGT", missing, "ACGT", missing])
    assert caught.value.rows == [1, 3]


@pytest.mark.parametrize(
    "container",
    [
        pd.Series,
        pl.Series,
        pa.array,
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: pd.Series(texts, dtype="string[pyarrow]"),
    ],
)
def test_missing_values_of_containers_are_named_by_row(container):
    with pytest.raises(SequenceError, match=r"missing value in row 2$"):
        read_texts(container(["ACGT", None, "ACGT"]))


def test_missing_values_come_before_other_complaints():
    with pytest.raises(SequenceError, match=r"missing value in row 3$"):
        read_texts(["", 5, None])


def test_other_types_are_named_by_row_and_type():
    with pytest.raises(SequenceError, match=r"there is 5 \(int\) in rows 2, 4$"):
        read_texts(["ACGT", 5, "ACGT", ["ACGT"]])


def test_numbers_are_not_sequences():
    with pytest.raises(SequenceError, match=r"0\.0 \(float\) in rows 1, 2, 3"):
        read_texts(np.zeros(3))


def test_empty_strings_are_named_by_row():
    with pytest.raises(SequenceError, match=r"empty string in rows 1, 3$"):
        read_texts(["", "ACGT", ""])


@pytest.mark.parametrize("empty", [[], np.array([], dtype=object), pl.Series([])])
def test_no_sequences_at_all(empty):
    with pytest.raises(ValueError, match="no sequences"):
        read_texts(empty)


@pytest.mark.parametrize("text", ["ACGT", b"ACGT"])
def test_one_string_is_not_several_sequences(text):
    with pytest.raises(ValueError, match="put it in a list"):
        read_texts(text)


@pytest.mark.parametrize(
    "wrong", [None, 5, {"ACGT": 1}, {"ACGT"}, iter(["ACGT"]), np.array("ACGT")]
)
def test_what_is_no_container_in_order(wrong):
    with pytest.raises(TypeError, match="X must be a list, a Series"):
        read_texts(wrong)


def test_sparse_matrix_is_no_container_of_sequences():
    import scipy.sparse as sp

    with pytest.raises(TypeError, match="got csr_matrix"):
        read_texts(sp.csr_matrix(np.ones((2, 1))))


@pytest.mark.parametrize(
    ("wide", "message"),
    [
        (pd.DataFrame({"a": ["A"], "b": ["C"]}), r"2 columns \['a', 'b'\]: select one"),
        (pl.DataFrame({"a": ["A"], "b": ["C"]}), r"2 columns \['a', 'b'\]: select one"),
        (np.array([["A", "C"]]), "got 2 columns$"),
    ],
)
def test_several_columns(wide, message):
    with pytest.raises(ValueError, match=message):
        read_texts(wide)


def test_error_survives_pickling():  # it crosses processes in a parallel search
    error = SequenceError("expected this", "there is that", [3])
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "expected this, but there is that in row 4"
    assert (copy.expected, copy.found, copy.rows) == (
        *("expected this", "there is that"),
        [3],
    )


def test_case_and_uracil():
    codes = encode_sequences(["ACGT", "acgu", "AcGU"], DNA)
    np.testing.assert_array_equal(codes, [[0, 1, 2, 3]] * 3)
    assert codes.dtype == np.uint8


def test_thymine_reads_as_uracil_in_an_rna_alphabet():
    np.testing.assert_array_equal(
        encode_sequences(["TtUu"], Alphabet("ACGU")), [[3, 3, 3, 3]]
    )


def test_uracil_and_thymine_are_two_letters_if_the_alphabet_says_so():
    np.testing.assert_array_equal(encode_sequences(["TU"], Alphabet("ACGTU")), [[3, 4]])


def test_selenocysteine_is_not_threonine():
    with pytest.raises(SequenceError, match="first 'U', at position 2"):
        encode_sequences(["MU"], PROTEIN)


@given(
    texts=st.lists(
        st.text("ACGTUacgtuNRYnry-.XÄ", min_size=1, max_size=12), min_size=1, max_size=8
    ),
    align=st.sampled_from(["left", "right"]),
)
def test_zero_equals_the_reference(texts, align):
    codes = encode_sequences(texts, DNA, unknown="zero", align=align)
    np.testing.assert_array_equal(codes, reference_codes(texts, DNA, "zero", align))


@given(
    letters=st.sampled_from(["ACGT", "TGCA", "ACGU", "ACGT-", "ACGTN"]),
    data=st.data(),
    align=st.sampled_from([None, "left", "right"]),
)
def test_spread_equals_the_reference(letters, data, align):
    alphabet = Alphabet(letters)
    known = "".join(set(alphabet.symbols) - {"?"}) + "UTut"
    shortest = 5 if align is None else 1
    texts = data.draw(
        st.lists(st.text(known, min_size=shortest, max_size=5), min_size=1, max_size=8)
    )
    codes = encode_sequences(texts, alphabet, unknown="spread", align=align)
    np.testing.assert_array_equal(
        codes, reference_codes(texts, alphabet, "spread", align)
    )


@given(
    texts=st.lists(
        st.text(DNA.symbols, min_size=1, max_size=9), min_size=1, max_size=9
    ),
    align=st.sampled_from(["left", "right"]),
)
def test_round_trip(texts, align):
    codes = encode_sequences(texts, DNA, unknown="spread", align=align)
    assert write_sequences(codes, DNA) == texts


def test_round_trip_of_proteins():
    texts = ["MKVX", "XXAY"]
    codes = encode_sequences(texts, PROTEIN, unknown="spread")
    assert write_sequences(codes, PROTEIN) == texts


@pytest.mark.parametrize("character", ["N", "-", " ", "\t", "\n", "é", "中", "?", "\0"])
def test_foreign_characters_are_named(character):
    texts = ["ACGT", "AC" + character + "T", "ACGT", character + "CGT"]
    with pytest.raises(SequenceError) as caught:
        encode_sequences(texts, DNA)
    assert caught.value.rows == [1, 3]
    assert str(caught.value) == (
        "every letter must be one of 'ACGT', but there is another (first "
        f"{character!r}, at position 3) in rows 2, 4"
    )


def test_position_of_a_foreign_character_with_several_lengths():
    with pytest.raises(SequenceError, match=r"first 'X', at position 3\) in row 3$"):
        encode_sequences(["A", "ACGTACGT", "CCXA", "ACG"], DNA, align="right")


def test_spread_refuses_what_is_no_ambiguity_code():
    with pytest.raises(SequenceError) as refused:
        encode_sequences(["ACG-"], DNA, unknown="spread")
    assert refused.value.expected == (
        "every letter must be one of 'ACGT' or of the ambiguity codes 'RYSWKMBDHVN'"
    )


BLANKS = [" ", "\t", "\n", "\r", "\u00a0", "\u2003", "\u200b", "\ufeff"]


@pytest.mark.parametrize("blank", BLANKS)
def test_blanks_are_refused_even_where_unknown_letters_are_taken(blank):
    with pytest.raises(SequenceError, match=r"no letter may be a blank") as refused:
        encode_sequences(["ACGTN", "ACGT" + blank], DNA, unknown="zero")
    assert refused.value.found == f"there is one (first {blank!r}, at position 5)"
    assert refused.value.rows == [1]


def test_lengths_that_differ():
    texts = ["ACGT", "ACG", "ACGT", "ACGTA"]
    with pytest.raises(SequenceError) as caught:
        encode_sequences(texts, DNA)
    assert str(caught.value) == (
        "every sequence must have the same length (the commonest is 4; for "
        "several lengths set align, on the command line --align), but there is "
        "one of length 3 in rows 2, 4"
    )


def test_the_commonest_length_is_expected_wherever_it_is():
    with pytest.raises(SequenceError, match=r"commonest is 4.* in row 1$"):
        encode_sequences(["ACG", "ACGT", "TTTT"], DNA)


def test_bytes_that_are_no_letters_are_named():
    with pytest.raises(SequenceError, match=r"first 'é', at position 3\) in row 2$"):
        encode_sequences(read_texts(np.array([b"ACGT", b"AC\xe9T"])), DNA)


def test_first_length_is_expected_in_a_tie():
    with pytest.raises(SequenceError, match=r"commonest is 4.* in row 2$"):
        encode_sequences(["ACGT", "ACG"], DNA)


def test_length_that_was_seen_before():
    with pytest.raises(SequenceError, match=r"seen in fit, 5, .* length 4 in row 1$"):
        encode_sequences(["ACGT"], DNA, length=5)
    with pytest.raises(
        SequenceError, match=r"longest in fit, 3, .* length 4 in row 2$"
    ):
        encode_sequences(["AC", "ACGT"], DNA, align="left", length=3)
    np.testing.assert_array_equal(
        encode_sequences(["AC"], DNA, align="right", length=3), [[DNA.absent, 0, 1]]
    )


def test_many_rows_are_not_all_named():
    with pytest.raises(SequenceError, match=r"in rows 1, 2, 3, 4, 5 and 95 more$"):
        encode_sequences(["N"] * 100, DNA)
