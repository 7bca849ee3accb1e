"""The tools of scikit-learn that networks are used with."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.ensemble import BaggingRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sgrna_estimator import (
    AdjacentPairsTransformer,
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.datasets import make_guide_screen
from tests.network_reference import simulate_screen

# ---- pipelines, searches, averages --------------------------------------------------


def network(**options):
    defaults = {
        "window_size": 2, "n_units": 3, "max_iter": 8, "alpha": 1.0, "random_state": 0,
    }  # fmt: skip
    return PositionwiseReLURegressor(**defaults | options)


@pytest.fixture(scope="module")
def screen():
    return simulate_screen(300, 6)


@pytest.fixture(scope="module")
def guides(screen):
    """Sequences, targets and genes, as a user has them."""
    letters = np.array(list("ACGT"))[screen.letters]
    return pd.DataFrame(
        {
            "seq": ["".join(row) for row in letters],
            "activity": screen.y,
            "gene": [f"gene{i % 10}" for i in range(len(screen.y))],
        }
    )


def test_a_fitted_network_survives_pickling(screen):
    fitted = network(hidden_layer_sizes=(4,)).fit(screen.X, screen.y)
    restored = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(restored.predict(screen.X), fitted.predict(screen.X))
    assert_array_equal(restored.base_effects_, fitted.base_effects_)
    assert restored.loss_curve_ == fitted.loss_curve_


@pytest.mark.parametrize(
    ("output", "is_sparse"),
    [("default", False), ("default", True), ("pandas", False), ("polars", False)],
)
def test_pipelines_of_any_output(guides, screen, output, is_sparse):
    one_hot = SequenceOneHotTransformer(sparse_output=is_sparse)
    model = make_pipeline(one_hot.set_output(transform=output), network())
    predicted = model.fit(guides["seq"], guides["activity"]).predict(guides["seq"])
    expected = network().fit(screen.X, screen.y).predict(screen.X)
    assert_array_equal(predicted, expected)
    if output != "default":
        assert model[-1].feature_names_in_.tolist() == list(
            one_hot.get_feature_names_out()
        )


def test_grid_search_by_gene_in_parallel(guides):
    model = make_pipeline(SequenceOneHotTransformer(), network(max_iter=40, dropout=0))
    grid = {"positionwisereluregressor__alpha": [0.1, 300]}
    searches = [
        GridSearchCV(clone(model), grid, cv=GroupKFold(3), n_jobs=n_jobs).fit(
            guides["seq"], guides["activity"], groups=guides["gene"]
        )
        for n_jobs in (1, 2)
    ]
    for search in searches:
        assert search.best_params_ == {"positionwisereluregressor__alpha": 0.1}
    assert_array_equal(*(search.cv_results_["mean_test_score"] for search in searches))
    assert_array_equal(*(search.predict(guides["seq"]) for search in searches))


def test_halving_search(screen):
    search = HalvingGridSearchCV(
        network(), {"alpha": [0.1, 10.0, 1e3], "n_units": [1, 4]},
        cv=3, random_state=0, min_resources=60,
    ).fit(screen.X, screen.y)  # fmt: skip
    assert search.best_params_["alpha"] < 1e3
    assert search.n_iterations_ > 1


def test_bagging_without_bootstrap_averages_seeds(screen):
    ensemble = BaggingRegressor(
        network(random_state=None), n_estimators=3, bootstrap=False, random_state=0,
        n_jobs=2,
    ).fit(screen.X, screen.y)  # fmt: skip
    single = [each.predict(screen.X) for each in ensemble.estimators_]
    assert (single[0] != single[1]).any()
    predicted = ensemble.predict(screen.X)
    assert_allclose(predicted, np.mean(single, axis=0))

    def error(z):
        return np.mean((z - screen.y) ** 2)

    assert error(predicted) < np.mean([error(z) for z in single])


def test_sample_weights_are_routed(screen):
    weight = np.random.default_rng(0).uniform(0, 2, len(screen.y))
    with config_context(enable_metadata_routing=True):
        model = make_pipeline(
            FunctionTransformer(),
            network()
            .set_fit_request(sample_weight=True)
            .set_score_request(sample_weight=True),
        )
        routed = cross_validate(
            model, screen.X, screen.y,
            params={"sample_weight": weight}, cv=2, return_estimator=True,
            return_indices=True,
        )  # fmt: skip
    train = routed["indices"]["train"][0]
    expected = network().fit(screen.X[train], screen.y[train], weight[train])
    assert_array_equal(
        routed["estimator"][0].predict(screen.X), expected.predict(screen.X)
    )
    unweighted = network().fit(screen.X[train], screen.y[train])
    assert (unweighted.predict(screen.X) != expected.predict(screen.X)).any()


def test_validation_guides_are_transformed_by_the_pipeline(guides):
    train, held_out = guides[:200], guides[200:]
    with config_context(enable_metadata_routing=True):
        model = make_pipeline(
            SequenceOneHotTransformer(),
            network(early_stopping=True, max_iter=100, n_iter_no_change=3)
            .set_fit_request(X_val=True, y_val=True, sample_weight=False),
            transform_input=["X_val"],
        ).fit(
            train["seq"], train["activity"],
            X_val=held_out["seq"], y_val=held_out["activity"],
        )  # fmt: skip
    fitted = model[-1]
    assert fitted.n_iter_ == len(fitted.validation_loss_curve_)
    error = np.mean((model.predict(held_out["seq"]) - held_out["activity"]) ** 2)
    assert error == pytest.approx(min(fitted.validation_loss_curve_), rel=1e-5)


# ---- callbacks ----------------------------------------------------------------------


def test_scores_of_each_epoch(screen):
    monitor = ScoringMonitor(scoring=["r2", "neg_mean_squared_error"])
    fitted = network(hidden_layer_sizes=(4,)).set_callbacks(monitor)
    fitted.fit(screen.X, screen.y)
    log = monitor.get_logs().data_as_pandas
    epochs = log[log["task_name"] == "epoch"]
    assert len(epochs) == fitted.n_iter_ == 8
    assert len(log) == 8 + 1  # the fit itself
    assert epochs["task_id"].tolist() == list(range(8))
    final = fitted.score(screen.X, screen.y)
    assert epochs["r2"].iloc[-1] == pytest.approx(final)
    assert log.loc[log["task_name"] == "fit", "r2"].item() == pytest.approx(final)
    assert epochs["r2"].iloc[0] < epochs["r2"].iloc[-1]
    assert epochs["neg_mean_squared_error"].nunique() == 8


def test_scores_take_the_weights_of_the_fit(screen):
    weight = np.random.default_rng(0).uniform(0, 2, len(screen.y))
    monitor = ScoringMonitor(scoring="r2")
    fitted = network().set_callbacks(monitor).fit(screen.X, screen.y, weight)
    log = monitor.get_logs().data
    assert log[-1]["r2"] == pytest.approx(fitted.score(screen.X, screen.y, weight))


def test_the_fit_s_own_score_is_of_the_weights_that_early_stopping_kept(screen):
    monitor = ScoringMonitor(scoring="neg_mean_squared_error")
    fitted = network(early_stopping=True, max_iter=60, n_iter_no_change=5, alpha=0)
    fitted.set_callbacks(monitor).fit(screen.X, screen.y)
    log = monitor.get_logs().data_as_pandas
    epochs = log[log["task_name"] == "epoch"]["neg_mean_squared_error"]
    of_the_fit = log.loc[log["task_name"] == "fit", "neg_mean_squared_error"].item()
    best = int(np.argmin(fitted.validation_loss_curve_))
    assert of_the_fit == pytest.approx(epochs.iloc[best])


def test_classes_are_scored_under_their_names(screen):
    y = np.where(screen.y > np.median(screen.y), "active", "dead")
    monitor = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    fitted = PositionwiseReLUClassifier(max_iter=8, alpha=1.0, random_state=0)
    fitted.set_callbacks(monitor).fit(screen.X, y)
    log = monitor.get_logs().data
    assert len(log) == 9
    assert log[-1]["accuracy"] == pytest.approx(fitted.score(screen.X, y))


def test_scores_inside_a_pipeline_and_a_search(screen):
    monitor = ScoringMonitor(scoring="r2")
    model = make_pipeline(FunctionTransformer(), network().set_callbacks(monitor))
    model.fit(screen.X, screen.y)
    assert sum(row["task_name"] == "epoch" for row in monitor.get_logs().data) == 8
    search = GridSearchCV(model, {"positionwisereluregressor__alpha": [0.1, 1.0]}, cv=2)
    search.fit(screen.X, screen.y)
    n_fits = 2 * 2 + 1  # folds times candidates, and the refit
    logged = monitor.get_logs().data
    assert sum(row["task_name"] == "epoch" for row in logged) == 8 * n_fits


@pytest.mark.filterwarnings("ignore:The estimator FunctionTransformer does not support")
@pytest.mark.parametrize("where", ["alone", "pipeline", "search"])
def test_progress_bars(screen, where, capsys):
    model = network(hidden_layer_sizes=(4,))
    if where != "alone":
        model = make_pipeline(FunctionTransformer(), model)
    if where == "search":
        model = GridSearchCV(
            model, {"positionwisereluregressor__alpha": [0.1, 1.0]}, cv=2
        )
    model.set_callbacks(ProgressBar(max_propagation_depth=None))
    model.fit(screen.X, screen.y)
    shown = capsys.readouterr().out
    assert "PositionwiseReLURegressor" in shown
    assert "100%" in shown


class StopAfter:
    """A callback that ends a fit after some epochs."""

    def __init__(self, n_epochs):
        self.n_epochs = n_epochs
        self.fitted = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        self.torn_down = True

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.fitted.append(fitted_estimator)
        return len(self.fitted) == self.n_epochs


def test_a_callback_can_end_a_fit(screen):
    stop = StopAfter(3)
    fitted = network().set_callbacks(stop).fit(screen.X, screen.y)
    assert fitted.n_iter_ == len(fitted.loss_curve_) == 3
    # each epoch's copy keeps the weights of that epoch
    predictions = [each.predict(screen.X) for each in stop.fitted]
    assert (predictions[0] != predictions[2]).any()
    assert_array_equal(predictions[2], fitted.predict(screen.X))


def test_callbacks_are_torn_down_after_an_error(screen):
    stop = StopAfter(100)
    diverging = network(learning_rate_init=1e25).set_callbacks(stop)
    with pytest.raises(ValueError, match="diverged"):
        diverging.fit(screen.X, screen.y)
    assert stop.torn_down


# ---- importing ----------------------------------------------------------------------


@pytest.mark.parametrize("pairs", [False, True])
def test_callbacks_pass_through_a_pipeline_of_ours(pairs, capsys):
    screen = make_guide_screen(60, 6, random_state=0)
    model = make_pipeline(
        SequenceOneHotTransformer(),
        *([AdjacentPairsTransformer()] if pairs else []),
        PositionwiseReLURegressor(max_iter=3, n_channels=4, random_state=0),
    )
    # A transformer that does not support callbacks is warned of, which is an error here.
    model.set_callbacks(ProgressBar())
    model.fit(screen.sequences, screen.data["activity"])
    assert "PositionwiseReLURegressor" in capsys.readouterr().out
