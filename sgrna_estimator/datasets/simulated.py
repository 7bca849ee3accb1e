"""A screen simulated from the models of this package, with the truth beside it."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.utils import Bunch, check_random_state

from sgrna_estimator._sklearn_private import Interval
from sgrna_estimator.datasets.guide_table import GuideTable
from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import write_sequences
from sgrna_estimator.sequences.layout import GuideLayout

_DNA = Alphabet("ACGT")
_PAM = "NGG"
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
) -> GuideTable:
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
    screen : GuideTable
        With the attributes

        frame, data : DataFrame of shape (n_guides, 9)
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
        layout : GuideLayout
            Of these lengths.
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
    rng = check_random_state(random_state)
    layout = GuideLayout(upstream_length, spacer_length, len(_PAM), downstream_length)
    sizes = _effect_sizes(layout)

    truth = Bunch(
        intercept=float(logit(active_fraction)),
        position_effects=_draw_position_effects(rng, sizes, position_effect_sd),
        interaction_effects=_draw_interactions(rng, sizes, interaction_sd),
        distance_effect=distance_effect_sd,
        genes=_name_genes(n_genes),
        gene_log_odds=rng.normal(0, gene_activity_sd, n_genes),
        gene_effects=rng.normal(gene_effect_mean, gene_effect_sd, n_genes),
        null_mean=0.0,
        null_sd=null_sd,
        active_sd=active_sd,
    )
    gene = np.arange(n_guides) * n_genes // n_guides
    codes = _draw_contexts(rng, layout, n_guides)
    distances = rng.randint(_MAX_DISTANCE, size=n_guides)

    truth.log_odds = _sum_effects(codes, distances, truth)
    truth.activity_probability = expit(
        truth.intercept + truth.gene_log_odds[gene] + truth.log_odds
    )
    truth.active = rng.uniform(size=n_guides) < truth.activity_probability
    fold_changes = _measure_fold_changes(rng, gene, truth)
    signal_sd = np.sqrt(
        position_effect_sd**2 + interaction_sd**2 + distance_effect_sd**2
    )
    activity = _measure_activity(rng, truth.log_odds, signal_sd, activity_r2)
    frame = pd.DataFrame(
        {
            "seq": write_sequences(codes, _DNA),
            "gene": truth.genes[gene],
            "guide": write_sequences(codes[:, layout.spacer], _DNA),
            "distance2TSS": distances,
            **fold_changes,
            "activity": activity,
        }
    )
    return _as_table(frame, layout, truth)


def _as_table(frame: pd.DataFrame, layout: GuideLayout, truth: Bunch) -> GuideTable:
    rows = np.arange(1, len(frame) + 1)
    return GuideTable(
        frame=frame,
        sequences=frame["seq"],
        target=frame["mixture_probs"],
        groups=frame["gene"],
        screens=None,
        covariates=None,
        source=pd.DataFrame({"file": "simulated screen", "row": rows}),
        layout=layout,
        truth=truth,
        DESCR=(
            f"Simulated CRISPRa tiling screen: {len(frame)} guides of "
            f"{len(truth.genes)} genes, {layout.length} nt (see make_guide_screen)"
        ),
    )


def _check_ranges(**parameters: float) -> None:
    for name, value in parameters.items():
        if not _RANGES[name].is_satisfied_by(value):
            raise ValueError(f"{name} must be {_RANGES[name]}, got {value!r}")
    n_guides, n_genes = parameters["n_guides"], parameters["n_genes"]
    if n_genes > n_guides:
        raise ValueError(
            f"n_guides must be at least n_genes ({n_genes}), got {n_guides}"
        )


def _name_genes(n_genes: int) -> NDArray[np.str_]:
    return np.array([f"gene{g:0{len(str(n_genes))}d}" for g in range(1, n_genes + 1)])


def _effect_sizes(layout: GuideLayout) -> NDArray[np.float64]:
    """Return how large the effects of each position are, relative to the seed's."""
    spacer, pam = layout.spacer, layout.pam
    sizes = np.full(layout.length, 0.2)
    sizes[spacer.start : pam.start + 1] = 0.5  # the N of the PAM included
    sizes[layout.seed] = 1.0
    sizes[spacer.start] = 0.0  # always G, and so are the two letters after the N
    sizes[pam.start + 1 : pam.stop] = 0.0
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


def _draw_contexts(
    rng: np.random.RandomState, layout: GuideLayout, n_guides: int
) -> NDArray[np.uint8]:
    """Return letter codes, shape (n_guides, n_positions), with the G and the PAM."""
    size = n_guides, layout.length
    codes = rng.randint(len(_DNA.letters), size=size, dtype=np.uint8)
    codes[:, layout.spacer.start] = _DNA.letters.index("G")
    codes[:, layout.pam.start + 1 : layout.pam.stop] = _DNA.letters.index("G")
    return codes


def _sum_effects(
    codes: NDArray[np.uint8], distances: NDArray[np.int64], truth: Bunch
) -> NDArray[np.float64]:
    """Return the log-odds that sequence and distance make, shape (n_guides,)."""
    log_odds = np.zeros(len(codes))
    for letters, effects in zip(codes.T, truth.position_effects, strict=True):
        log_odds += effects[letters]
    pairs = zip(codes.T, codes.T[1:], truth.interaction_effects, strict=False)
    for first, second, effects in pairs:
        log_odds += effects[first, second]
    log_odds -= truth.distance_effect * _standardise_distances(distances)
    return log_odds


def _standardise_distances(distances: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return distances less their mean, over their standard deviation, as drawn."""
    sd = np.sqrt((_MAX_DISTANCE**2 - 1) / 12)  # of a discrete uniform distribution
    return (distances - (_MAX_DISTANCE - 1) / 2) / sd


def _measure_fold_changes(
    rng: np.random.RandomState, gene: NDArray[np.int64], truth: Bunch
) -> dict[str, NDArray[np.float64]]:
    """Return the columns that a screen measures, and those a mixture makes of them."""
    gene_effect = truth.gene_effects[gene]
    log2fc = np.where(
        truth.active,
        rng.normal(gene_effect, truth.active_sd),
        rng.normal(truth.null_mean, truth.null_sd, len(gene)),
    )
    n_active = np.bincount(gene, weights=truth.activity_probability)
    mixing = (n_active / np.bincount(gene))[gene]
    mixture_probs = expit(
        logit(mixing)
        + _normal_log_density(log2fc, gene_effect, truth.active_sd)
        - _normal_log_density(log2fc, truth.null_mean, truth.null_sd)
    )
    return {
        "log2fc": log2fc,
        "mixture_probs": mixture_probs,
        "gene_effect": gene_effect,
        "mixing": mixing,
    }


def _measure_activity(
    rng: np.random.RandomState,
    log_odds: NDArray[np.float64],
    signal_sd: float,
    r2: float,
) -> NDArray[np.float64]:
    """Return a measurement of variance 1, of which the log-odds explain this share."""
    signal = log_odds / signal_sd if signal_sd > 0 else log_odds
    return np.sqrt(r2) * signal + np.sqrt(1 - r2) * rng.normal(size=len(log_odds))


def _normal_log_density(
    values: NDArray[np.float64], mean: NDArray[np.float64] | float, sd: float
) -> NDArray[np.float64]:
    """Return the log density but for a constant that cancels in a posterior."""
    return -0.5 * ((values - mean) / sd) ** 2 - np.log(sd)
