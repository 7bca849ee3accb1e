"""The cache of compiled functions: never stale, never needed.

Each run is a process of its own, with kernel files and a cache that nothing else uses.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

if numba.config.DISABLE_JIT:
    pytest.skip("NUMBA_DISABLE_JIT is set", allow_module_level=True)

PACKAGE_PARENT = Path(__file__).parents[1]

CALLER = """
from inner_kernels import scaled
from sgrna_estimator._compiling import njit

@njit
def total(a, b):
    return scaled(a) + scaled(b)
"""

INNER = """
from sgrna_estimator._compiling import njit

@njit
def scaled(x):
    return {factor} * x
"""

RUN = """
import json
from outer_kernels import total
value = total(1.0, 2.0)
found = sum(total.stats.cache_hits.values())
print(json.dumps([value, found]))
"""


@pytest.fixture
def kernels(tmp_path):
    """Return a folder with two kernel files and their cache."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    (folder / "outer_kernels.py").write_text(CALLER)
    (folder / "inner_kernels.py").write_text(INNER.format(factor=2))
    return folder


def run(folder, before="", **environment):
    """Return what the outer kernel gives, and whether the cache had it compiled."""
    path = os.pathsep.join(map(str, [folder, PACKAGE_PARENT]))
    variables = {"PYTHONPATH": path, "NUMBA_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", before + RUN],
        env=os.environ | variables | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    value, found = json.loads(done.stdout)
    return value, bool(found)


def cached(folder, suffix):
    return list((folder / "cache").glob(f"*/*total*.{suffix}"))


def test_an_edit_of_a_kernel_compiles_its_callers_again(kernels):
    assert run(kernels) == (6.0, False)
    assert run(kernels) == (6.0, True)
    (kernels / "inner_kernels.py").write_text(INNER.format(factor=5))
    assert run(kernels) == (15.0, False)
    assert run(kernels) == (15.0, True)


def test_other_files_of_the_folder_do_not_matter(kernels):
    run(kernels)
    (kernels / "estimators.py").write_text("")
    assert run(kernels) == (6.0, True)


@pytest.mark.parametrize("suffix", ["nbi", "nbc"], ids=["index", "code"])
@pytest.mark.parametrize("size", [0, 20, 200])
def test_a_truncated_file_is_written_again(kernels, suffix, size):
    run(kernels)
    (path,) = cached(kernels, suffix)
    path.write_bytes(path.read_bytes()[:size])
    assert run(kernels) == (6.0, False)
    assert run(kernels) == (6.0, True)


def test_a_missing_file_is_written_again(kernels):
    run(kernels)
    (path,) = cached(kernels, "nbc")
    path.unlink()
    assert run(kernels) == (6.0, False)
    assert run(kernels) == (6.0, True)


# A file larger than this is refused as it would be on a full disk.
FULL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))\n"


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are POSIX's")
@pytest.mark.parametrize("room", [100, 2000], ids=["nothing", "the index only"])
def test_a_full_disk_costs_the_time_to_compile(kernels, room):
    assert run(kernels, FULL_DISK.format(room)) == (6.0, False)
    assert run(kernels, FULL_DISK.format(room)) == (6.0, False)
    assert not cached(kernels, "nbc")
    assert len(cached(kernels, "nbi")) == (room > 100)
    # neither is it worse with a damaged file that cannot be written again
    assert run(kernels) == (6.0, False)
    (path,) = cached(kernels, "nbi")
    path.write_bytes(path.read_bytes()[:20])
    assert run(kernels, FULL_DISK.format(20)) == (6.0, False)


def test_without_a_folder_to_write_to_nothing_is_cached(kernels, tmp_path):
    # Folders cannot be made where files are, not even by an administrator.
    (kernels / "__pycache__").write_text("")
    (tmp_path / "file").write_text("")
    in_file = str(tmp_path / "file" / "cache")
    nowhere = {"NUMBA_CACHE_DIR": in_file, "XDG_CACHE_HOME": in_file, "HOME": in_file}
    assert run(kernels, **nowhere) == (6.0, False)
    assert run(kernels, **nowhere) == (6.0, False)
