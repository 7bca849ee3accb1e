"""``sgrna-estimator effects``: show which base matters where."""

from io import BytesIO
from pathlib import Path
from typing import Annotated, Literal

import typer
import typer.exceptions

from sgrna_estimator.cli.options import (
    Layout,
)
from sgrna_estimator.cli.terminal import (
    Stop,
    bad_input,
    say,
)
from sgrna_estimator.storage.model_file import read_model
from sgrna_estimator.storage.whole_files import (
    check_output,
    check_separator,
    write,
    write_table,
)

_PICTURES = (".png", ".svg", ".pdf")


def effects(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="File that fit wrote.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Draw (.png, .svg, .pdf) or write (.csv, .tsv) the effects here.",
        ),
    ],
    kind: Annotated[
        Literal["heatmap", "logo"],
        typer.Option("--kind", help="Colours, or letters as high as their effect."),
    ] = "heatmap",
    layout: Layout = None,
    numbering: Annotated[
        Literal["spacer", "pam"],
        typer.Option("--numbering", help="Where --layout counts positions from."),
    ] = "spacer",
) -> None:
    """Show what each base at each position adds to a model's prediction.

    A MODEL file holds no code: one from somebody else is safe to read.
    """
    is_picture = output.suffix.lower() in _PICTURES
    if not is_picture:
        check_separator(output, _PICTURES)
        if kind == "logo":
            raise Stop(f"{output}: --kind logo is for {', '.join(_PICTURES)}")
    check_output(output, [model])
    with bad_input():
        fitted = read_model(model)
    with bad_input(f"{model}: "):
        if is_picture:
            import matplotlib

            matplotlib.use("Agg")
            from sgrna_estimator.plotting import BaseEffectsDisplay

            display = BaseEffectsDisplay.from_estimator(
                fitted.pipeline,
                kind=kind,
                layout=layout or fitted.layout,
                numbering=numbering,
                target_name=fitted.target,
            )
            # In memory first: matplotlib does not survive every disk that is full.
            picture = BytesIO()
            display.figure_.savefig(
                picture,
                format=output.suffix.lower().removeprefix("."),
                dpi=200,
                bbox_inches="tight",
            )
            write(output, lambda file: file.write_bytes(picture.getvalue()))
        else:
            from sgrna_estimator.inspection.letter_effects import letter_effects

            found = letter_effects(
                fitted.pipeline, layout=layout or fitted.layout, numbering=numbering
            )
            write_table(found.to_frame(), output)
    say(f"wrote {output}")
