import functools
import hashlib
import http.server
import pickle
import re
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.linear_model import LinearRegression

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.datasets import (
    DatasetError,
    fetch_crispra_tiling,
    fetch_doench2016,
    fetch_kim2019,
    get_data_home,
    make_guide_screen,
    published,
)
from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import encode_sequences

FETCHERS = [fetch_crispra_tiling, fetch_kim2019, fetch_doench2016]

# The published tables -------------------------------------------------------------


def test_crispra_tiling(crispra_tiling):
    frame = crispra_tiling.data
    assert frame.shape == (2073, 14)
    assert crispra_tiling.frame is frame
    assert frame["screen"].value_counts().to_dict() == {
        "self_renewal": 1364,
        "neuron": 709,
    }
    assert frame.groupby("screen")["gene"].nunique().to_dict() == {
        "neuron": 18,
        "self_renewal": 24,
    }
    assert crispra_tiling.sequences.str.len().unique().tolist() == [43]
    assert (crispra_tiling.sequences.str[10:30] == frame["guide"]).all()
    assert crispra_tiling.target.name == "mixture_probs"
    assert crispra_tiling.target.between(0, 1).all()
    assert crispra_tiling.groups.nunique() == 42
    assert pd.api.types.is_integer_dtype(frame["distance2TSS"])
    assert "Source: github.com/timydaley" in crispra_tiling.DESCR


@pytest.mark.parametrize(
    ("screen", "n_guides"), [("neuron", 709), ("self_renewal", 1364)]
)
def test_one_crispra_screen(crispra_tiling, screen, n_guides):
    alone = fetch_crispra_tiling(screen, download_if_missing=False).data
    assert len(alone) == n_guides
    both = crispra_tiling.data
    expected = both[both["screen"] == screen].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected)


def test_screen_that_does_not_exist():
    with pytest.raises(ValueError, match="screen must be 'both', 'neuron' or"):
        fetch_crispra_tiling("neurons")


def test_kim2019(kim2019):
    assert kim2019.data.shape == (12832, 9)
    assert kim2019.sequences.name == "Target context sequence (4+20+3+3)"
    assert kim2019.sequences.str.len().unique().tolist() == [30]
    assert (kim2019.sequences.str[25:27] == "GG").all()
    assert kim2019.sequences.is_unique
    assert kim2019.target.name == "Background subtracted indel (%)"
    assert kim2019.target.iloc[0] == 24.28780504
    assert kim2019.groups is None
    assert "Indel read count (Day 2.9)" in kim2019.data
    assert "MIT" in kim2019.DESCR


def test_doench2016(doench2016):
    assert doench2016.data.shape == (5310, 7)
    assert "predictions" not in doench2016.data
    assert doench2016.sequences.str.len().unique().tolist() == [30]
    assert doench2016.sequences.nunique() == 4379
    assert doench2016.target.between(0, 1).all()
    assert doench2016.groups.nunique() == 17
    assert "BSD" in doench2016.DESCR


# The data folder -------------------------------------------------------------------


def test_data_home(monkeypatch, tmp_path):
    monkeypatch.setenv("SGRNA_ESTIMATOR_DATA", str(tmp_path))
    assert get_data_home() == tmp_path
    assert get_data_home(tmp_path / "other") == tmp_path / "other"
    assert get_data_home("~/guides") == Path.home() / "guides"
    assert not (tmp_path / "other").exists()
    monkeypatch.delenv("SGRNA_ESTIMATOR_DATA")
    assert get_data_home().name == "sgrna_estimator"
    monkeypatch.setenv("SGRNA_ESTIMATOR_DATA", "")
    assert get_data_home().name == "sgrna_estimator"


CONTENT = b"\tseq\tgene\tmixture_probs\n0\tACGT\tA\t0.5\n1\tACGA\tB\t1\n"


