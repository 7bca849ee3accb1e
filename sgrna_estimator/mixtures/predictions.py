"""What a fitted mixture with features says of guides, new ones or those of the fit.

For a gene that was seen, sums over what the fit knows about its gate and effect; for any
other, sums over the genes that could have been drawn. Where a guide's screen is not
known, averages over screens.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logsumexp

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator.mixtures.grids import NORMAL_RANGE, cell_centres, normal_log_mass
from sgrna_estimator.mixtures.guides import Components, normal_log_density
from sgrna_estimator.mixtures.null import null_log_density

if TYPE_CHECKING:
    from sgrna_estimator.mixtures.kernels import Cells


@dataclass(frozen=True)
class FittedScreens:
    """What a fit says about its S screens and G genes.

    Attributes
    ----------
    components : Components
        Null and active guides of each screen.
    intercept : ndarray of shape (S,)
        Log odds of being active in a typical gene, features aside.
    gene_intercept_scale : float
        Standard deviation of the genes' intercepts, log odds.
    screen_of_gene : ndarray of shape (G,), intp
        Screen of each gene.
    cells : Cells
        Grids of intercepts and effects of each gene, log2.
    posterior : ndarray of shape (G, n_gates, n_effects)
        Probability of each pair of cells.
    """

    components: Components
    intercept: Floats
    gene_intercept_scale: float
    screen_of_gene: Ints
    cells: "Cells"
    posterior: Floats


def gate_of_unseen_genes(fitted: FittedScreens, log_odds: Floats) -> Floats:
    """Return P(active) in a gene not seen, by screen: (n_guides,) -> (n_guides, S)."""
    n_cells = fitted.cells.gate.shape[1]
    ranges = np.array([NORMAL_RANGE])
    mass = np.exp(normal_log_mass(ranges, n_cells))[0]
    gates = fitted.gene_intercept_scale * cell_centres(ranges, n_cells)[0]
    eta = log_odds[:, None] + fitted.intercept
    gate = sum(m * expit(eta + b) for m, b in zip(mass, gates, strict=True))
    return gate / mass.sum()


def expect(
    fitted: FittedScreens, log_odds: Floats, gene: Ints, shares: Floats
) -> tuple[Floats, Floats]:
    """Return what features tell of guides.

    Parameters
    ----------
    fitted : FittedScreens
        The fit.
    log_odds : ndarray of shape (n_guides,)
        What a guide's features add to the log odds of being active.
    gene : ndarray of shape (n_guides,), intp
        Gene of each guide, -1 for one not seen.
    shares : ndarray of shape (n_guides, S)
        Probability of each screen.

    Returns
    -------
    probability : ndarray of shape (n_guides,)
        P(active).
    expected : ndarray of shape (n_guides,)
        Expected log2 fold change.
    """
    null_mean = fitted.components.null_mean
    gate = gate_of_unseen_genes(fitted, log_odds)
    probability = np.sum(shares * gate, axis=1)
    mean = (1 - gate) * null_mean + gate * fitted.components.effect_mean
    expected = np.sum(shares * mean, axis=1)

    seen = np.flatnonzero(gene >= 0)
    if seen.size:
        gene = gene[seen]
        screen = fitted.screen_of_gene[gene]
        eta = log_odds[seen] + fitted.intercept[screen]
        gate = expit(eta[:, None] + fitted.cells.gate[gene])
        mass = fitted.posterior.sum(axis=2)[gene]
        # E[mu_g, gate = b_j]: gate and effect are not independent given the data
        mass_times_effect = np.einsum(
            "gjk,gk->gj", fitted.posterior, fitted.cells.effect
        )[gene]
        probability[seen] = np.sum(mass * gate, axis=1)
        expected[seen] = (1 - probability[seen]) * null_mean[screen] + np.sum(
            mass_times_effect * gate, axis=1
        )
    return probability, expected


def judge(
    fitted: FittedScreens,
    log_odds: Floats,
    values: Floats,
    gene: Ints,
    shares: Floats,
) -> Floats:
    """Return the probability that guides are active, given their log2 fold change.

    Parameters
    ----------
    fitted, log_odds, gene, shares
        As in `expect`.
    values : ndarray of shape (n_guides,)
        Log2 fold changes.

    Returns
    -------
    ndarray of shape (n_guides,)
    """
    from sgrna_estimator.mixtures.kernels import average_over_cells

    components = fitted.components
    gate = gate_of_unseen_genes(fitted, log_odds)
    log_null = null_log_density(
        values[:, None],
        components.null_mean,
        components.null_scale,
        components.null_tail,
    )
    log_active = normal_log_density(
        values[:, None],
        components.effect_mean,
        np.hypot(components.active_scale, components.effect_scale),
    )
    log_ratio = logsumexp(np.log(gate) + log_active, b=shares, axis=1) - logsumexp(
        np.log1p(-gate) + log_null, b=shares, axis=1
    )
    probability = expit(log_ratio)

    seen = np.flatnonzero(gene >= 0)
    if seen.size:
        gene = gene[seen]
        screen = fitted.screen_of_gene[gene]
        probability[seen], _ = average_over_cells(
            values[seen],
            log_null[seen, screen],
            log_odds[seen] + fitted.intercept[screen],
            gene,
            fitted.cells,
            components.active_scale[fitted.screen_of_gene],
            fitted.posterior,
        )
    return probability


def judge_one_sided(
    fitted: FittedScreens,
    log_odds: Floats,
    values: Floats,
    gene: Ints,
    shares: Floats,
    sign: int,
) -> Floats:
    """Return the same where activity has one sign.

    A guide on the wrong side of the null is no likelier active than one at its mean.

    Parameters
    ----------
    fitted, log_odds, values, gene, shares
        As in `judge`.
    sign : {1, -1}
        Where the gene effects are, seen from the null.

    Returns
    -------
    ndarray of shape (n_guides,)
    """
    probability = judge(fitted, log_odds, values, gene, shares)
    null_mean = shares @ fitted.components.null_mean
    wrong = np.flatnonzero((values - null_mean) * sign < 0)
    most = judge(fitted, log_odds[wrong], null_mean[wrong], gene[wrong], shares[wrong])
    probability[wrong] = np.minimum(probability[wrong], most)
    return probability
