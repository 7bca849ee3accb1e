"""The network's arithmetic, compiled by numba.

Pure functions over arrays that write into the arrays they are given. They know nothing
of scikit-learn, of sequences or of random generators: rows arrive shuffled, step sizes
computed, seeds drawn.

Symbols (those of the user guide): a batch of ``B`` rows, ``P`` windows of ``k``
positions with ``A`` channels each, ``U`` ReLU units a window, ``q`` covariates, hidden
layers of ``H_1, H_2, ...`` units. The parameters are one flat vector ``theta``, so that
an optimiser step is one loop::

    W (P or 1, k * A, U)   window weights; one set for all windows when they are shared
    b (P or 1, U)          window intercepts
    V (M, H), d (H)        for each hidden layer, M its number of inputs
    beta (M), beta0        read-out

A letter selects a row of U contiguous weights: forward adds that row to the sums of the
window, backward adds to the same row of the gradient. Indices are unsigned and arrays
flat in these two loops, because a signed index costs a test for negative values and a
view of a row costs an atomic reference count, ten times the sum itself.
"""

import numpy as np
from numba import uintp

from sgrna_estimator._compiling import njit
from sgrna_estimator.network.additive_kernels import (
    can_go_row_by_row,
    gradient_by_table,
    has_one_unit_a_position,
    read_out_by_table,
    train_row_by_row,
)
from sgrna_estimator.network.descent_kernels import (
    ADAM,
    IDENTITY,
    LOG_LOSS,
    LOGISTIC,
    SGD,
    SQUARED_ERROR,
    Objective,
    Rows,
    Shape,
    descend,
    loss_gradient,
)
from sgrna_estimator.network.vector_kernels import add_scaled, dot

__all__ = [
    "ADAM",
    "IDENTITY",
    "LOGISTIC",
    "LOG_LOSS",
    "SGD",
    "SQUARED_ERROR",
    "Objective",
    "Rows",
    "Shape",
    "predict",
    "train",
]


@njit
def _first_layer(shape, theta, rows, start, B, H):
    """Write the window sums and the covariates of B rows into H (B * M, flat)."""
    P, k, A = uintp(shape.n_windows), uintp(shape.window_size), uintp(shape.n_channels)
    U, q = uintp(shape.n_units), uintp(shape.n_covariates)
    zero, one = uintp(0), theta.dtype.type(1)
    stride = zero if shape.shared else k * A * U
    b = (uintp(1) if shape.shared else P) * k * A * U
    for i in range(uintp(B)):
        row = uintp(start) + i
        at = i * (P * U + q)
        for c in range(q):
            H[at + P * U + c] = rows.covariates[row, c]
        if shape.shared:
            for p in range(P):
                for u in range(U):
                    H[at + p * U + u] = theta[b + u]
        else:
            for u in range(P * U):
                H[at + u] = theta[b + u]
        if rows.one_hot and U == 1:
            for o in range(k):
                for p in range(P):
                    letter = uintp(rows.letters[row, p + o])
                    if letter < A:
                        H[at + p] += theta[p * stride + o * A + letter]
        elif rows.one_hot:
            for p in range(P):
                for o in range(k):
                    letter = uintp(rows.letters[row, p + o])
                    if letter < A:
                        weights = p * stride + (o * A + letter) * U
                        add_scaled(H, at + p * U, one, theta, weights, U)
        else:
            for p in range(P):
                for j in range(k * A):
                    value = rows.values[row, p * A + j]
                    if value != 0:
                        weights = p * stride + j * U
                        add_scaled(H, at + p * U, value, theta, weights, U)


@njit
def _first_layer_gradient(shape, rows, start, B, D, g):
    """Add to g the gradient of the window weights and intercepts, from D (B * M)."""
    P, k, A = uintp(shape.n_windows), uintp(shape.window_size), uintp(shape.n_channels)
    U, q = uintp(shape.n_units), uintp(shape.n_covariates)
    zero, one = uintp(0), g.dtype.type(1)
    stride = zero if shape.shared else k * A * U
    b = (uintp(1) if shape.shared else P) * k * A * U
    for i in range(uintp(B)):
        row = uintp(start) + i
        at = i * (P * U + q)
        if shape.shared:
            for p in range(P):
                add_scaled(g, b, one, D, at + p * U, U)
        else:
            add_scaled(g, b, one, D, at, P * U)
        if rows.one_hot and U == 1:
            for o in range(k):
                for p in range(P):
                    letter = uintp(rows.letters[row, p + o])
                    if letter < A:
                        g[p * stride + o * A + letter] += D[at + p]
        elif rows.one_hot:
            for p in range(P):
                for o in range(k):
                    letter = uintp(rows.letters[row, p + o])
                    if letter < A:
                        weights = p * stride + (o * A + letter) * U
                        add_scaled(g, weights, one, D, at + p * U, U)
        else:
            for p in range(P):
                for j in range(k * A):
                    value = rows.values[row, p * A + j]
                    if value != 0:
                        weights = p * stride + j * U
                        add_scaled(g, weights, value, D, at + p * U, U)


