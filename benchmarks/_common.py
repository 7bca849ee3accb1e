"""What the benchmarks share: tables on standard output, times, peers."""

import platform
import time

import numpy as np


def print_table(table, title):
    """Print a DataFrame under a title."""
    print(f"\n{title}\n{'-' * len(title)}")
    print(table.to_string(float_format=lambda value: f"{value:.4g}"))


def score_constant(y_train, y_test):
    """Return the mean squared error of predicting the mean of the training guides."""
    return np.mean((y_test - y_train.mean()) ** 2)


def best_of(function, n_times=5):
    """Return the shortest of several times a call takes, in seconds."""
    seconds = []
    for _ in range(n_times):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def describe_machine():
    """Print what the times were measured on."""
    import numba
    import sklearn

    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, scikit-learn "
        f"{sklearn.__version__}, numba {numba.__version__}, {platform.machine()}"
    )


def screen_of_kim():
    """Return one-hot sequences and indels of Kim 2019, or a screen of the same size."""
    from sgrna_estimator import SequenceOneHotTransformer
    from sgrna_estimator.datasets import DatasetError, fetch_kim2019, make_guide_screen

    try:
        data = fetch_kim2019()
        sequences, y = data.sequences, data.target
    except DatasetError as error:
        print(f"A simulated screen, because {error}")
        screen = make_guide_screen(
            12_832, upstream_length=4, downstream_length=3, random_state=0
        )
        sequences, y = screen.sequences, screen.data["activity"]
    return SequenceOneHotTransformer().fit_transform(sequences), y.to_numpy()
