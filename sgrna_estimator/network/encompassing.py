"""Whether a prior knows anything of a target that the target's own guides do not.

Beginning from a network that knows nothing of these guides costs accuracy, so such a prior
is set aside. It must not be on guides that are too few to tell, where a prior is worth
most: what is asked is not whether its predictions correlate with the target, but whether
the guides' own sequences predict it so well that the prior has nothing to add.
"""

import numpy as np
from scipy.stats import t as student
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold

from sgrna_estimator._typing import Floats
from sgrna_estimator.network.rows import as_values
from sgrna_estimator.network.starts import TrainingSet

# Two-sided, of each of the two slopes
_SIGNIFICANCE = 0.05
# With fewer, five folds leave ridge regression nothing to learn from.
_LEAST_GUIDES = 25
# More tell no more, and the one-hot matrix of all of them would be large.
_MOST_GUIDES = 10_000
_N_FOLDS = 5
_ALPHAS = np.logspace(-1, 5, 13)


def is_encompassed(z: Floats, training: TrainingSet, n_channels: int) -> bool:
    """Tell whether own guides predict the target, and a prior adds nothing to that.

    The target is regressed on two predictions at once: the prior's, and those of ridge
    regression on the one-hot sequence for guides held out from it. The own ones
    encompass the prior's (Chong & Hendry 1986, Review of Economic Studies 53, 671-690)
    if their slope is above zero and the prior's is not, each by a t test.

    Parameters
    ----------
    z : ndarray of shape (n_guides,)
        The prior's predictions, in the direction in which they correlate with the target.
    training : TrainingSet
        Guides of the target.
    n_channels : int
        Letters a position.

    Returns
    -------
    bool
        False if there are too few guides to tell.
    """
    used = np.flatnonzero(training.weight > 0)
    if len(used) > _MOST_GUIDES:  # spread evenly: tables are often in order of genes
        used = used[np.linspace(0, len(used) - 1, _MOST_GUIDES).astype(np.intp)]
    z, y, weight = z[used], training.y[used], training.weight[used]
    if len(used) < _LEAST_GUIDES or np.ptp(y) == 0:
        return False
    design = as_values(training.rows.subset(used), n_channels).reshape(len(used), -1)
    own = np.empty(len(used))
    for train, test in KFold(_N_FOLDS, shuffle=True, random_state=0).split(design):
        ridge = RidgeCV(_ALPHAS).fit(design[train], y[train], weight[train])
        own[test] = ridge.predict(design[test])
    of_own, of_prior = slope_t_values(np.column_stack([own, z]), y, weight)
    threshold = student.isf(_SIGNIFICANCE / 2, df=len(used) - 3)
    return bool(of_own > threshold and of_prior < threshold)


def slope_t_values(X: Floats, y: Floats, weight: Floats) -> Floats:
    """Return the t statistic of each slope of a weighted least-squares fit.

    Parameters
    ----------
    X : ndarray of shape (n_guides, n_slopes)
    y : ndarray of shape (n_guides,)
    weight : ndarray of shape (n_guides,)
        Above zero. Twice all of them gives the same.

    Returns
    -------
    ndarray of shape (n_slopes,)
        0 where the other columns say all that one says.
    """
    root = np.sqrt(weight)
    whitened = np.column_stack([np.ones(len(y)), X]) * root[:, None]
    slopes, _, rank, _ = np.linalg.lstsq(whitened, root * y, rcond=None)
    n_parameters = whitened.shape[1]
    if rank < n_parameters:
        return np.zeros(X.shape[1])
    errors = root * y - whitened @ slopes
    variance = errors @ errors / (len(y) - n_parameters)
    spread = np.sqrt(variance * np.diag(np.linalg.inv(whitened.T @ whitened)))
    return slopes[1:] / np.maximum(spread[1:], np.finfo(np.float64).tiny)
