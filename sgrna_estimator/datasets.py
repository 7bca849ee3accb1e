"""Guides to learn from: published screens, simulated ones, and your own tables.

The published tables are downloaded when they are first asked for, or read from the
folder that `get_data_home` names, and checked against their SHA-256 either way.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.utils import Bunch, check_random_state

from ._sequences import Alphabet, write_sequences
from ._sklearn_private import Interval
from ._tables import GuideTable, TableError, load_table

__all__ = [
    "DatasetError",
    "GuideTable",
    "TableError",
    "fetch_crispra_tiling",
    "fetch_doench2016",
    "fetch_kim2019",
    "get_data_home",
    "load_table",
    "make_guide_screen",
]

DATA_HOME_VARIABLE = "SGRNA_ESTIMATOR_DATA"

# The simulated screens.
_DNA = Alphabet("ACGT")
_PAM = "NGG"
_SEED_LENGTH = 10
_MAX_DISTANCE = 3000
_POSITIVE_COUNT = Interval(Integral, 1, None, closed="left")
_LENGTH = Interval(Integral, 0, None, closed="left")
_ANY_NUMBER = Interval(Real, None, None, closed="neither")
_SD = Interval(Real, 0, None, closed="left")
_POSITIVE_SD = Interval(Real, 0, None, closed="neither")
_RANGES = {
    "n_guides": _POSITIVE_COUNT,
    "n_genes": _POSITIVE_COUNT,
    "upstream_length": _LENGTH,
    "spacer_length": Interval(Integral, 3, None, closed="left"),  # a varying pair
    "downstream_length": _LENGTH,
    "active_fraction": Interval(Real, 0, 1, closed="neither"),
    "position_effect_sd": _SD,
    "interaction_sd": _SD,
    "distance_effect_sd": _SD,
    "gene_activity_sd": _SD,
    "gene_effect_mean": _ANY_NUMBER,
    "gene_effect_sd": _SD,
    "null_sd": _POSITIVE_SD,
    "active_sd": _POSITIVE_SD,
    "activity_r2": Interval(Real, 0, 1, closed="both"),
}


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


def make_guide_screen(
    n_guides: int = 2000,
    n_genes: int = 40,
    *,
    upstream_length: int = 10,
    spacer_length: int = 20,
    downstream_length: int = 10,
    active_fraction: float = 0.35,
    position_effect_sd: float = 1.0,
    interaction_sd: float = 0.0,
    distance_effect_sd: float = 0.0,
    gene_activity_sd: float = 0.5,
    gene_effect_mean: float = 2.0,
    gene_effect_sd: float = 0.5,
    null_sd: float = 0.5,
    active_sd: float = 1.0,
    activity_r2: float = 0.5,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    r"""Simulate a tiling screen whose truth is known.

    Contexts are drawn as in a CRISPRa screen with SpCas9: uniform letters upstream, a
    spacer that begins with G, an NGG PAM, uniform letters downstream; the distance
    to the transcription start site is uniform below 3,000 nt. Sequence and distance
    make the log-odds of a guide :math:`i` of gene :math:`g`, with the letters
    :math:`a_p` at the positions :math:`p`,

    .. math::
        \eta_i &= \sum_p \beta_{p, a_p} + \sum_p \epsilon_{p, a_p, a_{p+1}}
                  + \delta \frac{\bar d - d_i}{\mathrm{sd}(d)} \\
        \operatorname{logit} \pi_i &= b_0 + b_g + \eta_i,
        \qquad z_i \sim \mathrm{Bernoulli}(\pi_i)

    and what the screen measures is

    .. math::
        y_i \mid z_i = 0 &\sim N(0, \sigma_0^2), \\
        y_i \mid z_i = 1 &\sim N(\mu_g, \sigma_1^2),
        \qquad \mu_g \sim N(m, t^2), \quad b_g \sim N(0, v^2).

    The mixture probabilities are what somebody who knows the gene's parameters, but
    not the sequence, makes of the fold change. With :math:`q_g` the mean of the gene's
    :math:`\pi_i`,

    .. math::
        P(z_i = 1 \mid y_i) = \frac{q_g N(y_i; \mu_g, \sigma_1^2)}
            {q_g N(y_i; \mu_g, \sigma_1^2) + (1 - q_g) N(y_i; 0, \sigma_0^2)} .

    Parameters
    ----------
    n_guides : int, default=2000
        Number of guides, spread evenly over the genes.
    n_genes : int, default=40
        Number of genes.
    upstream_length, spacer_length, downstream_length : int, default=10, 20, 10
        Letters before the spacer, of the spacer, and after the PAM. The default
        contexts have 43 letters, 40 of which vary.
    active_fraction : float, default=0.35
        Probability that a guide of average log-odds is active, :math:`b_0` on the scale
        of probabilities.
    position_effect_sd : float, default=1.0
        Standard deviation, over sequences, of the sum of the base effects
        :math:`\beta`, in log-odds. The effects of a position sum to zero; those of the
        ten letters next to the PAM (the seed) are on average twice those of the other
        spacer letters and of the N of the PAM, and five times those of the flanks.
    interaction_sd : float, default=0.0
        The same for the sum of the interactions :math:`\epsilon` of neighbouring
        letters, which sum to zero over either letter. 0 makes the screen additive.
    distance_effect_sd : float, default=0.0
        The same for the distance, :math:`\delta`: positive, near guides are active.
    gene_activity_sd : float, default=0.5
        Standard deviation of the genes' log-odds, :math:`v`.
    gene_effect_mean, gene_effect_sd : float, default=2.0, 0.5
        Mean :math:`m` and standard deviation :math:`t` of the genes' effects
        :math:`\mu_g`, in log2 fold change. A negative mean makes a depletion screen.
    null_sd, active_sd : float, default=0.5, 1.0
        Standard deviations :math:`\sigma_0, \sigma_1` of the log2 fold changes of
        inactive and active guides.
    activity_r2 : float, default=0.5
        Share of the variance of the column `activity` that :math:`\eta` explains, from
        0 to 1, the best :math:`R^2` of any model. The signal-to-noise ratio is
        ``activity_r2 / (1 - activity_r2)``.
    random_state : int, RandomState instance or None, default=None
        Seed. The effects of positions, neighbours and genes are drawn before the
        guides, and so do not change with `n_guides`.

    Returns
    -------
    screen : `~sklearn.utils.Bunch`
        With the attributes

        data, frame : DataFrame of shape (n_guides, 9)
            Columns `seq`, `gene`, `guide` (the spacer), `distance2TSS`, `log2fc`,
            `mixture_probs`, `gene_effect` (:math:`\mu_g`), `mixing` (:math:`q_g`) as in
            `fetch_crispra_tiling`, and `activity`, a continuous measurement without
            genes: :math:`\eta` divided by its standard deviation, times the square
            root of `activity_r2`, plus normal noise, of variance 1 in total.
        sequences : Series of str
            Column `seq`.
        target : Series of float64
            Column `mixture_probs`.
        groups : Series of str
            Column `gene`.
        truth : `~sklearn.utils.Bunch`
            What no screen shows: `intercept` (:math:`b_0`), `position_effects`
            (n_positions, 4), `interaction_effects` (n_positions - 1, 4, 4; by position,
            its letter and the next letter, in the order ACGT), `distance_effect`
            (:math:`\delta`), `genes`, `gene_log_odds` and `gene_effects` (n_genes,),
            `null_mean`, `null_sd`, `active_sd`, and of each guide `log_odds`
            (:math:`\eta`), `activity_probability` (:math:`\pi`) and `active`
            (:math:`z`).
        DESCR : str
            A description.

    Raises
    ------
    ValueError
        If a parameter is out of its range, or there are fewer guides than genes.

    See Also
    --------
    fetch_crispra_tiling : The screens that this one looks like.

    Examples
    --------
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=300, n_genes=10, random_state=0)
    >>> screen.data.shape
    (300, 9)
    >>> screen.truth.position_effects.shape
    (43, 4)
    """
    _check_ranges(
        n_guides=n_guides,
        n_genes=n_genes,
        upstream_length=upstream_length,
        spacer_length=spacer_length,
        downstream_length=downstream_length,
        active_fraction=active_fraction,
        position_effect_sd=position_effect_sd,
        interaction_sd=interaction_sd,
        distance_effect_sd=distance_effect_sd,
        gene_activity_sd=gene_activity_sd,
        gene_effect_mean=gene_effect_mean,
        gene_effect_sd=gene_effect_sd,
        null_sd=null_sd,
        active_sd=active_sd,
        activity_r2=activity_r2,
    )
    if n_genes > n_guides:
        raise ValueError(
            f"n_guides must be at least n_genes ({n_genes}), got {n_guides}"
        )
    rng = check_random_state(random_state)
    spacer = slice(upstream_length, upstream_length + spacer_length)
    n_positions = spacer.stop + len(_PAM) + downstream_length
    effect_sizes = _effect_sizes(n_positions, spacer)

    position_effects = _draw_position_effects(rng, effect_sizes, position_effect_sd)
    interactions = _draw_interactions(rng, effect_sizes, interaction_sd)
    gene_log_odds = rng.normal(0, gene_activity_sd, n_genes)
    gene_effects = rng.normal(gene_effect_mean, gene_effect_sd, n_genes)

    gene_of = np.arange(n_guides) * n_genes // n_guides
    codes = rng.randint(len(_DNA.letters), size=(n_guides, n_positions), dtype=np.uint8)
    codes[:, spacer.start] = _DNA.letters.index("G")
    codes[:, spacer.stop + 1 : spacer.stop + len(_PAM)] = _DNA.letters.index("G")
    distances = rng.randint(_MAX_DISTANCE, size=n_guides)

    log_odds = _sum_effects(codes, position_effects, interactions)
    log_odds -= distance_effect_sd * _standardise_distances(distances)
    intercept = float(logit(active_fraction))
    probability = expit(intercept + gene_log_odds[gene_of] + log_odds)
    active = rng.uniform(size=n_guides) < probability
    log2fc = np.where(
        active,
        rng.normal(gene_effects[gene_of], active_sd),
        rng.normal(0, null_sd, n_guides),
    )
    mixing = (np.bincount(gene_of, weights=probability) / np.bincount(gene_of))[gene_of]
    mixture_probs = expit(
        logit(mixing)
        + _normal_log_density(log2fc, gene_effects[gene_of], active_sd)
        - _normal_log_density(log2fc, 0.0, null_sd)
    )
    signal_sd = np.sqrt(
        position_effect_sd**2 + interaction_sd**2 + distance_effect_sd**2
    )
    signal = log_odds / signal_sd if signal_sd > 0 else log_odds
    activity = np.sqrt(activity_r2) * signal
    activity += np.sqrt(1 - activity_r2) * rng.normal(size=n_guides)

    genes = np.array([f"gene{g:0{len(str(n_genes))}d}" for g in range(1, n_genes + 1)])
    frame = pd.DataFrame(
        {
            "seq": write_sequences(codes, _DNA),
            "gene": genes[gene_of],
            "guide": write_sequences(codes[:, spacer], _DNA),
            "distance2TSS": distances,
            "log2fc": log2fc,
            "mixture_probs": mixture_probs,
            "gene_effect": gene_effects[gene_of],
            "mixing": mixing,
            "activity": activity,
        }
    )
    truth = Bunch(
        intercept=intercept,
        position_effects=position_effects,
        interaction_effects=interactions,
        distance_effect=distance_effect_sd,
        genes=genes,
        gene_log_odds=gene_log_odds,
        gene_effects=gene_effects,
        null_mean=0.0,
        null_sd=null_sd,
        active_sd=active_sd,
        log_odds=log_odds,
        activity_probability=probability,
        active=active,
    )
    return Bunch(
        data=frame,
        frame=frame,
        sequences=frame["seq"],
        target=frame["mixture_probs"],
        groups=frame["gene"],
        truth=truth,
        DESCR=(
            f"Simulated CRISPRa tiling screen: {n_guides} guides of {n_genes} genes, "
            f"{n_positions} nt (see make_guide_screen)"
        ),
    )


def _check_ranges(**parameters: float) -> None:
    for name, value in parameters.items():
        if not _RANGES[name].is_satisfied_by(value):
            raise ValueError(f"{name} must be {_RANGES[name]}, got {value!r}")


def _effect_sizes(n_positions: int, spacer: slice) -> NDArray[np.float64]:
    """Return how large the effects of each position are, relative to the seed's."""
    sizes = np.full(n_positions, 0.2)
    sizes[spacer.start : spacer.stop + 1] = 0.5  # the N of the PAM included
    sizes[max(spacer.start, spacer.stop - _SEED_LENGTH) : spacer.stop] = 1.0
    sizes[spacer.start] = 0.0  # always G, and so are the two letters after the N
    sizes[spacer.stop + 1 : spacer.stop + len(_PAM)] = 0.0
    return sizes


