"""``sgrna-estimator design``: from a FASTA to the guides to order."""

import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.exceptions

from sgrna_estimator.cli.compare import _check_apart
from sgrna_estimator.cli.screen import read_as_written
from sgrna_estimator.cli.terminal import PROGRAM, Stop, bad_input, say
from sgrna_estimator.storage.model_file import FittedModel, read_model
from sgrna_estimator.storage.whole_files import (
    check_output,
    check_separator,
    write,
    write_table,
)

if TYPE_CHECKING:
    import pandas as pd

    from sgrna_estimator.datasets import GuideTable
    from sgrna_estimator.design.guides import Design
    from sgrna_estimator.sequences.layout import GuideLayout

_OTHER_OUTPUTS = (".bed", ".parquet")
_SECONDS_BETWEEN_LINES = 10.0
# What a library's own columns say: they are not added to it.
_IN_THE_LIBRARY = ["region", "spacer", "row"]


def design(
    context: typer.Context,
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="File that fit wrote.")
    ],
    fasta: Annotated[
        Path,
        typer.Argument(
            metavar="FASTA",
            help="Sequences to find guides in, also compressed; - is standard input.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the guides here (.tsv, .csv, also compressed, .parquet, or .bed "
            "for CRISPRware and GuideScan2) instead of to standard output.",
        ),
    ] = None,
    regions: Annotated[
        list[str] | None,
        typer.Option(
            "--regions",
            metavar="BED|chr:first-last",
            help="Where protospacers must lie; may be repeated. Regions of one name (the "
            "exons of a gene) are one. By default each sequence is a region.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            "--layout",
            metavar="4+20+NGG+3|SpCas9|Cas12a|CRISPRa",
            help="Layout of the guides with the letters of the PAM, if MODEL does not "
            "know them.",
        ),
    ] = None,
    top: Annotated[
        int,
        typer.Option(
            "--top", metavar="N", min=1, help="Guides to pick in each region."
        ),
    ] = 4,
    spacing: Annotated[
        int,
        typer.Option(
            "--spacing",
            metavar="N",
            min=0,
            help="Letters between the cuts of two picks, at the least.",
        ),
    ] = 0,
    avoid: Annotated[
        list[str] | None,
        typer.Option(
            "--avoid",
            metavar="ENZYME,...",
            help="Restriction enzymes that must not cut a spacer, such as BsmBI.",
        ),
    ] = None,
    allow_terminators: Annotated[
        bool,
        typer.Option(
            "--allow-terminators",
            help="Pick guides with TTTT as well, which ends their transcription from U6: "
            "for guides that are ordered as RNA.",
        ),
    ] = False,
    genome: Annotated[
        Path | None,
        typer.Option(
            "--genome",
            metavar="FASTA",
            help="Count here how often each spacer stands beside a PAM, and pick none "
            "that does so twice. This is no search for off-targets.",
        ),
    ] = None,
    spacers: Annotated[
        Path | None,
        typer.Option(
            "--spacers",
            metavar="TABLE",
            help="Find the bare spacers of this table in FASTA, and rank them, instead "
            "of all sites.",
        ),
    ] = None,
    sequence: Annotated[
        str | None,
        typer.Option(
            "--sequence", metavar="COLUMN", help="Column of the spacers in that table."
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups",
            metavar="COLUMN",
            help="Column of the gene in that table, within which spacers are ranked.",
        ),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Write all guides, also those that were not picked, and why."
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Draw the regions on a page of HTML here."
        ),
    ] = None,
) -> None:
    """Find the guides of a FASTA, rank them by a fitted model and pick the best.

    Columns are called as CRISPick calls them, where it has them. On-Target Efficacy
    Score is what MODEL predicts, in the unit that it was fitted to (after fit --score,
    the probability that the guide is active). Guides of which training had none alike
    say so in unlike_training.

    A MODEL file holds no code: one from somebody else is safe to read.
    """
    inputs = [model, fasta, *filter(None, (genome, spacers))]
    _check_outputs(output, report, inputs)
    _check_options(spacers, sequence, groups, regions)
    from sgrna_estimator.design.describe import describe_design
    from sgrna_estimator.design.enzymes import recognition_sites
    from sgrna_estimator.design.layouts import doubt_of_layout, layout_of_sites

    enzymes = [name for each in avoid or [] for name in each.split(",")]
    with bad_input():
        sites = recognition_sites(filter(None, map(str.strip, enzymes)))
        fitted = read_model(model)
    with bad_input(f"{model}: "):
        own = layout_of_sites(fitted.layout, layout, fitted.summary["longest"])
    if doubt := doubt_of_layout(own, fitted.summary):
        say(doubt)
    options = {
        "genome": None if genome is None else _read(genome),
        "avoid": sites,
        "top": top,
        "spacing": spacing,
        "allow_terminators": allow_terminators,
    }
    library = None
    if spacers is not None:
        library = _read_library(spacers, sequence, groups)
        found = _locate(fitted, library, fasta, own, options)
    else:
        found = _design(fitted, fasta, own, regions, options)
    notes = describe_design(found, top)
    for note in notes:
        say(note)
    _write(found, output, library, every or library is not None)
    if report is not None:
        unit = (
            f"P(active), from {fitted.target}" if fitted.tells_active else fitted.unit
        )
        _write_report(
            found,
            notes,
            unit=unit,
            title=fasta.name,
            command=shlex.join([PROGRAM, *context.obj]),
            report=report,
        )


