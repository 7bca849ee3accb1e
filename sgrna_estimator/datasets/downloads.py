"""Names of published files -> the files, downloaded if they must be, and checked."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

DATA_HOME_VARIABLE = "SGRNA_ESTIMATOR_DATA"


class DatasetError(OSError):
    """A published table that cannot be downloaded, or is not the one expected."""


@dataclass(frozen=True)
class _PublishedFile:
    """Where a file is, at a commit that cannot change, and what it must be."""

    url: str
    sha256: str


_GITHUB = "https://raw.githubusercontent.com"

_CRISPRA = (
    f"{_GITHUB}/timydaley/CRISPRa-sgRNA-determinants/"
    "1dccda4fa2dc6d8f58dc9d591bf8b866ec5da86e/deepLearningMixtureRegression"
)

_SGRNA_MODELER = (
    f"{_GITHUB}/PeterDeWeirdt/sgrna_modeler/"
    "5c6cf0330cda35acf67d7e5f58d0b2ae29bf026e/sgrna_modeler/data/datasets"
)

_AZIMUTH = (
    f"{_GITHUB}/MicrosoftResearch/Azimuth/"
    "84eb013b8dde7132357a9b69206e99a4c65e2b89/azimuth/data"
)

_DEEPCRISTL = (
    f"{_GITHUB}/OrensteinLab/DeepCRISTL/4081b51c90a2d87b80157dbbab2d141b11db2fa3"
)

_registry = {
    "NeuronTopGeneGuidesMixtureProbs.txt": _PublishedFile(
        f"{_CRISPRA}/NeuronTopGeneGuidesMixtureProbs.txt",
        "41a7d67ed5af6cd53e5a65d529f46f1693095b181bb6345f4a01d70a18d7844f",
    ),
    "SelfRenewalTopGeneGuidesMixtureProbs.txt": _PublishedFile(
        f"{_CRISPRA}/SelfRenewalTopGeneGuidesMixtureProbs.txt",
        "2a1198946ef5932603a721ed01dc50f716a6bd02f03f094c7bdef4d5bba32f14",
    ),
    "Kim_2019_Train.csv.zip": _PublishedFile(
        f"{_SGRNA_MODELER}/Kim_2019_Train.csv.zip",
        "5252bcfad610a8196a478e8b0cf6042ae377245b27af23b1d1d9f1747abf4b2b",
    ),
    "FC_plus_RES_withPredictions.csv": _PublishedFile(
        f"{_AZIMUTH}/FC_plus_RES_withPredictions.csv",
        "97a4fda9481985d5e4ea6b18bb52e17b1c953913fbb901f56a134ec3c31f2972",
    ),
    "crispron2021_full.csv": _PublishedFile(
        f"{_DEEPCRISTL}/CRISPROn/data/edited_dataframes/crispor_full.csv",
        "1095f80d1b90a96377d7ce9cf52ad576ea5562b7816f2439c06a5c175cb8edd0",
    ),
    "doench2014-Hs.tsv": _PublishedFile(
        f"{_DEEPCRISTL}/data/main_dataframes/u6t7/doench2014-Hs.tsv",
        "8092077072f294a5775188ab30ca2d90bed29224ecf01b75e43924267e49b7e2",
    ),
    "chari2015Train293T.tsv": _PublishedFile(
        f"{_DEEPCRISTL}/data/main_dataframes/u6t7/chari2015Train293T.tsv",
        "64439c27c6b25364dec065258b26ad536045eb267bd78df863cd6e02c7f57108",
    ),
    "xu2015TrainHl60.tsv": _PublishedFile(
        f"{_DEEPCRISTL}/data/main_dataframes/u6t7/xu2015TrainHl60.tsv",
        "8f6a84280378445e7d87de21b43cc7ff119d0057e5e219859b999a15d845ea9f",
    ),
}


def get_data_home(data_home: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the published tables.

    Parameters
    ----------
    data_home : path or None, default=None
        The folder. None takes the one that the environment variable
        ``SGRNA_ESTIMATOR_DATA`` names, or else the user's cache folder.

    Returns
    -------
    pathlib.Path
        It need not exist: it is made when a table is downloaded. Tables that are in
        it already are only read, so it may be a folder that cannot be written to.

    Examples
    --------
    >>> from sgrna_estimator.datasets import get_data_home
    >>> get_data_home("tables").name
    'tables'
    """
    folder = data_home or os.environ.get(DATA_HOME_VARIABLE)
    if folder:
        return Path(folder).expanduser()
    import pooch

    return Path(pooch.os_cache("sgrna_estimator"))


def fetch_file(
    name: str, data_home: str | os.PathLike[str] | None, download_if_missing: bool
) -> Path:
    """Return the path of a published file, downloaded if it must be, and checked.

    Parameters
    ----------
    name : str
        A name of the registry.
    data_home : path or None
        Folder of the tables, see `get_data_home`.
    download_if_missing : bool
        Whether to download the file if it is not there, or else to raise.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    DatasetError
        If the file cannot be downloaded or is not the published one.
    """
    file = _registry[name]
    path = get_data_home(data_home).absolute() / name
    remedy = (
        f"download {file.url} and put it at {path}, or into a folder that data_home or "
        f"the environment variable {DATA_HOME_VARIABLE} names"
    )
    if not path.exists():
        if not download_if_missing:
            raise DatasetError(f"there is no {path}: {remedy}")
        _download(file, path, remedy)
    elif _sha256(path) != file.sha256:
        raise DatasetError(
            f"{path} is not the published file, by its SHA-256: remove it, or {remedy}"
        )
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(file: _PublishedFile, path: Path, remedy: str) -> None:
    """Download a file through a temporary one, which becomes it if it is right."""
    import pooch

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise DatasetError(
            f"the folder {path.parent} cannot be written to ({error.strerror}): {remedy}"
        ) from None
    try:
        pooch.retrieve(
            file.url,
            known_hash=f"sha256:{file.sha256}",
            fname=path.name,
            path=path.parent,
        )
    except ValueError:
        raise DatasetError(
            f"what {file.url} holds is not the published file, by its SHA-256; nothing "
            f"was kept: {remedy}"
        ) from None
    except OSError as error:  # requests' errors are of this type
        raise DatasetError(
            f"{path.name} could not be downloaded ({type(error).__name__}): {remedy}"
        ) from None
