"""The compiled arithmetic, against a slow network written from the same formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.network import kernels
from tests.network.kernel_runs import (
    ARCHITECTURES,
    OUTPUTS,
    coarse,
    draw_problem,
    draw_theta,
    fresh_state,
    gradient_of_a_step,
    predicted,
    run,
)
from tests.network_reference import (
    PaperAdam,
    Problem,
    finite_differences,
    gradient,
    is_weight,
    n_parameters,
    objective,
    read_out,
)

# ---- the gradient -------------------------------------------------------------------


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
@pytest.mark.parametrize("is_one_hot", [True, False], ids=["letters", "values"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_gradient_equals_finite_differences(name, is_one_hot, output, loss):
    sizes, hidden_sizes = ARCHITECTURES[name]
    letters, problem, rng = draw_problem(
        1, sizes, hidden_sizes, output, loss, is_one_hot=is_one_hot
    )
    theta = draw_theta(rng, problem)
    expected = finite_differences(lambda at: objective(problem, at), theta)
    assert np.abs(expected).max() > 0.005
    actual = gradient_of_a_step(problem, letters, theta)
    assert_allclose(actual, expected, rtol=1e-6, atol=1e-9)
    assert_allclose(gradient(problem, theta), expected, rtol=1e-6, atol=1e-9)

    penalised = problem._replace(penalty=0.3)
    weights = theta * is_weight(problem.shape, hidden_sizes)
    actual = gradient_of_a_step(penalised, letters, theta)
    assert_allclose(actual, expected + 0.3 * weights, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("solver", [kernels.SGD, kernels.ADAM])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_anchor_holds_all_but_the_intercept_of_the_read_out(name, solver):
    sizes, hidden_sizes = ARCHITECTURES[name]
    letters, problem, rng = draw_problem(3, sizes, hidden_sizes, *OUTPUTS[0])
    theta, anchor = draw_theta(rng, problem), draw_theta(rng, problem)
    pull = 0.3 * (theta - anchor)
    pull[-1] = 0
    penalised = problem._replace(penalty=0.3)
    slope = gradient(problem, theta) + pull
    if solver == kernels.SGD:
        actual = gradient_of_a_step(penalised, letters, theta, anchor=anchor)
        assert_allclose(actual, slope, rtol=1e-6, atol=1e-9)
    else:  # whose first step is as long for every slope
        after, _ = run(penalised, letters, theta, [0.01], solver=solver, anchor=anchor)
        expected = PaperAdam(theta.size).step(theta, slope, 0.01)
        assert_allclose(after, expected, rtol=1e-9)


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
@pytest.mark.parametrize(
    "name", ["several units", "covariates", "two hidden layers on shared weights"]
)
def test_gradient_with_dropout_equals_finite_differences(name, output, loss):
    sizes, hidden_sizes = ARCHITECTURES[name]
    letters, problem, rng = draw_problem(2, sizes, hidden_sizes, output, loss)
    theta = draw_theta(rng, problem)
    actual = gradient_of_a_step(problem, letters, theta, dropout=0.4)

    def loss_of_the_same_mask(at):
        return run(problem, letters, at, [0.0], dropout=0.4)[1]

    to_objective = problem.loss_scale / len(problem.y)
    if loss == "squared_error":
        to_objective /= 2  # `train` returns squared errors that are not halved
    expected = to_objective * finite_differences(loss_of_the_same_mask, theta)
    assert_allclose(actual, expected, rtol=1e-6, atol=1e-9)
    assert not np.allclose(actual, gradient_of_a_step(problem, letters, theta))


def one_neuron(weight, beta, y):
    """Return a network of one position and one unit, and its parameters.

    The guide's letter is the second one, and the intercepts are 0.
    """
    problem = Problem(
        kernels.Shape(1, 1, 4, 1, 0, 0), (), "identity", "squared_error", 1.0, 0.0,
        np.array([[0.0, 1.0, 0.0, 0.0]]), np.empty((1, 0)), np.array([y]), np.ones(1),
    )  # fmt: skip
    theta = np.array([0.5, weight, 0.5, 0.5, 0.0, beta, 0.0])
    return problem, np.array([[1]], dtype=np.uint8), theta


@pytest.mark.parametrize("weight", [-2.0, 0.0])
def test_a_dead_neuron_learns_nothing(weight):
    problem, letters, theta = one_neuron(weight, beta=3.0, y=5.0)
    actual = gradient_of_a_step(problem, letters, theta)
    assert_array_equal(actual, [0, 0, 0, 0, 0, 0, -5.0])  # the last: beta0


def test_a_neuron_gets_the_error_times_its_readout_weight():
    # The first loop passed back the error times the activation: 1 * 2 instead of 1 * 3.
    problem, letters, theta = one_neuron(weight=2.0, beta=3.0, y=5.0)
    error, activation, beta = 2.0 * 3.0 - 5.0, 2.0, 3.0
    actual = gradient_of_a_step(problem, letters, theta)
    assert_array_equal(
        actual, [0, error * beta, 0, 0, error * beta, error * activation, error]
    )


def test_windows_without_intercepts_keep_them():
    sizes, hidden_sizes = ARCHITECTURES["covariates and a hidden layer"]
    letters, problem, rng = draw_problem(
        3, sizes, hidden_sizes, *OUTPUTS[0], penalty=0.2
    )
    theta = draw_theta(rng, problem)
    with_bias = gradient_of_a_step(problem, letters, theta)
    without = gradient_of_a_step(problem, letters, theta, train_window_bias=False)
    P, k, A, U, *_ = problem.shape
    intercepts = slice(P * k * A * U, P * (k * A + 1) * U)
    assert np.abs(with_bias[intercepts]).max() > 0
    with_bias[intercepts] = 0
    assert_array_equal(without, with_bias)


# ---- the fast path over random shapes -----------------------------------------------


@st.composite
def networks(draw):
    sizes = (
        draw(st.integers(1, 5)),
        draw(st.integers(1, 4)),
        draw(st.integers(1, 5)),
        draw(st.sampled_from([1, 2, 3, 7, 8, 9, 16, 35])),
        draw(st.integers(0, 3)),
        draw(st.integers(0, 1)),
    )
    hidden_sizes = tuple(draw(st.lists(st.integers(1, 9), max_size=2)))
    return sizes, hidden_sizes


@settings(max_examples=60)
@given(
    networks(),
    st.sampled_from(OUTPUTS),
    st.booleans(),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 2**32 - 1),
)
def test_fast_network_equals_slow_network(
    network, output_and_loss, is_one_hot, n, batch_size, seed
):
    sizes, hidden_sizes = network
    letters, problem, rng = draw_problem(
        seed, sizes, hidden_sizes, *output_and_loss, is_one_hot=is_one_hot, n=n
    )
    theta = coarse(rng, n_parameters(problem.shape, hidden_sizes), n_levels=6)
    z = read_out(problem.shape, hidden_sizes, theta, problem.values, problem.covariates)
    fast = predicted(problem, letters, theta, batch_size, np.float32)
    assert_allclose(fast, z, rtol=1e-5, atol=1e-5)

    if problem.output == "logistic":
        # No digits lost where p is close to 0 or 1, nor where it is close to y.
        theta /= 8
        problem = problem._replace(y=rng.choice([-0.25, 1.25], n))
    expected = gradient(problem, theta)
    # A long step, so that the difference it makes is known to all digits.
    actual = gradient_of_a_step(problem, letters, theta, 2.0**12, dtype=np.float32)
    assert_allclose(actual, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


@settings(max_examples=40)
@given(networks(), st.sampled_from(OUTPUTS), st.integers(0, 2**32 - 1))
def test_letters_and_values_give_the_same_bits(network, output_and_loss, seed):
    sizes, hidden_sizes = network
    letters, problem, rng = draw_problem(seed, sizes, hidden_sizes, *output_and_loss)
    theta = draw_theta(rng, problem)
    options = {"steps": [0.1, 0.05, 0.02], "batch_size": 3, "dropout": 0.25}
    from_letters = run(problem, letters, theta, dtype=np.float32, **options)
    from_values = run(problem, None, theta, dtype=np.float32, **options)
    assert_array_equal(from_letters[0], from_values[0])
    assert from_letters[1] == from_values[1]
    assert_array_equal(
        predicted(problem, letters, theta, 4, np.float32),
        predicted(problem, None, theta, 4, np.float32),
    )


def test_the_sum_of_losses_is_returned():
    for output, loss in OUTPUTS:
        letters, problem, rng = draw_problem(
            4, *ARCHITECTURES["one hidden layer"], output, loss
        )
        theta = draw_theta(rng, problem)
        _, total = run(problem, letters, theta, np.zeros(3), batch_size=3)
        mean = objective(problem, theta) / problem.loss_scale
        halves = 2 if loss == "squared_error" else 1
        assert total == pytest.approx(halves * len(problem.y) * mean, rel=1e-12)


@pytest.mark.parametrize("z", [-800.0, -30.0, 30.0, 800.0])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_the_log_loss_neither_overflows_nor_loses_digits(z, y):
    problem, letters, theta = one_neuron(weight=1.0, beta=z, y=y)
    problem = problem._replace(output="logistic", loss="log_loss")
    after, total = run(problem, letters, theta, [1.0])
    assert total == pytest.approx(np.logaddexp(0, z if y == 0 else -z), rel=1e-12)
    assert np.isfinite(after).all()


# ---- the solvers --------------------------------------------------------------------


def slow_descent(problem, theta, steps, batch_size, update):
    """Walk over the batches; ``update`` takes theta, the gradient and the step size."""
    for batch, step in enumerate(steps):
        rows = slice(batch * batch_size, (batch + 1) * batch_size)
        part = problem._replace(
            values=problem.values[rows],
            covariates=problem.covariates[rows],
            y=problem.y[rows],
            weight=problem.weight[rows],
        )
        theta = update(theta, gradient(part, theta), step)
    return theta


@pytest.mark.parametrize("name", ["one unit a position", "two hidden layers"])
def test_sgd_walks_over_the_batches(name):
    sizes, hidden_sizes = ARCHITECTURES[name]
    letters, problem, rng = draw_problem(
        5, sizes, hidden_sizes, *OUTPUTS[0], penalty=0.1
    )
    theta = draw_theta(rng, problem)
    steps = [0.1, 0.05, 0.02, 0.2]  # 2 + 2 + 2 + 1 rows
    actual, _ = run(problem, letters, theta, steps, batch_size=2)
    expected = slow_descent(
        problem, theta, steps, 2, lambda at, slope, step: at - step * slope
    )
    assert_allclose(actual, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["one unit a position", "two hidden layers"])
def test_adam_is_the_paper_s(name):
    sizes, hidden_sizes = ARCHITECTURES[name]
    letters, problem, rng = draw_problem(
        6, sizes, hidden_sizes, *OUTPUTS[0], penalty=0.1
    )
    theta = draw_theta(rng, problem)
    steps = [0.1, 0.05, 0.02, 0.2]
    state, adam = fresh_state(theta.size), PaperAdam(theta.size)
    actual = expected = theta
    for _ in range(3):  # the moments and the clock outlive a call
        actual, _ = run(
            problem, letters, actual, steps,
            batch_size=2, solver=kernels.ADAM, state=state,
        )  # fmt: skip
        expected = slow_descent(problem, expected, steps, 2, adam.step)
        assert_allclose(actual, expected, rtol=1e-7, atol=1e-10)
    assert state[1][0] == adam.t == 12


def dead_unit(n):
    """Return a network whose only unit is dead, and guides of no weight.

    Only the penalty moves it, once a guide.
    """
    problem = Problem(
        kernels.Shape(1, 1, 4, 1, 0, 0), (), "identity", "squared_error", 1.0, 0.5,
        np.tile([1.0, 0, 0, 0], (n, 1)), np.empty((n, 0)), np.zeros(n), np.zeros(n),
    )  # fmt: skip
    theta = np.array([-1.0, -0.5, -2.0, -1.5, 0.0, 0.3, 0.0], dtype=np.float32)
    return problem, np.zeros((n, 1), dtype=np.uint8), theta


def has_subnormals(numbers):
    return np.any((numbers != 0) & (np.abs(numbers) < np.finfo(np.float32).tiny))


@pytest.mark.parametrize("solver", [kernels.SGD, kernels.ADAM], ids=["sgd", "adam"])
def test_weights_of_a_dead_unit_shrink_to_exact_zeros(solver):
    problem, letters, theta = dead_unit(500)
    state = fresh_state(theta.size if solver == kernels.ADAM else 0, np.float32)
    for _ in range(60):
        theta, _ = run(
            problem, letters, theta, np.full(500, 0.05),
            batch_size=1, solver=solver, state=state, dtype=np.float32,
        )  # fmt: skip
        assert not has_subnormals(theta)
    assert_array_equal(theta, 0)


def test_moments_of_a_dead_unit_shrink_to_exact_zeros():
    problem, letters, theta = dead_unit(50)
    theta[:] = 0
    moments, clock, random_state = fresh_state(theta.size, np.float32)
    moments[0], moments[1], clock[0] = 1e-15, 1e-27, 10_000
    for _ in range(600):
        theta, _ = run(
            problem, letters, theta, np.full(50, 1e-9), batch_size=1,
            solver=kernels.ADAM, state=(moments, clock, random_state), dtype=np.float32,
        )  # fmt: skip
        assert not has_subnormals(moments)
    assert_array_equal(moments, 0)


@pytest.mark.parametrize("solver", [kernels.SGD, kernels.ADAM], ids=["sgd", "adam"])
def test_a_parameter_that_is_not_a_number_stays_so(solver):
    # A diverging fit is recognised by it.
    problem, letters, theta = one_neuron(weight=2.0, beta=3.0, y=5.0)
    theta[0] = np.nan  # not the guide's letter: the loss stays finite
    after, total = run(problem, letters, theta, [0.1], solver=solver)
    assert np.isfinite(total)
    assert np.isnan(after[0])


@pytest.mark.parametrize("solver", [kernels.SGD, kernels.ADAM])
def test_numbers_too_small_to_matter_become_zero(solver):
    # below the least that a processor computes with at full speed they would be slow
    letters, problem, rng = draw_problem(4, (3, 2, 4, 2, 0, 0), (), *OUTPUTS[0])
    problem = problem._replace(weight=np.zeros(len(problem.y)))
    theta = draw_theta(rng, problem)
    theta[::3] = 1e-13
    state = fresh_state(theta.size if solver == kernels.ADAM else 0)
    state[0][:] = [[1e-19], [1e-31]]
    after, _ = run(problem, letters, theta, [1e-9], solver=solver, state=state)
    assert_array_equal(after[::3], 0)
    assert_allclose(np.delete(after, np.s_[::3]), np.delete(theta, np.s_[::3]))
    assert_array_equal(state[0], 0)


# ---- dropout ------------------------------------------------------------------------


def units_at_one(n_units, is_hidden=False):
    """Return a network all of whose units are 1 on its only row.

    With a hidden layer the units counted are that layer's, each fed by a covariate,
    which is never dropped.
    """
    rng = np.random.default_rng(0)
    shape = kernels.Shape(1, 1, 1, 1 if is_hidden else n_units, int(is_hidden), 0)
    hidden_sizes = (n_units,) if is_hidden else ()
    beta = rng.uniform(0.5, 1.5, n_units) / n_units
    if is_hidden:
        V = np.repeat([[0.0], [1.0]], n_units, axis=1)
        theta = [0.0, 0.0, *V.ravel(), *np.zeros(n_units), *beta, 0.0]
    else:
        theta = [*np.ones(n_units), *np.zeros(n_units), *beta, 0.0]
    problem = Problem(
        shape, hidden_sizes, "identity", "squared_error", 1.0, 0.0,
        np.ones((1, 1)), np.ones((1, int(is_hidden))), np.zeros(1), np.ones(1),
    )  # fmt: skip
    return problem, np.zeros((1, 1), dtype=np.uint8), np.array(theta), beta


def kept_units(network, dropout, state):
    """Return which units took part in a step, and the read-out z of its row."""
    problem, letters, theta, beta = network
    slope = gradient_of_a_step(problem, letters, theta, dropout=dropout, state=state)
    z = slope[-1]  # y is 0
    return slope[-1 - len(beta) : -1] != 0, z


@pytest.mark.parametrize("is_hidden", [False, True], ids=["windows", "hidden layer"])
@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.9])
def test_dropout_keeps_its_share_of_units_and_their_expected_sum(dropout, is_hidden):
    network = units_at_one(501, is_hidden)  # not a multiple of the draws in a word
    state = fresh_state(0)
    masks, sums = zip(
        *(kept_units(network, dropout, state) for _ in range(400)), strict=True
    )
    n_draws = np.size(masks)
    sd = np.sqrt(dropout * (1 - dropout))
    assert np.mean(masks) == pytest.approx(1 - dropout, abs=4 * sd / np.sqrt(n_draws))
    # every unit, and every pair of neighbours, is drawn on its own
    assert np.mean(masks, axis=0) == pytest.approx(1 - dropout, abs=5 * sd / 20)
    together = np.mean(np.array(masks)[:, 1:] & np.array(masks)[:, :-1])
    assert together == pytest.approx((1 - dropout) ** 2, abs=0.005)

    beta = network[-1]
    standard_error = sd / (1 - dropout) * np.sqrt(beta @ beta) / np.sqrt(len(sums))
    assert np.mean(sums) == pytest.approx(beta.sum(), abs=4 * standard_error)


def test_dropout_masks_depend_on_the_seed_and_move_on():
    network = units_at_one(200)
    state = fresh_state(0, seed=1)
    first, second = (kept_units(network, 0.5, state)[0] for _ in range(2))
    again = kept_units(network, 0.5, fresh_state(0, seed=1))[0]
    other = kept_units(network, 0.5, fresh_state(0, seed=2))[0]
    assert_array_equal(first, again)
    for mask in (second, other):
        assert 0.3 < np.mean(mask != first) < 0.7


def split_mix_64(state, n):
    """Return n numbers by the reference of Vigna (https://prng.di.unimi.it)."""
    numbers, whole = [], 2**64
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) % whole
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % whole
        z = (z ^ z >> 27) * 0x94D049BB133111EB % whole
        numbers.append(z ^ z >> 31)
    return numbers


