"""Grids that hold what is unknown about each gene: equal cells in a range of its own.

A range is a row ``(low, high)`` of an array of shape (G, 2). Sums over the centres of
equal cells that hold all of a smooth function are the trapezoidal rule, which converges
faster than any power of the width of the cells.
"""

import numpy as np
from scipy.special import betaln, digamma, log_expit

from sgrna_estimator._typing import Floats

# A cell with less than this share of the largest posterior mass needs no room, and a
# range is cut off where its last cell has more than that. The gap keeps grids at rest.
_NEGLIGIBLE = 3e-5
_CUT_OFF = 3e-4

# What holds all that matters of a standard normal prior, and of any posterior.
NORMAL_RANGE = (-5.5, 5.5)
NORMAL_LIMITS = (-40.0, 40.0)


def cell_centres(ranges: Floats, n_cells: int) -> Floats:
    """Return the centres of equal cells in each range, (G, 2) -> (G, n_cells)."""
    return ranges[:, :1] + np.diff(ranges) * (np.arange(n_cells) + 0.5) / n_cells


def normal_log_mass(ranges: Floats, n_cells: int) -> Floats:
    """Return the log mass of N(0, 1) in each cell: density at the centre times width.

    The exact mass of each cell would be the poorer weight of a sum over centres.
    """
    centres = cell_centres(ranges, n_cells)
    log_width = np.log(np.diff(ranges) / n_cells)
    return -0.5 * centres**2 - 0.5 * np.log(2 * np.pi) + log_width


def logit_beta_log_mass(
    ranges: Floats, n_cells: int, a: float, b: float, lowest: Floats
) -> tuple[Floats, Floats]:
    """Return the log mass in each cell of the logit of a Beta(a, b) variable.

    The density falls off like ``exp(a * x)`` on the left, slower than a grid can follow
    if ``a`` is small. Below ``lowest`` the likelihood has come to rest, so that the first
    cell of a range that starts there stands for all that would follow on its left: a
    geometric series.

    Parameters
    ----------
    ranges : ndarray of shape (G, 2)
        Ranges of log odds.
    n_cells : int
        Cells in each.
    a, b : float
        Parameters of the distribution.
    lowest : ndarray of shape (G,)
        Where no range needs to go on.

    Returns
    -------
    log_mass : ndarray of shape (G, n_cells)
    slope : ndarray of shape (G, n_cells)
        Its derivative with respect to ``a``.
    """
    centres = cell_centres(ranges, n_cells)
    width = np.diff(ranges) / n_cells
    log_share = log_expit(centres)
    log_mass = a * log_share + b * log_expit(-centres) - betaln(a, b) + np.log(width)
    slope = log_share - (digamma(a) - digamma(a + b))
    is_open = ranges[:, 0] <= lowest
    decay = np.exp(-a * width[is_open, 0])
    log_mass[is_open, 0] -= np.log1p(-decay)
    slope[is_open, 0] -= width[is_open, 0] * decay / (1 - decay)
    return log_mass, slope


def fit_ranges(ranges: Floats, mass: Floats, limits: Floats) -> Floats:
    """Return ranges that hold the posterior of each gene, and a cell to spare.

    A range in which the posterior is cut off doubles on that side, another shrinks if
    that saves a third of it or more, and the rest stay, so that grids come to rest.

    Parameters
    ----------
    ranges : ndarray of shape (G, 2)
        Where the grids are.
    mass : ndarray of shape (G, n_cells)
        Posterior probability of each cell.
    limits : ndarray of shape (G, 2)
        What the ranges may not exceed.

    Returns
    -------
    ndarray of shape (G, 2)
    """
    n_cells = mass.shape[1]
    share = mass / mass.max(axis=1, keepdims=True)
    needed = share > _NEGLIGIBLE
    first = needed.argmax(axis=1)
    last = n_cells - 1 - needed[:, ::-1].argmax(axis=1)
    has_room = np.column_stack(
        [ranges[:, 0] > limits[:, 0], ranges[:, 1] < limits[:, 1]]
    )
    is_cut = (share[:, [0, -1]] > _CUT_OFF) & has_room
    width = np.diff(ranges)
    fitted = np.column_stack([first - 1, last + 2]) * width / n_cells + ranges[:, :1]
    fitted = np.clip(fitted, limits[:, :1], limits[:, 1:])
    shrinks = np.diff(fitted) < width * 2 / 3
    grown = ranges + np.where(is_cut, [-1, 1], 0) * width
    grown = np.clip(grown, limits[:, :1], limits[:, 1:])
    return np.where(
        is_cut.any(axis=1, keepdims=True), grown, np.where(shrinks, fitted, ranges)
    )
