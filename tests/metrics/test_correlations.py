"""Correlations: against SciPy, as properties, and as scorers inside a search."""

import copy
import pickle
import time
import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib import pyplot as plt
from scipy import stats
from sklearn import config_context
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LearningCurveDisplay,
    ValidationCurveDisplay,
    cross_validate,
)

from sgrna_estimator.metrics import (
    pearson_score,
    pearson_scorer,
    spearman_score,
    spearman_scorer,
    within_group_spearman,
    within_group_spearman_scorer,
)

# Few distinct values, so that ties are common.
vectors = st.integers(2, 30).flatmap(
    lambda n: st.tuples(
        *[hnp.arrays(np.float64, n, elements=st.integers(-4, 4).map(float))] * 2
    )
)


def reference(y_true, y_pred, correlate):
    if np.ptp(y_true) == 0 or np.ptp(y_pred) == 0:
        return np.nan
    return correlate(y_true, y_pred).statistic


@given(vectors)
def test_equal_scipy_with_ties(pair):
    assert spearman_score(*pair) == pytest.approx(
        reference(*pair, stats.spearmanr), abs=1e-12, nan_ok=True
    )
    assert pearson_score(*pair) == pytest.approx(
        reference(*pair, stats.pearsonr), abs=1e-12, nan_ok=True
    )


@given(vectors, st.randoms(use_true_random=False))
def test_order_of_guides_does_not_matter(pair, random):
    order = list(range(len(pair[0])))
    random.shuffle(order)
    shuffled = [side[order] for side in pair]
    for score in (spearman_score, pearson_score):
        assert score(*shuffled) == pytest.approx(score(*pair), abs=1e-12, nan_ok=True)


@given(vectors)
def test_spearman_sees_only_the_order(pair):
    y_true, y_pred = pair
    expected = spearman_score(y_true, y_pred)
    assert spearman_score(np.exp(y_true), y_pred**3) == pytest.approx(
        expected, abs=1e-12, nan_ok=True
    )
    assert spearman_score(y_true, -y_pred) == pytest.approx(
        -expected, abs=1e-12, nan_ok=True
    )


@given(vectors, st.data())
def test_integer_weights_repeat_guides(pair, data):
    n = len(pair[0])
    weights = data.draw(hnp.arrays(np.int64, n, elements=st.integers(0, 3)))
    weights[0] += 1  # all zero is an error, tested below
    repeated = [np.repeat(side, weights) for side in pair]
    for score in (spearman_score, pearson_score):
        assert score(*pair, sample_weight=weights) == pytest.approx(
            score(*repeated), abs=1e-12, nan_ok=True
        )


@given(vectors, st.data())
def test_within_group_is_the_mean_of_the_groups(pair, data):
    y_true, y_pred = pair
    n = len(y_true)
    groups = np.array(
        data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    )
    smallest = data.draw(st.integers(2, 5))
    total = weights = 0
    ranks_any = False
    for label in np.unique(groups):
        own = groups == label
        if own.sum() < smallest or np.ptp(y_true[own]) == 0:
            continue
        weights += own.sum() - 1
        if np.ptp(y_pred[own]) > 0:
            ranks_any = True
            total += (own.sum() - 1) * spearman_score(y_true[own], y_pred[own])
    expected = total / weights if ranks_any else np.nan
    assert within_group_spearman(
        y_true, y_pred, groups, min_group_size=smallest
    ) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("score", [spearman_score, pearson_score])
@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([1.0, 2.0, 3.0], [0.1, 0.1, 0.1]),
        ([0.1, 0.1, 0.1], [1.0, 2.0, 3.0]),
        ([1.0], [2.0]),
        # the mean of these is not 0.1 in the last bit
        (np.arange(10.0), np.full(10, 0.1)),
        (np.arange(3.0), np.zeros(3)),
        (np.arange(3.0), np.full(3, 1e308)),
    ],
)
def test_a_constant_gives_nan_in_silence(score, y_true, y_pred):
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        assert np.isnan(score(y_true, y_pred))


@pytest.mark.parametrize("score", [spearman_score, pearson_score])
def test_a_guide_without_weight_does_not_make_a_constant_vary(score):
    # in units of 0.9, the mean of 0.1 is not 0.1 in the last bit
    pair = np.arange(11.0), np.array([0.1] * 10 + [0.9])
    weights = np.array([0.7] * 10 + [0.0])
    assert np.isnan(score(*pair, sample_weight=weights))


