"""A column of X that is the target in another unit: what it predicts is no prediction."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from sgrna_estimator._typing import Floats

# A column, or a target, of few values may agree with the other by chance.
_FEWEST_VALUES = 10


def refuse_copies(X: Any, y: Floats) -> None:
    """Raise if a column of numbers orders its guides as the target does.

    Parameters
    ----------
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        Columns of anything but numbers, or their text, are not looked at, nor are those of
        fewer than ten values. Guides of which a column has no value are left out.
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
        known = ~np.isnan(column)
        values, target = column[known], y[known]
        if min(len(np.unique(values)), len(np.unique(target))) < _FEWEST_VALUES:
            continue
        if _rises_with(values, target) or _rises_with(-values, target):
            raise ValueError(
                f"column {name!r} of X is a copy of the target: it orders all "
                f"{len(values)} guides {'' if known.all() else 'of which it has a value '}"
                "as the target does, or the reverse. It must not be among what is learnt "
                "from"
            )


def _rises_with(values: Floats, y: Floats) -> bool:
    """Tell whether values never fall while the target rises."""
    ordered = values[np.lexsort((values, y))]
    return bool((ordered[1:] >= ordered[:-1]).all())  # also of infinite values


def _columns_of_numbers(X: Any) -> Iterator[tuple[Any, Floats]]:
    """Yield the name and the values of each column of numbers; no value is nan."""
    if sparse.issparse(X):
        columns = sparse.csc_array(X)
        for number in range(columns.shape[1]):
            yield number, columns[:, [number]].toarray().ravel().astype(np.float64)
        return
    table = pd.DataFrame(X.to_pandas() if hasattr(X, "to_pandas") else X)
    for name, column in table.items():
        if column.dtype.kind == "c":
            continue
        try:  # any type: estimators read objects and text as numbers where they can
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            continue
        yield name, values
