"""The models that the commands make for a screen."""

import pytest

from sgrna_estimator.baselines import catalogue
from sgrna_estimator.cli.fitting import model_for
from sgrna_estimator.cli.screen import simulate_screen


@pytest.mark.parametrize(
    ("many", "settings"),
    [
        (2_000, catalogue.MANY_GUIDES_SETTINGS),
        (2_001, catalogue.ACCURATE_SETTINGS),
    ],
)
def test_the_windows_follow_from_the_number_of_guides(monkeypatch, many, settings):
    screen = simulate_screen({}, seed=0)
    assert len(screen.target) == 2_000
    monkeypatch.setattr(catalogue, "_MANY_GUIDES", many)
    model = model_for("network_windows", screen, "error", None, seed=0)
    assert settings.items() <= model[-1].get_params().items()
