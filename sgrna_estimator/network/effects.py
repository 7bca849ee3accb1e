"""What letters do to a network's read-out, averaged over background guides."""

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator.network.columns import Columns
from sgrna_estimator.network.rows import GuideRows

ReadOut = Callable[[GuideRows], NDArray[np.float64]]


def base_effects(
    read_out: ReadOut, background: GuideRows, columns: Columns
) -> NDArray[np.float64]:
    """Return what each letter at each position adds to z.

    Parameters
    ----------
    read_out : callable
        Gives z for rows.
    background : GuideRows
        Guides to put the letters into.
    columns : Columns

    Returns
    -------
    ndarray of shape (n_positions, n_channels)
        Mean z with the letter put in, less the mean z of the background (Friedman
        2001, partial dependence, centred).
    """
    A = columns.n_channels
    means = [
        read_out(_with_letters(background, {position: letter}, A)).mean()
        for position in range(columns.n_positions)
        for letter in range(A)
    ]
    return np.reshape(means, (-1, A)) - read_out(background).mean()


def interaction_effects(
    read_out: ReadOut, background: GuideRows, columns: Columns, distance: int
) -> NDArray[np.float64]:
    """Return what two letters add to z beyond the sum of their base effects.

    Parameters
    ----------
    read_out, background, columns
        As in ``base_effects``.
    distance : int
        How many positions apart the letters are, from 1 to ``n_positions - 1``.

    Returns
    -------
    ndarray of shape (n_positions - distance, n_channels, n_channels)
    """
    A = columns.n_channels
    means = [
        read_out(
            _with_letters(background, {position: a, position + distance: b}, A)
        ).mean()
        for position in range(columns.n_positions - distance)
        for a, b in product(range(A), repeat=2)
    ]
    joint = np.reshape(means, (-1, A, A)) - read_out(background).mean()
    single = base_effects(read_out, background, columns)
    return joint - single[:-distance, :, None] - single[distance:, None, :]


def _with_letters(
    rows: GuideRows, letters: dict[int, int], n_channels: int
) -> GuideRows:
    """Return the rows with these letters (values) at these positions (keys)."""
    if rows.letters is not None:
        codes = rows.letters.copy()
        for position, letter in letters.items():
            codes[:, position] = letter
        return GuideRows(codes, None, rows.covariates)
    values = rows.take(slice(None)).values.copy()
    for position, letter in letters.items():
        start = position * n_channels
        values[:, start : start + n_channels] = np.eye(n_channels)[letter]
    return GuideRows(None, values, rows.covariates)
