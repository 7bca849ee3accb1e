"""The command line: compare models on tables of guides, fit one, predict with it.

What it says about the work goes to standard error. Results go to standard output and to
the files asked for, which appear whole or not at all. Bad input ends with one line that
names the file, the row and the column, and exit status 2; Ctrl-C with exit status 130.

Everything heavy is imported inside the functions that need it, so that the help comes
without waiting.
"""

import math
import sys
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
import typer.exceptions

from sgrna_estimator._cli_files import check_output, check_separator, write, write_table
from sgrna_estimator._cli_fitting import (
    check_models,
    cross_validate,
    fit_model,
    model_for,
    uses_screens,
    without_unfit,
)
from sgrna_estimator._cli_options import (
    LIST_OF_MODELS,
    TABLE,
    Align,
    CovariateColumns,
    Layout,
    ScoreColumn,
    ScreenColumn,
    Seed,
    SequenceColumn,
    TargetColumn,
    Unknown,
    example,
)
from sgrna_estimator._cli_report import write_report
from sgrna_estimator._cli_screen import (
    check_folds,
    check_layout,
    doubts_of_target,
    find_controls,
    find_screens,
    read_screen,
    simulate_screen,
)
from sgrna_estimator._cli_table import print_comparison
from sgrna_estimator._cli_terminal import (
    BAD_INPUT,
    INTERRUPTED,
    PROGRAM,
    Stop,
    bad_input,
    kept_warnings,
    say,
    show_progress,
    show_warning,
)
from sgrna_estimator._models import MODELS, FittedModel, read_model

if TYPE_CHECKING:
    import pandas as pd

_CONSTANT = "constant"
_PICTURES = (".png", ".svg", ".pdf")


