import functools
import hashlib
import http.server
import re
import threading
from pathlib import Path

import pytest

from sgrna_estimator.datasets import (
    DatasetError,
    downloads,
    fetch_crispra_tiling,
    fetch_crispron2021,
    fetch_doench2016,
    fetch_haeussler2016,
    fetch_kim2019,
    get_data_home,
)

FETCHERS = [
    fetch_crispra_tiling,
    fetch_kim2019,
    fetch_doench2016,
    fetch_crispron2021,
    functools.partial(fetch_haeussler2016, "chari2015Train293T"),
]


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
        downloads._registry,
        name,
        downloads._PublishedFile(
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
        f"{downloads._registry[neuron_file].url} and put it at {path}, or into a folder "
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
    assert downloads._registry[neuron_file].url in message
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

    monkeypatch.setattr(downloads.tempfile, "TemporaryFile", refuse)
    with pytest.raises(DatasetError) as caught:
        fetch_crispra_tiling("neuron", data_home=tmp_path / "home")
    assert str(caught.value).startswith(
        f"the folder {tmp_path / 'home'} cannot be written to (Permission denied): "
        "download http"
    )
    assert server.n_requests == 0


def test_registry_is_pinned():
    for file in downloads._registry.values():
        assert re.fullmatch(r"https://\S+/[0-9a-f]{40}/\S+", file.url)
        assert len(bytes.fromhex(file.sha256)) == 32