def _draw_position_effects(
    rng: np.random.RandomState, sizes: NDArray[np.float64], sd: float
) -> NDArray[np.float64]:
    """Return base effects, shape (n_positions, 4), whose sum has the given sd."""
    n_letters = _DNA.n_letters
    effects = rng.normal(size=(len(sizes), n_letters)) * sizes[:, np.newaxis]
    effects -= effects.mean(axis=1, keepdims=True)
    # Letters are uniform and independent, so the variances of the positions add up.
    return effects * sd / np.sqrt((effects**2).sum() / n_letters)


def _draw_interactions(
    rng: np.random.RandomState, sizes: NDArray[np.float64], sd: float
) -> NDArray[np.float64]:
    """Return effects of neighbours beyond their own, (n_positions - 1, 4, 4)."""
    n_letters = _DNA.n_letters
    pair_sizes = sizes[:-1] * sizes[1:]
    effects = rng.normal(size=(len(pair_sizes), n_letters, n_letters))
    effects *= pair_sizes[:, np.newaxis, np.newaxis]
    effects -= effects.mean(axis=1, keepdims=True)
    effects -= effects.mean(axis=2, keepdims=True)
    # Sums over either letter are zero, so neighbouring pairs are uncorrelated too.
    return effects * sd / np.sqrt((effects**2).sum() / n_letters**2)


def _sum_effects(
    codes: NDArray[np.uint8],
    position_effects: NDArray[np.float64],
    interactions: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the log-odds that each sequence makes, shape (n_guides,)."""
    log_odds = np.zeros(len(codes))
    for letters, effects in zip(codes.T, position_effects, strict=True):
        log_odds += effects[letters]
    for first, second, effects in zip(codes.T, codes.T[1:], interactions, strict=False):
        log_odds += effects[first, second]
    return log_odds


def _standardise_distances(distances: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return distances less their mean, over their standard deviation, as drawn."""
    sd = np.sqrt((_MAX_DISTANCE**2 - 1) / 12)  # of a discrete uniform distribution
    return (distances - (_MAX_DISTANCE - 1) / 2) / sd


def _normal_log_density(
    values: NDArray[np.float64], mean: NDArray[np.float64] | float, sd: float
) -> NDArray[np.float64]:
    """Return the log density but for a constant that cancels in a posterior."""
    return -0.5 * ((values - mean) / sd) ** 2 - np.log(sd)
