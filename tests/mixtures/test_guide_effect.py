"""GuideEffectMixture: on known truth and on published answers."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import trapezoid
from scipy.stats import norm, t

from sgrna_estimator.mixtures.guide_effect import GuideEffectMixture
from sgrna_estimator.mixtures.null import fit_null
from tests.mixtures.guide_effect_data import simulate, simulate_noise

PUBLISHED = {
    "neuron": {"mu1": 1.7, "q0": 0.2},
    "self_renewal": {"mu1": 4.3, "q0": 0.5},
}


# ---- the published answers -----------------------------------------------------------


@pytest.mark.parametrize("screen", PUBLISHED)
@pytest.mark.parametrize("given_constants", [True, False])
def test_agrees_with_hamiltonian_monte_carlo(crispra_tiling, screen, given_constants):
    table = crispra_tiling.frame.query("screen == @screen")
    parameters = PUBLISHED[screen] if given_constants else {}
    model = GuideEffectMixture(null="normal", **parameters)
    model.fit(table["log2fc"], groups=table["gene"])
    found = model.predict_proba(table["log2fc"], table["gene"])
    lowest = {True: {"neuron": 0.999, "self_renewal": 0.9998}, False: {}}
    correlation = np.corrcoef(found, table["mixture_probs"])[0, 1]
    assert correlation >= lowest[given_constants].get(screen, 0.985)
    assert model.converged_
    assert model.direction_ == "positive"

    published = table.groupby("gene")[["gene_effect", "mixing"]].first()
    assert_array_equal(published.index, model.groups_)
    if given_constants:
        for column, estimate in (
            ("gene_effect", model.gene_effects_),
            ("mixing", model.mixing_),
        ):
            assert np.corrcoef(published[column], estimate)[0, 1] > 0.99
        assert_allclose(model.mixing_, published["mixing"], atol=0.02)


@pytest.mark.parametrize("screen", PUBLISHED)
@pytest.mark.parametrize("given_constants", [True, False])
def test_agrees_where_the_tail_is_learnt(crispra_tiling, screen, given_constants):
    table = crispra_tiling.frame.query("screen == @screen")
    parameters = PUBLISHED[screen] if given_constants else {}
    model = GuideEffectMixture(**parameters).fit(table["log2fc"], groups=table["gene"])
    found = model.predict_proba(table["log2fc"], table["gene"])
    assert np.corrcoef(found, table["mixture_probs"])[0, 1] >= 0.98
    assert model.null_dof_ > 30


@pytest.mark.parametrize("screen", PUBLISHED)
def test_few_steps_are_needed(crispra_tiling, screen):
    table = crispra_tiling.frame.query("screen == @screen")
    model = GuideEffectMixture().fit(table["log2fc"], groups=table["gene"])
    assert model.n_iter_ < 60  # 23 and 30 when this was written


# ---- known truth ---------------------------------------------------------------------


def test_recovers_the_screen():
    log2fc, gene, active, effect, mixing = simulate(60, 80, mu1=4.0)
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    assert model.null_mean_ == pytest.approx(0, abs=0.05)
    assert model.null_scale_ == pytest.approx(0.6, abs=0.05)
    assert model.active_scale_ == pytest.approx(0.9, abs=0.1)
    assert model.mu1_ == pytest.approx(4.0, abs=0.3)
    assert model.sigma_g_ == pytest.approx(0.7, abs=0.2)
    assert model.q0_ == pytest.approx(0.3, abs=0.05)
    assert np.corrcoef(model.gene_effects_, effect)[0, 1] > 0.85
    assert np.corrcoef(model.mixing_, mixing)[0, 1] > 0.9
    assert np.mean((model.predict_proba(log2fc, gene) > 0.5) == active) > 0.97


def test_intervals_and_probabilities_are_calibrated_with_few_guides_a_gene():
    inside_effect, inside_mixing, probability, truth = [], [], [], []
    for seed in range(5):
        log2fc, gene, active, effect, mixing = simulate(
            300, 5, 0.25, 2.2, 0.6, (0.6, 0.8), seed
        )
        model = GuideEffectMixture(direction="positive").fit(log2fc, groups=gene)
        z = (model.gene_effects_ - effect) / model.gene_effect_std_errors_
        inside_effect.append(np.abs(z) < 1.96)
        z = (model.mixing_ - mixing) / model.mixing_std_errors_
        inside_mixing.append(np.abs(z) < 1.96)
        probability.append(model.predict_proba(log2fc, gene))
        truth.append(active)
    assert 0.91 <= np.mean(inside_effect) <= 0.98
    assert 0.91 <= np.mean(inside_mixing) <= 0.98
    probability, truth = np.concatenate(probability), np.concatenate(truth)
    tenth = np.floor(probability * 10)
    for which in range(10):
        mine = tenth == which
        off = truth[mine].mean() - probability[mine].mean()
        assert abs(off) < 3 * 0.5 / np.sqrt(mine.sum()) + 0.03


def test_standard_errors_shrink_with_guides():
    few = simulate(40, 6, seed=1)
    many = simulate(40, 60, seed=1)
    errors = [
        GuideEffectMixture().fit(data[0], groups=data[1]).gene_effect_std_errors_
        for data in (few, many)
    ]
    assert np.median(errors[1]) < 0.5 * np.median(errors[0])


def test_a_gene_without_active_guides_keeps_the_prior():
    log2fc, gene, *_ = simulate(seed=2)
    rng = np.random.default_rng(3)
    log2fc[gene == 4] = rng.normal(0, 0.6, 20)
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    assert model.mixing_[4] < 0.15
    assert model.mixing_[4] < 0.5 * model.q0_
    assert model.gene_effects_[4] == pytest.approx(model.mu1_, abs=model.sigma_g_)
    assert model.gene_effect_std_errors_[4] > 0.7 * model.sigma_g_


def test_a_gene_with_one_guide():
    log2fc, gene, *_ = simulate(seed=3)
    log2fc, gene = np.append(log2fc, [3.2, 0.0]), np.append(gene, [100, 101])
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    assert np.isfinite(model.gene_effect_std_errors_).all()
    assert model.mixing_[-2] > model.mixing_[-1]
    # it is the only guide of its gene, and so are guides of genes never seen
    alone = model.predict_proba([3.2, 0.0], groups=[100, 101])
    unseen = model.predict_proba([3.2, 0.0], groups=[200, 201])
    assert_allclose(alone, unseen, atol=2e-3)


@pytest.mark.parametrize("null", ["t", "normal"])
@pytest.mark.parametrize("where", [1e6, -1e6])
def test_an_outlier_gives_a_finite_fit(where, null):
    log2fc, gene, *_ = simulate(seed=4)
    log2fc[7] = where
    model = GuideEffectMixture(null=null).fit(log2fc, groups=gene)
    for name, value in vars(model).items():
        if name == "null_dof_":
            assert np.isfinite(value) == (null == "t")
        elif isinstance(value, float | np.ndarray) and name != "groups_":
            assert np.isfinite(value).all(), name
    probability = model.predict_proba(log2fc, gene)
    assert np.isfinite(probability).all()
    # beyond all that guides do it is noise, unless noise is known to be normal
    assert probability[7] > 0.99 if null == "normal" else probability[7] < 0.01


@pytest.mark.parametrize("n", [2, 50])
def test_equal_values_are_an_error(n):
    with pytest.raises(ValueError, match=r"have only \[1.5\]"):
        GuideEffectMixture().fit(np.full(n, 1.5))


def test_a_screen_of_nulls_has_few_active_guides():
    rng = np.random.default_rng(5)
    model = GuideEffectMixture().fit(
        rng.normal(size=400), groups=np.repeat(range(20), 20)
    )
    assert model.q0_ < 0.25
    assert np.isfinite(model.gene_effect_std_errors_).all()


def test_without_groups_there_is_one_gene():
    log2fc, _, active, *_ = simulate(seed=6)
    model = GuideEffectMixture().fit(log2fc)
    assert_array_equal(model.groups_, [0])
    assert model.direction_ == "positive"
    assert GuideEffectMixture().fit(-log2fc).direction_ == "negative"
    assert model.mixing_[0] == pytest.approx(active.mean(), abs=0.05)
    assert np.mean((model.predict_proba(log2fc) > 0.5) == active) > 0.95
    with pytest.raises(ValueError, match="fitted without groups"):
        model.predict_proba(log2fc, groups=np.zeros(log2fc.size))


# ---- symmetries ----------------------------------------------------------------------


@settings(max_examples=8)
@given(st.integers(0, 1000), st.sampled_from(["positive", "auto"]))
def test_a_flip_of_the_sign_flips_the_answer(seed, direction):
    log2fc, gene, *_ = simulate(12, 10, seed=seed)
    flipped = {"positive": "negative", "auto": "auto"}[direction]
    up = GuideEffectMixture(direction=direction).fit(log2fc, groups=gene)
    down = GuideEffectMixture(direction=flipped).fit(-log2fc, groups=gene)
    assert {up.direction_, down.direction_} == {"positive", "negative"}
    assert_allclose(down.gene_effects_, -up.gene_effects_, rtol=1e-9)
    assert_allclose(
        down.predict_proba(-log2fc, gene), up.predict_proba(log2fc, gene), rtol=1e-9
    )
    assert down.lower_bound_ == pytest.approx(up.lower_bound_, rel=1e-12)


def test_units_do_not_matter():
    log2fc, gene, *_ = simulate(seed=7)
    log2 = GuideEffectMixture().fit(log2fc, groups=gene)
    ln = GuideEffectMixture(mu0_scale=0.1 * np.log(2)).fit(
        log2fc * np.log(2), groups=gene
    )
    assert_allclose(ln.gene_effects_, log2.gene_effects_ * np.log(2), rtol=1e-5)
    assert ln.lower_bound_ == pytest.approx(log2.lower_bound_ - np.log(np.log(2)))


def test_order_and_names_do_not_matter():
    log2fc, gene, *_ = simulate(seed=8)
    names = np.array([f"gene{30 - g:02d}" for g in range(30)])
    order = np.random.default_rng(0).permutation(log2fc.size)
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    other = GuideEffectMixture().fit(log2fc[order], groups=names[gene[order]])
    assert_allclose(
        other.predict_proba(log2fc, names[gene]),
        model.predict_proba(log2fc, gene),
        atol=1e-4,
    )
    assert_allclose(other.gene_effects_[::-1], model.gene_effects_, atol=1e-3)


@settings(max_examples=15)
@given(
    st.lists(st.integers(-2000, 2000), min_size=2, max_size=60).filter(
        lambda values: len(set(values)) > 1
    ),
    st.integers(1, 5),
)
def test_any_numbers_give_a_finite_fit_that_never_got_worse(values, n_genes):
    values, gene = np.array(values) / 100, np.arange(len(values)) % n_genes
    model = GuideEffectMixture(max_iter=1000).fit(values, groups=gene)
    assert np.all(np.diff(model.lower_bounds_) >= 0)
    assert model.lower_bound_ == model.lower_bounds_[-1]
    probability = model.predict_proba(values, gene)
    assert np.all((probability >= 0) & (probability <= 1))
    assert np.isfinite(model.gene_effect_std_errors_).all()


# ---- what is given -------------------------------------------------------------------


def test_given_priors_are_kept():
    log2fc, gene, *_ = simulate(seed=9)
    model = GuideEffectMixture(mu1=2.5, q0=0.4, sigma_g=0.3).fit(log2fc, groups=gene)
    assert (model.mu1_, model.q0_, model.sigma_g_) == pytest.approx((2.5, 0.4, 0.3))
    tight = GuideEffectMixture(mu1=2.5, sigma_g=1e-6).fit(log2fc, groups=gene)
    assert_allclose(tight.gene_effects_, 2.5, atol=0.05)


def test_a_wide_prior_lets_the_null_move():
    log2fc, gene, *_ = simulate(seed=10)
    narrow = GuideEffectMixture(direction="positive").fit(log2fc + 1, groups=gene)
    wide = GuideEffectMixture(direction="positive", mu0_scale=10).fit(
        log2fc + 1, groups=gene
    )
    assert wide.null_mean_ == pytest.approx(1, abs=0.1)
    assert narrow.null_mean_ < wide.null_mean_


def test_negative_controls_are_the_null():
    log2fc, gene, active, *_ = simulate(seed=11)
    rng = np.random.default_rng(12)
    null = rng.normal(0.4, 0.5, log2fc.size)  # as many controls as other guides
    everything = np.append(log2fc + 0.4, null)
    labels = [f"gene{g}" for g in gene] + [None] * null.size
    is_control = np.repeat([False, True], log2fc.size)
    model = GuideEffectMixture().fit(everything, groups=labels, controls=is_control)
    fitted = fit_null(null, np.ones(null.size))
    assert (model.null_mean_, model.null_scale_, 1 / model.null_dof_) == (
        pytest.approx(fitted)
    )
    normal = GuideEffectMixture(null="normal")
    normal.fit(everything, groups=labels, controls=is_control)
    assert normal.null_mean_ == pytest.approx(null.mean())
    assert normal.null_scale_ == pytest.approx(null.std(ddof=1))
    assert normal.null_dof_ == np.inf
    assert_array_equal(model.groups_, sorted({f"gene{g}" for g in gene}))
    found = model.predict_proba(log2fc + 0.4, labels[: log2fc.size]) > 0.5
    assert np.mean(found == active) > 0.95
    # the labels of controls, whatever they are, change nothing
    other = GuideEffectMixture().fit(
        everything, groups=labels[: log2fc.size] * 2, controls=is_control
    )
    assert_array_equal(other.gene_effects_, model.gene_effects_)


def test_controls_free_the_fit_from_a_null_that_lies():
    # most guides active: their centre is no null, but the controls know
    log2fc, gene, *_ = simulate(30, 20, q0=0.85, mu1=1.5, seed=13)
    null = np.random.default_rng(14).normal(0, 0.6, 300)
    model = GuideEffectMixture().fit(
        np.append(log2fc, null),
        groups=np.append(gene, np.full(300, -1)),
        controls=np.repeat([False, True], [log2fc.size, 300]),
    )
    assert model.q0_ == pytest.approx(0.85, abs=0.07)


# ---- real noise ------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["t3", "unequal", "outliers"])
def test_false_calls_are_as_many_as_claimed(noise):
    claimed, false = {"t": [], "normal": []}, {"t": [], "normal": []}
    n_told = {"t": 0, "normal": 0}
    for seed in range(3):
        log2fc, gene, active = simulate_noise(noise, seed)
        for null in ("t", "normal"):
            model = GuideEffectMixture(null=null, direction="positive")
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                model.fit(log2fc, groups=gene)
            n_told[null] += len(told)
            probability = model.predict_proba(log2fc, gene)
            called = probability > 0.5
            claimed[null].append(np.mean(1 - probability[called]))
            false[null].append(np.mean(~active[called]))
            if null == "t":
                assert model.null_dof_ < 12
                assert model.wrong_sign_calls_ < 5
                assert not np.any(called & (log2fc < model.null_mean_))
    ratio = np.mean(false["t"]) / np.mean(claimed["t"])
    assert 0.5 < ratio < 2
    assert n_told["t"] == 0
    assert n_told["normal"] >= 2
    assert np.mean(false["normal"]) > 1.5 * np.mean(claimed["normal"])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_guide_on_the_wrong_side_is_no_likelier_active_than_one_at_the_null(sign):
    log2fc, gene, *_ = simulate(20, 30, mu1=2.0, scales=(0.6, 1.5), seed=18)
    model = GuideEffectMixture().fit(sign * log2fc, groups=gene)
    for group in (3, 99):
        below = model.null_mean_ - sign * np.linspace(0, 12, 50)
        found = model.predict_proba(below, groups=np.full(50, group))
        assert np.all(found <= found[0])
        assert found[0] < 0.5


def test_few_guides_have_a_normal_null():
    log2fc, gene, *_ = simulate(5, 6, seed=19)
    assert GuideEffectMixture().fit(log2fc, groups=gene).null_dof_ == np.inf


# ---- prediction ----------------------------------------------------------------------


def test_unseen_genes_are_judged_by_the_prior():
    log2fc, gene, *_ = simulate(seed=15)
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    new = np.array([-1.0, 0.5, 2.0, 4.0])
    scale = np.hypot(model.active_scale_, model.sigma_g_)
    active = model.q0_ * norm.pdf(new, model.mu1_, scale)
    null = (1 - model.q0_) * t.pdf(
        new, model.null_dof_, model.null_mean_, model.null_scale_
    )
    expected = active / (active + null)
    assert expected[0] < model.predict_proba([model.null_mean_])[0]
    assert_allclose(model.predict_proba(new, groups=[99] * 4), expected)
    assert_allclose(model.predict_proba(new), expected)
    assert_allclose(model.score_samples(new), np.log(active + null))


def test_seen_genes_bring_what_is_known_of_them():
    log2fc, gene, _, effect, _ = simulate(20, 60, sigma_g=2.0, mu1=5.0, seed=16)
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    strong, weak = effect.argmax(), effect.argmin()
    between = [effect[weak] / 2] * 2
    of_strong, of_weak = model.predict_proba(between, groups=[strong, weak])
    assert of_strong < of_weak
    mixed = model.predict_proba([3.0, 3.0], groups=[strong, 1000])
    assert_allclose(mixed[0], model.predict_proba([3.0], groups=[strong])[0])
    assert_allclose(mixed[1], model.predict_proba([3.0])[0])


@pytest.mark.parametrize("group", [3, 99])
def test_densities_integrate_to_one(group):
    log2fc, gene, *_ = simulate(seed=17)
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    grid = np.linspace(-20, 25, 20_001)
    log_density = model.score_samples(grid, groups=np.full(grid.size, group))
    assert trapezoid(np.exp(log_density), grid) == pytest.approx(1, abs=1e-6)
    assert model.score(grid, groups=np.full(grid.size, group)) == pytest.approx(
        log_density.mean()
    )
