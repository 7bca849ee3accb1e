"""The null: log2 fold changes of inactive guides, Student's t or its limit, the normal.

A screen's noise has heavier tails than a normal distribution wherever guides differ in
noise, or a few went wrong. Degrees of freedom ``nu`` are kept as their inverse, the
*tail*: densities are smooth in it all the way to the normal at 0.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from sgrna_estimator._typing import Floats
from sgrna_estimator.mixtures.guides import weighted_quantile

# Between the tails of t200, which nothing tells from a normal, and of t2, whose variance
# is infinite.
TAIL_BOUNDS = (1 / 200, 1 / 2)

# In units of the median distance; without a floor equal values would be a scale of 0.
_LOG_SCALE_BOUNDS = (np.log(1e-2), np.log(1e9))

# Of an exponential prior: what a screen says little about is nearly normal.
_TAIL_PRIOR_MEAN = 0.1


def null_log_density(values: Floats, mean: Any, scale: Any, tail: Any) -> Floats:
    """Return the log density of the null: Student's t, or the normal where tail is 0.

    Parameters
    ----------
    values : ndarray
        Log2 fold changes.
    mean, scale, tail : float or ndarray
        Of the null, broadcast with the values. ``tail`` is one over the degrees of
        freedom, in which the density is smooth all the way to the normal.
    """
    squares = ((values - mean) / scale) ** 2
    constant, kernel, _ = _student_parts(squares, np.asarray(tail))
    return constant + kernel - np.log(scale)


def null_scores(residual: Floats, tail: Any) -> tuple[Floats, Floats]:
    """Return derivatives of the null's log density, for residuals in its scale.

    Parameters
    ----------
    residual : ndarray
        ``(y - mean) / scale``.
    tail : float or ndarray
        One over the degrees of freedom.

    Returns
    -------
    by_residual : ndarray
        Minus the derivative by the residual.
    by_tail : ndarray
        The derivative by ``tail``, 0 where that is 0.
    """
    tail = np.asarray(tail)
    squares = residual**2
    by_residual = residual * (1 + tail) / (1 + tail * squares)
    _, kernel, dof = _student_parts(squares, tail)
    by_constant = -(dof**2) / 2 * (digamma((dof + 1) / 2) - digamma(dof / 2) - 1 / dof)
    by_tail = by_constant - kernel * dof / (1 + tail) - by_residual * residual * dof / 2
    return by_residual, np.where(tail > 0, by_tail, 0.0)


def _student_parts(squares: Floats, tail: Floats) -> tuple[Floats, Floats, Floats]:
    """Return constant and kernel of the log density, and degrees of freedom (1 if none)."""
    is_heavy = tail > 0
    dof = 1 / np.where(is_heavy, tail, 1.0)
    student = gammaln((dof + 1) / 2) - gammaln(dof / 2) - 0.5 * np.log(dof * np.pi)
    constant = np.where(is_heavy, student, -0.5 * np.log(2 * np.pi))
    kernel = np.where(
        is_heavy, -0.5 * (dof + 1) * np.log1p(squares / dof), -0.5 * squares
    )
    return constant, kernel, dof


def fit_null(
    values: Floats, weight: Floats, mean: float | None = None
) -> tuple[float, float, float]:
    """Return mean, scale and tail of the t distribution that inactive guides show.

    They maximise the weighted likelihood and the prior of the tail.

    Parameters
    ----------
    values, weight : ndarray of shape (n_guides,)
        Log2 fold changes, not all equal to the mean, and weights of the guides.
    mean : float or None, default=None
        Where it is known the values may be those on one side of it alone.
    """
    centre = float(weighted_quantile(values, weight, 0.5)) if mean is None else mean
    distance = np.abs(values - centre)
    unit = float(weighted_quantile(distance, weight, 0.5)) / 0.6745
    if unit == 0:  # half of them are equal
        unit = float(np.sqrt(np.average(distance**2, weights=weight)))
    bounds = [(0, 0) if mean is not None else (None, None), _LOG_SCALE_BOUNDS]
    result = minimize(
        _null_descent,
        [0.0, 0.0, _TAIL_PRIOR_MEAN],
        ((values - centre) / unit, weight),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, TAIL_BOUNDS],
        options={"ftol": 1e-12, "gtol": 1e-8},
    )
    shift, log_scale, tail = result.x.tolist()
    return centre + unit * shift, unit * float(np.exp(log_scale)), tail


def _null_descent(
    vector: Floats, values: Floats, weight: Floats
) -> tuple[float, Floats]:
    """Return what `fit_null` minimises, of mean, log scale and tail, and its gradient."""
    mean, log_scale, tail = vector
    scale = np.exp(log_scale)
    residual = (values - mean) / scale
    by_residual, by_tail = null_scores(residual, tail)
    gradient = np.array(
        [
            weight @ by_residual / scale,
            weight @ (by_residual * residual - 1),
            weight @ by_tail - 1 / _TAIL_PRIOR_MEAN,
        ]
    )
    value = weight @ null_log_density(values, mean, scale, tail)
    value -= tail / _TAIL_PRIOR_MEAN
    total = weight.sum()
    return -float(value / total), -gradient / total
