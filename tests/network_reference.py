"""The network written to be read, one row at a time: what the fast kernels must equal.

Symbols are those of the kernels' docstring. Nothing here is shared with the package but
the names of the sizes, so that a slip in one is not repeated in the other.
"""

from typing import NamedTuple

import numpy as np


class Layers(NamedTuple):
    """Views into the flat vector of parameters."""

    W: np.ndarray  # (P or 1, k * A, U)
    b: np.ndarray  # (P or 1, U)
    hidden: list[tuple[np.ndarray, np.ndarray]]  # V (M, H), d (H)
    beta: np.ndarray  # (M,)
    beta0: np.ndarray  # (1,)


def layers(shape, hidden_sizes, theta):
    """Cut the flat vector into the layers it is documented to hold."""
    n_sets = 1 if shape.shared else shape.n_windows
    n_inputs = shape.n_windows * shape.n_units + shape.n_covariates
    sizes = [
        (n_sets, shape.window_size * shape.n_channels, shape.n_units),
        (n_sets, shape.n_units),
    ]
    for size in hidden_sizes:
        sizes += [(n_inputs, int(size)), (int(size),)]
        n_inputs = int(size)
    sizes += [(n_inputs,), (1,)]
    ends = np.cumsum([np.prod(size) for size in sizes])
    assert ends[-1] == len(theta)
    W, b, *dense, beta, beta0 = (
        part.reshape(size)
        for part, size in zip(np.split(theta, ends[:-1]), sizes, strict=True)
    )
    return Layers(W, b, list(zip(dense[::2], dense[1::2], strict=True)), beta, beta0)


def n_parameters(shape, hidden_sizes):
    n_sets = 1 if shape.shared else shape.n_windows
    total = n_sets * (shape.window_size * shape.n_channels + 1) * shape.n_units
    n_inputs = shape.n_windows * shape.n_units + shape.n_covariates
    for size in [*hidden_sizes, 1]:
        total += (n_inputs + 1) * int(size)
        n_inputs = int(size)
    return total


def is_weight(shape, hidden_sizes):
    """Return which parameters are weights, and so penalised."""
    mask = np.zeros(n_parameters(shape, hidden_sizes), dtype=bool)
    parts = layers(shape, hidden_sizes, mask)
    for weights in [parts.W, *(V for V, _ in parts.hidden), parts.beta]:
        weights[:] = True
    return mask


def one_hot(letters, n_channels):
    """Return (n, L * A) zeros and ones; a letter that is no channel is all zeros."""
    channels = np.arange(n_channels)
    marks = np.asarray(letters)[:, :, None] == channels
    return marks.reshape(len(marks), -1).astype(np.float64)


def forward(shape, hidden_sizes, theta, x, c):
    """Return what enters each dense layer, the read-out last, and the read-out z."""
    net = layers(shape, hidden_sizes, theta)
    k, A = shape.window_size, shape.n_channels
    sums = []
    for p in range(shape.n_windows):
        at = 0 if shape.shared else p
        sums.append(x[p * A : (p + k) * A] @ net.W[at] + net.b[at])
    inputs = [np.concatenate([np.maximum(0, np.concatenate(sums)), c])]
    for V, d in net.hidden:
        inputs.append(np.maximum(0, inputs[-1] @ V + d))
    return inputs, inputs[-1] @ net.beta + net.beta0[0]


def read_out(shape, hidden_sizes, theta, values, covariates):
    """Return z of every row."""
    return np.array(
        [
            forward(shape, hidden_sizes, theta, x, c)[1]
            for x, c in zip(values, covariates, strict=True)
        ]
    )


def row_loss(output, loss, z, y):
    """Return what is minimised for a row (half the squared error), and its slope."""
    if output == "identity":
        return (z - y) ** 2 / 2, z - y
    p = 1 / (1 + np.exp(-z))
    if loss == "squared_error":
        return (p - y) ** 2 / 2, (p - y) * p * (1 - p)
    return -y * np.log(p) - (1 - y) * np.log(1 - p), p - y


class Problem(NamedTuple):
    """A network and the rows it is to fit."""

    shape: NamedTuple
    hidden_sizes: tuple[int, ...]
    output: str
    loss: str
    loss_scale: float
    penalty: float
    values: np.ndarray
    covariates: np.ndarray
    y: np.ndarray
    weight: np.ndarray


def objective(problem, theta):
    """Return the penalised mean loss."""
    z = read_out(
        problem.shape, problem.hidden_sizes, theta, problem.values, problem.covariates
    )
    losses = row_loss(problem.output, problem.loss, z, problem.y)[0]
    weights = theta[is_weight(problem.shape, problem.hidden_sizes)]
    return (
        np.mean(problem.weight * problem.loss_scale * losses)
        + problem.penalty / 2 * weights @ weights
    )


