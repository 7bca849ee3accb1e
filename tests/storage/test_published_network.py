"""Networks of published screens: what they know, and when they are kept."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sgrna_estimator import published_network
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.sequences.spacer_hashes import hash_texts
from sgrna_estimator.storage import published_network as module
from sgrna_estimator.storage.published_network import LAYOUT, guides_of


def small(seed):
    return make_guide_screen(
        n_guides=80,
        n_genes=4,
        upstream_length=4,
        downstream_length=3,
        random_state=seed,
    )


@pytest.fixture(autouse=True)
def _small_sources(monkeypatch, tmp_path):
    """Two small screens in place of the published ones, and a folder of their own."""
    for seed, name in enumerate(module.SOURCES):
        monkeypatch.setitem(module.SOURCES, name, lambda seed=seed: small(seed))
    monkeypatch.setenv("SGRNA_ESTIMATOR_DATA", str(tmp_path))
    monkeypatch.setitem(module.ACCURATE_SETTINGS, "n_units", 4)


def seen(model):
    return model[-1].networks_[0].seen


def test_it_knows_what_is_not_excluded():
    guides = small(0).sequences
    longer = "CCCCCC" + guides[:30] + "TTTTTTT"
    model = published_network(n_networks=1, exclude=longer, layout="10+20+3+10")
    assert_array_equal(seen(model), np.unique(hash_texts(guides[30:], LAYOUT)))
    assert guides_of("kim2019", hash_texts(guides[:30], LAYOUT))[2] == 30


def test_several_screens_are_standardised():
    sequences, target, left_out = guides_of(["kim2019", "crispron2021"])
    assert len(sequences) == len(target) == 160
    assert left_out == 0
    for half in (target[:80], target[80:]):
        assert half.mean() == pytest.approx(0, abs=1e-12)
        assert half.std() == pytest.approx(1)
    assert_array_equal(guides_of("kim2019")[1], small(0).target)


def test_what_knows_whole_screens_is_kept(tmp_path, monkeypatch):
    model = published_network(n_networks=2)
    (path,) = (tmp_path / "networks").iterdir()
    assert path.name == "kim2019-2-networks-0.sgrna"
    monkeypatch.setattr(module, "make_pipeline", None)  # nothing is fitted again
    again = published_network(n_networks=2)
    guides = small(5).sequences
    assert_array_equal(again.predict(guides), model.predict(guides))
    assert_array_equal(seen(again), seen(model))
    assert again[:-1].transform(guides).columns[0] == "-4_A"


def test_what_leaves_guides_out_is_not_kept(tmp_path):
    published_network(n_networks=1, exclude=small(0).sequences[:1])
    assert not (tmp_path / "networks").exists()


def test_a_damaged_file_is_written_again(tmp_path):
    model = published_network(n_networks=1)
    (path,) = (tmp_path / "networks").iterdir()
    content = path.read_bytes()
    path.write_bytes(content[:-10])
    again = published_network(n_networks=1)
    assert path.read_bytes() == content
    guides = small(5).sequences
    assert_array_equal(again.predict(guides), model.predict(guides))


def test_a_folder_without_write_bits_is_left_alone(tmp_path, monkeypatch):
    tables, cache = tmp_path / "tables", tmp_path / "cache"
    tables.mkdir()
    tables.chmod(0o555)
    monkeypatch.setenv("SGRNA_ESTIMATOR_DATA", str(tables))
    monkeypatch.setattr(module.pooch, "os_cache", lambda _: cache)
    published_network(n_networks=1)
    tables.chmod(0o755)
    assert not list(tables.iterdir())
    assert len(list((cache / "networks").iterdir())) == 1


@pytest.mark.parametrize("name", ["kim", [], ["kim2019", "kim"]])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="one or several of kim2019, crispron2021"):
        published_network(name)


def test_what_ctrl_c_ended_early_is_not_kept(tmp_path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("sgrna_estimator.network.base.train_epoch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        published_network(n_networks=1)
    assert not (tmp_path / "networks").exists()
