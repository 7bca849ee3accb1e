"""Likelihood of guides that share what is unknown about their gene, and its maximum.

Both mixture models are one model with two descriptions of the gate, the log odds that a
guide is active. For guide ``i`` of gene ``g`` in screen ``s``::

    z_i ~ Bernoulli(pi_i),  logit pi_i = eta_i + b_g     is the guide active?
    y_i | z_i = 0 ~ t(nu_s, mu0_s, sigma0_s)             null, N(.) for nu = inf
    y_i | z_i = 1 ~ N(mu_g, sigma1_s^2)                  active
    mu_g ~ N(mu1_s, tau_s^2)                             gene effect

The gene's unknowns ``b_g`` and ``mu_g`` are summed out (`kernels`), which leaves a plain
function of the parameters that whole screens share: their log marginal likelihood plus
weak log priors. Two reasons to prefer its maximum to that of the joint posterior of all
unknowns. A guide cannot vouch for itself by pulling its gene's effect towards it, which
matters where genes have few guides. And the scale of gene effects has an estimate, where
the joint density is infinite at 0.

By Fisher's identity the gradient is the expectation that an EM step would need, at no
extra cost; quasi-Newton steps use it better than EM's own where components overlap.
"""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator.mixtures.grids import (
    NORMAL_LIMITS,
    NORMAL_RANGE,
    cell_centres,
    fit_ranges,
    normal_log_mass,
)
from sgrna_estimator.mixtures.guides import (
    Components,
    Guides,
    weighted_quantile,
)
from sgrna_estimator.mixtures.null import (
    fit_null,
    null_log_density,
    null_scores,
)

if TYPE_CHECKING:
    from sgrna_estimator.mixtures.kernels import Cells, Measured, Sums


# What the parameter vector holds about each screen, in this order.
NULL_MEAN, LOG_NULL_SCALE, LOG_SCALE_RATIO, SHIFT, LOG_EFFECT_SCALE = range(5)
N_SCREEN_PARAMETERS = 5

# Without a floor under the scales, in units of the spread of all guides, two guides of
# the same value would be a component of infinite likelihood.
_SCALE_FLOOR = 1e-2
_CEILING = 1e9

# Active guides spread at least half as far as inactive ones, which keeps the active
# component from settling on a clump of inactive guides.
_SCALE_RATIO_FLOOR = 0.5

# Weak priors, in units of the spread of all guides; they matter where a screen says
# next to nothing, such as one without active guides.
_SHIFT_PRIOR_SCALE = 5.0  # half normal
_LOG_SCALE_RATIO_PRIOR_SCALE = 1.0  # normal around equal scales
_EFFECT_SCALE_PRIOR_MEAN = 1.0  # gamma of shape 2, which keeps the estimate off 0

# Until the null is learnt it is a t of 5 degrees of freedom, whose mean outliers do not
# move.
_TRIAL_TAIL = 0.2

# Fewer guides on the wrong side of the null say too little about its tail.
_FEWEST_WRONG = 20

# Enough to come from anywhere to a posterior of any width.
_MAX_GRID_MOVES = 40


def log_gamma_prior(log_scale: Any, mean: float) -> tuple[Any, Any]:
    """Return a weak log prior of the logarithm of a scale, and its derivative.

    A gamma distribution of shape 2, as Chung et al. (2013) propose, but as a density of
    the logarithm: there the posterior is nearer to normal, so that its mode and
    curvature describe it better.
    """
    relative = 2 * np.exp(log_scale) / mean
    return 2 * np.log(relative) - relative, 2 - relative


class Evaluation(NamedTuple):
    """An objective at one vector, per guide."""

    value: float
    gradient: Floats
    cells: "Cells"
    sums: "Sums"


