"""Predictions whose errors guides of a gene share, drawn rather than fitted."""

import numpy as np


def predictions_of_genes(n_genes=6, n_guides=20, gene_sd=0.5):
    """Return measured and predicted activities, and the gene of each guide.

    Parameters
    ----------
    n_genes, n_guides : int
        Genes, and guides of each.
    gene_sd : float
        Of what the guides of a gene share, and the predictions do not know.
    """
    random = np.random.RandomState(7)
    number = np.repeat(np.arange(n_genes), n_guides)
    predicted = random.normal(size=n_genes * n_guides)
    y = predicted + random.normal(size=len(number))
    y += random.normal(0, gene_sd, n_genes)[number]
    return y, predicted, np.array([f"gene{each}" for each in number])
