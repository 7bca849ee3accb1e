"""Cells of the report's tables: numbers as text, rows ready to be laid out."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sgrna_estimator.comparison.result import SIGNIFICANCE, ComparisonResult
from sgrna_estimator.metrics.reported import METRIC_LABELS
from sgrna_estimator.report.data_summary import DataSummary

CORRELATION_DECIMALS = 3


# Metrics whose values are at most 1 have as many decimals in every table.
_UP_TO_ONE = ("active", "spearman", "within_group_spearman", "pearson", "r2")


_NOT_DEFINED = "n/a"


_TOO_WIDE = 1e7  # for a column: the R² of predictions far off


_QUANTILE_NAMES = {0.0: "least", 0.5: "median", 1.0: "greatest"}


# Numbers ------------------------------------------------------------------------------


def _decimals(values: pd.Series) -> int:
    """Return how many decimals show four digits of the largest of the values."""
    largest = values.abs().max()
    if not largest > 0:  # or nan
        return CORRELATION_DECIMALS
    return max(0, 3 - math.floor(math.log10(largest)))


def number(value: float, decimals: int) -> str:
    """Return a number as the page shows it."""
    if math.isnan(value):
        return _NOT_DEFINED
    if abs(value) >= _TOO_WIDE:
        return f"{value:.3e}"
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"  # no -0.000


def interval(lower: float, upper: float, decimals: int) -> str:
    """Return ``"0.1 to 0.2"``."""
    if math.isnan(lower):
        return _NOT_DEFINED
    return f"{number(lower, decimals)} to {number(upper, decimals)}"


def _p_value(value: float) -> str:
    if math.isnan(value):
        return _NOT_DEFINED
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.3g} %"


def counted(n: int, noun: str) -> str:
    """Return ``"1 gene"`` or ``"2 genes"``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """Return ``"ridge, lasso and trees"``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


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


# The comparison -----------------------------------------------------------------------


def best_estimator(result: ComparisonResult) -> str:
    """Return who ranks guides best, or has the least error if none has ranks.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    str
        Name of the estimator.
    """
    best = result.summary("spearman").iloc[0]
    if np.isnan(best["mean"]):
        best = result.summary("mse").iloc[0]
    return str(best["estimator"])


def comparison_rows(result: ComparisonResult) -> list[dict[str, Any]]:
    """Return the cells of the table of all metrics.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    list of dict
        One for each metric: its ``label``; whether ``more`` or ``less`` is ``better``;
        the estimator that differences are taken to, ``reference``: the baseline, or
        where this has no such score, as a constant has no rank correlation, the best;
        and ``rows``, the best first, of texts by ``name``, ``mean``, ``interval``,
        ``difference``, ``difference_interval``, ``p`` and ``words``; the reference has
        the first three only.
    """
    tables = []
    for metric, greater_is_better in result.greater_is_better_.items():
        table = result.summary(metric)
        means = table.set_index("estimator")["mean"]
        reference = result.baseline_
        if np.isnan(means[reference]) and means.notna().any():
            reference = means.index[0]
            table = result.summary(metric, baseline=reference)
        decimals = (
            CORRELATION_DECIMALS if metric in _UP_TO_ONE else _decimals(table["mean"])
        )
        tables.append(
            {
                "label": METRIC_LABELS.get(metric, metric),
                "better": "more" if greater_is_better else "less",
                "reference": reference,
                "rows": [
                    _cells(row, reference, greater_is_better, decimals)
                    for row in table.to_dict("records")
                ],
            }
        )
    return tables


def _cells(
    row: Mapping[Any, Any], reference: str, greater_is_better: bool, decimals: int
) -> dict[str, str]:
    cells = {
        "name": row["estimator"],
        "mean": number(row["mean"], decimals),
        "interval": interval(row["lower"], row["upper"], decimals),
    }
    if row["estimator"] == reference:
        return cells
    return cells | {
        "difference": number(row["difference"], decimals),
        "difference_interval": interval(
            row["difference_lower"], row["difference_upper"], decimals
        ),
        "p": _p_value(row["p_adjusted"]),
        "words": _in_words(row["difference"], row["p_adjusted"], greater_is_better),
    }


def _in_words(difference: float, p_adjusted: float, greater_is_better: bool) -> str:
    if math.isnan(difference):
        return "not defined"
    if math.isnan(p_adjusted):
        return "cannot be tested"
    if p_adjusted >= SIGNIFICANCE:
        return "within noise"
    return "better" if (difference > 0) == greater_is_better else "worse"


# The data -----------------------------------------------------------------------------


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
