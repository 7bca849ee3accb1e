"""The fitted encoding, as the transformer and the scorer share it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.sequences.codes import SequenceError

GUIDES = ["GATC", "GCTA", "GCTA"]


def fit(guides=GUIDES, **options):
    return SequenceOneHotTransformer(**options).fit(guides)


def test_the_transformer_delegates():
    encoder = fit(position_names=[-2, -1, 0, 1])
    encoding = encoder.encoding_
    assert encoding.length == encoder.sequence_length_ == 4
    assert_array_equal(encoding.kept, encoder.kept_positions_)
    assert encoding.dropped_letters == encoder.dropped_letters_ == {0: "G", 2: "T"}
    assert encoding.column_names() == list(encoder.get_feature_names_out())
    codes = encoding.encode(["GGTT", "GATA"])
    assert_array_equal(
        encoding.columns(codes, sparse=False), encoder.transform(["GGTT", "GATA"])
    )


@given(
    st.lists(st.text("ACGTN", min_size=3, max_size=5), min_size=2, unique=True).filter(
        lambda texts: len({len(text) for text in texts}) > 1
    ),
    st.sampled_from(["left", "right"]),
    st.booleans(),
)
def test_text_codes_columns_and_back(texts, align, sparse):
    encoding = fit(texts, align=align, unknown="spread", drop_constant=False).encoding_
    codes = encoding.encode(texts)
    encoding.check_codes(codes)
    assert encoding.write(codes) == texts
    assert_array_equal(encoding.codes(encoding.columns(codes, sparse=sparse)), codes)


def test_weights_are_of_the_type_of_the_columns():
    encoding = fit(unknown="spread", dtype=np.float16).encoding_
    one_third = encoding.weights[encoding.alphabet.symbols.index("V"), 0]
    assert_allclose(one_third, np.float64(np.float16(1 / 3)), rtol=0)


def test_differs_where_training_had_one_letter():
    encoding = fit(unknown="spread").encoding_
    codes = encoding.encode(["GATC", "CATC", "NAGC", "TAAC"])
    assert_array_equal(encoding.differs(codes), [[0, 0], [1, 0], [0, 1], [1, 1]])
    with pytest.warns(UserWarning, match="position 1 held 'G' .* row 8 has 'C'"):
        encoding.warn_of_dropped(np.array([7, 9]), codes[1])


@pytest.mark.parametrize(
    ("options", "code"),
    [({}, 4), ({}, 255), ({"unknown": "zero"}, 15), ({"unknown": "spread"}, 15)],
)
def test_foreign_codes(options, code):
    encoding = fit(**options).encoding_
    codes = encoding.encode(GUIDES).copy()
    encoding.check_codes(codes)
    codes[1, 2] = code
    with pytest.raises(SequenceError) as refused:
        encoding.check_codes(codes)
    n_legal = 15 if options else 4
    assert str(refused.value) == (
        f"every letter code must be one of {[*range(n_legal)]}, but there is another "
        f"(first {code}, at position 3) in row 2"
    )
