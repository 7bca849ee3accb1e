"""What bounds bring: targets from 0 to 1 or 100, with and without the logistic output.

    python benchmarks/bounds.py

Ridge and fractional logistic regression, and the network of windows with each output, on
the same folds: five of Kim 2019 (indels in %; after the background is subtracted a few are
below 0), of 500 and of all guides, and of Xiang 2021 (indels in %), of Doench 2016 (ranks)
by gene and of the CRISPRa screens (probabilities) by gene. Scores are in the unit of the
table. ``log loss`` is what ``--bounds`` fits, ``squared error`` the same output with the
other loss; ``beyond`` counts predictions of held-out guides beyond the bounds.
"""

import numpy as np
import pandas as pd
from _common import print_table

from sgrna_estimator import BoundedTargetRegressor, compare_estimators
from sgrna_estimator.baselines.catalogue import compile_network, make_model
from sgrna_estimator.datasets import (
    fetch_crispra_tiling,
    fetch_crispron2021,
    fetch_doench2016,
    fetch_kim2019,
)

NETWORK = "network, identity"


def models(bounds):
    """Return pipelines by name."""

    def make(name, **options):
        return make_model(name, sequence="sequence", random_state=0, **options)

    squared = make("network_windows", bounds=bounds)
    squared.regressor[-1].set_params(loss="squared_error")
    return {
        "ridge": make("ridge"),
        "fractional logistic": make("fractional_logistic", bounds=bounds),
        NETWORK: make("network_windows"),
        "network, log loss": make("network_windows", bounds=bounds),
        "network, squared error": squared,
    }


def show(title, table, bounds, repeats=1):
    """Print scores, and differences to the network with the identity output."""
    compared = models(bounds)
    assert isinstance(compared["network, log loss"], BoundedTargetRegressor)
    result = compare_estimators(
        compared,
        table.sequences.to_frame("sequence"),
        table.target,
        groups=table.groups,
        sequences=table.sequences,
        repeats=repeats,
        n_jobs=2,
        random_state=0,
    )
    columns = ["mean", "difference", "difference_lower", "difference_upper"]
    metrics = ["spearman", "mse"]
    if table.groups is not None:
        metrics.insert(0, "within_group_spearman")
    scores = [
        result.summary(metric, baseline=NETWORK).set_index("estimator")[columns]
        for metric in metrics
    ]
    low, high = bounds
    predicted = result.predictions_[list(compared)]
    beyond = ((predicted < low) | (predicted > high)).mean()
    scores.append(beyond.rename("beyond").to_frame())
    print_table(
        pd.concat(scores, axis=1, keys=[*metrics, ""]).loc[list(compared)],
        f"{title}: {len(table)} guides, bounds {low} and {high}",
    )


def main():
    pd.set_option("display.width", 250)
    compile_network()
    kim = fetch_kim2019()
    # The background is subtracted: the lowest is -4.4.
    few = np.random.default_rng(0).permutation(len(kim))[:500]
    show("Kim 2019, 5 folds drawn 3 times", kim.take(few), (-5, 100), repeats=3)
    show("Kim 2019, 5 folds", kim, (-5, 100))
    show("Xiang 2021, 5 folds", fetch_crispron2021(), (0, 100))
    show("Doench 2016, 5 folds by gene", fetch_doench2016(), (0, 1))
    show("CRISPRa, 5 folds by gene", fetch_crispra_tiling(), (0, 1), repeats=3)


if __name__ == "__main__":
    main()