@njit
def _random_bits(state, bits, n):
    """Write the next n numbers of SplitMix64 (Steele, Lea & Flood 2014) into bits."""
    golden = uintp(0x9E3779B97F4A7C15)
    for i in range(n):
        x = state[0] + (i + uintp(1)) * golden
        x = (x ^ (x >> uintp(30))) * uintp(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> uintp(27))) * uintp(0x94D049BB133111EB)
        bits[i] = x ^ (x >> uintp(31))
    state[0] += n * golden


@njit
def _runs(B, M, n_units):
    """Return how many contiguous runs of how many units B rows of M numbers hold.

    Without covariates the units of all rows are one run, long enough for vector
    instructions however small the network.
    """
    if n_units == M:
        return uintp(1), uintp(B * M)
    return uintp(B), uintp(n_units)


@njit
def _dropout_threshold(dropout):
    """Return below which of 65,536 equally likely draws a unit is left out."""
    return np.uint16(min(round(dropout * 65536), 65535))


@njit
def _dropout_scale(dropout):
    """Return what keeps the expectation of a unit that is sometimes left out."""
    return 65536 / (65536 - int(_dropout_threshold(dropout)))


@njit
def _rectify(H, at, B, M, n_units, dropout, random_state, bits):
    """ReLU, then inverted dropout, in place on the units of B rows of M numbers."""
    kind = H.dtype.type
    zero = kind(0)
    n_runs, length = _runs(B, M, n_units)
    if dropout == 0:
        for i in range(n_runs):
            start = uintp(at) + i * uintp(M)
            for u in range(length):
                H[start + u] = max(H[start + u], zero)
        return
    threshold, scale = _dropout_threshold(dropout), kind(_dropout_scale(dropout))
    _random_bits(random_state, bits, uintp(B * n_units + 3) // uintp(4))
    sixteen = bits.view(np.uint16)
    for i in range(n_runs):
        start = uintp(at) + i * uintp(M)
        draws = i * length
        for u in range(length):
            fired = max(H[start + u], zero) * scale
            H[start + u] = fired if sixteen[draws + u] >= threshold else zero


@njit
def _rectify_gradient(H, D, at, B, M, n_units, dropout):
    """Keep in D the gradient of the units that fired and were kept: those above zero."""
    kind = H.dtype.type
    zero, scale = kind(0), kind(_dropout_scale(dropout))
    n_runs, length = _runs(B, M, n_units)
    for i in range(n_runs):
        start = uintp(at) + i * uintp(M)
        for u in range(length):
            D[start + u] = D[start + u] * scale if H[start + u] > zero else zero


@njit
def _forward(shape, hidden, theta, rows, start, B, dropout, random_state, bits, H, z):
    """Write every layer's activations of B rows into H (flat), and the read-out into z."""
    n_units = shape.n_windows * shape.n_units
    M = n_units + shape.n_covariates
    n_sets = 1 if shape.shared else shape.n_windows
    at = n_sets * (shape.window_size * shape.n_channels + 1) * shape.n_units
    _first_layer(shape, theta, rows, start, B, H)
    _rectify(H, 0, B, M, n_units, dropout, random_state, bits)
    below, filled = 0, B * M
    for layer in range(hidden.size):
        size = hidden[layer]
        np.dot(
            H[below:filled].reshape(B, M),
            theta[at : at + M * size].reshape(M, size),
            H[filled : filled + B * size].reshape(B, size),
        )
        at += M * size
        for i in range(uintp(B)):
            row = uintp(filled) + i * uintp(size)
            for u in range(uintp(size)):
                H[row + u] += theta[uintp(at) + u]
        _rectify(H, filled, B, size, size, dropout, random_state, bits)
        at += size
        below, filled = filled, filled + B * size
        M = size
    for i in range(uintp(B)):
        row = uintp(below) + i * uintp(M)
        z[i] = theta[uintp(at + M)] + dot(theta, uintp(at), H, row, uintp(M))


@njit
def _backward(shape, hidden, theta, rows, start, B, dropout, H, D, dz, g):
    """Overwrite g with the gradient of the loss whose derivative by z is dz."""
    n_units = shape.n_windows * shape.n_units
    M0 = n_units + shape.n_covariates
    below = 0
    for layer in range(hidden.size):
        below += B * (hidden[layer - 1] if layer > 0 else M0)
    # From the last layer to the first: `at` and `below` walk back over what _forward
    # laid out.
    M = hidden[hidden.size - 1] if hidden.size else M0
    at = theta.size - (M + 1)
    for j in range(uintp(at + M + 1)):
        g[j] = 0
    for i in range(uintp(B)):
        row = uintp(below) + i * uintp(M)
        slope = dz[i]
        g[uintp(at + M)] += slope
        add_scaled(g, uintp(at), slope, H, row, uintp(M))
        for j in range(uintp(M)):
            D[row + j] = slope * theta[uintp(at) + j]
    for layer in range(hidden.size - 1, -1, -1):
        size = hidden[layer]
        M = hidden[layer - 1] if layer > 0 else M0
        _rectify_gradient(H, D, below, B, size, size, dropout)
        at -= size
        for i in range(uintp(B)):
            row = uintp(below) + i * uintp(size)
            for u in range(uintp(size)):
                g[uintp(at) + u] += D[row + u]
        at -= M * size
        D_here = D[below : below + B * size].reshape(B, size)
        V = theta[at : at + M * size].reshape(M, size)
        end, below = below, below - B * M
        np.dot(
            H[below:end].reshape(B, M).T, D_here, g[at : at + M * size].reshape(M, size)
        )
        np.dot(D_here, V.T, D[below:end].reshape(B, M))
    _rectify_gradient(H, D, 0, B, M0, n_units, dropout)
    _first_layer_gradient(shape, rows, start, B, D, g)


@njit
def _widths(shape, hidden):
    """Return the number of activations of a row, and those of its widest layer."""
    widest = total = shape.n_windows * shape.n_units + shape.n_covariates
    for layer in range(hidden.size):
        total += hidden[layer]
        widest = max(widest, hidden[layer])
    return total, widest


@njit
def train(
    shape, hidden, objective, solver, rows, y, weight, steps, batch_size, theta,
    anchor, moments, clock, random_state,
):  # fmt: skip
    """Take one optimiser step a batch of consecutive rows, in place.

    Parameters
    ----------
    shape : Shape
    hidden : ndarray of int64
        Sizes of the hidden layers, possibly none.
    objective : Objective
    solver : int
        ``SGD`` or ``ADAM``.
    rows : Rows
        n rows, in the order in which they are used.
    y, weight : ndarray of shape (n,)
        Targets as the network predicts them, and sample weights of mean 1.
    steps : ndarray of shape (n_batches,)
        Step size of each batch.
    batch_size : int
        Rows a batch; the last one may be shorter.
    theta : ndarray of shape (n_parameters,)
        Overwritten.
    anchor : ndarray of shape (n_parameters,) or (0,)
        What the penalty pulls weights towards: zero, if it is empty.
    moments : ndarray of shape (2, n_parameters)
        Adam's running means, overwritten; (2, 0) for plain SGD.
    clock : ndarray of shape (1,), int64
        Number of steps taken so far, advanced.
    random_state : ndarray of shape (1,), uint64
        State of the dropout generator, advanced.

    Returns
    -------
    float
        Sum over the rows of weight times loss (the squared error is not halved), each
        measured before the step of its batch.
    """
    n = y.size
    B = min(batch_size, n)
    total_width, widest = _widths(shape, hidden)
    dropout = objective.dropout
    by_table = has_one_unit_a_position(shape, hidden, rows, dropout)
    if by_table and can_go_row_by_row(solver, anchor, B):
        return train_row_by_row(shape, objective, rows, y, weight, steps, theta, clock)
    width = shape.n_windows * (shape.n_channels + 1) if by_table else B * total_width
    H = np.empty(width, theta.dtype)
    D = np.empty(width, theta.dtype)
    bits = np.empty((B * widest + 3) // 4, np.uint64)
    z = np.empty(B, theta.dtype)
    g = np.empty_like(theta)
    total = 0.0
    for batch in range(steps.size):
        start = batch * B
        size = min(B, n - start)
        if by_table:
            read_out_by_table(shape, theta, rows, start, size, H, D, z)
        else:
            _forward(
                shape, hidden, theta, rows, start, size, dropout, random_state, bits,
                H, z,
            )  # fmt: skip
        total += loss_gradient(objective, z, y, weight, start, size)
        if by_table:
            gradient_by_table(shape, theta, rows, start, size, H, D, z, g)
        else:
            _backward(shape, hidden, theta, rows, start, size, dropout, H, D, z, g)
        descend(
            shape,
            hidden,
            objective,
            solver,
            theta,
            anchor,
            g,
            moments,
            clock,
            steps[batch],
        )
    return total


@njit
def predict(shape, hidden, theta, rows, batch_size, z):
    """Write the read-out z (n,) of every row, ``batch_size`` rows at a time."""
    n = z.size
    B = min(batch_size, n)
    H = np.empty(B * _widths(shape, hidden)[0], theta.dtype)
    random_state = np.zeros(1, np.uint64)
    bits = np.empty(0, np.uint64)
    for start in range(0, n, B):
        stop = min(start + B, n)
        _forward(
            shape, hidden, theta, rows, start, stop - start, 0.0, random_state, bits,
            H, z[start:stop],
        )  # fmt: skip
