"""Cells of the table of scores: rows of text, ready to be laid out."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.comparison.table_scores import scores_by_table
from sgrna_estimator.metrics.reported import CORRELATION_DECIMALS, find_metric
from sgrna_estimator.report.wording import NOT_DEFINED, counted, interval, number


def comparison_rows(result: ComparisonResult) -> list[dict[str, Any]]:
    """Return the cells of the table of all metrics.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    list of dict
        One for each metric, the primary one first: its ``label``; whether ``more`` or
        ``less`` is ``better``; the estimator that differences are taken to,
        ``reference``: the baseline, or
        where this has no such score, as a constant has no rank correlation, the best;
        and ``rows``, the best first, of texts by ``name``, ``mean``, ``interval``,
        ``difference``, ``difference_interval``, ``p`` and ``words``; the reference has
        the first three only.
    """
    tables = []
    primary = result.primary
    metrics = sorted(result.splits_with_metric_, key=lambda metric: metric != primary)
    for metric in metrics:
        known = find_metric(metric)
        table = result.summary(metric)
        means = table.set_index("estimator")["mean"]
        reference = result.baseline_
        if np.isnan(means[reference]) and means.notna().any():
            reference = means.index[0]
            columns = [
                "difference",
                "difference_lower",
                "difference_upper",
                "p_adjusted",
            ]
            table[columns] = table[
                ["to_best", "to_best_lower", "to_best_upper", "p_best"]
            ].to_numpy()
        decimals = known.decimals
        if decimals is None:
            decimals = _decimals(table["mean"])
        tables.append(
            {
                "label": known.label,
                "better": "more" if known.greater_is_better else "less",
                "reference": reference,
                "rows": [
                    _cells(row, reference, known.greater_is_better, decimals)
                    for row in table.to_dict("records")
                ],
            }
        )
    return tables


def rows_by_table(result: ComparisonResult, tables: Any) -> dict[str, Any] | None:
    """Return the cells of the table of scores on the guides of each table.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    tables : array-like of shape (n_guides,) or None
        The table that each guide is from, as in `scores_by_table`.

    Returns
    -------
    dict or None
        The ``label`` of the primary metric; ``tables``, pairs of a name and a number of
        guides; and ``rows``, a model each, the best first: its ``name``, and ``scores``,
        pairs of a mean and an interval, a table each. None if there are not several.
    """
    if tables is None or pd.Series(tables).nunique() < 2:
        return None
    metric = find_metric(result.primary)
    decimals = metric.decimals or CORRELATION_DECIMALS
    found = scores_by_table(result, tables)
    return {
        "label": metric.label,
        "tables": [
            (str(table), counted(n_guides, "guide"))
            for table, n_guides in found[["table", "n_guides"]]
            .drop_duplicates()
            .itertuples(index=False)
        ],
        "rows": [
            {
                "name": name,
                "scores": [
                    (number(mean, decimals), interval(lower, upper, decimals))
                    for mean, lower, upper in rows[
                        ["mean", "lower", "upper"]
                    ].to_numpy()
                ],
            }
            for name, rows in found.groupby("estimator", sort=False)
        ],
    }


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


def _decimals(values: pd.Series) -> int:
    """Return how many decimals show four digits of the largest of the values."""
    largest = values.abs().max()
    if not largest > 0:  # or nan
        return CORRELATION_DECIMALS
    return max(0, 3 - math.floor(math.log10(largest)))


def _p_value(value: float) -> str:
    if math.isnan(value):
        return NOT_DEFINED
    return "<0.001" if value < 0.001 else f"{value:.3f}"
