import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.linear_model import LinearRegression

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.datasets import (
    make_guide_screen,
)
from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import encode_sequences


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
    assert str(small_screen.layout) == "10+20+3+10"


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
    assert str(screen.layout) == "4+18+3+0"
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
