"""How fast a compiled model scores guides, beside predict and beside reading them.

    python benchmarks/scoring.py

Guides of 30 nt, as NumPy bytes, from memory; the models are fitted to a simulated screen.
One thread, unless it says two. Medians of runs that take turns, of the time that the
processor worked for them; two threads are compared with one by the clock, which means
something on an idle machine only: see what reading the bytes gains.
"""

import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from _common import describe_machine
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compile_scorer,
)
from sgrna_estimator.baselines.catalogue import ACCURATE_SETTINGS
from sgrna_estimator.datasets import make_guide_screen

N_ROUNDS = 7
N_GUIDES = 8_000_000
# Models, and how many of the guides are scored in a run: by predict and by tables
MODELS = {
    "width 1": ({}, 50_000, N_GUIDES),
    "windows of 5, 16 units": ({"window_size": 5, "n_units": 16}, 50_000, N_GUIDES),
    "windows, 64 hidden units": (ACCURATE_SETTINGS, 50_000, 1_000_000),
    "five such networks": (ACCURATE_SETTINGS | {"n_networks": 5}, 20_000, 400_000),
}


def seconds_in_turn(functions):
    """Return median seconds of each function, called in turn: by the clock, of work.

    Work is what the processor did for this process: others on the machine do not count.
    """
    seconds = []
    for _ in range(N_ROUNDS + 1):
        seconds.append([])
        for function in functions:
            start, start_of_work = time.perf_counter(), time.process_time()
            function()
            end_of_work, end = time.process_time(), time.perf_counter()
            seconds[-1].append((end - start, end_of_work - start_of_work))
    return np.median(seconds[1:], axis=0).T  # the first compiles


def read(guides):
    return guides.view(np.uint8).view(np.uint64).sum()


def read_by_two(guides):
    half = len(guides) // 2
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(read, (guides[:half], guides[half:])))


def fit(screen, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(
            SequenceOneHotTransformer(),
            PositionwiseReLURegressor(random_state=0, max_iter=3, **settings),
        ).fit(screen.sequences, screen.data["activity"])


def make_guides(encoder):
    """Return random guides that have the letters of training where none varied."""
    rng = np.random.default_rng(0)
    letters = rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (N_GUIDES, 30))
    for position, letter in encoder.dropped_letters_.items():
        letters[:, position] = ord(letter)
    return letters.view("S30").ravel()


def report(name, n_guides, seconds, text=""):
    print(f"  {name:34s} {n_guides / seconds / 1e6:8.2f} M guides/s {text}")


def compare(name, model, guides, n_predicted, n_scored):
    scorer = compile_scorer(model)
    few, many = guides[:n_predicted], guides[:n_scored]
    clock, work = seconds_in_turn(
        [
            lambda: model.predict(few),
            lambda: scorer.score(many),
            lambda: scorer.score(many, n_jobs=2),
            lambda: read(guides),
            lambda: read_by_two(guides),
        ]
    )
    predicted, one, _, once, _ = work
    predictions = model.predict(few)
    off = np.abs(scorer.score(few) - predictions).max() / predictions.std()
    print(f"\n{name}: {scorer}")
    report("reading the bytes once", len(guides), once)
    report("pipeline.predict", n_predicted, predicted)
    times = (predicted / n_predicted) / (one / n_scored)
    share = (one / n_scored) / (once / len(guides))
    report("score", n_scored, one, f"({times:.0f} x predict, reading / {share:.0f})")
    print(
        f"  by two threads, by the clock       {clock[1] / clock[2]:8.2f} x "
        f"(reading {clock[3] / clock[4]:.2f} x)\n"
        f"  largest difference to predict: {off:.1g} of its standard deviation"
    )


def compare_containers(model, guides):
    import pandas as pd

    scorer = compile_scorer(model)
    guides = guides[:1_000_000]
    texts = np.char.decode(guides).tolist()
    series = pd.Series(texts)
    containers = {
        "bare conversion of a list to bytes": lambda: "".join(texts).encode(),
        "list of str": lambda: scorer.score(texts),
        "pandas Series": lambda: scorer.score(series),
        "NumPy bytes": lambda: scorer.score(guides),
    }
    _, seconds = seconds_in_turn(list(containers.values()))
    print("\nContainers, width 1")
    for name, each in zip(containers, seconds, strict=True):
        report(name, len(texts), each, f"({each / seconds[0]:.2f} x the conversion)")


def main():
    describe_machine()
    screen = make_guide_screen(
        2000, upstream_length=4, downstream_length=3, random_state=0
    )
    with threadpool_limits(1):
        fitted = {name: fit(screen, **MODELS[name][0]) for name in MODELS}
        guides = make_guides(fitted["width 1"][0])
        print(f"{guides.nbytes / 2**20:.0f} MiB of guides")
        for name, (_, n_predicted, n_scored) in MODELS.items():
            compare(name, fitted[name], guides, n_predicted, n_scored)
        compare_containers(fitted["width 1"], guides)


if __name__ == "__main__":
    main()
