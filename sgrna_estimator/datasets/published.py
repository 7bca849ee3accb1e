"""Guides to learn from: published screens, simulated ones, and your own tables.

The published tables are downloaded when they are first asked for, or read from the
folder that `get_data_home` names, and checked against their SHA-256 either way.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
from sklearn.utils import Bunch

from sgrna_estimator.datasets.guide_table import GuideTable
from sgrna_estimator.datasets.loading import load_table

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
}


_CRISPRA_FILES = {
    "neuron": "NeuronTopGeneGuidesMixtureProbs.txt",
    "self_renewal": "SelfRenewalTopGeneGuidesMixtureProbs.txt",
}


_DESCR_CRISPRA = """\
CRISPRa tiling screens of neuronal differentiation and of self-renewal (mouse)
==============================================================================

2,073 guides: 709 of 18 genes in the neuron screen, 1,364 of 24 genes in the
self-renewal screen. Only the top genes of each screen are in the tables.

screen          "neuron" or "self_renewal"
seq             43 nt: 10 upstream, 20 nt spacer (which begins with G), NGG PAM,
                10 downstream
gene            target gene; no gene is in both screens
guide           the spacer
distance2TSS    distance to the transcription start site, in nt
chr, pos, start, end, strand
                place in the genome
log2fc          log2 fold change
mixture_probs   posterior probability that the guide is active, from a mixture model
                without the sequence, fitted by Hamiltonian Monte Carlo (the target)
gene_effect     posterior mean of the log2 fold change of the gene's active guides
mixing          posterior mean of the share of the gene's guides that are active

Source: github.com/timydaley/CRISPRa-sgRNA-determinants,
deepLearningMixtureRegression/, commit 1dccda4f. No licence is stated beside the
tables.

References: the neuron screen is that of Liu Y, Yu C, Daley TP, et al. (2018), CRISPR
activation screens systematically identify factors that drive neuronal fate and
reprogramming, Cell Stem Cell 23:758-771.e8. The source names no paper for the
self-renewal screen.
"""


_DESCR_KIM = """\
SpCas9 indel frequencies at 12,832 target sequences (human cells)
=================================================================

Guides and their targets were delivered together by lentivirus, and indels were
counted 2.9 days after the delivery of SpCas9. There are no genes to group by.

Target context sequence (4+20+3+3)
                30 nt: 4 upstream, 20 nt protospacer, NGG PAM, 3 downstream
Background subtracted indel (%)
                indel frequency less that of day 0, in per cent (the target)
Barcode, and the read counts and frequencies at day 0 and day 2.9

Column names are those of the source with white space collapsed.

Source: github.com/PeterDeWeirdt/sgrna_modeler, sgrna_modeler/data/datasets/, commit
5c6cf033, MIT licence. The article is under CC BY-NC 4.0.

Reference: Kim HK, Kim Y, Lee S, et al. (2019), SpCas9 activity prediction by
DeepSpCas9, a deep learning-based model with high generalization performance,
Science Advances 5:eaax9249, doi:10.1126/sciadv.aax9249.
"""


_DESCR_DOENCH = """\
SpCas9 knock-out screens of 17 genes (flow cytometry and drug resistance)
=========================================================================

5,310 rows, but 4,379 distinct sequences: the same guide stands under several drugs.
Split by gene, never by row.

30mer           30 nt: 4 upstream, 20 nt protospacer, NGG PAM, 3 downstream
Target gene     17 genes
score_drug_gene_rank
                rank of the guide within its gene and drug, from 0 to 1, the most
                active highest (the target)
score_drug_gene_threshold
                1 for the most active fifth within gene and drug, else 0
Percent Peptide, Amino Acid Cut position
                where the protein is cut, in per cent of its length and in residues
drug            "nodrug" for the flow cytometry screens

The column `predictions` of the source is left out: it holds predictions of a model
that was trained on these rows.

Source: github.com/MicrosoftResearch/Azimuth, azimuth/data/, commit 84eb013b,
BSD 3-clause licence.

