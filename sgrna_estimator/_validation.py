"""Checks whose messages name the rows at fault, shared by every estimator."""

import re
import unicodedata
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array, column_or_1d

from sgrna_estimator._sklearn_private import _num_samples

N_ROWS_NAMED = 5

# Beyond it the sum of the squares of a few numbers is infinite.
LARGEST_TARGET = 1e150

# Below it that sum is 0.
SMALLEST_SPREAD = 1e-150


def name_rows(rows: ArrayLike) -> str:
    """Return ``"row 3"`` or ``"rows 3, 8, 9, 11, 15 and 12 more"``.

    Messages count rows from 1, as they count positions.

    Parameters
    ----------
    rows : array-like of int
        Row numbers, counting from 0.

    Returns
    -------
    str
        The first five rows, and how many more there are.
    """
    return name_row_numbers(np.asarray(rows) + 1)


def name_row_numbers(numbers: ArrayLike) -> str:
    """Return what `name_rows` does, of numbers that count from 1 already.

    Parameters
    ----------
    numbers : array-like of int

    Returns
    -------
    str
    """
    numbers = np.asarray(numbers)
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    shown = ", ".join(str(row) for row in numbers[:N_ROWS_NAMED].tolist())
    hidden = len(numbers) - N_ROWS_NAMED
    return f"rows {shown} and {hidden} more" if hidden > 0 else f"rows {shown}"


def check_target(
    y: ArrayLike,
    *,
    lower: float | None = None,
    upper: float | None = None,
    largest: float = LARGEST_TARGET,
    name: str = "y",
) -> NDArray[np.float64]:
    """Return the target as a float64 vector, or say which rows are at fault.

    Parameters
    ----------
    y : array-like of shape (n_guides,)
        Measured activities. A column vector is accepted with scikit-learn's
        ``DataConversionWarning``.
    lower, upper : float or None, default=None
        Bounds, inclusive.
    largest : float, default=1e150
        That no value may be beyond, on either side: by default values whose squares are
        finite.
    name : str, default="y"
        What the messages call it.

    Returns
    -------
    ndarray of shape (n_guides,), float64

    Raises
    ------
    ValueError
        If a value is not a number, missing, infinite, beyond `largest`, or out of bounds.
    """
    if y is None:  # the words that scikit-learn's checks look for
        raise ValueError(f"requires {name} to be passed, but the target {name} is None")
    _num_samples(y)  # a scalar is refused with scikit-learn's own message
    target = column_or_1d(y, warn=True)
    if target.dtype.kind == "c":
        raise ValueError(f"{name} must be real. Complex data not supported")
    if target.dtype.kind not in "fiub":
        target = _to_float(target, name)
    target = target.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(target))
    if bad.size:
        raise ValueError(
            f"{name} must be finite, but it is missing (NaN) or infinite (inf) in "
            f"{name_rows(bad)}"
        )
    bad = np.flatnonzero(np.abs(target) > largest)
    if bad.size:
        raise ValueError(
            f"{name} must be between -{largest:g} and {largest:g}, but it is "
            f"{target[bad[0]]:g} in {name_rows(bad)}"
        )
    for bound, outside, side in (
        (lower, lambda limit: target < limit, "at least"),
        (upper, lambda limit: target > limit, "at most"),
    ):
        if bound is None:
            continue
        bad = np.flatnonzero(outside(bound))
        if bad.size:
            raise ValueError(
                f"{name} must be {side} {bound:g}, but it is {target[bad[0]]:g} in "
                f"{name_rows(bad)}"
            )
    return target


def _to_float(values: NDArray, name: str) -> NDArray[np.float64]:
    numbers = np.empty(len(values), dtype=np.float64)
    bad = []
    for row, value in enumerate(values):
        if value is None or value is pd.NA:
            numbers[row] = np.nan
        elif isinstance(value, Real | Decimal | np.bool_):
            numbers[row] = value
        else:  # "1" is text and a date is a date: say so, do not guess
            bad.append(row)
    if bad:
        raise ValueError(
            f"{name} must be numbers, but {values.tolist()[bad[0]]!r} is not one, in "
            f"{name_rows(bad)}"
        )
    return numbers


def check_weight_sum(weight: NDArray[np.float64]) -> None:
    """Raise if weights are so large, or so small, that their sum says nothing.

    Parameters
    ----------
    weight : ndarray of shape (n_guides,), float64

    Raises
    ------
    ValueError
        If guides over weights is zero or infinite.
    """
    with np.errstate(over="ignore"):
        guides_a_weight = len(weight) / weight.sum()
    if not 0 < guides_a_weight < np.inf:
        raise ValueError(
            "sample_weight must have a sum that float64 can hold, but its values are as "
            f"{'large' if guides_a_weight == 0 else 'small'} as {weight.max():g}"
        )


