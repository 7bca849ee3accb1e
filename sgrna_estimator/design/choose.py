"""Guides with predictions -> ranks in their region, picks, and why not the others."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._typing import Ints


def choose_guides(
    guides: pd.DataFrame,
    *,
    top: int = 4,
    spacing: int = 0,
    allow_terminators: bool = False,
) -> pd.DataFrame:
    """Rank guides within their region and pick the best that can be ordered.

    Parameters
    ----------
    guides : DataFrame
        A guide a row: ``region``, ``chromosome``, ``start``, ``strand``,
        ``cut_position``, ``spacer``, ``prediction`` (more is better), ``terminators``
        and, where they are known, ``restriction_sites`` and ``occurrences``.
    top : int, default=4
        Guides to pick in each region.
    spacing : int, default=0
        Letters that must be between the cuts of two picks of a region, at the least.
    allow_terminators : bool, default=False
        Whether guides may have a terminator of U6, as those that are ordered as RNA.

    Returns
    -------
    DataFrame
        The guides by region, in the order in which regions come, and within it by rank,
        with ``rank`` (1 is the best prediction; guides of equal prediction are ranked by
        where they are), ``pick`` (1 to `top`, missing for the others) and ``notes``: why
        a guide was not picked, empty for the picks and for those that come after `top`
        picks.
    """
    regions = pd.Categorical(guides["region"], guides["region"].unique(), ordered=True)
    ordered = (
        guides.assign(_region=regions)
        .sort_values(
            ["_region", "prediction", "chromosome", "start", "strand"],
            ascending=[True, False, True, True, True],
            kind="stable",
        )
        .reset_index(drop=True)
    )
    ordered["rank"] = ordered.groupby("_region", observed=True).cumcount() + 1
    faults = [
        "; ".join(_faults(guide, allow_terminators))
        for guide in ordered.itertuples(index=False)
    ]
    picks = np.zeros(len(ordered), dtype=np.int64)
    notes = np.array(faults, dtype=object)
    for rows in ordered.groupby("_region", observed=True).indices.values():
        _pick(ordered, np.asarray(rows), top, spacing, picks, notes)
    ordered["pick"] = pd.array(picks, dtype="Int64")
    ordered.loc[picks == 0, "pick"] = pd.NA
    ordered["notes"] = notes
    return ordered.drop(columns="_region")


def _faults(guide: Any, allow_terminators: bool) -> Iterator[str]:
    """Yield what is wrong with a guide, whatever the others are."""
    for terminator in guide.terminators.split(","):
        if terminator.startswith("U6:") and not allow_terminators:
            yield f"Terminator {terminator}"
    if getattr(guide, "restriction_sites", ""):
        yield f"Restriction site {guide.restriction_sites}"
    if getattr(guide, "occurrences", 1) > 1:
        yield f"Occurs {guide.occurrences} times in the genome"


def _pick(
    ordered: pd.DataFrame,
    rows: Ints,
    top: int,
    spacing: int,
    picks: Ints,
    notes: NDArray[np.object_],
) -> None:
    """Pick guides of a region, best first, and note why one was passed over."""
    columns = ordered["chromosome"], ordered["cut_position"], ordered["spacer"]
    chosen: list[tuple] = []
    for row in rows:
        if len(chosen) == top:
            return
        if notes[row]:
            continue
        guide = tuple(column.iloc[row] for column in columns)
        notes[row] = _conflict(guide, chosen, spacing)
        if not notes[row]:
            chosen.append(guide)
            picks[row] = len(chosen)


def _conflict(guide: tuple, chosen: list[tuple], spacing: int) -> str:
    """Say which earlier pick keeps a guide from being one."""
    chromosome, cut, spacer = guide
    for number, (other_chromosome, other_cut, other_spacer) in enumerate(chosen, 1):
        if spacer == other_spacer:
            return f"Same spacer as pick {number}"
        distance = abs(cut - other_cut)
        if chromosome == other_chromosome and distance < spacing:
            return f"Spacing: cuts {distance} nt from pick {number}"
    return ""
