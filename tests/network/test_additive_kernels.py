"""Training by tables and row by row, against what trains any network.

Rows given as numbers are trained on by the general path, rows given as letters by the
functions here: the same rows in both forms must move the parameters alike.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.network import kernels
from tests.network.kernel_runs import (
    OUTPUTS,
    draw_problem,
    draw_theta,
    fresh_state,
    run,
)
from tests.network_reference import gradient, is_weight

SOLVERS = [kernels.SGD, kernels.ADAM]


def fits_exactly(problem, letters, theta, steps, **options):
    """Check that both forms of the rows move theta alike; return where to."""
    n_moments = theta.size if options.get("solver") == kernels.ADAM else 0
    states = fresh_state(n_moments), fresh_state(n_moments)
    for _, clock, _ in states:
        clock[0] = 3  # steps that were taken before
    by_letters, total = run(problem, letters, theta, steps, state=states[0], **options)
    in_general, expected = run(problem, None, theta, steps, state=states[1], **options)
    assert_allclose(by_letters, in_general, rtol=1e-8, atol=1e-10)
    assert total == pytest.approx(expected, rel=1e-9)
    assert states[0][1][0] == states[1][1][0] == 3 + len(steps)
    return by_letters


@settings(max_examples=80)
@given(
    n_positions=st.sampled_from([1, 2, 7, 8, 9, 35]),
    n_channels=st.integers(1, 5),
    n_covariates=st.integers(0, 2),
    output=st.sampled_from(OUTPUTS),
    n=st.integers(1, 12),
    batch_size=st.sampled_from([1, 1, 2, 5]),
    solver=st.sampled_from(SOLVERS),
    penalty=st.sampled_from([0.0, 0.4]),
    train_window_bias=st.booleans(),
    has_anchor=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_letters_train_as_the_general_path_does(
    n_positions, n_channels, n_covariates, output, n, batch_size, solver, penalty,
    train_window_bias, has_anchor, seed,
):  # fmt: skip
    sizes = (n_positions, 1, n_channels, 1, n_covariates, 0)
    letters, problem, rng = draw_problem(seed, sizes, (), *output, n=n, penalty=penalty)
    theta = draw_theta(rng, problem)
    steps = rng.uniform(0.001, 0.02, -(-n // min(n, batch_size)))
    fits_exactly(
        problem, letters, theta, steps, batch_size=batch_size, solver=solver,
        train_window_bias=train_window_bias,
        anchor=draw_theta(rng, problem) if has_anchor else (),
    )  # fmt: skip


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_an_anchor_pulls_whatever_the_batch(batch_size, solver):
    letters, problem, rng = draw_problem(
        4, (6, 1, 4, 1, 1, 0), (), *OUTPUTS[0], n=12, penalty=0.4
    )
    theta, steps = draw_theta(rng, problem), rng.uniform(0.001, 0.02, 12 // batch_size)
    options = {"batch_size": batch_size, "solver": solver}
    anchor = draw_theta(rng, problem)
    held = fits_exactly(problem, letters, theta, steps, anchor=anchor, **options)
    free = fits_exactly(problem, letters, theta, steps, **options)
    assert np.abs(held - free).max() > 1e-3


@pytest.mark.parametrize("n_covariates", [0, 2])
def test_a_row_a_step_is_the_chain_rule_s(n_covariates):
    letters, problem, rng = draw_problem(
        1, (6, 1, 4, 1, n_covariates, 0), (), *OUTPUTS[0], n=40, penalty=0.3
    )
    theta = expected = draw_theta(rng, problem)
    steps = rng.uniform(0.001, 0.05, 40)
    for row, step in enumerate(steps):
        one = problem._replace(
            **{
                name: getattr(problem, name)[row : row + 1]
                for name in ("values", "covariates", "y", "weight")
            }
        )
        expected = expected - step * gradient(one, expected)
    actual, _ = run(problem, letters, theta, steps, batch_size=1)
    assert_allclose(actual, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shrink", [0.7, 1e-3, 1e-5, 0.0, -0.3])
def test_the_running_scale_never_runs_out(shrink):
    # Each step multiplies all weights by `shrink`, which may be 0 or less.
    letters, problem, rng = draw_problem(
        2, (5, 1, 4, 1, 1, 0), (), *OUTPUTS[0], n=60, penalty=2.0
    )
    steps = np.full(60, 0.01)
    steps[::7] = (1 - shrink) / 2
    after = fits_exactly(
        problem._replace(y=problem.y / 8), letters, draw_theta(rng, problem), steps,
        batch_size=1,
    )  # fmt: skip
    assert np.isfinite(after).all()


def test_weights_of_guides_without_weight_only_shrink():
    letters, problem, rng = draw_problem(
        3, (4, 1, 4, 1, 2, 0), (), *OUTPUTS[0], n=400, penalty=1.0
    )
    problem = problem._replace(weight=np.zeros(400))
    theta = draw_theta(rng, problem)
    actual, total = run(problem, letters, theta, np.full(400, 0.02), batch_size=1)
    weights = is_weight(problem.shape, ())
    assert_allclose(actual[weights], theta[weights] * 0.98**400, rtol=1e-10)
    assert_array_equal(actual[~weights], theta[~weights])
    assert total == 0


def test_single_precision_stays_close_to_double():
    letters, problem, rng = draw_problem(
        4, (28, 1, 4, 1, 0, 0), (), *OUTPUTS[0], n=3000, penalty=0.01
    )
    theta = np.abs(draw_theta(rng, problem)) / 8
    for batch_size, step in ((1, 0.003), (64, 0.1)):
        steps = np.full(-(-3000 // batch_size), step)
        double, single = (
            run(problem, letters, theta, steps, batch_size=batch_size, dtype=dtype)[0]
            for dtype in (np.float64, np.float32)
        )
        assert np.abs(double - theta).max() > 0.05
        assert_allclose(single, double, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_dropout_is_left_to_the_general_path(batch_size):
    letters, problem, rng = draw_problem(5, (6, 1, 4, 1, 0, 0), (), *OUTPUTS[0], n=9)
    theta = draw_theta(rng, problem)
    steps = np.full(-(-9 // batch_size), 0.1)
    options = {"batch_size": batch_size, "dropout": 0.5}
    dropped = fits_exactly(problem, letters, theta, steps, **options)
    whole, _ = run(problem, letters, theta, steps, batch_size=batch_size)
    assert not np.allclose(dropped, whole)
