"""What `compare` decides: of each real table under ten fold seeds, and of noise.

    python benchmarks/verdicts.py seeds
    python benchmarks/verdicts.py noise [--screens 100]

Every decision is that of the command line with its defaults, permutations included, read
from the file that ``--decision`` writes. ``seeds`` prints how often each answer was given
and each model recommended, and how far the scores of the models went apart. ``noise`` draws
screens whose measurements have nothing to do with their sequences, half of them with genes
whose levels differ, and counts the answers; the models are those that take milliseconds, so
that the table is made in an hour.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from _common import print_table

from sgrna_estimator.datasets import (
    fetch_crispra_tiling,
    fetch_doench2016,
    fetch_kim2019,
)

N_SEEDS = 10
# Noise: guides of a screen, of how many genes, and what is compared.
N_GUIDES, N_GENES = 150, 10
QUICK = ("ridge", "lasso", "network", "ridge_dinucleotides")


def decide(path, *options):
    """Return the decision of ``compare`` with these options on the table of a file."""
    decision = path.with_suffix(f".{abs(hash(options))}.json")
    subprocess.run(
        [
            *(sys.executable, "-m", "sgrna_estimator", "compare", path),
            *("--sequence", "seq", "--target", "y", "--decision", decision),
            *("--jobs", "1", *options),
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return json.loads(decision.read_text(encoding="utf-8"))


def write(folder, name, sequences, y, genes=None):
    """Write a table, and return its path and the options that name its columns."""
    frame = pd.DataFrame({"seq": np.asarray(sequences), "y": np.asarray(y)})
    if genes is not None:
        frame["gene"] = np.asarray(genes)
    path = Path(folder) / f"{name}.tsv"
    frame.to_csv(path, sep="\t", index=False)
    return path, [] if genes is None else ["--groups", "gene"]


def real_tables():
    """Yield the name of each table and the table."""
    for name in ("self_renewal", "neuron"):
        yield f"CRISPRa {name}", fetch_crispra_tiling(name)
    yield "FC+RES", fetch_doench2016()
    yield "Kim 2019", fetch_kim2019()


def seeds(n_jobs, _):
    rows = {}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(n_jobs) as pool:
        for number, (name, table) in enumerate(real_tables()):
            path, options = write(
                folder, str(number), table.sequences, table.target, table.groups
            )
            decisions = pd.DataFrame(
                pool.map(
                    lambda seed, path=path, options=options: decide(
                        path, *options, "--seed", str(seed)
                    ),
                    range(N_SEEDS),
                )
            )
            counts = [
                ", ".join(
                    f"{each} {n}"
                    for each, n in decisions[column].value_counts().items()
                )
                for column in ("headline", "model")
            ]
            rows[name] = {
                "answers": counts[0],
                "models": counts[1],
                "lowest": decisions["score"].min(),
                "highest": decisions["score"].max(),
            }
            print(name, *counts, sep=": ", flush=True)
    print_table(pd.DataFrame.from_dict(rows, orient="index"), f"{N_SEEDS} fold seeds")


def screen_of_noise(seed):
    """Return sequences, measurements and genes (None in every second screen)."""
    rng = np.random.default_rng(seed)
    letters = rng.choice(list("ACGT"), (N_GUIDES, 23))
    letters[:, -2:] = "G"
    genes = None
    y = rng.normal(size=N_GUIDES)
    if seed % 2:
        numbers = rng.integers(N_GENES, size=N_GUIDES)
        y += rng.normal(size=N_GENES)[numbers]
        genes = [f"gene{number}" for number in numbers]
    return ["".join(row) for row in letters], y, genes


def noise(n_jobs, n_screens):
    options = [part for name in QUICK for part in ("--model", name)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(n_jobs) as pool:

        def answer(seed):
            path, columns = write(folder, str(seed), *screen_of_noise(seed))
            found = decide(path, *columns, *options)
            print(seed, found["answer"], found["headline"], file=sys.stderr, flush=True)
            return {"genes": bool(columns), "answer": found["answer"]}

        answers = pd.DataFrame(pool.map(answer, range(n_screens)))
    print_table(
        pd.crosstab(answers["genes"], answers["answer"], margins=True),
        f"Answers on {n_screens} screens of noise, {N_GUIDES} guides each",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("what", choices=["seeds", "noise"])
    parser.add_argument("--screens", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    {"seeds": seeds, "noise": noise}[arguments.what](arguments.jobs, arguments.screens)
