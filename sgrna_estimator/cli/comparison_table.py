"""The comparison as the command line prints it."""

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sgrna_estimator.comparison.result import ComparisonResult


# Columns of the printed table, in the order in which a narrow terminal does without.
_EXPENDABLE = ("pearson", "fit s", "r2", "within", "+/-")


_CORRELATIONS = {
    "active": "active",
    "within": "within_group_spearman",
    "pearson": "pearson",
    "r2": "r2",
}


def print_comparison(result: "ComparisonResult") -> None:
    """Print the scores of all models, and in words what they show.

    To a terminal, as many columns as fit; to anything else, all of them, and each
    paragraph in one line.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    columns = _comparison_columns(result)
    lines = _align(columns)
    left_out = []
    for heading in [each for each in _EXPENDABLE if each in columns]:
        if width is None or len(lines[0]) <= width:
            break
        del columns[heading]
        left_out.append(heading)
        lines = _align(columns)
    legend = {
        "+/-": "half the corrected 95 % interval of spearman",
        "active": "spearman with the probability that a guide is active, by a mixture "
        "of all guides",
        "within": "mean spearman within genes",
        "mse diff": f"mse less that of {result.baseline_}",
        "p": "of mse diff, corrected t test with Holm's adjustment",
        "fit s": "median seconds of a fit",
    }
    explained = [f"{key}: {text}" for key, text in legend.items() if key in columns]
    paragraphs = [
        f"Means over {len(result.splits_)} folds. {'; '.join(explained)}. "
        "nan where predictions do not vary.",
        *([f"Left out for want of room: {', '.join(left_out)}."] if left_out else []),
        *(f"- {sentence}" for sentence in result.verdict()),
    ]
    print("\n".join(lines), end="\n\n")
    for paragraph in paragraphs:
        print(textwrap.fill(paragraph, width) if width else paragraph)


def _comparison_columns(result: "ComparisonResult") -> dict[str, list[str]]:
    """Return the cells of the printed table, the best model by Spearman first."""
    models = result.summary("spearman")["estimator"].tolist()
    of_metric = {
        metric: result.summary(metric).set_index("estimator").loc[models]
        for metric in result.greater_is_better_
    }
    spearman, mse = of_metric["spearman"], of_metric["mse"]
    # The median, because the first fit of a worker process loads compiled code.
    seconds = result.scores_.groupby("estimator")["fit_seconds"].median()[models]
    columns = {
        "model": models,
        "spearman": [f"{mean:.3f}" for mean in spearman["mean"]],
        "+/-": [f"{half:.3f}" for half in spearman["upper"] - spearman["mean"]],
    }
    for heading, metric in _CORRELATIONS.items():
        if metric in of_metric:
            columns[heading] = [f"{mean:.3f}" for mean in of_metric[metric]["mean"]]
    columns["mse"] = [f"{mean:#.4g}".rstrip(".") for mean in mse["mean"]]
    columns["mse diff"] = [f"{difference:+.3g}" for difference in mse["difference"]]
    columns["p"] = [f"{p:.3f}" if p >= 0.001 else "<0.001" for p in mse["p_adjusted"]]
    baseline = models.index(result.baseline_)
    columns["mse diff"][baseline] = columns["p"][baseline] = "-"
    columns["fit s"] = [f"{each:.2f}" for each in seconds]
    return columns


def _align(columns: dict[str, list[str]]) -> list[str]:
    """Return the lines of a table, the first column to the left."""
    cells = [[heading, *column] for heading, column in columns.items()]
    aligned = []
    for number, column in enumerate(cells):
        width = max(map(len, column))
        justify = str.rjust if number else str.ljust
        aligned.append([justify(cell, width) for cell in column])
    return ["  ".join(row) for row in zip(*aligned, strict=True)]
