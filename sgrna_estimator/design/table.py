"""Guides -> the table that is written, its columns called as CRISPick calls them."""

import pandas as pd

# In the order of the file. What CRISPick has no name for keeps its own.
HEADINGS = {
    "region": "Input",
    "pick": "Pick Order",
    "rank": "On-Target Rank",
    "prediction": "On-Target Efficacy Score",
    "prediction_sd": "prediction_sd",
    "lower": "lower",
    "upper": "upper",
    "spacer": "sgRNA Sequence",
    "pam": "PAM Sequence",
    "context": "sgRNA Context Sequence",
    "chromosome": "Reference Sequence",
    "start": "start",
    "end": "end",
    "strand": "Strand of sgRNA",
    "cut_position": "sgRNA Cut Position (1-based)",
    "gc": "gc",
    "terminators": "terminators",
    "restriction_sites": "restriction_sites",
    "self_complementarity": "self_complementarity",
    "occurrences": "occurrences",
    "unlike_training": "unlike_training",
    "notes": "Picking Notes",
}


def to_table(guides: pd.DataFrame) -> pd.DataFrame:
    """Return guides with the columns and headings of a file.

    Parameters
    ----------
    guides : DataFrame
        From `design_guides` or `locate_guides`.

    Returns
    -------
    DataFrame
        Those of `HEADINGS` that there are. ``start`` and ``end`` of the protospacer count
        from 0, half-open, as in BED; the cut counts from 1 and is the base behind it on
        the forward strand.
    """
    columns = [column for column in HEADINGS if column in guides]
    table = guides[columns].assign(cut_position=guides["cut_position"] + 1)
    return table.rename(columns=HEADINGS)
