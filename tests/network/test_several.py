"""Several networks in one estimator: what it takes of each, in any number of threads."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sgrna_estimator import SequenceOneHotTransformer, letter_effects
from sgrna_estimator.exceptions import InterruptedFitWarning
from sgrna_estimator.plotting import LossCurveDisplay
from tests.network.networks import Callback, classifier, quick

SEVERAL = {"n_networks": 3}


def test_predictions_are_the_mean_and_spread_of_the_networks(screen):
    network = quick(**SEVERAL).fit(screen.X, screen.y)
    each = np.stack([one.read_out(screen.X) for one in network.networks_])
    mean, std = network.predict(screen.X, return_std=True)
    assert_array_equal(mean, network.predict(screen.X))
    assert_allclose(mean, each.mean(axis=0))
    assert_allclose(std, each.std(axis=0))
    assert std.min() > 0


def test_the_first_network_is_the_one_of_a_single_fit(screen):
    several = quick(**SEVERAL).fit(screen.X, screen.y)
    assert_array_equal(
        several.networks_[0].read_out(screen.X),
        quick().fit(screen.X, screen.y).predict(screen.X),
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"early_stopping": True, "max_iter": 60, "n_iter_no_change": 2},
        {"solver": "sgd"},
        {"output": "logistic", "loss": "log_loss"},
    ],
    ids=["plain", "early stopping", "sgd", "logistic"],
)
def test_the_number_of_threads_makes_no_difference(screen, probabilities, options):
    fits = [
        quick(**SEVERAL, n_jobs=n_jobs, **options).fit(screen.X, probabilities)
        for n_jobs in (1, 2, 5)
    ]
    for other in fits[1:]:
        assert_array_equal(fits[0].predict(screen.X), other.predict(screen.X))
        assert fits[0].loss_curve_ == other.loss_curve_
        assert fits[0].n_iter_ == other.n_iter_


def test_each_network_stops_when_it_no_longer_learns(screen):
    network = quick(
        n_networks=4,
        tol=1e-2,
        max_iter=200,
        n_iter_no_change=3,
        learning_rate_init=0.02,
    ).fit(screen.X, screen.y)
    ends = [len(trainee.loss_curve) for trainee in network._trainees]
    assert len(set(ends)) > 1
    assert network.n_iter_ == max(ends) == len(network.loss_curve_)
    last = [
        t.loss_curve[-1] for t in network._trainees if len(t.loss_curve) == max(ends)
    ]
    assert network.loss_curve_[-1] == pytest.approx(np.mean(last))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_partial_fit_takes_an_epoch_with_each(screen, n_jobs):
    network = quick(**SEVERAL, n_jobs=n_jobs, learning_rate="constant")
    for epoch in range(3):
        network.partial_fit(screen.X, screen.y)
        assert [len(t.loss_curve) for t in network._trainees] == [epoch + 1] * 3
    assert_array_equal(
        network.networks_[0].read_out(screen.X),
        _after_passes(quick(learning_rate="constant"), screen, 3),
    )


def _after_passes(network, screen, n_passes):
    for _ in range(n_passes):
        network.partial_fit(screen.X, screen.y)
    return network.predict(screen.X)


def test_a_warm_start_goes_on_with_each(screen):
    network = quick(**SEVERAL, warm_start=True).fit(screen.X, screen.y)
    before = network.loss_curve_[-1]
    network.fit(screen.X, screen.y)
    assert network.loss_curve_[-1] < before
    with pytest.raises(ValueError, match="n_networks=3"):
        network.set_params(n_networks=2).fit(screen.X, screen.y)


def test_a_pickled_ensemble_goes_on_like_the_original(screen):
    network = quick(**SEVERAL).fit(screen.X, screen.y)
    copy = pickle.loads(pickle.dumps(network))
    for each in (network, copy):
        each.partial_fit(screen.X, screen.y)
    assert_array_equal(network.predict(screen.X), copy.predict(screen.X))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_callbacks_see_all_networks_at_the_same_epoch(screen, n_jobs):
    class Watch(Callback):
        seen = ()

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            if context.task_name == "epoch":
                counts = {len(t.loss_curve) for t in estimator._trainees}
                predicted = fitted_estimator.predict(screen.X)
                assert_array_equal(predicted, estimator.predict(screen.X))
                self.seen = (*self.seen, counts)

    watch = Watch()
    quick(**SEVERAL, n_jobs=n_jobs).set_callbacks(watch).fit(screen.X, screen.y)
    assert watch.seen == ({1}, {2}, {3}, {4}, {5})


def test_ctrl_c_keeps_what_all_have_learnt(screen):
    class Interrupt(Callback):
        def on_fit_task_end(self, estimator, context):
            if context.task_name == "epoch" and estimator.n_iter_ == 2:
                raise KeyboardInterrupt

    network = quick(**SEVERAL, n_jobs=2).set_callbacks(Interrupt())
    with pytest.warns(InterruptedFitWarning, match="after 2 of 5 epochs"):
        network.fit(screen.X, screen.y)
    assert [len(t.loss_curve) for t in network._trainees] == [2, 2, 2]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_one_that_diverges_ends_the_fit(screen, n_jobs):
    network = quick(**SEVERAL, n_jobs=n_jobs, learning_rate_init=1e25)
    with pytest.raises(ValueError, match="diverged in epoch 1"):
        network.fit(screen.X, screen.y)


def test_probabilities_are_averaged(screen, labels):
    network = classifier(window_size=2, n_units=3, max_iter=4, **SEVERAL)
    network.fit(screen.X, labels)
    each = np.stack([expit(one.read_out(screen.X)) for one in network.networks_])
    assert_allclose(network.predict_proba(screen.X)[:, 1], each.mean(axis=0), rtol=1e-6)
    assert_allclose(
        network.decision_function(screen.X), logit(each.mean(axis=0)), atol=1e-5
    )
    assert_array_equal(network.predict(screen.X), each.mean(axis=0) > 0.5)


def test_effects_are_means(screen):
    network = quick(**SEVERAL).fit(screen.X, screen.y)
    assert_allclose(
        network.base_effects_,
        np.mean([one.base_effects() for one in network.networks_], axis=0),
    )
    assert_allclose(letter_effects(network).values, network.base_effects_)
    assert len(LossCurveDisplay.from_estimator(network).loss_curve) == 5


def test_attributes_of_one_network_say_where_those_of_several_are(screen):
    network = quick(**SEVERAL).fit(screen.X, screen.y)
    assert not hasattr(network, "window_weights_")
    with pytest.raises(AttributeError, match=r"holds 3 networks: networks_\[0\]"):
        _ = network.intercept_
    with pytest.raises(AttributeError, match="not fitted yet"):
        _ = clone(network).intercept_


def test_one_network_has_no_spread(screen):
    with pytest.raises(ValueError, match="return_std=True needs several networks"):
        quick().fit(screen.X, screen.y).predict(screen.X, return_std=True)


def test_a_pipeline_hands_the_spread_on(screen, small_screen):
    model = make_pipeline(SequenceOneHotTransformer(), quick(**SEVERAL))
    model.fit(small_screen.sequences, small_screen.target)
    mean, std = model.predict(small_screen.sequences, return_std=True)
    assert mean.shape == std.shape == (240,)


def test_a_fitted_network_says_what_it_read(screen):
    (network,) = quick().fit(screen.X, screen.y).networks_
    n_positions = screen.X.shape[1] // 4
    assert repr(network) == (
        f"Network({n_positions} positions of 4 columns each; {n_positions - 2} windows "
        "of 3, 4 units each, hidden layer of 6)"
    )
