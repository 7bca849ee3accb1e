"""Sums over what is unknown about each gene: the only loops of the mixture models.

Pure functions over arrays, compiled by numba; they know nothing of scikit-learn.

Each gene ``g`` has two unknowns, the gate ``b_g`` (the log odds, before the guide's own
features, that a guide is active) and the effect ``mu_g`` (the mean log2 fold change of
its active guides). Both live on a grid with prior masses, and sums over them
are done in full::

    p(y_i | b, mu) = (1 - pi_i) N(y_i; mu0, sigma0^2) + pi_i N(y_i; mu, sigma1^2)
    pi_i           = 1 / (1 + exp(-(eta_i + b)))
    p(y_g)         = sum_jk mass_j mass_k prod_i p(y_i | b_j, mu_k)^w_i
"""

from collections import namedtuple

import numpy as np
from numba import uintp

from sgrna_estimator._compiling import njit

# The process that compiles a function can call it in two versions, optimised on its own
# and within its caller, whose last digits differ; any later process finds the second.
_njit_into_callers = njit(forceinline=True)

# Constants that the compiler sees, so that it unrolls the loops over cells. Three times as
# many change no log likelihood by more than 2e-5 per guide. The effect needs more cells:
# its posterior has a peak for each guide that may be the only active one.
N_GATES = 16
N_EFFECTS = 24

# Guides whose factors are multiplied before they are multiplied up: the products stay
# in registers meanwhile, which is three times faster.
_BLOCK = 4

# A guide's likelihood over that of its better component is at least the smaller of the
# two components' probabilities, 1e-13 here: a product of 20 does not underflow.
_MAX_LOG_ODDS = 30.0
_N_BLOCKS = 5

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)
Measured = namedtuple("Measured", "starts y weight log_null eta")
Measured.__doc__ = """Guides sorted by gene: gene ``g`` has ``starts[g]:starts[g + 1]``.

``starts`` (G + 1,) intp. Others (n,) float64: ``weight`` is positive, ``log_null`` the
log density of ``y`` under the null, ``eta`` what a guide's features add to the gate.
"""

Cells = namedtuple("Cells", "gate effect log_mass_gate log_mass_effect")
Cells.__doc__ = """Grid of each gene: values and log prior masses.

``gate`` and ``log_mass_gate`` (G, N_GATES); ``effect`` and ``log_mass_effect``
(G, N_EFFECTS).
"""

Sums = namedtuple(
    "Sums",
    "log_marginal posterior active active_square gate gate_gradient effect_gradient",
)
Sums.__doc__ = """What the sums over the grids give.

``log_marginal`` (G,): log p(y_g). ``posterior`` (G, N_GATES, N_EFFECTS): probability of
each pair of a gate and an effect. ``active`` (n,): P(z_i = 1 | y).
``active_square`` (n,): E[z_i (y_i - mu_g)^2 | y]. ``gate`` (n,): E[pi_i | y].
``gate_gradient`` (G, N_GATES), ``effect_gradient`` (G, N_EFFECTS): derivatives of
log p(y_g) with respect to the grid's values.
"""

Scratch = namedtuple("Scratch", "null_part active_part gate posterior")
Scratch.__doc__ = """Room for one gene. Flat arrays: views of rows are slow.

``null_part`` and ``active_part`` (guides, N_EFFECTS): densities of each guide under the
null and under each effect, over the larger of the two. ``gate`` (guides, N_GATES):
probability of being active for each gate. ``posterior`` (N_GATES, N_EFFECTS).
"""


@_njit_into_callers
def _make_scratch(starts):
    """Allocate room for the largest gene, in whole blocks of guides."""
    n_guides = 0
    for g in range(len(starts) - 1):
        n_guides = max(n_guides, starts[g + 1] - starts[g])
    n_rows = n_guides + _BLOCK
    return Scratch(
        np.empty(n_rows * N_EFFECTS),
        np.empty(n_rows * N_EFFECTS),
        np.empty(n_rows * N_GATES),
        np.empty(N_GATES * N_EFFECTS),
    )


@_njit_into_callers
def _compare(y, log_null, effect, scale, at, scratch, log_larger):
    """Write both densities of a guide over the larger one, for each effect.

    ``log_larger`` receives the logarithm of that larger one over the null density.
    """
    constant = _LOG_SQRT_2PI + np.log(scale) + log_null
    for k in range(N_EFFECTS):
        residual = (y - effect[k]) / scale
        log_ratio = -0.5 * residual * residual - constant
        smaller = np.exp(-abs(log_ratio))
        scratch.null_part[at + k] = smaller if log_ratio > 0 else 1.0
        scratch.active_part[at + k] = 1.0 if log_ratio > 0 else smaller
        log_larger[k] = max(log_ratio, 0.0)


