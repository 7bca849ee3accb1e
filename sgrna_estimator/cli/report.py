"""The report of a comparison: which further fits it shows, and its file."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.fitting import fit_params, fit_to_all, interrupted_whole
from sgrna_estimator.cli.screen import Screen
from sgrna_estimator.cli.terminal import PROGRAM, bad_input, say
from sgrna_estimator.storage.whole_files import write

if TYPE_CHECKING:
    from sgrna_estimator.comparison.result import ComparisonResult
    from sgrna_estimator.comparison.splits import Split
    from sgrna_estimator.mixtures.screens import FittedMixtures


# Models that a report sets beside the network, the first that was compared.
_LINEAR = ("mixture_logistic", "fractional_logistic", "ridge", "lasso")


def write_report(
    path: Path,
    *,
    screen: Screen,
    result: "ComparisonResult",
    estimators: Mapping[str, Any],
    layout: str | None,
    messages: Sequence[str],
    arguments: Sequence[str],
    options: Mapping[str, Any],
    seed: int,
) -> None:
    """Fit what a report shows beside the comparison, and write it.

    Parameters
    ----------
    path : Path
        The file.
    screen : Screen
        The guides that were compared on.
    result : ComparisonResult
        What came out.
    estimators : mapping of str to estimator
        What was compared, unfitted.
    layout : str or None
        Where the spacer and the PAM are.
    messages : sequence of str
        Warnings issued so far; more may come while it is written.
    arguments : sequence of str
        What followed the program's name.
    options : mapping of str to object
        Tables ("tables") and the options that `fit` takes as well, by name; empty if
        there is no table.
    seed : int
        Seed of folds and of training.
    """
    import matplotlib as mpl
    from sklearn import config_context

    from sgrna_estimator.report.page import make_report
    from sgrna_estimator.report.tables import best_estimator

    say("fitting to all guides, for the report")
    mpl.use("Agg")
    networks = [name for name in estimators if MODELS[name].is_network]
    linear = [name for name in _LINEAR if name in estimators]
    explained = [*networks[-1:], *linear[:1]]
    with (
        bad_input(f"{screen.name}: "),
        interrupted_whole(),
        config_context(enable_metadata_routing=True),
    ):
        fitted = fit_to_all(screen) if screen.through_mixture else None
        curves = {
            name: _fit_beside(estimators[name], screen, result.splits_[0], fitted)
            for name in networks
        }
        effects = {
            name: estimators[name].fit(
                screen.features, screen.target, **fit_params(name, screen)
            )
            for name in explained
        }
        page = make_report(
            title=", ".join(screen.source["file"].map(_name).unique()),
            sequences=screen.features[screen.sequence],
            target=screen.target,
            groups=screen.groups,
            result=result,
            curves=curves,
            effects=effects,
            mixtures={} if fitted is None else _mixtures(fitted, screen),
            layout=layout,
            messages=messages,
            models={name: MODELS[name].description for name in estimators},
            command=shlex.join([PROGRAM, *arguments]),
            next_commands=_next_commands(best_estimator(result), options, layout),
            seed=seed,
        )
    write(path, lambda file: file.write_text(page, encoding="utf-8"))
    say(f"wrote {path}")


def _next_commands(
    best: str, options: Mapping[str, Any], layout: str | None
) -> list[str]:
    """Return how to fit the best model to all guides, look at it, and use it."""
    if not options or best not in MODELS:
        return []
    arguments = ["fit", *options["tables"], "-o", "model.sgrna", "--model", best]
    has_mixture = options["--score"] or MODELS[best].is_mixture
    for option, value in options.items():
        if option in ("--groups", "--screens") and not has_mixture:
            continue
        if option.startswith("--") and value:
            for each in value if isinstance(value, list) else [value]:
                arguments += [option, str(each)]
    commands = [arguments]
    if MODELS[best].is_network or best in _LINEAR:
        shown = ["effects", "model.sgrna", "-o", "effects.png"]
        commands.append(shown + (["--layout", layout] if layout else []))
    commands.append(["predict", "model.sgrna", "CANDIDATES.tsv", "-o", "scores.tsv"])
    return [shlex.join([PROGRAM, *each]) for each in commands]


def _name(file: str) -> str:
    return Path(file).name


def _fit_beside(
    model: Any, screen: Screen, split: "Split", fitted: "FittedMixtures | None"
) -> Any:
    """Fit the network of a model to the training guides of a split.

    Its validation loss is that of the test guides. Through mixtures, it learns from
    those of the training guides alone, and is judged by those fitted to all guides.
    """
    from sklearn.base import clone

    pipeline = clone(getattr(model, "regressor", model))
    encoder, network = pipeline[:-1], pipeline[-1]
    train, test = split
    target = screen.target.to_numpy()
    learnt, judged = target[train], target[test]
    if fitted is not None:
        learnt = fit_to_all(screen.take(train)).probability
        judged = fitted.probability[test]
    encoded = encoder.fit_transform(screen.features.iloc[train])
    network.fit(
        encoded,
        learnt,
        X_val=encoder.transform(screen.features.iloc[test]),
        y_val=judged,
    )
    return network


def _mixtures(fitted: "FittedMixtures", screen: Screen) -> dict[str, Any]:
    """Return the mixture of each screen, with the guides that it was fitted to."""
    mixtures = {}
    for number, name in enumerate(fitted.screens):
        mine = fitted.screen == number
        genes = None if screen.groups is None else screen.groups[mine]
        mixtures[str(name)] = fitted.mixtures[number], screen.target[mine], genes
    return mixtures
