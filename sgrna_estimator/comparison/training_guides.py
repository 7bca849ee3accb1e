"""Guides that a fitted model or its prior has learnt from: they say nothing about it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._unwrap import innermost
from sgrna_estimator.network.fitted import Network
from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sequences.spacer_hashes import hash_texts

if TYPE_CHECKING:
    from sgrna_estimator.storage.model_file import FittedModel


class CannotTellError(ValueError):
    """It is not known which guides a model has learnt from; the message says why."""


def find_training_guides(
    model: "FittedModel", sequences: pd.Series, layout: GuideLayout | None
) -> NDArray[np.bool_]:
    """Tell which guides a fitted model, or what it began from, has learnt from.

    Parameters
    ----------
    model : FittedModel
        As `read_model` returns it.
    sequences : Series of str of shape (n_guides,)
    layout : GuideLayout or None
        Theirs, and that of the sequences that the model was fitted to.

    Returns
    -------
    ndarray of shape (n_guides,), bool
        Guides are the same if their spacers are.

    Raises
    ------
    CannotTellError
        If the model does not know it, or if it is not known where the spacers are.
    """
    own, networks = model.training_guides, _networks(model)
    if own is None and all(network.seen is None for network, _ in networks):
        raise CannotTellError(
            "its file does not say which guides it was fitted to (it was fitted without "
            "--layout, or to sequences of several lengths)"
        )
    if layout is None:
        raise CannotTellError(
            "it is not known where the spacers are in the sequences, which --layout says"
        )
    if not (sequences.str.len() == layout.length).all():
        raise CannotTellError(
            f"the layout {layout} has {layout.length} positions, but not all sequences "
            "have"
        )
    seen = [] if own is None else [own]
    for network, has_prior in networks:
        if network.seen is not None and _is_numbered_by(layout, network):
            seen.append(network.seen)
        elif has_prior:  # the file knows the model's own guides, not those of its prior
            raise CannotTellError(
                "it is not known which guides its prior has learnt from"
            )
    if not seen:
        raise CannotTellError(f"its columns are not numbered as {layout} numbers them")
    return np.isin(hash_texts(sequences.tolist(), layout), np.concatenate(seen))


def _networks(model: "FittedModel") -> list[tuple[Network, bool]]:
    """Return the networks in a model, and whether each began from a prior."""
    return [
        (network, hasattr(holder, "prior_scale_"))
        for holder in innermost(model.pipeline)
        for network in getattr(holder, "networks_", ())
    ]


def _is_numbered_by(layout: GuideLayout, network: Network) -> bool:
    """Tell whether position 1 of a network's columns can be the spacer's first."""
    names = network.columns.names
    return names is not None and set(names.positions) <= set(layout.position_names())