app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from sgrna_estimator import __version__

        print(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Learn from a CRISPR screen which guide RNAs work, from their sequence."""


# Commands -----------------------------------------------------------------------------


@app.command(
    short_help="Cross-validate models on the same folds.",
    epilog=example(
        "compare screen.tsv --sequence seq --target indel",
        "--groups gene --report report.html",
    )
    + f"\n\n{LIST_OF_MODELS}",
)
def compare(
    context: typer.Context,
    tables: Annotated[list[Path] | None, TABLE] = None,
    sequence: SequenceColumn = None,
    target: TargetColumn = None,
    score: ScoreColumn = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups",
            metavar="COLUMN",
            help="Column of the gene: folds keep the guides of a gene together, and "
            "mixtures have effects of genes.",
        ),
    ] = None,
    screens: ScreenColumn = None,
    covariates: CovariateColumns = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="Model to compare; may be repeated. All by default.",
        ),
    ] = None,
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline", metavar="MODEL", help="Model that differences are taken to."
        ),
    ] = _CONSTANT,
    cv: Annotated[
        int, typer.Option("--cv", metavar="N", min=2, help="Number of folds.")
    ] = 5,
    unknown: Unknown = "error",
    align: Align = None,
    jobs: Annotated[
        int,
        typer.Option("--jobs", metavar="N", help="Fits at once; -1 is one a core."),
    ] = -1,
    seed: Seed = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the score of each model on each fold here (.csv, .tsv).",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write a page that shows and explains the comparison here (.html).",
        ),
    ] = None,
    layout: Layout = None,
) -> None:
    """Cross-validate models on the same folds, the constant predictor among them.

    Without a TABLE, on a simulated screen.
    """
    asked_for = {*(model or []), *({baseline} - {_CONSTANT})}
    names = check_models(asked_for if model else {*MODELS, *asked_for})
    if jobs == 0:
        raise Stop("--jobs must not be 0: it is the number of fits at once")
    if output is not None:
        check_separator(output)
        check_output(output, tables or [])
    if report is not None:
        if report.suffix.lower() != ".html":
            raise Stop(f"{report}: the name of a report must end in .html")
        check_output(report, tables or [])
        _check_apart(output, report, "--report")
    elif layout is not None:
        raise Stop("--layout is for --report")
    if tables:
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
    else:
        columns = {
            "--sequence": sequence,
            "--target": target,
            "--score": score,
            "--groups": groups,
            "--screens": screens,
            "--covariates": covariates,
        }
        screen = simulate_screen(columns, seed)
    check_folds(screen, cv)
    if layout is not None:
        check_layout(screen, layout)
    names = without_unfit(names, asked_for, screen)
    if screens and not uses_screens(names, screen):
        say("--screens is for mixtures, of which there is none here")
    estimators = {name: model_for(name, screen, unknown, align, seed) for name in names}
    guides = f"{len(screen.target)} guides"
    if screen.groups is not None:
        guides += f" of {screen.groups.nunique()} genes"
    elif tables:
        say("without --groups, guides of a gene may be in training and in test")
    doubts = doubts_of_target(screen)
    for doubt in doubts:
        say(doubt)
    say(f"{screen.name}: {guides}, {cv} folds; {', '.join(names)} and the constant")
    with kept_warnings() as messages:
        result = cross_validate(estimators, screen, baseline, cv, jobs, seed)
        if output is not None:
            write_table(result.scores_, output)
        print_comparison(result)
        if report is not None:
            write_report(
                report,
                screen=screen,
                result=result,
                estimators=estimators,
                layout=layout,
                messages=[*doubts, *messages],
                arguments=context.obj,
                options={
                    "tables": [str(path) for path in tables],
                    "--sequence": sequence,
                    "--target": target,
                    "--score": score,
                    "--groups": groups,
                    "--screens": screens,
                    "--covariates": covariates,
                    "--unknown": unknown,
                    "--align": align,
                    "--seed": seed,
                }
                if tables
                else {},
                seed=seed,
            )


@app.command(
    short_help="Fit a model and keep it in a file.",
    epilog=example("fit screen.tsv --sequence seq --target indel -o model.joblib")
    + f"\n\n{LIST_OF_MODELS}",
)
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

    The file is a Python pickle: whoever reads it runs what is in it. Share it only with
    those who trust you, and read it with the version that wrote it.

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
        n_guides=len(screen.target),
        interrupted=interrupted,
    )
    write(output, fitted.write)
    if interrupted is not None:
        raise Stop(f"{interrupted}; what was learnt is in {output}", INTERRUPTED)
    say(f"wrote {output}; compare says how well such a model predicts new guides")


@app.command(
    short_help="Predict the activity of guides.",
    epilog=example("predict model.joblib candidates.tsv -o scores.tsv"),
)
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

    A MODEL file is a Python pickle, which can run any code when it is read: use only
    files that you trust.
    """
    import pandas as pd

    from sgrna_estimator._sequences import SequenceError
    from sgrna_estimator._tables import load_table

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
        for name in ("prediction", *(["p_active"] if fitted.tells_active else [])):
            if name in table.frame:
                raise Stop(
                    f"{tables[0]}: there is a column {name!r} already: rename it"
                )
        written = _read_as_written(tables)
    columns = [part for part in (table.sequences, table.covariates) if part is not None]
    with bad_input(), show_progress("guides") as progress:
        try:
            predictions = fitted.predict(pd.concat(columns, axis="columns"), progress)
        except SequenceError as error:
            raise Stop(
                f"{table.locate(error.rows)}: in the sequence column "
                f"{columns[0].name!r} {error.expected}, but {error.found}"
            ) from None
    write_table(written.join(predictions), output)
    say(f"wrote {len(written)} predictions to {output}")
    if fitted.tells_active:
        say(
            "prediction is the log2 fold change expected in a new gene, p_active the "
            "probability that the guide is active"
        )


@app.command(
    short_help="Tell which guides of a screen are active.",
    epilog=example("mixture screen.tsv --score log2fc --groups gene -o active.tsv"),
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
            help="Label in the --groups column of negative-control guides, whose mean "
            "and standard deviation then are the null; may be repeated.",
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

    from sgrna_estimator._guide_effect_mixture import GuideEffectMixture
    from sgrna_estimator._mixture_tables import (
        count_against,
        describe_genes,
        describe_guides,
        describe_screens,
    )
    from sgrna_estimator._mixture_target import fit_mixtures
    from sgrna_estimator._tables import load_table

    if score is None:
        raise Stop("--score must name a column of the table")
    if controls and groups is None:
        raise Stop("--controls is a label in the column that --groups names")
    for path in filter(None, (output, genes)):
        check_separator(path)
        check_output(path, tables)
    _check_apart(output, genes, "--genes")
    if mu1 is not None and not math.isfinite(mu1):
        raise Stop(f"--mu1 must be a finite number, not {mu1}")
    if q0 is not None and not 0 < q0 < 1:
        raise Stop(f"--q0 must be above 0 and below 1, not {q0}")
    with bad_input():
        table = load_table(
            tables, sequence=None, target=score, groups=groups, screens=screens
        )
        written = _read_as_written(tables)
    assert table.target is not None  # it was asked for
    with bad_input(f"{', '.join(map(str, tables))}: "):
        is_control = find_controls(table, controls or [])
        fitted = fit_mixtures(
            GuideEffectMixture(mu1=mu1, q0=q0, direction=direction),
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
    against = count_against(fitted, table.target.to_numpy())
    if against:
        say(
            f"{against} guides with a probability above 0.5 changed against the "
            "direction of their screen: what is far from the null counts as active"
        )
    replaced = [str(name) for name in guides if name in written]
    if replaced:
        say(f"the columns {', '.join(replaced)} of the tables are written anew")
    write_table(written.drop(columns=replaced).join(guides), output)
    if genes is not None:
        write_table(describe_genes(fitted), genes)
    print(describe_screens(fitted, is_control).to_string(index=False))
    say(f"wrote {len(written)} guides to {output}")


@app.command(
    short_help="Show which base matters where.",
    epilog=example("effects model.joblib -o effects.png --layout 10+20+3+10"),
)
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

    A MODEL file is a Python pickle, which can run any code when it is read: use only
    files that you trust.
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
                layout=layout,
                numbering=numbering,
                target_name=fitted.target,
            )
            save = partial(display.figure_.savefig, dpi=200, bbox_inches="tight")
            write(output, save)
        else:
            from sgrna_estimator._letter_effects import letter_effects

            found = letter_effects(fitted.pipeline, layout=layout, numbering=numbering)
            write_table(found.to_frame(), output)
    say(f"wrote {output}")


def _check_apart(output: Path | None, other: Path | None, option: str) -> None:
    if output is not None and other is not None and output.resolve() == other.resolve():
        raise Stop(f"{output}: --output and {option} are the same file")


def _read_as_written(tables: list[Path]) -> "pd.DataFrame":
    """Put tables one below the other: 007 and 1.50 stay as they are.

    Of columns that only some of the tables have, it says that they are left out.
    """
    import pandas as pd

    from sgrna_estimator._tables import read_table

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


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    args : sequence of str, default=None
        What follows the program's name; that of this process by default.
    """
    given = list(sys.argv[1:] if args is None else args)
    with warnings.catch_warnings():
        warnings.showwarning = show_warning
        try:
            status = app(
                args=given or ["--help"],
                prog_name=PROGRAM,
                standalone_mode=False,
                obj=given,
            )
        except Stop as stop:
            _exit(str(stop), stop.status)
        except typer.exceptions.TyperException as error:
            _exit(error.format_message(), BAD_INPUT)
        except OSError as error:
            _exit(str(error), BAD_INPUT)
    if status == INTERRUPTED:  # Typer returns this for a KeyboardInterrupt
        _exit("interrupted", status)
    sys.exit(status)


def _exit(message: str, status: int) -> NoReturn:
    say(f"{PROGRAM}: {'error: ' if status == BAD_INPUT else ''}{message}")
    sys.exit(status)
