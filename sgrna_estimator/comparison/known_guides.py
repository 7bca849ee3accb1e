"""Guides that a prior has learnt from: no model is judged on them."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sgrna_estimator._typing import Ints
from sgrna_estimator.comparison.splits import Split
from sgrna_estimator.network.columns import group_columns, split_covariates
from sgrna_estimator.network.fitted import hash_rows
from sgrna_estimator.network.prior import networks_of
from sgrna_estimator.network.rows import as_guide_rows
from sgrna_estimator.sequences.spacer_hashes import Hashes


def begin_from_priors(estimators: Mapping[str, Any]) -> list[str]:
    """Return the names of the estimators that begin from a prior.

    Parameters
    ----------
    estimators : mapping of str to estimator

    Returns
    -------
    list of str
    """
    return [
        name for name, each in estimators.items() if any(_networks_with_priors(each))
    ]


def known_to_priors(
    estimators: Mapping[str, Any], X: Any, guide_numbers: Ints
) -> NDArray[np.bool_]:
    """Tell which guides the prior of any estimator has learnt from.

    Parameters
    ----------
    estimators : mapping of str to estimator
        Not fitted, but for their priors.
    X : sequences, or {array-like, DataFrame} of shape (n_guides, ...)
        What the estimators take.
    guide_numbers : ndarray of shape (n_guides,)
        The same for guides that an estimator may take for one: if a prior knows any of
        them, it knows them all.

    Returns
    -------
    ndarray of shape (n_guides,), bool

    Warns
    -----
    UserWarning
        If this cannot be told of a prior, because its columns or those of X do not
        number the positions of a spacer.
    """
    known = np.zeros(len(guide_numbers), dtype=bool)
    for name, estimator in estimators.items():
        for encoder, network in _networks_with_priors(estimator):
            sources = networks_of(network.prior)
            seen = [each.seen for each in sources if each.seen is not None]
            hashes = _hashes(encoder, network, X)
            if hashes is None or len(seen) < len(sources):
                warnings.warn(
                    f"estimator {name!r}: which of these guides its prior has learnt "
                    "from cannot be told, because columns do not number the positions "
                    "of a spacer; its scores may be too good",
                    UserWarning,
                    stacklevel=3,
                )
                continue
            known |= np.isin(hashes, np.concatenate(seen))
    return np.isin(guide_numbers, guide_numbers[known])


def without_known(splits: list[Split], known: NDArray[np.bool_]) -> list[Split]:
    """Leave guides that a prior has learnt from out of the test sides of splits.

    Parameters
    ----------
    splits : list of (ndarray, ndarray)
        Row numbers of the training and the test guides.
    known : ndarray of shape (n_guides,), bool

    Returns
    -------
    list of (ndarray, ndarray)

    Raises
    ------
    ValueError
        If that leaves nothing to test on in one of them.
    """
    if not known.any():
        return splits
    kept = [(train, test[~known[test]]) for train, test in splits]
    for number, (_, test) in enumerate(kept):
        if not test.size:
            raise ValueError(
                f"a prior has learnt from all test guides of split {number}, so that it "
                "cannot be judged: fit the prior without the guides of this screen "
                "(published_network(exclude=...))"
            )
    return kept


def describe_known(n_known: int) -> str:
    """Return a sentence on the guides that were not tested on, or ``""``.

    Parameters
    ----------
    n_known : int
        Guides that a prior has learnt from.

    Returns
    -------
    str
    """
    if not n_known:
        return ""
    return (
        f"{n_known} guide{'s' if n_known > 1 else ''} that a prior has learnt from "
        f"{'are' if n_known > 1 else 'is'} in training only: no model is judged on them."
    )


def _networks_with_priors(estimator: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what encodes for a network with a prior, or None, and the network."""
    if getattr(estimator, "prior", None) is not None:
        yield None, estimator
    if not hasattr(estimator, "get_params"):
        return
    for part in [estimator, *estimator.get_params(deep=True).values()]:
        if isinstance(part, Pipeline) and getattr(part[-1], "prior", None) is not None:
            yield part[:-1], part[-1]


def _hashes(encoder: Any, network: Any, X: Any) -> Hashes | None:
    """Return the hashes of guides, as the network would read them."""
    if encoder is not None and len(encoder.steps):
        X = clone(encoder).fit_transform(X)
    names = getattr(X, "columns", None)
    if names is None:
        return None
    columns = group_columns(
        len(names), np.asarray(names), network.n_channels, network.covariates, 1
    )
    sequence, covariates = split_covariates(X.to_numpy(), columns)
    rows = as_guide_rows(sequence, covariates.astype(np.float32), columns)
    return hash_rows(rows, columns)
