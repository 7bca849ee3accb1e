"""An epoch of the width-1 network beside one of SGDRegressor, in pairs that take turns.

    python benchmarks/epochs.py

Kim 2019, or a simulated table of the same size without it; one thread. SGDRegressor goes
row by row whatever it is given, so it is the peer of any batch size; it is timed on dense
float64, which it converts anything else to, and on a sparse matrix. An epoch alone is the
difference of a fit of 40 and a fit of 10; with what a fit does once it is a fit of 30, by
30. Seconds are the processor's for this process: others on the machine do not count.
"""

import time

import numpy as np
from _common import describe_machine, screen_of_kim
from scipy import sparse
from sklearn.linear_model import SGDRegressor
from threadpoolctl import threadpool_limits

from sgrna_estimator import PositionwiseReLURegressor

N_PAIRS = 9
NETWORKS = {
    "a row a step, SGD": {
        "solver": "sgd",
        "batch_size": 1,
        "learning_rate_init": 0.005,
    },
    "the first loop's settings": {
        "solver": "sgd",
        "batch_size": 1,
        "learning_rate": "invscaling",
        "learning_rate_init": 0.05,
        "power_t": 0.5,
        "init": "normal",
        "window_bias": False,
        "standardize_target": False,
        "shuffle": False,
        "alpha": 0,
    },
    "batch 64, SGD": {"solver": "sgd"},
    "batch 64, Adam (default)": {},
}


def seconds_of_work(function):
    start = time.process_time()
    function()
    return time.process_time() - start


def epochs(make, X, y):
    """Return seconds of an epoch alone, and with its share of what a fit does once."""
    ten, thirty, forty = (
        seconds_of_work(lambda n=n: make(n).fit(X, y)) for n in (10, 30, 40)
    )
    return (forty - ten) / 30, thirty / 30


def network(settings):
    return lambda n: PositionwiseReLURegressor(
        **{"random_state": 0, "tol": None, **settings}, max_iter=n
    )


def peer(shuffle):
    return lambda n: SGDRegressor(
        max_iter=n, tol=None, eta0=1e-3, shuffle=shuffle, random_state=0
    )


def spread(numbers, form):
    low, middle, high = np.min(numbers), np.median(numbers), np.max(numbers)
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def compare(name, settings, X, tables, y):
    """Print medians, and the smallest and largest, of pairs that take turns."""
    ours = network(settings)
    epochs(ours, X, y)  # compiles
    for kind, Z in tables.items():
        make = peer(settings.get("shuffle", True))
        pairs = np.array(
            [[epochs(ours, X, y), epochs(make, Z, y)] for _ in range(N_PAIRS)]
        )
        for label, (us, them) in zip(
            ("alone", "of a fit of 30"), pairs.transpose(2, 1, 0), strict=True
        ):
            print(
                f"{name:26s} {label:15s} {spread(1e9 * us / len(y), '4.0f')} ns a guide;"
                f" SGDRegressor, {kind}: {spread(1e9 * them / len(y), '4.0f')};"
                f" {spread(them / us, '.2f')} x",
                flush=True,
            )


def main():
    describe_machine()
    X, y = screen_of_kim()
    tables = {
        "dense": X.astype(np.float64),
        "sparse": sparse.csr_matrix(X, dtype=float),
    }
    with threadpool_limits(1):
        for name, settings in NETWORKS.items():
            compare(name, settings, X, tables, y)


if __name__ == "__main__":
    main()
