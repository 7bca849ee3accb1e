"""Folds of whole genes, however few there are."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold, KFold

from sgrna_estimator._typing import Ints


class GeneFolds(GroupKFold):
    """As many folds of whole genes as there are genes, and no more than ``n_splits``.

    A training set of a screen of few genes may have fewer of them than there should be
    folds, which :class:`~sklearn.model_selection.GroupKFold` refuses. The guides of a
    single gene are split among themselves.

    Parameters
    ----------
    n_splits : int, default=3
        The number of folds, where there are as many genes.
    """

    def __init__(self, n_splits: int = 3) -> None:
        super().__init__(n_splits)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds of such guides.

        Parameters
        ----------
        X, y : object
            Not used.
        groups : array-like of shape (n_guides,) or None, default=None
            Gene of each guide; None where it is not known yet.

        Returns
        -------
        int
        """
        n_genes = self.n_splits if groups is None else len(np.unique(groups))
        return self.n_splits if n_genes == 1 else min(self.n_splits, n_genes)

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[Ints, Ints]]:
        """Generate the rows of each fold.

        Parameters
        ----------
        X : array-like of shape (n_guides, n_features)
            Of which only the number of rows counts.
        y : object
            Not used.
        groups : array-like of shape (n_guides,)
            Gene of each guide.

        Yields
        ------
        train, test : ndarray of intp
        """
        n_splits = self.get_n_splits(groups=groups)
        if groups is not None and len(np.unique(groups)) == 1:
            yield from KFold(n_splits).split(X)
        else:
            yield from GroupKFold(n_splits).split(X, y, groups)
