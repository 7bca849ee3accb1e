"""Which further fits a report shows beside a comparison, and these fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sgrna_estimator._sklearn_private import _safe_indexing
from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_target
from sgrna_estimator.comparison.fit_params import check_metadata, choose_fit_params
from sgrna_estimator.comparison.splits import Split
from sgrna_estimator.inspection.unwrap import is_network
from sgrna_estimator.mixtures.activity import fit_to_all
from sgrna_estimator.network.bounded_target import (
    BoundedTargetRegressor,
    check_bounds,
    to_share,
)

# Models of the catalogue whose coefficients are effects of letters. A report sets the
# first that was compared beside the network.
LINEAR = ("mixture_logistic", "fractional_logistic", "ridge", "lasso")

# A fitted mixture, and the log2 fold changes and genes that it was fitted to.
ScreenMixture = tuple[Any, Floats, NDArray | None]


@dataclass(frozen=True)
class FitsToShow:
    """What `ComparisonReport` takes under these names.

    Attributes
    ----------
    effects : dict of str to estimator
        Models fitted to all guides, whose effects of letters are shown.
    curves : dict of str to estimator
        Networks fitted without the test guides of a split, on which their validation
        loss was measured.
    mixtures : dict of str to (GuideEffectMixture, ndarray, ndarray or None)
        The mixture of each screen, with the log2 fold changes and the genes that it was
        fitted to.
    """

    effects: dict[str, Any]
    curves: dict[str, Any]
    mixtures: dict[str, ScreenMixture]


def fits_to_show(
    estimators: Mapping[str, Any],
    X: Any,
    y: ArrayLike,
    *,
    split: Split,
    groups: ArrayLike | None = None,
    screens: ArrayLike | None = None,
    through_mixture: bool = False,
) -> FitsToShow:
    """Make the fits that a report shows beside a comparison.

    Parameters
    ----------
    estimators : mapping of str to estimator
        What was compared, unfitted; it stays as it is. Effects are shown of the last
        network, and of the linear model of the catalogue that is found first (see
        ``LINEAR``); loss curves of each network at the end of a pipeline.
    X : sequences or DataFrame of shape (n_guides, ...)
        What the estimators take.
    y : array-like of shape (n_guides,)
        Measured activities.
    split : (ndarray, ndarray)
        Row numbers of the training and the test guides of the loss curves.
    groups, screens : array-like of shape (n_guides,), default=None
        Gene and screen of each guide, for the estimators that ask for them.
    through_mixture : bool, default=False
        Whether ``y`` are log2 fold changes, of which models learn the probability that
        a guide is active.

    Returns
    -------
    FitsToShow

    Examples
    --------
    >>> from sgrna_estimator.baselines.catalogue import make_model
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> from sgrna_estimator.report.fits import fits_to_show
    >>> screen = make_guide_screen(n_guides=200, n_genes=20, random_state=0)
    >>> X = screen.sequences.to_frame("seq")
    >>> models = {"ridge": make_model("ridge", sequence="seq")}
    >>> split = list(range(150)), list(range(150, 200))
    >>> fits = fits_to_show(models, X, screen.target, split=split)
    >>> list(fits.effects), fits.curves, fits.mixtures
    (['ridge'], {}, {})
    """
    target = check_target(y)
    genes = None if groups is None else np.asarray(groups)
    by_screen = None if screens is None else np.asarray(screens)
    networks = {
        name: pipeline
        for name, estimator in estimators.items()
        if (pipeline := _network_pipeline(estimator)) is not None
    }
    fitted = fit_to_all(target, genes, by_screen) if through_mixture else None
    curves = {}
    if networks:
        train, test = split
        learnt, judged = target[train], target[test]
        if fitted is not None:
            # Learnt from a mixture of the training guides alone, as in the comparison.
            own = fit_to_all(learnt, _take(genes, train), _take(by_screen, train))
            learnt, judged = own.probability, fitted.probability[test]
        beside = {
            name: fit_beside(
                *(pipeline, X, split),
                *(_as_learnt(y, estimators[name]) for y in (learnt, judged)),
            )
            for name, pipeline in networks.items()
        }
        # one that only begins from a prior has no epochs
        curves = {name: each for name, each in beside.items() if each.loss_curve_}
    linear = [name for name in LINEAR if name in estimators]
    extra = None if by_screen is None else {"screens": by_screen}
    metadata = check_metadata(extra, genes, len(target))
    effects = {}
    for name in [*list(networks)[-1:], *linear[:1]]:
        params = choose_fit_params(name, estimators[name], metadata)
        effects[name] = clone(estimators[name]).fit(X, target, **params)
    mixtures = {}
    if fitted is not None:
        names = ["the screen"] if screens is None else map(str, fitted.screens)
        for number, name in enumerate(names):
            mine = fitted.screen == number
            mixtures[name] = fitted.mixtures[number], target[mine], _take(genes, mine)
    return FitsToShow(effects, curves, mixtures)


def fit_beside(
    pipeline: Pipeline, X: Any, split: Split, learnt: Floats, judged: Floats
) -> Any:
    """Fit a network to the training guides of a split, with a loss on the test guides.

    Parameters
    ----------
    pipeline : Pipeline
        Encoder and network, unfitted; it stays as it is.
    X : sequences or DataFrame of shape (n_guides, ...)
        What the pipeline takes.
    split : (ndarray, ndarray)
        Row numbers of the training and the test guides.
    learnt : ndarray of shape (n_train,)
        What the network learns of the training guides.
    judged : ndarray of shape (n_test,)
        What its validation loss compares the predictions for the test guides with.

    Returns
    -------
    estimator
        The network, fitted.
    """
    pipeline = clone(pipeline)
    encoder, network = pipeline[:-1], pipeline[-1]
    train, test = split
    encoded = encoder.fit_transform(_safe_indexing(X, train))
    held_out = encoder.transform(_safe_indexing(X, test))
    return network.fit(encoded, learnt, X_val=held_out, y_val=judged)


def _network_pipeline(estimator: Any) -> Pipeline | None:
    """Return the pipeline that ends in a network, also inside a target regressor."""
    inner = getattr(estimator, "regressor", estimator)
    if isinstance(inner, Pipeline) and len(inner) > 1 and is_network(inner[-1]):
        return inner
    return None


def _as_learnt(y: Floats, estimator: Any) -> Floats:
    """Return a target as the network inside a model is given it."""
    if isinstance(estimator, BoundedTargetRegressor):
        return to_share(y, check_bounds(estimator.bounds))
    return y


def _take(labels: NDArray | None, rows: Any) -> NDArray | None:
    return None if labels is None else labels[rows]
