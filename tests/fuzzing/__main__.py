"""Search for inputs that raise what is not documented, guided by coverage.

``python -m tests.fuzzing`` tries all targets for three seconds each; give some by name and
``--seconds`` for a longer search. It needs atheris, the extra ``fuzz``. An input that
raises something else is kept in ``fuzzing_findings``, for ``--input FILE``.
"""

import argparse
import contextlib
import importlib.util
import io
import os
import re
import sys
import tempfile
import time
import traceback
import zlib
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "sgrna_estimator"
_KEPT = Path("fuzzing_findings")
_COUNT = re.compile(r"stat::number_of_executed_units: +(\d+)")
_MOST_SHOWN = 6000


def main(arguments=None):
    options = _read_options(arguments)
    searches = options.input is None
    if searches and importlib.util.find_spec("atheris") is None:
        return "atheris is not installed: pip install 'sgrna-estimator[fuzz]'"
    # atheris names each module that it changes, on standard error.
    with (
        contextlib.redirect_stderr(io.StringIO()),
        _instrumented() if searches else contextlib.nullcontext(),
    ):
        from tests.fuzzing.targets import TARGETS

        names = options.names or list(TARGETS)
        unknown = [name for name in names if name not in TARGETS]
        if unknown:
            return f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}"
        if not searches:
            was_read = TARGETS[names[0]].try_input(options.input.read_bytes())
            print("no error" if was_read else "a documented error")
            return None
        seeds = {name: TARGETS[name].make_seeds() for name in names}
        for name in names:
            for seed in seeds[name]:
                TARGETS[name].try_input(seed)  # imports the rest
    failed = [
        name
        for name in names
        if not _run(name, TARGETS[name], seeds[name], options.seconds)
    ]
    return f"findings in {', '.join(failed)}" if failed else None


def _read_options(arguments):
    parser = argparse.ArgumentParser("python -m tests.fuzzing", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="TARGET", help="all by default")
    parser.add_argument("--seconds", type=int, default=3, help="for each target")
    parser.add_argument("--input", type=Path, help="try this file only")
    return parser.parse_args(arguments)


def _instrumented():
    """Let atheris see which lines run of the modules that are imported meanwhile."""
    import atheris

    # Numba cannot compile what atheris makes of a function.
    compiled = [
        "sgrna_estimator." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if path.stem.endswith(("kernels", "_compiling"))
    ]
    return atheris.instrument_imports(include=["sgrna_estimator"], exclude=compiled)


def _run(name, target, seeds, seconds):
    """Search in a process that atheris or a crash ends; tell if all is well."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as log:
        for number, seed in enumerate(seeds):
            Path(folder, str(number)).write_bytes(seed)
        process = os.fork()
        if not process:
            for stream in (1, 2):
                os.dup2(log.fileno(), stream)
            _search(name, target, seconds, folder)
        _, status = os.waitpid(process, 0)
        log.seek(0)
        told = log.read()
    counts = _COUNT.findall(told)
    n_cases = f"{int(counts[-1]):,} cases" if counts else "stopped"
    print(f"{name:<16}{n_cases:>16}  {time.monotonic() - start:.0f} s", flush=True)
    if status:
        print(told[-_MOST_SHOWN:], flush=True)
    return status == 0


def _search(name, target, seconds, corpus):
    """Search until there is a finding or the time is over, and end the process."""
    import atheris

    def try_input(data):
        try:
            target.try_input(data)
        except BaseException:  # not every build of libFuzzer keeps it
            path = _KEPT / f"{name}-{zlib.crc32(data):08x}"
            path.write_bytes(data)
            print(f"\nkept: {path}", flush=True)
            raise

    try:
        _KEPT.mkdir(exist_ok=True)
        arguments = [f"-max_total_time={seconds}", "-timeout=60", "-max_len=8192"]
        arguments += ["-print_final_stats=1", "-rss_limit_mb=4096"]
        atheris.Setup(
            [sys.argv[0], *arguments, f"-artifact_prefix={_KEPT}/", corpus], try_input
        )
        atheris.Fuzz()
    except Exception:
        traceback.print_exc()
    finally:  # atheris has told of a finding, and would end this copy of the process
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
