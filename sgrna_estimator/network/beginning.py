"""Networks before their first step: from nothing, or from a prior."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats
from sgrna_estimator.network.architecture import Architecture
from sgrna_estimator.network.columns import Columns
from sgrna_estimator.network.fitted import Network, Standardisation
from sgrna_estimator.network.prior import (
    Match,
    scale_to_target,
    transplant,
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
