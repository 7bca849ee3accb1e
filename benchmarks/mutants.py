"""Mutation testing of kernels, encodings and statistics: changes that no test notices.

    python benchmarks/mutants.py [--share 1.0] [--jobs 2] [GROUP ...]

mutmut says how each function can be changed (an operator, a number, an argument); texts
are left as they are. One change at a time, the tests that run its line are run, quickest
first, until one of them fails. mutmut alone leaves decorated functions, as kernels are, as
they are. Here tests are collected once, a copy of the process takes the changed code, and
kernels are run as Python (``NUMBA_DISABLE_JIT``).
Changes in lines that no test of the group runs are counted apart. Those that were not
noticed are printed.
"""

import argparse
import importlib
import inspect
import os
import pickle
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, FunctionType

import pandas as pd
from _common import describe_machine, print_table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.test_in_python import TESTS  # noqa: E402

PACKAGE = ROOT / "sgrna_estimator"
# The modules, and the tests that should notice a change of them.
GROUPS = {
    "kernels": (["*/*kernels.py"], TESTS),
    "encodings": (["sequences/*.py"], ["tests/sequences"]),
    "metrics": (["metrics/*.py"], ["tests/metrics"]),
    "statistics": (
        [
            f"comparison/{name}.py"
            for name in ("corrected_tests", "chance", "permutations", "scores")
        ],
        [
            f"tests/comparison/test_{name}.py"
            for name in ("corrected_tests", "chance", "permutations", "scores")
        ],
    ),
    "mixtures": (
        [f"mixtures/{name}.py" for name in ("gates", "grids", "null", "wrong_sign")],
        ["tests/mixtures"],
    ),
}
MOST_SECONDS = 30.0  # of tests for one change
MOST_EXAMPLES = 8
MOST_MEMORY = 8 << 30


@dataclass
class Mutant:
    """One changed function."""

    path: Path
    line: int
    lines: range
    before: str
    after: str
    name: str  # qualified, within its module
    code: CodeType
    tests: list = field(default_factory=list)
    outcome: str = "no test"

    def __str__(self):
        place = f"{self.path.relative_to(PACKAGE)}:{self.line}"
        return f"{place}: {self.before}  ->  {self.after} [{len(self.tests)} tests]"


# How functions can be changed ---------------------------------------------------------


def mutants_of(path):
    """Return the mutants of one module."""
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider
    from mutmut.mutation import file_mutation, mutators

    class Visitor(file_mutation.MutationVisitor):
        def _skip_node_and_children(self, node):
            function = isinstance(node, libcst.FunctionDef)
            return not function and super()._skip_node_and_children(node)

    operators = [
        (kind, operator)
        for kind, operator in mutators.mutation_operators
        if "string" not in operator.__name__
    ]
    source = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(libcst.parse_module(source))
    ignored = file_mutation.IgnoredCode(set(), set(), set())
    visitor = Visitor(operators, ignored)
    wrapper.visit(visitor)
    places = wrapper.resolve(PositionProvider)
    found = []
    for each in visitor.mutations:
        if not isinstance(each.contained_by_top_level_function, libcst.FunctionDef):
            continue
        changed = wrapper.module.deep_replace(each.original_node, each.mutated_node)
        place = places[each.original_node]
        found += _compiled(source, changed.code, path, place)
    return found


def _compiled(source, changed, path, place):
    """Return the mutant, in a list, unless it cannot be compiled or is the same."""
    try:
        new = dict(_functions(compile(changed, path, "exec")))
    except SyntaxError:
        return []
    old = _all_functions(source, path)
    names = [name for name in old if name not in new or new[name] != old[name]]
    if not names or names[0] not in new:
        return []
    was, now = source.splitlines(), changed.splitlines()
    line = next(
        (i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), 0
    )
    lines = range(place.start.line, place.end.line + 1)
    text = was[line].strip(), now[line].strip()
    return [Mutant(path, line + 1, lines, *text, names[0][0], new[names[0]])]


