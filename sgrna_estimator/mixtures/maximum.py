"""Maximum of a mixture's objective, and the curvature there that tells its uncertainty."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import minimize

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator.mixtures.objective import MixtureObjective

if TYPE_CHECKING:
    from sgrna_estimator.mixtures.kernels import Cells, Sums


Objective = TypeVar("Objective", bound=MixtureObjective)

# Enough genes, guides of each, and steps, to choose between starts.
_N_TRIAL_GENES = 1_000
_N_TRIAL_GUIDES = 200
_N_TRIAL_STEPS = 12

# Smallest eigenvalue, of the information of parameters in units of their own, that the
# error of its differences does not explain.
_SINGULAR = 1e-6

# Share of active guides, and mean gene effect in spreads of all guides, to start from.
_STARTS = ((0.2, 1.5), (0.5, 1.5))


@dataclass(frozen=True)
class Optimum:
    """Where a maximisation ended: ``trace`` holds the objective after each step."""

    vector: Floats
    trace: list[float]
    n_iter: int
    converged: bool

    @property
    def value(self) -> float:
        """Value of the objective."""
        return self.trace[-1]


def climb(
    objective: MixtureObjective,
    start: Floats,
    max_iter: int,
    tol: float,
    *,
    move_grid: bool,
) -> Optimum:
    """Take quasi-Newton steps; on a grid at rest none makes the objective smaller."""
    bounds = objective.bounds()
    start = np.clip(start, bounds[:, 0], bounds[:, 1])
    trace = [objective.evaluate(start, move_grid=move_grid).value]

    def descend(vector: Floats) -> tuple[float, Floats]:
        value, gradient, *_ = objective.evaluate(vector, move_grid=move_grid)
        return -value, -gradient

    result = minimize(
        descend,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        callback=lambda intermediate_result: trace.append(-intermediate_result.fun),
        options={"maxiter": max_iter, "ftol": tol, "gtol": 1e-8, "maxcor": 20},
    )
    # Status 2: no step improves what is already the maximum to the last digit.
    return Optimum(result.x, trace, int(result.nit), result.status in (0, 2))


def thin(gene: Ints, most: int) -> Ints:
    """Return rows of at most so many guides of each gene, evenly spaced."""
    sizes = np.bincount(gene)
    place = np.arange(gene.size) - (np.cumsum(sizes) - sizes)[gene]
    return np.flatnonzero(place % -(-sizes // most)[gene] == 0)


def _try_starts(
    make_objective: Callable[[], Objective], max_iter: int
) -> tuple[Objective, Optimum]:
    """Climb a little way from each start, then with the null that the highest shows."""
    trials = []
    for share_active, shift in _STARTS:
        objective = make_objective()
        start = objective.start(share_active, shift)
        n_steps = min(_N_TRIAL_STEPS, max_iter)
        trials.append(
            (objective, climb(objective, start, n_steps, 1e-6, move_grid=True))
        )
    objective, trial = max(trials, key=lambda pair: pair[1].value)
    objective.learn_null(trial.vector)
    n_steps = min(_N_TRIAL_STEPS, max_iter - trial.n_iter)
    if n_steps > 0:
        again = climb(objective, trial.vector, n_steps, 1e-6, move_grid=True)
        trial = replace(again, n_iter=trial.n_iter + again.n_iter)
    return objective, trial


def _climb_to_top(
    objective: MixtureObjective, start: Optimum, max_iter: int, tol: float
) -> Optimum:
    """Climb on a grid that follows the posterior, then to the end on a grid at rest.

    The trace is that of the second climb: values on different grids differ in the last
    digits.
    """
    optimum, n_iter = replace(start, converged=False), start.n_iter
    for move_grid in (True, False):
        if n_iter < max_iter:
            objective.evaluate(optimum.vector)  # which moves the grid to where it fits
            optimum = climb(
                objective, optimum.vector, max_iter - n_iter, tol, move_grid=move_grid
            )
            n_iter += optimum.n_iter
    return replace(optimum, n_iter=n_iter)


def maximise(
    make_objective: Callable[[Ints, float], Objective],
    gene: Ints,
    factors: list[float],
    max_iter: int,
    tol: float,
) -> tuple[float, Objective, Optimum]:
    """Maximise an objective in the direction that promises most.

    Directions and starts are compared on a sample, if there are many genes or guides.

    Parameters
    ----------
    make_objective : callable
        Returns the objective of some rows, given in order, whose log2 fold changes are
        multiplied by a factor.
    gene : ndarray of shape (n_guides,), intp
        Gene of each row, sorted.
    factors : list of float
        One for each direction to consider.
    max_iter : int
        Most steps.
    tol : float
        Relative change of the objective at which to stop.

    Returns
    -------
    factor : float
        That of the direction taken.
    objective : MixtureObjective
        Of all rows.
    optimum : Optimum
        Its maximum.
    """
    n_genes = gene[-1] + 1
    sample = thin(gene, _N_TRIAL_GUIDES)
    sample = sample[gene[sample] % -(-n_genes // _N_TRIAL_GENES) == 0]
    trials = {
        factor: _try_starts(partial(make_objective, sample, factor), max_iter)
        for factor in factors
    }

    def promise(factor: float) -> tuple[bool, float]:
        # a single gene may find its effect on the other side of the null
        objective, trial = trials[factor]
        return objective.has_active_above_null(trial.vector), trial.value

    factor = max(trials, key=promise)
    trial = trials[factor][1]
    objective = make_objective(np.arange(gene.size), factor)
    objective.learn_null(trial.vector)
    return factor, objective, _climb_to_top(objective, trial, max_iter, tol)


@dataclass(frozen=True)
class Uncertainty:
    """What a fit says about its genes, and how sure it is of everything.

    Attributes
    ----------
    free : ndarray of shape (n_free,), int
        Entries of the parameter vector that are neither known nor at a bound.
    covariance : ndarray of shape (n_free, n_free)
        Inverse of their observed information, nan if that has none.
    effect, gate : ndarray of shape (G,)
        Posterior means.
    effect_error, gate_error : ndarray of shape (G,)
        Posterior standard deviations.
    """

    free: Ints
    covariance: Floats
    effect: Floats
    effect_error: Floats
    gate: Floats
    gate_error: Floats


def posterior_moments(values: Floats, mass: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of each gene's values, from (G, n_cells) to (G,)."""
    mean = (mass * values).sum(axis=1)
    return mean, (mass * (values - mean[:, None]) ** 2).sum(axis=1)


