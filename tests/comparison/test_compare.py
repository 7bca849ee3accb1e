"""Comparisons: the splits, the statistics, the tables, and what they say in words."""

import pickle
import warnings
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.metrics import make_scorer, mean_squared_error, median_absolute_error
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    RepeatedKFold,
    ShuffleSplit,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.comparison.corrected_tests import (
    corrected_t_test,
    differences,
    holm,
)
from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.comparison.splits import connected, row_codes
from sgrna_estimator.metrics import spearman_score, within_group_spearman

LETTERS = list("ACGT")


def as_letters(sequences):
    return np.array([list(sequence) for sequence in np.asarray(sequences).ravel()])


def on_sequences(model):
    return make_pipeline(
        FunctionTransformer(as_letters), OneHotEncoder(handle_unknown="ignore"), model
    )


@pytest.fixture
def screen():
    """120 guides of 12 genes; their first two letters matter, the rest is noise."""
    rng = np.random.default_rng(0)
    letters = rng.choice(LETTERS, (120, 8))
    y = (letters[:, 0] == "G") - 1.0 * (letters[:, 1] == "T") + rng.normal(0, 0.5, 120)
    genes = np.repeat([f"gene{i}" for i in range(12)], 10)
    return pd.Series(["".join(row) for row in letters]), y, genes


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 4))
    return X, X[:, 0] + rng.normal(size=100), np.repeat(np.arange(10), 10)


class Unlucky(RegressorMixin, BaseEstimator):
    """Fails to fit, or predicts nonsense."""

    def __init__(self, how="fit"):
        self.how = how

    def fit(self, X, y):
        if self.how == "interrupt":
            raise KeyboardInterrupt
        if self.how == "fit":
            raise ValueError("no luck in row 3")
        self.n_features_in_ = 1
        return self

    def predict(self, X):
        fill = np.nan if self.how == "predict" else 0.0
        return np.full(len(X) - (self.how == "length"), fill)


# Splits -------------------------------------------------------------------------------


@settings(deadline=None)
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


@settings(deadline=None, max_examples=25)
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
    assert sorted(tested) == list(range(80))
    for train, test in result.splits_:
        assert not set(X[train]) & set(X[test])
        assert not grouped or not set(genes[train]) & set(genes[test])
    assert not any(result.leaks_.values())


def test_all_estimators_see_the_same_splits(features):
    X, y, _ = features
    seen = {"a": [], "b": []}

    class Spy(DummyRegressor):
        def __init__(self, name="a"):
            super().__init__()
            self.name = name

        def fit(self, X, y):
            seen[self.name].append(X[:, 0].tolist())
            return super().fit(X, y)

    compare_estimators({"a": Spy("a"), "b": Spy("b")}, X, y, cv=KFold(4))
    assert seen["a"] == seen["b"]
    assert len(seen["a"]) == 4


def test_folds_depend_on_the_seed_only(features):
    X, y, groups = features

    def folds(seed):
        result = compare_estimators(
            {"ridge": Ridge()}, X, y, groups=groups, random_state=seed
        )
        return [test.tolist() for _, test in result.splits_]

    assert folds(0) == folds(0)
    assert folds(0) != folds(1)


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": ["HBG1"] * 100}, "one label only, 'HBG1'"),
        ({"groups": np.repeat(list("abc"), [50, 30, 20])}, r"5 folds: .* leave 3 sets"),
        ({"sequences": ["ACGT"] * 50 + ["TTTT"] * 50}, r"5 folds: .* leave 2 sets"),
        ({"groups": list("ab") * 49}, "expected 100, got 98"),
        ({"groups": ["a", None] * 50}, "missing in rows 1, 3"),
        ({"cv": "five"}, "cv must be"),
        ({"cv": 2.5}, "cv must be"),
        ({"cv": 1}, "n_splits=2 or more"),
        ({"cv": []}, "no split"),
        ({"cv": [1, 2]}, r"split 0 of cv must be \(train, test\), got 1"),
        ({"cv": [([], [1])]}, "training side of split 0 must be row numbers"),
        ({"cv": [([1], [0.5])]}, "test side of split 0 must be row numbers"),
        ({"cv": [([1], [100])]}, "test side of split 0 names a row outside 0 to 99"),
        ({"cv": [([-1], [1])]}, "training side of split 0 names a row outside"),
        ({"sequences": ["ACGT"]}, "inconsistent numbers of samples"),
        ({"y": np.arange(99.0)}, "inconsistent numbers of samples"),
        ({"y": [np.nan, *range(99)]}, "row 0$"),
        ({"baseline": "lasso"}, r"baseline must be one of \['constant', 'ridge'\]"),
        ({"scoring": {"mse": "neg_mean_squared_error"}}, "'mse'"),
        ({"scoring": make_scorer(mean_squared_error)}, "a dict of a name"),
        ({"scoring": [make_scorer(mean_squared_error)]}, "a dict of a name"),
        ({"scoring": "r3"}, "'r3' is not a valid scoring value"),
        ({"estimators": {}}, "nothing to compare"),
        ({"estimators": [Ridge()]}, r"list of \(name, estimator\)"),
        ({"estimators": [("a", Ridge()), ("a", Lasso())]}, "called 'a'"),
        ({"estimators": {1: Ridge()}}, "must be text, got 1"),
        ({"estimators": {"y": Ridge()}}, "cannot be called 'y'"),
        (
            {"estimators": {"scaler": StandardScaler()}},
            "'scaler' must have fit and pred",
        ),
        ({"estimators": {"constant": Ridge()}}, "'constant' is a Ridge"),
    ],
)
def test_bad_arguments_are_named(features, arguments, message):
    X, y, _ = features
    given_arguments = {"estimators": {"ridge": Ridge()}, "y": y, **arguments}
    with pytest.raises(ValueError, match=message):
        compare_estimators(X=X, **given_arguments)


