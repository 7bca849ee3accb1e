"""``sgrna-estimator mixture``: tell which guides of a screen are active."""

import math
from pathlib import Path
from typing import Annotated, Literal

import typer
import typer.exceptions

from sgrna_estimator.cli.compare import _check_apart
from sgrna_estimator.cli.options import (
    TABLE,
    ScreenColumn,
)
from sgrna_estimator.cli.screen import (
    find_controls,
    find_screens,
    read_as_written,
)
from sgrna_estimator.cli.terminal import (
    Stop,
    bad_input,
    say,
)
from sgrna_estimator.storage.whole_files import (
    check_output,
    check_separator,
    write_table,
)


def mixture(
    tables: Annotated[list[Path], TABLE],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the tables' columns and the columns mixture_probs, gene_effect "
            "and mixing here (.csv, .tsv, also compressed).",
        ),
    ],
    score: Annotated[
        str | None,
        typer.Option(
            "--score", metavar="COLUMN", help="Column of the log2 fold changes."
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option("--groups", metavar="COLUMN", help="Column of the gene."),
    ] = None,
    screens: ScreenColumn = None,
    controls: Annotated[
        list[str] | None,
        typer.Option(
            "--controls",
            metavar="LABEL",
            help="Label in the --groups column of negative-control guides, to whom "
            "alone the null is fitted then; may be repeated.",
        ),
    ] = None,
    direction: Annotated[
        Literal["auto", "positive", "negative"],
        typer.Option(
            "--direction",
            help="Whether active guides are enriched (positive) or depleted (negative); "
            "by default what explains the guides better.",
        ),
    ] = "auto",
    null: Annotated[
        Literal["t", "normal"],
        typer.Option(
            "--null",
            help="Distribution of inactive guides: t has the tails that the data show, "
            "normal is for noise without outliers.",
        ),
    ] = "t",
    mu1: Annotated[
        float | None,
        typer.Option(
            "--mu1",
            metavar="X",
            help="Mean of the gene effects, log2; estimated by default.",
        ),
    ] = None,
    q0: Annotated[
        float | None,
        typer.Option(
            "--q0",
            metavar="X",
            help="Mean share of a gene's guides that is active; estimated by default.",
        ),
    ] = None,
    genes: Annotated[
        Path | None,
        typer.Option(
            "--genes",
            metavar="FILE",
            help="Write effect and mixing proportion of each gene here, with standard "
            "errors (.csv, .tsv).",
        ),
    ] = None,
) -> None:
    """Tell which guides of a screen are active, from log2 fold changes and genes.

    mixture_probs is the probability that the guide is active, gene_effect the log2 fold
    change of its gene's active guides, mixing the share of them. The last two are empty
    for negative controls, which belong to no gene.
    """
    import numpy as np

    from sgrna_estimator.datasets import load_table
    from sgrna_estimator.mixtures.guide_effect import GuideEffectMixture
    from sgrna_estimator.mixtures.screens import fit_mixtures
    from sgrna_estimator.mixtures.tables import (
        describe_genes,
        describe_guides,
        describe_screens,
    )

    if score is None:
        raise Stop("--score must name a column of the table")
    if controls and groups is None:
        raise Stop("--controls is a label in the column that --groups names")
    for path in filter(None, (output, genes)):
        check_separator(path)
        check_output(path, tables)
    _check_apart(output, genes, "--genes")
    _check_constants(mu1, q0)
    with bad_input():
        table = load_table(
            tables, sequence=None, target=score, groups=groups, screens=screens
        )
        written = read_as_written(tables)
    with bad_input(f"{', '.join(map(str, tables))}: "):
        is_control = find_controls(table, controls or [])
        fitted = fit_mixtures(
            GuideEffectMixture(mu1=mu1, q0=q0, null=null, direction=direction),
            table.target.to_numpy(),
            table.groups,
            find_screens(table),
            is_control,
        )
    without = fitted.screens[np.bincount(fitted.screen, is_control) == 0]
    if controls and without.size:
        say(
            "no negative controls, so that the null is estimated from all guides, in "
            f"screen {', '.join(map(str, without))}"
        )
    guides = describe_guides(fitted, table.groups, is_control)
    if groups is None:
        say("without --groups, all guides of a screen are taken for those of one gene")
    replaced = [str(name) for name in guides if name in written]
    if replaced:
        say(f"the columns {', '.join(replaced)} of the tables are written anew")
    write_table(written.drop(columns=replaced).join(guides), output)
    if genes is not None:
        write_table(describe_genes(fitted), genes)
    print(describe_screens(fitted, is_control).to_string(index=False))
    say(f"wrote {len(written)} guides to {output}")


def _check_constants(mu1: float | None, q0: float | None) -> None:
    """Refuse constants of the mixture that cannot be."""
    if mu1 is not None and not math.isfinite(mu1):
        raise Stop(f"--mu1 must be a finite number, not {mu1}")
    if q0 is not None and not 0 < q0 < 1:
        raise Stop(f"--q0 must be above 0 and below 1, not {q0}")