def assess(
    objective: MixtureObjective,
    vector: Floats,
    gate_scale: Callable[[Floats], Floats],
    step: float = 1e-4,
) -> Uncertainty:
    """Differentiate at the maximum, on the grid as it is.

    The observed information is the difference of exact gradients. The variance of a
    gene's unknowns is their posterior variance at the maximum, plus what the shared
    parameters' uncertainty adds to it to first order (Kass and Steffey 1989).

    Parameters
    ----------
    objective : MixtureObjective
        What was maximised.
    vector : ndarray
        Its maximum.
    gate_scale : callable
        Maps gate values to the scale on which the gate is reported.
    step : float, default=1e-4
        Half the difference; entries of the vector are of order 1.
    """
    bounds = objective.bounds()
    free = np.flatnonzero(
        (vector > bounds[:, 0] + step) & (vector < bounds[:, 1] - step)
    )
    information = np.empty((free.size, free.size))
    slopes = np.empty((2 * objective.guides.n_genes, free.size))
    for column, entry in enumerate(free):
        ahead, behind = vector.copy(), vector.copy()
        ahead[entry] += step
        behind[entry] -= step
        at_ahead = objective.evaluate(ahead, move_grid=False)
        at_behind = objective.evaluate(behind, move_grid=False)
        gradient_fall = (at_behind.gradient - at_ahead.gradient)[free]
        information[:, column] = gradient_fall * objective.total_weight / (2 * step)
        mean_ahead, _ = _gene_moments(at_ahead.cells, at_ahead.sums, gate_scale)
        mean_behind, _ = _gene_moments(at_behind.cells, at_behind.sums, gate_scale)
        slopes[:, column] = (mean_ahead - mean_behind) / (2 * step)
    covariance = _inverse((information + information.T) / 2)

    _, _, cells, sums = objective.evaluate(vector, move_grid=False)
    mean, variance = _gene_moments(cells, sums, gate_scale)
    if np.isfinite(covariance).all():
        variance += np.einsum("gi,ij,gj->g", slopes, covariance, slopes)
    effect, gate = np.split(mean, 2)
    effect_error, gate_error = np.split(np.sqrt(variance), 2)
    return Uncertainty(free, covariance, effect, effect_error, gate, gate_error)


def _gene_moments(
    cells: "Cells", sums: "Sums", gate_scale: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    """Return posterior means and variances: of all effects, then of all gates."""
    moments = (
        posterior_moments(cells.effect, sums.posterior.sum(axis=1)),
        posterior_moments(gate_scale(cells.gate), sums.posterior.sum(axis=2)),
    )
    mean, variance = (np.concatenate(pair) for pair in zip(*moments, strict=True))
    return mean, variance


def _inverse(information: Floats) -> Floats:
    """Return the inverse, nan if some direction holds no information to speak of."""
    diagonal = np.diag(information)
    if np.all(diagonal > 0) and np.isfinite(information).all():
        root = np.sqrt(diagonal)  # first: products overflow for large weights
        scale = np.outer(root, root)
        values, vectors = eigh(information / scale)
        if values.size == 0 or values[0] > _SINGULAR:
            return (vectors / values) @ vectors.T / scale
    return np.full_like(information, np.nan)