# Scores and predictions ---------------------------------------------------------------


def test_scores_equal_a_loop_by_hand(screen):
    X, y, genes = screen
    models = {"ridge": on_sequences(Ridge()), "lasso": on_sequences(Lasso(0.05))}
    result = compare_estimators(models, X, y, groups=genes, random_state=0)
    assert result.scores_.columns.tolist() == [
        *["estimator", "split", "metric", "value"],
        *["fit_seconds", "score_seconds", "n_train", "n_test"],
    ]
    found = result.scores_.set_index(["estimator", "split", "metric"])["value"]
    assert len(found) == 3 * 5 * 5
    for number, (train, test) in enumerate(result.splits_):
        for name, model in models.items():
            predicted = model.fit(X.iloc[train], y[train]).predict(X.iloc[test])
            mse = np.mean((y[test] - predicted) ** 2)
            expected = {
                "spearman": spearman_score(y[test], predicted),
                "within_group_spearman": within_group_spearman(
                    y[test], predicted, genes[test]
                ),
                "pearson": np.corrcoef(y[test], predicted)[0, 1],
                "r2": 1 - mse / np.var(y[test]),
                "mse": mse,
            }
            for metric, value in expected.items():
                assert found[name, number, metric] == pytest.approx(value)
            out_of_fold = result.predictions_.loc[test, name]
            np.testing.assert_allclose(out_of_fold, predicted)
    sizes = result.scores_.groupby("split")[["n_train", "n_test"]].first()
    assert sizes.to_numpy().tolist() == [[len(a), len(b)] for a, b in result.splits_]
    assert (result.scores_[["fit_seconds", "score_seconds"]] > 0).all(axis=None)


def test_predictions_are_in_the_order_of_the_guides(screen):
    X, y, genes = screen
    X = X.set_axis([f"guide{i}" for i in range(120)])
    result = compare_estimators({"mean": DummyRegressor()}, X, y, groups=genes)
    table = result.predictions_
    assert table.columns.tolist() == ["y", "group", "split", "mean"]
    assert table.index.equals(X.index)
    np.testing.assert_array_equal(table["y"], y)
    np.testing.assert_array_equal(table["group"], genes)
    without = compare_estimators({"mean": DummyRegressor()}, X.tolist(), y)
    assert without.predictions_.columns.tolist() == ["y", "split", "mean"]
    assert without.predictions_.index.equals(pd.RangeIndex(120))


@pytest.mark.parametrize(
    "container",
    [
        pd.Series,
        list,
        np.array,
        lambda x: pd.DataFrame({"seq": x}),
        pl.Series,
        lambda x: pd.Series(x, dtype="string[pyarrow]"),
    ],
)
def test_any_container_of_sequences(screen, container):
    X, y, _ = screen
    models = {"ridge": on_sequences(Ridge())}
    expected = compare_estimators(models, X, y, random_state=0)
    result = compare_estimators(models, container(X.tolist()), y, random_state=0)
    np.testing.assert_array_equal(
        result.predictions_["ridge"], expected.predictions_["ridge"]
    )