# Before the work ----------------------------------------------------------------------


def _check_outputs(
    output: Path | None, report: Path | None, inputs: list[Path]
) -> None:
    """Refuse files that cannot be written, before anything is read."""
    if output is not None:
        if output.suffix.lower() not in _OTHER_OUTPUTS:
            check_separator(output, _OTHER_OUTPUTS)
        _check_apart(output, report, "--report")
    for path in filter(None, (output, report)):
        check_output(path, inputs)


def _check_options(
    spacers: Path | None,
    sequence: str | None,
    groups: str | None,
    regions: list[str] | None,
) -> None:
    """Refuse options that the other way of working does not look at."""
    if spacers is None and (sequence or groups):
        raise Stop("--sequence and --groups name columns of --spacers TABLE")
    if spacers is not None and regions:
        raise Stop("--regions are for all sites of a FASTA, not for --spacers")


def _read_library(path: Path, sequence: str | None, groups: str | None) -> "GuideTable":
    """Read a table of bare spacers."""
    from sgrna_estimator.datasets import load_table
    from sgrna_estimator.datasets.files import read_table
    from sgrna_estimator.design.table import HEADINGS

    with bad_input():
        columns = list(map(str, read_table(path).columns))
        if sequence is None:
            names = ", ".join(map(repr, columns))
            raise Stop(f"--sequence must name a column of {path}: {names}")
        added = [
            heading for name, heading in HEADINGS.items() if name not in _IN_THE_LIBRARY
        ]
        for name in added:
            if name in columns:
                raise Stop(f"{path}: there is a column {name!r} already: rename it")
        # Lengths are for `locate_guides` to check: it knows which is right.
        return load_table([path], sequence=sequence, groups=groups, align="left")


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Read the records of a FASTA; say now and then how far it is."""
    from sgrna_estimator.sites import read_fasta

    n_bases, said = 0, monotonic()
    for name, sequence in read_fasta(path):
        yield name, sequence
        n_bases += len(sequence)
        if monotonic() - said >= _SECONDS_BETWEEN_LINES:
            said = monotonic()
            say(f"{n_bases:,} bases of {path} searched")


# The work -----------------------------------------------------------------------------


def _design(
    fitted: FittedModel,
    fasta: Path,
    layout: "GuideLayout",
    regions: list[str] | None,
    options: dict[str, Any],
) -> "Design":
    """Find and rank all guides of a FASTA, or of regions of it."""
    from sgrna_estimator.design.guides import design_guides
    from sgrna_estimator.sites import read_regions

    with bad_input():
        where = [region for each in regions or [] for region in read_regions(each)]
        say(f"searching {fasta} for {layout}")
        return design_guides(
            fitted, _read(fasta), layout, regions=where or None, **options
        )


def _locate(
    fitted: FittedModel,
    library: "GuideTable",
    fasta: Path,
    layout: "GuideLayout",
    options: dict[str, Any],
) -> "Design":
    """Find and rank the spacers of a table."""
    from sgrna_estimator.design.guides import locate_guides
    from sgrna_estimator.sequences.codes import SequenceError

    say(f"searching {fasta} for {len(library)} spacers of {layout}")
    with bad_input():
        try:
            return locate_guides(
                fitted,
                library.sequences,
                _read(fasta),
                layout,
                groups=library.groups,
                **options,
            )
        except SequenceError as error:
            raise Stop(
                f"{library.locate(error.rows)}: in the column "
                f"{library.sequences.name!r} {error.expected}, but {error.found}"
            ) from None


# After it -----------------------------------------------------------------------------


def _write(
    found: "Design",
    output: Path | None,
    library: "GuideTable | None",
    every: bool,
) -> None:
    """Write the picks, or all guides, to a file or to standard output."""
    from sgrna_estimator.design.bed import to_bed

    guides = found.guides if every else found.guides[found.guides["pick"].notna()]
    if output is not None and output.suffix.lower() == ".bed":
        placed = guides[guides["start"].notna()]
        with bad_input(f"{output}: "):
            text = to_bed(placed, found.layout)
        write(output, lambda file: file.write_text(text, encoding="utf-8"))
        n_written = len(placed)
    else:
        table = _table_of(guides, library)
        n_written = len(table)
        if output is None:
            print(table.to_csv(sep="\t", index=False), end="", flush=True)
            return
        if output.suffix.lower() == ".parquet":
            write(output, partial(table.to_parquet, index=False))
        else:
            write_table(table, output)
    say(f"wrote {n_written} guides to {output}")


def _table_of(guides: "pd.DataFrame", library: "GuideTable | None") -> "pd.DataFrame":
    """Return the table to write; of a library its own columns come first."""
    from sgrna_estimator.design.table import to_table

    if library is None:
        return to_table(guides)
    written = read_as_written([Path(library.source["file"].iloc[0])])
    own = written.iloc[guides["row"]].reset_index(drop=True)
    added = to_table(guides.drop(columns=_IN_THE_LIBRARY))
    return own.join(added.reset_index(drop=True))


def _write_report(
    found: "Design",
    notes: list[str],
    *,
    unit: str,
    title: str,
    command: str,
    report: Path,
) -> None:
    """Draw the regions on a page."""
    from sgrna_estimator.design.page import render_design

    page = render_design(
        found.guides, unit=unit, title=title, notes=notes, command=command
    )
    write(report, lambda file: file.write_text(page, encoding="utf-8"))
    say(f"wrote {report}")
