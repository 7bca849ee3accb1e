"""Products of neighbouring letters, against counting dinucleotides in the text."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_set_output_transform_polars,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
    parametrize_with_checks,
)

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.sequences.adjacent_pairs import AdjacentPairsTransformer

LETTERS = "ACGT"


def one_hot(sequences, dtype=np.float64):
    rows = [
        [float(s == a) for s in sequence for a in LETTERS] for sequence in sequences
    ]
    return np.array(rows, dtype=dtype)


def column_names(positions):
    return [f"{position}_{letter}" for position in positions for letter in LETTERS]


sequences = st.integers(1, 8).flatmap(
    lambda length: st.lists(
        st.text(LETTERS, min_size=length, max_size=length), min_size=1, max_size=6
    )
)


@given(sequences)
def test_marks_each_dinucleotide_where_it_stands(texts):
    length = len(texts[0])
    X = pd.DataFrame(one_hot(texts), columns=column_names(range(1, length + 1)))
    pairs = AdjacentPairsTransformer().fit(X)
    table = pd.DataFrame(pairs.transform(X), columns=pairs.get_feature_names_out())
    assert table.shape[1] == 4 * length + 16 * (length - 1)
    for row, text in enumerate(texts):
        single = {f"{p}_{text[p - 1]}" for p in range(1, length + 1)}
        double = {f"{p}{text[p - 1]}_{p + 1}{text[p]}" for p in range(1, length)}
        assert set(table.columns[table.iloc[row] == 1]) == single | double
        assert table.iloc[row].sum() == 2 * length - 1


@given(
    sequences, st.sampled_from([sparse.csr_matrix, sparse.csr_array, sparse.coo_array])
)
def test_sparse_equals_dense(texts, container):
    X = one_hot(texts)
    pairs = AdjacentPairsTransformer().fit(X)
    result = pairs.transform(container(X))
    assert result.format == "csr"
    np.testing.assert_array_equal(result.toarray(), pairs.transform(X))


@pytest.mark.parametrize("is_sparse", [False, True])
def test_multiplies_any_numbers(is_sparse):
    X = np.random.default_rng(0).normal(size=(5, 6))
    given_X = sparse.csr_array(X) if is_sparse else X
    result = AdjacentPairsTransformer(n_channels=2).fit_transform(given_X)
    result = result.toarray() if is_sparse else result
    expected = [
        X[:, 2 * p + a] * X[:, 2 * (p + 1) + b]
        for p in range(2)
        for a in range(2)
        for b in range(2)
    ]
    np.testing.assert_allclose(result[:, 6:], np.transpose(expected))
    np.testing.assert_array_equal(result[:, :6], X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("is_sparse", [False, True])
def test_keeps_the_dtype(dtype, is_sparse):
    X = one_hot(["ACG", "TTA"], dtype)
    X = sparse.csr_array(X) if is_sparse else X
    assert AdjacentPairsTransformer().fit_transform(X).dtype == dtype


def test_callbacks_are_told_of_the_fit(heard):
    X = np.zeros((2, 8))
    AdjacentPairsTransformer().set_callbacks(heard).fit(X, "y")
    assert heard.told == [
        (when, AdjacentPairsTransformer, X, "y") for when in ("begin", "end")
    ]


def test_integers_become_floats():
    pairs = AdjacentPairsTransformer().fit(one_hot(["ACG", "TTA"], np.uint8))
    assert pairs.transform(one_hot(["ACG"], np.uint8)).dtype == np.float64


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([1, 2, 3], [[0, 1], [1, 2]]),
        ([1, 2, 5, 6], [[0, 1], [2, 3]]),  # the PAM's NGG: 3 and 4 dropped
        ([-2, -1, 0, 1], [[0, 1], [1, 2], [2, 3]]),
        ([-2, -1, 1], [[0, 1]]),
        ([3, 2, 1], np.empty((0, 2))),
        ([1], np.empty((0, 2))),
    ],
)
def test_numbered_positions_say_who_is_a_neighbour(positions, expected):
    X = pd.DataFrame(
        one_hot(["ACGT"[: len(positions)]]), columns=column_names(positions)
    )
    pairs = AdjacentPairsTransformer().fit(X)
    np.testing.assert_array_equal(pairs.pairs_, expected)
    assert pairs.transform(X).shape[1] == 4 * len(positions) + 16 * len(expected)


@pytest.mark.parametrize(
    "names",
    [
        None,
        [f"x{i}" for i in range(12)],
        column_names(["up", "seed", "down"]),
    ],
)
def test_without_numbers_consecutive_positions_are_neighbours(names):
    X = one_hot(["ACG"])
    X = X if names is None else pd.DataFrame(X, columns=names)
    pairs = AdjacentPairsTransformer().fit(X)
    assert pairs.pairs_.tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        # a column that belongs to another position
        (["1_A", "1_C", "1_G", "2_A", *column_names([5, 9])], "but not 1_A, 1_C, 1_G"),
        ([*column_names([1, 2]), "gc", "tss", "x", "y"], "but not gc, tss, x, y"),
        ([f"{p}_{a}" for p in range(6) for a in "AC"], "n_channels=4 contradicts"),
    ],
)
def test_names_that_speak_of_other_positions_are_refused(names, message):
    with pytest.raises(ValueError, match=message):
        AdjacentPairsTransformer().fit(pd.DataFrame(np.zeros((1, 12)), columns=names))


def test_a_column_transformer_hides_no_dropped_position():
    # the third position does not vary: what is left of and right of it are no neighbours
    guides = pd.DataFrame({"seq": ["AAGA", "CCGC", "GGGG", "TTGT"], "gc": [0, 1, 2, 3]})
    encoder = ColumnTransformer(
        [("sequence", SequenceOneHotTransformer(), ["seq"]), ("gc", "drop", ["gc"])]
    ).set_output(transform="pandas")
    X = encoder.fit_transform(guides)
    assert X.columns[0] == "sequence__1_A"
    pairs = AdjacentPairsTransformer().fit(X)
    assert pairs.pairs_.tolist() == [[0, 1]]
    assert pairs.get_feature_names_out()[-1] == "sequence__1T_2T"


def test_names_without_positions_are_joined():
    pairs = AdjacentPairsTransformer(n_channels=2).fit(np.zeros((1, 4)))
    assert pairs.get_feature_names_out().tolist() == [
        *["x0", "x1", "x2", "x3"],
        *["x0 x2", "x0 x3", "x1 x2", "x1 x3"],
    ]


def test_output_names_are_distinct():
    pairs = AdjacentPairsTransformer().fit(
        pd.DataFrame(one_hot(["ACGTACGTACGT"]), columns=column_names(range(1, 13)))
    )
    names = pairs.get_feature_names_out()
    assert names.dtype == object
    assert len(set(names)) == len(names)


def test_columns_that_are_no_whole_number_of_positions():
    with pytest.raises(ValueError, match=r"10 columns.*n_channels=4"):
        AdjacentPairsTransformer().fit(np.zeros((2, 10)))


@pytest.mark.parametrize("is_sparse", [False, True])
def test_a_linear_model_learns_a_dinucleotide(is_sparse):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list(LETTERS), 6)) for _ in range(400)]
    y = np.array([text[2:4] == "GT" for text in texts], dtype=float)
    X = one_hot(texts)
    X = sparse.csr_array(X) if is_sparse else X
    model = make_pipeline(AdjacentPairsTransformer(), Ridge(1e-3)).fit(X, y)
    assert model.score(X, y) > 0.999
    assert Ridge(1e-3).fit(X, y).score(X, y) < 0.9
    restored = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(restored.predict(X), model.predict(X))


# The checks draw matrices of any width: only single columns divide them all.
@parametrize_with_checks([AdjacentPairsTransformer(n_channels=1)])
def test_common_checks(estimator, check):
    check(estimator)


# The set_output checks cross frames and arrays between fit and transform on purpose.
@pytest.mark.filterwarnings("ignore:X .* feature names:UserWarning")
@pytest.mark.parametrize(
    "check",
    [
        check_param_validation,
        check_set_output_transform,
        check_set_output_transform_pandas,
        check_set_output_transform_polars,
        check_transformer_get_feature_names_out,
        check_transformer_get_feature_names_out_pandas,
        check_dataframe_column_names_consistency,
    ],
    ids=lambda check: check.__name__,
)
def test_checks_that_the_suite_leaves_out(check):
    check("AdjacentPairsTransformer", AdjacentPairsTransformer(n_channels=1))
