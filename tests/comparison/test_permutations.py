"""Permutations within genes: what is permuted, and what they can and cannot show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Lasso, Ridge

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.comparison.permutations import permutation_test, permute_within
from sgrna_estimator.metrics import within_group_spearman
from tests.comparison.models import Taker

QUICK = {"groups": np.repeat(np.arange(20), 6), "random_state": 0}


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 99))
def test_values_stay_in_their_group(groups, seed):
    codes = np.array(groups)
    y = np.arange(len(codes), dtype=float)
    permuted = permute_within(y, codes, np.random.RandomState(seed))
    for group in set(groups):
        assert sorted(permuted[codes == group]) == sorted(y[codes == group])
    pooled = permute_within(y, None, np.random.RandomState(seed))
    assert sorted(pooled) == sorted(y)


def test_every_order_within_a_group_is_as_likely():
    y, codes = np.array([0.0, 1, 2, 10, 11]), np.array([0, 1, 0, 1, 0])
    random = np.random.RandomState(0)
    drawn = [tuple(permute_within(y, codes, random)) for _ in range(2400)]
    orders, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(orders) == 6 * 2
    assert counts.min() > 150  # of 200 expected


def screen_of(signal):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(120, 3))
    shift = 3 * rng.normal(size=20)[QUICK["groups"]]
    return X, signal * X[:, 0] + shift + rng.normal(size=120)


@pytest.mark.parametrize(("signal", "shown"), [(1.0, True), (0.0, False)])
def test_signal_within_genes_is_found_and_its_absence_is_not(signal, shown):
    X, y = screen_of(signal)
    models = {"ridge": Ridge(), "none": Lasso(1e6)}
    result = compare_estimators(models, X, y, repeats=2, **QUICK)
    told = []
    found = permutation_test(
        *(result, models, X, y),
        n_permutations=19,
        progress=lambda *args: told.append(args),
        **QUICK,
    )
    assert found.metric == "within_group_spearman"
    assert found.estimators == ["ridge", "none"]
    assert found.shows_signal == shown
    assert [args[:2] for args in told] == [(done, 190) for done in range(1, 191)]
    assert [name for *_, name in told] == ["ridge", "none"] * 95
    with_it = replace(result, permutations_=found)
    assert with_it.smallest_shown() == found.smallest_shown
    assert with_it.has_signal == shown
    said = with_it.verdict()[-2]
    if shown:
        assert said.startswith("There is signal within genes (p = 0.05, of 19 permut")
    else:
        assert said.startswith("No signal detected within genes (p = ")
        assert f"a correlation below {found.smallest_shown:.2f} would usually" in said


def test_scores_equal_a_loop_by_hand():
    X, y = screen_of(0.3)
    genes = QUICK["groups"]
    result = compare_estimators({"ridge": Ridge()}, X, y, repeats=3, **QUICK)
    found = permutation_test(
        *(result, {"ridge": Ridge()}, X, y), n_permutations=19, **QUICK
    )

    def score(target):
        folds = [
            within_group_spearman(
                target[test],
                Ridge().fit(X[train], target[train]).predict(X[test]),
                genes[test],
            )
            for train, test in result.splits_[:5]
        ]
        return np.mean(folds)

    assert found.score == pytest.approx(score(y))
    random = np.random.RandomState(0)
    expected = [score(permute_within(y, genes, random)) for _ in range(19)]
    np.testing.assert_allclose(found.null, expected)
    same = permutation_test(
        *(result, {"ridge": Ridge()}, X, y), n_permutations=19, n_jobs=2, **QUICK
    )
    np.testing.assert_array_equal(same.null, found.null)


def test_the_best_of_the_models_counts_and_equal_predictions_are_chance():
    X, y = screen_of(0.0)
    models = {"ridge": Ridge(), "none": Lasso(1e6)}
    result = compare_estimators(models, X, y, repeats=1, **QUICK)
    options = {"n_permutations": 19, **QUICK}
    both = permutation_test(result, models, X, y, **options)
    ridge = permutation_test(result, {"ridge": models["ridge"]}, X, y, **options)
    none = permutation_test(result, {"none": models["none"]}, X, y, **options)
    np.testing.assert_allclose(both.null, np.maximum(ridge.null, 0))
    assert none.score == 0
    assert none.p_value == 1


def test_estimators_are_given_what_they_take():
    X, y = screen_of(0.0)
    extra = np.arange(120.0)
    taken = []

    class Spy(Taker):
        def fit(self, X, y, groups=None, extra=None):
            taken.append((X, groups, extra))
            return super().fit(X, y, groups, extra)

    models, more = {"spy": Spy()}, {"params": {"extra": extra}, **QUICK}
    result = compare_estimators(models, X, y, repeats=1, **more)
    n_compared = len(taken)
    permutation_test(result, models, X, y, n_permutations=19, **more)
    assert len(taken) == n_compared + 19 * 5
    for rows, groups, own in taken[n_compared:]:
        train = own.astype(int)
        np.testing.assert_array_equal(rows, X[train])
        np.testing.assert_array_equal(groups, QUICK["groups"][train])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_permutations": 18}, "n_permutations must be at least 19"),
        ({"estimators": {"lasso": Lasso()}}, "'lasso' is none of the comparison's"),
        ({"estimators": {}}, "nothing to test"),
        ({"groups": [1, 2]}, "expected 120, got 2"),
        ({"X": screen_of(1.0)[0][:7]}, r"inconsistent numbers of samples: \[7, 120\]"),
    ],
)
def test_bad_arguments_are_named(change, message):
    X, y = screen_of(1.0)
    result = compare_estimators({"ridge": Ridge()}, X, y, repeats=1, **QUICK)
    arguments = {
        "estimators": {"ridge": Ridge()},
        "X": X,
        "n_permutations": 19,
        **QUICK,
        **change,
    }
    with pytest.raises(ValueError, match=message):
        permutation_test(result, y=y, **arguments)
