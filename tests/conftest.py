"""Fixtures shared by all tests."""

import functools

import hypothesis
import pytest

from sgrna_estimator import datasets
from sgrna_estimator.cli.app import main
from sgrna_estimator.datasets.downloads import DATA_HOME_VARIABLE
from tests import browser

# No test asks how long something takes: machines are busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def _published(fetch, *names):
    """Read published tables that are there already; tests download nothing."""
    folder = datasets.get_data_home()
    missing = [name for name in names if not (folder / name).exists()]
    if missing:
        pytest.skip(
            f"{', '.join(missing)} not in {folder}: set "
            f"{DATA_HOME_VARIABLE} to a folder that holds the published tables"
        )
    return fetch(download_if_missing=False)


@pytest.fixture(scope="session")
def crispra_tiling():
    """Both CRISPRa tiling screens: 2,073 guides of 42 genes, 43 nt."""
    return _published(
        datasets.fetch_crispra_tiling,
        "NeuronTopGeneGuidesMixtureProbs.txt",
        "SelfRenewalTopGeneGuidesMixtureProbs.txt",
    )


@pytest.fixture(scope="session")
def kim2019():
    """SpCas9 indel frequencies: 12,832 guides, 30 nt."""
    return _published(datasets.fetch_kim2019, "Kim_2019_Train.csv.zip")


@pytest.fixture(scope="session")
def doench2016():
    """Knock-out screens: 5,310 rows of 17 genes, 30 nt."""
    return _published(datasets.fetch_doench2016, "FC_plus_RES_withPredictions.csv")


@pytest.fixture(scope="session")
def crispron2021():
    """SpCas9 indel frequencies: 11,595 guides, 30 nt."""
    return _published(datasets.fetch_crispron2021, "crispron2021_full.csv")


@pytest.fixture(scope="session")
def haeussler2016():
    """Three small screens by name, 30 nt."""
    names = "doench2014-Hs", "chari2015Train293T", "xu2015TrainHl60"
    return {
        name: _published(
            functools.partial(datasets.fetch_haeussler2016, name), f"{name}.tsv"
        )
        for name in names
    }


@pytest.fixture(scope="session")
def small_screen():
    """An additive simulated screen: 240 guides of 12 genes."""
    return datasets.make_guide_screen(n_guides=240, n_genes=12, random_state=0)


@pytest.fixture(scope="session")
def interaction_screen():
    """A simulated screen with neighbour and distance effects: 600 guides, 20 genes."""
    return datasets.make_guide_screen(
        n_guides=600,
        n_genes=20,
        interaction_sd=1.0,
        distance_effect_sd=0.5,
        activity_r2=0.8,
        random_state=1,
    )


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run the command line in the temporary folder; return status, output, messages."""
    monkeypatch.chdir(tmp_path)

    def run_main(*args):
        with pytest.raises(SystemExit) as stop:
            main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run_main


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    """A browser, where there is one; other tests that ask for it are skipped."""
    with browser.open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver
