"""GuideEffectMixture against a Hamiltonian Monte Carlo fit of the same model.

    pip install '.[mcmc]'
    python benchmarks/mixtures_mcmc.py

The model of the user guide, priors included, is written down in PyMC with the activity of
each guide summed out, and sampled with the No-U-Turn sampler of nutpie: 2 chains on a core
each, 1,000 steps of tuning. Both published CRISPRa screens are fitted twice: with the
published mu1 and q0, and with everything estimated. Times are those of 1,000 draws a chain;
answers are compared with 10,000 draws, whose Monte Carlo error is smaller. The tables say
whether the chains can be trusted, how far the answers are from each other and from the
published ones, and how long each takes. The whole takes a minute or two.
"""

import argparse
import time

import numpy as np
import pandas as pd
from _common import best_of, describe_machine, print_table
from scipy.special import expit, logit
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.datasets import fetch_crispra_tiling

try:
    import nutpie
    import pymc as pm
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error.name} is missing. This benchmark needs PyMC and nutpie: "
        "pip install '.[mcmc]'"
    ) from error

FITS = {
    ("neuron", "published constants"): {"mu1": 1.7, "q0": 0.2},
    ("neuron", "all estimated"): {},
    ("self_renewal", "published constants"): {"mu1": 4.3, "q0": 0.5},
    ("self_renewal", "all estimated"): {},
}
N_CHAINS, N_TUNE, N_DRAWS, N_DRAWS_TO_COMPARE, SEED = 2, 1_000, 1_000, 10_000, 0

# What guides share: name in the model here, attribute of the estimator.
SHARED = {
    "mu0": "null_mean_",
    "sigma0": "null_scale_",
    "sigma1": "active_scale_",
    "sigma_g": "sigma_g_",
    "mu1": "mu1_",
    "q0": "q0_",
}


# ---- the model, its draws, and what they say -----------------------------------------


def describe_model(y, gene, mu1=None, q0=None):
    """Return the model of `GuideEffectMixture`, effects above the null, in PyMC.

    Only the floors of ``sigma0`` and ``sigma_g``, 1 % of the spread, are left out.
    """
    quarter, three_quarters = np.quantile(y, [0.25, 0.75], method="inverted_cdf")
    spread = (three_quarters - quarter) / 1.349
    n_genes = int(gene.max()) + 1
    with pm.Model() as model:
        mu0 = pm.Normal("mu0", 0, 0.1)
        log_sigma0 = pm.Flat("log_sigma0")
        log_ratio = pm.TruncatedNormal("log_ratio", 0, 1, lower=np.log(0.5))
        sigma0 = pm.Deterministic("sigma0", pm.math.exp(log_sigma0))
        sigma1 = pm.Deterministic("sigma1", pm.math.exp(log_sigma0 + log_ratio))
        sigma_g = pm.Gamma("sigma_g", alpha=2, beta=2 / spread)
        if mu1 is None:
            mu1 = pm.Deterministic("mu1", mu0 + pm.HalfNormal("shift", 5 * spread))
        if q0 is None:
            q0 = pm.Beta("q0", 2, 8)
        q = pm.Beta("q", 4 * q0 / (1 - q0), 4, shape=n_genes)
        # drawn in units of sigma_g, as a small sigma_g would make a funnel of effects
        from_mean = pm.Normal("from_mean", 0, 1, shape=n_genes)
        mu = pm.Deterministic("mu", mu1 + sigma_g * from_mean)
        log_inactive = pm.math.log(1 - q)[gene] + pm.logp(
            pm.Normal.dist(mu0, sigma0), y
        )
        log_active = pm.math.log(q)[gene] + pm.logp(pm.Normal.dist(mu[gene], sigma1), y)
        pm.Potential("y", pm.math.logaddexp(log_inactive, log_active).sum())
    return model


def sample(compiled, n_draws):
    """Return a trace."""
    return nutpie.sample(
        compiled,
        draws=n_draws,
        tune=N_TUNE,
        chains=N_CHAINS,
        cores=N_CHAINS,
        seed=SEED,
        progress_bar=False,
    )


def diagnose(trace):
    """Return what tells whether chains have converged."""
    names = [name for name in (*SHARED, "q", "mu") if name in trace.posterior]
    draws = trace.posterior[names]
    return {
        "largest R-hat": float(pm.rhat(draws).max().to_array().max()),
        "smallest bulk ESS": float(pm.ess(draws, method="bulk").min().to_array().min()),
        "smallest tail ESS": float(pm.ess(draws, method="tail").min().to_array().min()),
        "divergences": int(trace.sample_stats["diverging"].sum()),
    }


def flatten(trace):
    """Return the draws of all chains by name, draws last."""
    return {
        name: np.moveaxis(values.to_numpy().reshape(-1, *values.shape[2:]), 0, -1)
        for name, values in trace.posterior.data_vars.items()
    }


# ---- the answers of both -------------------------------------------------------------


def answers_of_draws(draws, y, gene):
    """Return P(active) of guides, and what is known of genes."""
    probability = np.empty(y.size)
    for g, (mu, q) in enumerate(zip(draws["mu"], draws["q"], strict=True)):
        own = y[gene == g, None]
        log_ratio = norm.logpdf(own, mu, draws["sigma1"])
        log_ratio -= norm.logpdf(own, draws["mu0"], draws["sigma0"])
        probability[gene == g] = expit(logit(q) + log_ratio).mean(axis=1)
    return {
        "P(active)": probability,
        "gene effect": draws["mu"].mean(axis=1),
        "gene effect sd": draws["mu"].std(axis=1),
        "mixing": draws["q"].mean(axis=1),
        "mixing sd": draws["q"].std(axis=1),
    }


