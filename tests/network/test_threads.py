"""Fits leave the threads of BLAS as they were."""

from threading import Event, Thread

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tests.network.networks import Callback, quick


def n_blas_threads():
    return {
        library["num_threads"]
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }


def set_blas_threads(n_threads):
    """Set the number from a thread that ends, and so leaves the control to others."""
    thread = Thread(target=lambda: threadpool_limits(n_threads, user_api="blas"))
    thread.start()
    thread.join()


@pytest.fixture
def two_blas_threads():
    before = max(n_blas_threads())
    set_blas_threads(2)
    if n_blas_threads() != {2}:
        set_blas_threads(before)
        pytest.skip("BLAS on this machine cannot be told to use two threads")
    yield
    set_blas_threads(before)


def test_fits_that_overlap_leave_the_threads_of_blas_as_they_were(
    screen, two_blas_threads
):
    first_is_in, second_is_in = Event(), Event()

    class First(Callback):
        def on_fit_task_end(self, estimator, context):
            first_is_in.set()
            second_is_in.wait(10)

    class Second(Callback):
        def on_fit_task_end(self, estimator, context):
            second_is_in.set()
            threads[0].join(10)

    def fit_first():
        quick().set_callbacks(First()).fit(screen.X, screen.y)

    def fit_second():
        first_is_in.wait(10)
        quick().set_callbacks(Second()).fit(screen.X, screen.y)

    threads = [Thread(target=fit_first), Thread(target=fit_second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n_blas_threads() == {2}