class Server(http.server.ThreadingHTTPServer):
    """Serves files of a folder on this machine, and counts the requests."""

    daemon_threads = True

    def __init__(self, folder):
        self.n_requests = 0
        super().__init__(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
        )


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.n_requests += 1
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    with Server(folder) as http_server:
        http_server.folder = folder
        thread = threading.Thread(target=http_server.serve_forever, daemon=True)
        thread.start()
        yield http_server
        http_server.shutdown()
        thread.join()


@pytest.fixture
def neuron_file(server, monkeypatch):
    """Let the server publish another file as the neuron screen; return its name."""
    name = "NeuronTopGeneGuidesMixtureProbs.txt"
    (server.folder / name).write_bytes(CONTENT)
    monkeypatch.setitem(
        published._registry,
        name,
        published._PublishedFile(
            f"http://127.0.0.1:{server.server_port}/{name}",
            hashlib.sha256(CONTENT).hexdigest(),
        ),
    )
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    return name


def test_download_once(server, neuron_file, tmp_path):
    home = tmp_path / "a" / "folder"
    for _ in range(2):
        data = fetch_crispra_tiling("neuron", data_home=home)
        assert data.sequences.tolist() == ["ACGT", "ACGA"]
        assert data.target.tolist() == [0.5, 1.0]
    assert server.n_requests == 1
    assert [path.name for path in home.iterdir()] == [neuron_file]


def test_a_file_that_is_there_is_read_without_writing(neuron_file, server, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / neuron_file).write_bytes(CONTENT)
    (home / neuron_file).chmod(0o444)
    home.chmod(0o555)
    try:
        data = fetch_crispra_tiling("neuron", data_home=home)
    finally:
        home.chmod(0o755)
    assert len(data.data) == 2
    assert server.n_requests == 0


def test_a_wrong_file_that_is_there_is_neither_used_nor_touched(
    neuron_file, server, tmp_path
):
    (tmp_path / neuron_file).write_bytes(CONTENT[:-1])
    with pytest.raises(DatasetError) as caught:
        fetch_crispra_tiling("neuron", data_home=tmp_path)
    path = tmp_path / neuron_file
    assert str(caught.value) == (
        f"{path} is not the published file, by its SHA-256: remove it, or download "
        f"{published._registry[neuron_file].url} and put it at {path}, or into a folder "
        "that data_home or the environment variable SGRNA_ESTIMATOR_DATA names"
    )
    assert path.read_bytes() == CONTENT[:-1]
    assert server.n_requests == 0


def test_a_download_with_another_checksum_is_not_kept(neuron_file, server, tmp_path):
    (server.folder / neuron_file).write_bytes(b"<html>not found</html>")
    home = tmp_path / "home"
    with pytest.raises(DatasetError, match=r"not the published file.*nothing was kept"):
        fetch_crispra_tiling("neuron", data_home=home)
    assert list(home.iterdir()) == []


def test_a_file_that_is_gone_from_its_source(neuron_file, server, tmp_path):
    (server.folder / neuron_file).unlink()
    home = tmp_path / "home"
    with pytest.raises(DatasetError, match=r"could not be downloaded \(HTTPError\)"):
        fetch_crispra_tiling("neuron", data_home=home)
    assert list(home.iterdir()) == []


