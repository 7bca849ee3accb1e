"""How many measurements of guides of new genes are between `lower` and `upper`.

    python benchmarks/intervals.py [--networks 3]

Five folds of whole genes are kept back in turn. The others are what a user has: a network
is fitted to them, and once more in five inner folds of whole genes, one network each, from
whose errors the 80 % intervals are made, as `fit` does. The guides kept back then say how
many measurements are within: of all, and by third of the prediction.
"""

import argparse
import warnings

import numpy as np
import pandas as pd
from _common import print_table
from sklearn.base import clone
from sklearn.model_selection import GroupKFold

from sgrna_estimator import published_network
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.comparison.splits import connected, row_codes
from sgrna_estimator.datasets import (
    fetch_crispra_tiling,
    fetch_doench2016,
    fetch_haeussler2016,
)
from sgrna_estimator.exceptions import PriorSetAsideWarning
from sgrna_estimator.scoring.calibration import Calibration

SCREENS = {
    "FC+RES (Doench 2016)": fetch_doench2016,
    "Xu 2015 HL-60": lambda: fetch_haeussler2016("xu2015TrainHl60"),
    "CRISPRa, both": fetch_crispra_tiling,
    "CRISPRa self-renewal": lambda: fetch_crispra_tiling("self_renewal"),
}


def model_of(screen, n_networks, with_prior):
    """Return the network that `fit` takes, unfitted."""
    prior = None
    if with_prior:
        prior = published_network(
            n_networks=n_networks,
            exclude=screen.sequences.tolist(),
            layout=screen.layout,
        )
    return make_model(
        "network_prior" if with_prior else "network_windows",
        sequence=str(screen.sequences.name),
        layout=screen.layout,
        prior=prior,
        n_networks=n_networks,
        n_guides=len(screen),
        random_state=0,
    )


def folds_of(rows, components, seed):
    """Return (training, test) row numbers of folds that keep genes whole."""
    splits = GroupKFold(5, shuffle=True, random_state=seed).split(
        rows, groups=components[rows]
    )
    return [(rows[train], rows[test]) for train, test in splits]


def calibrate(model, X, y, train, components):
    """Return what `fit` would make intervals from."""
    folds = folds_of(train, components, seed=1)
    predicted = [
        clone(model).fit(X.iloc[rows], y[rows]).predict(X.iloc[held_out])
        for rows, held_out in folds
    ]
    held_out = np.concatenate([held_out for _, held_out in folds])
    return Calibration(np.concatenate(predicted), y[held_out])


def measure(screen, n_networks, with_prior):
    """Return coverage, of all and by third, and the width in units of the target's sd."""
    X, y = screen.sequences.to_frame(), screen.target.to_numpy()
    genes = pd.factorize(screen.groups)[0]
    components = connected(genes, row_codes(screen.sequences))
    several = model_of(screen, n_networks, with_prior)
    one = model_of(screen, 1, with_prior)
    found = []
    for train, test in folds_of(np.arange(len(y)), components, seed=0):
        calibration = calibrate(one, X, y, train, components)
        predicted = clone(several).fit(X.iloc[train], y[train]).predict(X.iloc[test])
        lower, upper = calibration.interval(predicted)
        within = (lower <= y[test]) & (y[test] <= upper)
        third = 3 * np.argsort(np.argsort(predicted)) // len(test)
        found.append(
            pd.DataFrame(
                {
                    "within": within,
                    "third": third,
                    "below": y[test] < lower,
                    "width": (upper - lower) / y.std(),
                }
            )
        )
    guides = pd.concat(found)
    thirds = guides.groupby("third")["within"].mean()
    return {
        "guides": len(guides),
        "within": guides["within"].mean(),
        **dict(zip(["low third", "middle", "high third"], thirds, strict=True)),
        "below": guides["below"].mean(),
        "width, sd": guides["width"].mean(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=3)
    n_networks = parser.parse_args().networks
    warnings.simplefilter("ignore", PriorSetAsideWarning)
    rows = {}
    for name, fetch in SCREENS.items():
        screen = fetch()
        for with_prior in (False, True):
            label = f"{name}, {'prior Kim 2019' if with_prior else 'from nothing'}"
            rows[label] = measure(screen, n_networks, with_prior)
            print(label, rows[label], flush=True)
    print_table(pd.DataFrame(rows).T, "80 % intervals on genes that were kept back")


if __name__ == "__main__":
    main()
