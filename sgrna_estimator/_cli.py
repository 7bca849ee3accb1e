"""The command line: compare models on tables of guides, fit one, predict with it.

What it says about the work goes to standard error. Results go to standard output and to
the files asked for, which appear whole or not at all. Bad input ends with one line that
names the file, the row and the column, and exit status 2; Ctrl-C with exit status 130.

Everything heavy is imported inside the functions that need it, so that the help comes
without waiting.
"""

import shutil
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
import typer.exceptions

from sgrna_estimator._models import (
    MODELS,
    FittedModel,
    compile_network,
    make_model,
    read_model,
)

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from sgrna_estimator._comparison import ComparisonResult

Tell = Callable[[int, int], object]  # how much is done, and how much there is

_PROGRAM = "sgrna-estimator"
_CONSTANT = "constant"
_PREDICTION = "prediction"
_BAD_INPUT = 2
_INTERRUPTED = 130  # what shells report for a program that Ctrl-C ended
_SECONDS_BETWEEN_LINES = 10.0
# Columns of the printed table, in the order in which a narrow terminal does without.
_EXPENDABLE = ("pearson", "fit s", "r2", "within", "+/-")
_CORRELATIONS = {
    "within": "within_group_spearman",
    "pearson": "pearson",
    "r2": "r2",
}
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
_COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip")


class Stop(Exception):
    """What ends a command early: a line for standard error and an exit status."""

    def __init__(self, message: str, status: int = _BAD_INPUT) -> None:
        super().__init__(message)
        self.status = status


# Options ------------------------------------------------------------------------------

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_LIST_OF_MODELS = "\b\nModels:\n" + "\n".join(
    f"  {name:<{max(map(len, MODELS))}}  {model.description}"
    for name, model in MODELS.items()
)

_TABLE = typer.Argument(
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
        "--target", metavar="COLUMN", help="Column of the measured activities."
    ),
]
CovariateColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--covariates",
        metavar="COLUMN",
        help="Column of numbers to use beside the sequence; may be repeated.",
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


def _print_version(wanted: bool) -> None:
    if wanted:
        from sgrna_estimator import __version__

        print(f"{_PROGRAM} {__version__}")
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
    short_help="Cross-validate models on the same folds.", epilog=_LIST_OF_MODELS
)
def compare(
    tables: Annotated[list[Path] | None, _TABLE] = None,
    sequence: SequenceColumn = None,
    target: TargetColumn = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups",
            metavar="COLUMN",
            help="Column of the gene: folds keep the guides of a gene together.",
        ),
    ] = None,
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
) -> None:
    """Cross-validate models on the same folds, the constant predictor among them.

    Without a TABLE, on a simulated screen.
    """
    asked_for = {*(model or []), *({baseline} - {_CONSTANT})}
    names = _check_models(asked_for if model else {*MODELS, *asked_for})
    if jobs == 0:
        raise Stop("--jobs must not be 0: it is the number of fits at once")
    if output is not None:
        _check_separator(output)
        _check_output(output, tables or [])
    screen = (
        _read_screen(tables, sequence, target, groups, covariates or [], unknown, align)
        if tables
        else _simulate_screen(sequence, target, groups, covariates, seed)
    )
    _check_folds(screen, cv)
    names = _without_unfit(names, asked_for, screen)
    estimators = {
        name: make_model(
            name,
            sequence=screen.sequence,
            covariates=screen.covariates,
            unknown=unknown,
            align=align,
            random_state=seed,
        )
        for name in names
    }
    guides = f"{len(screen.target)} guides"
    if screen.groups is not None:
        guides += f" of {screen.groups.nunique()} groups"
    _say(f"{screen.name}: {guides}, {cv} folds; {', '.join(names)} and the constant")
    result = _cross_validate(estimators, screen, baseline, cv, jobs, seed)
    if output is not None:
        _write_table(result.scores_, output)
    _print_comparison(result)


