"""Targets of tables of different scales -> targets of one scale."""

from dataclasses import replace

import pandas as pd

from sgrna_estimator.datasets.files import TableError
from sgrna_estimator.datasets.guide_table import GuideTable


def spreads_by_table(table: GuideTable) -> pd.Series:
    """Return the standard deviation of the target in each file.

    Parameters
    ----------
    table : GuideTable
        With a target.

    Returns
    -------
    Series of float64
        By file, in the order in which they were given; with the number of guides as
        divisor, so that a file of one guide has 0.
    """
    return table.target.groupby(table.source["file"], sort=False).std(ddof=0)


def standardize_tables(table: GuideTable) -> GuideTable:
    r"""Give the target of each file the mean 0 and the standard deviation 1.

    Parameters
    ----------
    table : GuideTable
        With a target that is none of log2 fold changes.

    Returns
    -------
    GuideTable
        The same with `is_standardized`.

    Raises
    ------
    TableError
        If the target does not vary in a file, or is log2 fold changes.

    Notes
    -----
    A mean and a scale are taken of all guides of a file, those that will be held out
    among them. No model can rank guides of one file by them, but errors are in their
    unit, and so a little too small.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sgrna_estimator.datasets import load_table
    >>> from sgrna_estimator.datasets.standardized import standardize_tables
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = [Path(folder) / name for name in ("share.csv", "percent.csv")]
    ...     _ = files[0].write_text("seq,y\nACGT,0.2\nACGA,0.4\n")
    ...     _ = files[1].write_text("seq,y\nCCGT,30\nCCGA,10\n")
    ...     table = load_table(files, sequence="seq", target="y")
    >>> standardize_tables(table).target.round(3).tolist()
    [-1.0, 1.0, 1.0, -1.0]
    """
    name = table.target.name
    if table.is_log2fc:
        raise TableError(
            f"{table.name}: log2 fold changes in column {name!r} cannot be standardised: "
            "0 must stay what guides have that do nothing"
        )
    by_file = table.target.groupby(table.source["file"], sort=False)
    varies = by_file.max() > by_file.min()
    if not varies.all():
        file = varies.index[~varies][0]
        raise TableError(
            f"{file}: the target in column {name!r} must vary to be standardised, but all "
            f"guides have {by_file.max()[file]:g}"
        )
    target = (table.target - by_file.transform("mean")) / by_file.transform(
        "std", ddof=0
    )
    frame = table.frame.assign(**{str(name): target})
    return replace(table, frame=frame, target=target, is_standardized=True)
