"""Columns of features: their scale, and whether a penalty leaves their effects room."""

from typing import Any

import numpy as np
from scipy import sparse

from sgrna_estimator._typing import Floats

# Standard deviations of what chance makes of the ratio below.
_SURPRISE = 3.0


def column_scale(features: Any, weight: Floats) -> Floats:
    """Return the root mean square of each column, 1 for a column of zeros.

    Raises
    ------
    ValueError
        If it overflows.
    """
    with np.errstate(over="ignore"):
        is_sparse = sparse.issparse(features)
        squares = features.multiply(features) if is_sparse else features**2
        mean = np.asarray(squares.T @ weight).ravel() / weight.sum()
    bad = np.flatnonzero(~np.isfinite(mean))
    if bad.size:
        raise ValueError(
            "X must hold numbers whose weighted squares float64 can hold, but those in "
            f"column {bad[0]} are as large as {np.abs(features[:, [bad[0]]]).max():g}"
        )
    return np.sqrt(np.where(mean > 0, mean, 1.0))


def divide_columns(features: Any, scale: Floats) -> Any:
    """Return the features, each column divided by its scale."""
    if sparse.issparse(features):
        return features @ sparse.diags_array(1 / scale)
    return features / scale


def prior_is_too_narrow(coef: Floats, std_errors: Floats, C: float) -> bool:
    """Tell whether coefficients contradict their prior N(0, C) by being too large.

    Under the prior the mean of ``coef**2 + std_errors**2`` is C: posterior means have
    the variance that the posterior variances leave of it. Far more means that the
    penalty shrinks coefficients by more than their standard errors say.

    Parameters
    ----------
    coef, std_errors : ndarray of shape (n_features,)
        Posterior means and standard deviations, nan where there are none.
    C : float
        Variance of the prior.
    """
    known = np.isfinite(std_errors)
    if not known.any():
        return False
    learnt = np.maximum(1 - std_errors[known] ** 2 / C, 0.0)  # share of the variance
    excess = np.sum(coef[known] ** 2 / C - learnt)
    return bool(excess > _SURPRISE * np.sqrt(2 * np.sum(learnt**2)))