@pytest.mark.parametrize(
    "container", [sparse.csr_matrix, sparse.coo_array, pd.DataFrame]
)
def test_any_container_of_features(features, container):
    X, y, _ = features
    expected = compare_estimators({"ridge": Ridge()}, X, y, random_state=0)
    result = compare_estimators({"ridge": Ridge()}, container(X), y, random_state=0)
    np.testing.assert_allclose(
        result.predictions_["ridge"], expected.predictions_["ridge"]
    )


def test_the_constant_predictor_is_in_every_comparison(features):
    X, y, _ = features
    result = compare_estimators({"ridge": Ridge()}, X, y)
    assert result.constant_ == result.baseline_ == "constant"
    train, test = result.splits_[0]
    assert result.predictions_.loc[test, "constant"].unique() == pytest.approx(
        y[train].mean()
    )
    own = compare_estimators(
        [("ridge", Ridge()), ("median", DummyRegressor(strategy="median"))], X, y
    )
    assert own.scores_["estimator"].unique().tolist() == ["ridge", "median"]
    assert own.constant_ == "median"


def test_user_scorers_are_better_when_greater(features):
    X, y, _ = features
    result = compare_estimators(
        {"ridge": Ridge()},
        X,
        y,
        scoring={
            "medae": make_scorer(median_absolute_error, greater_is_better=False),
            "nmse": "neg_mean_squared_error",
        },
        cv=KFold(3),
    )
    assert result.greater_is_better_["medae"]
    assert result.summary("medae")["estimator"].tolist() == ["ridge", "constant"]
    values = result.scores_.query("metric == 'nmse' and estimator == 'ridge'")["value"]
    np.testing.assert_allclose(
        values,
        cross_val_score(Ridge(), X, y, cv=KFold(3), scoring="neg_mean_squared_error"),
    )
    by_name = compare_estimators({"ridge": Ridge()}, X, y, scoring="neg_max_error")
    assert "neg_max_error" in by_name.greater_is_better_


@pytest.mark.parametrize("target", [0.1, 7.0])
def test_constants_give_nan_in_silence_and_rank_last(features, target):
    X, y, groups = features
    y = y.copy()
    y[:30] = target  # genes, and perhaps folds, in which nothing varies
    models = {"none": Lasso(1e6), "ridge": Ridge(), "wrong": Unlucky("none")}
    result = compare_estimators(
        models, X, y, groups=groups, cv=LeaveOneGroupOut(), baseline="none"
    )
    summary = result.summary().set_index(["metric", "estimator"])
    for metric in ("spearman", "within_group_spearman", "pearson"):
        row = summary.loc[metric]
        assert row.loc[["none", "wrong", "constant"], "mean"].isna().all()
        assert row.loc["ridge", "rank"] == 1
        assert row["rank"].drop("ridge").eq(2).all()
        assert np.isfinite(row.loc["ridge", "mean"])  # over the seven genes that vary
        assert row["p_value"].isna().all()
    assert np.isfinite(summary.loc["mse", "mean"]).all()
    # not 0, as scikit-learn's r2_score would have it for a constant target
    r2 = result.scores_.query("metric == 'r2'")
    assert r2.groupby("split")["value"].apply(lambda v: v.isna().all())[:3].all()
    assert result.verdict()


def test_constant_in_one_split_means_no_mean(features):
    X, y, _ = features

    class SometimesConstant(Ridge):
        def predict(self, X):
            predicted = super().predict(X)
            return predicted if X[0, 0] != first else np.full(len(X), 0.3)

    folds = list(KFold(4).split(X))
    first = X[folds[1][1][0], 0]
    result = compare_estimators(
        {"ridge": Ridge(), "sometimes": SometimesConstant()}, X, y, cv=folds
    )
    table = result.summary("spearman").set_index("estimator")
    assert np.isnan(table.loc["sometimes", "mean"])
    assert table.loc["sometimes", "rank"] == 2
    assert np.isfinite(table.loc["ridge", "mean"])
    values = result.scores_.query("estimator == 'sometimes' and metric == 'spearman'")
    assert values["value"].isna().tolist() == [False, True, False, False]
    assert any("equal predictions: sometimes (on 1 of 4" in s for s in result.verdict())