def gradient(problem, theta):
    """Return the gradient of the objective, by the chain rule."""
    shape, k, A = problem.shape, problem.shape.window_size, problem.shape.n_channels
    P, U = shape.n_windows, shape.n_units
    net = layers(shape, problem.hidden_sizes, theta)
    total = np.zeros_like(theta)
    into = layers(shape, problem.hidden_sizes, total)
    for x, c, y, weight in zip(
        problem.values, problem.covariates, problem.y, problem.weight, strict=True
    ):
        inputs, z = forward(shape, problem.hidden_sizes, theta, x, c)
        slope = row_loss(problem.output, problem.loss, z, y)[1]
        slope *= weight * problem.loss_scale / len(problem.y)
        into.beta[:] += slope * inputs[-1]
        into.beta0[:] += slope
        delta = slope * net.beta
        for layer in reversed(range(len(net.hidden))):
            delta = delta * (inputs[layer + 1] > 0)
            into.hidden[layer][0][:] += np.outer(inputs[layer], delta)
            into.hidden[layer][1][:] += delta
            delta = net.hidden[layer][0] @ delta
        delta = (delta[: P * U] * (inputs[0][: P * U] > 0)).reshape(P, U)
        for p in range(P):
            at = 0 if shape.shared else p
            into.W[at] += np.outer(x[p * A : (p + k) * A], delta[p])
            into.b[at] += delta[p]
    return total + problem.penalty * theta * is_weight(shape, problem.hidden_sizes)


def finite_differences(function, theta, step=1e-5):
    """Return the central finite differences of a function of a vector."""
    slopes = np.empty_like(theta)
    for j in range(len(theta)):
        ahead, behind = theta.copy(), theta.copy()
        ahead[j] += step
        behind[j] -= step
        slopes[j] = (function(ahead) - function(behind)) / (ahead[j] - behind[j])
    return slopes


class PaperAdam:
    """Algorithm 1 of Kingma & Ba (2015), line by line."""

    def __init__(self, n_parameters, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        self.m, self.v, self.t = np.zeros(n_parameters), np.zeros(n_parameters), 0
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def step(self, theta, g, step_size):
        """Return the parameters after one step."""
        self.t += 1
        self.m = self.beta_1 * self.m + (1 - self.beta_1) * g
        self.v = self.beta_2 * self.v + (1 - self.beta_2) * g**2
        m_hat = self.m / (1 - self.beta_1**self.t)
        v_hat = self.v / (1 - self.beta_2**self.t)
        return theta - step_size * m_hat / (np.sqrt(v_hat) + self.epsilon)


# ---- small screens ------------------------------------------------------------------


class Screen(NamedTuple):
    """Guides whose letters add up to their activity, and noise."""

    letters: np.ndarray  # (n, n_positions), the last code for none
    X: np.ndarray  # one-hot
    y: np.ndarray
    effects: np.ndarray  # (n_positions, 4)


def simulate_screen(n=400, n_positions=8, *, seed=0, noise=1.0, share_unknown=0.0):
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (n, n_positions))
    letters[rng.random(letters.shape) < share_unknown] = 4
    effects = rng.normal(size=(n_positions, 4))
    X = one_hot(letters, 4)
    y = 3 + X @ effects.ravel() + noise * rng.normal(size=n)
    return Screen(letters, X, y, effects)


def least_squares(X, y):
    """Return the predictions of ordinary least squares with an intercept."""
    design = np.column_stack([np.ones(len(X)), X])
    return design @ np.linalg.lstsq(design, y, rcond=None)[0]


def group_lasso(X, y, alpha, slope_of_loss, curvature, n_iter=3000):
    """Return z of the guides and the coefficients that minimise the penalised loss.

    This is what a network of width 1 fits. A position's effects ``beta * w`` cost
    ``alpha * (beta ** 2 + w @ w)``, whose least value is ``2 * alpha`` times the norm of
    the effects (Bach et al. 2012). Plain proximal gradient steps, with momentum.

    ``slope_of_loss(z, y)`` is the derivative of a guide's loss by z, ``curvature`` a
    bound on the second derivative.
    """
    step = 1 / (curvature * (np.linalg.norm(X, 2) ** 2 + len(X)))
    c0, c = 0.0, np.zeros(X.shape[1])
    ahead0, ahead = c0, c
    for i in range(n_iter):
        slope = slope_of_loss(ahead0 + X @ ahead, y)
        moved = (ahead - step * X.T @ slope).reshape(-1, 4)
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        shrunk = moved * np.maximum(0, 1 - 2 * alpha * step / np.maximum(norms, 1e-300))
        new0, new = ahead0 - step * slope.sum(), shrunk.ravel()
        momentum = i / (i + 3)
        ahead0, ahead = new0 + momentum * (new0 - c0), new + momentum * (new - c)
        c0, c = new0, new
    return c0 + X @ c, c.reshape(-1, 4)
