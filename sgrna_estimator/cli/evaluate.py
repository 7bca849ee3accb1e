"""``sgrna-estimator evaluate``: score a fitted model on guides that it has not seen."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import typer.exceptions

from sgrna_estimator.cli.compare import _check_apart
from sgrna_estimator.cli.comparison_table import align_columns, show_number
from sgrna_estimator.cli.options import TABLE
from sgrna_estimator.cli.predict import check_new_columns
from sgrna_estimator.cli.screen import find_beyond, find_doubts, read_as_written
from sgrna_estimator.cli.terminal import Stop, bad_input, say, show_progress
from sgrna_estimator.storage.model_file import FittedModel, read_model
from sgrna_estimator.storage.whole_files import (
    check_output,
    check_separator,
    write_table,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sgrna_estimator.comparison.evaluation import Evaluation
    from sgrna_estimator.datasets import GuideTable

_N_RESAMPLES = 2000
# Below this, intervals of a simulation held the truth in about 90 % of the runs, not 95 %.
_FEW_GENES = 10
# The genes of a longer list are in the file that --per-gene names.
_MOST_GENES_PRINTED = 30


def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="File that fit wrote.")
    ],
    tables: Annotated[list[Path], TABLE],
    sequence: Annotated[
        str | None,
        typer.Option(
            "--sequence",
            metavar="COLUMN",
            help="Column of the sequences, if not called as in training.",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            metavar="COLUMN",
            help="Column of the measurements, if not called as in training: log2 fold "
            "changes for a model that was fitted with --score.",
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups",
            metavar="COLUMN",
            help="Column of the gene: also score within genes, and resample whole genes "
            "for the intervals.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            "--layout",
            metavar="4+20+3+3",
            help="Where the spacers are, as for fit, if MODEL does not know it: guides "
            "of training are told by them.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the tables' columns, the prediction and whether the guide was in "
            "training here (.csv, .tsv, also compressed).",
        ),
    ] = None,
    per_gene: Annotated[
        Path | None,
        typer.Option(
            "--per-gene",
            metavar="FILE",
            help="Write guides and Spearman of each gene of --groups here (.csv, .tsv).",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=2**32 - 1, help="Seed of the intervals."
        ),
    ] = 0,
) -> None:
    """Score a fitted model on tables of guides with measurements.

    Guides that the model, or the network it began from, has learnt from are left out.
    The intervals are the 95 % intervals of this model on other guides of the kind; how
    well another fit would do is for compare to say.

    A MODEL file holds no code: one from somebody else is safe to read.
    """
    if per_gene is not None and groups is None:
        raise Stop("--per-gene needs --groups, which names the column of the gene")
    for path in filter(None, (output, per_gene)):
        check_separator(path)
        check_output(path, [model, *tables])
    if output is not None:
        _check_apart(output, per_gene, "--per-gene")
    fitted, table = _read(model, tables, sequence, target, groups)
    if output is not None:
        with bad_input():
            written = read_as_written(tables)
            names = [*fitted.predictor.names, "in_training"]
            check_new_columns(table.source["file"].iloc[0], written.columns, names)
    predictions = _predict(fitted, table)
    in_training = _find_training_guides(model, fitted, table, layout)
    if in_training is None:
        fresh, predicted = table, predictions["prediction"].to_numpy()
    else:
        fresh = table.take(~in_training)
        predicted = predictions.loc[~in_training, "prediction"].to_numpy()
    for doubt in find_doubts(fresh, to_learn=False) + _doubts_of_bounds(fresh, fitted):
        say(doubt)
    _print_scores(fresh, predicted, seed)
    if fresh.groups is not None:
        _tell_genes(fresh.target, predicted, fresh.groups, per_gene)
    if output is not None:
        if in_training is not None:
            predictions["in_training"] = in_training
        write_table(written.join(predictions), output)
        say(f"wrote {len(written)} predictions to {output}")


def _read(
    model: Path,
    tables: list[Path],
    sequence: str | None,
    target: str | None,
    groups: str | None,
) -> tuple[FittedModel, "GuideTable"]:
    """Read a model, and tables of what it was fitted to."""
    from dataclasses import replace

    from sgrna_estimator.datasets import load_table
    from sgrna_estimator.datasets.standardized import standardize_tables

    with bad_input():
        fitted = read_model(model)
        table = load_table(
            tables,
            sequence=sequence or fitted.sequence,
            target=target or fitted.target,
            groups=groups,
            covariates=fitted.covariate_columns,
            categories=fitted.categories,
            unknown=fitted.unknown,
            align=fitted.align,
        )
    table = replace(table, is_log2fc=fitted.tells_active)
    if not fitted.is_standardized:
        return fitted, table
    say(
        "each table's measurements are standardised, as those were that MODEL learnt from"
    )
    with bad_input():
        return fitted, standardize_tables(table)


def _predict(fitted: FittedModel, table: "GuideTable") -> "pd.DataFrame":
    """Predict the guides of a table; say where sequences are that do not fit the model."""
    from sgrna_estimator.sequences.codes import SequenceError

    with bad_input(), show_progress("guides") as progress:
        try:
            return fitted.predict(table.features, progress)
        except SequenceError as error:
            raise Stop(
                f"{table.locate(error.rows)}: in the sequence column "
                f"{table.sequences.name!r} {error.expected}, but {error.found}"
            ) from None


def _doubts_of_bounds(table: "GuideTable", fitted: FittedModel) -> list[str]:
    """Say if measurements are beyond what the model was told that they can be."""
    if fitted.bounds is None:
        return []
    beyond = find_beyond(table, fitted.bounds)
    if not beyond.size:
        return []
    low, high = fitted.bounds
    return [
        f"{table.locate(beyond)}: measurements in {table.target.name!r} are beyond the "
        f"bounds {low:g} and {high:g} that the model was fitted with (first "
        f"{table.target.iloc[beyond[0]]:g}): are they in the same unit?"
    ]


def _find_training_guides(
    model: Path, fitted: FittedModel, table: "GuideTable", layout: str | None
) -> "NDArray[np.bool_] | None":
    """Tell which guides the model has learnt from, or say why that cannot be told."""
    from sgrna_estimator.comparison.training_guides import (
        CannotTellError,
        find_training_guides,
    )
    from sgrna_estimator.sequences.layout import as_layout

    with bad_input():
        own, given = as_layout(fitted.layout), as_layout(layout)
    if own is not None and given is not None:
        with bad_input(f"{model}: "):
            own = own.joined(given)
    try:
        known = find_training_guides(fitted, table.sequences, own or given)
    except CannotTellError as reason:
        say(
            "whether the model has seen these guides cannot be told, because "
            f"{reason}: scores may be too good"
        )
        return None
    if known.all():
        raise Stop(
            f"{table.name}: the model or its prior has learnt from all {len(known)} "
            "guides, so that none is left to evaluate it on"
        )
    say(
        f"{known.sum()} of {len(known)} guides left out, because the model or its prior "
        "has learnt from them"
        if known.any()
        else f"the model has learnt from none of these {len(known)} guides"
    )
    return known


def _print_scores(table: "GuideTable", predicted: "NDArray", seed: int) -> None:
    """Print a line a metric, and in words what they show."""
    from sgrna_estimator.comparison.evaluation import (
        describe_evaluation,
        evaluate_predictions,
    )

    with show_progress("bootstrap samples") as progress:
        found = evaluate_predictions(
            table.target,
            predicted,
            table.groups,
            n_resamples=_N_RESAMPLES,
            random_state=seed,
            progress=progress,
        )
    print("\n".join(align_columns(_score_columns(found.scores))), end="\n\n")
    print(_describe_intervals(found, table))
    for sentence in describe_evaluation(found.scores):
        print(f"- {sentence}")


def _score_columns(scores: "pd.DataFrame") -> dict[str, list[str]]:
    """Return the cells of the printed table."""
    from sgrna_estimator.comparison.evaluation import CONSTANT
    from sgrna_estimator.metrics.reported import METRICS, find_metric

    labels = {name: metric.label for name, metric in METRICS.items()}
    labels[CONSTANT] = "Mean squared error of the mean of these guides"
    decimals = [find_metric(name).decimals for name in scores.index]
    shown = {
        column: [
            show_number(value, places)
            for value, places in zip(scores[column], decimals, strict=True)
        ]
        for column in scores
    }
    return {
        "metric": [labels[name] for name in scores.index],
        "value": shown["value"],
        "lower": shown["lower"],
        "upper": shown["upper"],
    }


def _describe_intervals(found: "Evaluation", table: "GuideTable") -> str:
    """Say what lower and upper are, and what they rest on."""
    n_guides = len(table)
    told = (
        f"{n_guides} guides. lower and upper: 95 % interval, {_N_RESAMPLES:,} bootstrap "
        f"samples of the {found.n_resampled} "
    )
    if found.by_group:
        few = ": few, so that the interval is somewhat too narrow"
        return f"{told}genes{few if found.n_resampled < _FEW_GENES else ''}."
    told += "guides"
    if table.groups is None:
        return f"{told}, each on its own: with --groups whole genes are drawn."
    n_genes = table.groups.nunique()
    return (
        f"{told}, for {n_genes} gene{'s are' if n_genes > 1 else ' is'} too few to draw: "
        "caution, what is particular to these genes is not in it."
    )


def _tell_genes(
    measured: "pd.Series",
    predicted: "NDArray",
    groups: "pd.Series",
    output: Path | None,
) -> None:
    """Write the scores of each gene, and print them if they are few."""
    from sgrna_estimator.comparison.evaluation import score_groups

    genes = score_groups(measured, predicted, groups)
    if output is not None:
        write_table(genes, output)
        say(f"wrote {len(genes)} genes to {output}")
    if len(genes) <= _MOST_GENES_PRINTED:
        cells = {
            "gene": genes["group"].astype(str).tolist(),
            "guides": genes["n_guides"].astype(str).tolist(),
            "spearman": [show_number(each, 3) for each in genes["spearman"]],
        }
        print("", *align_columns(cells), sep="\n")