@pytest.mark.parametrize("score", [spearman_score, pearson_score])
@pytest.mark.parametrize("unit", [np.float32(1), 1e-320, 1e307])
def test_weights_may_have_any_unit(score, unit):
    rng = np.random.default_rng(0)
    weights = rng.integers(0, 9, 50)
    pair = rng.normal(size=(2, 50))
    expected = score(*pair, sample_weight=weights.astype(float))
    with np.errstate(over="raise", invalid="raise"):
        found = score(*pair, sample_weight=weights * unit)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1.0, 1e300, 8e307])
def test_no_overflow_or_underflow(scale):
    y = np.array([-2.0, 1.0, 2.0, 1.0])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert pearson_score(y, y * scale) == pytest.approx(1.0)
        assert spearman_score(y, y * scale) == pytest.approx(1.0)
        assert pearson_score(y * scale, y) == pytest.approx(1.0)


def test_never_outside_minus_one_to_one():
    rng = np.random.default_rng(0)
    for _ in range(200):
        y = rng.normal(size=7)
        assert pearson_score(y, 3 * y + 0.1) <= 1.0
        assert pearson_score(y, -3 * y + 0.1) >= -1.0


def test_groups_are_left_out_for_what_was_measured_not_for_what_is_predicted():
    y_true = [1, 2, 3, 5, 5, 5, 1, 2, 3]
    y_pred = [1, 2, 3, 1, 2, 3, 7, 7, 7]
    groups = list("aaabbbccc")
    assert within_group_spearman(y_true, y_pred, groups) == 0.5
    assert within_group_spearman(y_true[:6], y_pred[:6], groups[:6]) == 1.0
    assert np.isnan(within_group_spearman(y_true[3:], y_pred[3:], groups[3:]))


def test_a_rare_motif_does_not_rank_guides_where_it_is_absent():
    # One guide in twenty has a motif of some effect. In most genes of five guides none
    # has, and the indicator of the motif says nothing there.
    rng = np.random.default_rng(0)
    genes = np.repeat(np.arange(400), 5)
    motif = (rng.uniform(size=2000) < 0.05).astype(float)
    y = 0.8 * motif + rng.normal(size=2000)
    each = [
        spearman_score(y[genes == gene], motif[genes == gene]) for gene in range(400)
    ]
    assert np.nanmean(each) > 0.25  # of the genes that have it
    expected = np.nan_to_num(each).mean()  # genes of equal size count the same
    score = within_group_spearman(y, motif, genes)
    assert score == pytest.approx(expected)
    assert score < 0.1


def test_a_group_has_the_weight_of_its_guides_less_one():
    y_true = [1, 2, 1, 2, 3, 4, 5]
    y_pred = [2, 1, 1, 2, 3, 4, 5]
    assert within_group_spearman(y_true, y_pred, list("aabbbbb")) == pytest.approx(
        (-1 * 1 + 1 * 4) / 5
    )


def test_a_column_is_a_vector():
    y = np.arange(5.0)
    assert spearman_score(y[:, None], y[:, None]) == 1.0
    assert pearson_score(pd.Series(y), pd.DataFrame({"pred": y})) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spearman_score([1, 2], [1, 2, 3]), "inconsistent numbers of samples"),
        (lambda: spearman_score([1, np.nan, 3], [1, 2, 3]), "y_true .* row 2$"),
        (lambda: pearson_score([1, 2, 3], [1, 2, np.inf]), "y_pred .* row 3$"),
        (lambda: spearman_score([1, 2], [1, 2], [0, 0]), "zero"),
        (lambda: spearman_score([1, 2], [1, 2], [1, -1]), "[Nn]egative"),
        (lambda: within_group_spearman([1, 2], [1, 2]), "needs groups"),
        (lambda: within_group_spearman([1, 2], [1, 2], ["a"]), "expected 2, got 1"),
        (lambda: within_group_spearman([1, 2], [1, 2], ["a", None]), "row 2$"),
        (
            lambda: within_group_spearman([1, 2], [1, 2], "ab", min_group_size=1),
            "at least 2",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_large_inputs_are_fast():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=(2, 300_000))
    genes = rng.integers(0, 20_000, 300_000)
    start = time.process_time()
    spearman_score(y_true, y_pred)
    within_group_spearman(y_true, y_pred, genes)
    # A Python loop over 20,000 genes takes seconds; this takes 0.2 s.
    assert time.process_time() - start < 2.0


