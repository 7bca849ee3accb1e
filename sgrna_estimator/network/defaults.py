"""What "auto" means, in numbers: chosen by cross-validation on published screens."""

import numpy as np

from sgrna_estimator.network.architecture import Architecture

_LEAST_STEPS = 1500
_LEAST_EPOCHS = 30

# By solver and by whether the network is additive
_STEP_SIZES = {
    ("adam", True): 0.01,
    ("adam", False): 0.004,
    ("sgd", True): 0.1,
    ("sgd", False): 0.01,
}
_ALPHA = 8.0
# With a prior: enough to hold 100 guides near it, and small steps that do not leave it
# before the penalty is felt.
_PRIOR_ALPHA = 32.0
_PRIOR_STEP_SIZES = {"adam": 0.001, "sgd": 0.001}
# Penalising both factors of a position's contribution is a lasso on positions, whose
# threshold grows with the square root of the number of guides.
_ADDITIVE_ALPHA = 0.6


def n_batches(n_guides: int, batch_size: int) -> int:
    """Return the steps of an epoch.

    Parameters
    ----------
    n_guides, batch_size : int

    Returns
    -------
    int
    """
    return -(-n_guides // min(batch_size, n_guides))


def n_epochs(max_iter: int | str, n_guides: int, batch_size: int) -> int:
    """Return the epochs of a fit.

    Parameters
    ----------
    max_iter : int or "auto"
    n_guides, batch_size : int

    Returns
    -------
    int
        30 by default, and more where that would be fewer than 1,500 steps.
    """
    if max_iter != "auto":
        return int(max_iter)
    return max(_LEAST_EPOCHS, -(-_LEAST_STEPS // n_batches(n_guides, batch_size)))


def step_size(
    learning_rate_init: float | str,
    solver: str,
    architecture: Architecture,
    *,
    has_prior: bool,
) -> float:
    """Return the largest step of a fit.

    Parameters
    ----------
    learning_rate_init : float or "auto"
    solver : {"adam", "sgd"}
    architecture : Architecture
    has_prior : bool

    Returns
    -------
    float
    """
    if learning_rate_init != "auto":
        return float(learning_rate_init)
    if has_prior:
        return _PRIOR_STEP_SIZES[solver]
    return _STEP_SIZES[solver, architecture.is_additive]


def penalty(
    alpha: float | str,
    architecture: Architecture,
    total_weight: float,
    *,
    has_prior: bool,
) -> float:
    """Return the penalty on the squared weights.

    Parameters
    ----------
    alpha : float or "auto"
    architecture : Architecture
    total_weight : float
        Sum of the sample weights: the number of guides, if all weigh 1.
    has_prior : bool

    Returns
    -------
    float
    """
    if alpha != "auto":
        return float(alpha)
    if has_prior:
        return _PRIOR_ALPHA
    if architecture.is_additive:
        return _ADDITIVE_ALPHA * float(np.sqrt(total_weight))
    return _ALPHA


def share_dropped(
    dropout: float | str, architecture: Architecture, n_guides: int
) -> float:
    """Return the share of the units that each step leaves out.

    Parameters
    ----------
    dropout : float or "auto"
    architecture : Architecture
    n_guides : int

    Returns
    -------
    float
    """
    if dropout != "auto":
        return float(dropout)
    if architecture.is_additive:
        return 0.0
    return float(np.clip(0.5 * np.sqrt(2000 / n_guides), 0.2, 0.5))