@_njit_into_callers
def _open_gate(eta, values, at, gate):
    """Write the probability that a guide is active before its y is seen."""
    for j in range(N_GATES):
        log_odds = min(max(eta + values[j], -_MAX_LOG_ODDS), _MAX_LOG_ODDS)
        gate[at + j] = 1.0 / (1.0 + np.exp(-log_odds))


@_njit_into_callers
def _multiply_up(n_guides, scratch):
    """Add the log likelihood of guides of weight 1 to the log posterior."""
    null, active, gate, posterior = scratch
    J, K, block = uintp(N_GATES), uintp(N_EFFECTS), uintp(_BLOCK)
    n_blocks = (uintp(n_guides) + block - uintp(1)) // block
    n_rows = n_blocks * block  # the factor of no guide is 1
    null[n_guides * N_EFFECTS : n_rows * K] = 1.0
    active[n_guides * N_EFFECTS : n_rows * K] = 1.0
    gate[n_guides * N_GATES : n_rows * J] = 0.5
    product = np.ones(N_GATES * N_EFFECTS)
    for b in range(n_blocks):
        i0, j0 = b * block * K, b * block * J
        i1, j1 = i0 + K, j0 + J
        i2, j2 = i1 + K, j1 + J
        i3, j3 = i2 + K, j2 + J
        for j in range(J):
            p0, p1, p2, p3 = gate[j0 + j], gate[j1 + j], gate[j2 + j], gate[j3 + j]
            for k in range(K):
                factor = (1.0 - p0) * null[i0 + k] + p0 * active[i0 + k]
                factor *= (1.0 - p1) * null[i1 + k] + p1 * active[i1 + k]
                factor *= (1.0 - p2) * null[i2 + k] + p2 * active[i2 + k]
                factor *= (1.0 - p3) * null[i3 + k] + p3 * active[i3 + k]
                product[j * K + k] *= factor
        if (b + uintp(1)) % uintp(_N_BLOCKS) == 0 or b + uintp(1) == n_blocks:
            for jk in range(J * K):
                posterior[jk] += np.log(product[jk])
                product[jk] = 1.0


@_njit_into_callers
def _weigh_up(weight, scratch):
    """Add the log likelihood of guides of any weight to the log posterior."""
    null, active, gate, posterior = scratch
    for i in range(len(weight)):
        for j in range(N_GATES):
            p = gate[i * N_GATES + j]
            for k in range(N_EFFECTS):
                at = i * N_EFFECTS + k
                likelihood = (1.0 - p) * null[at] + p * active[at]
                posterior[j * N_EFFECTS + k] += weight[i] * np.log(likelihood)


@_njit_into_callers
def _sum_gene(g, measured, cells, scale, scratch):
    """Fill the scratch for a gene; return its log marginal likelihood."""
    first, last = measured.starts[g], measured.starts[g + 1]
    gate, posterior = scratch.gate, scratch.posterior
    log_null = 0.0
    log_larger = np.empty(N_EFFECTS)
    log_common = cells.log_mass_effect[g].copy()
    all_weights_are_1 = True
    for i in range(first, last):
        at = (i - first) * N_GATES
        weight, eta = measured.weight[i], measured.eta[i]
        if i > first and eta == measured.eta[i - 1]:
            gate[at : at + N_GATES] = gate[at - N_GATES : at]
        else:
            _open_gate(eta, cells.gate[g], at, gate)
        _compare(
            measured.y[i],
            measured.log_null[i],
            cells.effect[g],
            scale[g],
            (i - first) * N_EFFECTS,
            scratch,
            log_larger,
        )
        for k in range(N_EFFECTS):
            log_common[k] += weight * log_larger[k]
        log_null += weight * measured.log_null[i]
        all_weights_are_1 &= weight == 1.0

    for j in range(N_GATES):
        for k in range(N_EFFECTS):
            posterior[j * N_EFFECTS + k] = cells.log_mass_gate[g, j] + log_common[k]
    if all_weights_are_1:
        _multiply_up(last - first, scratch)
    else:
        _weigh_up(measured.weight[first:last], scratch)

    largest = posterior.max()
    total = 0.0
    for jk in range(N_GATES * N_EFFECTS):
        posterior[jk] = np.exp(posterior[jk] - largest)
        total += posterior[jk]
    posterior /= total
    return log_null + largest + np.log(total)


