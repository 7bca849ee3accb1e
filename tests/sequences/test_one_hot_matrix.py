"""The pure functions between letter codes and one-hot columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.one_hot_matrix import (
    common_letters,
    decode_positions,
    one_hot_csr,
    one_hot_dense,
)

DNA = Alphabet("ACGT")


def test_common_letters():
    codes = np.array([[0, 1, DNA.unknown, 2], [0, 2, 3, DNA.absent]], dtype=np.uint8)
    np.testing.assert_array_equal(
        common_letters(codes, DNA.letter_sets), [0b0001, 0, 0b1000, 0]
    )


@given(
    codes=st.lists(
        st.lists(st.integers(0, DNA.absent), min_size=3, max_size=3), min_size=1
    )
)
def test_decoding_undoes_both_encodings(codes):
    codes = np.array(codes, dtype=np.uint8)
    weights = DNA.weights("spread")
    dense = one_hot_dense(codes, weights, np.float32)
    sparse = one_hot_csr(codes, weights, np.float32)
    np.testing.assert_array_equal(sparse.toarray(), dense)
    # SciPy's choice; others are converted wherever the matrix goes
    assert sparse.indices.dtype == sparse.indptr.dtype == np.int32
    decoded, valid = decode_positions(dense.reshape(-1, 3, 4), weights)
    assert valid.all()
    np.testing.assert_array_equal(decoded, codes)
