"""What a prior brings: small screens that begin from published ones.

``python benchmarks/prior.py accuracy`` compares, on the same folds, a network learnt from
nothing, the prior as it is (a line on its predictions) and the network that begins from
it, one and five of them. ``subsets`` does so for 100, 300 and 1,000 guides, ``alpha`` for
several penalties and steps with 100 and with all guides of two of the folds, ``useless``
with a prior whose labels were shuffled, ``layouts`` for contexts of 43 letters and the 30
in their middle, ``time`` measures fits. Sources are fitted without every spacer of the
target.
"""

import argparse
import sys
import time
import warnings

import numpy as np
import pandas as pd
from _common import describe_machine, print_table
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    AdjacentPairsTransformer,
    GuideLayout,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    datasets,
)
from sgrna_estimator.baselines.catalogue import ACCURATE_SETTINGS
from sgrna_estimator.comparison.corrected_tests import corrected_t_test
from sgrna_estimator.metrics import spearman_score, within_group_spearman
from sgrna_estimator.storage.published_network import published_network

CONTEXT = "4+20+3+3"
SEED = 0
SIZES = (100, 300, 1000)


def targets():
    """Yield name, sequences, layout, target and genes of each screen to learn."""
    doench = datasets.fetch_doench2016()
    rows = doench.frame.assign(seq=doench.sequences, y=doench.target, g=doench.groups)
    once = rows.groupby("seq", sort=False).agg(y=("y", "mean"), g=("g", "first"))
    yield "FC+RES, within genes", once.index.to_series(), CONTEXT, once["y"], once["g"]
    for name in ("self_renewal", "neuron"):
        tiling = datasets.fetch_crispra_tiling(name)
        yield (
            f"CRISPRa {name}, within genes",
            tiling.sequences,
            "10+20+3+10",
            tiling.target,
            tiling.groups,
        )
    for name in ("doench2014-Hs", "chari2015Train293T", "xu2015TrainHl60"):
        screen = datasets.fetch_haeussler2016(name)
        yield name, screen.sequences, CONTEXT, screen.target, None


def encoder(layout):
    names = GuideLayout.parse(layout).position_names()
    return SequenceOneHotTransformer(
        position_names=names, drop_constant=False
    ).set_output(transform="pandas")


def network(layout, prior=None, **options):
    if prior is None:
        options = {**ACCURATE_SETTINGS, **options}
    else:
        options = {"prior": FrozenEstimator(prior), **options}
    return make_pipeline(
        encoder(layout),
        PositionwiseReLURegressor(random_state=SEED, n_jobs=2, **options),
    )


def ridge(layout):
    return make_pipeline(
        SequenceOneHotTransformer(drop_constant=False),
        AdjacentPairsTransformer(),
        RidgeCV(np.logspace(-1, 5, 25), gcv_mode="svd"),
    )


def score(y, predicted, genes):
    if genes is None:
        return spearman_score(y, predicted)
    return within_group_spearman(y, predicted, genes)


def folds(y, genes, seed=SEED):
    units = np.arange(len(y)) if genes is None else genes
    return list(GroupKFold(5, shuffle=True, random_state=seed).split(y, y, units))


def cross_validate(models, sequences, y, genes, n_guides=None, n_folds=5):
    """Return the score of each model on each fold, trained on so many guides.

    A column ``set aside`` counts the fits that set their prior aside.
    """
    rng = np.random.default_rng(SEED)
    rows = []
    for train, test in folds(y, genes)[:n_folds]:
        if n_guides is not None:
            train = rng.permutation(train)[:n_guides]
        row = {"set aside": 0}
        for name, make in models.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = make().fit(sequences.iloc[train], y.iloc[train])
                predicted = model.predict(sequences.iloc[test])
            inside = None if genes is None else genes.iloc[test]
            row[name] = score(y.iloc[test], predicted, inside)
            n_positions = getattr(model[-1], "n_positions_from_prior_", None)
            row["set aside"] += n_positions == 0
        rows.append(row)
    return pd.DataFrame(rows)


