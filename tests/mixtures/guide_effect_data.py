"""Guides drawn from the model of GuideEffectMixture."""

import numpy as np


def simulate(
    n_genes=30, n_each=20, q0=0.3, mu1=3.0, sigma_g=0.7, scales=(0.6, 0.9), seed=0
):
    """Draw guides from the model itself."""
    rng = np.random.default_rng(seed)
    gene = np.repeat(np.arange(n_genes), n_each)
    mixing = rng.beta(4 * q0 / (1 - q0), 4, n_genes)
    effect = rng.normal(mu1, sigma_g, n_genes)
    active = rng.random(gene.size) < mixing[gene]
    log2fc = np.where(
        active,
        rng.normal(effect[gene], scales[1]),
        rng.normal(0, scales[0], gene.size),
    )
    return log2fc, gene, active, effect, mixing


def simulate_noise(noise, seed=0, n_genes=40, n_each=50):
    """A screen whose noise is "t3", "unequal" from guide to guide, or has "outliers"."""
    rng = np.random.default_rng(seed)
    gene = np.repeat(np.arange(n_genes), n_each)
    n_guides = gene.size
    active = rng.random(n_guides) < rng.beta(12 / 7, 4, n_genes)[gene]
    scale = (
        0.6
        * {
            "t3": 1 / np.sqrt(rng.chisquare(3, n_guides) / 3),
            "unequal": rng.lognormal(0, 0.6, n_guides),
            "outliers": np.where(rng.random(n_guides) < 0.02, 5, 1),
        }[noise]
    )
    effect = rng.normal(2.5, 0.7, n_genes)[gene] + rng.normal(0, 0.6, n_guides)
    return rng.normal(active * effect, scale), gene, active