def test_no_network(neuron_file, server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(DatasetError) as caught:
        fetch_crispra_tiling("neuron", data_home=tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{neuron_file} could not be downloaded (Connection")
    assert published._registry[neuron_file].url in message
    assert str(tmp_path / neuron_file) in message
    assert caught.value.__suppress_context__
    assert not (tmp_path / neuron_file).exists()


@pytest.mark.parametrize("fetch", FETCHERS)
def test_without_download(fetch, tmp_path):
    with pytest.raises(DatasetError, match=r"there is no .*: download https://raw.git"):
        fetch(data_home=tmp_path / "none", download_if_missing=False)
    assert not (tmp_path / "none").exists()


def test_folder_that_cannot_be_made(neuron_file, server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match=r"file/home cannot be written to \(Not a d"):
        fetch_crispra_tiling("neuron", data_home=tmp_path / "file" / "home")
    assert server.n_requests == 0


def test_folder_that_cannot_be_written_to(neuron_file, server, tmp_path, monkeypatch):
    def refuse(dir):  # a superuser, who often runs tests, may write anywhere
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(published.tempfile, "TemporaryFile", refuse)
    with pytest.raises(DatasetError) as caught:
        fetch_crispra_tiling("neuron", data_home=tmp_path / "home")
    assert str(caught.value).startswith(
        f"the folder {tmp_path / 'home'} cannot be written to (Permission denied): "
        "download http"
    )
    assert server.n_requests == 0


def test_registry_is_pinned():
    for name, file in published._registry.items():
        assert re.fullmatch(rf"https://\S+/[0-9a-f]{{40}}/\S+/{name}", file.url)
        assert len(bytes.fromhex(file.sha256)) == 32


# Simulated screens ------------------------------------------------------------------


def test_what_a_screen_looks_like(small_screen):
    frame = small_screen.data
    assert list(frame) == [
        "seq",
        "gene",
        "guide",
        "distance2TSS",
        "log2fc",
        "mixture_probs",
        "gene_effect",
        "mixing",
        "activity",
    ]
    assert frame["seq"].str.fullmatch("[ACGT]{10}G[ACGT]{20}GG[ACGT]{10}").all()
    assert (frame["seq"].str[10:30] == frame["guide"]).all()
    assert frame["gene"].value_counts().tolist() == [20] * 12
    assert frame["distance2TSS"].between(0, 2999).all()
    assert small_screen.frame is frame
    pd.testing.assert_series_equal(small_screen.sequences, frame["seq"])
    pd.testing.assert_series_equal(small_screen.target, frame["mixture_probs"])
    pd.testing.assert_series_equal(small_screen.groups, frame["gene"])
    assert "240 guides of 12 genes, 43 nt" in small_screen.DESCR


def test_screen_gives_160_columns(small_screen):
    transformer = SequenceOneHotTransformer().fit(small_screen.sequences)
    assert transformer.dropped_letters_ == {10: "G", 31: "G", 32: "G"}


def test_other_lengths():
    screen = make_guide_screen(
        n_guides=50,
        n_genes=3,
        upstream_length=4,
        spacer_length=18,
        downstream_length=0,
        interaction_sd=1,
        random_state=0,
    )
    assert screen.sequences.str.fullmatch("[ACGT]{4}G[ACGT]{17}[ACGT]GG").all()
    assert screen.truth.position_effects.shape == (25, 4)
    assert screen.truth.interaction_effects.shape == (24, 4, 4)
    assert sorted(screen.groups.value_counts()) == [16, 17, 17]


def test_same_seed_same_screen():
    first, second = (make_guide_screen(100, 5, random_state=7) for _ in range(2))
    pd.testing.assert_frame_equal(first.data, second.data)
    other = make_guide_screen(100, 5, random_state=8)
    assert (first.data["seq"] != other.data["seq"]).all()
    stream = np.random.RandomState(7)
    pd.testing.assert_frame_equal(
        make_guide_screen(100, 5, random_state=stream).data, first.data
    )


def test_truth_does_not_depend_on_the_number_of_guides():
    small = make_guide_screen(100, 5, interaction_sd=1, random_state=3).truth
    large = make_guide_screen(300, 5, interaction_sd=1, random_state=3).truth
    for name in ("position_effects", "interaction_effects", "gene_log_odds"):
        np.testing.assert_array_equal(small[name], large[name])
    np.testing.assert_array_equal(small["gene_effects"], large["gene_effects"])


def reference_log_odds(text, distance, truth):
    codes = ["ACGT".index(letter) for letter in text]
    log_odds = sum(truth.position_effects[p][a] for p, a in enumerate(codes))
    for p in range(len(codes) - 1):
        log_odds += truth.interaction_effects[p][codes[p]][codes[p + 1]]
    sd = np.sqrt(np.mean((np.arange(3000) - 1499.5) ** 2))
    return log_odds + truth.distance_effect * (1499.5 - distance) / sd


def test_log_odds_are_those_of_the_equations(interaction_screen):
    frame, truth = interaction_screen.data, interaction_screen.truth
    log_odds = [
        reference_log_odds(text, distance, truth)
        for text, distance in zip(frame["seq"], frame["distance2TSS"], strict=True)
    ]
    np.testing.assert_allclose(truth.log_odds, log_odds)
    gene = np.searchsorted(truth.genes, frame["gene"])
    np.testing.assert_allclose(
        truth.activity_probability,
        expit(truth.intercept + truth.gene_log_odds[gene] + truth.log_odds),
    )
    assert truth.intercept == pytest.approx(logit(0.35))
    np.testing.assert_allclose(frame["gene_effect"], truth.gene_effects[gene])


def test_mixture_probabilities_are_the_posterior(interaction_screen):
    frame, truth = interaction_screen.data, interaction_screen.truth
    q = frame["mixing"]
    active = q * norm.pdf(frame["log2fc"], frame["gene_effect"], truth.active_sd)
    null = (1 - q) * norm.pdf(frame["log2fc"], truth.null_mean, truth.null_sd)
    np.testing.assert_allclose(frame["mixture_probs"], active / (active + null))
    by_gene = pd.Series(truth.activity_probability).groupby(frame["gene"])
    np.testing.assert_allclose(q, by_gene.transform("mean"))


@pytest.fixture(scope="module")
def large_screen():
    return make_guide_screen(
        40_000,
        20,
        position_effect_sd=1.2,
        interaction_sd=0.9,
        distance_effect_sd=0.6,
        activity_r2=0.7,
        random_state=0,
    )


def test_mixture_probabilities_are_calibrated(large_screen):
    bins = np.digitize(large_screen.target, [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
    active = pd.Series(large_screen.truth.active).groupby(bins)
    expected = large_screen.target.groupby(bins).mean()
    standard_error = np.sqrt(expected * (1 - expected) / active.size())
    assert (abs(active.mean() - expected) < 4 * standard_error).all()


def test_log_fold_changes_are_of_two_components(large_screen):
    frame, truth = large_screen.data, large_screen.truth
    null = frame["log2fc"][~truth.active]
    assert null.mean() == pytest.approx(0, abs=0.02)
    assert null.std() == pytest.approx(truth.null_sd, rel=0.02)
    scatter = (frame["log2fc"] - frame["gene_effect"])[truth.active]
    assert scatter.mean() == pytest.approx(0, abs=0.04)
    assert scatter.std() == pytest.approx(truth.active_sd, rel=0.02)
    assert truth.active.mean() == pytest.approx(
        truth.activity_probability.mean(), abs=0.01
    )


def test_standard_deviations_are_as_asked(large_screen):
    frame, truth = large_screen.data, large_screen.truth
    codes = encode_sequences(frame["seq"].tolist(), Alphabet("ACGT"))
    rows = np.arange(codes.shape[1])
    additive = truth.position_effects[rows, codes].sum(axis=1)
    pairs = truth.interaction_effects[rows[:-1], codes[:, :-1], codes[:, 1:]].sum(
        axis=1
    )
    assert additive.std() == pytest.approx(1.2, rel=0.03)
    assert pairs.std() == pytest.approx(0.9, rel=0.03)
    assert np.corrcoef(additive, pairs)[0, 1] == pytest.approx(0, abs=0.02)
    assert truth.log_odds.std() == pytest.approx(
        np.sqrt(1.2**2 + 0.9**2 + 0.6**2), rel=0.03
    )
    near = frame["distance2TSS"] < 1000
    assert truth.active[near].mean() > truth.active[~near].mean() + 0.05


def test_effects_sum_to_zero_and_spare_fixed_positions(large_screen):
    truth = large_screen.truth
    np.testing.assert_allclose(truth.position_effects.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(truth.interaction_effects.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(truth.interaction_effects.sum(axis=2), 0, atol=1e-12)
    for position in (10, 31, 32):
        assert not truth.position_effects[position].any()
        assert not truth.interaction_effects[position - 1 : position + 1].any()


def test_seed_matters_most():
    sizes = np.mean(
        [
            (make_guide_screen(2, 1, random_state=seed).truth.position_effects ** 2)
            for seed in range(200)
        ],
        axis=(0, 2),
    )
    seed_region, distal, flanks = sizes[20:30], sizes[11:20], sizes[[*range(10), 35]]
    assert seed_region.mean() / distal.mean() == pytest.approx(4, rel=0.2)
    assert seed_region.mean() / flanks.mean() == pytest.approx(25, rel=0.2)


@pytest.mark.parametrize("r2", [0.0, 0.4, 1.0])
def test_activity_has_the_stated_share_of_signal(r2):
    screen = make_guide_screen(20_000, 10, activity_r2=r2, random_state=0)
    activity = screen.data["activity"]
    assert activity.var() == pytest.approx(1, rel=0.05)
    explained = np.corrcoef(activity, screen.truth.log_odds)[0, 1] ** 2
    assert explained == pytest.approx(r2, abs=0.02)


def test_activity_without_any_effect_is_noise():
    screen = make_guide_screen(
        5_000, 10, position_effect_sd=0, activity_r2=0.5, random_state=0
    )
    assert not screen.truth.log_odds.any()
    assert screen.data["activity"].var() == pytest.approx(0.5, rel=0.1)


def test_without_interactions_the_screen_is_additive(large_screen):
    additive = make_guide_screen(2_000, 10, activity_r2=1, random_state=0)
    one_hot = SequenceOneHotTransformer(dtype=float)
    X = one_hot.fit_transform(additive.sequences)
    fit = LinearRegression().fit(X, additive.data["activity"])
    assert fit.score(X, additive.data["activity"]) == pytest.approx(1)
    # With interactions, it is not.
    X = one_hot.fit_transform(large_screen.sequences)
    score = (
        LinearRegression()
        .fit(X, large_screen.truth.log_odds)
        .score(X, large_screen.truth.log_odds)
    )
    share = 1.2**2 / (1.2**2 + 0.9**2 + 0.6**2)
    assert score == pytest.approx(share, abs=0.03)


def test_depletion_screen():
    screen = make_guide_screen(500, 5, gene_effect_mean=-3, random_state=0)
    assert screen.data["log2fc"][screen.truth.active].mean() < -2


def test_screen_survives_pickling(small_screen):
    copy = pickle.loads(pickle.dumps(small_screen))
    pd.testing.assert_frame_equal(copy.data, small_screen.data)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("n_guides", 0),
        ("n_guides", 10.0),
        ("n_genes", 0),
        ("upstream_length", -1),
        ("spacer_length", 2),
        ("downstream_length", 1.5),
        ("active_fraction", 0),
        ("active_fraction", 1),
        ("position_effect_sd", -1),
        ("interaction_sd", np.nan),
        ("distance_effect_sd", -0.1),
        ("gene_activity_sd", -1),
        ("gene_effect_mean", np.inf),
        ("gene_effect_sd", -1),
        ("null_sd", 0),
        ("active_sd", 0),
        ("activity_r2", 1.1),
        ("activity_r2", "0.5"),
    ],
)
def test_parameters_out_of_range(parameter, value):
    with pytest.raises(ValueError, match=f"{parameter} must be "):
        make_guide_screen(**{parameter: value})


def test_fewer_guides_than_genes():
    with pytest.raises(ValueError, match=r"at least n_genes \(40\), got 20"):
        make_guide_screen(n_guides=20)
