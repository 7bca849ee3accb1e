"""How near training comes to the best additive fit, which least squares gives exactly.

    python benchmarks/least_squares_gap.py

prints by how much the training error of the width-1 network without penalty exceeds that
of ordinary least squares on the same one-hot columns, in per cent, for several seeds.
"""

import numpy as np
import pandas as pd
from _common import print_table
from sklearn.linear_model import LinearRegression

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
from sgrna_estimator.datasets import fetch_crispra_tiling, fetch_kim2019

SETTINGS = {
    "adam (default)": {},
    "sgd, annealed": {"solver": "sgd"},
    "least-squares start": {"init": "least_squares"},
    "N(0, 1) start": {"init": "normal"},
}


def main():
    rows = []
    for name, data in (
        ("CRISPRa", fetch_crispra_tiling()),
        ("Kim 2019", fetch_kim2019()),
    ):
        X = SequenceOneHotTransformer().fit_transform(data.sequences)
        y = data.target.to_numpy()
        exact = LinearRegression().fit(X.astype(float), y).predict(X.astype(float))
        optimum = np.mean((y - exact) ** 2)
        for setting, parameters in SETTINGS.items():
            gaps = []
            for seed in range(5):
                network = PositionwiseReLURegressor(
                    alpha=0, random_state=seed, **parameters
                )
                error = np.mean((y - network.fit(X, y).predict(X)) ** 2)
                gaps.append(100 * (error / optimum - 1))
            rows.append((name, setting, *gaps))
    columns = ["table", "training", *(f"seed {seed}" for seed in range(5))]
    table = pd.DataFrame(rows, columns=columns).set_index(["table", "training"])
    print_table(table, "Training error above least squares, per cent")


if __name__ == "__main__":
    main()
