"""The fits behind the commands, with progress and with what Ctrl-C leaves."""

import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sgrna_estimator.baselines.catalogue import MODELS, compile_network, make_model
from sgrna_estimator.cli.screen import Screen, looks_like_log2fc
from sgrna_estimator.cli.terminal import (
    Stop,
    Tell,
    bad_input,
    say,
    show_progress,
    show_warning,
)

if TYPE_CHECKING:
    import pandas as pd

    from sgrna_estimator.comparison.result import ComparisonResult
    from sgrna_estimator.mixtures.screens import FittedMixtures
    from sgrna_estimator.sequences.alphabet import Unknown
    from sgrna_estimator.sequences.codes import Align


# Which models -------------------------------------------------------------------------


def check_models(names: Collection[str]) -> list[str]:
    """Return the models named, in the order of the list of models."""
    for name in names:
        if name not in MODELS:
            raise Stop(f"there is no model {name!r}; there are {', '.join(MODELS)}")
    return [name for name in MODELS if name in names]


def without_unfit(names: list[str], asked_for: set[str], screen: Screen) -> list[str]:
    """Leave out the models that this target does not suit, unless one was asked for."""
    if screen.through_mixture:
        return names
    left_out: dict[str, list[str]] = {}
    for name in names:
        model = MODELS[name]
        if name in asked_for:
            _check_suits(name, screen)
        elif model.needs_probabilities and _not_probabilities(screen):
            left_out.setdefault("targets from 0 to 1", []).append(name)
        elif model.is_mixture and not looks_like_log2fc(screen):
            left_out.setdefault("log2 fold changes", []).append(name)
    for what, unfit in left_out.items():
        say(f"left out, for {what} only: {', '.join(unfit)}")
    return [
        name for name in names if all(name not in unfit for unfit in left_out.values())
    ]


def model_for(
    name: str, screen: Screen, unknown: "Unknown", align: "Align", seed: int
) -> Any:
    """Return a model for a screen, unfitted."""
    return make_model(
        name,
        sequence=screen.sequence,
        covariates=screen.covariates,
        unknown=unknown,
        align=align,
        through_mixture=screen.through_mixture,
        by_gene=screen.groups is not None,
        n_guides=len(screen.target),
        random_state=seed,
    )


def _check_suits(name: str, screen: Screen) -> None:
    """Say why a model that was asked for cannot be fitted to this target."""
    if MODELS[name].needs_probabilities:
        problem = _not_probabilities(screen)
    elif MODELS[name].is_mixture:
        problem = _not_log2fc(screen)
    else:
        problem = None
    if problem is not None:
        raise Stop(problem.format(model=name))


def _not_probabilities(screen: Screen) -> str | None:
    """Say which target is not within [0, 1], if any is."""
    import numpy as np

    from sgrna_estimator.datasets.guide_table import locate

    outside = np.flatnonzero((screen.target < 0) | (screen.target > 1))
    if not outside.size:
        return None
    return (
        f"{locate(screen.source, outside)}: the target in column "
        f"{screen.target.name!r} must be from 0 to 1 for {{model}}, but it is "
        f"{screen.target.iloc[outside[0]]:g}"
    )


def _not_log2fc(screen: Screen) -> str | None:
    """Say why the targets cannot be log2 fold changes, if they cannot.

    Guides that do nothing scatter around 0, so that some are below it.
    """
    lowest, highest = screen.target.min(), screen.target.max()
    if lowest < 0 < highest:
        return None
    return (
        f"{screen.name}: the target in column {screen.target.name!r} must be log2 fold "
        f"changes, some below 0 and some above, for {{model}}, but it is from "
        f"{lowest:g} to {highest:g}"
    )


def uses_screens(names: Collection[str], screen: Screen) -> bool:
    """Tell whether any of these models fits a mixture to each screen."""
    return screen.through_mixture or any(MODELS[name].is_mixture for name in names)


# Cross-validation ---------------------------------------------------------------------


