"""Effects of letters and of pairs of letters, with the names of their positions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sgrna_estimator._html import titled_table
from sgrna_estimator._typing import Floats
from sgrna_estimator.sequences.column_names import Name
from sgrna_estimator.sequences.layout import GuideLayout, Numbering

_N_SHOWN = 10  # of all pairs of letters, in a notebook


# What is returned ---------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class LetterEffects:
    """What each letter does at each position of the context.

    Parameters
    ----------
    values : ndarray of shape (n_positions, n_letters)
        The effects. nan where the model cannot know, because the position did not vary
        in training.
    letters : str
        The letters, in the order of the columns.
    position_names : tuple of int or str, of length n_positions
        The names of the positions.
    kind : {"base effect", "coefficient"}
        A base effect is the mean change of the model's read-out when the letter is put
        into guides. A coefficient is that of a linear model, less the mean over the
        letters of its position: only differences between letters mean anything there.
    unit : str
        What the effects are in: "activity" (the target), "transformed activity", "log
        odds", or "P(active)".
    layout : GuideLayout or None, default=None
        Which positions are the spacer and the PAM, if that is known.
    numbering : {"spacer", "pam"}, default="spacer"
        What `position_names` count from, if there is a layout.
    lacking : tuple of int or str, default=()
        The positions that some guides lack, of aligned sequences of several lengths,
        where effects are against the guides that have the position: otherwise they would
        be those of length. Empty for linear models, whose coefficients never are against
        other guides.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> from sgrna_estimator import LetterEffects
    >>> LetterEffects([[0.5, -0.5]], "AC", (1,), "coefficient", "activity").to_frame()
       position letter  effect
    0         1      A     0.5
    1         1      C    -0.5
    """

    values: Floats
    letters: str
    position_names: tuple[Name, ...]
    kind: Literal["base effect", "coefficient"]
    unit: str
    layout: GuideLayout | None = None
    numbering: Numbering = "spacer"
    lacking: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float64))
        expected = (len(self.position_names), len(self.letters))
        if self.values.shape != expected:
            raise ValueError(
                f"values must have shape {expected}, one row for each of the position "
                f"names and one column for each of the letters, got {self.values.shape}"
            )
        if self.layout is not None:
            self.layout.check_length(len(self.position_names))

    def __repr__(self) -> str:
        known = (
            f"{self.kind}s of {self.letters} at {len(self.position_names)} positions"
        )
        strongest = _strongest(self.to_frame(), 1)
        shown = [
            f"{row.effect:+.3g} of {row.letter} at {row.position}"
            for row in strongest.itertuples()
        ]
        return _describe(self, known, shown)

    def _repr_html_(self) -> str:
        table = pd.DataFrame(self.values.T, list(self.letters), self.position_names)
        return titled_table(repr(self), table, index=True)

    def to_frame(self) -> pd.DataFrame:
        """Return a tidy table.

        Returns
        -------
        DataFrame
            Columns `position`, `letter` and `effect`; a row for each letter of each
            position, also where the effect is nan.
        """
        n_positions, n_letters = self.values.shape
        return pd.DataFrame(
            {
                "position": np.repeat(self.position_names, n_letters),
                "letter": np.tile(list(self.letters), n_positions),
                "effect": self.values.ravel(),
            }
        )


@dataclass(frozen=True, repr=False)
class InteractionEffects:
    """What two letters do together beyond the sum of their base effects.

    Parameters
    ----------
    values : ndarray of shape (n_positions - distance, n_letters, n_letters)
        ``[p, a, b]`` is for letter a at position p and letter b at position
        ``p + distance`` of the context. nan where one of the two positions did not vary
        in training.
    letters : str
        The letters.
    position_names : tuple of int or str, of length n_positions
        The names of the positions.
    distance : int
        How many positions of the context are from the first letter to the second.
    unit : str
        What the effects are in.
    layout : GuideLayout or None, default=None
        Which positions are the spacer and the PAM, if that is known.
    numbering : {"spacer", "pam"}, default="spacer"
        What `position_names` count from, if there is a layout.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """

    values: Floats
    letters: str
    position_names: tuple[Name, ...]
    distance: int
    unit: str
    layout: GuideLayout | None = None
    numbering: Numbering = "spacer"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float64))
        n_letters = len(self.letters)
        n_pairs = len(self.position_names) - self.distance
        expected = (n_pairs, n_letters, n_letters)
        if self.values.shape != expected:
            raise ValueError(
                f"values must have shape {expected}, one row for each pair of positions "
                f"{self.distance} apart, got {self.values.shape}"
            )
        if self.layout is not None:
            self.layout.check_length(len(self.position_names))

    def __repr__(self) -> str:
        known = (
            f"interactions of {self.letters} at {len(self.values)} pairs of positions, "
            f"{self.distance} apart"
        )
        strongest = _strongest(self.to_frame(), 1)
        shown = [
            f"{row.effect:+.3g} of {row.letter} at {row.position} and "
            f"{row.other_letter} at {row.other_position}"
            for row in strongest.itertuples()
        ]
        return _describe(self, known, shown)

    def _repr_html_(self) -> str:
        return titled_table(repr(self), _strongest(self.to_frame(), _N_SHOWN))

    def to_frame(self) -> pd.DataFrame:
        """Return a tidy table.

        Returns
        -------
        DataFrame
            Columns `position`, `letter`, `other_position`, `other_letter` and `effect`;
            a row for each pair of letters at each pair of positions.
        """
        n_pairs, n_letters, _ = self.values.shape
        first = np.asarray(self.position_names[:n_pairs])
        second = np.asarray(self.position_names[self.distance :])
        letters = list(self.letters)
        return pd.DataFrame(
            {
                "position": np.repeat(first, n_letters**2),
                "letter": np.tile(np.repeat(letters, n_letters), n_pairs),
                "other_position": np.repeat(second, n_letters**2),
                "other_letter": np.tile(letters, n_pairs * n_letters),
                "effect": self.values.ravel(),
            }
        )


# How it is shown ----------------------------------------------------------------------


def _strongest(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the rows of the largest effects, of either sign; none if none is known."""
    known = table.dropna(subset="effect")
    order = known["effect"].abs().sort_values(ascending=False, kind="stable").index
    return known.loc[order[:n]]


def _describe(
    effects: LetterEffects | InteractionEffects, known: str, shown: list[str]
) -> str:
    strongest = f"; the strongest is {shown[0]}" if shown else "; none is known"
    layout = "" if effects.layout is None else f", layout {effects.layout}"
    return f"{type(effects).__name__}({known}, in {effects.unit}{layout}{strongest})"