@app.command(short_help="Fit a model and keep it in a file.", epilog=_LIST_OF_MODELS)
def fit(
    tables: Annotated[list[Path], _TABLE],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Write the model here."),
    ],
    sequence: SequenceColumn = None,
    target: TargetColumn = None,
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
    _check_models([model])
    _check_output(output, tables)
    screen = _read_screen(
        tables, sequence, target, None, covariates or [], unknown, align
    )
    _without_unfit([model], {model}, screen)
    pipeline = make_model(
        model,
        sequence=screen.sequence,
        covariates=screen.covariates,
        unknown=unknown,
        align=align,
        random_state=seed,
    )
    _say(f"{screen.name}: {len(screen.target)} guides; fitting {model}")
    interrupted = _fit(pipeline, screen, is_network=MODELS[model].is_network)
    if interrupted is not None and output.exists():
        raise Stop(f"{interrupted}; {output} was there and is left alone", _INTERRUPTED)
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
    _write(output, fitted.write)
    if interrupted is not None:
        raise Stop(f"{interrupted}; what was learnt is in {output}", _INTERRUPTED)
    _say(f"wrote {output}")


@app.command(short_help="Predict the activity of guides.")
def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="File that fit wrote.")
    ],
    tables: Annotated[list[Path], _TABLE],
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

    A MODEL file is a Python pickle, which can run any code when it is read: use only
    files that you trust.
    """
    import pandas as pd

    from sgrna_estimator._sequences import SequenceError
    from sgrna_estimator._tables import load_table, read_table

    _check_separator(output)
    _check_output(output, [model, *tables])
    with _bad_input():
        fitted = read_model(model)
        table = load_table(
            tables,
            sequence=sequence or fitted.sequence,
            covariates=fitted.covariates,
            unknown=fitted.unknown,
            align=fitted.align,
        )
        if _PREDICTION in table.frame:
            raise Stop(f"{tables[0]}: there is a column {_PREDICTION!r} already")
        # The other columns are none of our business: 007 and 1.50 stay as they are.
        written = pd.concat(map(read_table, tables), join="inner", ignore_index=True)
    columns = [part for part in (table.sequences, table.covariates) if part is not None]
    with _bad_input(), _progress("guides") as progress:
        try:
            predictions = fitted.predict(pd.concat(columns, axis="columns"), progress)
        except SequenceError as error:
            raise Stop(
                f"{table.locate(error.rows)}: in the sequence column "
                f"{columns[0].name!r} {error.expected}, but {error.found}"
            ) from None
    _write_table(written.assign(**{_PREDICTION: predictions}), output)
    _say(f"wrote {len(written)} predictions to {output}")


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    args : sequence of str, default=None
        What follows the program's name; that of this process by default.
    """
    given = list(sys.argv[1:] if args is None else args)
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            status = app(
                args=given or ["--help"], prog_name=_PROGRAM, standalone_mode=False
            )
        except Stop as stop:
            _exit(str(stop), stop.status)
        except typer.exceptions.TyperException as error:
            _exit(error.format_message(), _BAD_INPUT)
        except OSError as error:
            _exit(str(error), _BAD_INPUT)
    if status == _INTERRUPTED:  # Typer returns this for a KeyboardInterrupt
        _exit("interrupted", status)
    sys.exit(status)


def _exit(message: str, status: int) -> NoReturn:
    _say(f"{_PROGRAM}: {'error: ' if status == _BAD_INPUT else ''}{message}")
    sys.exit(status)


def _say(message: str) -> None:
    lines = map(str.strip, message.splitlines())
    print(" ".join(lines), file=sys.stderr, flush=True)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    _say(f"warning: {message}")


