"""Small networks drawn at random, and runs of the kernels on them."""

import numpy as np

from sgrna_estimator.network import kernels
from tests.network_reference import Problem, n_parameters, one_hot

OUTPUTS = [
    ("identity", "squared_error"),
    ("logistic", "squared_error"),
    ("logistic", "log_loss"),
]

# n_windows, window_size, n_channels, n_units, n_covariates, shared; then hidden layers
ARCHITECTURES = {
    "one unit a position": ((5, 1, 4, 1, 0, 0), ()),
    "one unit a position, shared": ((5, 1, 4, 1, 0, 1), ()),
    "one unit a position, and a hidden layer": ((5, 1, 4, 1, 0, 0), (3,)),
    "two units a position": ((4, 1, 4, 2, 0, 0), ()),
    "one unit a pair": ((4, 2, 4, 1, 0, 0), ()),
    "one unit a window": ((4, 3, 4, 1, 0, 0), ()),
    "several units": ((3, 2, 4, 3, 0, 0), ()),
    "more units than a vector has lanes": ((2, 1, 2, 19, 0, 0), ()),
    "shared weights": ((5, 2, 4, 3, 0, 1), ()),
    "shared weights of one unit": ((5, 3, 4, 1, 0, 1), ()),
    "other alphabets": ((3, 2, 5, 2, 0, 0), ()),
    "covariates": ((4, 1, 4, 1, 2, 0), ()),
    "one hidden layer": ((3, 2, 4, 2, 0, 0), (4,)),
    "covariates and a hidden layer": ((3, 2, 4, 2, 3, 0), (4,)),
    "two hidden layers": ((2, 2, 3, 2, 1, 0), (5, 3)),
    "two hidden layers on shared weights": ((4, 2, 3, 2, 1, 1), (5, 3)),
}


def coarse(rng, size, n_levels=8):
    """Draw multiples of 1/8: their sums of products are exact in either precision.

    So no unit is above zero in one implementation and below it in the other.
    """
    return rng.integers(-n_levels, n_levels + 1, size) / 8


def draw_rows(rng, shape, n, is_one_hot):
    """Return letters (one in six unknown) or None, and the same rows as numbers."""
    n_positions = shape.n_windows + shape.window_size - 1
    if not is_one_hot:
        return None, coarse(rng, (n, n_positions * shape.n_channels))
    letters = rng.integers(0, shape.n_channels, (n, n_positions))
    is_unknown = rng.random(letters.shape) < 1 / 6
    letters = np.where(is_unknown, shape.n_channels, letters)
    return letters.astype(np.uint8), one_hot(letters, shape.n_channels)


def draw_problem(
    seed, sizes, hidden_sizes, output, loss, *, is_one_hot=True, n=7, penalty=0.0
):
    """Return letters (or None), what the network is to fit, and parameters."""
    rng = np.random.default_rng(seed)
    shape = kernels.Shape(*sizes)
    letters, values = draw_rows(rng, shape, n, is_one_hot)
    y = rng.random(n) if output == "logistic" else coarse(rng, n, 16)
    problem = Problem(
        shape,
        hidden_sizes,
        output,
        loss,
        1.75,
        penalty,
        values,
        coarse(rng, (n, shape.n_covariates)),
        y,
        rng.integers(0, 4, n) / 2,
    )
    return letters, problem, rng


def draw_theta(rng, problem):
    return rng.normal(scale=0.6, size=n_parameters(problem.shape, problem.hidden_sizes))


def as_rows(problem, letters, dtype):
    values = np.empty((0, 0)) if letters is not None else problem.values
    return kernels.Rows(
        np.empty((0, 0), dtype=np.uint8) if letters is None else letters,
        values.astype(dtype),
        problem.covariates.astype(dtype),
        letters is not None,
    )


def run(
    problem,
    letters,
    theta,
    steps,
    *,
    batch_size=1000,
    solver=kernels.SGD,
    dropout=0.0,
    train_window_bias=True,
    state=None,
    anchor=(),
    dtype=np.float64,
):
    """Return the parameters after ``train``, and what it returned.

    ``state`` is (moments, clock, random_state); fresh ones without it.
    """
    shape, kind = problem.shape, np.dtype(dtype).type
    theta = np.array(theta, dtype=dtype)
    if state is None:
        state = fresh_state(theta.size if solver == kernels.ADAM else 0, dtype)
    total = kernels.train(
        shape,
        np.array(problem.hidden_sizes, dtype=np.int64),
        kernels.Objective(
            getattr(kernels, problem.output.upper()),
            getattr(kernels, problem.loss.upper()),
            kind(problem.loss_scale),
            kind(problem.penalty),
            float(dropout),
            train_window_bias,
        ),
        solver,
        as_rows(problem, letters, dtype),
        problem.y.astype(dtype),
        problem.weight.astype(dtype),
        np.asarray(steps, dtype=dtype),
        batch_size,
        theta,
        np.array(anchor, dtype=dtype),
        *state,
    )
    return theta, total


def fresh_state(n_moments, dtype=np.float64, seed=0):
    return (
        np.zeros((2, n_moments), dtype=dtype),
        np.zeros(1, dtype=np.int64),
        np.full(1, seed, dtype=np.uint64),
    )


def gradient_of_a_step(problem, letters, theta, step=1.0, **options):
    """Read the gradient off one step of plain descent with all rows in its batch."""
    after, _ = run(problem, letters, theta, [step], **options)
    return (theta - after) / step


def predicted(problem, letters, theta, batch_size, dtype=np.float64):
    z = np.empty(len(problem.y), dtype=dtype)
    kernels.predict(
        problem.shape,
        np.array(problem.hidden_sizes, dtype=np.int64),
        theta.astype(dtype),
        as_rows(problem, letters, dtype),
        batch_size,
        z,
    )
    return z
