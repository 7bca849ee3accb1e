"""A column of X that is the target in another unit: what it predicts is no prediction."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from sgrna_estimator._typing import Floats

# A column, or a target, of few values may agree with the other by chance.
_FEWEST_VALUES = 10


def refuse_copies(X: Any, y: Floats) -> None:
    """Raise if a column of numbers orders all guides as the target does.

    Parameters
    ----------
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        Columns of anything but numbers are not looked at, nor are those of fewer than ten
        values.
    y : ndarray of shape (n_guides,)
        The target; with fewer than ten values nothing is refused.

    Raises
    ------
    ValueError
        Naming the column. It may be rounded, so that it has ties where the target has
        none, or the other way round.
    """
    if len(np.unique(y)) < _FEWEST_VALUES:
        return
    for name, column in _columns_of_numbers(X):
        values = column.astype(np.float64)
        if len(np.unique(values)) >= _FEWEST_VALUES and (
            _rises_with(values, y) or _rises_with(-values, y)
        ):
            raise ValueError(
                f"column {name!r} of X is a copy of the target: it orders all {len(y)} "
                "guides as the target does, or the reverse. It must not be among what is "
                "learnt from"
            )


def _rises_with(values: Floats, y: Floats) -> bool:
    """Tell whether values never fall while the target rises."""
    return bool((np.diff(values[np.lexsort((values, y))]) >= 0).all())


def _columns_of_numbers(X: Any) -> Any:
    """Yield the name and the values of each column of numbers."""
    if sparse.issparse(X):
        columns = sparse.csc_array(X)
        for number in range(columns.shape[1]):
            yield number, columns[:, [number]].toarray().ravel()
        return
    table = pd.DataFrame(X.to_pandas() if hasattr(X, "to_pandas") else X)
    numbers = table.select_dtypes("number")
    for place, name in enumerate(numbers):
        yield name, numbers.iloc[:, place].to_numpy()
