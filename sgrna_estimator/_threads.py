"""One BLAS thread while a network trains: faster for small matrices, and repeatable.

How many threads share a matrix product changes the order of its sums, so the same seed
would give other bits under another ``n_jobs``.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_lock = threading.Lock()
_n_inside = 0
_limit = ExitStack()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last one to enter has left.

    The limit is the process's, so threads that fit at once must not lift it from under
    each other: the first to enter sets it, the last to leave lifts it.
    """
    from threadpoolctl import threadpool_limits

    global _n_inside
    with _lock:
        if _n_inside == 0:
            _limit.enter_context(threadpool_limits(1, user_api="blas"))
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                _limit.close()
