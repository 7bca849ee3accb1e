"""``sgrna-estimator compare``: cross-validate models on the same folds."""

from collections.abc import Mapping
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.exceptions

from sgrna_estimator.baselines.catalogue import CONSTANT
from sgrna_estimator.cli.comparison_table import print_comparison
from sgrna_estimator.cli.covariates import measure_covariates
from sgrna_estimator.cli.decision_file import write_decision
from sgrna_estimator.cli.fitting import (
    check_models,
    check_prior,
    cross_validate,
    default_models,
    may_gain,
    model_for,
    permute,
    uses_screens,
    without_unfit,
)
from sgrna_estimator.cli.next_commands import next_command
from sgrna_estimator.cli.options import (
    TABLE,
    Align,
    CovariateColumns,
    DropIncomplete,
    Layout,
    Networks,
    Permutations,
    Repeats,
    ScoreColumn,
    ScreenColumn,
    Seed,
    SequenceColumn,
    Standardize,
    TargetColumn,
    Unknown,
    complete_model,
)
from sgrna_estimator.cli.options import Bounds as BoundsOption
from sgrna_estimator.cli.options import Prior as PriorOption
from sgrna_estimator.cli.prior import find_prior
from sgrna_estimator.cli.report import write_report
from sgrna_estimator.cli.screen import (
    check_folds,
    check_layout,
    find_doubts,
    name_tables,
    read_screen,
    simulate_screen,
)
from sgrna_estimator.cli.terminal import (
    Stop,
    kept_warnings,
    say,
)
from sgrna_estimator.cli.train_and_test import (
    guides_to_learn_from,
    run_train_and_test,
    tables_to_read,
    write_transfer,
)
from sgrna_estimator.storage.whole_files import (
    check_output,
    check_separator,
    write_table,
)

if TYPE_CHECKING:
    import pandas as pd

    from sgrna_estimator.comparison.result import ComparisonResult
    from sgrna_estimator.datasets import GuideTable

# What is permuted without being asked to: it takes seconds.
_USUAL_PERMUTATIONS = 99
_QUICK_MODEL = "ridge"
_FEW_GUIDES = 5_000

# Options that name columns of a table.
_COLUMNS = ("sequence", "target", "score", "groups", "screens", "covariates")
# Those that say how its cells are read.
_READING = ("unknown", "align", "drop_incomplete", "standardize")


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
            autocompletion=complete_model,
            help="Model to compare; may be repeated. All by default.",
        ),
    ] = None,
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline",
            metavar="MODEL",
            autocompletion=complete_model,
            help="Model that differences are taken to.",
        ),
    ] = CONSTANT,
    cv: Annotated[
        int, typer.Option("--cv", metavar="N", min=2, help="Number of folds.")
    ] = 5,
    repeats: Repeats = None,
    permutations: Permutations = None,
    unknown: Unknown = "error",
    align: Align = None,
    drop_incomplete: DropIncomplete = False,
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
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions",
            metavar="FILE",
            help="Write what each model predicts for each guide while it is held out "
            "here, once a repeat (.csv, .tsv).",
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
    decision: Annotated[
        Path | None,
        typer.Option(
            "--decision",
            metavar="FILE",
            help="Write what was decided here (.json), for fit --model best.",
        ),
    ] = None,
    layout: Layout = None,
    bounds: BoundsOption = None,
    standardize: Standardize = False,
    prior: PriorOption = None,
    networks: Networks = 1,
    train: Annotated[
        list[Path] | None,
        typer.Option(
            "--train",
            metavar="TABLE",
            help="With --test, instead of folds: fit models to the guides of this table; "
            "may be repeated.",
        ),
    ] = None,
    test: Annotated[
        list[Path] | None,
        typer.Option(
            "--test",
            metavar="TABLE",
            help="Judge them on the guides of this one that are not in --train; may be "
            "repeated.",
        ),
    ] = None,
) -> None:
    """Cross-validate models on the same folds, the constant predictor among them.

    Without a TABLE, on a simulated screen.
    """
    asked_for = {*(model or []), *({baseline} - {CONSTANT})}
    defaults = default_models(prior=prior, bounds=bounds)
    names = check_models(asked_for if model else {*defaults, *asked_for})
    check_prior(names, prior)
    if jobs == 0:
        raise Stop("--jobs must not be 0: it is the number of fits at once")
    tables = tables_to_read(context)
    _check_permutations(permutations)
    _check_files(tables, output, predictions, report, decision)
    if layout is not None and report is None and prior is None:
        raise Stop("--layout is for --report and for --prior")
    screen = _get_screen(tables, context.params)
    if not test:
        repeats = check_folds(screen, cv, repeats, unknown=unknown, align=align)
    check_layout(screen, layout)
    names, not_compared = without_unfit(names, asked_for, screen, bounds)
    if screens and not uses_screens(names, screen):
        say("--screens is for mixtures, of which there is none here")
    source = None
    if prior is not None:
        source = find_prior(prior, screen, layout, n_networks=networks, judged=True)
    options: dict[str, Any] = {"unknown": unknown, "align": align, "seed": seed}
    options |= {"prior": source, "n_networks": networks, "bounds": bounds}
    estimators = {name: model_for(name, screen, **options) for name in names}
    folds = _name_folds(cv, repeats, train, test)
    doubts = _introduce(screen, names, folds, context.params, simulated=not tables)
    if test:
        found = run_train_and_test(estimators, screen, context.params, not_compared)
        write_transfer(found, screen, output, predictions)
        return
    with kept_warnings() as messages:
        result = cross_validate(
            *(estimators, screen),
            baseline=baseline,
            cv=cv,
            repeats=repeats or 1,
            n_jobs=jobs,
            random_state=seed,
        )
        _write_tables(result, screen, output, predictions)
        permuted = _to_permute(result, estimators, screen, permutations)
        if permuted:
            result = permute(
                *(result, permuted, screen),
                n_permutations=permutations or _USUAL_PERMUTATIONS,
                n_jobs=jobs,
                seed=seed,
            )
        if decision is not None:
            write_decision(result.decision, screen, decision)
        gain = measure_covariates(result, screen, options, n_jobs=jobs)
        if report is not None:
            problems = [*doubts, *messages]
            write_report(context, screen, result, estimators, problems, gain)
        following = next_command(result.decision, context.params, context.obj)
        notes = [] if gain is None else [gain.describe()]
        print_comparison(result, following, notes, not_compared, name_tables(screen))