@cache
def _all_functions(source, path):
    return dict(_functions(compile(source, path, "exec")))


def _functions(code, inside=""):
    """Yield ((name, number of that name), code) of functions at the top and in classes."""
    seen = {}
    for const in code.co_consts:
        if isinstance(const, CodeType):
            name = f"{inside}{const.co_name}"
            if "__qualname__" in const.co_names:  # the body of a class
                yield from _functions(const, f"{name}.")
            elif not const.co_name.startswith("<"):
                seen[name] = seen.get(name, -1) + 1
                yield (name, seen[name]), const


def put_in_place(mutant):
    """Give the live function the changed code."""
    module = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts)
    place = importlib.import_module(module)
    *classes, name = mutant.name.split(".")
    for each in classes:
        place = vars(place)[each]
    for function in _unwrapped(vars(place)[name]):
        code = function.__code__
        if code.co_filename == str(mutant.path) and code.co_name == name:
            function.__code__ = mutant.code
            return
    raise LookupError(mutant.name)


def _unwrapped(thing):
    """Yield the functions that a decorated one calls."""
    if isinstance(thing, property):
        yield from (each for each in (thing.fget, thing.fset) if each is not None)
    elif isinstance(thing, cached_property):
        yield thing.func
    elif isinstance(thing, staticmethod | classmethod):
        yield from _unwrapped(thing.__func__)
    else:
        inner = inspect.unwrap(thing)
        if isinstance(inner, FunctionType):
            yield inner


# Running tests on them ----------------------------------------------------------------


class Runner:
    """A plugin of pytest: it collects once, and runs tests in copies of the process."""

    def __init__(self, mutants, jobs):
        self.mutants = mutants
        self.jobs = jobs

    def pytest_collection(self):
        import hypothesis

        hypothesis.settings.register_profile(
            "mutants", derandomize=True, database=None, deadline=None
        )
        hypothesis.settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items):
        import hypothesis

        # Interpreted kernels are slow: a mutant is rarely right in the first examples.
        kept = "_hypothesis_internal_use_settings"
        for item in items:
            if own := getattr(item.obj, kept, None):
                most = min(own.max_examples, MOST_EXAMPLES)
                setattr(item.obj, kept, hypothesis.settings(own, max_examples=most))

    def pytest_runtestloop(self, session):
        items = {item.nodeid: item for item in session.items}
        seconds, lines = self._first_run(items)
        for mutant in self.mutants:
            running = set()
            for number in mutant.lines:
                running |= lines.get((str(mutant.path), number), set())
            chosen, total = [], 0.0
            for name in sorted(running & seconds.keys(), key=seconds.get):
                total += seconds[name]
                if total > MOST_SECONDS and chosen:
                    break
                chosen.append(name)
            mutant.tests = chosen
        untested = {(each.path, each.line) for each in self.mutants if not each.tests}
        for path, line in sorted(untested):
            print(f"{path.relative_to(PACKAGE)}:{line}: no test", flush=True)
        self._run_all([each for each in self.mutants if each.tests], items, seconds)
        return True

    def _first_run(self, items):
        """Return the seconds of each test, and the tests that run each line."""
        with tempfile.NamedTemporaryFile() as file:
            if not (child := os.fork()):
                _quiet(60_000)
                seconds, lines, failed = _traced(list(items.values()))
                Path(file.name).write_bytes(pickle.dumps((seconds, lines, failed)))
                os._exit(0)
            os.waitpid(child, 0)
            seconds, lines, failed = pickle.loads(Path(file.name).read_bytes())
        if failed:  # as tests of threads may in such a copy: they tell nothing here
            print(f"left out: {', '.join(failed)}", flush=True)
        print(f"{len(seconds)} tests, {sum(seconds.values()):.0f} s", flush=True)
        return seconds, lines

    def _run_all(self, mutants, items, seconds):
        waiting, running = list(mutants), {}
        while waiting or running:
            while waiting and len(running) < self.jobs:
                mutant = waiting.pop()
                expected = sum(seconds[name] for name in mutant.tests)
                if not (child := os.fork()):
                    _quiet(20 + 5 * expected)
                    os._exit(_try_mutant(mutant, [items[n] for n in mutant.tests]))
                running[child] = mutant
            if len(waiting) % 100 == 0:
                print(f"{len(waiting)} to go", file=sys.stderr, flush=True)
            child, status = os.wait()
            mutant = running.pop(child)
            if os.WIFSIGNALED(status):
                mutant.outcome = "ended"
            else:
                outcomes = {0: "survived", 1: "noticed"}
                mutant.outcome = outcomes.get(os.WEXITSTATUS(status), "not tried")
            if mutant.outcome in ("survived", "not tried"):
                print(f"{mutant}: {mutant.outcome}", flush=True)


