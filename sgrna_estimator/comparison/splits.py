"""Splits with no gene, and no sequence, on both sides."""

import warnings
from collections.abc import Iterable
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.model_selection import GroupKFold
from sklearn.utils import check_random_state

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import name_rows

# benchmarks/comparison_design.py shows what repeats bring.
_USUAL_REPEATS = 5
_MANY_GUIDES = 5_000
_FEWEST_SETS_A_FOLD = 2

# Tries to draw folds that were not drawn before.
_MOST_DRAWS = 100

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


def _spelled_alike(values: pd.Series) -> pd.Series:
    """Return values such that guides which are read alike are equal."""
    if values.dtype.kind == "f":
        return values + 0.0  # -0.0 is 0.0
    if values.dtype.kind in "iub":
        return values

    def spell(value: object) -> object:
        if isinstance(value, bytes):
            return value.upper().replace(b"U", b"T")
        return value.upper().replace("U", "T") if isinstance(value, str) else value

    return pd.Series([spell(value) for value in values], dtype=object)


def row_codes(X: Any) -> Ints:
    """Give equal rows the same number.

    Parameters
    ----------
    X : sequences, {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        Text is compared without regard to case, and U counts as T.

    Returns
    -------
    ndarray of shape (n_guides,)
        Numbers from 0 on. Rows are compared by 64-bit hashes (sparse rows exactly): of a
        million distinct rows two are mistaken for one with probability 3e-8, and then
        merely share a side.
    """
    if sparse.issparse(X):
        X = sparse.csr_array(X, copy=True)
        X.sum_duplicates()  # also sorts the columns of each row
        X.eliminate_zeros()
        keys = [
            X.indices[start:stop].tobytes() + X.data[start:stop].tobytes()
            for start, stop in pairwise(X.indptr)
        ]
        return pd.factorize(np.array(keys, dtype=object))[0]
    table = pd.DataFrame(X.to_pandas() if hasattr(X, "to_pandas") else X)
    table = table.reset_index(drop=True).apply(_spelled_alike)
    return pd.factorize(pd.util.hash_pandas_object(table, index=False))[0]


def connected(groups: Ints | None, sequences: Ints) -> Ints:
    """Return the number of each guide's set: those that groups and sequences tie.

    Two guides are tied when they share a group or a sequence, and so are guides tied
    to the same guide: the connected components of that graph.
    """
    if groups is None:
        return sequences
    # A node for each group and each sequence; each guide is an edge between its two.
    n_groups = groups.max() + 1
    n_nodes = n_groups + sequences.max() + 1
    edges = sparse.coo_array(
        (np.ones(len(groups)), (groups, n_groups + sequences)), shape=(n_nodes, n_nodes)
    )
    _, component_of_node = sparse.csgraph.connected_components(edges, directed=False)
    return component_of_node[groups]


def _rows(rows: ArrayLike, n_guides: int, side: str, split: int) -> NDArray[np.intp]:
    """Return the row numbers of one side of a split that the user gave."""
    numbers = np.asarray(rows)
    if numbers.dtype == bool and numbers.shape == (n_guides,):
        numbers = np.flatnonzero(numbers)
    if numbers.ndim != 1 or numbers.size == 0 or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"the {side} side of split {split} must be row numbers, at least one, got "
            f"{rows!r}"
        )
    if numbers.min() < 0 or numbers.max() >= n_guides:
        raise ValueError(
            f"the {side} side of split {split} names a row outside 0 to {n_guides - 1}"
        )
    values, counts = np.unique(numbers, return_counts=True)
    if counts.max() > 1:
        raise ValueError(
            f"the {side} side of split {split} names {name_rows(values[counts > 1])} more "
            "than once: each guide counts once"
        )
    return numbers.astype(np.intp)


def usual_repeats(n_guides: int, n_sets: int, n_folds: int) -> int:
    """Return how many times folds are drawn, if nobody says.

    Parameters
    ----------
    n_guides : int
    n_sets : int
        Sets of guides that stay together.
    n_folds : int

    Returns
    -------
    int
        5 up to 5,000 guides. 1 for more, of which one partition tells enough; and for
        fewer than two sets a fold, of which others would have much the same folds.
    """
    many, few = n_guides > _MANY_GUIDES, n_sets < _FEWEST_SETS_A_FOLD * n_folds
    return 1 if many or few else _USUAL_REPEATS


