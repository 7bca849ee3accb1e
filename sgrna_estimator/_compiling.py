"""Compiled functions, kept on disk from one run to the next where that is possible.

A *kernel file* is a module named ``...kernels.py``. Numba's cache notices a change in a
function's own file only, and would go on running what a caller was once compiled from.
Here the names of the cached files contain a hash of all kernel files of the function's
folder: an edit of any of them has files of its own.

The cache saves seconds and is never needed: a file that cannot be read is written again,
and without a folder to write to, or room on the disk, functions are compiled each time.
"""

import contextlib
import hashlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.extending import intrinsic


@cache
def _hash_sources(folder: Path) -> str:
    """Return a short hash of all that compiled functions of a folder are made from."""
    sources = [Path(__file__), *sorted(folder.glob("*kernels.py"))]
    digests = [hashlib.sha256(source.read_bytes()).digest() for source in sources]
    return hashlib.sha256(b"".join(digests)).hexdigest()[:16]


class _CachedFiles(CompileResultCacheImpl):
    """Where numba keeps a function, by the sources of its whole folder."""

    def __init__(self, function: Callable) -> None:
        self._folder = Path(function.__code__.co_filename).parent
        super().__init__(function)

    def get_filename_base(self, fullname: str, abiflags: str) -> str:
        base = super().get_filename_base(fullname, abiflags)
        return f"{base}-{_hash_sources(self._folder)}"


class _Cache(FunctionCache):
    """Numba's cache, whose failures cost no more than the time to compile."""

    _impl_class = _CachedFiles

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # what a damaged pickle raises can be anything
            try:
                self.flush()  # so that what is compiled now is found next time
            except OSError:
                self.disable()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk, or a folder that has gone
            super().save_overload(sig, data)


def njit(function: Callable | None = None, /, **options: Any) -> Any:
    """Compile a kernel when it is first called, and keep it on disk.

    It releases the global interpreter lock and divides by zero as NumPy does. Sums may
    be reordered and multiply-adds fused, but NaN and infinity keep their meaning,
    because a diverging fit is recognised by them. It may call kernels of its own folder
    only.

    Parameters
    ----------
    function : callable, default=None
        A function over arrays, in a kernel file. None: return a decorator.
    **options
        Further options of ``numba.njit``.

    Returns
    -------
    callable
    """
    if function is None:
        return partial(njit, **options)
    compiled = numba.njit(
        nogil=True,
        error_model="numpy",
        fastmath={"contract", "reassoc"},
        **options,
    )(function)
    # neither the package's folder nor the user's is writable, or no file is there
    with contextlib.suppress(RuntimeError, OSError):
        compiled._cache = _Cache(function)
    return compiled


def llvm_of(in_python: Callable) -> Callable:
    """Return a decorator of what writes, in LLVM, what a function does in Python.

    The function is what runs where ``NUMBA_DISABLE_JIT`` is set: nothing is compiled
    there, and what a kernel does can be followed in a debugger.

    Parameters
    ----------
    in_python : callable
        Does the same, and takes the same but for the typing context.

    Returns
    -------
    callable
        To decorate a function as ``numba.extending.intrinsic`` does.
    """

    def choose(generator: Callable) -> Callable:
        nothing_is_compiled = numba.config.DISABLE_JIT  # type: ignore[attr-defined]
        return in_python if nothing_is_compiled else intrinsic(generator)

    return choose
