"""Training part by part with partial_fit, beside the fit of the whole: Kim 2019.

    python benchmarks/streams.py

Prints the Spearman correlation with the indel frequencies of a fifth of the guides that was
kept back, for the network of the command line (one network), and for the additive one. The
fifth, the order of the guides and the seed of the network change from column to column.
"Another seed" is the same fit from another seed of the network: what differs by less than
that is noise. "A penalty for each part" is what to expect where penalty and dropout follow
the number of guides in a part, and nothing is annealed.
"""

import sys

import numpy as np
import pandas as pd
from _common import print_table, screen_of_kim
from sklearn.base import clone
from sklearn.model_selection import ShuffleSplit

from sgrna_estimator import PositionwiseReLURegressor
from sgrna_estimator.baselines.catalogue import ACCURATE_SETTINGS, compile_network
from sgrna_estimator.metrics import spearman_score

SEEDS = 0, 1, 2
SIZES = 1_000, 100
N_PASSES = 30  # as many as "auto" is for so many guides
PASSES = N_PASSES, 10, 1
ALPHA = 8  # what "auto" is with windows


def in_parts(network, X, y, size):
    for _ in range(network.max_iter):
        for start in range(0, len(y), size):
            part = slice(start, start + size)
            network.partial_fit(X[part], y[part])
    return network


def scores(settings, X, y, seed):
    """Return the correlation by how the network was trained."""
    train, test = next(ShuffleSplit(1, test_size=0.2, random_state=seed).split(X))
    X_train, y_train = X[train], y[train]
    network = PositionwiseReLURegressor(**settings, random_state=seed)
    found = {"constant": np.full(len(test), y_train.mean())}

    def add(name, fitted):
        found[name] = fitted.predict(X[test])
        print(f"  {seed} {name}", file=sys.stderr, flush=True)

    for n_passes in PASSES:
        fitted = clone(network).set_params(max_iter=n_passes).fit(X_train, y_train)
        add(f"whole, {n_passes} passes", fitted)
    other = clone(network).set_params(random_state=seed + 100, max_iter=N_PASSES)
    add(f"whole, {N_PASSES} passes, another seed", other.fit(X_train, y_train))
    for size in SIZES:
        for n_passes in PASSES:
            fitted = clone(network).set_params(max_iter=n_passes)
            in_parts(fitted, X_train, y_train, size)
            add(f"parts of {size}, {n_passes} passes", fitted)
        if settings:
            fitted = clone(network).set_params(
                max_iter=N_PASSES,
                learning_rate="constant",
                alpha=ALPHA * len(train) / size,
                dropout=0.5,
            )
            in_parts(fitted, X_train, y_train, size)
            add(f"parts of {size}, {N_PASSES} passes, a penalty for each part", fitted)
    return {name: spearman_score(y[test], each) for name, each in found.items()}


if __name__ == "__main__":
    compile_network()
    X, y = screen_of_kim()
    for title, settings in {"Windows": ACCURATE_SETTINGS, "Additive": {}}.items():
        table = pd.DataFrame({seed: scores(settings, X, y, seed) for seed in SEEDS})
        print_table(
            table.assign(mean=table.mean(axis=1)),
            f"{title}: Spearman on a fifth kept back, by seed",
        )
