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


def shares_of_genes(predictions: pd.DataFrame, name: str, most: int) -> pd.DataFrame:
    """Return the same for the genes of a comparison, by out-of-fold predictions.

    Of each gene the guides of one split are ranked, all by one model that has not seen
    them. Where folds were drawn several times, the shares of a gene are averaged over them.

    Parameters
    ----------
    predictions : DataFrame
        With the columns ``y``, ``group``, ``split`` and that of the model.
    name : str
        Of the model.
    most : int
        How many guides of a gene are taken at most; of half of the genes no more than
        half of their guides.

    Returns
    -------
    DataFrame of shape (n_genes, n_taken + 1)
        As `shares_in_better_half` gives it. Empty if no gene has two guides in a split.
    """
    pieces = predictions.groupby(["split", "group"], sort=False).ngroup().to_numpy()
    sizes = np.bincount(pieces)
    if sizes.max() < 2:
        return pd.DataFrame()
    most = int(np.clip(np.median(sizes[sizes > 1]) // 2, 1, most))
    shares = shares_in_better_half(predictions["y"], predictions[name], pieces, most)
    gene_of = dict(zip(pieces, predictions["group"], strict=True))
    return shares.groupby(shares.index.map(gene_of), sort=False).mean()


def share_of_best_in_better_half(
    y_true: ArrayLike, y_pred: ArrayLike, share: float = 0.1
) -> tuple[float, float]:
    """Return which share of the best-scored guides is in the better half of all.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_guides,)
        As in `shares_in_better_half`.
    share : float, default=0.1
        Of the guides that is taken; one guide at least.

    Returns
    -------
    of_best, of_all : float
        The share among the guides taken, on average over ties, and among all.

    Examples
    --------
    >>> from sgrna_estimator.metrics.top_guides import share_of_best_in_better_half
    >>> share_of_best_in_better_half([1, 2, 3, 4], [0, 5, 0, 9], share=0.5)
    (0.5, 0.5)
    """
    y, predicted = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    better = (1 + np.sign(y - np.median(y))) / 2
    n_taken = max(1, round(share * len(y)))
    return _mean_of_top(better, predicted, n_taken), float(better.mean())


def _mean_of_top(values: Floats, predicted: Floats, k: int) -> float:
    """Return the mean value of the k highest predictions, on average over ties."""
    threshold = np.sort(predicted)[-k]
    above, tied = predicted > threshold, predicted == threshold
    of_tied = (k - above.sum()) * values[tied].mean()
    return float((values[above].sum() + of_tied) / k)
