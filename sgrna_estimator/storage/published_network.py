"""Networks of published screens, to begin from."""

import stat
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pooch
from sklearn.pipeline import Pipeline, make_pipeline

from sgrna_estimator import datasets
from sgrna_estimator.baselines.catalogue import ACCURATE_SETTINGS
from sgrna_estimator.datasets import get_data_home
from sgrna_estimator.network.regressor import PositionwiseReLURegressor
from sgrna_estimator.sequences.codes import read_texts
from sgrna_estimator.sequences.layout import GuideLayout, as_layout
from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer
from sgrna_estimator.sequences.spacer_hashes import Hashes, hash_texts
from sgrna_estimator.storage.model_file import FittedModel, read_model
from sgrna_estimator.storage.summary import summarise_guides

# Of one layout, so that several are one table.
LAYOUT = GuideLayout.parse("4+20+NGG+3")
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
        hashes = hash_texts(read_texts(exclude), as_layout(layout) or LAYOUT)
    sequences, target, n_left_out = guides_of(name, hashes)
    kept = None
    if n_left_out == 0 and isinstance(random_state, int):
        names = "+".join([name] if isinstance(name, str) else name)
        kept = _folder() / f"{names}-{n_networks}-networks-{random_state}.sgrna"
        model = _read_kept(kept)
        if model is not None:
            return model
    encoder = SequenceOneHotTransformer(
        position_names=LAYOUT.position_names(), drop_constant=False
    ).set_output(transform="pandas")
    network = PositionwiseReLURegressor(
        n_networks=n_networks,
        n_jobs=n_jobs,
        random_state=random_state,
        **ACCURATE_SETTINGS,
    )
    model = make_pipeline(encoder, network).fit(sequences, target)
    if kept is not None:
        _keep(model, kept, sequences, target)
    return model


def _folder() -> Path:
    """Return where networks are kept: beside the tables, if that may be written to."""
    home = get_data_home()
    if home.exists() and not home.stat().st_mode & stat.S_IWUSR:
        home = Path(pooch.os_cache("sgrna_estimator"))
    return home / "networks"


def _read_kept(path: Path) -> Pipeline | None:
    """Return a network that was kept, None if it is not as this version would have it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # written by another version
        try:
            return read_model(path).pipeline
        except (OSError, ValueError, UserWarning):
            return None


def _keep(model: Pipeline, path: Path, sequences: pd.Series, target: pd.Series) -> None:
    """Keep a network for the next time, if there is room."""
    fitted = FittedModel(
        name="network_windows",
        pipeline=model,
        sequence="sequence",
        target="activity",
        covariates=[],
        unknown="error",
        align=None,
        random_state=model[-1].random_state,
        tables=[path.stem],
        summary=summarise_guides(sequences, target),
        layout=str(LAYOUT),
        training_guides=model[-1].networks_[0].seen,
    )
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fitted.write(path)


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
    kept = ~np.isin(hash_texts(sequences.tolist(), LAYOUT), exclude)
    return sequences[kept], target[kept], int((~kept).sum())
