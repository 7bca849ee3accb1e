"""``sgrna-estimator fit``: fit a model and keep it in a file."""

from pathlib import Path
from typing import Annotated

import typer
import typer.exceptions

from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.fitting import (
    check_models,
    fit_model,
    model_for,
    without_unfit,
)
from sgrna_estimator.cli.options import (
    TABLE,
    Align,
    CovariateColumns,
    ScoreColumn,
    ScreenColumn,
    Seed,
    SequenceColumn,
    TargetColumn,
    Unknown,
)
from sgrna_estimator.cli.screen import (
    doubts_of_target,
    read_screen,
)
from sgrna_estimator.cli.terminal import (
    INTERRUPTED,
    Stop,
    say,
)
from sgrna_estimator.storage.model_file import FittedModel
from sgrna_estimator.storage.summary import summarise_guides
from sgrna_estimator.storage.whole_files import check_output


def fit(
    tables: Annotated[list[Path], TABLE],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Write the model here."),
    ],
    sequence: SequenceColumn = None,
    target: TargetColumn = None,
    score: ScoreColumn = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups", metavar="COLUMN", help="Column of the gene, for mixtures."
        ),
    ] = None,
    screens: ScreenColumn = None,
    covariates: CovariateColumns = None,
    model: Annotated[
        str, typer.Option("--model", metavar="MODEL", help="Model to fit.")
    ] = "network_windows",
    unknown: Unknown = "error",
    align: Align = None,
    seed: Seed = 0,
) -> None:
    """Fit a model to tables of guides and keep it in a file.

    The file holds what was learnt and no code, so it is safe to share. Read it with the
    version that wrote it.

    Ctrl-C ends the fit of a network early. What was learnt by then is written, but not
    over a file that is there already, and the exit status is 130.
    """
    check_models([model])
    check_output(output, tables)
    screen = read_screen(
        tables,
        sequence=sequence,
        target=target,
        score=score,
        groups=groups,
        screens=screens,
        covariates=covariates or [],
        unknown=unknown,
        align=align,
    )
    without_unfit([model], {model}, screen)
    if (groups or screens) and not (screen.through_mixture or MODELS[model].is_mixture):
        say(
            f"--groups and --screens are for mixtures: they make no difference to {model}"
        )
    pipeline = model_for(model, screen, unknown, align, seed)
    for doubt in doubts_of_target(screen):
        say(doubt)
    say(f"{screen.name}: {len(screen.target)} guides; fitting {model}")
    interrupted = fit_model(model, pipeline, screen)
    if interrupted is not None and output.exists():
        raise Stop(f"{interrupted}; {output} was there and is left alone", INTERRUPTED)
    fitted = FittedModel(
        name=model,
        pipeline=pipeline,
        sequence=screen.sequence,
        target=str(screen.target.name),
        covariates=screen.covariates,
        unknown=unknown,
        align=align,
        random_state=seed,
        tables=[str(path) for path in tables],
        summary=summarise_guides(screen.features[screen.sequence], screen.target),
        interrupted=interrupted,
    )
    fitted.write(output)
    if interrupted is not None:
        raise Stop(f"{interrupted}; what was learnt is in {output}", INTERRUPTED)
    say(f"wrote {output}; compare says how well such a model predicts new guides")
