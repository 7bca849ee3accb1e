"""What a fitted estimator says of its networks."""

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._documentation import DocumentationLinkMixin
from sgrna_estimator._typing import Floats
from sgrna_estimator.network.architecture import Parameters
from sgrna_estimator.network.fitted import Network


class FittedNetworks(DocumentationLinkMixin):
    """Attributes that are read off the fitted networks, for the estimators."""

    networks_: tuple[Network, ...]

    @property
    def _only(self) -> Network:
        """The network, if there is one."""
        if not hasattr(self, "networks_"):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        if len(self.networks_) > 1:
            raise AttributeError(
                f"this {type(self).__name__} holds {len(self.networks_)} networks: "
                "networks_[0].parameters are those of the first"
            )
        return self.networks_[0]

    @property
    def _parameters(self) -> Parameters:
        return self._only.parameters

    @property
    def covariate_mean_(self) -> Floats:
        """What was subtracted from the covariates, (n_covariates,)."""
        return self.networks_[0].standardisation.covariate_mean

    @property
    def covariate_scale_(self) -> Floats:
        """What the covariates were divided by, (n_covariates,)."""
        return self.networks_[0].standardisation.covariate_scale

    @property
    def target_mean_(self) -> float:
        """What was subtracted from the target."""
        return self.networks_[0].standardisation.target_mean

    @property
    def target_scale_(self) -> float:
        """What the target was divided by."""
        return self.networks_[0].standardisation.target_scale

    @property
    def window_weights_(self) -> NDArray[np.float32]:
        """Weights of the first layer, (n_sets, window_size, n_channels, n_units)."""
        return self._parameters.window_weights.copy()

    @property
    def window_intercepts_(self) -> NDArray[np.float32]:
        """Intercepts of the first layer, (n_sets, n_units)."""
        return self._parameters.window_intercepts.copy()

    @property
    def hidden_weights_(self) -> list[NDArray[np.float32]]:
        """Weights of each hidden layer, (n_inputs, n_hidden_units)."""
        return [weights.copy() for weights in self._parameters.hidden_weights]

    @property
    def hidden_intercepts_(self) -> list[NDArray[np.float32]]:
        """Intercepts of each hidden layer, (n_hidden_units,)."""
        return [values.copy() for values in self._parameters.hidden_intercepts]

    @property
    def readout_weights_(self) -> Floats:
        """Weights of the read-out, (n_inputs,), in units of the target."""
        return self._parameters.readout_weights * float(self.target_scale_)

    @property
    def intercept_(self) -> float:
        """Intercept of the read-out, in units of the target."""
        beta0 = float(self._parameters.intercept[0])
        return float(beta0 * self.target_scale_ + self.target_mean_)

    @property
    def base_effects_(self) -> Floats:
        """What each letter at each position adds to z, (n_positions, n_channels).

        The mean of z over background guides (up to 512 of the training rows) whose
        letter at the position is replaced by this one, less the mean of z over the
        background. For an additive network it is exact: the effects of a guide's letters
        add up to its z less the mean. Of several networks it is the mean.
        """
        check_is_fitted(self)
        return np.mean([network.base_effects() for network in self.networks_], axis=0)

    def interaction_effects(self, distance: int = 1) -> Floats:
        """Return what two letters add to z beyond the sum of their base effects.

        Parameters
        ----------
        distance : int, default=1
            How many positions apart the two letters are.

        Returns
        -------
        ndarray of shape (n_positions - distance, n_channels, n_channels)
            ``[p, a, b]``: letter a at position p and letter b at position p + distance,
            averaged over the background of ``base_effects_``. Zero where the two
            positions share neither a window nor a hidden layer.

        Raises
        ------
        ValueError
            If there are no two positions that far apart.
        """
        check_is_fitted(self)
        return np.mean(
            [network.interaction_effects(distance) for network in self.networks_],
            axis=0,
        )
