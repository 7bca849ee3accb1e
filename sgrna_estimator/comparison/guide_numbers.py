"""Guides -> numbers: the same for guides that an estimator may take for one.

A fold with the same guide on both sides tests memory. What is the same is judged as the
estimators see it, because two texts may be encoded alike.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from sgrna_estimator._sklearn_private import _safe_indexing
from sgrna_estimator._typing import Ints
from sgrna_estimator.comparison.one_hot_letters import read_letters
from sgrna_estimator.comparison.splits import connected, row_codes
from sgrna_estimator.sequences.codes import read_texts
from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer
from sgrna_estimator.sequences.same_guides import label_guides, same_guides

# The parameters of an encoder that say which guides it does not tell apart.
_HOW = ("unknown", "align", "alphabet")


class GuideNumbers(NamedTuple):
    """Which guides are the same.

    Attributes
    ----------
    numbers : ndarray of shape (n_guides,)
        The same for the same guides: from 0 on, in the order in which they first occur.
    n_joined : int
        Guides with the number of a guide that is written differently.
    """

    numbers: Ints
    n_joined: int


def number_guides(
    estimators: Mapping[str, Any], X: Any, sequences: Any = None
) -> GuideNumbers:
    """Give guides that an estimator may take for one the same number.

    Parameters
    ----------
    estimators : mapping of str to estimator
        Unfitted.
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        What they take.
    sequences : array-like of shape (n_guides, ...), default=None
        Of which equal entries are the same guide, instead of equal rows of X.

    Returns
    -------
    GuideNumbers
        Guides are the same if their entries are equal, or if an encoder of an estimator
        does not tell their sequences in X apart. Without an encoder, entries that are
        nucleotides are judged as if they were aligned at either end, and one-hot columns
        of X by their letters, whatever other columns hold.

    Raises
    ------
    ValueError
        If an encoder cannot read its sequences; it names the estimator and the rows.
    """
    given = X if sequences is None else sequences
    written = row_codes(given)
    labels = [written]
    encoded = _label_encoded(estimators, X)
    labels += encoded or _label_nucleotides(given)
    letters = read_letters(X) if sequences is None and not encoded else None
    if letters is not None:
        labels.append(same_guides(*letters))
    numbers = pd.factorize(reduce(connected, labels))[0]
    spellings = pd.Series(written).groupby(numbers).transform("nunique")
    return GuideNumbers(numbers, int((spellings > 1).sum()))


def describe_joined(n_joined: int) -> str:
    """Return a sentence on guides that only text tells apart, or ``""``.

    Parameters
    ----------
    n_joined : int
        As in `GuideNumbers`.

    Returns
    -------
    str
    """
    if not n_joined:
        return ""
    return (
        f"{n_joined} guides are written differently from another, but no letter that both "
        "have tells them apart: they count as the same guide."
    )


def _label_encoded(estimators: Mapping[str, Any], X: Any) -> list[Ints]:
    """Label the guides as each encoder in the estimators sees them."""
    labels: dict[tuple, Ints] = {}
    for name, estimator in estimators.items():
        for encoder, given in _encoders(estimator, X):
            how = {each: getattr(encoder, each) for each in _HOW}
            try:
                texts = read_texts(given)
                key = (*how.values(), *texts)
                if key not in labels:
                    labels[key] = label_guides(texts, **how)
            except (TypeError, ValueError) as error:
                raise ValueError(
                    f"estimator {name!r} cannot encode X: {error}"
                ) from error
    return list(labels.values())


def _encoders(part: Any, X: Any) -> Iterator[tuple[SequenceOneHotTransformer, Any]]:
    """Yield the encoders in an estimator, and what each is given of X.

    Those of priors are left out: they were fitted before.
    """
    if isinstance(part, SequenceOneHotTransformer):
        yield part, X
    elif isinstance(part, ColumnTransformer):
        for _, each, columns in part.transformers:
            if _has_encoder(each):
                where = columns(X) if callable(columns) else columns
                yield from _encoders(each, _safe_indexing(X, where, axis=1))
    elif isinstance(part, Pipeline):
        encodes = [_has_encoder(step) for _, step in part.steps]
        if any(encodes):
            first = int(np.argmax(encodes))  # what follows is given columns
            given = clone(part[:first]).fit_transform(X) if first else X
            yield from _encoders(part[first], given)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _encoders(each, X)
    elif _has_encoder(part):
        for each in part.get_params(deep=False).values():
            yield from _encoders(each, X)


def _has_encoder(part: Any) -> bool:
    """Tell whether an estimator is an encoder of sequences, or holds one."""
    if isinstance(part, SequenceOneHotTransformer):
        return True
    if isinstance(part, list | tuple):
        return any(map(_has_encoder, part))
    if isinstance(part, type | FrozenEstimator) or not hasattr(part, "get_params"):
        return False
    return any(map(_has_encoder, part.get_params(deep=False).values()))


def _label_nucleotides(given: Any) -> list[Ints]:
    """Label sequences of nucleotides aligned at either end; nothing else is labelled."""
    try:
        texts = read_texts(given)
        return [
            label_guides(texts, unknown="spread", align="left"),
            label_guides(texts, unknown="spread", align="right"),
        ]
    except (TypeError, ValueError):  # ids, say, or columns of numbers
        return []
