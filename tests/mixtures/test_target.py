"""MixtureTargetRegressor: what it learns from, what it predicts, how it is routed."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sgrna_estimator import (
    GuideEffectMixture,
    MixtureTargetRegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.mixtures.screens import fit_mixtures


class Recorder(RegressorMixin, BaseEstimator):
    """Keep what it is fitted to, predict the number of each row."""

    def fit(self, X, y):
        self.X_, self.y_ = np.asarray(X), np.asarray(y)
        self.n_features_in_ = self.X_.shape[1]
        return self

    def predict(self, X):
        return np.asarray(X)[:, 0] / 10


class Counting(GuideEffectMixture):
    """Counts the fits of all of its kind."""

    n_fits = 0

    def fit(self, *args, **kwargs):
        Counting.n_fits += 1
        return super().fit(*args, **kwargs)


@pytest.fixture(scope="module")
def guides(small_screen):
    data = small_screen.data
    X = np.arange(len(data))[:, None]
    return X, data["log2fc"].to_numpy(), data["gene"].to_numpy()


def test_the_regressor_learns_mixture_probabilities(guides):
    X, y, gene = guides
    model = MixtureTargetRegressor(Recorder()).fit(X, y, groups=gene)
    mixture = GuideEffectMixture().fit(y, groups=gene)
    assert_allclose(model.regressor_.y_, mixture.predict_proba(y, groups=gene))
    assert_array_equal(model.regressor_.X_, X)
    assert model.screens_.tolist() == [0]
    assert model.screen_shares_.tolist() == [1.0]
    assert model.n_features_in_ == 1


def test_regressors_on_the_same_guides_share_their_mixture(guides, tmp_path):
    X, y, gene = guides
    Counting.n_fits = 0

    def fit(regressor, **settings):
        model = MixtureTargetRegressor(regressor, mixture=Counting(), **settings)
        return model.fit(X, y, groups=gene)

    alone = fit(Recorder())
    first = fit(Recorder(), memory=str(tmp_path))
    assert Counting.n_fits == 2
    second = fit(Ridge(), memory=str(tmp_path))
    assert Counting.n_fits == 2
    assert_array_equal(first.regressor_.y_, alone.regressor_.y_)
    assert_array_equal(second.predict(X), fit(Ridge()).predict(X))
    assert second.mixtures_[0] is not first.mixtures_[0]
    with pytest.raises(ValueError, match="'memory' parameter"):
        fit(Ridge(), memory=3)


def test_predictions_are_expected_log2_fold_changes(guides):
    X, y, gene = guides
    model = MixtureTargetRegressor(Recorder()).fit(X, y, groups=gene)
    (mixture,) = model.mixtures_
    assert_allclose(model.predict([[0.0], [10.0]]), [mixture.null_mean_, mixture.mu1_])
    assert_allclose(model.predict_proba([[-5.0], [4.0], [20.0]]), [0, 0.4, 1])


def test_each_screen_has_a_mixture_of_its_own(guides):
    X, y, gene = guides
    screen = np.where(np.arange(len(y)) % 3 == 0, "a", "b")
    # the second screen in another unit, which one mixture of both could not fit
    values = np.where(screen == "b", 4 * y, y)
    model = MixtureTargetRegressor(Recorder()).fit(
        X, values, groups=gene, screens=screen
    )
    assert model.screens_.tolist() == ["a", "b"]
    assert_allclose(model.screen_shares_, [1 / 3, 2 / 3])
    for name, mixture in zip(model.screens_, model.mixtures_, strict=True):
        mine = screen == name
        alone = GuideEffectMixture().fit(values[mine], groups=gene[mine])
        assert alone.mu1_ == mixture.mu1_
        expected = alone.predict_proba(values[mine], groups=gene[mine])
        assert_allclose(model.regressor_.y_[mine], expected)
    null, mu1 = (
        model.screen_shares_ @ [getattr(mixture, name) for mixture in model.mixtures_]
        for name in ("null_mean_", "mu1_")
    )
    assert_allclose(model.predict([[0.0], [10.0]]), [null, mu1])


def test_negative_controls_make_the_null_and_teach_nothing(guides):
    X, y, gene = guides
    rng = np.random.default_rng(0)
    y = np.concatenate([y, rng.normal(0.3, 0.7, 80)])
    gene = np.concatenate([gene, np.full(80, None)])
    X = np.arange(len(y))[:, None]
    controls = np.arange(len(y)) >= len(y) - 80
    model = MixtureTargetRegressor(Recorder()).fit(X, y, groups=gene, controls=controls)
    assert_array_equal(model.regressor_.X_, X[:-80])
    (mixture,) = model.mixtures_
    assert_allclose(mixture.null_mean_, y[-80:].mean(), atol=0.01)
    assert mixture.groups_.size == 12
    fitted = fit_mixtures(GuideEffectMixture(), y, gene, None, controls)
    assert_allclose(fitted.probability[-80:], mixture.predict_proba(y[-80:]))


def test_the_mixture_can_be_chosen(guides):
    X, y, gene = guides
    mixture = GuideEffectMixture(mu1=3.0, q0=0.3)
    model = MixtureTargetRegressor(Recorder(), mixture=mixture)
    model.fit(X, y, groups=gene)
    assert model.mixtures_[0].mu1_ == 3.0
    assert not hasattr(mixture, "mu1_")


def test_a_screen_that_cannot_be_fitted_is_named(guides):
    X, y, gene = guides
    screen = np.where(np.arange(len(y)) < 100, "flat", "steep")
    values = np.where(screen == "flat", 1.0, y)
    with pytest.raises(
        ValueError, match=r"^screen flat: guides .* at least 2 different"
    ):
        MixtureTargetRegressor(Recorder()).fit(X, values, groups=gene, screens=screen)
    with pytest.raises(ValueError, match=r"^guides .* at least 2 different"):
        MixtureTargetRegressor(Recorder()).fit(X, np.ones(len(y)), groups=gene)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [np.nan, *range(239)]}, "y must be finite.* row 1"),
        ({"groups": [None] + ["a"] * 239}, "groups is missing in row 1"),
        ({"screens": [None] + ["a"] * 239}, "screens is missing in row 1"),
        ({"groups": ["a"] * 3}, "groups must hold one label"),
        ({"controls": [2] * 240}, "controls must be True or False"),
        ({"X": np.zeros((3, 1))}, "inconsistent numbers of samples"),
    ],
)
def test_bad_input_is_named(guides, change, message):
    X, y, gene = guides
    arguments = {"X": X, "y": y, "groups": gene, **change}
    with pytest.raises(ValueError, match=message):
        MixtureTargetRegressor(Recorder()).fit(**arguments)


def test_what_is_no_regressor_is_refused():
    with pytest.raises(ValueError, match="'regressor' parameter"):
        MixtureTargetRegressor("ridge").fit([[0.0], [1.0]], [0.0, 1.0])
    with pytest.raises(NotFittedError):
        MixtureTargetRegressor(Ridge()).predict([[0.0]])


def test_no_test_guide_has_a_part_in_training(guides):
    """Changing the log2 fold changes of test guides changes no prediction."""
    X, y, gene = guides
    test = np.isin(gene, np.unique(gene)[:3])
    split = [(np.flatnonzero(~test), np.flatnonzero(test))]
    models = {"model": MixtureTargetRegressor(LinearRegression())}
    predictions = [
        compare_estimators(models, X, values, groups=gene, cv=split).predictions_[
            "model"
        ]
        for values in (y, np.where(test, -3 * y + 1, y))
    ]
    assert_array_equal(*predictions)
    moved = np.where(test, y, y + 1)
    other = compare_estimators(models, X, moved, groups=gene, cv=split).predictions_
    assert not np.allclose(other["model"], predictions[0])


def test_sequences_frames_and_sparse_input(small_screen):
    y, gene = small_screen.data["log2fc"], small_screen.groups
    chain = MixtureTargetRegressor(make_pipeline(SequenceOneHotTransformer(), Ridge()))
    expected = chain.fit(small_screen.sequences, y, groups=gene).predict(
        small_screen.sequences
    )
    X = SequenceOneHotTransformer().fit_transform(small_screen.sequences)
    for features in (X, sparse.csr_array(X), pd.DataFrame(X).add_prefix("x")):
        model = MixtureTargetRegressor(Ridge()).fit(features, y, groups=gene)
        # ridge on sparse columns is solved by iteration
        assert_allclose(model.predict(features), expected, atol=1e-3)
    assert model.feature_names_in_[0] == "x0"


def test_genes_are_routed_through_a_search(guides):
    X, y, gene = guides
    with config_context(enable_metadata_routing=True):
        model = MixtureTargetRegressor(Ridge()).set_fit_request(groups=True)
        search = GridSearchCV(model, {"regressor__alpha": [1, 10]}, cv=GroupKFold(3))
        search.fit(X, y, groups=gene)
    assert len(search.best_estimator_.mixtures_[0].groups_) == 12


class GeneRecorder(Recorder):
    """Also keep the genes."""

    def fit(self, X, y, groups=None):
        self.groups_ = groups
        return super().fit(X, y)


@pytest.mark.parametrize("requested", [True, False])
def test_the_regressor_is_given_the_genes_that_it_requests(guides, requested):
    X, y, gene = guides
    controls = np.arange(len(y)) < 20
    with config_context(enable_metadata_routing=True):
        inner = GeneRecorder().set_fit_request(groups=requested)
        model = MixtureTargetRegressor(inner).fit(X, y, groups=gene, controls=controls)
    if requested:
        assert_array_equal(model.regressor_.groups_, gene[20:])
    else:
        assert model.regressor_.groups_ is None
    unrouted = MixtureTargetRegressor(GeneRecorder()).fit(X, y, groups=gene)
    assert unrouted.regressor_.groups_ is None


def test_pickle_and_clone(guides):
    X, y, gene = guides
    model = MixtureTargetRegressor(Ridge()).fit(X, y, groups=gene)
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    assert not hasattr(clone(model), "mixtures_")


_PROBABILITIES = (
    "predict_proba gives P(active), one number a guide: the regressor has no classes"
)


@parametrize_with_checks(
    [MixtureTargetRegressor(Ridge())],
    expected_failed_checks=lambda estimator: {
        "check_estimator_sparse_array": _PROBABILITIES,
        "check_estimator_sparse_matrix": _PROBABILITIES,
        "check_regressors_no_decision_function": _PROBABILITIES,
    },
    xfail_strict=True,
)
def test_common_checks(estimator, check):
    check(estimator)
