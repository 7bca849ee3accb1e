"""Mixture models: agreement, calibration, recovery, speed.

    python benchmarks/mixtures.py [agreement] [calibration] [recovery] [noise] [crispra]
                                  [chain] [million]

One table each: the published CRISPRa screens against their Hamiltonian Monte Carlo fit;
probabilities and intervals on screens drawn from the model; coefficients of the gate on
simulated screens, and on screens where the sequence has no effect; both CRISPRa screens
together, held out by gene; models that learn log2 fold changes as they are, or through a
mixture; and a screen of 1,000,000 guides. Without arguments all of them.
"""

import argparse
import multiprocessing
import resource
import sys
import time

import numpy as np
import pandas as pd
from _common import best_of, describe_machine, print_table
from scipy.special import expit
from scipy.stats import norm, spearmanr
from sklearn import config_context
from sklearn.metrics import log_loss
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GroupKFold

from sgrna_estimator import (
    GuideEffectMixture,
    MixtureLogisticRegression,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.datasets import fetch_crispra_tiling, make_guide_screen

PUBLISHED = {
    "neuron": {"mu1": 1.7, "q0": 0.2},
    "self_renewal": {"mu1": 4.3, "q0": 0.5},
}


# ---- what GuideEffectMixture is compared with ----------------------------------------


class JointMode:
    """The mode of the joint posterior by plain EM: what a sum over genes replaces.

    It has the prior means and scale of gene effects given.
    """

    def __init__(self, mu1, q0, sigma_g, mu0_scale=0.1):
        self.prior = mu1, q0, sigma_g, mu0_scale

    def fit_predict(self, y, gene, n_steps=2000):
        mu1, q0, sigma_g, mu0_scale = self.prior
        n_genes, n = gene.max() + 1, np.bincount(gene)
        mu0, sigma0, sigma1 = 0.0, 0.6 * y.std(), y.std()
        mu, q = np.full(n_genes, mu1), np.full(n_genes, q0)
        before = np.inf
        for _ in range(n_steps):
            log_ratio = norm.logpdf(y, mu[gene], sigma1) - norm.logpdf(y, mu0, sigma0)
            active = expit(np.log(q / (1 - q))[gene] + log_ratio)
            if np.abs(active - before).max() < 1e-6:
                break
            before, inactive = active, 1 - active
            share = np.bincount(gene, active, n_genes)
            q = (4 * q0 / (1 - q0) + share) / (4 / (1 - q0) + n)
            precision = share / sigma1**2 + 1 / sigma_g**2
            total = np.bincount(gene, active * y, n_genes)
            mu = (total / sigma1**2 + mu1 / sigma_g**2) / precision
            precision = inactive.sum() / sigma0**2 + 1 / mu0_scale**2
            mu0 = inactive @ y / sigma0**2 / precision
            sigma0 = np.sqrt(inactive @ (y - mu0) ** 2 / inactive.sum())
            sigma1 = np.sqrt(active @ (y - mu[gene]) ** 2 / active.sum())
        self.effect, self.effect_error = (
            mu,
            1 / np.sqrt(share / sigma1**2 + sigma_g**-2),
        )
        return active


def agreement():
    rows = []
    for screen, constants in PUBLISHED.items():
        table = fetch_crispra_tiling(screen).frame
        y, gene = table["log2fc"].to_numpy(), pd.factorize(table["gene"], sort=True)[0]
        published = table.groupby("gene")[["gene_effect", "mixing"]].first()

        def row(name, probability, seconds, effects=None, mixing=None, screen=screen,
                table=table, published=published):  # fmt: skip
            def pearson(a, b):
                return np.nan if a is None else np.corrcoef(a, b)[0, 1]

            rows.append(
                {
                    "screen": screen,
                    "model": name,
                    "mixture_probs": pearson(probability, table["mixture_probs"]),
                    "gene_effect": pearson(effects, published["gene_effect"]),
                    "mixing": pearson(mixing, published["mixing"]),
                    "seconds": seconds,
                }
            )

        for name, parameters in (
            ("GuideEffectMixture, published constants", constants),
            ("GuideEffectMixture, defaults", {}),
        ):
            model = GuideEffectMixture(null="normal", **parameters).fit(y, groups=gene)
            row(
                name,
                model.predict_proba(y, gene),
                best_of(lambda model=model, y=y, gene=gene: model.fit(y, groups=gene)),
                model.gene_effects_,
                model.mixing_,
            )
        joint = JointMode(**constants, sigma_g=1.0)
        row(
            "joint mode by EM, published constants, sigma_g = 1",
            joint.fit_predict(y, gene),
            best_of(lambda joint=joint, y=y, gene=gene: joint.fit_predict(y, gene)),
            joint.effect,
        )
        gaussians = GaussianMixture(2, random_state=0).fit(y[:, None])
        row(
            "scikit-learn's GaussianMixture, no genes",
            gaussians.predict_proba(y[:, None])[:, gaussians.means_.argmax()],
            best_of(lambda gaussians=gaussians, y=y: gaussians.fit(y[:, None])),
        )
    print_table(
        pd.DataFrame(rows).set_index(["screen", "model"]),
        "Pearson correlation with the published Hamiltonian Monte Carlo fit",
    )


# ---- calibration on screens drawn from the model -------------------------------------


def draw_screen(rng, n_genes, n_each, q0, mu1, sigma_g, scales):
    gene = np.repeat(np.arange(n_genes), n_each)
    mixing = rng.beta(4 * q0 / (1 - q0), 4, n_genes)
    effect = rng.normal(mu1, sigma_g, n_genes)
    active = rng.random(gene.size) < mixing[gene]
    y = np.where(
        active, rng.normal(effect[gene], scales[1]), rng.normal(0, scales[0], gene.size)
    )
    known = expit(
        np.log(mixing / (1 - mixing))[gene]
        + norm.logpdf(y, effect[gene], scales[1])
        - norm.logpdf(y, 0, scales[0])
    )
    return y, gene, active, effect, mixing, known


def calibration():
    settings = {
        "tiling: 40 genes of 50, mu1 2.5": (40, 50, 0.3, 2.5, 0.7, (0.6, 0.9)),
        "tiling, noisy: 40 of 50, mu1 1.7": (40, 50, 0.3, 1.7, 0.5, (1.0, 1.5)),
        "library: 2,000 of 5, mu1 2.0": (2000, 5, 0.1, 2.0, 0.7, (0.5, 0.7)),
        "small: 200 of 5, mu1 1.8": (200, 5, 0.25, 1.8, 0.6, (0.6, 0.8)),
    }
    rows, deciles = [], []
    for name, setting in settings.items():
        scores = []
        for seed in range(20):
            screen = draw_screen(np.random.default_rng(seed), *setting)
            y, gene, active, effect, mixing, known = screen
            model = GuideEffectMixture(null="normal", direction="positive").fit(
                y, groups=gene
            )
            probability = model.predict_proba(y, gene)
            z_effect = (model.gene_effects_ - effect) / model.gene_effect_std_errors_
            z_mixing = (model.mixing_ - mixing) / model.mixing_std_errors_
            joint = JointMode(setting[3], setting[2], setting[4])
            by_joint = joint.fit_predict(y, gene)
            z_joint = (joint.effect - effect) / joint.effect_error
            clipped = np.clip(by_joint, 1e-12, 1 - 1e-12)
            scores.append(
                {
                    "effects covered": np.mean(np.abs(z_effect) < 1.96),
                    "mixing covered": np.mean(np.abs(z_mixing) < 1.96),
                    "log loss": log_loss(active, probability),
                    "log loss, genes known": log_loss(active, known),
                    "effects covered, joint mode": np.mean(np.abs(z_joint) < 1.96),
                    "log loss, joint mode": log_loss(active, clipped),
                }
            )
            tenth = np.minimum((probability * 10).astype(int), 9)
            deciles.append(pd.DataFrame({"tenth": tenth, "said": probability,
                                         "was": active}))  # fmt: skip
        rows.append({"screen": name, **pd.DataFrame(scores).mean()})
    print_table(
        pd.DataFrame(rows).set_index("screen").T,
        "Screens drawn from the model, 20 each: nominal coverage 95 %. The joint mode "
        "is given the true mu1, q0 and sigma_g, GuideEffectMixture nothing",
    )
    table = pd.concat(deciles).groupby("tenth")
    print_table(
        pd.DataFrame(
            {
                "mean probability": table["said"].mean(),
                "share active": table["was"].mean(),
                "guides": table.size(),
            }
        ),
        "Guides of all these screens by their probability of being active",
    )


# ---- the gate ------------------------------------------------------------------------


def draw_gated_screen(rng, n_guides, n_genes, n_positions, coef_sd, mu1):
    letters = rng.integers(0, 4, (n_guides, n_positions))
    X = (letters[:, :, None] == np.arange(4)).reshape(n_guides, -1).astype(float)
    coef = rng.normal(0, coef_sd, X.shape[1])
    gene = np.arange(n_guides) % n_genes
    log_odds = -0.7 + rng.normal(0, 0.5, n_genes)[gene] + X @ coef
    active = rng.random(n_guides) < expit(log_odds)
    effect = rng.normal(mu1, 0.7, n_genes)
    y = np.where(active, rng.normal(effect[gene], 1.0), rng.normal(0, 0.8, n_guides))
    return X, y, gene, coef, effect


def recovery():
    settings = {
        "10 positions, coefficients of sd 0.7, mu1 3": (10, 0.7, 3.0),
        "20 positions, coefficients of sd 0.5, mu1 2.5": (20, 0.5, 2.5),
    }
    rows = []
    for name, (n_positions, coef_sd, mu1) in settings.items():
        # one-hot letters add up to 1: only differences within a position mean anything
        centre = np.kron(np.eye(n_positions), np.eye(4) - 0.25)
        scores = []
        for seed in range(100):
            rng = np.random.default_rng(seed)
            X, y, gene, coef, effect = draw_gated_screen(
                rng, 2000, 40, n_positions, coef_sd, mu1
            )
            start = time.perf_counter()
            model = MixtureLogisticRegression(C=coef_sd**2, null="normal").fit(
                X, y, groups=gene
            )
            seconds = time.perf_counter() - start
            found, truth = centre @ model.coef_, centre @ coef
            error = np.sqrt(np.diag(centre @ model.coef_covariance_ @ centre))
            z_effect = (model.gene_effects_ - effect) / model.gene_effect_std_errors_
            scores.append(
                {
                    "correlation with the truth": np.corrcoef(found, truth)[0, 1],
                    "covered": np.mean(np.abs(found - truth) < 1.96 * error),
                    "gene effects covered": np.mean(np.abs(z_effect) < 1.96),
                    "seconds": seconds,
                }
            )
        scores = pd.DataFrame(scores)
        rows.append(
            {
                "screen": name,
                **scores.mean(),
                "lowest correlation": scores["correlation with the truth"].min(),
            }
        )
    print_table(
        pd.DataFrame(rows).set_index("screen").T,
        "2,000 guides of 40 genes, 100 screens: 95 % intervals of the coefficients",
    )


def noise():
    rho = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        X, y, gene, *_ = draw_gated_screen(rng, 1000, 40, 10, 0.0, 3.0)
        train = np.arange(1000) < 500
        model = MixtureLogisticRegression(null="normal", standard_errors=False)
        model.fit(X[train], y[train], groups=gene[train])
        rho.append(spearmanr(model.predict(X[~train]), y[~train]).statistic)
    print_table(
        pd.DataFrame(
            {"mean rho": [np.mean(rho)], "standard error": [np.std(rho, ddof=1) / 10]}
        ),
        "Spearman correlation on held-out guides where the sequence has no effect",
    )


def crispra():
    data = fetch_crispra_tiling()
    X = SequenceOneHotTransformer().fit_transform(data.sequences).astype(float)
    y = data.frame["log2fc"].to_numpy()
    gene, screen = data.groups.to_numpy(), data.frame["screen"].to_numpy()
    rows = []
    for C in (1.0, 0.1, 0.01, 0.001):
        model = MixtureLogisticRegression(C=C, null="normal")
        seconds = best_of(
            lambda model=model: model.fit(X, y, groups=gene, screens=screen), 3
        )
        found = model.posterior(X, y, gene, screen)
        model.set_params(standard_errors=False)
        scores = []
        for train, test in GroupKFold(6, shuffle=True, random_state=0).split(
            X, y, gene
        ):
            model.fit(X[train], y[train], groups=gene[train], screens=screen[train])
            predicted = model.predict(X[test], screens=screen[test])
            mean = pd.Series(y[train]).groupby(screen[train]).mean()[screen[test]]
            within = [
                spearmanr(
                    predicted[gene[test] == g], y[test][gene[test] == g]
                ).statistic
                for g in np.unique(gene[test])
            ]
            scores.append(
                {
                    "mean squared error over the screen's mean": np.mean(
                        (predicted - y[test]) ** 2
                    )
                    / np.mean((mean.to_numpy() - y[test]) ** 2),
                    "Spearman within genes": np.mean(within),
                }
            )
        rows.append(
            {
                "C": C,
                "seconds": seconds,
                "posterior against mixture_probs": np.corrcoef(
                    found, data.frame["mixture_probs"]
                )[0, 1],
                **pd.DataFrame(scores).mean(),
            }
        )
    print_table(
        pd.DataFrame(rows).set_index("C"),
        f"Both CRISPRa screens, {X.shape[0]} guides, {X.shape[1]} columns; predictions "
        "of genes held out",
    )


def chain():
    data = fetch_crispra_tiling()
    _compare_chains(
        "Both CRISPRa screens, 2,073 guides",
        data.frame,
        data.frame["screen"].to_numpy(),
    )
    for n_guides, n_genes in ((2_000, 40), (8_000, 160)):
        screen = make_guide_screen(n_guides, n_genes, random_state=0)
        _compare_chains(f"Simulated, {n_guides:,} guides", screen.data, None)


def _compare_chains(title, frame, screens):
    """Compare models of log2 fold changes as they are, and through a mixture."""
    setting = {"sequence": "seq", "by_gene": True, "random_state": 0}
    models = {"mixture_logistic": make_model("mixture_logistic", **setting)}
    for name in ("ridge", "network", "network_windows"):
        models[name] = make_model(name, **setting)
        through = make_model(name, through_mixture=True, **setting)
        models[f"{name}, through the mixture"] = through
    with config_context(enable_metadata_routing=True):
        result = compare_estimators(
            models,
            frame[["seq"]],
            frame["log2fc"],
            groups=frame["gene"],
            params=None if screens is None else {"screens": screens},
            n_jobs=2,
            random_state=0,
        )
    table = result.summary("spearman").set_index("estimator")
    within = result.summary("within_group_spearman").set_index("estimator")
    error = result.summary("mse").set_index("estimator")
    print_table(
        pd.DataFrame(
            {
                "spearman": table["mean"],
                "lower": table["lower"],
                "upper": table["upper"],
                "within genes": within["mean"],
                "mse": error["mean"],
                "mse less the constant's": error["difference"],
                "p": error["p_adjusted"],
            }
        ),
        title,
    )


# ---- size ----------------------------------------------------------------------------


def _fit_a_million(queue):
    GuideEffectMixture().fit(np.random.default_rng(0).normal(size=50))  # compiles
    setting = (20_000, 50, 0.2, 2.0, 1.0, (1.0, 1.2))
    y, gene, _, effect, *_ = draw_screen(np.random.default_rng(0), *setting)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    model = GuideEffectMixture().fit(y, groups=gene)
    seconds = time.perf_counter() - start
    z = (model.gene_effects_ - effect) / model.gene_effect_std_errors_
    queue.put(
        {
            "seconds": seconds,
            "peak memory, GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            / 2**20,
            "of which before the fit": before / 2**20,
            "steps": model.n_iter_,
            "gene effects covered": np.mean(np.abs(z) < 1.96),
        }
    )


def million():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_fit_a_million, args=(queue,))
    process.start()
    result = queue.get()
    process.join()
    print_table(pd.DataFrame([result]), "1,000,000 guides of 20,000 genes, one thread")


TABLES = {
    function.__name__: function
    for function in (agreement, calibration, recovery, noise, crispra, chain, million)
}


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []])
    describe_machine()
    for name in parser.parse_args(arguments).tables or TABLES:
        TABLES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
