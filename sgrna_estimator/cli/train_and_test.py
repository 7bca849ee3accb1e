"""``compare --train A --test B``: models fitted to some tables, judged on others."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sgrna_estimator.baselines.catalogue import MODELS, compile_network
from sgrna_estimator.cli.comparison_table import align_columns, show_number
from sgrna_estimator.cli.fitting import params_of_fits, sharing_mixtures
from sgrna_estimator.cli.terminal import Stop, bad_input, say, show_progress
from sgrna_estimator.cli.workers import prepare_workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sgrna_estimator.comparison.train_and_test import TransferResult
    from sgrna_estimator.datasets import GuideTable

# What is of folds, or of a decision by them.
_OF_FOLDS = (
    *("cv", "repeats", "permutations", "baseline", "report", "decision", "prior"),
    *("layout", "networks"),
)


def tables_to_read(context: typer.Context) -> list[Path]:
    """Return the tables of ``compare``, or say what does not go with --train and --test.

    Parameters
    ----------
    context : Context
        Of the command ``compare``.

    Returns
    -------
    list of Path
        Those of --train, then those of --test, if there are any.
    """
    given = context.params
    train, test = given["train"] or [], given["test"] or []
    if not (train or test):
        return given["tables"] or []
    if not (train and test):
        raise Stop(
            "--train and --test go together: models learn from the guides of the one and "
            "are judged on those of the other"
        )
    if given["tables"]:
        raise Stop(
            f"{given['tables'][0]}: with --train and --test each table must be of one of "
            "them"
        )
    for name in _OF_FOLDS:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise Stop(f"--{name} is for folds: it does not go with --train and --test")
    return [*train, *test]


def guides_to_learn_from(screen: "GuideTable", test: list[Path]) -> "GuideTable":
    """Return the guides that are not of the tables of --test.

    Parameters
    ----------
    screen : GuideTable
    test : list of Path

    Returns
    -------
    GuideTable
    """
    return screen if not test else screen.take(~_is_of(screen, test))


def _is_of(screen: "GuideTable", tables: list[Path]) -> "NDArray[np.bool_]":
    """Tell which guides are of these tables."""
    return screen.source["file"].isin([str(path) for path in tables]).to_numpy()


def run_train_and_test(
    estimators: Mapping[str, Any],
    screen: "GuideTable",
    given: Mapping[str, Any],
    not_compared: list[str],
) -> "TransferResult":
    """Fit models to the guides of --train, and print how they do on those of --test.

    Parameters
    ----------
    estimators : mapping of str to estimator
    screen : GuideTable
        The guides of all tables.
    given : mapping of str to object
        Options of the command ``compare``.
    not_compared : list of str
        Sentences on the models that were left out.

    Returns
    -------
    TransferResult
    """
    from sklearn import config_context

    from sgrna_estimator.comparison.train_and_test import train_and_test

    models = sharing_mixtures(estimators, prepare_workers())
    if any(MODELS[name].family == "network" for name in models):
        compile_network()
    with (
        bad_input(f"{screen.name}: "),
        config_context(enable_metadata_routing=True),
        show_progress("fits") as progress,
    ):
        result = train_and_test(
            *(models, screen.features, screen.target),
            is_test=_is_of(screen, given["test"]),
            groups=screen.groups,
            sequences=screen.sequences,
            params=params_of_fits(models, screen),
            n_jobs=given["jobs"],
            random_state=given["seed"],
            progress=lambda done, total, name: progress(done, total),
        )
    _tell_known(result)
    _print(result, not_compared, screen)
    return result


def _tell_known(result: "TransferResult") -> None:
    """Say which test guides and genes models know from training."""
    if result.n_known:
        say(
            f"{result.n_known} of {result.n_known + result.n_test} guides of --test left "
            "out, because they are among those of --train"
        )
    if result.n_known_genes:
        say(
            f"{result.n_known_genes} of the {result.n_genes} genes of --test are in "
            "--train too: scores may be better than on new genes"
        )


def _print(
    result: "TransferResult", not_compared: list[str], screen: "GuideTable"
) -> None:
    """Print what was done, the scores, and what they can and cannot tell."""
    from sgrna_estimator.metrics.reported import METRICS

    print(
        "Which model is best cannot be told: there is one split only. Each was fitted "
        f"once, to {result.n_train} guides, and judged on {result.n_test}."
    )
    scores = result.scores().set_index(["metric", "estimator"])
    primary = METRICS[result.primary]
    shown = scores.loc[result.primary]
    columns = {"model": shown.index.tolist()}
    for heading, column in (
        (primary.heading, "value"),
        *((end, end) for end in ("lower", "upper")),
    ):
        columns[heading] = [
            show_number(each, primary.decimals) for each in shown[column]
        ]
    for name, metric in METRICS.items():
        if name != result.primary and name in scores.index.get_level_values(0):
            values = scores.loc[name]["value"]
            columns[metric.heading] = [
                show_number(each, metric.decimals) for each in values
            ]
    print("\n" + "\n".join(align_columns(columns)), end="\n\n")
    for sentence in _describe(result, screen):
        print(f"- {sentence}")
    for sentence in not_compared:
        print(sentence)


def _describe(result: "TransferResult", screen: "GuideTable") -> list[str]:
    """Say in words what the scores show."""
    from sgrna_estimator.comparison.verdict import RANKINGS, listed

    by_model = {
        name: each.scores.loc[result.primary]
        for name, each in result.evaluations.items()
    }
    shown = [name for name, row in by_model.items() if row["lower"] > 0]
    where = RANKINGS[result.primary]
    evaluation = next(iter(result.evaluations.values()))
    of = "genes" if evaluation.by_group else "guides"
    found = f"Guides{where} are not shown to be ranked by any model."
    if shown:
        found = (
            f"Guides{where} are ranked better than by chance by {listed(shown)}, each by "
            "its own interval, without allowance for the number of models."
        )
    caution = (
        f"lower and upper are the 95 % interval, by bootstrap samples of the "
        f"{evaluation.n_resampled} {of} of --test: of these fits on other {of} like them. "
        "How much fits to other guides would differ is not in it, and so no difference "
        "between models can be tested. Folds of all tables can: name them without --train "
        "and --test."
    )
    off = []
    if not screen.is_standardized and not screen.is_log2fc:
        off = [
            "Squared errors and R² are in the unit of --test, whatever that of --train is."
        ]
    return [found, caution, *off]


def write_transfer(
    result: "TransferResult",
    screen: "GuideTable",
    output: Path | None,
    predictions: Path | None,
) -> None:
    """Write the scores and predictions that were asked for.

    Parameters
    ----------
    result : TransferResult
    screen : GuideTable
        The guides of all tables.
    output, predictions : Path or None
        As the options of these names say.
    """
    from sgrna_estimator.storage.whole_files import write_table

    if output is not None:
        write_table(result.scores(), output)
    if predictions is not None:
        rows = result.predictions.index
        guides = screen.source.loc[rows].assign(sequence=screen.sequences.loc[rows])
        write_table(guides.join(result.predictions), predictions)
