"""How good the guides are that a model would take of each gene."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sgrna_estimator._typing import Floats


def shares_in_better_half(
    y_true: ArrayLike, y_pred: ArrayLike, groups: ArrayLike, most: int
) -> pd.DataFrame:
    """Return, gene by gene, which share of the best-scored guides is in the better half.

    The better half of a gene are its guides above the gene's median measurement; guides
    at the median count half.

    Parameters
    ----------
    y_true : array-like of shape (n_guides,)
        Measured activities.
    y_pred : array-like of shape (n_guides,)
        Predictions. Of guides with equal ones each is as likely to be taken.
    groups : array-like of shape (n_guides,)
        The gene of each guide.
    most : int
        How many guides of a gene are taken at most.

    Returns
    -------
    DataFrame of shape (n_genes, most + 1)
        A row for each gene of at least ``2 * most`` guides, of which taking so many is a
        choice. Columns 1 to ``most`` are the shares among so many guides with the highest
        predictions, on average over ties; ``"random"`` that among all its guides: what
        guides taken at random have on average.

    Examples
    --------
    >>> from sgrna_estimator.metrics.top_guides import shares_in_better_half
    >>> shares_in_better_half([1, 2, 3, 4], [0, 5, 0, 9], ["a"] * 4, most=2)
         1    2  random
    a  1.0  0.5     0.5
    """
    table = pd.DataFrame({"y": np.asarray(y_true), "predicted": np.asarray(y_pred)})
    rows = {}
    for gene, guides in table.groupby(np.asarray(groups), sort=False):
        if len(guides) >= 2 * most:
            y, predicted = guides.to_numpy(float).T
            better = (1 + np.sign(y - np.median(y))) / 2
            taken = [_mean_of_top(better, predicted, k) for k in range(1, most + 1)]
            rows[gene] = [*taken, better.mean()]
    columns = [*range(1, most + 1), "random"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _mean_of_top(values: Floats, predicted: Floats, k: int) -> float:
    """Return the mean value of the k highest predictions, on average over ties."""
    threshold = np.sort(predicted)[-k]
    above, tied = predicted > threshold, predicted == threshold
    of_tied = (k - above.sum()) * values[tied].mean()
    return float((values[above].sum() + of_tied) / k)
