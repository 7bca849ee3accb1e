"""The kernels are Python too: what they do can be followed in a debugger."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SLOW = [
    "hypothesis",
    "dead_unit",
    "keeps_its_share",
    "close_to_one",
    "single_precision",
]


def test_kernels_do_the_same_where_nothing_is_compiled():
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
            # of the generator of dropout, whose numbers wrap around
            *("-W", "ignore:overflow encountered in scalar:RuntimeWarning"),
            *("-k", " and ".join(f"not {each}" for each in SLOW)),
            "tests/network/test_kernels.py",
            "tests/network/test_additive_kernels.py",
            "tests/network/test_one_hot_kernels.py",
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