def test_each_constant_somewhere_means_no_winner(features):
    X, y, _ = features
    folds = list(KFold(3).split(X))
    starts = [X[test[0], 0] for _, test in folds]

    class ConstantOn(Ridge):
        def __init__(self, where=()):
            super().__init__()
            self.where = where

        def predict(self, X):
            predicted = super().predict(X)
            return np.zeros(len(X)) if X[0, 0] in self.where else predicted

    models = {"a": ConstantOn(starts[:1]), "b": ConstantOn(starts[1:])}
    verdict = compare_estimators(models, X, y, cv=folds).verdict()
    assert verdict[-1].startswith("No rank correlation, for equal predictions: ")
    assert verdict[-1].endswith(": a (on 1 of 3 splits), b (on 2 of 3 splits).")
    # nor is the one split on which it ranks guides all that counts
    alone = compare_estimators({"b": models["b"]}, X, y, cv=folds)
    assert alone.summary("spearman")["mean"].isna().all()


def test_splits_without_variation_do_not_count(features):
    X, y, _ = features
    y[:25] = 1.0
    result = compare_estimators({"ridge": Ridge()}, X, y, cv=KFold(4))
    assert result.splits_with_metric_["spearman"] == [1, 2, 3]
    assert result.splits_with_metric_["mse"] == [0, 1, 2, 3]
    scores = result.scores_.query("metric == 'spearman' and estimator == 'ridge'")
    assert np.isnan(scores["value"].iloc[0])
    mean = result.summary("spearman")["mean"].iloc[0]
    assert mean == pytest.approx(scores["value"].iloc[1:].mean())
    # with one such split left there is a mean, and no evidence
    folds = list(KFold(4).split(X))
    result = compare_estimators({"ridge": Ridge()}, X, y, cv=folds[:2])
    table = result.summary("spearman").set_index("estimator")
    assert np.isfinite(table.loc["ridge", "mean"])
    assert np.isnan(table.loc["ridge", "lower"])
    assert "No model is shown to rank guides" in result.verdict()[-1]


def test_single_guide_test_sets_do_not_crash(features):
    X, y, _ = features
    folds = [(np.arange(1, 100), [0]), (np.arange(99), [99])]
    result = compare_estimators({"ridge": Ridge()}, X, y, cv=folds)
    assert result.summary("spearman")["mean"].isna().all()
    assert result.summary("r2")["mean"].isna().all()
    assert result.summary("mse")["mean"].notna().all()
    assert "Nothing can be ranked: the measurements do not vary." in result.verdict()
    result.plot(metric="spearman").figure.clear()


# Running ------------------------------------------------------------------------------


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_do_not_depend_on_n_jobs(screen, n_jobs):
    X, y, genes = screen
    models = {
        "forest": on_sequences(RandomForestRegressor(5)),
        "ridge": on_sequences(Ridge()),
    }
    expected = compare_estimators(models, X, y, groups=genes, random_state=3)
    result = compare_estimators(
        models, X, y, groups=genes, random_state=3, n_jobs=n_jobs
    )
    pd.testing.assert_frame_equal(result.predictions_, expected.predictions_)
    pd.testing.assert_series_equal(result.scores_["value"], expected.scores_["value"])
    assert models["forest"][-1].random_state is None  # what was given stays as it was


def test_seeds_that_are_set_are_kept(features):
    X, y, _ = features
    forest = RandomForestRegressor(3, random_state=1)
    a, b = (
        compare_estimators({"forest": forest}, X, y, cv=KFold(3), random_state=seed)
        for seed in (0, 1)
    )
    pd.testing.assert_frame_equal(a.predictions_, b.predictions_)
    unset = RandomForestRegressor(3)
    a, b = (
        compare_estimators({"forest": unset}, X, y, cv=KFold(3), random_state=seed)
        for seed in (0, 1)
    )
    assert not a.predictions_["forest"].equals(b.predictions_["forest"])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_progress_is_told_in_the_parent(features, n_jobs):
    X, y, _ = features
    told = []
    compare_estimators(
        {"ridge": Ridge(), "lasso": Lasso()},
        X,
        y,
        cv=3,
        n_jobs=n_jobs,
        progress=lambda *args: told.append(args),
    )
    assert [done for done, _, _ in told] == list(range(1, 10))
    assert {total for _, total, _ in told} == {9}
    assert sorted(name for *_, name in told) == sorted(
        ["ridge", "lasso", "constant"] * 3
    )