def cross_validate(
    estimators: dict[str, Any],
    screen: Screen,
    baseline: str,
    cv: int,
    jobs: int,
    seed: int,
) -> "ComparisonResult":
    """Compare models on a screen."""
    from sklearn import config_context

    from sgrna_estimator.comparison.compare import compare_estimators

    with (
        bad_input(f"{screen.name}: "),
        interrupted_whole(),
        config_context(enable_metadata_routing=True),
        show_progress("fits") as progress,
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
            scoring={"active": _active_scorer(screen)}
            if screen.through_mixture
            else None,
            baseline=baseline,
            n_jobs=min(jobs, n_fits),  # as many processes are started
            random_state=seed,
            params={"screens": screen.screens}
            if uses_screens(estimators, screen) and screen.screens is not None
            else None,
            progress=lambda done, total, name: progress(done, total),
        )


@contextmanager
def interrupted_whole() -> Iterator[None]:
    """Let Ctrl-C end everything, where a network would end its fit and go on."""
    from sgrna_estimator.exceptions import InterruptedFitWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", InterruptedFitWarning)
        try:
            yield
        except InterruptedFitWarning as warning:
            raise KeyboardInterrupt from warning


class _ActiveScorer:
    """Rank correlation of predictions with the probability that guides are active.

    Parameters
    ----------
    activity : Series
        That probability, or its negative where active guides are depleted, by the
        guide's label in the features' index.
    """

    def __init__(self, activity: "pd.Series") -> None:
        self._activity = activity

    def __call__(self, estimator: Any, X: "pd.DataFrame", y: Any) -> float:
        from sgrna_estimator.metrics import spearman_score

        return spearman_score(self._activity[X.index], estimator.predict(X))


def _active_scorer(screen: Screen) -> _ActiveScorer:
    """Return a scorer by mixture probabilities of all guides.

    They judge predictions and no model learns from them.
    """
    import pandas as pd

    fitted = fit_to_all(screen)
    activity = fitted.probability * fitted.sign
    return _ActiveScorer(pd.Series(activity, index=screen.features.index))


def fit_to_all(screen: Screen) -> "FittedMixtures":
    """Fit a mixture to each screen, to judge and to show, not to learn from."""
    import numpy as np

    from sgrna_estimator.mixtures.guide_effect import GuideEffectMixture
    from sgrna_estimator.mixtures.screens import fit_mixtures

    return fit_mixtures(
        GuideEffectMixture(),
        screen.target.to_numpy(),
        screen.groups,
        screen.screens,
        np.zeros(len(screen.target), dtype=bool),
    )


# Single fits --------------------------------------------------------------------------


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


def _network_of(model: Any, *, fitted: bool) -> Any:
    """Return the network that a pipeline of `make_model` ends in."""
    inner = "regressor_" if fitted else "regressor"
    return getattr(model, inner, model)[-1]


def fit_model(name: str, model: Any, screen: Screen) -> str | None:
    """Fit a model; return a sentence about it if Ctrl-C ended the fit early."""
    from sklearn import config_context

    from sgrna_estimator.exceptions import InterruptedFitWarning

    is_network = MODELS[name].is_network
    with (
        bad_input(f"{screen.name}: "),
        config_context(enable_metadata_routing=True),
        show_progress("epochs") as progress,
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always", InterruptedFitWarning)
        if is_network:
            network = _network_of(model, fitted=False)
            network.set_callbacks(_EpochCallback(progress))
        model.fit(screen.features, screen.target, **fit_params(name, screen))
        if is_network:
            network.set_callbacks()
            _network_of(model, fitted=True).set_callbacks()
    interrupted = False
    for warning in caught:
        if issubclass(warning.category, InterruptedFitWarning):
            interrupted = True
        else:
            show_warning(warning.message)
    if not interrupted:
        return None
    n_epochs = _network_of(model, fitted=True).n_iter_
    if n_epochs == 0:
        raise KeyboardInterrupt
    return f"Ctrl-C ended the fit after {n_epochs} epochs"


def fit_params(name: str, screen: Screen) -> Mapping[str, Any]:
    """Return what the fit of a model takes beside features and target."""
    if not (screen.through_mixture or MODELS[name].is_mixture):
        return {}
    labels = {"groups": screen.groups, "screens": screen.screens}
    return {key: values for key, values in labels.items() if values is not None}