def make_splits(
    cv: Any,
    X: Any,
    y: Floats,
    group_labels: NDArray | None,
    components: Ints,
    random_state: Any,
    repeats: int | None = None,
) -> tuple[list[Split], int]:
    """Make splits, the components whole where cv allows it.

    Parameters
    ----------
    cv, repeats, random_state
        As in `compare_estimators`.
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
    y : ndarray of shape (n_guides,)
    group_labels : ndarray or None
        The genes.
    components : ndarray of shape (n_guides,)
        Number of each guide's set.

    Returns
    -------
    splits : list of (ndarray, ndarray)
        Row numbers of the training and the test guides; folds of the first repeat, then
        of the others.
    n_repeats : int
        How often folds were drawn: 1 unless ``cv`` is a number.

    Raises
    ------
    ValueError
        If ``cv`` or ``repeats`` cannot be used, or if two splits test the same guides.
    """
    cv = 5 if cv is None else cv
    if isinstance(cv, Integral):
        return _repeated_folds(int(cv), group_labels, components, random_state, repeats)
    if repeats is not None:
        raise ValueError(
            "repeats is for a number of folds: a splitter or an iterable says itself "
            "which splits there are"
        )
    splits = _given_splits(cv, X, y, group_labels, components)
    seen: dict[bytes, int] = {}
    for number, (_, test) in enumerate(splits):
        first = seen.setdefault(_key(test), number)
        if first != number:
            raise ValueError(
                f"splits {first} and {number} of cv test the same guides: the second "
                "tells nothing that the first does not, and would count as evidence"
            )
    return splits, 1


def _key(test: NDArray[np.intp]) -> bytes:
    """Return the same for the same test guides, in whatever order."""
    return np.unique(test).tobytes()


def _repeated_folds(
    n_folds: int,
    group_labels: NDArray | None,
    components: Ints,
    random_state: Any,
    repeats: Any,
) -> tuple[list[Split], int]:
    """Draw folds again and again, none of which tests the guides of another."""
    if repeats is not None and (not isinstance(repeats, Integral) or repeats < 1):
        raise ValueError(f"repeats must be a number from 1 on, got {repeats!r}")
    random = check_random_state(random_state)
    folds = GroupKFold(n_folds, shuffle=True, random_state=random)
    _check_components(folds, group_labels, components)
    n_sets = int(components.max()) + 1
    if repeats is None:
        repeats = usual_repeats(len(components), n_sets, n_folds)
    splits: list[Split] = []
    seen: set[bytes] = set()
    for _ in range(repeats):
        for _ in range(_MOST_DRAWS):
            drawn = list(folds.split(components, groups=components))
            keys = {_key(test) for _, test in drawn}
            if not keys & seen:
                break
        else:
            raise ValueError(
                f"cannot draw {n_folds} folds {repeats} times from {n_sets} sets of "
                "guides without the same fold twice: ask for fewer repeats"
            )
        seen |= keys
        splits += drawn
    return splits, int(repeats)


def _given_splits(
    cv: Any, X: Any, y: Floats, group_labels: NDArray | None, components: Ints
) -> list[Split]:
    """Return the splits of a splitter or an iterable, checked."""
    if hasattr(cv, "split") and not isinstance(cv, str):
        _check_components(cv, group_labels, components)
        with warnings.catch_warnings():
            # Any splitter may be one for groups; scikit-learn's others say that they
            # ignore them. What comes of it is told by count_leaks.
            warnings.filterwarnings("ignore", "The groups parameter is ignored")
            splits = list(cv.split(X, y, components))
    elif isinstance(cv, Iterable) and not isinstance(cv, str):
        splits = list(cv)
    else:
        raise ValueError(
            "cv must be None, a number of folds, a scikit-learn splitter or an "
            f"iterable of (train, test), got {cv!r}"
        )
    if not splits:
        raise ValueError("cv makes no split")
    for i, split in enumerate(splits):
        if not (isinstance(split, tuple | list) and len(split) == 2):
            raise ValueError(f"split {i} of cv must be (train, test), got {split!r}")
    return [
        (_rows(train, len(y), "training", i), _rows(test, len(y), "test", i))
        for i, (train, test) in enumerate(splits)
    ]


def _check_components(cv: Any, group_labels: NDArray | None, components: Ints) -> None:
    """Raise if there are not enough sets of guides to keep apart."""
    if group_labels is not None and len(group_labels) == 1:
        raise ValueError(
            f"groups holds one label only, {group_labels[0]!r}: folds that keep groups "
            "whole need at least two. Without groups, folds are made of guides"
        )
    n_components = components.max() + 1
    n_folds = cv.n_splits if isinstance(cv, GroupKFold) else 2
    if n_components < n_folds:
        kept_whole = "sequences" if group_labels is None else "groups and sequences"
        raise ValueError(
            f"cannot make {n_folds} folds: kept whole, equal {kept_whole} leave "
            f"{n_components} sets of guides to put on either side. Ask for fewer folds, "
            "or say with sequences= which guides are the same if equal rows of X are not"
        )


def count_leaks(
    splits: list[Split], groups: Ints | None, sequences: Ints
) -> dict[str, int]:
    """Count test guides whose sequence, or whose group, is also in training."""
    counts = {}
    for what, codes in (("sequence", sequences), ("group", groups)):
        if codes is not None:
            counts[what] = sum(
                int(np.isin(codes[test], codes[train]).sum()) for train, test in splits
            )
    return counts


def describe_leaks(leaks: dict[str, int], n_test: int) -> str:
    """Return a sentence on the guides that are not new to the estimators, or ``""``."""
    shared = " and ".join(
        f"{count} of {n_test} test guides share their {what}"
        for what, count in leaks.items()
        if count
    )
    return shared and (
        f"{shared} with a training guide of the same split: scores are better than on "
        "new guides."
    )
