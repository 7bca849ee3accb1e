"""The kernels are Python too: what they do can be followed in a debugger.

Coverage cannot see compiled code. Here it can, so that no line of a kernel is without a
test.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = [
    "tests/network/test_kernels.py",
    "tests/network/test_additive_kernels.py",
    "tests/network/test_one_hot_kernels.py",
    "tests/scoring/test_kernels.py",
    "tests/sites/test_search.py",
    "tests/mixtures/test_kernels.py",
]
SLOW = [
    "(finite_differences and (values or log_loss))",
    "dead_unit",
    "keeps_its_share",
    "close_to_one",
    "single_precision",
    "slow_search",
    "protospacer_in_it",
    "slow_reference",
    "process_that_compiles",
]
# What writes LLVM instead of computing something has nothing to do here.
COVERAGE = r"""
[run]
source = sgrna_estimator
omit =
data_file = {folder}/data
[report]
include = */*kernels.py
exclude_also =
    ^@llvm_of
    ^def \w+\((context, )?builder
    ^def \w+\(number
    ^def \w+\(kind
"""


def test_kernels_do_the_same_where_nothing_is_compiled(tmp_path):
    settings, report = tmp_path / "coverage.ini", tmp_path / "report.json"
    settings.write_text(COVERAGE.format(folder=tmp_path))
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--cov", f"--cov-config={settings}", f"--cov-report=json:{report}"),
            # unsigned numbers that wrap around, as those of the generator of dropout
            *("-W", "ignore:overflow encountered in scalar:RuntimeWarning"),
            *("-k", " and ".join(f"not {each}" for each in SLOW)),
            *TESTS,
        ],
        cwd=ROOT,
        # without the options of the tests around, such as coverage
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    files = json.loads(report.read_text())["files"]
    kernels = {path.name for path in (ROOT / "sgrna_estimator").glob("*/*kernels.py")}
    assert {Path(name).name for name in files} == kernels
    untested = {name: each["missing_lines"] for name, each in files.items()}
    assert not any(untested.values()), untested