def answers_of_fit(model, y, gene):
    """Return the same of a `GuideEffectMixture`."""
    return {
        "P(active)": model.predict_proba(y, gene),
        "gene effect": model.gene_effects_,
        "gene effect sd": model.gene_effect_std_errors_,
        "mixing": model.mixing_,
        "mixing sd": model.mixing_std_errors_,
    }


def compare(found, reference):
    """Return how far answers are from those of the reference."""
    result = {}
    for name in ("P(active)", "gene effect", "mixing"):
        difference = np.abs(found[name] - reference[name])
        result[f"{name}: Pearson"] = np.corrcoef(found[name], reference[name])[0, 1]
        result[f"{name}: largest difference"] = difference.max()
    for name in ("gene effect", "mixing"):
        ratio = found[f"{name} sd"] / reference[f"{name} sd"]
        difference = np.abs(found[name] - reference[name]) / reference[f"{name} sd"]
        result[f"{name}: largest difference / sd"] = difference.max()
        result[f"{name}: ratio of sd, median gene"] = np.median(ratio)
        result[f"{name}: ratio of sd, lowest gene"] = ratio.min()
        result[f"{name}: ratio of sd, highest gene"] = ratio.max()
    return result


def compare_with_published(found, table):
    """Return correlations with the columns that were published with the screen."""
    of_genes = table.groupby("gene")[["gene_effect", "mixing"]].first()
    published = {
        "mixture_probs": (found["P(active)"], table["mixture_probs"]),
        "gene_effect": (found["gene effect"], of_genes["gene_effect"]),
        "mixing": (found["mixing"], of_genes["mixing"]),
    }
    return {name: np.corrcoef(*pair)[0, 1] for name, pair in published.items()}


# ---- the tables ----------------------------------------------------------------------


def time_both(y, gene, constants):
    """Return a fit, a trace by the number of draws, and seconds."""
    fit = GuideEffectMixture(null="normal", **constants)
    fitting = best_of(lambda: fit.fit(y, groups=gene))
    if fit.direction_ != "positive":
        raise ValueError("the model of this benchmark has effects above the null")
    start = time.perf_counter()
    compiled = nutpie.compile_pymc_model(describe_model(y, gene, **constants))
    compiling = time.perf_counter() - start
    sampling = best_of(lambda: sample(compiled, N_DRAWS), 3)
    traces = {n: sample(compiled, n) for n in (N_DRAWS, N_DRAWS_TO_COMPARE)}
    seconds = {
        "GuideEffectMixture": fitting,
        "sampling": sampling,
        "sampling / GuideEffectMixture": sampling / fitting,
        "compiling": compiling,
    }
    return fit, traces, seconds


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    describe_machine()
    print(f"PyMC {pm.__version__}, nutpie {nutpie.__version__}")

    seconds, chains, differences, published, shared = {}, {}, {}, {}, {}
    for (screen, setting), constants in FITS.items():
        table = fetch_crispra_tiling(screen).frame
        y, gene = table["log2fc"].to_numpy(), pd.factorize(table["gene"], sort=True)[0]
        fit, traces, seconds[screen, setting] = time_both(y, gene, constants)

        answers = {"GuideEffectMixture": answers_of_fit(fit, y, gene)}
        for n_draws, trace in traces.items():
            chains[screen, setting, n_draws] = diagnose(trace)
            draws = flatten(trace)  # those of the longer chains in the end
            answers[f"{n_draws:,} draws"] = answers_of_draws(draws, y, gene)
        *others, reference = answers
        for name in others:
            differences[screen, setting, name] = compare(
                answers[name], answers[reference]
            )
        for name, answer in answers.items():
            published[screen, setting, name] = compare_with_published(answer, table)
        for name in [name for name in SHARED if name in draws]:
            shared[screen, setting, name] = {
                "GuideEffectMixture": getattr(fit, SHARED[name]),
                "mean": draws[name].mean(),
                "2.5 %": np.quantile(draws[name], 0.025),
                "50 %": np.quantile(draws[name], 0.5),
                "97.5 %": np.quantile(draws[name], 0.975),
            }

    def print_rows(rows, names, title):
        print_table(pd.DataFrame.from_dict(rows, "index").rename_axis(names), title)

    fits = ["screen", "setting"]
    print_rows(chains, [*fits, "draws"], "Chains: the worst of all parameters")
    for screen in dict.fromkeys(screen for screen, _ in FITS):
        columns = {
            key[1:]: rows for key, rows in differences.items() if key[0] == screen
        }
        print_table(pd.DataFrame(columns), f"{screen}: against 10,000 draws a chain")
    print_rows(
        published, [*fits, "model"], "Pearson correlation with published columns"
    )
    print_rows(
        shared, [*fits, "parameter"], "What guides share, and 10,000 draws of it"
    )
    print_rows(
        seconds,
        fits,
        "Seconds: a warm fit on one core, against 1,000 draws of 2 chains on two",
    )


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
