"""Networks before their first step: from nothing, or from a prior."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats
from sgrna_estimator.network.architecture import Architecture
from sgrna_estimator.network.columns import Columns
from sgrna_estimator.network.encompassing import is_encompassed
from sgrna_estimator.network.fitted import Network, Standardisation, read_out_rows
from sgrna_estimator.network.prior import (
    Match,
    match_columns,
    scale_to_target,
    transplant,
    with_covariates_of,
    with_new_windows,
)
from sgrna_estimator.network.starts import TrainingSet, starting_parameters
from sgrna_estimator.network.training import Trainee

_BACKGROUND_ROWS = 512


@dataclass(frozen=True, eq=False)
class Beginning:
    """What the networks of an estimator have in common.

    Attributes
    ----------
    architecture : Architecture
    columns : Columns
    standardisation : Standardisation
    training : TrainingSet
    """

    architecture: Architecture
    columns: Columns
    standardisation: Standardisation
    training: TrainingSet

    def from_nothing(self, init: str, rng: np.random.RandomState) -> Trainee:
        """Return a network with drawn weights.

        Parameters
        ----------
        init : str
            As in the estimators.
        rng : RandomState

        Returns
        -------
        Trainee
        """
        theta = starting_parameters(self.architecture, init, self.training, rng)
        return self._trainee(theta, rng)

    def from_prior(
        self, source: Network, match: Match, rng: np.random.RandomState
    ) -> tuple[Trainee, float]:
        """Return a network with the weights of a source, and the scale of its z.

        Parameters
        ----------
        source : Network
        match : Match
            Where its windows and covariates are among the columns.
        rng : RandomState

        Returns
        -------
        trainee : Trainee
        scale : float
            Slope of the target by the source's z.
        """
        anchor = transplant(source, self.architecture, match)
        scale = scale_to_target(self.architecture, anchor, self.training)
        drawn = starting_parameters(self.architecture, "he", self.training, rng)
        theta = with_new_windows(self.architecture, anchor, match, drawn)
        trainee = self._trainee(theta, rng)
        trainee.anchor = anchor.astype(np.float32)
        return trainee, scale

    def needs_no_prior(self, sources: Sequence[Network], match: Match) -> bool:
        """Tell whether sources add nothing to what the guides themselves tell.

        Parameters
        ----------
        sources : sequence of Network
        match : Match

        Returns
        -------
        bool
        """
        z = np.zeros(len(self.training.y))
        for source in sources:
            anchor = transplant(source, self.architecture, match)
            scale_to_target(self.architecture, anchor, self.training)
            theta = anchor.astype(np.float32)
            z += read_out_rows(self.architecture, theta, self.training.rows)
        return is_encompassed(z, self.training, self.architecture.n_channels)

    def _trainee(
        self, theta: NDArray[np.float32], rng: np.random.RandomState
    ) -> Trainee:
        rows = rng.permutation(len(self.training.y))[:_BACKGROUND_ROWS]
        network = Network(
            self.architecture,
            self.columns,
            theta,
            self.standardisation,
            self.training.output,
            self.training.rows.subset(np.sort(rows)),
        )
        return Trainee(network, rng)


class Begun(NamedTuple):
    """Networks before their first step.

    Attributes
    ----------
    trainees : list of Trainee
    training : TrainingSet
        What they learn from, as they read it.
    scale : ndarray of shape (n_networks,)
        Slope of the target by the z of the source of each, 0 without one.
    n_positions : int
        Positions that the prior has too; 0 if there is none or it was set aside.
    """

    trainees: list[Trainee]
    training: TrainingSet
    scale: Floats
    n_positions: int


def begin_networks(
    architecture: Architecture,
    columns: Columns,
    own: Standardisation,
    read: Callable[[Standardisation], TrainingSet],
    rngs: Sequence[np.random.RandomState],
    init: str,
    sources: Sequence[Network],
    *,
    keep_prior: bool,
) -> Begun:
    """Begin from a prior, unless there is none or own guides tell all that it does.

    Parameters
    ----------
    architecture : Architecture
    columns : Columns
    own : Standardisation
        Of these guides.
    read : callable
        From a standardisation to the training set.
    rngs : sequence of RandomState
        One a network.
    init : str
        As in the estimators, without a prior.
    sources : sequence of Network
        The prior: network i begins from source i, and so on from the first again.
    keep_prior : bool
        Whether to begin from it whatever the guides tell.

    Returns
    -------
    Begun
    """
    if sources:
        match = match_columns(columns, sources[0].columns, architecture.window_size)
        standardisation = with_covariates_of(own, sources[0].standardisation, match)
        training = read(standardisation)
        begin = Beginning(architecture, columns, standardisation, training)
        if keep_prior or not begin.needs_no_prior(sources[: len(rngs)], match):
            begun = [
                begin.from_prior(source, match, rng)
                for source, rng in zip(cycle(sources), rngs, strict=False)
            ]
            scale = np.array([slope for _, slope in begun])
            trainees = [trainee for trainee, _ in begun]
            return Begun(trainees, training, scale, match.n_positions)
    training = read(own)
    begin = Beginning(architecture, columns, own, training)
    trainees = [begin.from_nothing(init, rng) for rng in rngs]
    return Begun(trainees, training, np.zeros(len(rngs)), 0)


def location_and_scale(
    covariates: Floats, weight: Floats, columns: Columns
) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each column, 1 where it does not vary.

    Parameters
    ----------
    covariates : ndarray of shape (n_guides, n_covariates)
    weight : ndarray of shape (n_guides,)
    columns : Columns
        What they are called.

    Returns
    -------
    mean, scale : ndarray of shape (n_covariates,)

    Raises
    ------
    ValueError
        If squares of a covariate overflow.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.average(covariates, axis=0, weights=weight)
        spread = np.sqrt(np.average((covariates - mean) ** 2, axis=0, weights=weight))
    bad = np.flatnonzero(~np.isfinite(spread))
    if bad.size:
        raise ValueError(
            f"the covariate {columns.covariate_label(bad[0])} must have a weighted "
            "variance that float64 can hold, but it is as large as "
            f"{np.abs(covariates[:, bad[0]]).max():g}"
        )
    # Rounding leaves a constant column a spread that is not quite zero.
    varies = (covariates.min(axis=0) < covariates.max(axis=0)) & (spread > 0)
    return mean, np.where(varies, spread, 1.0)
