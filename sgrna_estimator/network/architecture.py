"""The sizes of a network, and its parameters by name."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Parameters(NamedTuple):
    """Views into one flat vector of parameters.

    Attributes
    ----------
    window_weights : ndarray of shape (n_sets, window_size, n_channels, n_units)
        One set a window, or one set for all windows.
    window_intercepts : ndarray of shape (n_sets, n_units)
    hidden_weights : list of ndarray of shape (n_inputs, n_hidden_units)
    hidden_intercepts : list of ndarray of shape (n_hidden_units,)
    readout_weights : ndarray of shape (n_inputs,)
        Without hidden layers the inputs are the units of all windows, window by window,
        then the covariates.
    intercept : ndarray of shape (1,)
    """

    window_weights: NDArray
    window_intercepts: NDArray
    hidden_weights: list[NDArray]
    hidden_intercepts: list[NDArray]
    readout_weights: NDArray
    intercept: NDArray


@dataclass(frozen=True)
class Architecture:
    """The sizes that determine a network."""

    n_windows: int
    window_size: int
    n_channels: int
    n_units: int
    n_covariates: int
    share_weights: bool
    hidden_layer_sizes: tuple[int, ...]

    @property
    def n_sets(self) -> int:
        """Number of sets of window weights."""
        return 1 if self.share_weights else self.n_windows

    @property
    def layer_inputs(self) -> list[int]:
        """Number of inputs of each hidden layer, then of the read-out."""
        first = self.n_windows * self.n_units + self.n_covariates
        return [first, *self.hidden_layer_sizes]

    @property
    def is_additive(self) -> bool:
        """Whether each position contributes on its own."""
        return self.window_size == 1 and not self.hidden_layer_sizes

    @property
    def n_parameters(self) -> int:
        """Length of the flat vector."""
        n_first = self.n_sets * (self.window_size * self.n_channels + 1) * self.n_units
        outputs = [*self.hidden_layer_sizes, 1]
        return n_first + sum(
            (n_in + 1) * n_out
            for n_in, n_out in zip(self.layer_inputs, outputs, strict=True)
        )

    def __str__(self) -> str:
        shared = "shared " if self.share_weights else ""
        hidden = "".join(f", hidden layer of {n}" for n in self.hidden_layer_sizes)
        return (
            f"{self.n_windows} windows of {self.window_size}, {self.n_units} {shared}"
            f"unit{'s' if self.n_units > 1 else ''} each{hidden}"
        )

    def split(self, theta: NDArray) -> Parameters:
        """Return the parameters by name, as views into the flat vector."""
        at = 0

        def view(*shape: int) -> NDArray:
            nonlocal at
            start, at = at, at + int(np.prod(shape))
            return theta[start:at].reshape(shape)

        weights = view(self.n_sets, self.window_size, self.n_channels, self.n_units)
        intercepts = view(self.n_sets, self.n_units)
        hidden_weights, hidden_intercepts = [], []
        for n_in, n_out in zip(
            self.layer_inputs[:-1], self.hidden_layer_sizes, strict=True
        ):
            hidden_weights.append(view(n_in, n_out))
            hidden_intercepts.append(view(n_out))
        readout = view(self.layer_inputs[-1])
        return Parameters(
            weights, intercepts, hidden_weights, hidden_intercepts, readout, view(1)
        )

    def for_kernels(self) -> tuple[Any, NDArray[np.int64]]:
        """Return the kernels' ``Shape`` and the hidden layers' sizes."""
        from sgrna_estimator.network.kernels import Shape

        shape = Shape(
            self.n_windows,
            self.window_size,
            self.n_channels,
            self.n_units,
            self.n_covariates,
            int(self.share_weights),
        )
        return shape, np.asarray(self.hidden_layer_sizes, dtype=np.int64)
