"""The fits behind the commands, with progress and with what Ctrl-C leaves."""

import warnings
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sgrna_estimator.baselines.catalogue import MODELS, compile_network, make_model
from sgrna_estimator.cli.screen import check_within, count_sets, looks_like_log2fc
from sgrna_estimator.cli.terminal import (
    Stop,
    Tell,
    bad_input,
    say,
    show_progress,
    show_warning,
)
from sgrna_estimator.cli.workers import prepare_workers

if TYPE_CHECKING:
    from sgrna_estimator.cli.prior import Prior
    from sgrna_estimator.comparison.result import ComparisonResult
    from sgrna_estimator.datasets import GuideTable
    from sgrna_estimator.network.bounded_target import Bounds
    from sgrna_estimator.scoring.calibration import Calibration
    from sgrna_estimator.sequences.alphabet import Unknown
    from sgrna_estimator.sequences.codes import Align
    from sgrna_estimator.sequences.layout import GuideLayout


# From so many guides on, folds take longer than it takes to start processes.
_WORTH_WORKERS = 5_000


# Which models -------------------------------------------------------------------------


def check_models(names: Collection[str]) -> list[str]:
    """Return the models named, in the order of the list of models."""
    for name in names:
        if name not in MODELS:
            raise Stop(f"there is no model {name!r}; there are {', '.join(MODELS)}")
    return [name for name in MODELS if name in names]


def without_unfit(
    names: list[str],
    asked_for: set[str],
    screen: "GuideTable",
    bounds: "Bounds | None" = None,
) -> tuple[list[str], list[str]]:
    """Leave out the models that this target does not suit, unless one was asked for.

    Parameters
    ----------
    names : list of str
        Keys of ``MODELS``.
    asked_for : set of str
        Those that were named by the user.
    screen : GuideTable
    bounds : (float, float) or None
        Of the target, within which its values are made sure to be.

    Returns
    -------
    names : list of str
        Without those that are left out.
    left_out : list of str
        Sentences about these.

    Raises
    ------
    Stop
        If one that was asked for does not suit, or a target is beyond the bounds.
    """
    check_within(screen, bounds)
    if screen.is_log2fc:
        return names, []
    left_out: dict[str, list[str]] = {}
    for name in names:
        model = MODELS[name]
        if bounds is not None and model.takes_bounds:
            continue
        if name in asked_for:
            _check_suits(name, screen)
        elif model.target == "probability" and _not_probabilities(screen):
            left_out.setdefault("targets from 0 to 1", []).append(name)
        elif model.target == "log2fc" and not looks_like_log2fc(screen):
            left_out.setdefault("log2 fold changes", []).append(name)
    unfit = set().union(*left_out.values())
    return [name for name in names if name not in unfit], [
        f"Not compared, being for {what} only: {', '.join(each)}."
        for what, each in left_out.items()
    ]


def default_models(*, prior: str | None, bounds: "Bounds | None") -> list[str]:
    """Return the models that are compared where none is named."""
    twice = set() if bounds is None else {"network"}  # it is network_logistic then
    return [
        name
        for name, model in MODELS.items()
        if name not in twice and (prior is not None or not model.needs_prior)
    ]


def may_gain(names: Collection[str], bounds: "Bounds | None") -> bool:
    """Tell whether bounds, where there are none, would change any of these models."""
    models = [MODELS[name] for name in names]
    return bounds is None and any(
        model.takes_bounds and model.target == "any" for model in models
    )


def check_takes_bounds(name: str, bounds: "Bounds | None") -> None:
    """Refuse bounds for a model that does not keep to them."""
    if bounds is not None and not MODELS[name].takes_bounds:
        some = ", ".join(each for each, model in MODELS.items() if model.takes_bounds)
        raise Stop(f"--bounds is for {some}: {name} has no logistic output")


def check_prior(names: Collection[str], prior: str | None) -> None:
    """Refuse a model that begins from a prior where there is none."""
    for name in names:
        if MODELS[name].needs_prior and prior is None:
            raise Stop(f"{name} needs --prior, which says what it begins from")


