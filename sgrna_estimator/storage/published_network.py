"""Networks of published screens, to begin from."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline, make_pipeline

from sgrna_estimator import datasets
from sgrna_estimator.baselines.catalogue import ACCURATE_SETTINGS
from sgrna_estimator.network.regressor import PositionwiseReLURegressor
from sgrna_estimator.sequences.codes import read_texts
from sgrna_estimator.sequences.layout import GuideLayout, as_layout
from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer
from sgrna_estimator.sequences.spacer_hashes import Hashes, hash_texts

# Of one layout, so that several are one table.
_LAYOUT = GuideLayout.parse("4+20+3+3")
SOURCES: dict[str, Callable[..., Any]] = {
    "kim2019": datasets.fetch_kim2019,
    "crispron2021": datasets.fetch_crispron2021,
}


def published_network(
    name: str | Sequence[str] = "kim2019",
    *,
    n_networks: int = 5,
    exclude: Any = None,
    layout: GuideLayout | str | None = None,
    random_state: int | None = 0,
    n_jobs: int | None = None,
) -> Pipeline:
    """Fit the recommended network to published screens, as a prior of your own.

    Parameters
    ----------
    name : {"kim2019", "crispron2021"} or list of these, default="kim2019"
        Which screens. Of several, each is standardised and one network learns all.
    n_networks : int, default=5
        Networks from different seeds.
    exclude : array-like of str, default=None
        Guides that the networks must not have seen: those that they will be judged on.
        The same spacer in another context is the same guide.
    layout : GuideLayout or str, default=None
        Of `exclude`; that of the screens, "4+20+3+3", by default.
    random_state : int or None, default=0
        Seed.
    n_jobs : int or None, default=None
        Networks that are trained at once.

    Returns
    -------
    Pipeline
        Fitted: an encoder that numbers positions from the spacer, and the networks. Put
        it into a :class:`~sklearn.frozen.FrozenEstimator` for ``prior=``.

    Raises
    ------
    ValueError
        If there is no such screen, or the layout does not fit.
    DatasetError
        If a table cannot be downloaded.

    Examples
    --------
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sgrna_estimator import PositionwiseReLURegressor, published_network
    >>> source = published_network("kim2019")  # doctest: +SKIP
    >>> network = PositionwiseReLURegressor(
    ...     prior=FrozenEstimator(source), n_networks=5
    ... )  # doctest: +SKIP
    """
    hashes = None
    if exclude is not None:
        hashes = hash_texts(read_texts(exclude), as_layout(layout) or _LAYOUT)
    sequences, target, _ = guides_of(name, hashes)
    encoder = SequenceOneHotTransformer(
        position_names=_LAYOUT.position_names(), drop_constant=False
    ).set_output(transform="pandas")
    network = PositionwiseReLURegressor(
        n_networks=n_networks,
        n_jobs=n_jobs,
        random_state=random_state,
        **ACCURATE_SETTINGS,
    )
    return make_pipeline(encoder, network).fit(sequences, target)


def guides_of(
    name: str | Sequence[str], exclude: Hashes | None = None
) -> tuple[pd.Series, pd.Series, int]:
    """Return the guides of published screens.

    Parameters
    ----------
    name : str or sequence of str
        As in `published_network`.
    exclude : ndarray of uint64, default=None
        Hashes of guides to leave out.

    Returns
    -------
    sequences : Series of str
    target : Series of float64
        As measured; of several screens, standardised.
    n_left_out : int
    """
    names = [name] if isinstance(name, str) else list(name)
    unknown = [each for each in names if each not in SOURCES]
    if unknown or not names:
        raise ValueError(
            f"name must be one or several of {', '.join(SOURCES)}, got {name!r}"
        )
    screens = [SOURCES[each]() for each in names]
    sequences = pd.concat([each.sequences for each in screens], ignore_index=True)
    targets = [each.target for each in screens]
    if len(screens) > 1:
        targets = [(each - each.mean()) / each.std() for each in targets]
    target = pd.concat(targets, ignore_index=True)
    if exclude is None:
        return sequences, target, 0
    kept = ~np.isin(hash_texts(sequences.tolist(), _LAYOUT), exclude)
    return sequences[kept], target[kept], int((~kept).sum())
