"""Labels that come with guides: which gene, which screen, which are negative controls."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import column_or_1d

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import SMALLEST_SPREAD, check_groups, name_rows
from sgrna_estimator.mixtures.null import fit_null

# Asked for by the fit of every mixture, with scikit-learn's metadata routing on: genes of a
# cross-validation are those of its fits.
REQUESTED = {"groups": True, "screens": True, "controls": True}


def check_controls(controls: ArrayLike | None, n_guides: int) -> NDArray[np.bool_]:
    """Return which guides are negative controls, none by default.

    Raises
    ------
    ValueError
        If the mask is not one of booleans (or 0 and 1), or has another length.
    """
    if controls is None:
        return np.zeros(n_guides, dtype=bool)
    mask = column_or_1d(np.asarray(controls))
    if len(mask) != n_guides:
        raise ValueError(
            f"controls must hold one entry a guide: expected {n_guides}, got "
            f"{len(mask)}"
        )
    bad = np.flatnonzero([value not in (0, 1) for value in mask.tolist()])
    if bad.size:
        raise ValueError(
            f"controls must be True or False, but it is {mask.tolist()[bad[0]]!r} in "
            f"{name_rows(bad)}"
        )
    return mask.astype(bool)


def null_of_controls(
    values: Floats, weight: Floats, null: str, of_screen: str = ""
) -> tuple[float, float, float]:
    """Return mean, scale and tail of the null that negative controls show.

    A weight of 2 counts as two equal guides.

    Parameters
    ----------
    values, weight : ndarray of shape (n_controls,)
        Log2 fold changes and weights.
    null : {"t", "normal"}
        As in the estimators. The scale of "normal" is the standard deviation.
    of_screen : str, default=""
        For the message.

    Raises
    ------
    ValueError
        If they do not show any scale.
    """
    values, weight = values[weight > 0], weight[weight > 0]
    if np.unique(values).size < 2:
        raise ValueError(
            f"the negative controls{of_screen} must have at least 2 different log2 "
            "fold changes, to tell the scale of the null, but have only "
            f"{np.unique(values).tolist()}"
        )
    if null == "t":
        return fit_null(values, weight)
    mean = np.average(values, weights=weight)
    square = np.sum(weight * (values - mean) ** 2)
    return float(mean), float(np.sqrt(square / max(weight.sum() - 1, 1))), 0.0


def check_spread(values: Floats) -> None:
    """Raise an error if no mixture can be fitted to these log2 fold changes."""
    if np.unique(values).size < 2:
        raise ValueError(
            "guides that are no negative controls must have at least 2 different log2 "
            f"fold changes, but have only {np.unique(values).tolist()}"
        )
    if np.ptp(values) < SMALLEST_SPREAD:
        raise ValueError(
            "log2 fold changes of guides that are no negative controls must differ by at "
            f"least {SMALLEST_SPREAD:g}, but differ by {np.ptp(values):g} at most"
        )


@dataclass(frozen=True)
class Labels:
    """Labels seen in `fit`, in order, or the one that stands for no labels."""

    values: NDArray
    given: bool

    def describe(self, number: int, kind: str) -> str:
        """Return " of <kind> <label>" for messages, nothing where there are no labels."""
        return f" of {kind} {self.values[number]}" if self.given else ""

    def find(self, labels: ArrayLike | None, n_guides: int, name: str) -> Ints:
        """Return the number of each guide's label, -1 where it was not seen.

        Raises
        ------
        ValueError
            If labels are given now and were not in `fit`.
        """
        if labels is None:
            return np.full(n_guides, -1 if self.given else 0, dtype=np.intp)
        if not self.given:
            raise ValueError(f"{name} given, but the model was fitted without {name}")
        seen_now, codes = check_groups(labels, n_guides, name)
        return pd.Index(self.values).get_indexer(seen_now)[codes]


def learn_labels(
    labels: ArrayLike | None,
    n_guides: int,
    name: str,
    ignored: NDArray[np.bool_] | None = None,
) -> tuple[Labels, Ints]:
    """Return the labels and the number of each guide's.

    Parameters
    ----------
    labels : array-like of shape (n_guides,) or None
        Gene or screen of each guide.
    n_guides : int
        Number of labels expected.
    name : str
        What messages call them.
    ignored : ndarray of bool of shape (n_guides,), default=None
        Guides that need no label: their number means nothing.
    """
    if labels is None:
        return Labels(np.array([0]), False), np.zeros(n_guides, dtype=np.intp)
    if ignored is not None and ignored.any() and not ignored.all():
        # Negative controls have no gene; any label of another guide will pass for
        # theirs, so that messages number the rows as they are.
        filled = pd.Series(column_or_1d(labels)).reset_index(drop=True)
        if len(filled) == n_guides:
            filled[ignored] = filled[np.flatnonzero(~ignored)[0]]
        labels = filled
    values, codes = check_groups(labels, n_guides, name)
    return Labels(values, True), codes


class Nulls(NamedTuple):
    """Mean, scale and tail of the null of each screen, nan where they are unknown."""

    mean: Floats
    scale: Floats
    tail: Floats


def nulls_of_screens(
    values: Floats,
    weight: Floats,
    screen: tuple[Labels, Ints],
    is_control: NDArray[np.bool_],
    null: str,
) -> Nulls:
    """Return null mean, scale and tail of each screen, nan for what is to be estimated.

    Parameters
    ----------
    values, weight : ndarray of shape (n_guides,)
        Log2 fold changes, and weights of the guides.
    screen : tuple of Labels and ndarray of shape (n_guides,)
        Screens, and the number of each guide's, as `learn_labels` returns them.
    is_control : ndarray of bool of shape (n_guides,)
        Which guides are negative controls.
    null : {"t", "normal"}
        As in the estimators.

    Raises
    ------
    ValueError
        If the controls of a screen do not show any scale.
    """
    labels, numbers = screen
    found = np.full((3, len(labels.values)), np.nan)
    if null == "normal":
        found[2] = 0.0
    for number in np.unique(numbers[is_control]):
        mine = is_control & (numbers == number)
        found[:, number] = null_of_controls(
            values[mine], weight[mine], null, labels.describe(number, "screen")
        )
    return Nulls(*found)
