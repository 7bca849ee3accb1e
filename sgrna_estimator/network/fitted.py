"""The fitted network: all it takes to read z out of rows, and nothing of scikit-learn."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_sums
from sgrna_estimator.network.architecture import Architecture, Parameters
from sgrna_estimator.network.columns import Columns, split_covariates
from sgrna_estimator.network.effects import base_effects, interaction_effects
from sgrna_estimator.network.rows import (
    GuideRows,
    as_compiled,
    as_guide_rows,
    chunks,
)
from sgrna_estimator.network.threads import blas_threads_of
from sgrna_estimator.sequences.spacer_hashes import Hashes, hash_letters

_PREDICT_BATCH = 256


@dataclass(frozen=True)
class Standardisation:
    """What a network's numbers were standardised with.

    Attributes
    ----------
    covariate_mean, covariate_scale : ndarray of shape (n_covariates,)
    target_mean, target_scale : float
        0 and 1 where the network predicts the target as it is.
    """

    covariate_mean: Floats
    covariate_scale: Floats
    target_mean: float
    target_scale: float


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A fitted network.

    Attributes
    ----------
    architecture : Architecture
        Its sizes.
    columns : Columns
        What the columns of its matrix are.
    theta : ndarray of shape (n_parameters,), float32
        Its parameters, one after the other; `parameters` has them by name.
    standardisation : Standardisation
        Of its covariates and its target.
    output : {"identity", "logistic"}
        What makes a prediction of z.
    background : GuideRows
        Some of its training rows, over which effects are averaged.
    seen : ndarray of uint64, or None
        Hashes of the guides that it learnt from, its prior's included, sorted. None if
        its columns do not number the positions of a spacer.
    """

    architecture: Architecture
    columns: Columns
    theta: NDArray[np.float32]
    standardisation: Standardisation
    output: str
    background: GuideRows
    seen: Hashes | None = None

    def __repr__(self) -> str:
        return f"Network({self.columns}; {self.architecture})"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name, as views."""
        return self.architecture.split(self.theta)

    def with_parameters(self, theta: NDArray[np.float32]) -> "Network":
        """Return the network with other parameters."""
        return replace(self, theta=theta)

    def having_seen(self, *hashes: Hashes | None) -> "Network":
        """Return the network with more guides that it has seen.

        If it cannot be told which these are, it is not known which it has seen.
        """
        known = [each for each in hashes if each is not None]
        if len(known) < len(hashes):
            return replace(self, seen=None)
        return replace(self, seen=np.unique(np.concatenate(known)))

    def rows(self, X: Any) -> GuideRows:
        """Return the rows of a matrix as the network reads them.

        Parameters
        ----------
        X : {ndarray, CSR matrix} of shape (n_guides, n_features)

        Returns
        -------
        GuideRows
        """
        return standardised_rows(X, self.columns, self.standardisation)

    def read_out(self, X: Any) -> Floats:
        """Return z of each row of a matrix, a chunk of rows at a time.

        Parameters
        ----------
        X : {ndarray, CSR matrix} of shape (n_guides, n_features)

        Returns
        -------
        ndarray of shape (n_guides,)
            In units of the target, or in log odds.

        Raises
        ------
        ValueError
            If a number in X is so large that a sum overflows.
        """
        z = np.empty(X.shape[0])
        with blas_threads_of(self.architecture):
            for chunk in chunks(X.shape[0]):
                z[chunk] = self.read_out_rows(self.rows(X[chunk]))
        check_sums(z, "the network overflow: it is float32")
        return z

    def read_out_rows(self, rows: GuideRows) -> Floats:
        """Return z of rows that were made by `rows`.

        Parameters
        ----------
        rows : GuideRows

        Returns
        -------
        ndarray of shape (n_guides,)
            In units of the target, or in log odds.
        """
        z = read_out_rows(self.architecture, self.theta, rows).astype(np.float64)
        return z * self.standardisation.target_scale + self.standardisation.target_mean

    def base_effects(self) -> Floats:
        """Return what each letter at each position adds to z.

        Returns
        -------
        ndarray of shape (n_positions, n_channels)
        """
        with blas_threads_of(self.architecture):
            return base_effects(self.read_out_rows, self.background, self.columns)

    def interaction_effects(self, distance: int) -> Floats:
        """Return what two letters add to z beyond the sum of their base effects.

        Parameters
        ----------
        distance : int
            How many positions of the matrix apart the two letters are.

        Returns
        -------
        ndarray of shape (n_positions - distance, n_channels, n_channels)

        Raises
        ------
        ValueError
            If there are no two positions that far apart.
        """
        n_positions = self.columns.n_positions
        if not 1 <= distance < n_positions:
            raise ValueError(
                f"distance must be at least 1 and below the {n_positions} positions, "
                f"got {distance}"
            )
        with blas_threads_of(self.architecture):
            return interaction_effects(
                self.read_out_rows, self.background, self.columns, distance
            )


def standardised_rows(
    X: Any, columns: Columns, standardisation: Standardisation
) -> GuideRows:
    """Return the rows of a matrix as a network reads them.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_guides, n_features)
    columns : Columns
    standardisation : Standardisation

    Returns
    -------
    GuideRows
    """
    sequence, covariates = split_covariates(X, columns)
    deviations = covariates - standardisation.covariate_mean
    with np.errstate(over="ignore"):  # what becomes infinite is noticed in the read-out
        relative = (deviations / standardisation.covariate_scale).astype(np.float32)
    return as_guide_rows(sequence, relative, columns)


def hash_rows(rows: GuideRows, columns: Columns) -> Hashes | None:
    """Return a number for each guide, the same in any layout.

    Parameters
    ----------
    rows : GuideRows
    columns : Columns

    Returns
    -------
    ndarray of shape (n_guides,), uint64, or None
        None if the columns do not number the positions of a spacer.
    """
    if rows.letters is None or columns.names is None:
        return None
    return hash_letters(rows.letters, columns.names.positions, columns.names.letters)


def read_out_rows(
    architecture: Architecture, theta: NDArray[np.float32], rows: GuideRows
) -> NDArray[np.float32]:
    """Return z of rows, as the parameters have it: standardised.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,), float32
    rows : GuideRows

    Returns
    -------
    ndarray of shape (n_guides,), float32
    """
    from sgrna_estimator.network import kernels

    z = np.empty(len(rows), dtype=np.float32)
    shape, hidden = architecture.for_kernels()
    with blas_threads_of(architecture):
        kernels.predict(
            shape,
            hidden,
            as_compiled(theta),
            rows.take(slice(None)),
            _PREDICT_BATCH,
            z,
        )
    return z