Reference: Doench JG, Fusi N, Sullender M, et al. (2016), Optimized sgRNA design to
maximize activity and minimize off-target effects of CRISPR-Cas9, Nature Biotechnology
34:184-191, doi:10.1038/nbt.3437.
"""


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


def fetch_crispra_tiling(
    screen: Literal["both", "neuron", "self_renewal"] = "both",
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> Bunch:
    """Load the two CRISPRa tiling screens: 2,073 guides of 42 genes, 43 nt.

    Parameters
    ----------
    screen : {"both", "neuron", "self_renewal"}, default="both"
        Which screen; "both" puts the self-renewal screen (1,364 guides, 24 genes) below
        the neuron screen (709 guides, 18 genes).
    data_home : path or None, default=None
        Folder of the tables, see `get_data_home`.
    download_if_missing : bool, default=True
        Whether to download tables that are not there, or else to raise.

    Returns
    -------
    data : `~sklearn.utils.Bunch`
        With the attributes

        data, frame : DataFrame of shape (n_guides, 14)
            The table, with a column `screen`.
        sequences : Series of str
            Column `seq`, 43 nt.
        target : Series of float64
            Column `mixture_probs`, the posterior probability of being active.
        groups : Series of str
            Column `gene`.
        DESCR : str
            Columns, source, licence and references.

    Raises
    ------
    DatasetError
        If a table cannot be downloaded or is not the published one.

    Examples
    --------
    >>> from sgrna_estimator.datasets import fetch_crispra_tiling
    >>> screens = fetch_crispra_tiling()  # doctest: +SKIP
    >>> screens.sequences.str.len().unique()  # doctest: +SKIP
    array([43])
    """
    if screen != "both" and screen not in _CRISPRA_FILES:
        raise ValueError(
            f"screen must be 'both', 'neuron' or 'self_renewal', got {screen!r}"
        )
    screens = list(_CRISPRA_FILES) if screen == "both" else [screen]
    paths = [
        _fetch(_CRISPRA_FILES[name], data_home, download_if_missing) for name in screens
    ]
    table = load_table(paths, sequence="seq", target="mixture_probs", groups="gene")
    frame = table.frame.drop(columns="Unnamed: 0")
    screen_of = dict(zip(map(str, paths), screens, strict=True))
    frame.insert(0, "screen", table.source["file"].map(screen_of))
    return _as_bunch(table, frame, _DESCR_CRISPRA)


def fetch_kim2019(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> Bunch:
    """Load the SpCas9 indel frequencies of Kim et al. (2019): 12,832 guides, 30 nt.

    Parameters
    ----------
    data_home : path or None, default=None
        Folder of the tables, see `get_data_home`.
    download_if_missing : bool, default=True
        Whether to download the table if it is not there, or else to raise.

    Returns
    -------
    data : `~sklearn.utils.Bunch`
        With the attributes

        data, frame : DataFrame of shape (12832, 9)
            The table.
        sequences : Series of str
            Column `Target context sequence (4+20+3+3)`, 30 nt.
        target : Series of float64
            Column `Background subtracted indel (%)`, in per cent (a few below 0).
        groups : None
            The guides have no genes.
        DESCR : str
            Columns, source, licence and reference.

    Raises
    ------
    DatasetError
        If the table cannot be downloaded or is not the published one.

    Examples
    --------
    >>> from sgrna_estimator.datasets import fetch_kim2019
    >>> len(fetch_kim2019().data)  # doctest: +SKIP
    12832
    """
    table = load_table(
        _fetch("Kim_2019_Train.csv.zip", data_home, download_if_missing),
        sequence="Target context sequence (4+20+3+3)",
        target="Background subtracted indel (%)",
    )
    return _as_bunch(table, table.frame, _DESCR_KIM)


def fetch_doench2016(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> Bunch:
    """Load the knock-out screens of Doench et al. (2016): 5,310 rows of 17 genes, 30 nt.

    The same guide stands under several drugs (4,379 distinct sequences): split these
    rows by gene.

    Parameters
    ----------
    data_home : path or None, default=None
        Folder of the tables, see `get_data_home`.
    download_if_missing : bool, default=True
        Whether to download the table if it is not there, or else to raise.

    Returns
    -------
    data : `~sklearn.utils.Bunch`
        With the attributes

        data, frame : DataFrame of shape (5310, 7)
            The table, without the predictions in it that were made on training rows.
        sequences : Series of str
            Column `30mer`, 30 nt.
        target : Series of float64
            Column `score_drug_gene_rank`, from 0 to 1.
        groups : Series of str
            Column `Target gene`.
        DESCR : str
            Columns, source, licence and reference.

    Raises
    ------
    DatasetError
        If the table cannot be downloaded or is not the published one.

    Examples
    --------
    >>> from sgrna_estimator.datasets import fetch_doench2016
    >>> fetch_doench2016().groups.nunique()  # doctest: +SKIP
    17
    """
    table = load_table(
        _fetch("FC_plus_RES_withPredictions.csv", data_home, download_if_missing),
        sequence="30mer",
        target="score_drug_gene_rank",
        groups="Target gene",
    )
    frame = table.frame.drop(columns=["Unnamed: 0", "predictions"])
    return _as_bunch(table, frame, _DESCR_DOENCH)


def _as_bunch(table: GuideTable, frame: pd.DataFrame, description: str) -> Bunch:
    return Bunch(
        data=frame,
        frame=frame,
        sequences=table.sequences,
        target=table.target,
        groups=table.groups,
        DESCR=description,
    )


def _fetch(
    name: str, data_home: str | os.PathLike[str] | None, download_if_missing: bool
) -> Path:
    """Return the path of a published file, downloaded if it must be, and checked."""
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
