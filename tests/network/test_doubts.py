"""What is warned of after a fit."""

import numpy as np
import pytest

from sgrna_estimator.network.doubts import doubt_of_constant, doubt_of_loss

Y = np.array([0.0, 1.0, 0.0, 1.0])


def test_equal_read_outs_are_doubted():
    flat = np.array([0.3, 0.30001, 0.3, 0.3])
    assert "alpha=1.23e+03" in doubt_of_constant(flat, Y, 1234.0)


@pytest.mark.parametrize(
    ("z", "y"),
    [(np.array([0, 1e-3]), Y[:2]), (np.zeros(1), Y[:1]), (np.zeros(2), np.ones(2))],
    ids=["they differ", "one guide", "so does no target"],
)
def test_read_outs_that_are_as_they_should_be(z, y):
    assert doubt_of_constant(z, y, 1.0) == ""


@pytest.mark.parametrize(
    ("loss", "of_mean"), [("squared_error", 0.25), ("log_loss", np.log(2))]
)
def test_losses_far_above_that_of_the_mean_are_doubted(loss, of_mean):
    assert "far above" in doubt_of_loss([1.0, 101 * of_mean], Y, loss)
    assert doubt_of_loss([1.0, 99 * of_mean], Y, loss) == ""
    assert doubt_of_loss([], Y, loss) == ""