@pytest.fixture
def screen():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 5))
    y = X @ np.array([1.0, -1.0, 0.5, 0.0, 0.0]) + rng.normal(size=90)
    return X, y, np.repeat(list("abcdef"), 15)


@pytest.mark.parametrize(
    ("scorer", "score"),
    [(spearman_scorer, spearman_score), (pearson_scorer, pearson_score)],
)
def test_scorers_in_a_search(screen, scorer, score):
    X, y, _ = screen
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1e4]}, scoring=scorer, cv=KFold(3))
    search.fit(X, y)
    train, test = next(KFold(3).split(X))
    expected = score(y[test], Ridge(alpha=0.1).fit(X[train], y[train]).predict(X[test]))
    assert search.cv_results_["split0_test_score"][0] == pytest.approx(expected)


def test_a_search_ranks_constant_predictions_last(screen):
    X, y, _ = screen
    search = GridSearchCV(
        Lasso(), {"alpha": [1e3, 0.01]}, scoring=spearman_scorer, cv=3
    )
    # scikit-learn's own word on undefined scores; nothing comes from this package
    with pytest.warns(UserWarning, match="non-finite") as record:
        search.fit(X, y)
    assert len(record) == 1
    assert np.isnan(search.cv_results_["mean_test_score"][0])
    assert search.cv_results_["rank_test_score"].tolist() == [2, 1]
    assert search.best_params_ == {"alpha": 0.01}


def test_a_constant_predictor_in_cross_validate(screen):
    X, y, _ = screen
    scores = cross_validate(DummyRegressor(), X, y, scoring=spearman_scorer)
    assert np.isnan(scores["test_score"]).all()


def test_within_group_scorer_is_handed_groups_by_routing(screen):
    X, y, groups = screen
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            Ridge(),
            {"alpha": [0.1, 1.0]},
            scoring=within_group_spearman_scorer,
            cv=GroupKFold(3),
        ).fit(X, y, groups=groups)
    train, test = next(GroupKFold(3).split(X, y, groups))
    predicted = Ridge(alpha=0.1).fit(X[train], y[train]).predict(X[test])
    assert search.cv_results_["split0_test_score"][0] == pytest.approx(
        within_group_spearman(y[test], predicted, groups[test])
    )


def test_within_group_scorer_without_routing_says_what_to_do(screen):
    X, y, _ = screen
    with pytest.raises(ValueError, match="enable_metadata_routing=True"):
        within_group_spearman_scorer(Ridge().fit(X, y), X, y)


def test_weights_reach_the_scorer_by_routing(screen):
    X, y, _ = screen
    weights = np.random.default_rng(1).uniform(0, 2, len(y))
    model = Ridge().fit(X, y)
    assert spearman_scorer(model, X, y, sample_weight=weights) == spearman_score(
        y, model.predict(X), weights
    )


@pytest.mark.parametrize(
    ("scorer", "name"),
    [
        (spearman_scorer, "spearman_score"),
        (pearson_scorer, "pearson_score"),
        (within_group_spearman_scorer, "within_group_spearman"),
    ],
)
def test_scorers_keep_their_name(scorer, name):
    copies = copy.deepcopy(scorer), pickle.loads(pickle.dumps(scorer))
    assert [each.__name__ for each in (scorer, *copies)] == [name] * 3


@pytest.mark.parametrize(
    ("scorer", "label"),
    [(spearman_scorer, "Spearman score"), (pearson_scorer, "Pearson score")],
)
def test_displays_of_scikit_learn_are_labelled_with_the_name(screen, scorer, label):
    mpl.use("Agg")
    X, y, _ = screen
    of_sizes = LearningCurveDisplay.from_estimator(
        Ridge(), X, y, scoring=scorer, cv=3, train_sizes=[0.5, 1.0]
    )
    of_alpha = ValidationCurveDisplay.from_estimator(
        Ridge(), X, y, param_name="alpha", param_range=[1, 10], scoring=scorer, cv=3
    )
    plt.close("all")
    assert of_sizes.ax_.get_ylabel() == of_alpha.ax_.get_ylabel() == label
