"""What the tests of files share."""

import pytest

from tests.baselines.small_models import make_guides
from tests.storage.models import fitted_model


@pytest.fixture(scope="session")
def guides():
    return make_guides()


@pytest.fixture(scope="session")
def content(guides, tmp_path_factory):
    """The bytes of a small model file."""
    path = tmp_path_factory.mktemp("content") / "model.sgrna"
    fitted_model(guides).write(path)
    return path.read_bytes()
