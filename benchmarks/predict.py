"""How fast `predict` scores a table, and in how much memory, beside copying it.

    python benchmarks/predict.py
    python benchmarks/predict.py --guides 1000000 --model network_windows

Guides of 30 nt with an identifier and a gene, in a temporary folder: as text with tabs and
as Parquet, scored by the command line in a process of its own, beside ``cp`` and beside
reading the same file in batches with pyarrow. Seconds by the clock and of the processor's
work, and the largest memory of the process. Ratios are those of work: others on the machine
do not count. The file is in the memory of the operating system each time.
"""

import argparse
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
from _common import describe_machine
from pyarrow import csv, parquet

from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.storage import FittedModel
from sgrna_estimator.storage.summary import summarise_guides

N_A_BATCH = 500_000
READ_TEXT = """
import sys
from pyarrow import csv
options = csv.ParseOptions(delimiter="\\t")
print(sum(len(batch) for batch in csv.open_csv(sys.argv[1], parse_options=options)))
"""
READ_PARQUET = """
import sys
from pyarrow import parquet
print(sum(len(batch) for batch in parquet.ParquetFile(sys.argv[1]).iter_batches()))
"""


# Starts a command from a small process: the memory of one that starts another counts.
LAUNCH = """
import os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
print(status, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def write_model(path, name):
    """Fit a model, and return the letters of positions that did not vary."""
    screen = make_guide_screen(
        2000, upstream_length=4, downstream_length=3, random_state=0
    )
    frame, target = screen.data[["seq"]], screen.data["activity"]
    model = make_model(name, sequence="seq", n_networks=5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(frame, target)
    FittedModel(
        name=name,
        pipeline=model,
        sequence="seq",
        target="activity",
        covariates=[],
        unknown="error",
        align=None,
        random_state=0,
        tables=["simulated"],
        summary=summarise_guides(frame["seq"], target),
    ).write(path)
    return model[0].named_transformers_["sequence"].dropped_letters_


def batches(n_guides, letters_of_training):
    """Yield tables of random guides that have the letters of training."""
    rng = np.random.default_rng(0)
    for start in range(0, n_guides, N_A_BATCH):
        n = min(N_A_BATCH, n_guides - start)
        letters = rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (n, 30))
        for position, letter in letters_of_training.items():
            letters[:, position] = ord(letter)
        ends = np.arange(0, 30 * (n + 1), 30, dtype=np.int32)
        sequences = pa.StringArray.from_buffers(
            n, pa.py_buffer(ends), pa.py_buffer(letters.tobytes())
        )
        numbers = np.arange(start, start + n)
        yield pa.table(
            {
                "guide": pa.array(numbers).cast(pa.string()),
                "seq": sequences,
                "gene": pa.array(numbers // 10).cast(pa.string()),
            }
        )


def write_tables(folder, n_guides, letters):
    text, packed = folder / "guides.tsv", folder / "guides.parquet"
    options = csv.WriteOptions(delimiter="\t", quoting_style="none")
    schema = next(batches(1, letters)).schema
    with (
        csv.CSVWriter(text, schema, write_options=options) as as_text,
        parquet.ParquetWriter(packed, schema) as as_parquet,
    ):
        for batch in batches(n_guides, letters):
            as_text.write(batch)
            as_parquet.write(batch)
    return text, packed


def run(name, command, n_guides):
    """Run a command; print its seconds and memory, and return those of work."""
    launch = [sys.executable, "-S", "-c", LAUNCH, *command]
    done = subprocess.run(launch, stdout=subprocess.PIPE, text=True, check=True)
    status, seconds, work, kib = map(float, done.stdout.split())
    if status:
        sys.exit(f"{command} failed")
    print(
        f"  {name:28s} {seconds:7.1f} s {work:7.1f} s of work {kib / 1024:6.0f} MiB "
        f"{n_guides / work / 1e6:7.2f} M guides a second of work"
    )
    return work


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--guides", type=int, default=10_000_000)
    parser.add_argument("--model", default="network")
    options = parser.parse_args()
    describe_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        letters = write_model(folder / "model", options.model)
        text, packed = write_tables(folder, options.guides, letters)
        print(f"{options.guides:,} guides, {options.model}")
        for path, reading in ((text, READ_TEXT), (packed, READ_PARQUET)):
            print(f"\n{path.suffix}, {path.stat().st_size / 2**20:.0f} MiB")
            output = folder / f"scores{path.suffix}"
            predict = [sys.executable, "-m", "sgrna_estimator", "predict"]
            arguments = [folder / "model", path, "-o", output]
            copied = run("cp", ["cp", path, folder / "copy"], options.guides)
            command = [sys.executable, "-c", reading, path]
            read = run("reading it in pyarrow", command, options.guides)
            predicted = run("predict", [*predict, *arguments], options.guides)
            print(
                f"  predict takes {predicted / copied:.1f} times the work of cp, "
                f"{predicted / read:.1f} times that of reading; "
                f"{output.stat().st_size / 2**20:.0f} MiB written"
            )


if __name__ == "__main__":
    main()
