"""Ctrl-C at random moments of the long commands, and of a search.

    python benchmarks/interruptions.py [--moments 20] [WHAT ...]

Each command is first run to its end, then pressed Ctrl-C on at random moments of that time,
as a terminal does it: the signal goes to all processes of the group. Counted are the runs
that went on for more than two seconds, ended otherwise than with the status 130 (or 0, if
they were done), printed a traceback, left a process running, left another file, or have
neither the file that was there before nor the one of a run to its end. The model that a
fit had learnt by then is whole, and predicts. The signal comes after the first moments of
Python itself, in which it runs no line of this package.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _common import describe_machine, print_table

from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.storage import read_model

ALLOWED_SECONDS = 2.0
BEFORE = b"what was there"
PYTHON_BEGINS = 0.05  # seconds
SEARCH = """
try:
    import pandas as pd
    from sklearn.model_selection import GridSearchCV
    from sgrna_estimator.baselines.catalogue import make_model
    table = pd.read_csv("screen.tsv", sep="\\t")
    model = make_model("network_windows", sequence="seq", random_state=0)
    grid = {"positionwisereluregressor__alpha": [1, 2, 4, 8]}
    GridSearchCV(model, grid, n_jobs=2).fit(table[["seq"]], table["activity"])
except KeyboardInterrupt:
    raise SystemExit(130)
"""
COMMAND = [sys.executable, "-m", "sgrna_estimator"]
COLUMNS = ["--sequence", "seq", "--target", "activity"]
# What is run, and the file that it writes.
RUNS = {
    "fit": (
        [*COMMAND, "fit", "screen.tsv", *COLUMNS, "--model", "network_windows"],
        "model.new",
    ),
    "search": ([sys.executable, "search.py"], None),
    "compare": (
        [*COMMAND, "compare", "screen.tsv", *COLUMNS, "--repeats", "1", "--jobs", "2"],
        "scores.csv",
    ),
    "predict": ([*COMMAND, "predict", "model", "candidates.tsv"], "out.tsv"),
    "design": (
        [*COMMAND, "design", "model", "genome.fa", "--layout", "10+20+NGG+10", "--all"],
        "guides.tsv",
    ),
}


def prepare(folder):
    """Write what the commands read."""
    screen = make_guide_screen(1500, 30, random_state=0).data
    screen[["seq", "activity"]].to_csv(folder / "screen.tsv", sep="\t", index=False)
    candidates = pd.DataFrame({"seq": np.resize(screen["seq"].to_numpy(), 3_000_000)})
    candidates.to_csv(folder / "candidates.tsv", sep="\t", index=False)
    letters = np.random.default_rng(0).choice(list("ACGT"), 3_000_000)
    (folder / "genome.fa").write_text(">one\n" + "".join(letters) + "\n")
    (folder / "search.py").write_text(SEARCH)
    fit = [*RUNS["fit"][0], "--cv", "0", "-o", "model"]
    subprocess.run(fit, cwd=folder, check=True, capture_output=True)


def others_in(group):
    """Return the processes of a group that are alive."""
    alive = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            _, _, fields = (entry / "stat").read_text().rpartition(") ")
        except OSError:
            continue
        state, _, its_group = fields.split()[:3]
        if int(its_group) == group and state not in "ZX":
            alive.append(entry.name)
    return alive


def seconds_since(start):
    return time.perf_counter() - start


def run(arguments, folder, moment=None):
    """Run a command; return its status, what it said, and how long it went on."""
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    start = time.perf_counter()
    if moment is not None:
        time.sleep(moment)
        start = time.perf_counter()
        with contextlib.suppress(ProcessLookupError):  # it was done
            os.killpg(process.pid, signal.SIGINT)
    told = "".join(process.communicate(timeout=600))
    if moment is None:
        return process.returncode, told, seconds_since(start), []
    while (left := others_in(process.pid)) and seconds_since(start) < ALLOWED_SECONDS:
        time.sleep(0.02)
    return process.returncode, told, seconds_since(start), left


def is_whole(name, content, result):
    """Tell whether a file is one that a run may leave."""
    if content == BEFORE:
        return True
    if name != "fit":  # in lines, as a comparison has its times in them
        return content.count(b"\n") == result.count(b"\n")
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        read_model(file.name)  # which predicts with it
    return True


def faults_of(name, folder, moment, result):
    """Return what was wrong with a run that was interrupted."""
    arguments, output = RUNS[name]
    if output is not None:
        arguments = [*arguments, "-o", output]
        (folder / output).write_bytes(BEFORE)
    names = set(os.listdir(folder))
    status, told, seconds, left = run(arguments, folder, moment)
    faults = []
    if seconds > ALLOWED_SECONDS and status != 0:
        faults.append("slow")
    if status not in (0, 130):
        faults.append(f"status {status}")
    if "Traceback" in told:
        faults.append("traceback")
    if left:
        faults.append("processes left")
    if set(os.listdir(folder)) != names:
        faults.append("files left")
    if output is not None:
        content = (folder / output).read_bytes()
        if not is_whole(name, content, result):
            faults.append("part of a file")
        if status == 0 and content == BEFORE:
            faults.append("no file")
    if faults:
        print(
            name, f"{moment:.2f} s", faults, told[-2000:], file=sys.stderr, flush=True
        )
    return faults, status


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("what", nargs="*", choices=[*RUNS, []], default=[])
    parser.add_argument("--moments", type=int, default=20)
    options = parser.parse_args()
    describe_machine()
    rng = np.random.default_rng(0)
    rows = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for what in options.what or RUNS:
            arguments, output = RUNS[what]
            arguments = [*arguments, *(["-o", output] if output else [])]
            status, told, seconds, _ = run(arguments, folder)
            assert status == 0, told
            result = (folder / output).read_bytes() if output else None
            found = [
                faults_of(what, folder, moment, result)
                for moment in rng.uniform(PYTHON_BEGINS, seconds, options.moments)
            ]
            rows[what] = {
                "seconds": seconds,
                "Ctrl-C": len(found),
                "ended by it": sum(status == 130 for _, status in found),
                "at fault": sum(bool(faults) for faults, _ in found),
                "faults": ", ".join(sorted({f for faults, _ in found for f in faults})),
            }
    print_table(
        pd.DataFrame.from_dict(rows, orient="index"), "Ctrl-C at random moments"
    )


if __name__ == "__main__":
    main()