class MixtureObjective(ABC):
    """Penalised log marginal likelihood per guide, a function of one vector.

    The vector holds five numbers a screen (null mean, log null scale, log ratio of the
    scale of active guides to it, distance from the null to the mean gene effect, log
    scale of gene effects) and then the parameters of the gate, which a subclass defines.

    Parameters
    ----------
    guides : Guides
        What was measured.
    known : Components
        What is not to be estimated; nan elsewhere.
    null_mean_scale : float
        Standard deviation of the prior of the null mean.
    gate_ranges, gate_limits : ndarray of shape (G, 2)
        Where each gene's grid of gates starts out and how far it may go, in a
        coordinate that the subclass chooses.

    Attributes
    ----------
    gate_ranges, effect_ranges : ndarray of shape (G, 2)
        Where each gene's grid is: the gate in the subclass's coordinate, the gene
        effect in units of ``tau`` from ``mu1``.
    """

    def __init__(
        self,
        guides: Guides,
        known: Components,
        null_mean_scale: float,
        gate_ranges: Floats,
        gate_limits: Floats,
    ) -> None:
        from sgrna_estimator.mixtures.kernels import N_EFFECTS, N_GATES

        self.guides = guides
        self.known = known
        self.null_mean_scale = null_mean_scale
        self._gate_limits = gate_limits
        self.n_gates = N_GATES
        self._n_effects = N_EFFECTS
        self.total_weight = float(guides.weight.sum())
        self._starts = np.searchsorted(guides.gene, np.arange(guides.n_genes + 1))
        self._effect_limits = np.tile(NORMAL_LIMITS, (guides.n_genes, 1))
        self.effect_ranges = np.tile(NORMAL_RANGE, (guides.n_genes, 1))
        self.gate_ranges = gate_ranges.copy()

    # The gate, which a subclass defines.

    @abstractmethod
    def gate(self, vector: Floats) -> tuple[Floats, Floats, Floats]:
        """Return eta of each guide, then values and log masses of each gene's gate."""

    @abstractmethod
    def gate_gradient(self, vector: Floats, sums: "Sums") -> Floats:
        """Return the derivative of the log likelihood by the gate's parameters."""

    @abstractmethod
    def gate_log_prior(self, vector: Floats) -> tuple[float, Floats]:
        """Return the log prior of the gate's parameters and its gradient."""

    @abstractmethod
    def gate_start(self, share_active: float) -> Floats:
        """Return gate parameters that make this share of the guides active."""

    @abstractmethod
    def gate_bounds(self) -> Floats:
        """Return the lowest and highest value of each gate parameter."""

    # The components, common to all.

    @property
    def n_screen_parameters(self) -> int:
        """Number of entries of the vector before those of the gate."""
        return N_SCREEN_PARAMETERS * self.guides.n_screens

    def _by_screen(self, vector: Floats) -> Floats:
        return vector[: self.n_screen_parameters].reshape(-1, N_SCREEN_PARAMETERS)

    def start(self, share_active: float, shift: float) -> Floats:
        """Return a vector to start from, before bounds fix what is known."""
        guides = self.guides
        part = np.zeros((guides.n_screens, N_SCREEN_PARAMETERS))
        for screen in range(guides.n_screens):
            mine = guides.screen == screen
            # the median of those that would be inactive, were all others above them
            part[screen, NULL_MEAN] = weighted_quantile(
                guides.y[mine], guides.weight[mine], (1 - share_active) / 2
            )
        part[:, LOG_NULL_SCALE] = np.log(1 - share_active)
        part[:, SHIFT] = shift
        part[:, LOG_EFFECT_SCALE] = np.log(_EFFECT_SCALE_PRIOR_MEAN / 2)
        return np.concatenate([part.ravel(), self.gate_start(share_active)])

    def bounds(self) -> Floats:
        """Return the lowest and highest value of each entry; equal where it is known."""
        log_scale = [np.log(_SCALE_FLOOR), np.log(_CEILING)]
        bounds = np.empty((self.guides.n_screens, N_SCREEN_PARAMETERS, 2))
        bounds[:] = log_scale
        bounds[:, NULL_MEAN] = [-_CEILING, _CEILING]
        bounds[:, LOG_SCALE_RATIO] = [np.log(_SCALE_RATIO_FLOOR), np.log(_CEILING)]
        bounds[:, SHIFT] = [0, _CEILING]
        for column, values in (
            (NULL_MEAN, self.known.null_mean),
            (LOG_NULL_SCALE, np.log(self.known.null_scale)),
            (LOG_EFFECT_SCALE, np.log(self.known.effect_scale)),
            # a known mean is used as it is, and the shift has no meaning
            (SHIFT, self.known.effect_mean * 0),
        ):
            known = ~np.isnan(values)
            bounds[known, column] = values[known, None]
        return np.concatenate([bounds.reshape(-1, 2), self.gate_bounds()])

    def components(self, vector: Floats) -> Components:
        """Return what a vector says about each screen."""
        part = self._by_screen(vector)
        return Components(
            part[:, NULL_MEAN],
            np.exp(part[:, LOG_NULL_SCALE]),
            np.exp(part[:, LOG_NULL_SCALE] + part[:, LOG_SCALE_RATIO]),
            np.where(
                np.isnan(self.known.effect_mean),
                part[:, NULL_MEAN] + part[:, SHIFT],
                self.known.effect_mean,
            ),
            np.exp(part[:, LOG_EFFECT_SCALE]),
            np.where(np.isnan(self.known.null_tail), _TRIAL_TAIL, self.known.null_tail),
        )

    def _kernel_inputs(self, vector: Floats) -> "tuple[Measured, Cells, Floats]":
        from sgrna_estimator.mixtures import kernels

        guides, components = self.guides, self.components(vector)
        of_gene, of_guide = guides.screen_of_gene, guides.screen
        eta, gate, log_mass_gate = self.gate(vector)
        log_null = null_log_density(
            guides.y,
            components.null_mean[of_guide],
            components.null_scale[of_guide],
            components.null_tail[of_guide],
        )
        standardised = cell_centres(self.effect_ranges, self._n_effects)
        cells = kernels.Cells(
            gate,
            components.effect_mean[of_gene, None]
            + components.effect_scale[of_gene, None] * standardised,
            log_mass_gate,
            normal_log_mass(self.effect_ranges, self._n_effects),
        )
        measured = kernels.Measured(
            self._starts, guides.y, guides.weight, log_null, eta
        )
        return measured, cells, components.active_scale[of_gene]

    def evaluate(self, vector: Floats, *, move_grid: bool = True) -> Evaluation:
        """Return the objective, its gradient, and what they were computed from.

        Parameters
        ----------
        vector : ndarray
            Where.
        move_grid : bool, default=True
            Whether to move grids that the posterior does not fit, until it does.
        """
        cells, sums = self._integrate(vector, move_grid)
        log_prior, prior_gradient = self._screen_log_prior(vector)
        gate_log_prior, gate_prior_gradient = self.gate_log_prior(vector)
        value = float(sums.log_marginal.sum()) + log_prior + gate_log_prior
        gradient = np.concatenate(
            [
                self._screen_gradient(vector, sums) + prior_gradient,
                self.gate_gradient(vector, sums) + gate_prior_gradient,
            ]
        )
        return Evaluation(
            value / self.total_weight, gradient / self.total_weight, cells, sums
        )

    def learn_null(self, vector: Floats) -> None:
        """Take scales and tails of nulls from the guides on their wrong side.

        Activity has one sign, so that what is beyond the null's mean on the other side
        is noise alone. All guides together cannot tell heavy tails of the null from
        active guides that spread widely. Where fewer than 20 guides are on that side
        the null is normal. What is known stays.

        Parameters
        ----------
        vector : ndarray
            A trial, whose null means are the centres.
        """
        guides, known = self.guides, self.known
        mean = self.components(vector).null_mean
        scale, tail = known.null_scale.copy(), known.null_tail.copy()
        for screen in np.flatnonzero(np.isnan(tail)):
            mine = (guides.screen == screen) & (guides.y < mean[screen])
            tail[screen] = 0.0
            if guides.weight[mine].sum() >= _FEWEST_WRONG:
                _, found, tail[screen] = fit_null(
                    guides.y[mine], guides.weight[mine], mean[screen]
                )
                scale[screen] = max(found, _SCALE_FLOOR)
        self.known = replace(known, null_scale=scale, null_tail=tail)

    def has_active_above_null(self, vector: Floats) -> bool:
        """Tell whether active guides are on the side where effects should be."""
        guides, active = self.guides, self.evaluate(vector).sums.active
        null_mean = self.components(vector).null_mean[guides.screen]
        return bool(guides.weight @ (active * (guides.y - null_mean)) >= 0)

    def _integrate(self, vector: Floats, move_grid: bool) -> "tuple[Cells, Sums]":
        """Return the grid of every gene and the sums over it."""
        from sgrna_estimator.mixtures import kernels

        n_genes = self.guides.n_genes
        sums = kernels.empty_sums(len(self.guides.y), n_genes)
        moving = np.arange(n_genes)
        for _ in range(_MAX_GRID_MOVES):
            measured, cells, scale = self._kernel_inputs(vector)
            kernels.sum_over_cells(measured, cells, scale, moving, sums)
            if not move_grid:
                break
            moving = self._move_grid(moving, sums.posterior[moving])
            if moving.size == 0:
                break
        return cells, sums

    def _move_grid(self, genes: Ints, posterior: Floats) -> Ints:
        """Fit the grids of some genes to their posteriors; return those that moved."""
        effect_ranges = fit_ranges(
            self.effect_ranges[genes],
            posterior.sum(axis=1),
            self._effect_limits[genes],
        )
        gate_ranges = fit_ranges(
            self.gate_ranges[genes], posterior.sum(axis=2), self._gate_limits[genes]
        )
        moved = (effect_ranges != self.effect_ranges[genes]).any(axis=1)
        moved |= (gate_ranges != self.gate_ranges[genes]).any(axis=1)
        self.effect_ranges[genes] = effect_ranges
        self.gate_ranges[genes] = gate_ranges
        return genes[moved]

    def _screen_gradient(self, vector: Floats, sums: "Sums") -> Floats:
        guides, components = self.guides, self.components(vector)
        screen, n_screens = guides.screen, guides.n_screens

        def total(values: Floats) -> Floats:
            sums = np.bincount(screen, guides.weight * values, n_screens)
            return sums.astype(np.float64)

        def total_of_genes(values: Floats) -> Floats:
            sums = np.bincount(guides.screen_of_gene, values.sum(axis=1), n_screens)
            return sums.astype(np.float64)

        null_scale = components.null_scale
        residual = (guides.y - components.null_mean[screen]) / null_scale[screen]
        standardised = cell_centres(self.effect_ranges, self._n_effects)
        inactive = 1 - sums.active
        by_residual, _ = null_scores(residual, components.null_tail[screen])
        by_mean = total_of_genes(sums.effect_gradient)
        by_mean[~np.isnan(self.known.effect_mean)] = 0
        gradient = np.empty((n_screens, N_SCREEN_PARAMETERS))
        gradient[:, NULL_MEAN] = total(inactive * by_residual) / null_scale + by_mean
        active_squares = total(sums.active_square) / components.active_scale**2
        by_log_active_scale = active_squares - total(sums.active)
        gradient[:, LOG_NULL_SCALE] = (
            total(inactive * (residual * by_residual - 1)) + by_log_active_scale
        )
        gradient[:, LOG_SCALE_RATIO] = by_log_active_scale
        gradient[:, SHIFT] = by_mean
        gradient[:, LOG_EFFECT_SCALE] = components.effect_scale * total_of_genes(
            sums.effect_gradient * standardised
        )
        return gradient.ravel()

    def _screen_log_prior(self, vector: Floats) -> tuple[float, Floats]:
        part = self._by_screen(vector)
        value, gradient = 0.0, np.zeros_like(part)
        for column, scale in (
            (NULL_MEAN, self.null_mean_scale),
            (LOG_SCALE_RATIO, _LOG_SCALE_RATIO_PRIOR_SCALE),
            (SHIFT, _SHIFT_PRIOR_SCALE),
        ):
            value -= 0.5 * float(np.sum((part[:, column] / scale) ** 2))
            gradient[:, column] = -part[:, column] / scale / scale
        log_density, slope = log_gamma_prior(
            part[:, LOG_EFFECT_SCALE], _EFFECT_SCALE_PRIOR_MEAN
        )
        gradient[:, LOG_EFFECT_SCALE] = slope
        value += float(np.sum(log_density))
        return value, gradient.ravel()
