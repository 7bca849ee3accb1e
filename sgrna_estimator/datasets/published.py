"""Published screens -> checked tables of guides."""

import os
from dataclasses import replace
from typing import Literal

from sgrna_estimator.datasets import descriptions
from sgrna_estimator.datasets.downloads import fetch_file
from sgrna_estimator.datasets.guide_table import GuideTable
from sgrna_estimator.datasets.loading import load_table
from sgrna_estimator.sequences.layout import GuideLayout

_LAYOUT = GuideLayout.parse("4+20+3+3")
_CRISPRA_LAYOUT = GuideLayout.parse("10+20+3+10")

# The 30-mer in the 100 letters around a guide, whose spacer begins 30 letters in.
_CONTEXT = slice(26, 56)

_CRISPRA_FILES = {
    "neuron": "NeuronTopGeneGuidesMixtureProbs.txt",
    "self_renewal": "SelfRenewalTopGeneGuidesMixtureProbs.txt",
}


def fetch_crispra_tiling(
    screen: Literal["both", "neuron", "self_renewal"] = "both",
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> GuideTable:
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
    data : GuideTable
        With the attributes

        frame, data : DataFrame of shape (n_guides, 14)
            The table, with a column `screen`.
        sequences : Series of str
            Column `seq`, 43 nt.
        target : Series of float64
            Column `mixture_probs`, the posterior probability of being active.
        groups : Series of str
            Column `gene`.
        screens : Series of str
            Column `screen`.
        layout : GuideLayout
            10+20+3+10.
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
        fetch_file(_CRISPRA_FILES[name], data_home, download_if_missing)
        for name in screens
    ]
    table = load_table(paths, sequence="seq", target="mixture_probs", groups="gene")
    frame = table.frame.drop(columns="Unnamed: 0")
    screen_of = dict(zip(map(str, paths), screens, strict=True))
    frame.insert(0, "screen", table.source["file"].map(screen_of))
    return replace(
        table,
        frame=frame,
        screens=frame["screen"],
        layout=_CRISPRA_LAYOUT,
        DESCR=descriptions.CRISPRA_TILING,
    )


