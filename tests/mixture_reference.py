"""The marginal likelihood of a gene's guides, slowly: no grid that moves, no products.

Every guide's two densities are written out for each of many gates and effects, and their
logarithms added up.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp
from scipy.stats import norm, t


@dataclass
class Gene:
    """What is unknown about a gene, on fine grids with log prior masses."""

    gates: np.ndarray
    log_mass_gate: np.ndarray
    effects: np.ndarray
    log_mass_effect: np.ndarray


@dataclass
class Summary:
    """What the data say about a gene."""

    log_marginal: float
    active: np.ndarray
    effect: float
    gate: float


def fine_normal(mean, scale, n=401, extent=8.0):
    """Return values and log masses of a normal prior."""
    values = np.linspace(-extent, extent, n)
    return mean + scale * values, norm.logpdf(values) + np.log(values[1] - values[0])


def fine_logit_beta(a, b, n=2001):
    """Return values and log masses of the logit of a Beta prior."""
    values = np.linspace(-30 / min(a, 1), 30 / min(b, 1), n)
    log_density = a * np.log(expit(values)) + b * np.log(expit(-values))
    return values, log_density - logsumexp(log_density)


def null_logpdf(y, mean, scale, tail):
    """The null, whose degrees of freedom are one over the tail."""
    if tail == 0:
        return norm.logpdf(y, mean, scale)
    return t.logpdf(y, 1 / tail, mean, scale)


def summarise(y, weight, eta, null, active_scale, gene):
    """Sum over the grids of one gene; the null is a mean, a scale and a tail."""
    gates, effects = gene.gates[:, None], gene.effects[None, :]
    log_joint = gene.log_mass_gate[:, None] + gene.log_mass_effect[None, :]
    log_active, log_any = [], []
    for i in range(len(y)):
        log_null_i = np.log(expit(-(eta[i] + gates))) + null_logpdf(y[i], *null)
        log_active_i = np.log(expit(eta[i] + gates)) + norm.logpdf(
            y[i], effects, active_scale
        )
        log_any_i = np.logaddexp(log_null_i, log_active_i)
        log_joint = log_joint + weight[i] * log_any_i
        log_active.append(log_active_i)
        log_any.append(log_any_i)
    log_marginal = logsumexp(log_joint)
    posterior = np.exp(log_joint - log_marginal)
    return Summary(
        log_marginal,
        np.array(
            [
                np.sum(posterior * np.exp(active - total))
                for active, total in zip(log_active, log_any, strict=True)
            ]
        ),
        float(np.sum(posterior * effects)),
        float(np.sum(posterior * gates)),
    )
