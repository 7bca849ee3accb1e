"""The comparison as the command line prints it."""

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from sgrna_estimator._typing import Floats
    from sgrna_estimator.comparison.result import ComparisonResult


# Columns of the printed table, in the order in which a narrow terminal does without.
_EXPENDABLE = ("pearson", "mse within", "fit s", "r2", "spearman", "+/-")


def print_comparison(
    result: "ComparisonResult",
    next_command: str | None,
    notes: list[str],
    not_compared: list[str],
    tables: "pd.Series",
) -> None:
    """Print what was decided, the scores of all models, and in words what they show.

    To a terminal, as many columns as fit; to anything else, all of them, and each
    paragraph in one line.

    Parameters
    ----------
    result : ComparisonResult
    next_command : str or None
        What to do next.
    notes : list of str
        More sentences on what was found.
    not_compared : list of str
        Sentences on the models that were left out.
    tables : Series of str
        The table of each guide; of several there is a second table of scores.
    """
    from sgrna_estimator.metrics.reported import METRICS

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    columns = _comparison_columns(result)
    lines = align_columns(columns)
    left_out = []
    primary = METRICS[result.primary].heading
    for heading in [
        each for each in _EXPENDABLE if each in columns and each != primary
    ]:
        if width is None or len(lines[0]) <= width:
            break
        del columns[heading]
        left_out.append(heading)
        lines = align_columns(columns)
    legend = _legend(result)
    explained = [f"{key}: {legend[key]}" for key in columns if key in legend]
    paragraphs = [
        *(f"- {sentence}" for sentence in [*result.verdict(), *notes]),
        f"Means over {_folds(result)}. {'; '.join(explained)}. "
        "nan where predictions do not vary.",
        *not_compared,
        *([f"Left out for want of room: {', '.join(left_out)}."] if left_out else []),
    ]
    _print_paragraphs(result.decision.sentences, width)
    if next_command is not None:
        print(f"Next: {next_command}")  # in one line, to be copied
    print("\n" + "\n".join(lines), end="\n\n")
    if len(tables.unique()) > 1:
        _print_by_table(result, tables, width)
    _print_paragraphs(paragraphs, width)


def _print_by_table(
    result: "ComparisonResult", tables: "pd.Series", width: int | None
) -> None:
    """Print how each model does on the guides of each table."""
    from sgrna_estimator.comparison.table_scores import scores_by_table
    from sgrna_estimator.metrics.reported import METRICS

    metric = METRICS[result.primary]
    found = scores_by_table(result, tables)
    columns = {"model": found["estimator"].unique().tolist()}
    for (table, n_guides), rows in found.groupby(["table", "n_guides"], sort=False):
        halves = [show_number(half, metric.decimals) for half in _longer_half(rows)]
        columns[f"{table} ({n_guides} guides)"] = [
            show_number(mean, metric.decimals)
            + ("" if half == "nan" else f" +/- {half}")
            for mean, half in zip(rows["mean"], halves, strict=True)
        ]
    told = "on the guides of each table, +/- half the corrected 95 % interval"
    _print_paragraphs([f"{metric.label} {told}:"], width)
    print("\n".join(align_columns(columns)), end="\n\n")


def _longer_half(scores: "pd.DataFrame") -> "Floats":
    """Return the longer half of each interval: the other may be cut off."""
    import numpy as np

    return np.maximum(
        scores["upper"] - scores["mean"], scores["mean"] - scores["lower"]
    )


def _print_paragraphs(paragraphs: list[str], width: int | None) -> None:
    for paragraph in paragraphs:
        print(textwrap.fill(paragraph, width) if width else paragraph)


def _folds(result: "ComparisonResult") -> str:
    """Return ``"5 folds drawn 5 times"``."""
    again = f" drawn {result.n_repeats_} times" if result.n_repeats_ > 1 else ""
    return f"{result.n_folds} folds{again}"


def _legend(result: "ComparisonResult") -> dict[str, str]:
    """Return what headings mean that do not say so themselves."""
    from sgrna_estimator.metrics.reported import METRICS

    primary = METRICS[result.primary].heading
    return {
        "+/-": f"half the corrected 95 % interval of {primary}, the primary question",
        "mse diff": f"mse less that of {result.baseline_}",
        "p": "of mse diff, corrected t test with Holm's adjustment",
        "fit s": "median seconds of a fit",
        **{each.heading: each.legend for each in METRICS.values() if each.legend},
    }


def _comparison_columns(result: "ComparisonResult") -> dict[str, list[str]]:
    """Return the cells of the printed table, the best at the primary question first."""
    from sgrna_estimator.metrics.reported import METRICS

    models = result.summary(result.primary)["estimator"].tolist()
    columns = {"model": models}
    for name, metric in METRICS.items():
        if name not in result.splits_with_metric_:
            continue
        table = result.summary(name).set_index("estimator").loc[models]
        columns[metric.heading] = [
            show_number(mean, metric.decimals) for mean in table["mean"]
        ]
        if name == result.primary:
            columns["+/-"] = [
                show_number(each, metric.decimals) for each in _longer_half(table)
            ]
        elif name == "mse":
            columns["mse diff"] = [f"{each:+.3g}" for each in table["difference"]]
            columns["p"] = [
                f"{p:.3f}" if p >= 0.001 else "<0.001" for p in table["p_adjusted"]
            ]
    baseline = models.index(result.baseline_)
    columns["mse diff"][baseline] = columns["p"][baseline] = "-"
    # The median, because the first fit of a worker process loads compiled code.
    seconds = result.scores_.groupby("estimator")["fit_seconds"].median()[models]
    columns["fit s"] = [f"{each:.2f}" for each in seconds]
    return columns


def show_number(mean: float, decimals: int | None) -> str:
    """Return a mean with so many decimals, or with four digits."""
    if decimals is None:
        return f"{mean:#.4g}".rstrip(".")
    return f"{mean:.{decimals}f}"


def align_columns(columns: dict[str, list[str]]) -> list[str]:
    """Return the lines of a table, the first column to the left."""
    cells = [[heading, *column] for heading, column in columns.items()]
    aligned = []
    for number, column in enumerate(cells):
        width = max(map(len, column))
        justify = str.rjust if number else str.ljust
        aligned.append([justify(cell, width) for cell in column])
    return ["  ".join(row) for row in zip(*aligned, strict=True)]
