"""How accurate the network is, on folds that every model shares.

    python benchmarks/accuracy.py [kim] [doench] [crispra] [sizes] [additive]

One table each: SpCas9 indels (Kim 2019, 5 folds), knock-out screens (Doench 2016, by gene,
5 folds and leaving one gene out), CRISPRa screens (by gene, with and without the distance
to the start site), random subsets of Kim 2019 of 300 to 4,000 guides, and simulated screens
without interactions. The five-seed average is scikit-learn's BaggingRegressor.
"""

import sys

import numpy as np
import pandas as pd
from _common import print_table
from sklearn.ensemble import BaggingRegressor
from sklearn.model_selection import LeaveOneGroupOut

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.baselines.catalogue import ACCURATE_SETTINGS, make_model
from sgrna_estimator.datasets import (
    fetch_crispra_tiling,
    fetch_doench2016,
    fetch_kim2019,
    make_guide_screen,
)

WINDOWS = {"window_size": 5, "n_units": 16}
UNSHARED = {**WINDOWS, "hidden_layer_sizes": (64,)}


def network(**parameters):
    return PositionwiseReLURegressor(random_state=0, **parameters)


def average(**parameters):
    """Return the average of five networks that differ by their seeds."""
    return BaggingRegressor(
        PositionwiseReLURegressor(**parameters), n_estimators=5, bootstrap=False,
        random_state=0,
    )  # fmt: skip


def models(sequence, covariates=(), lightgbm=True):
    """Return pipelines by name: the baselines of the command line, and networks."""

    def pipeline(name, last=None):
        model = make_model(
            name, sequence=sequence, covariates=covariates, random_state=0
        )
        return model if last is None else model.set_params(**{model.steps[-1][0]: last})

    columns = list(range(-len(covariates), 0)) or None
    settings = {"covariates": columns}
    chosen = {
        "ridge": pipeline("ridge"),
        "ridge, dinucleotides": pipeline("ridge_dinucleotides"),
        "gradient boosting": pipeline("gradient_boosting"),
        "network, width 1": pipeline("network", network(**settings)),
        "network, windows": pipeline("network", network(**settings, **WINDOWS)),
        "network, windows and hidden layer": pipeline(
            "network", network(**settings, **UNSHARED)
        ),
        "the same, mean of five seeds": pipeline(
            "network", average(**settings, **UNSHARED)
        ),
        "shared windows and hidden layer": pipeline(
            "network", network(**settings, **ACCURATE_SETTINGS)
        ),
        "shared, mean of five seeds": pipeline(
            "network", average(**settings, **ACCURATE_SETTINGS)
        ),
    }
    if lightgbm:
        try:
            from lightgbm import LGBMRegressor
        except ImportError:
            print("(without LightGBM, which is not installed)")
        else:
            boosting = LGBMRegressor(random_state=0, n_jobs=1, verbose=-1)
            boosting.set_params(verbosity=-1)
            chosen["LightGBM"] = pipeline("gradient_boosting", boosting)
    return chosen


def compare(frame, sequence, y, groups=None, cv=5, covariates=()):
    return compare_estimators(
        models(sequence, covariates), frame[[sequence, *covariates]], y, groups=groups,
        sequences=frame[sequence], cv=cv, n_jobs=2, random_state=0,
    )  # fmt: skip


def show(result, title, metric="spearman", baseline="gradient boosting"):
    columns = ["mean", "lower", "upper", "difference"]
    columns += ["difference_lower", "difference_upper", "p_adjusted"]
    summary = result.summary(metric, baseline=baseline).set_index("estimator")
    print_table(summary[columns], f"{title}: {metric}, difference to {baseline}")


def kim():
    data = fetch_kim2019()
    sequence = data.sequences.name
    result = compare(data.frame, sequence, data.target)
    show(result, "Kim 2019, 5 folds")
    show(result, "Kim 2019, 5 folds", baseline="LightGBM")
    show(result, "Kim 2019, 5 folds", baseline="network, windows and hidden layer")


def doench():
    data = fetch_doench2016()
    for title, cv in (
        ("5 folds by gene", 5),
        ("leave one gene out", LeaveOneGroupOut()),
    ):
        result = compare(data.frame, data.sequences.name, data.target, data.groups, cv)
        for baseline in ("ridge, dinucleotides", "gradient boosting"):
            show(result, f"Doench 2016, {title}", "within_group_spearman", baseline)


def crispra():
    data = fetch_crispra_tiling()
    baseline = "ridge, dinucleotides"
    for title, covariates in (("sequence", ()), ("and distance", ("distance2TSS",))):
        result = compare(
            data.frame, "seq", data.target, data.groups, covariates=covariates
        )
        for metric in ("mse", "spearman", "within_group_spearman"):
            show(result, f"CRISPRa, 5 folds by gene, {title}", metric, baseline)


def on_subsets(name, sequences, y, size, n_test, n_repeats):
    """Return mean test Spearman over random training sets of one size."""
    frame = sequences.to_frame("sequence")
    splits = []
    for repeat in range(n_repeats):
        order = np.random.default_rng(repeat).permutation(len(frame))
        splits.append((order[:size], order[size : size + n_test]))
    result = compare_estimators(
        models("sequence", lightgbm=False),
        frame,
        y,
        cv=splits,
        n_jobs=2,
        random_state=0,
    )
    means = result.summary("spearman").set_index("estimator")["mean"]
    return means.rename(name)


def sizes():
    data = fetch_kim2019()
    table = [
        on_subsets(f"{size} guides", data.sequences, data.target, size, 3000, 5)
        for size in (300, 1000, 4000)
    ]
    print_table(
        pd.concat(table, axis=1), "Kim 2019, Spearman on 3,000 others, 5 random subsets"
    )


def additive():
    table = []
    for size, n_repeats in ((300, 5), (2000, 3), (20_000, 1)):
        runs = []
        for repeat in range(n_repeats):
            screen = make_guide_screen(size + 3000, 40, random_state=repeat)
            order = np.random.default_rng(repeat).permutation(size + 3000)
            result = compare_estimators(
                models("seq", lightgbm=False), screen.data[["seq"]],
                screen.data["activity"], cv=[(order[:size], order[size:])], n_jobs=2,
                random_state=0,
            )  # fmt: skip
            runs.append(result.summary("spearman").set_index("estimator")["mean"])
        table.append(pd.concat(runs, axis=1).mean(axis=1).rename(f"{size} guides"))
    print_table(
        pd.concat(table, axis=1), "Simulated additive screens, Spearman on 3,000 others"
    )


SETS = {
    "kim": kim, "doench": doench, "crispra": crispra, "sizes": sizes, "additive": additive,
}  # fmt: skip


if __name__ == "__main__":
    # every process compiles once: not all at the same time
    PositionwiseReLURegressor(hidden_layer_sizes=(1,), max_iter=1).fit(
        SequenceOneHotTransformer().fit_transform(["AC", "GT"]), [0, 1]
    )
    for chosen in sys.argv[1:] or SETS:
        SETS[chosen]()
