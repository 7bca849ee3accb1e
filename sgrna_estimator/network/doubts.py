"""What to warn of after a fit."""

from collections.abc import Sequence

import numpy as np
from scipy.special import entr

from sgrna_estimator._typing import Floats

_FLAT = 1e-4  # within which all read-outs are the same
_BAD_LOSS = 100  # times that of predicting the mean

SET_ASIDE = (
    "the prior is set aside, and the network begins from nothing: a ridge regression on "
    "the sequences of these guides predicts them when they are held out, and the prior "
    "adds nothing to it"
)


def doubt_of_constant(z: Floats, y: Floats, alpha: float) -> str:
    """Say that a network predicts the same value for every guide, if it does.

    Parameters
    ----------
    z : ndarray of shape (n_guides,)
        Read-outs, in standard deviations of the target or in log odds.
    y : ndarray of shape (n_targets,)
        Targets.
    alpha : float
        Penalty.

    Returns
    -------
    str
        Empty if there is nothing to say.
    """
    if len(z) < 2 or np.ptp(y) == 0 or np.ptp(z) >= _FLAT:
        return ""
    return (
        "the network predicts the same value for every guide: the penalty "
        f"alpha={alpha:.3g} is too large for these data, or they hold no signal that the "
        "network can find"
    )


def doubt_of_loss(loss_curve: Sequence[float], y: Floats, loss: str) -> str:
    """Say that training ended far above the loss of predicting the mean, if it did.

    Parameters
    ----------
    loss_curve : sequence of float
        Training loss of each epoch.
    y : ndarray of shape (n_guides,)
        Targets.
    loss : {"squared_error", "log_loss"}

    Returns
    -------
    str
        Empty if there is nothing to say.
    """
    mean = np.average(y)
    of_mean = entr(mean) + entr(1 - mean) if loss == "log_loss" else np.var(y)
    if not (loss_curve and 0 < _BAD_LOSS * of_mean < loss_curve[-1]):
        return ""
    return (
        f"the training loss ended at {loss_curve[-1]:.3g}, far above that of "
        "predicting the mean: learning_rate_init is too large for these data, or "
        "the columns are on very different scales"
    )
