"""Columns of covariates -> the numbers that models learn from.

A column of numbers is one covariate. A column of text, such as a cell line, is as many as
it has categories: 1 for the guides of a category and 0 for the others.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._validation import check_spellings
from sgrna_estimator.datasets.columns import (
    CellError,
    as_cells,
    find_missing,
    find_wrong_numbers,
    holds_a_number,
    quote,
    read_numbers,
)
from sgrna_estimator.datasets.files import is_numbers
from sgrna_estimator.datasets.opening import TableError

_N_CATEGORIES_NAMED = 6
_ROLE = "covariate"


def read_covariate(
    column: pd.Series, categories: Mapping[str, Sequence[str]] | None
) -> pd.Series:
    """Return a column of covariates as numbers, or as text of some categories.

    Parameters
    ----------
    column : Series
        Cells of a table.
    categories : mapping of str to sequence of str, default=None
        The categories of the columns that are text; other columns are numbers. None if
        that is not known: then a column is text if no cell is a number.

    Returns
    -------
    Series of float64 or str

    Raises
    ------
    CellError
        If a cell is missing (of text: empty, or a mark such as ``NA``), no finite number,
        or none of the categories. All rows whose cells have what the first such cell has.
        Where categories are not known, if one is spelled in two ways or if most guides
        have one of their own.
    """
    if categories is None:
        if holds_a_number(column):
            return read_numbers(column, _ROLE)
        return _read_text(column)
    of_column = categories.get(str(column.name))
    wrong = find_wrong_covariates(column, of_column)
    if wrong:
        problem = next(iter(wrong.values()))
        rows = [row for row, found in wrong.items() if found == problem]
        raise CellError(problem, np.array(rows))
    return read_numbers(column, _ROLE) if of_column is None else as_cells(column)


def _read_text(column: pd.Series) -> pd.Series:
    """Return a column of text whose categories several guides share."""
    missing = find_missing(column, is_number=True)
    named = f"the {_ROLE} in column {column.name!r}"
    if missing.any():
        raise CellError(f"{named} is missing", np.flatnonzero(missing))
    cells = as_cells(column)
    categories = cells.unique()
    if 2 * len(categories) > len(cells) > 1:
        raise CellError(
            f"{named} is text, {quote(cells.iloc[0])}, and there are {len(categories)} "
            f"such texts for {len(cells)} guides: covariates are numbers, or categories "
            "that several guides share",
            np.array([0]),
        )
    try:
        check_spellings(categories, named)
    except ValueError as error:
        raise CellError(str(error), np.array([0])) from None
    return cells


def find_wrong_covariates(
    column: pd.Series, categories: Sequence[str] | None
) -> dict[int, str]:
    """Find the cells of a column of covariates that cannot be used.

    Parameters
    ----------
    column : Series
        Cells of a table.
    categories : sequence of str or None
        What a cell of text may be; None for numbers.

    Returns
    -------
    dict of int to str
        What each must be, and what it is, by its 0-based row.
    """
    if categories is None:
        return find_wrong_numbers(column, _ROLE)
    cells = as_cells(column)
    rows = np.flatnonzero(~cells.isin(list(categories)))
    expected = (
        f"the {_ROLE} in column {column.name!r} must be one of the categories of "
        f"training, {listed(categories)}, but it is "
    )
    return {
        int(row): expected + (quote(cells.iloc[row]) if cells.iloc[row] else "missing")
        for row in rows
    }


def listed(categories: Sequence[str]) -> str:
    """Return the first categories, for a message.

    Parameters
    ----------
    categories : sequence of str

    Returns
    -------
    str
    """
    shown = ", ".join(map(quote, categories[:_N_CATEGORIES_NAMED]))
    more = len(categories) - _N_CATEGORIES_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def found_categories(covariates: pd.DataFrame) -> dict[str, list[str]]:
    """Return the categories of the columns that are text.

    Parameters
    ----------
    covariates : DataFrame of float64 and str
        As `read_covariate` returns its columns.

    Returns
    -------
    dict of str to list of str
        In the order of the alphabet.
    """
    return {
        str(name): sorted(column.unique())
        for name, column in covariates.items()
        if not is_numbers(column)
    }


def as_numbers(
    covariates: pd.DataFrame, categories: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Return what models learn from.

    Parameters
    ----------
    covariates : DataFrame of shape (n_guides, n_columns)
        As `read_covariate` returns its columns.
    categories : mapping of str to sequence of str
        The categories of those that are text.

    Returns
    -------
    DataFrame of float64, shape (n_guides, n_covariates)
        Named as `covariate_names` has it.

    Raises
    ------
    TableError
        If two have one name.
    """
    if not categories:
        return covariates
    names = covariate_names([*map(str, covariates)], categories)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise TableError(f"there are two covariates {twice!r}: rename a column")
    columns: list[NDArray[np.float64]] = []
    for name, column in covariates.items():
        cells = column.to_numpy()
        if name in categories:
            columns += [
                (cells == each).astype(np.float64) for each in categories[str(name)]
            ]
        else:
            columns.append(cells)
    return pd.DataFrame(dict(zip(names, columns, strict=True)), index=covariates.index)


def covariate_names(
    columns: Sequence[str], categories: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return what the covariates of columns are called.

    Parameters
    ----------
    columns : sequence of str
        Of a table.
    categories : mapping of str to sequence of str
        The categories of those that are text.

    Returns
    -------
    list of str
        ``"column"`` for numbers, ``"column=category"`` for each category.

    Examples
    --------
    >>> from sgrna_estimator.datasets.covariates import covariate_names
    >>> covariate_names(["distance", "cells"], {"cells": ["HEK293", "K562"]})
    ['distance', 'cells=HEK293', 'cells=K562']
    """
    return [
        name
        for column in columns
        for name in (
            [f"{column}={category}" for category in categories[column]]
            if column in categories
            else [column]
        )
    ]


def source_columns(
    names: Sequence[str], categories: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return which columns of a table covariates are from.

    Parameters
    ----------
    names : sequence of str
        As `covariate_names` returns them.
    categories : mapping of str to sequence of str
        The categories of the columns that are text.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from sgrna_estimator.datasets.covariates import source_columns
    >>> names = ["distance", "cells=HEK293", "cells=K562"]
    >>> source_columns(names, {"cells": ["HEK293", "K562"]})
    ['distance', 'cells']
    """
    sources = {
        name: column
        for column in categories
        for name in covariate_names([column], categories)
    }
    return list(dict.fromkeys(sources.get(name, name) for name in names))