@contextmanager
def _bad_input(where: str = "") -> Iterator[None]:
    """End the command if the data are refused, with a line that begins with `where`."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise Stop(f"{where}{error}") from error


# Guides in ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Screen:
    """Guides to learn from, read and checked.

    Attributes
    ----------
    name : str
        What messages call it.
    features : DataFrame of shape (n_guides, 1 + n_covariates)
        The sequences, then the covariates.
    target : Series of float64
        Measured activities.
    groups : Series or None
        Gene of each guide.
    source : DataFrame
        File and row of each guide, as in `GuideTable`.
    """

    name: str
    features: "pd.DataFrame"
    target: "pd.Series"
    groups: "pd.Series | None"
    source: "pd.DataFrame"

    @property
    def sequence(self) -> str:
        return str(self.features.columns[0])

    @property
    def covariates(self) -> list[str]:
        return [str(column) for column in self.features.columns[1:]]


def _read_screen(
    tables: list[Path],
    sequence: str | None,
    target: str | None,
    groups: str | None,
    covariates: list[str],
    unknown: Literal["error", "zero", "spread"],
    align: Literal["left", "right"] | None,
) -> _Screen:
    import pandas as pd

    from sgrna_estimator._tables import load_table

    if sequence is None or target is None:
        option = "--sequence" if sequence is None else "--target"
        raise Stop(f"{option} must name a column of the table")
    with _bad_input():
        table = load_table(
            tables,
            sequence=sequence,
            target=target,
            groups=groups,
            covariates=covariates,
            unknown=unknown,
            align=align,
        )
    assert table.target is not None  # it was asked for
    columns = [part for part in (table.sequences, table.covariates) if part is not None]
    return _Screen(
        name=", ".join(map(str, tables)),
        features=pd.concat(columns, axis="columns"),
        target=table.target,
        groups=table.groups,
        source=table.source,
    )


def _simulate_screen(
    sequence: str | None,
    target: str | None,
    groups: str | None,
    covariates: list[str] | None,
    seed: int,
) -> _Screen:
    import pandas as pd

    from sgrna_estimator.datasets import make_guide_screen

    columns = {
        "--sequence": sequence,
        "--target": target,
        "--groups": groups,
        "--covariates": covariates,
    }
    for option, column in columns.items():
        if column is not None:
            raise Stop(f"{option} names a column, but there is no TABLE")
    name = "simulated screen"
    screen = make_guide_screen(random_state=seed)
    rows = range(1, len(screen.target) + 1)
    return _Screen(
        name=name,
        features=screen.data[[screen.sequences.name]],
        target=screen.target,
        groups=screen.groups,
        source=pd.DataFrame({"file": name, "row": rows}),
    )


def _check_folds(screen: _Screen, cv: int) -> None:
    """Refuse more folds than there are sets of guides to keep together."""
    from sgrna_estimator._splits import connected, row_codes
    from sgrna_estimator._validation import check_groups

    sequences = row_codes(screen.features[screen.sequence])
    groups, shared = None, repr(screen.sequence)
    if screen.groups is not None:
        _, groups = check_groups(screen.groups, len(sequences))
        shared = f"{screen.groups.name!r} or {shared}"
    n_sets = connected(groups, sequences).max() + 1
    if n_sets < cv:
        raise Stop(
            f"{screen.name}: {cv} folds (--cv) need {cv} sets of guides, but guides with "
            f"the same {shared} stay together, which makes {n_sets}"
        )


# Models -------------------------------------------------------------------------------


def _check_models(names: Collection[str]) -> list[str]:
    """Return the models named, in the order of the list of models."""
    for name in names:
        if name not in MODELS:
            raise Stop(f"there is no model {name!r}; there are {', '.join(MODELS)}")
    return [name for name in MODELS if name in names]


def _without_unfit(names: list[str], asked_for: set[str], screen: _Screen) -> list[str]:
    """Leave out the models that this target does not suit, unless one was asked for."""
    import numpy as np

    from sgrna_estimator._tables import locate

    outside = np.flatnonzero((screen.target < 0) | (screen.target > 1))
    unfit = [name for name in names if MODELS[name].needs_probabilities]
    if not outside.size or not unfit:
        return names
    for name in unfit:
        if name in asked_for:
            raise Stop(
                f"{locate(screen.source, outside)}: the target in column "
                f"{screen.target.name!r} must be from 0 to 1 for {name}, but it is "
                f"{screen.target.iloc[outside[0]]:g}"
            )
    _say(f"left out, for targets from 0 to 1 only: {', '.join(unfit)}")
    return [name for name in names if name not in unfit]


def _cross_validate(
    estimators: "dict[str, Pipeline]",
    screen: _Screen,
    baseline: str,
    cv: int,
    jobs: int,
    seed: int,
) -> "ComparisonResult":
    from sgrna_estimator._comparison import compare_estimators

    with (
        _bad_input(f"{screen.name}: "),
        _interrupted_whole(),
        _progress("fits") as progress,
    ):
        if any(MODELS[name].is_network for name in estimators):
            compile_network()
        n_fits = cv * (len(estimators) + 1)  # the constant's as well
        progress(0, n_fits)
        return compare_estimators(
            estimators,
            screen.features,
            screen.target,
            groups=screen.groups,
            sequences=screen.features[screen.sequence],
            cv=cv,
            baseline=baseline,
            n_jobs=min(jobs, n_fits),  # as many processes are started
            random_state=seed,
            progress=lambda done, total, name: progress(done, total),
        )


@contextmanager
def _interrupted_whole() -> Iterator[None]:
    """Let Ctrl-C end everything, where a network would end its fit and go on."""
    from sgrna_estimator.exceptions import InterruptedFitWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", InterruptedFitWarning)
        try:
            yield
        except InterruptedFitWarning as warning:
            raise KeyboardInterrupt from warning


class _EpochCallback:
    """A callback of scikit-learn that tells the progress of a network's fit."""

    def __init__(self, progress: Tell) -> None:
        self._progress = progress

    def setup(self, estimator: Any, context: Any) -> None: ...

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None: ...

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        if context.task_name == "epoch":
            self._progress(estimator.n_iter_, context.parent.max_subtasks)

    def teardown(self, estimator: Any, context: Any) -> None: ...


