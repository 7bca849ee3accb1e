"""A model that the tests of the room share."""

import pytest

from tests.design.designs import fit


@pytest.fixture(scope="session")
def ridge():
    return fit("ridge")