def model_for(
    name: str,
    screen: "GuideTable",
    *,
    unknown: "Unknown",
    align: "Align",
    seed: int,
    prior: "Prior | None" = None,
    layout: "GuideLayout | None" = None,
    n_networks: int = 1,
    bounds: "Bounds | None" = None,
) -> Any:
    """Return a model for a screen, unfitted."""
    if prior is not None and MODELS[name].needs_prior:
        layout = prior.layout
    return make_model(
        name,
        sequence=str(screen.sequences.name),
        covariates=list(map(str, screen.features))[1:],
        unknown=unknown,
        align=align,
        layout=layout,
        prior=None if prior is None else prior.model,
        n_networks=n_networks,
        through_mixture=screen.is_log2fc,
        bounds=bounds,
        by_gene=screen.groups is not None,
        n_guides=len(screen.target),
        random_state=seed,
    )


def _check_suits(name: str, screen: "GuideTable") -> None:
    """Say why a model that was asked for cannot be fitted to this target."""
    if MODELS[name].target == "probability":
        problem = _not_probabilities(screen)
    elif MODELS[name].target == "log2fc":
        problem = _not_log2fc(screen)
    else:
        problem = None
    if problem is not None:
        raise Stop(problem.format(model=name))


def _not_probabilities(screen: "GuideTable") -> str | None:
    """Say which target is not within [0, 1], if any is."""
    import numpy as np

    outside = np.flatnonzero((screen.target < 0) | (screen.target > 1))
    if not outside.size:
        return None
    return (
        f"{screen.locate(outside)}: the target in column "
        f"{screen.target.name!r} must be from 0 to 1 for {{model}}, but it is "
        f"{screen.target.iloc[outside[0]]:g}"
    )


def _not_log2fc(screen: "GuideTable") -> str | None:
    """Say why the targets cannot be log2 fold changes, if they cannot.

    Guides that do nothing scatter around 0, so that some are below it.
    """
    if screen.is_standardized:
        return "--standardize is not for log2 fold changes, which {model} needs"
    lowest, highest = screen.target.min(), screen.target.max()
    if lowest < 0 < highest:
        return None
    return (
        f"{screen.name}: the target in column {screen.target.name!r} must be log2 fold "
        f"changes, some below 0 and some above, for {{model}}, but it is from "
        f"{lowest:g} to {highest:g}"
    )


def uses_screens(names: Collection[str], screen: "GuideTable") -> bool:
    """Tell whether any of these models fits a mixture to each screen."""
    return screen.is_log2fc or any(MODELS[name].target == "log2fc" for name in names)


# Cross-validation ---------------------------------------------------------------------


def cross_validate(
    estimators: Mapping[str, Any],
    screen: "GuideTable",
    *,
    cv: int,
    repeats: int,
    n_jobs: int,
    **options: Any,
) -> "ComparisonResult":
    """Compare models on a screen; further options are those of `compare_estimators`."""
    from sklearn import config_context

    from sgrna_estimator.comparison.compare import compare_estimators

    estimators = sharing_mixtures(estimators, prepare_workers())
    with (
        bad_input(f"{screen.name}: "),
        config_context(enable_metadata_routing=True),
        show_progress("fits") as progress,
    ):
        if any(MODELS[name].family == "network" for name in estimators):
            compile_network()
        n_fits = cv * repeats * (len(estimators) + 1)  # the constant's as well
        progress(0, n_fits)
        return compare_estimators(
            estimators,
            screen.features,
            screen.target,
            groups=screen.groups,
            sequences=screen.sequences,
            cv=cv,
            repeats=repeats,
            scoring=_activity_scoring(screen) if screen.is_log2fc else None,
            n_jobs=min(n_jobs, n_fits),  # as many processes are started
            params=params_of_fits(estimators, screen),
            progress=lambda done, total, name: progress(done, total),
            **options,
        )


def permute(
    result: "ComparisonResult",
    estimators: Mapping[str, Any],
    screen: "GuideTable",
    *,
    n_permutations: int,
    n_jobs: int,
    seed: int,
) -> "ComparisonResult":
    """Return a comparison that also knows how models do on permuted measurements."""
    from dataclasses import replace

    from sklearn import config_context

    from sgrna_estimator.comparison.permutations import permutation_test

    estimators = sharing_mixtures(estimators, prepare_workers())
    with (
        bad_input(f"{screen.name}: "),
        config_context(enable_metadata_routing=True),
        show_progress("fits to permuted measurements") as progress,
    ):
        found = permutation_test(
            *(result, estimators, screen.features, screen.target),
            n_permutations=n_permutations,
            groups=screen.groups,
            params=params_of_fits(estimators, screen),
            n_jobs=n_jobs,
            random_state=seed,
            progress=lambda done, total, name: progress(done, total),
        )
    return replace(result, permutations_=found)


