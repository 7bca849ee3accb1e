"""How long all sites of a genome take: to be found, to be scored, and to be written.

    python benchmarks/sites.py [--bases 100] [--growth 30 100 300] [--genome FASTA]

A genome of so many million bases is simulated: 25 records, a tenth of them runs of N
and half of them in lower case, 60 bases a line. Every measurement has a process of its
own, and its peak memory is that of the whole process. Seconds are by the clock and of
work, which is what the processors did for the process: others on the machine do not
count. ``--growth`` measures genomes of several lengths, and of each the memory if it were
one chromosome. ``--genome`` measures a real one, and compares its sites with a slow
search.
"""

import argparse
import multiprocessing
import resource
import subprocess
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from _common import describe_machine

LAYOUTS = ["SpCas9", "Cas12a", "CRISPRa"]
N_RECORDS, LINE = 25, 60
HUMAN = 3_100  # million bases
DESIGNED = (1, 2, 4)  # million bases, of which all guides are held in memory


def simulate(path, n_bases, n_records=N_RECORDS):
    """Write a genome of so many bases."""
    rng = np.random.default_rng(0)
    size = n_bases // n_records // LINE * LINE
    with path.open("wb") as file:
        for number in range(n_records):
            record = np.frombuffer(b"ACGT", dtype=np.uint8)[
                rng.integers(0, 4, size, dtype=np.uint8)
            ]
            n_run = size // 50
            for start in range(0, size, 10 * n_run):
                record[start : start + n_run] = ord("N")
                record[start + 5 * n_run : start + 10 * n_run] |= 32  # lower case
            lines = np.full((size // LINE, LINE + 1), ord("\n"), dtype=np.uint8)
            lines[:, :LINE] = record.reshape(-1, LINE)
            file.write(b">chr%d\n" % (number + 1) + lines.tobytes())


def fit_networks():
    """Return five networks of a simulated screen of the SpCas9 layout."""
    from sklearn.pipeline import make_pipeline

    from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
    from sgrna_estimator.baselines.catalogue import ACCURATE_SETTINGS
    from sgrna_estimator.datasets import make_guide_screen

    screen = make_guide_screen(
        2000, upstream_length=4, downstream_length=3, random_state=0
    )
    network = PositionwiseReLURegressor(
        random_state=0, max_iter=3, n_networks=5, **ACCURATE_SETTINGS
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(SequenceOneHotTransformer(), network).fit(
            screen.sequences, screen.data["activity"]
        )


def read(path):
    from sgrna_estimator.sites import read_fasta

    return sum(len(sequence) for _, sequence in read_fasta(path))


def read_with_pyfastx(path):
    import pyfastx

    return sum(len(record[1]) for record in pyfastx.Fastx(str(path), format="fasta"))


def read_with_pyfaidx(path):
    import pyfaidx

    index = path.with_name(path.name + ".fai")
    index.unlink(missing_ok=True)  # with the time that the index takes
    with pyfaidx.Fasta(str(path), as_raw=True, rebuild=True) as records:
        return sum(len(records[name][:]) for name in records.keys())  # noqa: SIM118


def grep(path):
    command = ["grep", "-c", "-i", "[ACGT]GG", str(path)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


def find(path, layout="SpCas9", times=1):
    """Find the sites of a genome, or of one that is so many times as long."""
    from sgrna_estimator.sites import iter_sites

    return sum(len(block) for _ in range(times) for block in iter_sites(path, layout))


def write(path, model, n_jobs):
    """Find, score and write."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sgrna_estimator import compile_scorer
    from sgrna_estimator.sites import iter_sites

    scorer, writer, n_sites = compile_scorer(model), None, 0
    output = path.with_suffix(".parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sites in iter_sites(path, "SpCas9"):
            scores = scorer.score(sites, n_jobs=n_jobs).astype(np.float32)
            table = sites.to_arrow().append_column("prediction", pa.array(scores))
            writer = writer or pq.ParquetWriter(
                output, table.schema, compression="zstd"
            )
            writer.write_table(table)
            n_sites += len(sites)
    writer.close()
    return n_sites, output.stat().st_size


def design(path, model, summary):
    """Choose four guides of each record, as the command ``design`` does."""
    from sgrna_estimator import GuideLayout
    from sgrna_estimator.design.guides import design_guides
    from sgrna_estimator.sites import read_fasta
    from sgrna_estimator.storage import FittedModel

    fitted = FittedModel(
        name="network_windows",
        pipeline=model,
        sequence="seq",
        target="activity",
        covariates=[],
        unknown="error",
        align=None,
        random_state=0,
        tables=[],
        summary=summary,
    )
    layout = GuideLayout.parse("SpCas9")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return len(design_guides(fitted, read_fasta(path), layout, top=4).guides)


def _measured(function, *args):
    from sgrna_estimator.sites import find_sites

    find_sites({"": "ACGT" * 20}, "SpCas9")  # compiles, if nothing has
    start, work = time.perf_counter(), time.process_time()
    result = function(*args)
    seconds = time.perf_counter() - start, time.process_time() - work
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = seconds[0], seconds[1] + children.ru_utime + children.ru_stime
    return result, *seconds, _peak_memory()


def _peak_memory():
    """Return the peak memory of this process in MiB, as Linux has it.

    That of ``getrusage`` is at least its parent's, which simulates the genome.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(name, n_bases, function, *args):
    """Print and return what a call takes in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        result, clock, work, peak = pool.submit(_measured, function, *args).result()
    print(
        f"  {name:48s} {clock:7.2f} s {work:7.2f} s of work "
        f"{n_bases / work / 1e6:8.1f} M bases/s {peak:7.0f} MiB   {result}",
        flush=True,
    )
    return clock, work


def measure_growth(millions, model):
    """Print what genomes of several lengths take, and what longer ones would."""
    from sgrna_estimator.datasets import make_guide_screen
    from sgrna_estimator.storage.summary import summarise_guides

    work_of = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "genome.fa"
        screen = make_guide_screen(
            2000, upstream_length=4, downstream_length=3, random_state=0
        )
        summary = summarise_guides(screen.sequences, screen.target)
        for million in DESIGNED:
            simulate(path, million * 10**6, n_records=1)
            called = f"{million} million bases, 1 record: design"
            measure(called, million * 10**6, design, path, model, summary)
        for million in millions:
            n_bases = million * 10**6
            simulate(path, n_bases)
            called = f"{million} million bases, {N_RECORDS} records"
            measure(f"{called}: find", n_bases, find, path)
            _, work = measure(
                f"{called}: find, score, write", n_bases, write, path, model, 2
            )
            work_of.append(work)
            simulate(path, n_bases, n_records=1)
            measure(f"{million} million bases, 1 record: find", n_bases, find, path)
    slope, start = np.polyfit(millions, work_of, 1)
    print(f"  a line through these: {start:.2f} s, and {slope:.4f} s a million bases")
    for million in (1000, HUMAN):
        seconds = start + slope * million
        print(f"  {million} million bases would take {seconds:.0f} s of work")


def compare_with_slow_search(path):
    """Compare the sites of a real genome with a letter-by-letter search."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from sgrna_estimator.sequences.layout import GuideLayout
    from sgrna_estimator.sites import find_sites, read_fasta
    from tests.sites import reference

    for text in LAYOUTS:
        layout, start = GuideLayout.parse(text), time.process_time()
        sites = find_sites(path, layout)
        fast = time.process_time() - start
        start, place, is_equal = time.process_time(), 0, True
        for _, sequence in read_fasta(path):
            expected, *_ = reference.find(sequence, layout)
            some = sites[place : place + len(expected)]
            columns = some.start, some.strand, some.cut
            found = zip(
                *(column.tolist() for column in columns),
                np.char.decode(some.sequences()).tolist(),
                strict=True,
            )
            is_equal &= list(found) == expected
            place += len(expected)
        is_equal &= place == len(sites)
        print(
            f"  {text}: {sites}; equal to the slow search: {is_equal} "
            f"({fast:.2f} s, slow {time.process_time() - start:.0f} s)",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bases", type=int, default=100, help="millions")
    parser.add_argument("--growth", type=int, nargs="+", help="millions")
    parser.add_argument("--genome", type=Path)
    options = parser.parse_args()
    describe_machine()
    if options.genome:
        compare_with_slow_search(options.genome)
        return
    model = fit_networks()
    if options.growth:
        measure_growth(options.growth, model)
        return
    with tempfile.TemporaryDirectory() as folder:
        path, n_bases = Path(folder) / "genome.fa", options.bases * 10**6
        simulate(path, n_bases)
        print(f"{options.bases} million bases")
        measure("grep -c", n_bases, grep, path)
        measure("read: pyfastx", n_bases, read_with_pyfastx, path)
        measure("read: pyfaidx, with its index", n_bases, read_with_pyfaidx, path)
        measure("read: read_fasta", n_bases, read, path)
        for layout in LAYOUTS:
            measure(f"find: {layout}", n_bases, find, path, layout)
        measure("find: SpCas9, ten times", 10 * n_bases, find, path, "SpCas9", 10)
        clock, work = measure(
            "find, score by 5, write: 1 thread", n_bases, write, path, model, 1
        )
        clock, _ = measure(
            "find, score by 5, write: 2 threads", n_bases, write, path, model, 2
        )
        times = HUMAN * 10**6 / n_bases
        print(
            f"  {HUMAN} million bases (human) would take {times * work / 60:.0f} minutes "
            f"of work, {times * clock / 60:.0f} by the clock with 2 threads"
        )
        part = Path(folder) / "part.fa"
        for share in (10, 4, 2):
            simulate(part, n_bases // share)
            measure(
                f"1/{share} of it, 2 threads", n_bases // share, write, part, model, 2
            )


if __name__ == "__main__":
    main()
