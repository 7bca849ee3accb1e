"""Splits: no gene and no sequence is on both sides, and what leaks is told."""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    RepeatedKFold,
    ShuffleSplit,
)

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.comparison.splits import (
    connected,
    make_splits,
    row_codes,
    usual_repeats,
)


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=30)
)
def test_connected_components_equal_a_slow_merge(guides):
    groups, sequences = (
        pd.factorize(np.array(side))[0] for side in zip(*guides, strict=True)
    )
    label = list(range(len(guides)))  # merge two by two until nothing changes
    changed = True
    while changed:
        changed = False
        for i, j in combinations(range(len(guides)), 2):
            tied = groups[i] == groups[j] or sequences[i] == sequences[j]
            if tied and label[i] != label[j]:
                label[i] = label[j] = min(label[i], label[j])
                changed = True
    components = connected(groups, sequences)
    for i, j in combinations(range(len(guides)), 2):
        assert (components[i] == components[j]) == (label[i] == label[j])


SPELLINGS = ["ACGT", "acgt", "ACGU", "TTTT", "ACGT", "TTTA"]


SAME = [0, 0, 0, 1, 0, 2]


@pytest.mark.parametrize(
    "container",
    [
        list,
        tuple,
        np.array,
        lambda x: np.array(x, dtype=object),
        lambda x: np.array(x, dtype="S"),
        pd.Series,
        lambda x: pd.Series(x, index=list("uvwxyz")),
        lambda x: pd.Series(x, dtype="category"),
        lambda x: pd.Series(x, dtype="string[pyarrow]"),
        lambda x: pd.DataFrame({"seq": x}),
        lambda x: pd.DataFrame({"seq": x, "seq2": x}).set_axis(["a", "a"], axis=1),
        pl.Series,
        lambda x: pl.DataFrame({"seq": x}),
    ],
)
def test_sequences_that_are_read_alike_are_the_same_guide(container):
    assert row_codes(container(SPELLINGS)).tolist() == SAME


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_equal_rows_are_the_same_guide_dense_or_sparse(dtype):
    X = np.random.default_rng(0).integers(0, 2, (300, 6)).astype(dtype)
    expected = [tuple(row) for row in X.tolist()]
    for container in (np.asarray, sparse.csr_array, sparse.csc_matrix, pd.DataFrame):
        codes = row_codes(container(X))
        assert len(set(zip(codes, expected, strict=True))) == len(set(expected))
        assert len(set(codes)) == len(set(expected))


def test_zeros_are_zeros_however_they_are_written():
    assert row_codes(np.array([[0.0, 1.0], [-0.0, 1.0]])).tolist() == [0, 0]
    rows, columns = np.array([0, 0, 1, 1, 1]), np.array([1, 0, 0, 1, 1])
    stored = sparse.coo_array((np.array([2.0, 0, 0, 1, 1]), (rows, columns)))
    assert row_codes(stored.tocsr()).tolist() == [0, 0]


def test_rows_are_told_apart_by_any_column():
    X = pd.DataFrame({"seq": ["AC", "AC", "AC"], "distance": [1.0, 2.0, 1.0]})
    assert row_codes(X).tolist() == [0, 1, 0]


@settings(max_examples=25)
@given(st.integers(0, 1000), st.booleans(), st.sampled_from([None, 3, "logo"]))
def test_no_gene_and_no_sequence_is_ever_on_both_sides(seed, grouped, cv):
    rng = np.random.default_rng(seed)
    genes = rng.choice(list("abcdefghijklmnopqrst"), 80)
    genes[:20] = list("abcdefghijklmnopqrst")
    X = np.array([f"guide {i % 70}" for i in range(80)])  # 10 are there twice
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = compare_estimators(
            {"mean": DummyRegressor()},
            X,
            np.arange(80.0),
            groups=genes if grouped else None,
            cv=LeaveOneGroupOut() if cv == "logo" else cv,
            random_state=seed,
        )
    tested = np.concatenate([test for _, test in result.splits_])
    assert result.n_repeats_ == (1 if cv == "logo" else 5)
    assert sorted(tested) == np.repeat(range(80), result.n_repeats_).tolist()
    for train, test in result.splits_:
        assert not set(X[train]) & set(X[test])
        assert not grouped or not set(genes[train]) & set(genes[test])
    assert not any(result.leaks_.values())


def test_folds_depend_on_the_seed_only(features):
    X, y, groups = features

    def folds(seed):
        result = compare_estimators(
            {"ridge": Ridge()}, X, y, groups=groups, random_state=seed
        )
        return [test.tolist() for _, test in result.splits_]

    assert folds(0) == folds(0)
    assert folds(0) != folds(1)


@pytest.mark.parametrize(
    ("n_guides", "n_sets", "n_folds", "expected"),
    [(5000, 5000, 5, 5), (5001, 5001, 5, 1), (700, 10, 5, 5), (700, 9, 5, 1)],
)
def test_the_number_of_guides_says_how_often_folds_are_drawn(
    n_guides, n_sets, n_folds, expected
):
    assert usual_repeats(n_guides, n_sets, n_folds) == expected


