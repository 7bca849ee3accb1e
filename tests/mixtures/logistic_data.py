"""Guides drawn from the model of MixtureLogisticRegression."""

import numpy as np
from scipy.special import expit


def simulate(
    n_guides=600,
    n_genes=15,
    n_positions=5,
    coef_sd=0.8,
    intercept=-0.7,
    gene_intercept_scale=0.5,
    mu1=3.0,
    sigma_g=0.7,
    scales=(0.8, 1.0),
    seed=0,
):
    """Draw one-hot guides from the model, coefficients from the L2 penalty's prior."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 4, (n_guides, n_positions))
    X = (letters[:, :, None] == np.arange(4)).reshape(n_guides, -1).astype(float)
    coef = rng.normal(0, coef_sd, X.shape[1])
    gene = np.arange(n_guides) % n_genes
    gene_intercept = rng.normal(0, gene_intercept_scale, n_genes)
    effect = rng.normal(mu1, sigma_g, n_genes)
    probability = expit(intercept + gene_intercept[gene] + X @ coef)
    active = rng.random(n_guides) < probability
    y = np.where(
        active, rng.normal(effect[gene], scales[1]), rng.normal(0, scales[0], n_guides)
    )
    return X, y, gene, active, coef, effect, probability


def within_positions(n_features):
    """Matrix that subtracts the mean of each position's four coefficients.

    One-hot letters add up to 1, so only differences within a position mean anything.
    """
    return np.kron(np.eye(n_features // 4), np.eye(4) - 0.25)


def two_screens(seed=0):
    """The same coefficients in two screens that share two genes and little else."""
    X, y, gene, *_ = simulate(800, 8, seed=seed)
    other = simulate(800, 8, mu1=6.0, scales=(1.5, 1.5), seed=seed)
    rng = np.random.default_rng(seed + 100)
    active = rng.random(800) < expit(1.0 + X @ other[4])
    y_other = np.where(active, rng.normal(6, 1.5, 800), rng.normal(0, 1.5, 800))
    genes = np.append([f"g{g}" for g in gene], [f"g{g + 6}" for g in gene])
    return (
        np.vstack([X, X]),
        np.append(y, y_other),
        genes,
        np.repeat(["A", "B"], 800),
    )
