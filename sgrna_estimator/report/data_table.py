"""Cells of the tables of the data: rows of text, ready to be laid out."""

import math
from collections.abc import Mapping

from sgrna_estimator.report.data_summary import DataSummary
from sgrna_estimator.report.wording import counted, percent

_QUANTILE_NAMES = {0.0: "least", 0.5: "median", 1.0: "greatest"}


def data_rows(data: DataSummary) -> list[tuple[str, str]]:
    """Return what is known of the guides, as labels and texts.

    Parameters
    ----------
    data : DataSummary
        Counts.

    Returns
    -------
    list of (str, str)
        Rows of a table.
    """
    lengths = ", ".join(
        f"{length} nt" + (f" ({counted(n, 'guide')})" if len(data.lengths) > 1 else "")
        for length, n in data.lengths.items()
    )
    letters = ", ".join(
        f"{each} {counted(n, 'time')}" for each, n in data.other_letters.items()
    )
    if letters:
        letters += f", in {counted(data.n_guides_with_other_letters, 'guide')}"
    constant = "not looked for, as lengths differ"
    if data.constant_positions is not None:
        constant = _runs(data.constant_positions) or "none"
    gc_content = "not known"
    if not math.isnan(data.gc[1]):
        least, median, greatest = map(percent, data.gc)
        gc_content = f"{least} to {greatest}, median {median}"
    rows = [("Guides", f"{data.n_guides:,}")]
    if data.group_sizes is None:
        rows.append(("Genes", "no column named"))
    else:
        sizes = data.group_sizes
        rows += [
            ("Genes", f"{len(sizes):,}"),
            (
                "Guides of a gene",
                f"{sizes.min():,} each"
                if sizes.min() == sizes.max()
                else f"{sizes.min():,} to {sizes.max():,}, median "
                f"{sizes.median():,.4g}; most for {sizes.index[0]}",
            ),
        ]
    return [
        *rows,
        ("Sequence length", lengths),
        ("Distinct sequences", f"{data.n_sequences:,}"),
        (
            "Repeated sequences",
            f"{data.n_repeated_sequences:,}, of {data.n_repeated:,} guides"
            if data.n_repeated
            else "none",
        ),
        (
            "Repeated with different measurements",
            f"{data.n_conflicting_sequences:,}" if data.n_repeated else "none",
        ),
        ("Letters other than A, C, G, T, U", letters or "none"),
        ("Positions with one letter only, from the first", constant),
        ("GC content", gc_content),
        (
            "Measured activity",
            f"mean {data.mean:.4g}, standard deviation {data.sd:.4g}; "
            f"{counted(data.n_values, 'different value')}",
        ),
    ]


def quantile_cells(data: DataSummary) -> list[tuple[str, str]]:
    """Return names and values of the quantiles of the measurements.

    Parameters
    ----------
    data : DataSummary
        Counts.

    Returns
    -------
    list of (str, str)
        Columns of a table.
    """
    return [
        (_QUANTILE_NAMES.get(at, percent(at)), f"{value:.4g}")
        for at, value in data.quantiles.items()
    ]


def _runs(positions: Mapping[int, str]) -> str:
    """Return ``"21 G, 25–26 GG"`` for the letters of positions."""
    runs: list[tuple[int, str]] = []
    for position, letter in positions.items():
        if runs and position == runs[-1][0] + len(runs[-1][1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + letter)
        else:
            runs.append((position, letter))
    return ", ".join(
        f"{start} {letters}"
        if len(letters) == 1
        else f"{start}–{start + len(letters) - 1} {letters}"  # noqa: RUF001
        for start, letters in runs
    )
