"""``sgrna-estimator predict``: predict the activity of guides."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
import typer.exceptions

from sgrna_estimator.cli.standard_streams import bytes_to_standard_output
from sgrna_estimator.cli.terminal import (
    Stop,
    bad_input,
    say,
    show_progress,
)
from sgrna_estimator.storage.model_file import FittedModel, read_model
from sgrna_estimator.storage.whole_files import check_output, whole_file

if TYPE_CHECKING:
    import pyarrow as pa

    from sgrna_estimator.datasets.streams import GuideStream, Rejected
    from sgrna_estimator.storage.streamed_predictions import PredictedBatch
    from sgrna_estimator.storage.table_writers import Format, Write

_STANDARD_OUTPUT = Path("-")
_REJECTED = ".rejected.tsv"


def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="File that fit wrote.")
    ],
    tables: Annotated[
        list[Path],
        typer.Argument(
            metavar="TABLE",
            help="Table of guides: .tsv, .csv, .txt or .parquet, or sequences: .fasta, "
            "also compressed; - is standard input. Several are put one below the other.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the tables' columns and the prediction here (.csv, .tsv, of "
            "FASTA also .fasta, also compressed; .parquet); - is standard output.",
        ),
    ],
    sequence: Annotated[
        str | None,
        typer.Option(
            "--sequence",
            metavar="COLUMN",
            help="Column of the sequences, if not called as in training.",
        ),
    ] = None,
    on_error: Annotated[
        Literal["stop", "report"],
        typer.Option(
            "--on-error",
            help="What to do about a row that cannot be predicted: stop, or leave it out "
            "and write its number and the reason to a file.",
        ),
    ] = "stop",
    rejected: Annotated[
        Path | None,
        typer.Option(
            "--rejected",
            metavar="FILE",
            help="That file, with --on-error=report (.tsv, .csv); by default that of -o "
            f"with {_REJECTED} behind its name.",
        ),
    ] = None,
    kind: Annotated[
        Literal["tsv", "csv", "fasta", "parquet"],
        typer.Option("--format", help="What to write to standard output."),
    ] = "tsv",
) -> None:
    """Predict the activity of the guides in tables of any size.

    Adds the column prediction, in the unit of the target that the model was fitted to.
    After fit --score that is the log2 fold change expected in a new gene (low where
    active guides are depleted), and the column p_active is the probability that the
    guide is active. Of several networks, std is how much they differ; lower and upper
    are the bounds between which 80 % of the measurements of new guides are, by those
    that fit held out.

    A MODEL file holds no code: one from somebody else is safe to read.
    """
    from sgrna_estimator.datasets.streams import GuideStream
    from sgrna_estimator.storage.streamed_predictions import predict_stream
    from sgrna_estimator.storage.table_writers import Format, format_of

    form = Format(kind) if output == _STANDARD_OUTPUT else format_of(output)
    side_file = _check_side_file(output, rejected, on_error)
    for path in filter(None, (output, side_file)):
        if path != _STANDARD_OUTPUT:
            check_output(path, [model, *tables])
    found: list[Rejected] = []
    reject = found.append if side_file else None
    with bad_input():
        fitted = read_model(model)
        with GuideStream(
            tables,
            sequence=sequence or fitted.sequence,
            covariates=fitted.covariate_columns,
            categories=fitted.categories,
            reject=reject,
        ) as stream:
            names = fitted.predictor.names
            check_new_columns(stream.files[0], stream.names, names)
            _check_columns(stream, form, output)
            batches = predict_stream(fitted, stream, reject)
            schema = _with_predictions(stream.schema, names)
            with (
                _open_table(output, form, schema) as write,
                _open_side_file(side_file) as write_rejected,
            ):
                counts = _write(batches, write, found, write_rejected)
    _tell(counts, output, side_file, fitted)


def check_new_columns(
    file: str, names: Iterable[str], new_names: Iterable[str]
) -> None:
    """Refuse a table that has a column of the name of one that is to be added.

    Parameters
    ----------
    file : str
        What messages call the table.
    names, new_names : iterable of str
        Its columns, and those to be added.

    Raises
    ------
    Stop
    """
    taken = set(names)
    for name in new_names:
        if name in taken:
            raise Stop(f"{file}: there is a column {name!r} already: rename it")


def _check_side_file(output: Path, rejected: Path | None, on_error: str) -> Path | None:
    """Return where to write the rows that are left out, if any may be."""
    from sgrna_estimator.storage.whole_files import check_separator

    if on_error == "stop":
        if rejected is not None:
            raise Stop("--rejected is for --on-error=report")
        return None
    if rejected is None:
        if output == _STANDARD_OUTPUT:
            raise Stop("--on-error=report with -o - needs --rejected, a file for them")
        return output.with_name(output.name + _REJECTED)
    check_separator(rejected)
    if realpath(rejected) == realpath(output):
        raise Stop(f"{output}: --output and --rejected are the same file")
    return rejected


def _check_columns(stream: "GuideStream", form: "Format", output: Path) -> None:
    """Say which columns are left out, refuse to leave out those that FASTA cannot hold."""
    if form.kind == "fasta" and not stream.is_fasta:
        raise Stop(
            f"{output}: FASTA has no place for the columns of a table; write a table, or "
            "predict sequences in FASTA"
        )
    if stream.left_out:
        say(
            f"left out, because not all tables have them: the columns "
            f"{', '.join(stream.left_out)}"
        )


def _with_predictions(schema: "pa.Schema", names: Iterable[str]) -> "pa.Schema":
    import pyarrow as pa

    for name in names:
        schema = schema.append(pa.field(name, pa.float64()))
    return schema


@contextmanager
def _open_table(output: Path, form: "Format", schema: "pa.Schema") -> "Iterator[Write]":
    """Give what writes batches of a table to a file, or to standard output."""
    from sgrna_estimator.storage.table_writers import table_writer

    if output == _STANDARD_OUTPUT:
        with (
            bytes_to_standard_output() as stream,
            table_writer(stream, form, schema, is_pipe=True) as write,
        ):
            yield write
        return
    with (
        whole_file(output) as temporary,
        temporary.open("wb") as file,
        table_writer(file, form, schema) as write,
    ):
        yield write


@contextmanager
def _open_side_file(path: Path | None) -> "Iterator[Callable[[list[Rejected]], int]]":
    """Give what writes rows that were rejected, and counts them."""
    import pyarrow as pa

    from sgrna_estimator.datasets.streams import Rejected
    from sgrna_estimator.storage.table_writers import format_of

    if path is None:
        yield len
        return
    kinds = {"row": pa.int64()}
    schema = pa.schema(
        [(name, kinds.get(name, pa.large_string())) for name in Rejected._fields]
    )
    with _open_table(path, format_of(path), schema) as write:

        def write_rows(rows: list[Rejected]) -> int:
            if rows:
                by_row = [
                    row._asdict() for row in sorted(rows, key=lambda row: row.row)
                ]
                write(pa.Table.from_pylist(by_row, schema=schema))
            return len(rows)

        yield write_rows


def _write(
    batches: "Iterator[PredictedBatch]",
    write: "Write",
    found: "list[Rejected]",
    write_rejected: "Callable[[list[Rejected]], int]",
) -> tuple[int, int]:
    """Write guides and the rows that were rejected; return how many there are of each."""
    import pyarrow as pa

    n_predicted = n_rejected = 0
    with show_progress("guides") as progress:
        for guides, predictions in batches:
            table = guides.table
            for name, values in predictions.items():
                table = table.append_column(name, pa.array(values))
            write(table)
            n_predicted += len(guides)
            n_rejected += write_rejected(found)
            found.clear()
            progress(n_predicted + n_rejected, None)
    n_rejected += write_rejected(found)
    return n_predicted, n_rejected


def _tell(
    counts: tuple[int, int], output: Path, side_file: Path | None, fitted: FittedModel
) -> None:
    """Say what was written, and what it means."""
    n_predicted, n_rejected = counts
    place = "standard output" if output == _STANDARD_OUTPUT else output
    say(f"wrote {n_predicted} predictions to {place}")
    if side_file is not None:
        say(f"rejected {n_rejected} rows: {side_file} says which and why")
    if fitted.is_standardized:
        say(f"prediction is {fitted.unit}: it was fitted with --standardize")
    if fitted.tells_active:
        say(
            "prediction is the log2 fold change expected in a new gene, p_active the "
            "probability that the guide is active"
        )
