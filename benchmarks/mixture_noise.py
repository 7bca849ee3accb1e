"""Mixtures under other noise than the normal: claimed and true false calls.

    python benchmarks/mixture_noise.py [n_screens]

Screens of 40 genes of 50 guides whose noise is normal, Student's t with 3 degrees of
freedom, of a scale that differs from guide to guide (lognormal, sd 0.6), or five times as
large for 2 % of the guides; the mean mixing proportion is 30 % or 1 %. A call is
P(active) > 0.5; what is claimed is the mean of 1 - P(active) over the calls.
"""

import sys
import warnings

import numpy as np
import pandas as pd
from _common import describe_machine, print_table
from sklearn.metrics import log_loss, roc_auc_score

from sgrna_estimator import GuideEffectMixture

NOISE = {
    "normal": lambda rng, n: np.ones(n),
    "t3": lambda rng, n: 1 / np.sqrt(rng.chisquare(3, n) / 3),
    "unequal": lambda rng, n: rng.lognormal(0, 0.6, n),
    "2 % outliers": lambda rng, n: np.where(rng.random(n) < 0.02, 5, 1),
}


def draw(seed, noise, q0, n_genes=40, n_each=50):
    rng = np.random.default_rng(seed)
    gene = np.repeat(np.arange(n_genes), n_each)
    mixing = rng.beta(4 * q0 / (1 - q0), 4, n_genes)
    effect = rng.normal(2.5, 0.7, n_genes)
    active = rng.random(gene.size) < mixing[gene]
    own = effect[gene] + rng.normal(0, np.sqrt(0.9**2 - 0.6**2), gene.size)
    scale = 0.6 * NOISE[noise](rng, gene.size)
    return rng.normal(active * own, scale), gene, active


def measure(noise, q0, null, n_screens):
    probabilities, truths, wrong = [], [], []
    for seed in range(n_screens):
        y, gene, active = draw(seed, noise, q0)
        model = GuideEffectMixture(null=null, direction="positive")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*look active")
            model.fit(y, groups=gene)
        probabilities.append(model.predict_proba(y, gene))
        truths.append(active)
        wrong.append(model.wrong_sign_calls_)
    probability, active = np.concatenate(probabilities), np.concatenate(truths)
    called = probability > 0.5
    return {
        "active": q0,
        "noise": noise,
        "null": null,
        "claimed false": np.mean(1 - probability[called]),
        "truly false": np.mean(~active[called]),
        "found": np.mean(called[active]),
        "wrong-sign calls": np.mean(wrong),
        "AUC": roc_auc_score(active, probability),
        "log loss": log_loss(active, np.clip(probability, 1e-9, 1 - 1e-9)),
    }


def main(n_screens=20):
    describe_machine()
    rows = [
        measure(noise, q0, null, n_screens)
        for q0 in (0.3, 0.01)
        for noise in NOISE
        for null in ("normal", "t")
    ]
    print_table(
        pd.DataFrame(rows).set_index(["active", "noise", "null"]),
        f"{n_screens} screens of 2,000 guides a row",
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