def paired(scores, one, other):
    """Return the mean difference with its corrected 95 % interval."""
    difference = (scores[one] - scores[other]).to_numpy()[None, :]
    estimate = corrected_t_test(difference, 1 / 4, 0.95)
    return f"{estimate.mean[0]:+.3f} ({estimate.lower[0]:+.3f} to {estimate.upper[0]:+.3f})"


def sources(sequences, layout, n_networks=5):
    options = {"exclude": sequences, "layout": layout, "n_networks": n_networks}
    return {
        "kim": published_network("kim2019", n_jobs=2, **options),
        "both": published_network(["kim2019", "crispron2021"], n_jobs=2, **options),
    }


def accuracy():
    rows, differences = {}, {}
    for name, sequences, layout, y, genes in targets():
        known = sources(sequences, layout)
        models = {
            "ridge, pairs": lambda layout=layout: ridge(layout),
            "scratch": lambda layout=layout: network(layout),
            "scratch x5": lambda layout=layout: network(layout, n_networks=5),
        }
        for which, prior in known.items():
            models |= {
                f"{which}, as it is": lambda p=prior, at=layout: network(
                    at, p, max_iter=0, n_networks=5
                ),
                f"{which}": lambda p=prior, at=layout: network(at, p),
                f"{which} x5": lambda p=prior, at=layout: network(at, p, n_networks=5),
            }
        scores = cross_validate(models, sequences, y, genes)
        rows[name] = {"guides": len(y), **scores.mean()}
        differences[name] = {
            f"{which} x5 - {other}": paired(scores, f"{which} x5", other)
            for which in known
            for other in ("scratch x5", f"{which}, as it is")
        }
        print(name, flush=True)
    print_table(pd.DataFrame(rows).T, "Spearman correlation, means of five folds")
    print_table(pd.DataFrame(differences).T, "Paired differences, 95 % intervals")


def sizes_of(y):
    """Return numbers of own guides to learn from; None is all of the fold."""
    return [size for size in SIZES if size <= 0.8 * len(y)] + [None]


def print_by_size(rows, title):
    table = pd.DataFrame(rows).T
    print_table(table, title)
    print_table(table.groupby(level=1, sort=False).mean(), "Means over the screens")
    print_table(table.mean().to_frame("mean"), "Means over screens and sizes")


def kim_network(sequences, layout):
    """Return one network of Kim 2019 that has seen no spacer of these guides."""
    return published_network(exclude=sequences, layout=layout, n_networks=1)


def subsets():
    rows = {}
    for name, sequences, layout, y, genes in targets():
        prior = kim_network(sequences, layout)
        models = {
            "scratch": lambda at=layout: network(at),
            "as it is": lambda p=prior, at=layout: network(at, p, max_iter=0),
            "prior": lambda p=prior, at=layout: network(at, p),
        }
        for n_guides in sizes_of(y)[:-1]:  # `accuracy` has all of them
            scores = cross_validate(models, sequences, y, genes, n_guides)
            rows[name, n_guides] = scores.mean()
            print(name, n_guides, scores.mean().to_dict(), file=sys.stderr, flush=True)
    print_by_size(rows, "Spearman correlation by the number of own guides")


def alpha(n_folds=2):
    rows = {}
    for name, sequences, layout, y, genes in targets():
        prior = kim_network(sequences, layout)
        models = {
            f"{a}, {step}": lambda p=prior, at=layout, a=a, step=step: network(
                at, p, alpha=a, learning_rate_init=step
            )
            for a, step in ((8, 1e-3), (32, 1e-3), (128, 1e-3), (32, 4e-3))
        }
        for n_guides in (100, None):
            scores = cross_validate(models, sequences, y, genes, n_guides, n_folds)
            rows[name, n_guides or "all"] = scores.mean()
            print(name, n_guides, scores.mean().to_dict(), file=sys.stderr, flush=True)
    print_by_size(rows, f"Spearman correlation by alpha and step, {n_folds} folds")


