"""Options that several commands of the command line take."""

from typing import Annotated, Literal

import typer

from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.terminal import PROGRAM

LIST_OF_MODELS = "\b\nModels:\n" + "\n".join(
    f"  {name:<{max(map(len, MODELS))}}  {model.description}"
    for name, model in MODELS.items()
)


def example(arguments: str, *more: str) -> str:
    """Return lines of help that show how a command is used."""
    lines = [f"{PROGRAM} {arguments}", *more]
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def complete_model(begun: str) -> list[tuple[str, str]]:
    """Return the models whose names begin so, and what they are, for the shell."""
    return [
        (name, model.description)
        for name, model in MODELS.items()
        if name.startswith(begun)
    ]


TABLE = typer.Argument(
    metavar="TABLE",
    help="Table of guides: .tsv, .csv, .txt or .parquet, also compressed. Several are "
    "put one below the other.",
)

SequenceColumn = Annotated[
    str | None,
    typer.Option("--sequence", metavar="COLUMN", help="Column of the sequences."),
]

TargetColumn = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="COLUMN",
        help="Column of the measured activities, higher for guides that work better "
        "(indels, ranks, probabilities).",
    ),
]

ScoreColumn = Annotated[
    str | None,
    typer.Option(
        "--score",
        metavar="COLUMN",
        help="Column of log2 fold changes, instead of --target: models learn the "
        "probability that a guide is active, by a mixture fitted to their training "
        "guides alone.",
    ),
]

ScreenColumn = Annotated[
    str | None,
    typer.Option(
        "--screens",
        metavar="COLUMN",
        help="Column of the screen, of which each has a mixture of its own; by default "
        "each TABLE is a screen.",
    ),
]

CovariateColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--covariates",
        metavar="COLUMN",
        help="Column to use beside the sequence: numbers, or text of a few categories; "
        "may be repeated.",
    ),
]

Unknown = Annotated[
    Literal["error", "zero", "spread"],
    typer.Option(
        "--unknown",
        help="Letters other than A, C, G, T and U: refuse them, leave their position "
        "empty, or spread an IUPAC code over the letters it stands for.",
    ),
]

Align = Annotated[
    Literal["left", "right"] | None,
    typer.Option("--align", help="Line sequences of several lengths up at this end."),
]

DropIncomplete = Annotated[
    bool,
    typer.Option(
        "--drop-incomplete",
        help="Leave out the rows in which a cell of a named column is missing, and say "
        "how many, rather than stop.",
    ),
]

Layout = Annotated[
    str | None,
    typer.Option(
        "--layout",
        metavar="4+20+3+3",
        help="Letters before the spacer, of the spacer, of the PAM and after it; with "
        "the PAM in front, 4+PAM4+23+3. Numbers positions and marks the parts. With the "
        "letters of the PAM, 4+20+NGG+3, or a name (SpCas9, Cas12a, CRISPRa), design "
        "knows where to look.",
    ),
]

Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        min=0,
        max=2**32 - 1,
        help="Seed of folds and of training.",
    ),
]
Repeats = Annotated[
    int | None,
    typer.Option(
        "--repeats",
        metavar="N",
        min=1,
        help="How many times folds are drawn: by default 5 up to 5,000 guides, else 1.",
        show_default=False,
    ),
]

Permutations = Annotated[
    int | None,
    typer.Option(
        "--permutations",
        metavar="N",
        min=0,
        help="Fit all models to N permutations of the measurements, within genes, to "
        "tell whether there is any signal; 0: none. By default 99 of ridge, where no "
        "model is shown to rank guides and it takes seconds.",
        show_default=False,
    ),
]

Bounds = Annotated[
    tuple[float, float] | None,
    typer.Option(
        "--bounds",
        metavar="LOW HIGH",
        help="Between which the target can be (0 100 of indels in %): networks and "
        "fractional_logistic learn it by a logistic output and predict nothing beyond.",
        show_default=False,
    ),
]

Standardize = Annotated[
    bool,
    typer.Option(
        "--standardize",
        help="Give the target of each TABLE the mean 0 and the standard deviation 1, for "
        "tables in different units; not with --score and --bounds.",
    ),
]

Prior = Annotated[
    str | None,
    typer.Option(
        "--prior",
        metavar="SCREEN|MODEL",
        help="Begin from a network of a published screen (kim2019, crispron2021, or "
        "both with a comma between them) or from one that fit wrote, rather than from "
        "nothing: for a few hundred guides of SpCas9.",
    ),
]

Networks = Annotated[
    int,
    typer.Option(
        "--networks",
        metavar="N",
        min=1,
        help="Networks of different seeds to average, for models that are networks.",
    ),
]
