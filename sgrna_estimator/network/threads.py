"""One BLAS thread while a network trains: its matrix products are small."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

import threadpoolctl

from sgrna_estimator.network.architecture import Architecture

_lock = threading.Lock()
_n_inside = 0
_limit = ExitStack()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last one to enter has left.

    The limit is the process's, so threads that fit at once must not lift it from under
    each other, nor restore what another has set: the first to enter sets it, the last to
    leave lifts it.
    """
    global _n_inside
    with _lock:
        if _n_inside == 0:
            _take_control()
            _limit.enter_context(threadpoolctl.threadpool_limits(1, user_api="blas"))
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                _take_control()
                _limit.close()


def blas_threads_of(architecture: Architecture) -> AbstractContextManager[None]:
    """Return what to train and predict in: one BLAS thread, where BLAS is used.

    Parameters
    ----------
    architecture : Architecture

    Returns
    -------
    context manager
    """
    return one_blas_thread() if architecture.hidden_layer_sizes else nullcontext()


def _take_control() -> None:
    """Become the thread that sets OpenBLAS's limit: since 3.8 only one thread can."""
    controller = getattr(threadpoolctl, "OpenBLASController", None)
    clear = getattr(controller, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)