def test_no_fold_of_a_repeat_is_one_of_another():
    sets = np.repeat(np.arange(10), 3)
    y = np.zeros(30)
    splits, n_repeats = make_splits(5, sets, y, None, sets, 0)
    assert n_repeats == 5
    tests = {tuple(sorted(test)) for _, test in splits}
    assert len(tests) == len(splits) == 25
    for repeat in range(5):
        folds = [test for _, test in splits[5 * repeat : 5 * repeat + 5]]
        assert sorted(np.concatenate(folds)) == list(range(30))
    first, _ = make_splits(5, sets, y, None, sets, 0, repeats=1)
    for ours, alone in zip(splits, first, strict=False):
        np.testing.assert_array_equal(ours[1], alone[1])
    six = np.repeat(np.arange(6), 5)
    with pytest.raises(ValueError, match="draw 5 folds 3 times from 6 sets of guides"):
        make_splits(5, six, y, None, six, 0, repeats=3)
    assert make_splits(5, six, y, None, six, 0)[1] == 1


def test_the_same_split_again_is_no_evidence(features):
    X, y, _ = features
    folds = list(KFold(5).split(X))
    for cv in (folds[:1] * 5, [*folds, (folds[2][0][::-1], folds[2][1][::-1])]):
        with pytest.raises(ValueError, match=r"splits \d and \d of cv test the same"):
            compare_estimators({"ridge": Ridge()}, X, y, cv=cv)


def test_splits_of_one_comparison_serve_another(features):
    X, y, _ = features
    first = compare_estimators({"ridge": Ridge()}, X, y, random_state=0)
    second = compare_estimators({"ridge": Ridge()}, X, y, cv=first.splits_)
    pd.testing.assert_frame_equal(first.predictions_, second.predictions_)


def test_masks_and_repeated_splits(features):
    X, y, _ = features
    test = np.arange(100) < 30
    result = compare_estimators(
        {"ridge": Ridge()}, X, y, cv=[(~test, test), (test, ~test)]
    )
    assert result.splits_[0][1].tolist() == list(range(30))
    repeated = compare_estimators(
        {"ridge": Ridge()},
        X,
        y,
        cv=RepeatedKFold(n_splits=4, n_repeats=3, random_state=0),
    )
    assert len(repeated.predictions_) == 300
    assert repeated.predictions_.index.tolist() == np.repeat(np.arange(100), 3).tolist()
    assert repeated.predictions_["split"].nunique() == 12


def test_splits_that_leak_are_named(screen):
    X, y, genes = screen
    X = X.copy()
    X[1] = X[0].lower()  # same gene, same guide
    with pytest.warns(
        UserWarning, match=r"1[0-9]* of 120 test guides share their group"
    ):
        result = compare_estimators(
            {"mean": DummyRegressor()},
            X,
            y,
            groups=genes,
            cv=KFold(4, shuffle=True, random_state=0),
        )
    assert result.leaks_["group"] > 100
    assert "scores are better than on new guides" in result.verdict()[0]
    halves = [(np.arange(1, 120), [0])]
    with pytest.warns(
        UserWarning, match="1 of 1 test guides share their sequence with"
    ):
        compare_estimators({"mean": DummyRegressor()}, X, y, cv=halves)


def test_a_splitter_without_groups_is_no_reason_to_warn(features):
    X, y, _ = features
    result = compare_estimators(
        {"ridge": Ridge()}, X, y, cv=ShuffleSplit(3, random_state=0)
    )
    assert len(result.splits_) == 3


def test_a_splitter_is_handed_genes_and_sequences(screen):
    X, y, genes = screen
    X = X.copy()
    X[0] = X[15]  # ties the first two genes
    for cv, n_splits in (
        (LeaveOneGroupOut(), 11),
        (GroupShuffleSplit(2, random_state=0), 2),
    ):
        result = compare_estimators(
            {"mean": DummyRegressor()}, X, y, groups=genes, cv=cv
        )
        assert len(result.splits_) == n_splits
        assert result.leaks_ == {"sequence": 0, "group": 0}


def test_sequences_beside_covariates(screen):
    X, y, _ = screen
    sequences = pd.concat([X[:60], X[:60].str.lower()], ignore_index=True)
    covariates = np.random.default_rng(0).normal(size=(120, 2))
    result = compare_estimators(
        {"ridge": Ridge()}, covariates, y, sequences=sequences, random_state=0
    )
    for train, test in result.splits_:
        assert not set(train % 60) & set(test % 60)


def test_the_same_guide_under_several_drugs_stays_on_one_side(doench2016):
    sequences, y = doench2016.sequences, doench2016.target
    mean = {"mean": DummyRegressor()}
    for groups in (None, doench2016.groups):
        result = compare_estimators(mean, sequences, y, groups=groups)
        assert not any(result.leaks_.values())
    with pytest.warns(UserWarning, match="share their sequence with a training guide"):
        compare_estimators(
            mean, sequences, y, cv=KFold(5, shuffle=True, random_state=0)
        )