@pytest.mark.parametrize(
    ("how", "n_jobs", "message"),
    [
        ("fit", None, r"fit on split 0: ValueError: no luck in row 3 .* 75 rows"),
        ("fit", 2, r"fit on split \d: ValueError: no luck in row 3 .* 75 rows"),
        ("predict", None, r"scoring on split 0: .*the prediction must be finite"),
        ("length", None, r"scoring on split 0: .* \[25, 24\]"),
    ],
)
def test_a_failure_names_the_estimator_and_the_split(features, how, n_jobs, message):
    X, y, _ = features
    models = {"ridge": Ridge(), "bad": Unlucky(how)}
    with pytest.raises(RuntimeError, match=f"'bad' failed in {message}"):
        compare_estimators(models, X, y, cv=KFold(4), n_jobs=n_jobs)


def test_interrupts_pass_through(features):
    X, y, _ = features
    with pytest.raises(KeyboardInterrupt):
        compare_estimators({"slow": Unlucky("interrupt")}, X, y)


@pytest.mark.parametrize(
    ("n_jobs", "error"),
    [(None, KeyboardInterrupt), (None, OSError), (2, KeyboardInterrupt)],
)
def test_an_interrupt_while_waiting_stops_the_workers(features, n_jobs, error):
    X, y, _ = features
    told = []

    def progress(done, total, name):
        told.append(done)
        raise error("stop")

    with pytest.raises(error, match="stop"):
        compare_estimators({"ridge": Ridge()}, X, y, n_jobs=n_jobs, progress=progress)
    assert told == [1]


# Statistics ---------------------------------------------------------------------------


class Taker(RegressorMixin, BaseEstimator):
    """Predicts what it was fitted with: how many genes, and the sum of the extras."""

    def fit(self, X, y, groups=None, extra=None):
        n_genes = 0 if groups is None else len(set(groups))
        self.n_genes_and_extra_ = n_genes + (0 if extra is None else sum(extra) / 1000)
        return self

    def predict(self, X):
        return np.full(len(X), self.n_genes_and_extra_)


def test_genes_and_params_of_the_training_guides_reach_fit(features):
    X, y, genes = features
    models = {
        "alone": Taker(),
        "last": make_pipeline(StandardScaler(), Taker()),
        "none": Ridge(),
    }
    extra = np.arange(100)
    result = compare_estimators(
        models, X, y, groups=genes, params={"extra": extra}, cv=5, random_state=0
    )
    for number, (train, test) in enumerate(result.splits_):
        expected = 8 + extra[train].sum() / 1000
        rows = result.predictions_[result.predictions_["split"] == number]
        assert len(rows) == len(test)
        np.testing.assert_allclose(rows["alone"], expected)
        np.testing.assert_allclose(rows["last"], expected)
    without = compare_estimators({"alone": Taker()}, X, y, cv=5, random_state=0)
    assert without.predictions_["alone"].eq(0).all()


def test_with_routing_on_estimators_are_given_what_they_request(features):
    X, y, genes = features
    with config_context(enable_metadata_routing=True):
        models = {
            "wants": make_pipeline(
                StandardScaler(), Taker().set_fit_request(groups=True, extra=False)
            ),
            "not": Taker().set_fit_request(groups=False, extra=True),
            "search": GridSearchCV(Ridge(), {"alpha": [1, 10]}, cv=GroupKFold(3)),
        }
        result = compare_estimators(
            models, X, y, groups=genes, params={"extra": np.ones(100)}, cv=5
        )
        assert result.predictions_["wants"].eq(8).all()
        assert result.predictions_["not"].eq(0.08).all()
        # nobody said whether these genes are for it
        with pytest.raises(ValueError, match=r"estimator .unset.: .*groups.* not expl"):
            compare_estimators({"unset": Taker()}, X, y, groups=genes)