def useless():
    kim = datasets.fetch_kim2019()
    shuffled = np.random.default_rng(SEED).permutation(kim.target)
    source = network(CONTEXT).fit(kim.sequences, shuffled)
    rows = {}
    for name, sequences, layout, y, genes in targets():
        models = {
            "scratch": lambda at=layout: network(at),
            "as it is": lambda at=layout: network(at, source, max_iter=0),
            "shuffled prior": lambda at=layout: network(at, source),
        }
        for n_guides in sizes_of(y):
            scores = cross_validate(models, sequences, y, genes, n_guides)
            rows[name, n_guides or "all"] = scores.mean()
            print(name, n_guides, scores.mean().to_dict(), file=sys.stderr, flush=True)
    print_by_size(rows, "Spearman correlation with a prior that knows nothing")


def layouts():
    tiling = datasets.fetch_crispra_tiling()
    for name in ("self_renewal", "neuron"):
        rows = tiling.frame["screen"] == name
        long, y, genes = (
            tiling.sequences[rows],
            tiling.target[rows],
            tiling.groups[rows],
        )
        prior = published_network("kim2019", n_jobs=2)
        models = {
            "43 letters": lambda p=prior: network("10+20+3+10", p, n_networks=5),
            "30 letters": lambda p=prior: make_pipeline(
                _Middle(), *network(CONTEXT, p, n_networks=5)
            ),
        }
        scores = cross_validate(models, long, y, genes)
        print_table(
            scores.mean().to_frame(name), "The prior of 30 letters, within genes"
        )
    # and back: a CRISPRa screen as the prior of Kim's guides
    kim = datasets.fetch_kim2019()
    source = network("10+20+3+10").fit(tiling.sequences, tiling.target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = network(CONTEXT, source).fit(kim.sequences[:500], kim.target[:500])
    print(
        "CRISPRa as the prior of 500 of Kim's guides:",
        f"{fitted[-1].n_positions_from_prior_} positions, Spearman",
        f"{spearman_score(kim.target[500:], fitted.predict(kim.sequences[500:])):.3f}",
    )


class _Middle(SequenceOneHotTransformer):
    """Cut 43 letters to the 30 in their middle."""

    def fit(self, X, y=None):
        return self

    def fit_transform(self, X, y=None):
        return X.str[6:36]

    transform = fit_transform


def times():
    describe_machine()
    kim = datasets.fetch_kim2019()
    doench = datasets.fetch_haeussler2016("xu2015TrainHl60")
    few = doench.sequences[:1000], doench.target[:1000]
    network(CONTEXT, max_iter=1).fit(*few)  # compiled code is loaded
    rows = []
    for _ in range(3):
        row = {}
        for n_jobs in (1, 2):
            start = time.perf_counter()
            source = network(CONTEXT, n_networks=5).set_params(
                positionwisereluregressor__n_jobs=n_jobs
            )
            source.fit(kim.sequences, kim.target)
            row[f"source x5, n_jobs={n_jobs}"] = time.perf_counter() - start
        start = time.perf_counter()
        network(CONTEXT, source, n_networks=5).fit(*few)
        row["from it, 1,000 guides x5"] = time.perf_counter() - start
        row["gain of two"] = row["source x5, n_jobs=1"] / row["source x5, n_jobs=2"]
        rows.append(row)
    print_table(pd.DataFrame(rows), "Seconds of three runs")


PARTS = {
    "accuracy": accuracy,
    "subsets": subsets,
    "alpha": alpha,
    "useless": useless,
    "layouts": layouts,
    "time": times,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", choices=PARTS, nargs="+")
    for part in parser.parse_args().parts:
        PARTS[part]()
