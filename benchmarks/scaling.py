"""How time and memory grow: guides, units a window, scoring.

python benchmarks/scaling.py [--figure docs/figures/scaling.png]
"""

import argparse
import multiprocessing
import threading
import time

import numpy as np
import psutil
from _common import best_of
from threadpoolctl import threadpool_limits

from sgrna_estimator import PositionwiseReLURegressor


def one_hot(n_guides, n_positions=30):
    rng = np.random.default_rng(0)
    X = np.zeros((n_guides, n_positions * 4), dtype=np.float32)
    letters = rng.integers(4, size=(n_guides, n_positions))
    np.put_along_axis(
        X.reshape(n_guides, n_positions, 4), letters[..., None], 1, axis=2
    )
    return X, rng.normal(size=n_guides)


def epoch_seconds(X, y, **parameters):
    def fit(n_epochs):
        network = PositionwiseReLURegressor(
            max_iter=n_epochs, random_state=0, **parameters
        )
        return best_of(lambda: network.fit(X, y), 3)

    return (fit(4) - fit(1)) / 3  # without what a fit does once


def measure_memory(queue, n_guides):
    X, y = one_hot(n_guides)
    PositionwiseReLURegressor(hidden_layer_sizes=(64,), max_iter=1).fit(
        X[:100], y[:100]
    )
    process = psutil.Process()
    before = peak = process.memory_info().rss
    done = threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    network = PositionwiseReLURegressor(
        window_size=5, n_units=16, hidden_layer_sizes=(64,), alpha=8, max_iter=1,
        random_state=0,
    ).fit(X, y)  # fmt: skip
    fitted = time.perf_counter()
    network.predict(X)
    predicted = time.perf_counter()
    done.set()
    watcher.join()
    queue.put((peak - before, X.nbytes, fitted - start, predicted - fitted))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--figure", help="draw the times here")
    arguments = parser.parse_args()
    with threadpool_limits(1):
        guides = [2000, 4000, 8000, 16_000, 32_000]
        by_guides = []
        X, y = one_hot(guides[-1])
        for n in guides:
            seconds = epoch_seconds(
                X[:n], y[:n], window_size=5, n_units=16, dropout=0.2
            )
            by_guides.append(seconds)
            print(
                f"{n:7d} guides, 5 x 16: {1e6 * seconds / n:.3f} us a guide and epoch"
            )
        work, by_work = [], []
        n = 8000
        for k, U in (
            (1, 8),
            (3, 8),
            (5, 8),
            (5, 16),
            (7, 16),
            (5, 32),
            (8, 32),
            (8, 64),
        ):
            seconds = epoch_seconds(X[:n], y[:n], window_size=k, n_units=U, dropout=0.2)
            work.append(k * U)
            by_work.append(seconds)
            print(
                f"{n:7d} guides, {k} x {U}: {1e6 * seconds / n:.3f} us a guide and epoch"
            )
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=measure_memory, args=(queue, 1_000_000))
    process.start()
    memory, size, fit, predict = queue.get()
    process.join()
    print(
        f"1,000,000 guides (input {size / 2**20:.0f} MiB): peak {memory / 2**20:.0f} MiB "
        f"above it; an epoch of 5 x 16 + 64 in {fit:.1f} s, predictions in {predict:.1f} s"
    )
    if arguments.figure:
        draw(guides, by_guides, work, by_work, arguments.figure)


def draw(guides, by_guides, work, by_work, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    left.plot(
        np.divide(guides, 1000), np.multiply(by_guides, 1e3), "o-", color="#0072B2"
    )
    left.set(xlabel="thousand guides", ylabel="ms an epoch", title="window 5, 16 units")
    right.plot(work, np.multiply(by_work, 1e3), "o", color="#0072B2")
    right.set(xlabel="window size x units", ylabel="ms an epoch", title="8,000 guides")
    for ax in (left, right):
        ax.set_xlim(0, None)
        ax.set_ylim(0, None)
        ax.grid(color="0.9")
        ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