def test_with_routing_on_weights_may_go_by_another_name(features):
    X, y, _ = features
    weight = np.linspace(0, 1, 100)
    with config_context(enable_metadata_routing=True):
        named, renamed, without = (
            compare_estimators({"ridge": model}, X, y, params=params, random_state=0)
            for model, params in (
                (
                    Ridge().set_fit_request(sample_weight=True),
                    {"sample_weight": weight},
                ),
                (Ridge().set_fit_request(sample_weight="weight"), {"weight": weight}),
                (Ridge(), None),
            )
        )
        with pytest.raises(ValueError, match="which no estimator's fit asks for"):
            compare_estimators(
                {"ridge": Ridge().set_fit_request(sample_weight=False)},
                X,
                y,
                params={"sample_weight": weight},
            )
    assert named.predictions_.equals(renamed.predictions_)
    assert not named.predictions_["ridge"].equals(without.predictions_["ridge"])
    # the constant predictor that is added asks for nothing
    assert named.predictions_["constant"].equals(without.predictions_["constant"])


def test_params_are_checked(features):
    X, y, genes = features
    for params, message in (
        ({"groups": genes}, "params must not hold 'groups'"),
        ({"y": y}, "params must not hold 'y'"),
        (
            {"extra": np.ones(3)},
            r"params\['extra'\] must hold .* shape \(100,\), got \(3,\)",
        ),
        ({"extra": None}, r"params\['extra'\] must hold .* shape \(100,\), got \(\)"),
        ({"weight": np.ones(100)}, "holds 'weight', which no estimator's fit asks for"),
    ):
        with pytest.raises(ValueError, match=message):
            compare_estimators({"taker": Taker()}, X, y, groups=genes, params=params)


def test_corrected_t_test_equals_the_formula():
    differences = np.array([0.02, 0.05, 0.01, 0.04, 0.03])
    estimate = corrected_t_test(differences[None], 0.25, 0.95)
    mean, variance = 0.03, 0.00025
    error = ((1 / 5 + 0.25) * variance) ** 0.5
    assert estimate.mean[0] == pytest.approx(mean)
    assert estimate.sd[0] == pytest.approx(variance**0.5)
    t = stats.t(4)
    assert estimate.p_value[0] == pytest.approx(2 * t.sf(mean / error))
    assert estimate.lower[0] == pytest.approx(mean - t.ppf(0.975) * error)
    assert estimate.upper[0] == pytest.approx(mean + t.ppf(0.975) * error)


def test_without_overlap_it_is_the_ordinary_t_test():
    values = np.random.default_rng(0).normal(0.3, 1, (4, 9))
    estimate = corrected_t_test(values, 0.0, 0.9)
    ordinary = stats.ttest_1samp(values, 0, axis=1)
    np.testing.assert_allclose(estimate.p_value, ordinary.pvalue)
    interval = ordinary.confidence_interval(0.9)
    np.testing.assert_allclose(estimate.lower, interval.low)
    np.testing.assert_allclose(estimate.upper, interval.high)