def check_sums(z: NDArray[np.float64], overflow: str, holder: str = "X holds") -> None:
    """Raise if a sum over columns has overflowed, naming the rows.

    Parameters
    ----------
    z : ndarray of shape (n_guides,)
        One for each row.
    overflow : str
        How the message ends: what they are sums of.
    holder : str, default="X holds"
        How it begins: what the columns are of.

    Raises
    ------
    ValueError
        If one is infinite or not a number.
    """
    bad = np.flatnonzero(~np.isfinite(z))
    if bad.size:
        raise ValueError(
            f"{holder} numbers in {name_rows(bad)} that are so large that sums of "
            f"{overflow}"
        )


def sum_columns(X: Any, coef: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log odds ``X @ coef``, or say which rows are too large for them.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_guides, n_features)
    coef : ndarray of shape (n_features,)

    Returns
    -------
    ndarray of shape (n_guides,)

    Raises
    ------
    ValueError
        If they overflow.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        log_odds = X @ coef
    check_sums(log_odds, "the log odds overflow")
    return log_odds


def check_labels(y: ArrayLike, name: str = "y") -> None:
    """Raise if a class label is missing or infinite, naming the rows.

    Parameters
    ----------
    y : array-like of shape (n_guides,)
    name : str, default="y"
        What the message calls it.

    Raises
    ------
    ValueError
        If y is None or a label is missing or infinite.
    """
    if y is None:
        raise ValueError(f"requires {name} to be passed, but the target {name} is None")
    labels = pd.Series(np.ravel(np.asarray(y, dtype=object)), dtype=object)
    bad = np.flatnonzero(labels.isna() | labels.isin([np.inf, -np.inf]))
    if bad.size:
        raise ValueError(
            f"{name} must be class labels, but it is missing (NaN) or infinite (inf) in "
            f"{name_rows(bad)}"
        )


def check_groups(
    groups: ArrayLike, n_guides: int, name: str = "groups"
) -> tuple[NDArray, NDArray[np.intp]]:
    """Return one group label a guide as integer codes 0..n_groups - 1.

    Parameters
    ----------
    groups : array-like of shape (n_guides,)
        Gene (or screen) of each guide: strings, numbers or categories.
    n_guides : int
        Number of labels expected.
    name : str, default="groups"
        What the messages call it.

    Returns
    -------
    labels : ndarray of shape (n_groups,)
        The distinct labels, sorted.
    codes : ndarray of shape (n_guides,), intp
        ``labels[codes]`` are the groups.

    Raises
    ------
    ValueError
        If the length differs, a label is missing, or two labels are one gene written
        in two ways (see `check_spellings`).
    """
    values = pd.Series(
        column_or_1d(
            check_array(
                groups,
                ensure_2d=False,
                dtype=None,
                ensure_all_finite=False,
                input_name=name,
            )
        )
    )
    if len(values) != n_guides:
        raise ValueError(
            f"{name} must hold one label a guide: expected {n_guides}, got "
            f"{len(values)}"
        )
    missing = np.flatnonzero(values.isna())
    if missing.size:
        raise ValueError(f"{name} is missing in {name_rows(missing)}")
    codes, labels = pd.factorize(values, sort=True)
    check_spellings(labels, name)
    return np.asarray(labels), codes


def check_spellings(labels: ArrayLike, name: str) -> None:
    """Raise if labels differ only as spellings of one gene do.

    Guides of that gene would be in training and in test at once.

    Parameters
    ----------
    labels : array-like of shape (n_groups,)
        Distinct.
    name : str
        What the message calls one of them.

    Raises
    ------
    ValueError
        If two differ only in case, in blanks and characters without a width, in dashes,
        in quotes around them, in the form of Unicode, or as 1, 01 and 1.0 do.
    """
    spelled: dict[str, object] = {}
    for label in np.asarray(labels, dtype=object):
        other = spelled.setdefault(_plain(str(label)), label)
        if other is not label:
            raise ValueError(
                f"{name} must be written in one way, but {other!r} and {label!r} differ "
                "only in case, blanks, dashes, quotes or how a number is written: are they "
                "one?"
            )


def _plain(text: str) -> str:
    """Return what all spellings of a label have in common."""
    if not text.isascii():
        # wide letters and accents in one way, and nothing that has no width
        kinds = [
            (c, unicodedata.category(c)) for c in unicodedata.normalize("NFKC", text)
        ]
        text = "".join("-" if kind == "Pd" else c for c, kind in kinds if kind != "Cf")
    text = " ".join(text.split()).casefold()  # also no-break spaces
    text = re.sub(r"""^(["'])\s*(.*?)\s*\1$""", r"\2", text)
    number = re.fullmatch(r"\+?(-?)0*(\d+?)(?:\.(\d*?)0*)?", text)
    if number:
        return f"{number[1]}{number[2]}.{number[3] or ''}"
    return re.sub(r"(?<=\d)\.0+$", "", text)
