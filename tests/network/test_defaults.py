"""What "auto" means."""

import pytest

from sgrna_estimator.network import defaults
from sgrna_estimator.network.architecture import Architecture

ADDITIVE = Architecture(40, 1, 4, 1, 0, False, ())
HIDDEN = Architecture(26, 5, 4, 32, 0, True, (64,))


@pytest.mark.parametrize("architecture", [ADDITIVE, HIDDEN])
@pytest.mark.parametrize("has_prior", [False, True])
def test_numbers_are_taken_as_they_are(architecture, has_prior):
    assert defaults.n_epochs(7, 100, 64) == 7
    assert defaults.share_dropped(0.3, architecture, 100) == 0.3
    given = {"has_prior": has_prior}
    assert defaults.step_size(0.5, "adam", architecture, **given) == 0.5
    assert defaults.penalty(3, architecture, 100.0, **given) == 3


@pytest.mark.parametrize(
    ("n_guides", "n_epochs"), [(100, 750), (3199, 30), (3200, 30), (20, 1500)]
)
def test_epochs_are_30_but_no_fewer_than_1500_steps(n_guides, n_epochs):
    assert defaults.n_epochs("auto", n_guides, 64) == n_epochs


def test_additive_networks_are_penalised_more_the_more_guides_there_are():
    few, many = (
        defaults.penalty("auto", ADDITIVE, n, has_prior=False) for n in (100.0, 400.0)
    )
    assert (few, many) == (6, 12)
    assert defaults.penalty("auto", HIDDEN, 100.0, has_prior=False) == 8


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("architecture", [ADDITIVE, HIDDEN])
def test_a_prior_is_held_on_to(architecture, solver):
    alone, begun = (
        defaults.step_size("auto", solver, architecture, has_prior=has_prior)
        for has_prior in (False, True)
    )
    assert begun < alone
    assert defaults.penalty("auto", architecture, 1e6, has_prior=True) == 32