def _quiet(seconds):
    """Let this copy of the process say nothing, and end in time."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _passes(item, following):
    from _pytest.runner import runtestprotocol

    reports = runtestprotocol(item, nextitem=following, log=False)
    return not any(report.failed for report in reports)


def _try_mutant(mutant, items):
    try:
        put_in_place(mutant)
    except (LookupError, ValueError):
        return 3
    try:
        for item, following in zip(items, [*items[1:], None], strict=True):
            if not _passes(item, following):
                return 1
    except BaseException:
        return 1
    return 0


def _traced(items):
    import coverage

    traced = coverage.Coverage(data_file=None, source=[str(PACKAGE)], config_file=False)
    seconds, failed = {}, []
    traced.start()
    for item, following in zip(items, [*items[1:], None], strict=True):
        traced.switch_context(item.nodeid)
        start = time.perf_counter()
        if _passes(item, following):
            seconds[item.nodeid] = time.perf_counter() - start
        else:
            failed.append(item.nodeid)
    traced.stop()
    data = traced.get_data()
    lines = {
        (name, line): {context for context in contexts if context}
        for name in data.measured_files()
        for line, contexts in data.contexts_by_lineno(name).items()
    }
    return seconds, lines, failed


def run_group(name, share, jobs):
    """Try the mutants of one group; print the survivors and a table of modules."""
    import pytest

    patterns, tests = GROUPS[name]
    paths = sorted({path for each in patterns for path in PACKAGE.glob(each)})
    mutants = [mutant for path in paths for mutant in mutants_of(path)]
    random.Random(0).shuffle(mutants)
    mutants = mutants[: round(share * len(mutants))]
    runner = Runner(mutants, jobs)
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    # unsigned numbers wrap around, as those of the generator of dropout
    arguments += ["-W", "ignore:overflow encountered in scalar:RuntimeWarning"]
    os.chdir(ROOT)
    start = time.monotonic()
    pytest.main([*arguments, *tests], plugins=[runner])
    modules = [str(mutant.path.relative_to(PACKAGE)) for mutant in mutants]
    outcomes = [mutant.outcome for mutant in mutants]
    counts = pd.crosstab(modules, outcomes, margins=True, margins_name="all")
    counts = counts.rename_axis(index="module", columns=None)
    print_table(counts, f"{name}, {time.monotonic() - start:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--share", type=float, default=1.0, help="of the mutants")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if len(options.groups) == 1 and "NUMBA_DISABLE_JIT" in os.environ:
        run_group(options.groups[0], options.share, options.jobs)
        return
    describe_machine()
    for name in options.groups or GROUPS:
        settings = {"NUMBA_DISABLE_JIT": "1" if name == "kernels" else "0"}
        arguments = ["--share", str(options.share), "--jobs", str(options.jobs)]
        subprocess.run(
            [sys.executable, __file__, name, *arguments],
            env=os.environ | settings | {"OMP_NUM_THREADS": "1"},
            check=True,
        )


if __name__ == "__main__":
    main()