def fetch_kim2019(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> GuideTable:
    """Load the SpCas9 indel frequencies of Kim et al. (2019): 12,832 guides, 30 nt.

    Parameters
    ----------
    data_home : path or None, default=None
        Folder of the tables, see `get_data_home`.
    download_if_missing : bool, default=True
        Whether to download the table if it is not there, or else to raise.

    Returns
    -------
    data : GuideTable
        With the attributes

        frame, data : DataFrame of shape (12832, 9)
            The table.
        sequences : Series of str
            Column `Target context sequence (4+20+3+3)`, 30 nt.
        target : Series of float64
            Column `Background subtracted indel (%)`, in per cent (a few below 0).
        groups : None
            The guides have no genes.
        layout : GuideLayout
            4+20+3+3.
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
        fetch_file("Kim_2019_Train.csv.zip", data_home, download_if_missing),
        sequence="Target context sequence (4+20+3+3)",
        target="Background subtracted indel (%)",
    )
    return replace(table, layout=_LAYOUT, DESCR=descriptions.KIM2019)


def fetch_doench2016(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> GuideTable:
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
    data : GuideTable
        With the attributes

        frame, data : DataFrame of shape (5310, 7)
            The table, without the predictions in it that were made on training rows.
        sequences : Series of str
            Column `30mer`, 30 nt.
        target : Series of float64
            Column `score_drug_gene_rank`, from 0 to 1.
        groups : Series of str
            Column `Target gene`.
        layout : GuideLayout
            4+20+3+3.
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
        fetch_file("FC_plus_RES_withPredictions.csv", data_home, download_if_missing),
        sequence="30mer",
        target="score_drug_gene_rank",
        groups="Target gene",
    )
    frame = table.frame.drop(columns=["Unnamed: 0", "predictions"])
    return replace(table, frame=frame, layout=_LAYOUT, DESCR=descriptions.DOENCH2016)


def fetch_crispron2021(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> GuideTable:
    """Load the SpCas9 indel frequencies of Xiang et al. (2021): 11,595 guides, 30 nt.

    Parameters
    ----------
    data_home : path or None, default=None
        Folder of the tables, see `get_data_home`.
    download_if_missing : bool, default=True
        Whether to download the table if it is not there, or else to raise.

    Returns
    -------
    data : GuideTable
        With the attributes

        frame, data : DataFrame of shape (11595, 4)
            The table, with a column `30mer`.
        sequences : Series of str
            Column `30mer`: the source's 31 nt without the first.
        target : Series of float64
            Column `mean_eff`, in per cent.
        groups : None
            The guides have no genes.
        layout : GuideLayout
            4+20+3+3.
        DESCR : str
            Columns, source, licence and reference.

    Raises
    ------
    DatasetError
        If the table cannot be downloaded or is not the published one.

    Examples
    --------
    >>> from sgrna_estimator.datasets import fetch_crispron2021
    >>> len(fetch_crispron2021())  # doctest: +SKIP
    11595
    """
    table = load_table(
        fetch_file("crispron2021_full.csv", data_home, download_if_missing),
        sequence="gRNA",
        target="mean_eff",
    )
    frame = table.frame.assign(**{"30mer": table.sequences.str[1:]})
    return replace(
        table,
        frame=frame,
        sequences=frame["30mer"],
        layout=_LAYOUT,
        DESCR=descriptions.CRISPRON2021,
    )


def fetch_haeussler2016(
    name: Literal["doench2014-Hs", "chari2015Train293T", "xu2015TrainHl60"],
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> GuideTable:
    """Load one of the small SpCas9 screens that Haeussler et al. (2016) compiled, 30 nt.

    Parameters
    ----------
    name : {"doench2014-Hs", "chari2015Train293T", "xu2015TrainHl60"}
        Which screen: knock-out by flow cytometry (881 guides of 3 genes), indels in
        293T cells (1,234 guides, one a target), or depletion in HL-60 cells (2,076
        guides of 220 genes), where lower is more active.
    data_home : path or None, default=None
        Folder of the tables, see `get_data_home`.
    download_if_missing : bool, default=True
        Whether to download the table if it is not there, or else to raise.

    Returns
    -------
    data : GuideTable
        With the attributes

        frame, data : DataFrame of shape (n_guides, 7 or 8)
            The table, without other tools' scores; with a column `30mer` and, where
            there are genes, a column `gene`.
        sequences : Series of str
            Column `30mer`, cut from the 100 nt around the guide.
        target : Series of float64
            Column `modFreq`.
        groups : Series of str or None
            Column `gene`, from the names of the guides.
        layout : GuideLayout
            4+20+3+3.
        DESCR : str
            Columns, source, licence and references.

    Raises
    ------
    DatasetError
        If the table cannot be downloaded or is not the published one.
    ValueError
        If there is no such screen.

    Examples
    --------
    >>> from sgrna_estimator.datasets import fetch_haeussler2016
    >>> fetch_haeussler2016("xu2015TrainHl60").groups.nunique()  # doctest: +SKIP
    220
    """
    if name not in descriptions.HAEUSSLER2016:
        names = ", ".join(map(repr, descriptions.HAEUSSLER2016))
        raise ValueError(f"name must be one of {names}, got {name!r}")
    table = load_table(
        fetch_file(f"{name}.tsv", data_home, download_if_missing),
        sequence="longSeq100Bp",
        target="modFreq",
    )
    kept = ["guide", "seq", "db", "position", "longSeq100Bp", "modFreq"]
    frame = table.frame[kept].assign(**{"30mer": table.sequences.str[_CONTEXT]})
    if name != "chari2015Train293T":  # where each guide has a target of its own
        frame["gene"] = frame["guide"].str.rsplit("-", n=1).str[0]
    return replace(
        table,
        frame=frame,
        sequences=frame["30mer"],
        groups=frame.get("gene"),
        layout=_LAYOUT,
        DESCR=descriptions.HAEUSSLER2016[name],
    )