def empty_sums(n_guides, n_genes):
    """Allocate what `sum_over_cells` fills."""
    return Sums(
        np.empty(n_genes),
        np.empty((n_genes, N_GATES, N_EFFECTS)),
        np.empty(n_guides),
        np.empty(n_guides),
        np.empty(n_guides),
        np.empty((n_genes, N_GATES)),
        np.empty((n_genes, N_EFFECTS)),
    )


@njit
def sum_over_cells(measured, cells, scale, genes, sums):
    """Sum the likelihood of some genes over their grids.

    Parameters
    ----------
    measured : Measured
        All guides.
    cells : Cells
        Grids and prior masses of all genes.
    scale : ndarray of shape (G,)
        Standard deviation of active guides around their gene's effect.
    genes : ndarray of shape (n_genes,), intp
        The genes to sum.
    sums : Sums
        Receives the results of these genes and their guides.
    """
    starts, y, weight = measured.starts, measured.y, measured.weight
    scratch = _make_scratch(starts)
    null, active, gate, posterior = scratch
    J, K = uintp(N_GATES), uintp(N_EFFECTS)
    share = np.empty(N_EFFECTS)
    mass = np.empty(N_GATES)

    for g in genes:
        sums.log_marginal[g] = _sum_gene(g, measured, cells, scale, scratch)
        sums.posterior[g] = posterior.reshape(N_GATES, N_EFFECTS)
        sums.gate_gradient[g] = 0.0
        sums.effect_gradient[g] = 0.0
        for j in range(N_GATES):
            mass[j] = sums.posterior[g, j].sum()
        for i in range(starts[g], starts[g + 1]):
            row = uintp(i - starts[g])
            share[:] = 0.0
            sums.gate[i] = sums.active[i] = sums.active_square[i] = 0.0
            for j in range(J):
                p = gate[row * J + j]
                total = 0.0
                for k in range(K):
                    at = row * K + k
                    both = p * active[at]
                    both *= posterior[j * K + k] / ((1.0 - p) * null[at] + both)
                    share[k] += both
                    total += both
                sums.gate[i] += mass[j] * p
                sums.gate_gradient[g, j] += weight[i] * (total - mass[j] * p)
            for k in range(N_EFFECTS):
                residual = y[i] - cells.effect[g, k]
                sums.active[i] += share[k]
                sums.active_square[i] += share[k] * residual * residual
                sums.effect_gradient[g, k] += weight[i] * share[k] * residual
        for k in range(N_EFFECTS):
            sums.effect_gradient[g, k] /= scale[g] * scale[g]


@njit
def average_over_cells(y, log_null, eta, gene, cells, scale, posterior):
    """Average over what a fit knows about each guide's gene.

    Parameters
    ----------
    y, log_null, eta : ndarray of shape (n,)
        As in `Measured`, in any order.
    gene : ndarray of shape (n,), intp
        Row of each guide's gene in the arrays that follow.
    cells : Cells
        Grids of the genes of the fit.
    scale : ndarray of shape (G,)
        Standard deviation of active guides around their gene's effect.
    posterior : ndarray of shape (G, N_GATES, N_EFFECTS)
        As in `Sums`.

    Returns
    -------
    active : ndarray of shape (n,)
        E[P(z_i = 1 | y_i, b_g, mu_g)].
    log_ratio : ndarray of shape (n,)
        Logarithm of E[p(y_i | b_g, mu_g)] over the null density.
    """
    n_guides = len(y)
    active = np.zeros(n_guides)
    log_ratio = np.empty(n_guides)
    scratch = _make_scratch(np.array([0, 1]))
    null, active_part, gate, _ = scratch
    log_larger = np.empty(N_EFFECTS)
    for i in range(n_guides):
        g = gene[i]
        _open_gate(eta[i], cells.gate[g], 0, gate)
        _compare(y[i], log_null[i], cells.effect[g], scale[g], 0, scratch, log_larger)
        largest = log_larger.max()
        density = 0.0
        for k in range(N_EFFECTS):
            larger = np.exp(log_larger[k] - largest)
            for j in range(N_GATES):
                p = gate[j]
                both = (1.0 - p) * null[k] + p * active_part[k]
                active[i] += posterior[g, j, k] * p * active_part[k] / both
                density += posterior[g, j, k] * both * larger
        active[i] = min(active[i], 1.0)  # a sum of shares that may round up
        log_ratio[i] = largest + np.log(density)
    return active, log_ratio
