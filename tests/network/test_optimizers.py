"""Step sizes, what an optimiser remembers, and when a fit has stopped improving."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.network.optimizers import (
    SCHEDULES,
    Annealing,
    OptimizerState,
    Patience,
    step_sizes,
)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.2, 0.2, 0.2, 0.2]),
        ("invscaling", [0.2, 0.2 / 2**0.5, 0.2 / 3**0.5, 0.1]),
        ("cosine", [0.2, 0.2 * (2 + 2**0.5) / 4, 0.1, 0.2 * (2 - 2**0.5) / 4]),
    ],
)
def test_schedules(schedule, expected):
    steps = step_sizes(
        schedule, 0.2, 0.5, first_step=0, n_steps=4, annealing=Annealing(0, 4)
    )
    assert steps.dtype == np.float32
    assert_allclose(steps, expected, rtol=1e-6)


def test_invscaling_takes_its_exponent():
    assert_allclose(
        step_sizes("invscaling", 1.0, 2.0, 0, 3, Annealing(0, 3)),
        [1, 1 / 4, 1 / 9],
        rtol=1e-6,
    )


@given(
    st.sampled_from(sorted(SCHEDULES)),
    st.lists(st.integers(1, 50), min_size=1, max_size=5),
)
def test_steps_do_not_depend_on_how_they_are_cut_into_calls(schedule, lengths):
    n_steps = sum(lengths)
    starts = np.cumsum([0, *lengths[:-1]])
    parts = [
        step_sizes(schedule, 0.1, 0.5, start, length, Annealing(0, n_steps))
        for start, length in zip(starts, lengths, strict=True)
    ]
    whole = step_sizes(schedule, 0.1, 0.5, 0, n_steps, Annealing(0, n_steps))
    assert_array_equal(np.concatenate(parts), whole)
    assert (np.diff(whole) <= 0).all()
    assert (whole > 0).all()


def test_without_an_end_the_cosine_does_not_anneal():
    steps = step_sizes("cosine", 0.1, 0.5, 10_000, 3, Annealing(0, np.inf))
    assert_array_equal(steps, np.float32(0.1))


def test_the_cosine_falls_from_where_annealing_starts():
    later = step_sizes("cosine", 0.1, 0.5, 107, 4, Annealing(100, 20))
    assert_array_equal(later, step_sizes("cosine", 0.1, 0.5, 7, 4, Annealing(0, 20)))


def test_beyond_its_end_the_cosine_stays_at_zero():
    assert_array_equal(step_sizes("cosine", 0.1, 0.5, 12, 3, Annealing(0, 10)), 0)


def test_only_adam_remembers_moments():
    rng = np.random.RandomState(0)
    adam = OptimizerState.fresh("adam", 7, rng)
    sgd = OptimizerState.fresh("sgd", 7, rng)
    assert adam.moments.shape == (2, 7)
    assert sgd.moments.shape == (2, 0)
    for state in (adam, sgd):
        assert state.moments.dtype == np.float32
        assert not state.moments.any()
        assert_array_equal(state.clock, [0])
    assert adam.dropout_state[0] != sgd.dropout_state[0]
    again = OptimizerState.fresh("adam", 7, np.random.RandomState(0))
    assert_array_equal(again.dropout_state, adam.dropout_state)


def outcomes(losses, tol, n_iter_no_change):
    patience = Patience(tol, n_iter_no_change)
    return [(patience.improves(loss), patience.exhausted) for loss in losses]


def test_patience_runs_out_after_so_many_losses_without_a_fall():
    assert outcomes([3.0, 2.0, 2.0, 2.5, 2.1], 0.0, 3) == [
        (True, False),
        (True, False),
        (False, False),
        (False, False),
        (False, True),
    ]


def test_a_fall_renews_patience():
    exhausted = [over for _, over in outcomes([3, 4, 4, 2, 3, 3, 1], 0.0, 3)]
    assert not any(exhausted)


def test_a_fall_of_no_more_than_tol_is_the_best_loss_but_not_a_fall():
    assert outcomes([1.0, 0.95, 0.875], 0.25, 2) == [
        (True, False),
        (True, False),
        (True, True),
    ]


def test_a_loss_that_is_not_a_number_is_no_improvement():
    assert outcomes([np.nan, 1.0, np.nan], 0.0, 1) == [
        (False, True),
        (True, False),
        (False, True),
    ]


@given(
    st.lists(st.floats(0, 10), min_size=1, max_size=30),
    st.floats(0, 1),
    st.integers(1, 5),
)
def test_the_last_improvement_is_the_lowest_loss(losses, tol, n_iter_no_change):
    improved = [better for better, _ in outcomes(losses, tol, n_iter_no_change)]
    last = max(i for i, better in enumerate(improved) if better)
    assert losses[last] == min(losses)