def _name_folds(
    cv: int, repeats: int | None, train: list[Path] | None, test: list[Path] | None
) -> str:
    """Return how guides are divided, in words."""
    if train and test:
        learnt, judged = (", ".join(map(str, each)) for each in (train, test))
        return f"fitted to {learnt} and judged on {judged}"
    return f"{cv} folds" + (f" drawn {repeats} times" if (repeats or 1) > 1 else "")


def _check_permutations(permutations: int | None) -> None:
    """Refuse fewer permutations than can show anything."""
    from sgrna_estimator.comparison.chance import FEWEST_PERMUTATIONS

    if permutations is not None and 0 < permutations < FEWEST_PERMUTATIONS:
        raise Stop(
            f"--permutations must be 0, or {FEWEST_PERMUTATIONS} or more: fewer cannot "
            "show anything at the 5 % level"
        )


def _check_files(
    tables: list[Path],
    output: Path | None,
    predictions: Path | None,
    report: Path | None,
    decision: Path | None,
) -> None:
    """Find out before the work that a result has no place to go."""
    for path in filter(None, (output, predictions)):
        check_separator(path)
        check_output(path, tables)
    for other, what, ending in (
        (report, "a report", ".html"),
        (decision, "a decision's file", ".json"),
    ):
        if other is not None:
            if other.suffix.lower() != ending:
                raise Stop(f"{other}: the name of {what} must end in {ending}")
            check_output(other, tables)
    _check_apart(output, predictions, "--predictions")
    _check_apart(output, report, "--report")


def _to_permute(
    result: "ComparisonResult",
    estimators: Mapping[str, Any],
    screen: "GuideTable",
    permutations: int | None,
) -> dict[str, Any]:
    """Return the models to fit to permuted measurements: all, a quick one, or none.

    If nobody says, they are permuted where no model is shown to rank guides and it takes
    seconds: ridge regression, up to so many guides, without mixtures.
    """
    if permutations is not None:
        return dict(estimators) if permutations else {}
    is_quick = len(screen) <= _FEW_GUIDES and not screen.is_log2fc
    if result.primary_shown or not is_quick:
        return {}
    return {name: each for name, each in estimators.items() if name == _QUICK_MODEL}


def _write_tables(
    result: "ComparisonResult",
    screen: "GuideTable",
    output: Path | None,
    predictions: Path | None,
) -> None:
    """Write what was asked for of scores and predictions."""
    if output is not None:
        write_table(result.scores_, output)
    if predictions is not None:
        write_table(_with_guides(result.predictions_, screen), predictions)


def _with_guides(predictions: "pd.DataFrame", screen: "GuideTable") -> "pd.DataFrame":
    """Return predictions with the file, the row and the sequence of each guide."""
    import pandas as pd

    rows = predictions.index
    guides = screen.source.loc[rows].assign(sequence=screen.sequences.loc[rows])
    return pd.concat([guides, predictions], axis=1)


def _get_screen(tables: list[Path], given: Mapping[str, Any]) -> "GuideTable":
    """Read the tables, or simulate a screen if there is none."""
    columns = {name: given[name] for name in _COLUMNS}
    if tables:
        columns["covariates"] = columns["covariates"] or []
        how = {name: given[name] for name in _READING}
        return read_screen(tables, **columns, **how)
    if given["standardize"]:
        raise Stop("--standardize is for tables, but there is no TABLE")
    by_option = {f"--{name}": column for name, column in columns.items()}
    return simulate_screen(by_option, given["seed"])


def _introduce(
    screen: "GuideTable",
    names: list[str],
    folds: str,
    given: Mapping[str, Any],
    *,
    simulated: bool,
) -> list[str]:
    """Say what will be compared, and on what; return doubts about its columns."""
    guides = f"{len(screen.target)} guides"
    if screen.groups is not None:
        guides += f" of {screen.groups.nunique()} genes"
    elif not simulated:
        say("without --groups, guides of a gene may be in training and in test")
    learnt = guides_to_learn_from(screen, given["test"] or [])
    offer_bounds = not simulated and may_gain(names, given["bounds"])
    doubts = find_doubts(learnt, offer_bounds=offer_bounds)
    for doubt in doubts:
        say(doubt)
    say(f"{screen.name}: {guides}, {folds}; {', '.join(names)} and the constant")
    return doubts


def _check_apart(output: Path | None, other: Path | None, option: str) -> None:
    if output is not None and other is not None and realpath(output) == realpath(other):
        raise Stop(f"{output}: --output and {option} are the same file")
