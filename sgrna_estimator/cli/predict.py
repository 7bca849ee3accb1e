"""``sgrna-estimator predict``: predict the activity of guides."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import typer.exceptions

from sgrna_estimator.cli.options import (
    TABLE,
)
from sgrna_estimator.cli.terminal import (
    Stop,
    bad_input,
    say,
    show_progress,
)
from sgrna_estimator.storage.model_file import FittedModel, read_model
from sgrna_estimator.storage.whole_files import (
    check_output,
    check_separator,
    write_table,
)

if TYPE_CHECKING:
    import pandas as pd

    from sgrna_estimator.datasets import GuideTable


def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="File that fit wrote.")
    ],
    tables: Annotated[list[Path], TABLE],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the tables' columns and the prediction here (.csv, .tsv, also "
            "compressed).",
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
) -> None:
    """Predict the activity of the guides in tables.

    Adds the column prediction, in the unit of the target that the model was fitted to.
    After fit --score that is the log2 fold change expected in a new gene (low where
    active guides are depleted), and the column p_active is the probability that the
    guide is active.

    A MODEL file holds no code: one from somebody else is safe to read.
    """
    from sgrna_estimator.datasets import load_table

    check_separator(output)
    check_output(output, [model, *tables])
    with bad_input():
        fitted = read_model(model)
        table = load_table(
            tables,
            sequence=sequence or fitted.sequence,
            covariates=fitted.covariates,
            unknown=fitted.unknown,
            align=fitted.align,
        )
        _check_new_columns(table, fitted)
        written = _read_as_written(tables)
    predictions = _predict(fitted, table)
    write_table(written.join(predictions), output)
    say(f"wrote {len(written)} predictions to {output}")
    if fitted.tells_active:
        say(
            "prediction is the log2 fold change expected in a new gene, p_active the "
            "probability that the guide is active"
        )


def _check_new_columns(table: "GuideTable", fitted: FittedModel, *more: str) -> None:
    """Refuse a table that has a column of the name of one that is to be added."""
    for name in ("prediction", *(["p_active"] if fitted.tells_active else []), *more):
        if name in table.frame:
            raise Stop(
                f"{table.source['file'].iloc[0]}: there is a column {name!r} already: "
                "rename it"
            )


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


def _read_as_written(tables: list[Path]) -> "pd.DataFrame":
    """Put tables one below the other: 007 and 1.50 stay as they are.

    Of columns that only some of the tables have, it says that they are left out.
    """
    import pandas as pd

    from sgrna_estimator.datasets.files import read_table

    frames = [read_table(path) for path in tables]
    written = pd.concat(frames, join="inner", ignore_index=True)
    names = dict.fromkeys(name for frame in frames for name in frame)
    partial_names = [str(name) for name in names if name not in written]
    if partial_names:
        say(
            f"left out, because not all tables have them: the columns "
            f"{', '.join(partial_names)}"
        )
    return written
