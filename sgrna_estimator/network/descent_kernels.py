"""What is minimised and how: losses, penalties and optimiser steps, compiled by numba."""

from collections import namedtuple

import numpy as np
from numba import uintp

from sgrna_estimator._compiling import njit

# What shrinks towards zero for ever becomes a subnormal float, which makes arithmetic
# several times slower; nothing this small changes a prediction.
TINY_WEIGHT = 1e-12
_TINY_MOMENT = 1e-18
_TINY_SQUARE = 1e-30

# Kingma & Ba (2015), algorithm 1
_BETA_1 = 0.9
_BETA_2 = 0.999
_EPSILON = 1e-8

# Codes that the kernels branch on
IDENTITY, LOGISTIC = 0, 1
SQUARED_ERROR, LOG_LOSS = 0, 1
SGD, ADAM = 0, 1

Shape = namedtuple(
    "Shape", "n_windows window_size n_channels n_units n_covariates shared"
)
Shape.__doc__ = "Sizes of the first layer, integers; ``shared`` is 0 or 1."
Rows = namedtuple("Rows", "letters values covariates one_hot")
Rows.__doc__ = """Input rows in one of two forms.

``letters`` (n, L) uint8 when ``one_hot``: the channel that is 1 at each position,
``n_channels`` where none is. Otherwise ``values`` (n, L * n_channels). The form not in
use has no rows. ``covariates`` is (n, n_covariates).
"""

Objective = namedtuple(
    "Objective", "output loss loss_scale penalty dropout train_window_bias"
)
Objective.__doc__ = """What is minimised: mean of weight * loss_scale * loss, where the loss
is half the squared error or the log loss, plus penalty / 2 times the squared weights."""


@njit
def row_loss(objective, z, target):
    """Return a row's loss (the squared error is not halved) and its derivative by z."""
    if objective.output == IDENTITY:
        slope = z - target
        return slope * slope, slope
    # exp(-|z|) neither overflows nor loses the small probabilities
    small = np.exp(-abs(z))
    p = 1 / (1 + small) if z >= 0 else small / (1 + small)
    slope = p - target
    if objective.loss == SQUARED_ERROR:
        return slope * slope, slope * small / ((1 + small) * (1 + small))
    return max(z, 0) - z * target + np.log1p(small), slope


@njit
def loss_gradient(objective, z, y, weight, start, B):
    """Overwrite z with the derivative of the batch's mean loss; return the summed loss."""
    total = 0.0
    for i in range(uintp(B)):
        row = uintp(start) + i
        loss, slope = row_loss(objective, z[i], y[row])
        total += weight[row] * loss
        z[i] = weight[row] * objective.loss_scale * slope / B
    return total


@njit
def _step(solver, theta, g, moments, start, stop, penalty, step, epsilon):
    """Move theta[start:stop] against its gradient, the L2 penalty's included."""
    kind = theta.dtype.type
    zero, one = kind(0), kind(1)
    # Comparisons such that what is not a number stays so: divergence must be seen.
    tiny_weight, tiny_moment = kind(TINY_WEIGHT), kind(_TINY_MOMENT)
    tiny_square, beta_1, beta_2 = kind(_TINY_SQUARE), kind(_BETA_1), kind(_BETA_2)
    if solver == SGD:
        for j in range(uintp(start), uintp(stop)):
            value = theta[j] - step * (g[j] + penalty * theta[j])
            theta[j] = zero if abs(value) < tiny_weight else value
        return
    for j in range(uintp(start), uintp(stop)):
        slope = g[j] + penalty * theta[j]
        m = beta_1 * moments[0, j] + (one - beta_1) * slope
        v = beta_2 * moments[1, j] + (one - beta_2) * slope * slope
        value = theta[j] - step * m / (np.sqrt(v) + epsilon)
        moments[0, j] = zero if abs(m) < tiny_moment else m
        moments[1, j] = zero if v < tiny_square else v
        theta[j] = zero if abs(value) < tiny_weight else value


@njit
def _pull(theta, anchor, g, start, stop, penalty):
    """Add to g the gradient of the penalty on distances from the anchor."""
    for j in range(uintp(start), uintp(stop)):
        g[j] += penalty * (theta[j] - anchor[j])


@njit
def descend(
    shape, hidden, objective, solver, theta, anchor, g, moments, clock, step
):  # fmt: skip
    """Take one optimiser step; without an anchor, only weights are penalised."""
    kind = theta.dtype.type
    clock[0] += 1
    epsilon = kind(_EPSILON)
    if solver == ADAM:
        # The bias corrections of both moments, moved into the step and epsilon
        correction = np.sqrt(1 - _BETA_2 ** clock[0])
        epsilon = kind(_EPSILON * correction)
        step = kind(step * correction / (1 - _BETA_1 ** clock[0]))
    n_sets = 1 if shape.shared else shape.n_windows
    n_weights = n_sets * shape.window_size * shape.n_channels * shape.n_units
    n_intercepts = n_sets * shape.n_units
    fan_in = shape.n_windows * shape.n_units + shape.n_covariates
    start = 0
    for layer in range(hidden.size + 2):  # windows, hidden layers, read-out
        middle = start + n_weights
        stop = middle + n_intercepts
        penalty = objective.penalty
        if anchor.size:  # intercepts are held too, but for that of the read-out
            held = stop if layer <= hidden.size else middle
            _pull(theta, anchor, g, start, held, penalty)
            penalty = kind(0)
        _step(solver, theta, g, moments, start, middle, penalty, step, epsilon)
        if layer > 0 or objective.train_window_bias:
            _step(solver, theta, g, moments, middle, stop, kind(0), step, epsilon)
        start = stop
        n_intercepts = hidden[layer] if layer < hidden.size else 1
        n_weights = fan_in * n_intercepts
        fan_in = n_intercepts
