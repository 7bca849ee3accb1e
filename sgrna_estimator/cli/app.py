"""The command line: compare models on tables of guides, fit one, predict with it.

What it says about the work goes to standard error. Results go to standard output and to
the files asked for, which appear whole or not at all. What cannot be printed costs no
file and is told at the end; that a reader has left is no fault. Bad input ends with one
line that names the file, the row and the column, and exit status 2; Ctrl-C with exit
status 130.

Everything heavy is imported inside the functions that need it, so that the help comes
without waiting.
"""

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
import typer.exceptions

from sgrna_estimator.cli.compare import compare
from sgrna_estimator.cli.design import design
from sgrna_estimator.cli.effects import effects
from sgrna_estimator.cli.evaluate import evaluate
from sgrna_estimator.cli.fit import fit
from sgrna_estimator.cli.mixture import mixture
from sgrna_estimator.cli.options import LIST_OF_MODELS, example
from sgrna_estimator.cli.predict import predict
from sgrna_estimator.cli.signals import ended_in_order
from sgrna_estimator.cli.standard_streams import Unfailing, unfailing_streams
from sgrna_estimator.cli.terminal import (
    BAD_INPUT,
    INTERRUPTED,
    PROGRAM,
    Stop,
    say,
    show_warning,
)

app = typer.Typer(
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from sgrna_estimator._version import __version__

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


app.command(
    short_help="Cross-validate models on the same folds.",
    epilog=example(
        "compare screen.tsv --sequence seq --target indel",
        "--groups gene --report report.html",
    )
    + f"\n\n{LIST_OF_MODELS}",
)(compare)
app.command(
    short_help="Fit a model and keep it in a file.",
    epilog=example("fit screen.tsv --sequence seq --target indel -o model.sgrna")
    + f"\n\n{LIST_OF_MODELS}",
)(fit)
app.command(
    short_help="Predict the activity of guides.",
    epilog=example("predict model.sgrna candidates.tsv -o scores.tsv"),
)(predict)
app.command(
    short_help="Choose the guides to order for regions of a FASTA.",
    epilog=example("design model.sgrna gene.fa --avoid BsmBI -o guides.tsv"),
)(design)
app.command(
    short_help="Score a fitted model on guides it has not seen.",
    epilog=example("evaluate model.sgrna screen.tsv --groups gene"),
)(evaluate)
app.command(
    short_help="Tell which guides of a screen are active.",
    epilog=example("mixture screen.tsv --score log2fc --groups gene -o active.tsv"),
)(mixture)
app.command(
    short_help="Show which base matters where.",
    epilog=example("effects model.sgrna -o effects.png --layout 10+20+3+10"),
)(effects)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    args : sequence of str, default=None
        What follows the program's name; that of this process by default.
    """
    given = list(sys.argv[1:] if args is None else args)
    with ended_in_order(), unfailing_streams() as output:
        status, message = _run(given, output)
        if message:
            say(f"{PROGRAM}: {'error: ' if status == BAD_INPUT else ''}{message}")
    sys.exit(status)


def _run(given: list[str], output: Unfailing) -> tuple[int, str]:
    """Run a command; return its exit status, and why it stopped if it did."""
    with warnings.catch_warnings():
        warnings.showwarning = show_warning
        try:
            status = app(
                args=given or ["--help"],
                prog_name=PROGRAM,
                standalone_mode=False,
                obj=given,
            )
            if not status:
                output.check()
        except Stop as stop:
            return stop.status, str(stop)
        except typer.exceptions.TyperException as error:
            return BAD_INPUT, error.format_message()
        except OSError as error:
            return BAD_INPUT, str(error)
        except MemoryError as error:
            return (
                BAD_INPUT,
                f"there is not enough memory{f': {error}' if str(error) else ''}",
            )
    # Typer returns this for a KeyboardInterrupt.
    return status, "interrupted" if status == INTERRUPTED else ""
