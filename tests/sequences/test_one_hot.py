"""The transformer: what it learns, its columns and their names, and the way back."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import SequenceError

DNA = Alphabet("ACGT")
GUIDES = ["GATTACA", "GCCCACA", "GTTTACT", "GAAAACG"]


def reference_one_hot(texts, alphabet, unknown, kept):
    """Write 1 for each letter, position after position."""
    rows = []
    for text in texts:
        row = []
        for position in kept:
            letter = text[position]
            if letter in alphabet.letters:
                row += [float(letter == other) for other in alphabet.letters]
            elif unknown == "spread" and letter in alphabet.ambiguous:
                meaning = alphabet.ambiguous[letter]
                row += [(other in meaning) / len(meaning) for other in alphabet.letters]
            else:
                row += [0.0] * alphabet.n_letters
        rows.append(row)
    return np.array(rows).reshape(len(texts), -1)


# What is learnt and what comes out -----------------------------------------------


def test_example_by_hand():
    transformer = SequenceOneHotTransformer()
    encoded = transformer.fit_transform(["GAT", "gcu", "GAT"])
    np.testing.assert_array_equal(encoded, [[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]])
    assert encoded.dtype == np.float32
    assert transformer.sequence_length_ == 3
    assert transformer.kept_positions_.tolist() == [1]
    assert transformer.dropped_letters_ == {0: "G", 2: "T"}
    assert transformer.n_features_in_ == 1
    assert transformer.get_feature_names_out().tolist() == ["2_A", "2_C", "2_G", "2_T"]


def test_letter_that_training_lacks_has_a_column():
    transformer = SequenceOneHotTransformer().fit(["A", "C"])
    np.testing.assert_array_equal(transformer.transform(["T"]), [[0, 0, 0, 1]])


def test_order_of_the_alphabet_is_the_order_of_the_columns():
    transformer = SequenceOneHotTransformer(alphabet="tgca").fit(["A", "C"])
    np.testing.assert_array_equal(transformer.transform(["A"]), [[0, 0, 0, 1]])
    assert transformer.get_feature_names_out().tolist() == ["1_T", "1_G", "1_C", "1_A"]


def test_crispra_tables_give_160_columns(crispra_tiling):
    sequences = crispra_tiling.sequences
    transformer = SequenceOneHotTransformer()
    encoded = transformer.fit_transform(sequences)
    assert encoded.shape == (2073, 160)
    assert len(transformer.kept_positions_) == 40
    # The G that starts the spacer, and the GG of the PAM.
    assert transformer.dropped_letters_ == {10: "G", 31: "G", 32: "G"}
    np.testing.assert_array_equal(encoded.sum(axis=1), 40)
    assert transformer.inverse_transform(encoded).tolist() == sequences.tolist()


@given(
    data=st.data(),
    n_positions=st.integers(1, 7),
    unknown=st.sampled_from(["error", "zero", "spread"]),
    drop_constant=st.booleans(),
)
def test_dense_and_sparse_equal_the_reference(
    data, n_positions, unknown, drop_constant
):
    letters = {"error": "ACGT", "zero": "ACGT-N", "spread": DNA.symbols}[unknown]
    texts = data.draw(
        st.lists(
            st.text(letters, min_size=n_positions, max_size=n_positions),
            min_size=1,
            max_size=8,
        )
    )
    dense = SequenceOneHotTransformer(
        unknown=unknown, drop_constant=drop_constant, dtype=np.float64
    )
    compatible = [
        [
            set(
                letter
                if letter in "ACGT"
                else DNA.ambiguous.get(letter if unknown == "spread" else "N")
            )
            for letter in position
        ]
        for position in zip(*texts, strict=True)
    ]
    kept = [
        position
        for position, sets in enumerate(compatible)
        if not drop_constant or not set.intersection(*sets)
    ]
    if not kept:
        with pytest.raises(ValueError, match="no position varies"):
            dense.fit(texts)
        return
    encoded = dense.fit_transform(texts)
    assert dense.kept_positions_.tolist() == kept
    np.testing.assert_allclose(encoded, reference_one_hot(texts, DNA, unknown, kept))
    sparse = clone(dense).set_params(sparse_output=True)
    encoded_sparse = sparse.fit_transform(texts)
    assert encoded_sparse.has_canonical_format
    assert encoded_sparse.nnz == np.count_nonzero(encoded)
    np.testing.assert_array_equal(encoded_sparse.toarray(), encoded)
    for transformer, fitted in ((dense, encoded), (sparse, encoded_sparse)):
        again = transformer.transform(texts)
        np.testing.assert_array_equal((again != fitted).sum(), 0)
        decoded = transformer.inverse_transform(fitted).tolist()
        if unknown != "zero" and len(kept) == n_positions:
            assert decoded == texts
        else:
            assert transformer.transform(decoded).shape == fitted.shape


@given(
    texts=st.lists(st.text("ACGT", min_size=1, max_size=8), min_size=2, max_size=8),
    align=st.sampled_from(["left", "right"]),
    drop_constant=st.booleans(),
    sparse_output=st.booleans(),
)
def test_aligned_round_trip(texts, align, drop_constant, sparse_output):
    transformer = SequenceOneHotTransformer(
        align=align, drop_constant=drop_constant, sparse_output=sparse_output
    )
    try:
        encoded = transformer.fit_transform(texts)
    except ValueError:
        assert len(set(texts)) == 1
        return
    assert transformer.inverse_transform(encoded).tolist() == texts


def test_align_lines_up_at_the_named_end():
    texts = ["ACG", "CG"]
    left = SequenceOneHotTransformer(align="left", drop_constant=False).fit(texts)
    right = SequenceOneHotTransformer(align="right", drop_constant=False).fit(texts)
    a, c, g, none = np.vstack([np.eye(4)[:3], np.zeros(4)])
    np.testing.assert_array_equal(left.transform(["CG"]), [np.r_[c, g, none]])
    np.testing.assert_array_equal(right.transform(["CG"]), [np.r_[none, c, g]])
    np.testing.assert_array_equal(right.transform(["ACG"]), [np.r_[a, c, g]])


def test_a_position_that_some_sequences_lack_is_not_constant():
    transformer = SequenceOneHotTransformer(align="right").fit(["GAC", "AC", "TC"])
    assert transformer.kept_positions_.tolist() == [0, 1]
    assert transformer.dropped_letters_ == {2: "C"}


def test_an_unknown_letter_does_not_make_a_position_vary():
    transformer = SequenceOneHotTransformer(unknown="zero").fit(["GA", "NC", "GG"])
    assert transformer.dropped_letters_ == {0: "G"}
    transformer = SequenceOneHotTransformer(unknown="spread").fit(["GRA", "RNC", "GRT"])
    assert transformer.dropped_letters_ == {0: "G", 1: "R"}
    transformer = SequenceOneHotTransformer(unknown="spread").fit(["R", "Y"])
    assert transformer.kept_positions_.tolist() == [0]


def test_one_sequence_or_equal_ones_have_nothing_to_encode():
    with pytest.raises(ValueError, match="no position varies among the 2 sequences"):
        SequenceOneHotTransformer().fit(["ACGT", "acgu"])
    encoded = SequenceOneHotTransformer(drop_constant=False).fit_transform(["ACGT"])
    np.testing.assert_array_equal(encoded, np.eye(4).reshape(1, 16))


@pytest.mark.parametrize(
    "dtype", [np.float32, "float64", np.float16, np.uint8, int, bool]
)
def test_dtype(dtype):
    encoded = SequenceOneHotTransformer(dtype=dtype).fit_transform(GUIDES)
    assert encoded.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(
        encoded, SequenceOneHotTransformer().fit_transform(GUIDES)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, bool])
def test_dtype_of_sparse_output(dtype):
    transformer = SequenceOneHotTransformer(dtype=dtype, sparse_output=True)
    encoded = transformer.fit_transform(GUIDES)
    assert encoded.dtype == np.dtype(dtype)
    assert transformer.inverse_transform(encoded).tolist() == GUIDES


@pytest.mark.parametrize(
    "parameters",
    [
        {"dtype": str},
        {"dtype": complex},
        {"dtype": object},
        {"dtype": np.float16, "sparse_output": True},
        {"dtype": np.uint8, "unknown": "spread"},
    ],
)
def test_wrong_dtype(parameters):
    with pytest.raises(ValueError, match="dtype must be"):
        SequenceOneHotTransformer(**parameters).fit(GUIDES)


def test_sparse_container_follows_the_configuration():
    transformer = SequenceOneHotTransformer(sparse_output=True).fit(GUIDES)
    assert isinstance(transformer.transform(GUIDES), sp.csr_matrix)
    with config_context(sparse_interface="sparray"):
        assert isinstance(transformer.transform(GUIDES), sp.csr_array)


# Names ---------------------------------------------------------------------------


def test_position_names():
    names = np.arange(-1, 6)
    transformer = SequenceOneHotTransformer(position_names=names).fit(GUIDES)
    assert transformer.get_feature_names_out()[:4].tolist() == [
        "0_A",
        "0_C",
        "0_G",
        "0_T",
    ]


@pytest.mark.parametrize("names", [["a", "b"], ["a"] * 7, list(range(8))])
def test_wrong_position_names(names):
    with pytest.raises(ValueError, match="position_names must be 7 distinct names"):
        SequenceOneHotTransformer(position_names=names).fit(GUIDES)


def test_feature_names_in():
    frame = pd.DataFrame({"seq": GUIDES})
    transformer = SequenceOneHotTransformer().fit(frame)
    assert transformer.feature_names_in_.tolist() == ["seq"]
    assert transformer.n_features_in_ == 1
    expected = transformer.transform(GUIDES)  # a list has no name to differ
    np.testing.assert_array_equal(transformer.transform(frame), expected)
    np.testing.assert_array_equal(
        transformer.transform(pl.from_pandas(frame)), expected
    )
    assert transformer.get_feature_names_out().dtype == object
    with pytest.raises(ValueError, match="feature names should match"):
        transformer.transform(frame.rename(columns={"seq": "guide"}))
    with pytest.raises(ValueError, match="feature names should match"):
        transformer.transform(pl.DataFrame({"guide": GUIDES}))
    assert len(transformer.get_feature_names_out(["seq"])) == 16
    with pytest.raises(ValueError, match="not equal to feature_names_in_"):
        transformer.get_feature_names_out(["guide"])
    with pytest.raises(ValueError, match="should have length equal"):
        transformer.get_feature_names_out(["seq", "seq2"])


def test_feature_names_are_known_from_frames_only():
    transformer = SequenceOneHotTransformer().fit(pd.Series(GUIDES, name="seq"))
    assert not hasattr(transformer, "feature_names_in_")
    transformer.transform(pd.DataFrame({"anything": GUIDES}))


def test_set_output_pandas_keeps_the_index():
    series = pd.Series(GUIDES, index=[3, 1, 4, 5])
    transformer = SequenceOneHotTransformer().set_output(transform="pandas")
    for frame in (transformer.fit_transform(series), transformer.transform(series)):
        assert list(frame.columns) == transformer.get_feature_names_out().tolist()
        assert frame.index.tolist() == [3, 1, 4, 5]
        assert (frame.dtypes == np.float32).all()
        assert transformer.inverse_transform(frame).tolist() == GUIDES


def test_set_output_polars():
    transformer = SequenceOneHotTransformer().set_output(transform="polars")
    frame = transformer.fit_transform(pl.Series(GUIDES))
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == transformer.get_feature_names_out().tolist()
    assert transformer.inverse_transform(frame).tolist() == GUIDES


def test_set_output_refuses_sparse():
    transformer = SequenceOneHotTransformer(sparse_output=True)
    with pytest.raises(ValueError, match="outputs a scipy sparse matrix"):
        transformer.set_output(transform="pandas").fit_transform(GUIDES)


# Errors and warnings of transform ------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["GATTACA", "GATTAC"], "length seen in fit, 7, .* length 6 in row 2"),
        (["GATTACA", None], "missing value in row 2"),
        (["GATTACA", ""], "empty string in row 2"),
        (["GATTACA", 3], r"3 \(int\) in row 2"),
        (["GATTACA", "GATNACA"], "first 'N', at position 4.* in row 2"),
        ([], "no sequences"),
    ],
)
def test_what_transform_refuses(texts, message):
    transformer = SequenceOneHotTransformer().fit(GUIDES)
    with pytest.raises(ValueError, match=message):
        transformer.transform(texts)


def test_aligned_sequence_longer_than_in_fit():
    transformer = SequenceOneHotTransformer(align="left").fit(["ACG", "CA"])
    with pytest.raises(ValueError, match=r"longest in fit, 3, .* length 4 in row 2"):
        transformer.transform(["A", "ACGT"])


def test_another_letter_at_a_dropped_position_warns():
    transformer = SequenceOneHotTransformer().fit(["AGG", "CGG"])
    with pytest.warns(UserWarning, match="was dropped") as record:
        encoded = transformer.transform(["AGG", "CAG", "CGG", "TGA"])
    assert [str(warning.message) for warning in record] == [
        "position 2 held 'G' in all training sequences and was dropped, but row 2 has "
        "'A': the encoding cannot show such a difference from training, found in rows "
        "2, 4"
    ]
    np.testing.assert_array_equal(encoded, np.eye(4)[[0, 1, 1, 3]])


def test_a_lacking_letter_at_a_dropped_position_warns():
    transformer = SequenceOneHotTransformer(align="right").fit(["GAC", "GCC"])
    with pytest.warns(UserWarning, match=r"position 1 .* row 2 has no letter"):
        transformer.transform(["GAC", "AC"])


def test_an_unknown_letter_at_a_dropped_position_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for unknown in ("zero", "spread"):
            transformer = SequenceOneHotTransformer(unknown=unknown).fit(["AG", "CG"])
            np.testing.assert_array_equal(
                transformer.transform(["AN", "AG"]), [[1, 0, 0, 0]] * 2
            )


@pytest.mark.parametrize(("held", "code"), [("G", "Y"), ("C", "R"), ("A", "B")])
def test_an_ambiguity_code_that_excludes_the_dropped_letter_warns(held, code):
    training = [f"A{held}", f"C{held}"]
    transformer = SequenceOneHotTransformer(unknown="spread").fit(training)
    with pytest.warns(UserWarning, match="none of the letters") as record:
        transformer.transform([f"A{held}", f"A{code}"])
    # the letter is what is wrong, so it comes first
    assert [str(warning.message) for warning in record] == [
        f"row 2 has {code!r} at position 2, which is none of the letters 'ACGT': "
        f"position 2 held {held!r} in all training sequences and was dropped, so that "
        "the encoding cannot show it, found in row 2"
    ]


def test_rows_and_positions_are_counted_alike():
    transformer = SequenceOneHotTransformer().fit(["AG", "CG"])
    with pytest.raises(SequenceError, match=r"at position 1\) in row 1$") as caught:
        transformer.transform(["XG", "AG"])
    assert caught.value.rows == [0]  # for programs, as iloc counts
    with pytest.warns(UserWarning, match="position 2 held 'G' .* row 1 has 'T'"):
        transformer.transform(["AT", "AG"])
    with pytest.raises(ValueError, match="position 1 of row 1 holds"):
        transformer.inverse_transform([[1, 1, 1, 0], [1, 0, 0, 0]])
    assert transformer.get_feature_names_out()[0] == "1_A"


def test_callbacks_are_told_of_the_fit(heard):
    SequenceOneHotTransformer().set_callbacks(heard).fit(GUIDES, [1, 2, 3, 4])
    SequenceOneHotTransformer().set_callbacks(heard).fit_transform(GUIDES, "y")
    assert heard.told == [
        (when, SequenceOneHotTransformer, GUIDES, y)
        for y in ([1, 2, 3, 4], "y")
        for when in ("begin", "end")
    ]


# The way back --------------------------------------------------------------------


def test_inverse_restores_dropped_letters_and_upper_case():
    transformer = SequenceOneHotTransformer().fit(["gau", "gcu"])
    encoded = transformer.transform(["gau"])
    assert transformer.inverse_transform(encoded).tolist() == ["GAT"]
    assert transformer.inverse_transform(encoded).dtype == object


def test_inverse_of_empty_positions():
    transformer = SequenceOneHotTransformer(unknown="zero").fit(["ACG", "CAT"])
    encoded = transformer.transform(["-CN"])
    assert transformer.inverse_transform(encoded).tolist() == ["NCN"]
    protein = SequenceOneHotTransformer(alphabet="ACDEFGHIKLMNPQRSTVWY", unknown="zero")
    encoded = protein.fit(["MKA", "KMC"]).transform(["MK*"])
    assert protein.inverse_transform(encoded).tolist() == ["MKX"]


def test_inverse_of_empty_positions_inside_an_aligned_sequence():
    transformer = SequenceOneHotTransformer(unknown="zero", align="left")
    encoded = transformer.fit_transform(["ANGT", "CA", "ATTC"])
    assert transformer.inverse_transform(encoded).tolist() == ["ANGT", "CA", "ATTC"]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_inverse_of_ambiguity_codes(dtype):
    codes = list(DNA.symbols)
    transformer = SequenceOneHotTransformer(unknown="spread", dtype=dtype)
    encoded = transformer.fit_transform(codes)
    assert transformer.inverse_transform(encoded).tolist() == codes


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("values", [[0.5, 0.5, 0, 0], [2, 0, 0, 0], [1, 1, 0, 0]])
def test_inverse_refuses_what_encodes_no_letter(values, sparse):
    transformer = SequenceOneHotTransformer().fit(["GAA", "GCC"])
    encoded = transformer.transform(["GAA", "GAC"])
    encoded[1, 4:] = values
    with pytest.raises(ValueError, match=r"position 3 of row 2"):
        transformer.inverse_transform(sp.csr_matrix(encoded) if sparse else encoded)


def test_inverse_refuses_another_number_of_columns():
    transformer = SequenceOneHotTransformer().fit(["GA", "GC"])
    with pytest.raises(ValueError, match="SequenceOneHotTransformer expects the 4"):
        transformer.inverse_transform(np.ones((2, 3)))


def test_inverse_works_in_blocks(monkeypatch):
    monkeypatch.setattr("sgrna_estimator.sequences.encoding._ROWS_A_BLOCK", 3)
    texts = GUIDES * 4
    transformer = SequenceOneHotTransformer()
    encoded = transformer.fit_transform(texts)
    assert transformer.inverse_transform(encoded).tolist() == texts
    encoded[7, 0] = 0.5
    with pytest.raises(ValueError, match="of row 8 holds"):
        transformer.inverse_transform(encoded)
