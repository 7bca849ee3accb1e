"""Ctrl-C ends one fit and keeps it, but never lets a search go on with it."""

import pytest
from joblib import Parallel, delayed
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import AdaBoostRegressor, BaggingRegressor
from sklearn.feature_selection import RFE
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator import MixtureTargetRegressor, compare_estimators
from sgrna_estimator.exceptions import InterruptedFitWarning
from sgrna_estimator.network import base
from tests.network.networks import regressor


@pytest.fixture
def begun(monkeypatch):
    """Press Ctrl-C in the second epoch of the second fit; return the fits begun."""
    train_epoch, fits = base.train_epoch, []

    def train(trainee, *args):
        if trainee.n_iter == 0:
            fits.append(trainee)
        if trainee.n_iter == 1 and len(fits) == 2:
            raise KeyboardInterrupt
        train_epoch(trainee, *args)

    monkeypatch.setattr(base, "train_epoch", train)
    return fits


def two_alphas():
    return GridSearchCV(regressor(max_iter=3), {"alpha": [1.0, 8.0]}, cv=2)


MORE_THAN_ONE_FIT = {
    "search": lambda X, y: two_alphas().fit(X, y),
    "search in a pipeline": lambda X, y: make_pipeline(two_alphas()).fit(X, y),
    "cross-validation": lambda X, y: cross_val_score(regressor(max_iter=3), X, y),
    "pipeline in a search": lambda X, y: cross_val_score(
        make_pipeline(StandardScaler(), regressor(max_iter=3)), X, y
    ),
    "bagging": lambda X, y: BaggingRegressor(regressor(max_iter=3)).fit(X, y),
    "boosting": lambda X, y: AdaBoostRegressor(regressor(max_iter=3)).fit(X, y),
    "elimination": lambda X, y: RFE(
        regressor(max_iter=3, n_channels=1),
        importance_getter=lambda network: abs(network.base_effects_).sum(axis=1),
    ).fit(X, y),
    "outputs": lambda X, y: MultiOutputRegressor(regressor(max_iter=3)).fit(
        X, y[:, None].repeat(2, axis=1)
    ),
    "joblib": lambda X, y: Parallel()(
        delayed(regressor(max_iter=3).fit)(X, y) for _ in range(3)
    ),
    "comparison": lambda X, y: compare_estimators({"n": regressor(max_iter=3)}, X, y),
}


@pytest.mark.parametrize("work", MORE_THAN_ONE_FIT)
def test_what_fits_more_than_once_ends(screen, begun, work):
    with pytest.raises(KeyboardInterrupt):
        MORE_THAN_ONE_FIT[work](screen.X, screen.y)
    assert len(begun) == 2  # none after the one that was interrupted


@pytest.mark.filterwarnings("ignore:.*heavier tails")  # this target has no null
@pytest.mark.parametrize(
    "wrap",
    [
        lambda network: network,
        lambda network: make_pipeline(StandardScaler(), network),
        lambda network: TransformedTargetRegressor(network),
        lambda network: TransformedTargetRegressor(make_pipeline(network)),
        lambda network: MixtureTargetRegressor(network),
    ],
    ids=["alone", "pipeline", "target", "pipeline of a target", "mixture"],
)
def test_what_fits_once_keeps_what_was_learnt(screen, begun, wrap):
    begun.append(None)  # so that the next is the second
    model = wrap(regressor(max_iter=3))
    with pytest.warns(InterruptedFitWarning, match="after 1 of 3 epochs"):
        model.fit(screen.X, screen.y)
    assert model.predict(screen.X).shape == screen.y.shape


def test_a_network_of_a_search_has_what_it_learnt_all_the_same(screen, begun):
    begun.append(None)
    network = regressor(max_iter=3)
    with pytest.raises(KeyboardInterrupt):
        Parallel()([delayed(network.fit)(screen.X, screen.y)])
    assert network.n_iter_ == len(network.loss_curve_) == 1
    assert network.predict(screen.X).shape == screen.y.shape
