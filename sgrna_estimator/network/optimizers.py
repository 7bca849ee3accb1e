"""Step-size schedules and the rule that ends a fit early: pure Python and NumPy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


def _constant(progress: NDArray, steps: NDArray, power: float) -> NDArray:
    return np.ones_like(progress)


def _inverse_scaling(progress: NDArray, steps: NDArray, power: float) -> NDArray:
    return (steps + 1.0) ** -power


def _half_cosine(progress: NDArray, steps: NDArray, power: float) -> NDArray:
    # (1 + cos(pi t)) / 2 as a square keeps its digits where t is close to 1, and is as
    # exact in float32, in which a sine costs a tenth
    left = np.maximum(1 - progress, 0).astype(np.float32)
    return np.square(np.sin(np.float32(np.pi / 2) * left))


# Each takes the share of the fit that is done, the number of steps taken and `power_t`,
# and gives the step size as a share of the initial one.
SCHEDULES: dict[str, Callable[[NDArray, NDArray, float], NDArray]] = {
    "constant": _constant,
    "invscaling": _inverse_scaling,
    "cosine": _half_cosine,
}


class Annealing(NamedTuple):
    """The steps over which a half cosine falls to zero.

    Attributes
    ----------
    start : float
        The step from which it falls.
    n_steps : float
        Over how many; infinity where the end is not known, and nothing falls.
    """

    start: float
    n_steps: float


def step_sizes(
    schedule: str,
    initial: float,
    power: float,
    first_step: int,
    n_steps: int,
    annealing: Annealing,
) -> NDArray[np.float32]:
    """Return the sizes of the optimiser steps ``first_step, first_step + 1, ...``.

    Parameters
    ----------
    schedule : {"constant", "invscaling", "cosine"}
        The step ``t`` (from 0) is ``initial``, ``initial / (t + 1) ** power`` or
        ``initial * (1 + cos(pi * (t - start) / n_steps)) / 2`` of ``annealing``.
    initial : float
        The largest step size.
    power : float
        Exponent of ``"invscaling"``.
    first_step, n_steps : int
        Which steps.
    annealing : Annealing
        For ``"cosine"``; from 0 over all steps of a fit.

    Returns
    -------
    ndarray of shape (n_steps,), float32
    """
    steps = np.arange(first_step, first_step + n_steps, dtype=np.float64)
    progress = (steps - annealing.start) / annealing.n_steps
    shares = SCHEDULES[schedule](progress, steps, power)
    with np.errstate(over="ignore"):  # an infinite step is noticed in the loss
        return (initial * shares).astype(np.float32, copy=False)


@dataclass
class OptimizerState:
    """What an optimiser remembers between steps.

    Attributes
    ----------
    moments : ndarray of shape (2, n_parameters), float32
        Adam's running means of the gradient and of its square; (2, 0) for plain SGD.
    clock : ndarray of shape (1,), int64
        Number of steps taken.
    dropout_state : ndarray of shape (1,), uint64
        State of the generator of dropout masks.
    """

    moments: NDArray[np.float32]
    clock: NDArray[np.int64]
    dropout_state: NDArray[np.uint64]

    @classmethod
    def fresh(
        cls, solver: str, n_parameters: int, rng: np.random.RandomState
    ) -> "OptimizerState":
        """Return the state before the first step."""
        n_moments = cls._n_moments(solver, n_parameters)
        seed = rng.randint(0, 2**63, dtype=np.uint64)
        return cls(
            np.zeros((2, n_moments), dtype=np.float32),
            np.zeros(1, dtype=np.int64),
            np.full(1, seed, dtype=np.uint64),
        )

    @staticmethod
    def _n_moments(solver: str, n_parameters: int) -> int:
        return n_parameters if solver == "adam" else 0

    def copy(self) -> "OptimizerState":
        """Return a state that does not move with this one."""
        return OptimizerState(
            self.moments.copy(), self.clock.copy(), self.dropout_state.copy()
        )

    def fits(self, solver: str, n_parameters: int) -> bool:
        """Whether this is a state of that solver."""
        return self.moments.shape[1] == self._n_moments(solver, n_parameters)


@dataclass
class Patience:
    """Tells when a loss has stopped falling.

    Attributes
    ----------
    tol : float
        By how much a loss must fall below the best one so far to count.
    n_iter_no_change : int
        How many losses in a row may fail to.
    best : float
        The lowest loss seen.
    n_failures : int
        How many losses ago that was, counting only falls by more than ``tol``.
    """

    tol: float
    n_iter_no_change: int
    best: float = np.inf
    n_failures: int = 0

    def improves(self, loss: float) -> bool:
        """Take note of a loss; return whether it is the lowest one yet."""
        self.n_failures = 0 if loss < self.best - self.tol else self.n_failures + 1
        is_best = loss < self.best
        self.best = min(self.best, loss)
        return is_best

    @property
    def exhausted(self) -> bool:
        """Whether ``n_iter_no_change`` losses in a row have failed to improve."""
        return self.n_failures >= self.n_iter_no_change
