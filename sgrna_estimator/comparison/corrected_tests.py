"""Intervals and tests for scores of splits whose training sets overlap."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from sgrna_estimator._typing import Floats

# Whatever is said to be so is so at this level.
SIGNIFICANCE = 0.05

# Degrees of freedom of Student's t, however many splits there are: splits of repeated
# folds are of the same guides. benchmarks/comparison_design.py shows what intervals cover.
MOST_FREEDOM = 6


class Estimate(NamedTuple):
    """Means over splits; each field has one value for each row of scores."""

    mean: Floats
    sd: Floats
    lower: Floats
    upper: Floats
    p_value: Floats


def corrected_t_test(
    values: Floats,
    test_train_ratio: float,
    confidence_level: float,
    *,
    most_freedom: int = MOST_FREEDOM,
) -> Estimate:
    """Estimate the mean of each row and test that it is 0.

    Training sets overlap, so that scores of splits are correlated and the ordinary
    t test finds far too much. Nadeau and Bengio (2003) replace its variance of the
    mean, ``s**2 / J``, with ``(1 / J + n_test / n_train) * s**2``.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_splits)
        A score, or a difference of scores, on each split.
    test_train_ratio : float
        Test guides for each training guide.
    confidence_level : float
        Of the interval.
    most_freedom : int, default=6
        Degrees of freedom of Student's t from so many splits and one on; of fewer, one
        less than there are splits.

    Returns
    -------
    Estimate
        With a two-sided p value. All ``nan`` for a row with a ``nan``, and all but the
        mean with one split.
    """
    n_splits = values.shape[1]
    freedom = min(n_splits - 1, most_freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = values.sum(axis=1) / n_splits
        squares = (values - mean[:, None]) ** 2
        sd = np.sqrt(squares.sum(axis=1) / np.float64(n_splits - 1))
        error = sd * np.sqrt(1 / np.float64(n_splits) + test_train_ratio)
        margin = error * stats.t.ppf((1 + confidence_level) / 2, freedom)
        p_value = 2 * stats.t.sf(np.abs(mean / error), freedom)
    # scores that are equal on every split are no evidence of a difference
    p_value[(mean == 0) & (error == 0)] = 1.0
    return Estimate(mean, sd, mean - margin, mean + margin, p_value)


def holm(p_values: Floats) -> Floats:
    """Adjust p values for their number (Holm 1979); ``nan`` is not a test."""
    order = np.argsort(p_values)[: np.isfinite(p_values).sum()]  # nan sorts last
    n_left = np.arange(len(order), 0, -1)
    adjusted = np.full(len(p_values), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * n_left), 1.0)
    return adjusted


def differences(values: Floats, reference: Floats) -> Floats:
    """Subtract the reference's scores, split by split.

    Two routes to the same prediction differ in the last bit, by the same sign in every
    split; a test would find that significant.
    """
    with np.errstate(invalid="ignore"):  # two infinite scores
        difference = values - reference
    rounding = 1e-12 * np.maximum(np.abs(values), np.abs(reference))
    return np.where(np.abs(difference) <= rounding, 0.0, difference)
