"""What code takes for granted, checked where a file could have it otherwise.

An object has the attributes that its class is made of. What predicting needs beyond them
is found by `trial`, but not where nothing looks:

numba's kernels and scikit-learn's trees look up what an index or a size says, without
looking whether it is there. A file that was made to be wrong, checksum and all, could so
have them read another's memory. Everything else here is numpy's, which looks.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from sgrna_estimator.storage.objects import type_name


def check_objects(objects: Iterable[Any]) -> None:
    """Check that nothing is missing, and the sizes and indices for compiled code.

    Parameters
    ----------
    objects : iterable of object
        All objects that were read.

    Raises
    ------
    ValueError
        If one is out of range. Where attributes are missing or are of another kind, any
        other exception.
    """
    for each in objects:
        _check_attributes(each)
        check = _CHECKS.get(type_name(type(each)))
        if check is not None:
            check(each)


def _check_attributes(thing: Any) -> None:
    """Raise if an object lacks a field, or a parameter of an estimator."""
    if is_dataclass(thing):
        for field in fields(thing):
            getattr(thing, field.name)
    elif isinstance(thing, BaseEstimator):
        thing.get_params(deep=False)


def _require(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _is_array(array: Any, dtype: Any, *shape: int) -> bool:
    return (
        type(array) is np.ndarray
        and array.dtype == dtype
        and array.shape == tuple(shape)
    )


def _are_below(numbers: Any, limit: int) -> bool:
    return numbers.size == 0 or 0 <= numbers.min() <= numbers.max() < limit


def _check_network(network: Any) -> None:
    """Check that a network's parameters and background are of its sizes."""
    sizes, columns = network.architecture, network.columns
    numbers = [
        *(sizes.n_windows, sizes.window_size, sizes.n_channels, sizes.n_units),
        *sizes.hidden_layer_sizes,
    ]
    _require(all(type(n) is int and n > 0 for n in numbers), "a network without sizes")
    _require(
        type(sizes.share_weights) is bool, "weights that are neither shared nor not"
    )
    n_covariates, n_positions = sizes.n_covariates, columns.n_positions
    n_columns = n_positions * sizes.n_channels
    _require(
        n_positions == sizes.n_windows + sizes.window_size - 1
        and columns.n_channels == sizes.n_channels,
        "a network of other columns than it says",
    )
    _require(
        _is_array(network.theta, np.float32, sizes.n_parameters),
        "a network of another number of parameters",
    )
    scaled = network.standardisation
    for each in (scaled.covariate_mean, scaled.covariate_scale):
        _require(
            _is_array(each, np.float64, n_covariates), "another number of covariates"
        )
    rows = network.background
    n_rows = len(rows.covariates)
    _require(
        _is_array(rows.covariates, np.float32, n_rows, n_covariates), "a background"
    )
    if rows.letters is None:
        _require(rows.values.shape == (n_rows, n_columns), "a background")
    else:
        _require(_is_array(rows.letters, np.uint8, n_rows, n_positions), "a background")
        # the kernels read this many channels, and one code more for none of them
        _require(
            _are_below(rows.letters, sizes.n_channels + 1), "a background's letter"
        )


def _check_network_estimator(estimator: Any) -> None:
    """Check that each network reads columns that the estimator's matrix has."""
    n_features = getattr(estimator, "n_features_in_", 0)
    for network in getattr(estimator, "networks_", ()):
        columns = network.columns
        n_sequence = columns.n_positions * columns.n_channels
        n_covariates = network.architecture.n_covariates
        _require(
            n_features == n_sequence + n_covariates, "a network of other columns than X"
        )
        if columns.sequence is None:
            _require(n_covariates == 0, "covariates without columns")
            continue
        for numbers, n in (
            (columns.sequence, n_sequence),
            (columns.covariates, n_covariates),
        ):
            _require(_is_array(numbers, np.intp, n), "columns without numbers")
            _require(_are_below(numbers, n_features), "a column that X does not have")


def _check_boosting(model: Any) -> None:
    """Check that trees lead from each node to later ones, and read columns of X."""
    from sgrna_estimator._sklearn_private import predictor_record_dtype

    for tree in (tree for trees in getattr(model, "_predictors", []) for tree in trees):
        nodes = tree.nodes
        _require(
            _is_array(nodes, predictor_record_dtype(), len(nodes)) and len(nodes),
            "a tree without nodes",
        )
        inner = np.flatnonzero(nodes["is_leaf"] == 0)
        for child in ("left", "right"):
            _require(
                _are_below(nodes[child][inner], len(nodes))
                and (nodes[child][inner] > inner).all(),
                "a tree with a branch that leads nowhere",
            )
        _require(
            _are_below(nodes["feature_idx"][inner], model.n_features_in_),
            "a tree that reads a column that X does not have",
        )
        _require(not nodes["is_categorical"].any(), "a tree of categories")


def _check_grid(cells: Any, posterior: Any, n_genes: int) -> None:
    """Check that what kernels look up of a mixture has a row for each of its genes."""
    from sgrna_estimator.mixtures.kernels import N_EFFECTS, N_GATES

    _require(
        _is_array(posterior, np.float64, n_genes, N_GATES, N_EFFECTS)
        and _is_array(cells.gate, np.float64, n_genes, N_GATES)
        and _is_array(cells.effect, np.float64, n_genes, N_EFFECTS),
        "a mixture of another number of genes",
    )


def _check_screens(fitted: Any) -> None:
    _check_grid(fitted.cells, fitted.posterior, len(fitted.screen_of_gene))
    _require(
        _are_below(fitted.screen_of_gene, len(fitted.intercept)), "a gene of no screen"
    )


def _check_mixture_logistic(mixture: Any) -> None:
    if hasattr(mixture, "_fitted"):
        _require(
            len(mixture.groups_) == len(mixture._fitted.screen_of_gene)
            and len(mixture._genes.group_of_gene) == len(mixture.groups_),
            "a mixture of another number of genes",
        )


def _check_gene_effects(mixture: Any) -> None:
    if hasattr(mixture, "_cells"):
        _check_grid(mixture._cells, mixture._posterior, len(mixture.groups_))
        _require(
            len(mixture._labels.values) == len(mixture.groups_),
            "a mixture of other genes than it says",
        )


_CHECKS: dict[str, Callable[[Any], None]] = {
    "sgrna_estimator.network.fitted.Network": _check_network,
    "sgrna_estimator.network.regressor.PositionwiseReLURegressor": (
        _check_network_estimator
    ),
    "sgrna_estimator.network.classifier.PositionwiseReLUClassifier": (
        _check_network_estimator
    ),
    "sgrna_estimator.mixtures.guide_effect.GuideEffectMixture": _check_gene_effects,
    "sgrna_estimator.mixtures.logistic.MixtureLogisticRegression": (
        _check_mixture_logistic
    ),
    "sgrna_estimator.mixtures.predictions.FittedScreens": _check_screens,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting."
    "HistGradientBoostingRegressor": _check_boosting,
}
