"""How long reading a table of guides takes, and how much memory.

python benchmarks/tables.py [--guides 500000]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_KINDS = {
    "sequence, gene, target": "{seq}\t{gene}\t{target}\n",
    "the same, quoted": '"{seq}"\t"{gene}"\t{target}\n',
    "with a label, a count and a gap": (
        "{seq}\t{gene}\t{target}\tguide-{row}\t{row}\t{gap}\n"
    ),
}


def write_table(path, line, n_guides, n_positions=30):
    """Write random guides of genes of 25 guides each."""
    rng = np.random.default_rng(0)
    letters = rng.choice(list(b"ACGT"), size=(n_guides, n_positions)).astype(np.uint8)
    text = letters.tobytes().decode()
    targets = rng.normal(size=n_guides).tolist()
    n_columns = line.count("\t") + 1
    names = ["seq", "gene", "target", "guide", "count", "other"][:n_columns]
    with path.open("w") as file:
        file.write("\t".join(names) + "\n")
        for row, target in enumerate(targets):
            seq = text[row * n_positions : (row + 1) * n_positions]
            gap = "NA" if row % 10 == 0 else target
            file.write(
                line.format(
                    seq=seq, gene=f"gene{row // 25}", target=target, row=row, gap=gap
                )
            )


def read(path):
    """Read a table; print the seconds, and the bytes of the table and above it."""
    from sgrna_estimator.datasets import load_table

    roles = {"sequence": "seq", "target": "target", "groups": "gene"}
    small = path.with_name("small.tsv")
    with path.open() as file:
        small.write_text("".join(next(file) for _ in range(100)))
    load_table(small, **roles)  # what is imported at the first call
    before = peak_memory()
    start = time.perf_counter()
    table = load_table(path, **roles)
    seconds = time.perf_counter() - start
    peak = peak_memory() - before
    size = sum(
        part.memory_usage(deep=True).sum() for part in (table.frame, table.source)
    )
    print(seconds, size, peak - size)


def peak_memory():
    """Return the most memory that this process has had so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--guides", type=int, default=500_000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read is not None:  # in a process of its own, for its peak
        read(arguments.read)
        return
    with tempfile.TemporaryDirectory() as folder:
        for kind, line in _KINDS.items():
            path = Path(folder) / "table.tsv"
            write_table(path, line, arguments.guides)
            command = [sys.executable, __file__, "--read", str(path)]
            runs = [
                [float(each) for each in subprocess.check_output(command).split()]
                for _ in range(3)
            ]
            seconds, size, above = np.min(runs, axis=0)
            print(
                f"{arguments.guides:,} guides, {kind}: {seconds:.2f} s, peak "
                f"{above / 2**20:.0f} MiB above the table's {size / 2**20:.0f} MiB"
            )


if __name__ == "__main__":
    main()
