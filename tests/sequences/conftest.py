"""Fixtures of the tests of sequences."""

import pytest


class Heard:
    """A callback of scikit-learn that keeps what it is told."""

    def __init__(self):
        self.told = []

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context, *, X, y, **_):
        self.told.append(("begin", type(estimator), X, y))

    def on_fit_task_end(self, estimator, context, *, X, y, **_):
        self.told.append(("end", type(estimator), X, y))


@pytest.fixture
def heard():
    return Heard()
