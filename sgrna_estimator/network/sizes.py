"""The sizes that a network is given: by parameters, by its columns, by a prior."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from sgrna_estimator.network.architecture import Architecture
from sgrna_estimator.network.columns import Columns
from sgrna_estimator.network.fitted import Network
from sgrna_estimator.network.prior import sizes_from


def chosen_sizes(params: dict[str, Any], sources: Sequence[Network]) -> dict[str, Any]:
    """Return the sizes that do not follow from the columns.

    Parameters
    ----------
    params : dict
        Parameters of the estimator.
    sources : sequence of Network
        Networks of its prior, whose sizes stand in for those left at their defaults.

    Returns
    -------
    dict
        ``window_size``, ``n_units``, ``share_weights`` and ``hidden_layer_sizes``.

    Raises
    ------
    ValueError
        If ``hidden_layer_sizes`` holds anything but numbers of units, or sizes
        contradict the prior's.
    """
    hidden = np.ravel(params["hidden_layer_sizes"]).tolist()
    if not all(isinstance(size, Integral) and int(size) > 0 for size in hidden):
        raise ValueError(
            "hidden_layer_sizes must hold whole numbers above 0, got "
            f"{params['hidden_layer_sizes']!r}"
        )
    sizes = {
        "window_size": int(params["window_size"]),
        "n_units": int(params["n_units"]),
        "share_weights": bool(params["share_weights"]),
        "hidden_layer_sizes": tuple(int(size) for size in hidden),
    }
    return sizes_from(sources[0].architecture, sizes) if sources else sizes


def architecture_of(columns: Columns, sizes: dict[str, Any]) -> Architecture:
    """Return the network of these sizes that reads these columns.

    Parameters
    ----------
    columns : Columns
    sizes : dict
        As `chosen_sizes` returns them.

    Returns
    -------
    Architecture
    """
    return Architecture(
        n_windows=columns.n_positions - sizes["window_size"] + 1,
        n_channels=columns.n_channels,
        n_covariates=len(columns.covariates),
        **sizes,
    )
