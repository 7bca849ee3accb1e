"""The container of guides: a table, its columns by role, and where each row comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import Bunch

from sgrna_estimator._validation import name_row_numbers
from sgrna_estimator.sequences.layout import GuideLayout

# What `GuideTable.truth` holds one value a guide of.
_TRUTH_OF_GUIDES = ("log_odds", "activity_probability", "active")
_ROLES = ("sequences", "target", "groups", "screens")


@dataclass(frozen=True, eq=False, repr=False)
class GuideTable:
    """Guides to learn from: your own, published or simulated.

    What `load_table`, the ``fetch_`` functions and `make_guide_screen` return. All parts
    have the same rows, numbered from 0.

    Parameters
    ----------
    frame : DataFrame of shape (n_guides, n_columns)
        All columns of one table, or those that all of several tables have.
    sequences : Series of str or None
        The sequences, as written in the table.
    target : Series of float64 or None
        The measured activities.
    groups : Series or None
        The group (gene) of each guide: whole numbers if all are, else text.
    screens : Series or None
        The screen of each guide, likewise.
    covariates : DataFrame of float64 or None
        The covariates, one column each. Of a column of text a column for each category,
        such as ``"cells=K562"``, 1 for its guides and 0 for others.
    source : DataFrame with columns "file" and "row"
        The file that each guide comes from, and its data row there, counting from 1.
    is_log2fc : bool, default=False
        Whether the target is known to be log2 fold changes, of which models learn the
        probability that a guide is active.
    is_standardized : bool, default=False
        Whether the target of each file was given the mean 0 and the standard deviation 1.
    layout : GuideLayout or None, default=None
        Which positions of the sequences are the spacer, the PAM and the flanks, where
        that is known.
    truth : `~sklearn.utils.Bunch` or None, default=None
        What a simulated screen was drawn with, see `make_guide_screen`.
    DESCR : str, default=""
        Columns, source, licence and references of a published or simulated screen.
    n_incomplete : int, default=0
        Rows that `load_table` left out because a cell was missing.
    categories : dict of str to list of str, default={}
        The categories of each column of covariates that is text.

    Examples
    --------
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=300, n_genes=10, random_state=0)
    >>> screen
    GuideTable of 300 guides, 10 groups, 10+20+3+10
    sequences 'seq', target 'mixture_probs', groups 'gene'
    >>> screen.take([0, 2, 4]).data["gene"].tolist()
    ['gene01', 'gene01', 'gene01']
    """

    frame: pd.DataFrame
    sequences: pd.Series | Any  # None for those only who did not ask for them
    target: pd.Series | Any
    groups: pd.Series | None
    screens: pd.Series | None
    covariates: pd.DataFrame | None
    source: pd.DataFrame
    is_log2fc: bool = False
    is_standardized: bool = False
    layout: GuideLayout | None = None
    truth: Bunch | None = None
    DESCR: str = ""
    n_incomplete: int = 0
    categories: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        counts = [f"{len(self)} guide{'s' if len(self) != 1 else ''}"]
        if self.groups is not None:
            counts.append(f"{self.groups.nunique()} groups")
        if self.layout is not None:
            counts.append(str(self.layout))
        parts = {role: getattr(self, role) for role in _ROLES}
        roles = [
            f"{role} {part.name!r}" for role, part in parts.items() if part is not None
        ]
        if self.covariates is not None:
            roles.append(f"covariates {', '.join(map(repr, self.covariates))}")
        return f"GuideTable of {', '.join(counts)}\n{', '.join(roles)}".rstrip()

    @property
    def data(self) -> pd.DataFrame:
        """The same as `frame`."""
        return self.frame

    @property
    def features(self) -> pd.DataFrame:
        """What models learn from: the sequences, then the covariates."""
        parts = [part for part in (self.sequences, self.covariates) if part is not None]
        if not parts:
            return self.frame[[]]
        return pd.concat(parts, axis="columns")

    @property
    def name(self) -> str:
        """What messages call it: the files that the guides come from."""
        return ", ".join(self.source["file"].unique())

    def take(self, rows: Sequence[int] | NDArray[np.intp] | NDArray[np.bool_]) -> Self:
        """Return some of the guides, numbered from 0 again.

        Parameters
        ----------
        rows : array-like of int or bool
            0-based row numbers, or whether to take each row.

        Returns
        -------
        GuideTable
            The truth of a simulated screen is that of these guides too.
        """
        rows = np.arange(len(self))[rows]
        parts: dict[str, Any] = {
            each.name: part.iloc[rows].reset_index(drop=True)
            for each in fields(self)
            if isinstance(part := getattr(self, each.name), pd.DataFrame | pd.Series)
        }
        truth = self.truth
        if truth is not None:
            of_guides = {name: truth[name][rows] for name in _TRUTH_OF_GUIDES}
            truth = Bunch(**{**truth, **of_guides})
        return replace(self, **parts, truth=truth)

    def locate(self, rows: Sequence[int] | NDArray[np.intp]) -> str:
        """Return where rows of this table come from, for a message.

        Parameters
        ----------
        rows : sequence of int
            0-based row numbers.

        Returns
        -------
        str
            For example ``"screen.tsv, data rows 3 and 8"``; of several files, the
            first with such rows.
        """
        return locate(self.source, rows)


def locate(source: pd.DataFrame, rows: Sequence[int] | NDArray[np.intp]) -> str:
    """Return the file and the data rows that rows of a table come from.

    Parameters
    ----------
    source : DataFrame with columns "file" and "row"
        As in `GuideTable`.
    rows : sequence of int
        0-based row numbers.

    Returns
    -------
    str
        Only the first file with such rows is named.
    """
    places = source.iloc[list(rows)]
    file = places["file"].iloc[0]
    return f"{file}, data {name_row_numbers(places.loc[places['file'] == file, 'row'])}"
