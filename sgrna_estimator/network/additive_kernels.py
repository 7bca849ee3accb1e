"""Training where each position has one unit of its own, compiled by numba.

At width 1 a position adds ``beta[p] * max(0, W[p, letter] + b[p])`` to the read-out: one
of as many numbers as there are letters. As long as the weights do not move, during a
batch, these numbers are a table. A batch of one row moves them at once, and then only
what the row's letters choose is touched.

Both do what `kernels.train` does for any network, to rounding. ``theta`` holds ``W
(P, A)``, ``b (P)``, ``beta (P)``, the covariates' ``gamma (q)`` and ``beta0``.
"""

import numpy as np
from numba import uintp

from sgrna_estimator._compiling import njit
from sgrna_estimator.network.descent_kernels import SGD, TINY_WEIGHT, row_loss
from sgrna_estimator.network.vector_kernels import fire

# The running scale of the weights is multiplied into them before digits are lost.
_LEAST_SCALE = 2.0**-10


@njit
def has_one_unit_a_position(shape, hidden, rows, dropout):
    """Return whether the read-out is a sum over letters, as the functions here need."""
    return (
        rows.one_hot
        and shape.window_size == 1
        and shape.n_units == 1
        and not shape.shared
        and hidden.size == 0
        and dropout == 0
    )


@njit
def can_go_row_by_row(solver, anchor, batch_size):
    """Return whether a step moves nothing that its row does not choose."""
    return solver == SGD and batch_size == 1 and anchor.size == 0


@njit
def read_out_by_table(shape, theta, rows, start, B, H, F, z):
    """Write what letters add to the read-out of B rows, and the read-out into z.

    ``H`` and ``F`` (P, A + 1, flat) are overwritten with the units and with what they
    add; the last column is that of a position without a letter.
    """
    P, A, q = uintp(shape.n_windows), uintp(shape.n_channels), shape.n_covariates
    one, zero = uintp(1), theta.dtype.type(0)
    b = P * A
    beta, gamma = b + P, b + P + P
    for p in range(P):
        for a in range(A + one):
            weight = theta[p * A + a] if a < A else zero
            h = max(weight + theta[b + p], zero)
            H[p * (A + one) + a] = h
            F[p * (A + one) + a] = h * theta[beta + p]
    for i in range(uintp(B)):
        row = uintp(start) + i
        total = theta[uintp(theta.size) - one]
        for p in range(P):
            total += F[p * (A + one) + uintp(rows.letters[row, p])]
        for c in range(uintp(q)):
            total += rows.covariates[row, c] * theta[gamma + c]
        z[i] = total


@njit
def gradient_by_table(shape, theta, rows, start, B, H, F, dz, g):
    """Overwrite g with the gradient of the loss whose derivative by z is dz (B).

    ``H`` is that of the read-out; ``F`` is overwritten with the sums of dz by letter.
    """
    P, A, q = uintp(shape.n_windows), uintp(shape.n_channels), shape.n_covariates
    one, zero = uintp(1), theta.dtype.type(0)
    b = P * A
    beta, gamma = b + P, b + P + P
    into_beta0 = zero
    for j in range(P * (A + one)):
        F[j] = zero
    for c in range(uintp(q)):
        g[gamma + c] = zero
    for i in range(uintp(B)):
        row, slope = uintp(start) + i, dz[i]
        into_beta0 += slope
        for p in range(P):
            F[p * (A + one) + uintp(rows.letters[row, p])] += slope
        for c in range(uintp(q)):
            g[gamma + c] += slope * rows.covariates[row, c]
    for p in range(P):
        into_b = into_beta = zero
        for a in range(A + one):
            at = p * (A + one) + a
            into_beta += F[at] * H[at]
            slope = F[at] * theta[beta + p] if H[at] > zero else zero
            into_b += slope
            if a < A:
                g[p * A + a] = slope
        g[b + p] = into_b
        g[beta + p] = into_beta
    g[uintp(g.size) - one] = into_beta0


@njit
def _fold(scale, weights):
    """Multiply the scale into the weights; what becomes too small is 0."""
    zero = weights.dtype.type(0)
    for j in range(uintp(weights.size)):
        value = weights[j] * scale
        weights[j] = zero if abs(value) < TINY_WEIGHT else value


@njit
def train_row_by_row(shape, objective, rows, y, weight, steps, theta, clock):
    """Take one step of plain gradient descent a row, in place; return the summed loss.

    The penalty shrinks all weights alike, so it is one number, ``scale``, which the
    weights kept here are to be multiplied by (Bottou 2012, "Stochastic gradient descent
    tricks", section 5.1). Parameters are those of `kernels.train`.
    """
    kind = theta.dtype.type
    zero = kind(0)
    P, A, q = shape.n_windows, shape.n_channels, shape.n_covariates
    # The last column is for positions without a letter, and stays 0.
    W = np.zeros((P, A + 1), theta.dtype)
    W[:, :A] = theta[: P * A].reshape(P, A)
    W = W.reshape(-1)
    b, beta = theta[P * A : P * (A + 1)], theta[P * (A + 1) : theta.size - 1]
    h = np.empty(P + q, theta.dtype)  # units and covariates: what beta multiplies
    moves = np.empty(P, theta.dtype)
    letters = rows.letters.reshape(-1)
    intercept, scale, total = theta[theta.size - 1], 1.0, 0.0
    for row in range(uintp(y.size)):
        here, keep = kind(scale), kind(1)
        scale *= 1 - steps[row] * objective.penalty
        if scale < _LEAST_SCALE:  # also 0 or negative, where steps are long
            keep, scale = kind(scale), 1.0
        step = kind(steps[row] * weight[row] * objective.loss_scale)
        into_b = step * here if objective.train_window_bias else zero
        into_beta = kind(step / scale)
        z = fire(h, letters, row * uintp(P), W, uintp(A + 1), here, b, beta, uintp(P))
        for c in range(uintp(q)):
            h[uintp(P) + c] = rows.covariates[row, c]
            z += h[uintp(P) + c] * beta[uintp(P) + c]
        loss, slope64 = row_loss(objective, intercept + here * z, y[row])
        total += weight[row] * loss
        slope = kind(slope64)
        if keep != 1:
            _fold(keep, W)
        intercept -= step * slope
        for p in range(uintp(P)):
            back = slope * beta[p] if h[p] > zero else zero
            b[p] -= into_b * back
            moves[p] = into_beta * here * back
        for j in range(uintp(P + q)):
            beta[j] = keep * beta[j] - into_beta * slope * h[j]
        for p in range(uintp(P)):
            letter = uintp(rows.letters[row, p])
            if letter < uintp(A):
                W[p * uintp(A + 1) + letter] -= moves[p]
    _fold(kind(scale), W)
    _fold(kind(scale), beta)
    theta[: P * A] = W.reshape(P, A + 1)[:, :A].copy().reshape(-1)
    theta[theta.size - 1] = intercept
    clock[0] += steps.size
    return total