def test_dropout_draws_the_numbers_of_split_mix_64():
    # what others have published for this seed (rosettacode.org)
    assert split_mix_64(1234567, 3) == [
        *(6457827717110365317, 3203168211198807973, 9817491932198370423),
    ]
    state, bits = np.array([1234567], np.uint64), np.empty(500, np.uint64)
    units = np.ones(2000)
    kernels._rectify(units, 0, 20, 100, 100, 0.3, state, bits)
    assert bits.tolist() == split_mix_64(1234567, 500)
    draws, threshold = bits.view(np.uint16), round(0.3 * 65536)
    kept = 65536 / (65536 - threshold)
    assert_allclose(units, np.where(draws < threshold, 0, kept))
    # and goes on with the next ones; a draw of the threshold itself is kept
    kernels._rectify(units, 0, 1, 4, 4, 0.0, state, bits)
    assert state.tolist() == [(1234567 + 500 * 0x9E3779B97F4A7C15) % 2**64]
    unit = np.flatnonzero(draws > 60_000)[0]
    dropout = draws[unit] / 65536
    units[:] = 1
    kernels._rectify(
        units, 0, 20, 100, 100, dropout, np.array([1234567], np.uint64), bits
    )
    assert units[unit] > 0


@pytest.mark.parametrize("dropout", [0.9999, 0.99999, 0.9999999])
def test_dropout_close_to_one_leaves_hardly_a_unit(dropout):
    network = units_at_one(500)
    state = fresh_state(0)
    n_kept = sum(kept_units(network, dropout, state)[0].sum() for _ in range(20))
    assert n_kept < 50  # of 10,000


def test_covariates_are_never_dropped():
    sizes = (1, 1, 4, 1, 3, 0)
    letters, problem, _ = draw_problem(7, sizes, (), *OUTPUTS[0], n=1)
    problem = problem._replace(covariates=np.ones((1, 3)), weight=np.ones(1))
    theta = np.ones(n_parameters(problem.shape, ()))
    state = fresh_state(0)
    for _ in range(50):
        slope = gradient_of_a_step(problem, letters, theta, dropout=0.9, state=state)
        assert (slope[-4:-1] != 0).all()