def test_edges_of_the_corrected_t_test():
    values = np.array([[0.0, 0, 0], [0.5, 0.5, 0.5], [np.nan, 1, 2], [-np.inf, 1, 2]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate = corrected_t_test(values, 0.5, 0.95)
        one_split = corrected_t_test(values[:2, :1], 0.5, 0.95)
        no_split = corrected_t_test(values[:, :0], 0.5, 0.95)
    np.testing.assert_array_equal(estimate.p_value[:2], [1.0, 0.0])
    assert np.isnan([field[2] for field in estimate]).all()
    np.testing.assert_array_equal(one_split.mean, [0.0, 0.5])
    assert np.isnan(one_split.p_value).all()
    assert np.isnan(one_split.lower).all()
    assert np.isnan(no_split.mean).all()


@given(
    st.lists(
        st.one_of(st.just(np.nan), st.floats(0, 1, allow_subnormal=False)), max_size=8
    )
)
def test_holm_equals_its_definition(values):
    p_values = np.array(values, dtype=float)
    adjusted = holm(p_values)
    tested = p_values[~np.isnan(p_values)]
    for p, found in zip(p_values, adjusted, strict=True):
        if np.isnan(p):
            assert np.isnan(found)
            continue
        # reject at level found means: at each smaller p, found >= (number not smaller) p
        expected = max(q * (tested >= q).sum() for q in tested if q <= p)
        assert found == pytest.approx(min(expected, 1.0))


def test_differences_of_rounding_are_none():
    reference = np.full(5, 0.1)
    values = np.array([np.full(5, np.nextafter(0.1, 1)), np.full(5, 0.1001)])
    difference = differences(values, reference)
    assert (difference[0] == 0).all()
    assert (difference[1] > 0).all()


def test_an_estimator_that_predicts_the_mean_is_not_better_than_it(features):
    X, y, _ = features
    result = compare_estimators({"none": Lasso(1e6)}, X, y, random_state=0)
    table = result.summary("mse").set_index("estimator")
    assert table.loc["none", "difference"] == 0
    assert table.loc["none", "p_value"] == 1
    assert "No model is shown to predict better" in result.verdict()[0]


def test_the_correction_keeps_false_positives_rare():
    # Of two features that are equally good, each predicts alone. The ordinary t test
    # over random splits finds a difference far too often, the corrected one does not.
    rng = np.random.default_rng(0)
    n_guides, n_test, n_splits, n_screens = 60, 15, 15, 200
    differences = np.empty((n_screens, n_splits))
    for screen in range(n_screens):
        X = rng.normal(size=(n_guides, 2))
        y = X.sum(axis=1) + rng.normal(size=n_guides)
        for split in range(n_splits):
            test, train = np.split(rng.permutation(n_guides), [n_test])
            slope = (X[train] * y[train, None]).sum(axis=0) / (X[train] ** 2).sum(
                axis=0
            )
            errors = ((y[test, None] - X[test] * slope) ** 2).mean(axis=0)
            differences[screen, split] = errors[0] - errors[1]
    ordinary = stats.ttest_1samp(differences, 0, axis=1).pvalue
    corrected = corrected_t_test(differences, n_test / (n_guides - n_test), 0.95)
    assert (ordinary < 0.05).mean() > 0.25
    assert (corrected.p_value < 0.05).mean() < 0.12


def test_summary_is_complete_and_ordered(screen):
    X, y, genes = screen
    models = {"ridge": on_sequences(Ridge()), "lasso": on_sequences(Lasso(0.05))}
    result = compare_estimators(
        models, X, y, groups=genes, baseline="ridge", random_state=0
    )
    summary = result.summary()
    assert summary.columns.tolist() == [
        *["metric", "estimator", "rank", "mean", "sd", "lower", "upper", "difference"],
        *["difference_lower", "difference_upper", "p_value", "p_adjusted"],
    ]
    assert len(summary) == 5 * 3
    for metric, table in summary.groupby("metric"):
        assert table["rank"].is_monotonic_increasing
        means = table["mean"].dropna()
        assert (
            means.is_monotonic_increasing
            if metric == "mse"
            else means.is_monotonic_decreasing
        )
    mse = summary.query("metric == 'mse'").set_index("estimator")
    by_split = result.scores_.query("metric == 'mse'").pivot_table(
        index="split", columns="estimator", values="value"
    )
    difference = by_split["lasso"] - by_split["ridge"]
    ratio = np.mean([len(test) / len(train) for train, test in result.splits_])
    error = np.sqrt((1 / 5 + ratio) * difference.var())
    assert mse.loc["lasso", "difference"] == pytest.approx(difference.mean())
    assert mse.loc["lasso", "p_value"] == pytest.approx(
        2 * stats.t(4).sf(abs(difference.mean() / error))
    )
    assert mse.loc["ridge", "difference"] == 0
    assert np.isnan(mse.loc["ridge", "p_value"])
    wider = result.summary("mse", confidence_level=0.99).set_index("estimator")
    assert (wider["upper"] > mse["upper"].loc[wider.index]).all()
    for arguments, message in (
        ({"metric": "accuracy"}, "metric must be one of"),
        ({"baseline": "forest"}, "baseline must be one of"),
        ({"confidence_level": 95}, "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=message):
            result.summary(**arguments)


# Words and pictures -------------------------------------------------------------------


def test_verdict_on_a_screen_with_signal(screen):
    X, y, genes = screen
    result = compare_estimators(
        {
            "ridge": on_sequences(Ridge()),
            "twin": on_sequences(Ridge(1.01)),
        },
        X,
        y,
        groups=genes,
        random_state=0,
    )
    better, ranking, lead, too, *_ = result.verdict()
    assert better.startswith("Better than a constant (squared error ")
    assert "ridge (" in better
    assert "ranks guides best (Spearman 0." in ranking
    assert too.startswith("Better than chance too: ")
    assert "within noise" in lead


def test_verdict_on_noise(features):
    X, _, groups = features
    y = np.random.default_rng(5).normal(size=100)
    result = compare_estimators(
        {"ridge": Ridge(), "none": Lasso(1e6)}, X, y, groups=groups, random_state=0
    )
    text = " ".join(result.verdict())
    assert "No model is shown to predict better than a constant" in text
    assert "No model is shown to rank guides better than chance" in text
    assert "No model is shown to rank guides within genes" in text
    assert "No rank correlation, for equal predictions: none (on 5 of 5 splits)" in text


def test_verdict_on_a_clear_winner_and_a_clear_loser():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = X[:, 0] + 0.3 * X[:, 1] + 0.01 * rng.normal(size=600)
    second = FunctionTransformer(np.take, kw_args={"indices": [1], "axis": 1})
    result = compare_estimators(
        {
            "ridge": Ridge(),
            "half": make_pipeline(second, Ridge()),
            "off": make_pipeline(FunctionTransformer(np.negative), AlwaysTen()),
        },
        X,
        y,
        random_state=0,
    )
    text = " ".join(result.verdict())
    assert "Better than a constant (squared error 1.0" in text
    assert "Worse than a constant: off (" in text
    assert "ridge ranks guides best (Spearman 1.000" in text
    assert "Its lead over every other is more than noise; the next is half (0." in text


class AlwaysTen(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.full(len(X), 10.0)


def test_verdict_has_little_to_say_on_little(features):
    X, y, _ = features
    one = compare_estimators(
        {"ridge": Ridge()}, X, y, cv=[(np.arange(50), np.arange(50, 100))]
    )
    assert one.verdict() == [
        "There is one split only: no difference can be told from noise."
    ]
    assert one.summary("mse")["lower"].isna().all()
    alone = compare_estimators({"mean": DummyRegressor()}, X, y)
    assert (
        alone.verdict()[0] == "There is nothing to compare with the constant predictor."
    )


def test_repr_and_pickle(features):
    X, y, _ = features
    result = compare_estimators({"ridge": Ridge()}, X, y)
    assert repr(result) == "ComparisonResult(2 estimators x 5 splits: constant, ridge)"
    restored = pickle.loads(pickle.dumps(result))
    assert isinstance(restored, ComparisonResult)
    pd.testing.assert_frame_equal(restored.summary(), result.summary())


@pytest.fixture
def agg():
    backend = mpl.get_backend()
    mpl.use("Agg")
    yield
    from matplotlib import pyplot as plt

    plt.close("all")
    mpl.use(backend)


@pytest.mark.usefixtures("agg")
@pytest.mark.parametrize("metric", ["spearman", "within_group_spearman", "mse", "max"])
def test_plot_shows_what_the_summary_says(features, metric):
    from matplotlib import pyplot as plt

    X, y, groups = features
    result = compare_estimators(
        {"ridge": Ridge(), "lasso": Lasso(0.3)},
        X,
        y,
        groups=groups,
        scoring={"max": "neg_max_error"},
        random_state=0,
    )
    ax = result.plot(metric=metric)
    ax.figure.canvas.draw()
    table = result.summary(metric)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == table[
        "estimator"
    ].tolist()
    assert len(ax.collections) == 3
    assert len(ax.collections[0].get_offsets()) == 5
    defined = metric in ("mse", "max")
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(dashed) == defined
    if defined:
        constant = table.set_index("estimator").loc["constant", "mean"]
        assert dashed[0].get_xdata()[0] == constant
    notes = [text.get_text() for text in ax.texts]
    assert notes == ([] if defined else ["not defined: equal predictions"])
    assert "better)" in ax.get_xlabel()
    _, given_ax = plt.subplots()
    assert result.plot(given_ax, metric=metric) is given_ax
    with pytest.raises(ValueError, match="metric must be one of"):
        result.plot(metric="accuracy")


# A real screen ------------------------------------------------------------------------


def test_on_the_tiling_screens(crispra_tiling):
    result = compare_estimators(
        {"ridge": on_sequences(Ridge(100)), "weak ridge": on_sequences(Ridge(1))},
        crispra_tiling.sequences,
        crispra_tiling.target,
        groups=crispra_tiling.groups,
        random_state=0,
    )
    assert len(result.predictions_) == 2073
    mse = result.summary("mse").set_index("estimator")["mean"]
    assert mse["constant"] == pytest.approx(0.149, abs=0.01)
    assert mse["weak ridge"] > mse["constant"]
    assert "No model is shown to predict better" in result.verdict()[0]


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