def _fit(pipeline: "Pipeline", screen: _Screen, *, is_network: bool) -> str | None:
    """Fit a model; return a sentence about it if Ctrl-C ended the fit early."""
    from sgrna_estimator.exceptions import InterruptedFitWarning

    with (
        _bad_input(f"{screen.name}: "),
        _progress("epochs") as progress,
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always", InterruptedFitWarning)
        if is_network:
            pipeline[-1].set_callbacks(_EpochCallback(progress))
        pipeline.fit(screen.features, screen.target)
        if is_network:
            pipeline[-1].set_callbacks()
    interrupted = False
    for warning in caught:
        if issubclass(warning.category, InterruptedFitWarning):
            interrupted = True
        else:
            _show_warning(warning.message)
    if not interrupted:
        return None
    n_epochs = pipeline[-1].n_iter_
    if n_epochs == 0:
        raise KeyboardInterrupt
    return f"Ctrl-C ended the fit after {n_epochs} epochs"


# Results out --------------------------------------------------------------------------


def _check_output(path: Path, inputs: Sequence[Path]) -> None:
    """Find out before the work, not after it, that the result has no place to go."""
    if path.is_dir():
        raise Stop(f"{path}: is a folder, not a file to write to")
    if path.exists() and not path.is_file():
        raise Stop(f"{path}: is not a file to write to")
    if path.exists() and any(
        other.exists() and path.samefile(other) for other in inputs
    ):
        raise Stop(f"{path}: is read from, and would be written over")
    with _writing(path):
        pass


def _check_separator(path: Path) -> str:
    """Return what separates the columns of a table with this name."""
    name = path.with_suffix("") if path.suffix.lower() in _COMPRESSIONS else path
    separator = _SEPARATORS.get(name.suffix.lower())
    if separator is None:
        raise Stop(
            f"{path}: must end in {', '.join(_SEPARATORS)}, and may then have one of "
            f"{', '.join(_COMPRESSIONS)}"
        )
    return separator


@contextmanager
def _writing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside a file, on the same disk; say if that fails."""
    try:
        with tempfile.TemporaryDirectory(
            dir=path.resolve().parent, prefix=f".{_PROGRAM}-"
        ) as folder:
            yield Path(folder) / path.name
    except OSError as error:
        raise Stop(f"{path}: cannot be written ({error.strerror or error})") from error


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file through a temporary one, so that it is there whole or not at all."""
    with _writing(path) as temporary:
        write(temporary)
        temporary.replace(path.resolve())  # a link stays a link


def _write_table(table: "pd.DataFrame", path: Path) -> None:
    separator = _check_separator(path)
    _write(path, lambda file: table.to_csv(file, sep=separator, index=False))


def _print_comparison(result: "ComparisonResult") -> None:
    """Print the scores of all models, and in words what they show.

    To a terminal, as many columns as fit; to anything else, all of them, and each
    paragraph in one line.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    columns = _comparison_columns(result)
    lines = _align(columns)
    left_out = []
    for heading in [each for each in _EXPENDABLE if each in columns]:
        if width is None or len(lines[0]) <= width:
            break
        del columns[heading]
        left_out.append(heading)
        lines = _align(columns)
    legend = {
        "+/-": "half the corrected 95 % interval of spearman",
        "within": "mean spearman within groups",
        "mse diff": f"mse less that of {result.baseline_}",
        "p": "of mse diff, corrected t test with Holm's adjustment",
        "fit s": "median seconds of a fit",
    }
    explained = [f"{key}: {text}" for key, text in legend.items() if key in columns]
    paragraphs = [
        f"Means over {len(result.splits_)} folds. {'; '.join(explained)}. "
        "nan where predictions do not vary.",
        *([f"Left out for want of room: {', '.join(left_out)}."] if left_out else []),
        *(f"- {sentence}" for sentence in result.verdict()),
    ]
    print("\n".join(lines), end="\n\n")
    for paragraph in paragraphs:
        print(textwrap.fill(paragraph, width) if width else paragraph)


def _comparison_columns(result: "ComparisonResult") -> dict[str, list[str]]:
    """Return the cells of the printed table, the best model by Spearman first."""
    models = result.summary("spearman")["estimator"].tolist()
    of_metric = {
        metric: result.summary(metric).set_index("estimator").loc[models]
        for metric in result.greater_is_better_
    }
    spearman, mse = of_metric["spearman"], of_metric["mse"]
    # The median, because the first fit of a worker process loads compiled code.
    seconds = result.scores_.groupby("estimator")["fit_seconds"].median()[models]
    columns = {
        "model": models,
        "spearman": [f"{mean:.3f}" for mean in spearman["mean"]],
        "+/-": [f"{half:.3f}" for half in spearman["upper"] - spearman["mean"]],
    }
    for heading, metric in _CORRELATIONS.items():
        if metric in of_metric:
            columns[heading] = [f"{mean:.3f}" for mean in of_metric[metric]["mean"]]
    columns["mse"] = [f"{mean:#.4g}".rstrip(".") for mean in mse["mean"]]
    columns["mse diff"] = [f"{difference:+.3g}" for difference in mse["difference"]]
    columns["p"] = [f"{p:.3f}" if p >= 0.001 else "<0.001" for p in mse["p_adjusted"]]
    baseline = models.index(result.baseline_)
    columns["mse diff"][baseline] = columns["p"][baseline] = "-"
    columns["fit s"] = [f"{each:.2f}" for each in seconds]
    return columns


def _align(columns: dict[str, list[str]]) -> list[str]:
    """Return the lines of a table, the first column to the left."""
    cells = [[heading, *column] for heading, column in columns.items()]
    aligned = []
    for number, column in enumerate(cells):
        width = max(map(len, column))
        justify = str.rjust if number else str.ljust
        aligned.append([justify(cell, width) for cell in column])
    return ["  ".join(row) for row in zip(*aligned, strict=True)]


@contextmanager
def _progress(unit: str) -> Iterator[Tell]:
    """Give a function that tells how much of the work is done, and how much there is.

    On a terminal it moves a bar; elsewhere it says so in a line now and then, so that a
    short run says nothing and the log of a long one stays short.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    if sys.stderr.isatty() and not console.is_dumb_terminal:
        columns = BarColumn(), MofNCompleteColumn(), TextColumn(unit)
        with Progress(
            *columns, TimeElapsedColumn(), console=console, transient=True
        ) as bar:
            task = bar.add_task(unit, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return

    start = said = monotonic()

    def say(done: int, total: int) -> None:
        nonlocal said
        now = monotonic()
        if now - said >= _SECONDS_BETWEEN_LINES:
            said = now
            _say(f"{done} of {total} {unit} done after {now - start:.0f} s")

    yield say