def sharing_mixtures(
    estimators: Mapping[str, Any], folder: str | None
) -> dict[str, Any]:
    """Return models that fit a mixture to the same guides once, by files in a folder."""
    from sklearn.base import clone

    from sgrna_estimator.mixtures.target import MixtureTargetRegressor

    return {
        name: clone(each).set_params(memory=folder)
        if isinstance(each, MixtureTargetRegressor)
        else each
        for name, each in estimators.items()
    }


def params_of_fits(
    estimators: Mapping[str, Any], screen: "GuideTable"
) -> dict[str, Any] | None:
    """Return what some models' fit takes beside genes."""
    if screen.screens is None or not uses_screens(estimators, screen):
        return None
    return {"screens": screen.screens}


def _activity_scoring(screen: "GuideTable") -> dict[str, Any]:
    """Return a scorer by mixtures of all guides, from which no model learns."""
    from sgrna_estimator.mixtures.activity import ActivityScorer, fit_to_all

    fitted = fit_to_all(screen.target.to_numpy(), screen.groups, screen.screens)
    return {"active": ActivityScorer.from_mixtures(fitted, screen.features.index)}


class HeldOut(NamedTuple):
    """What is known of a model by guides that were held out, if anything is.

    Attributes
    ----------
    calibration : Calibration or None
        Predictions of these guides, and what was measured.
    scores : dict or None
        ``n_held_out`` guides, ``n_folds``, and ``mean``, ``lower`` and ``upper`` of each
        metric that is defined.
    """

    calibration: "Calibration | None" = None
    scores: dict[str, Any] | None = None


def hold_out(
    name: str, model: Any, screen: "GuideTable", *, cv: int, seed: int
) -> tuple[HeldOut, str | None]:
    """Cross-validate one model; also return a sentence if Ctrl-C ended that early."""
    import numpy as np

    from sgrna_estimator.comparison.guide_numbers import number_guides
    from sgrna_estimator.scoring.calibration import FEWEST_HELD_OUT, Calibration

    same = number_guides({name: model}, screen.features, screen.sequences)
    n_sets = count_sets(screen, same.numbers)
    if n_sets < cv:
        say(
            f"{screen.name}: no intervals, because {cv} folds (--cv) need {cv} sets of "
            f"guides that share no gene and no sequence, and there are {n_sets}"
        )
        return HeldOut(), None
    say(f"holding out {cv} folds in turn, for intervals and an honest score")
    try:
        n_jobs = -1 if len(screen.target) >= _WORTH_WORKERS else 1
        result = cross_validate(
            {name: model}, screen, cv=cv, repeats=1, n_jobs=n_jobs, random_state=seed
        )
    except KeyboardInterrupt:
        return HeldOut(), "Ctrl-C came before intervals were known"
    predicted = result.predictions_[name].to_numpy(dtype=np.float64)
    measured = result.predictions_["y"].to_numpy(dtype=np.float64)
    scores = result.summary().query("estimator == @name").set_index("metric")
    scores = scores[["mean", "lower", "upper"]].dropna()
    by_metric = {str(metric): dict(row) for metric, row in scores.iterrows()}
    enough = len(measured) >= FEWEST_HELD_OUT
    bounds = getattr(model, "bounds", None)
    return HeldOut(
        Calibration(predicted, measured, bounds) if enough else None,
        {"n_held_out": len(measured), "n_folds": cv, **by_metric},
    ), None


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


def fit_model(name: str, model: Any, screen: "GuideTable") -> str | None:
    """Fit a model; return a sentence about it if Ctrl-C ended the fit early."""
    from sklearn import config_context

    from sgrna_estimator.comparison.fit_params import (
        check_metadata,
        choose_fit_params,
    )
    from sgrna_estimator.exceptions import InterruptedFitWarning

    is_network = MODELS[name].family == "network"
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
        extra = None if screen.screens is None else {"screens": screen.screens}
        metadata = check_metadata(extra, screen.groups, len(screen.target))
        params = choose_fit_params(name, model, metadata)
        model.fit(screen.features, screen.target, **params)
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
