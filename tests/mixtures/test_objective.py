"""What both mixture models are made of, against a slow sum and finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import logit
from scipy.stats import norm

from sgrna_estimator.mixtures import kernels as kernels
from sgrna_estimator.mixtures.gates import GatingObjective, GuideEffectObjective
from sgrna_estimator.mixtures.grids import (
    cell_centres,
    fit_ranges,
    logit_beta_log_mass,
    normal_log_mass,
)
from sgrna_estimator.mixtures.guides import (
    Components,
    Guides,
    normal_log_density,
    robust_spread,
    turning_factors,
    weighted_quantile,
)
from sgrna_estimator.mixtures.labels import (
    check_controls,
    learn_labels,
    null_of_controls,
)
from sgrna_estimator.mixtures.maximum import assess, climb, maximise, thin
from tests.mixture_reference import Gene as FineGene
from tests.mixture_reference import fine_logit_beta, fine_normal, summarise

seeds = st.integers(0, 10_000)


# ---- screens and objectives ----------------------------------------------------------


def draw_guides(rng, n_genes=4, n_screens=1, largest=12, weighted=False):
    """Guides of a few genes in units of their spread, some genes with one guide."""
    gene = np.repeat(np.arange(n_genes), rng.integers(1, largest + 1, n_genes))
    active = rng.random(gene.size) < 0.4
    y = np.where(active, rng.normal(2, 1, gene.size), rng.normal(0, 0.7, gene.size))
    weight = rng.integers(1, 4, gene.size) if weighted else np.ones(gene.size)
    screen_of_gene = np.arange(n_genes) * n_screens // n_genes
    return Guides(y, weight.astype(float), gene, screen_of_gene, n_screens)


def nothing_known(n_screens=1):
    unknown = np.full(n_screens, np.nan)
    return Components(unknown, unknown, unknown, unknown, unknown)


def effect_objective(guides, known=None, q0=np.nan):
    return GuideEffectObjective(
        guides, known or nothing_known(guides.n_screens), 0.1, q0
    )


def gating_objective(guides, rng, penalty="l2", known=None, v=np.nan, container=None):
    features = rng.normal(size=(guides.y.size, 3))
    return GatingObjective(
        guides,
        known or nothing_known(guides.n_screens),
        0.1,
        container(features) if container else features,
        penalty,
        rng.uniform(0.5, 2, 3),
        v,
    )


def draw_vector(objective, rng):
    """A vector inside the bounds, not at any optimum."""
    bounds = objective.bounds()
    start = objective.start(rng.uniform(0.2, 0.6), rng.uniform(1, 2))
    return np.clip(start + rng.uniform(0.01, 0.3, start.size), *bounds.T)


def top(objective, start, max_iter, tol):
    """Climb on a grid that follows the posterior, then on a grid at rest."""
    bounds = objective.bounds()
    vector = climb(
        objective, np.clip(start, *bounds.T), max_iter, tol, move_grid=True
    ).vector
    objective.evaluate(vector)
    return climb(objective, vector, max_iter, tol, move_grid=False)


# ---- grids ---------------------------------------------------------------------------


def test_cells_fill_their_range():
    centres = cell_centres(np.array([[0.0, 8.0], [-1.0, 1.0]]), 4)
    assert_allclose(centres, [[1, 3, 5, 7], [-0.75, -0.25, 0.25, 0.75]])


def test_normal_masses_integrate_a_polynomial_exactly():
    ranges = np.array([[-6.0, 6.0]])
    mass, x = np.exp(normal_log_mass(ranges, 16))[0], cell_centres(ranges, 16)[0]
    assert_allclose(
        [mass.sum(), mass @ x, mass @ x**2, mass @ x**4], [1, 0, 1, 3], atol=1e-5
    )


@pytest.mark.parametrize("a", [0.02, 0.3, 1.0, 4.0, 30.0])
def test_logit_beta_masses_add_up_whatever_the_tail(a):
    # E[q] = a / (a + b), although for a = 0.02 three quarters are below exp(-14)
    ranges, b = np.array([[-14.0, 14.0]]), 4.0
    log_mass, _ = logit_beta_log_mass(ranges, 64, a, b, ranges[:, 0])
    mass, q = np.exp(log_mass)[0], 1 / (1 + np.exp(-cell_centres(ranges, 64)[0]))
    assert_allclose([mass.sum(), mass @ q], [1, a / (a + b)], rtol=3e-4)


def test_only_ranges_that_go_on_below_stand_for_what_is_there():
    ranges, a = np.array([[-3.0, 3.0]]), 0.5
    closed, _ = logit_beta_log_mass(ranges, 4, a, 4.0, np.array([-9.0]))
    opened, _ = logit_beta_log_mass(ranges, 4, a, 4.0, np.array([-3.0]))
    assert_array_equal(closed[:, 1:], opened[:, 1:])
    assert opened[0, 0] - closed[0, 0] == pytest.approx(
        np.log(np.sum(np.exp(-a * 1.5 * np.arange(200))))
    )


def test_logit_beta_slope_is_the_derivative_by_a():
    ranges, lowest = np.array([[-9.0, 4.0], [-2.0, 2.0]]), np.array([-9.0, -9.0])
    step = 1e-6
    ahead, behind = (
        logit_beta_log_mass(ranges, 16, 0.8 + sign * step, 4.0, lowest)[0]
        for sign in (1, -1)
    )
    slope = logit_beta_log_mass(ranges, 16, 0.8, 4.0, lowest)[1]
    assert_allclose((ahead - behind) / (2 * step), slope, rtol=1e-6)


def test_ranges_follow_the_posterior():
    ranges = np.tile([0.0, 16.0], (4, 1))
    limits = np.tile([-4.0, 100.0], (4, 1))
    mass = np.zeros((4, 16))
    mass[0, 7:9] = 0.5  # narrow: shrinks to it and a cell to either side
    mass[1, :] = 1 / 16  # cut off at both ends: doubles as far as the limits let it
    mass[2, 2:14] = 1 / 12  # fits: stays
    mass[3, 0] = 1.0  # all at the low end, where more of it may be
    after = fit_ranges(ranges, mass, limits)
    assert_array_equal(after, [[6, 10], [-4, 32], [0, 16], [-4, 16]])


def test_ranges_that_end_at_their_limit_are_not_cut_off():
    ranges = limits = np.array([[0.0, 16.0]])
    mass = np.full((1, 16), 1 / 16)
    assert_array_equal(fit_ranges(ranges, mass, limits), ranges)


@pytest.mark.parametrize("mean", [-0.3, 20.0])
@pytest.mark.parametrize("scale", [1e-4, 0.1, 1.0, 8.0])
def test_ranges_find_any_posterior_and_come_to_rest(mean, scale):
    ranges, limits = np.array([[-5.5, 5.5]]), np.array([[-60.0, 60.0]])
    for _ in range(40):
        centres = cell_centres(ranges, 16)
        log_mass = norm.logpdf(centres, mean, scale)
        mass = np.exp(log_mass - log_mass.max())
        before, ranges = ranges, fit_ranges(ranges, mass / mass.sum(), limits)
        if np.array_equal(before, ranges):
            break
    assert_array_equal(before, ranges)
    low, high = ranges[0]
    assert max(mean - 4.5 * scale, -60) >= low >= mean - 15 * scale
    assert min(mean + 4.5 * scale, 60) <= high <= mean + 15 * scale


# ---- the sum over the grid, against a slow one ---------------------------------------


def reference_summaries(objective, vector):
    """One slow summary a gene, of what the vector says."""
    guides, components = objective.guides, objective.components(vector)
    eta = objective.gate(vector)[0]
    summaries = []
    for g in range(guides.n_genes):
        mine, screen = guides.gene == g, guides.screen_of_gene[g]
        if isinstance(objective, GuideEffectObjective):
            gates = fine_logit_beta(np.exp(vector[-1]), 4.0, n=1501)
        else:
            gates = fine_normal(0.0, objective.split(vector)[1], n=201)
        effects = fine_normal(
            components.effect_mean[screen], components.effect_scale[screen], n=161
        )
        summaries.append(
            summarise(
                guides.y[mine],
                guides.weight[mine],
                eta[mine],
                components.null_mean[screen],
                components.null_scale[screen],
                components.active_scale[screen],
                FineGene(*gates, *effects),
            )
        )
    return summaries


@settings(deadline=None, max_examples=12)
@given(seeds, st.booleans(), st.sampled_from(["effect", "gating"]))
def test_sums_equal_a_slow_reference(seed, weighted, kind):
    rng = np.random.default_rng(seed)
    n_screens = int(rng.integers(1, 3))
    guides = draw_guides(rng, 3, n_screens, weighted=weighted)
    if kind == "effect":
        objective = effect_objective(guides)
    else:
        objective = gating_objective(guides, rng)
    vector = draw_vector(objective, rng)
    _, _, cells, sums = objective.evaluate(vector)
    slow = reference_summaries(objective, vector)

    assert_allclose(sums.log_marginal, [s.log_marginal for s in slow], atol=0.02)
    assert_allclose(
        sums.active, np.concatenate([s.active for s in slow]), atol=5e-3, rtol=2e-2
    )
    effects = np.sum(sums.posterior.sum(axis=1) * cells.effect, axis=1)
    assert_allclose(effects, [s.effect for s in slow], atol=0.02)


def test_a_weight_of_2_is_the_guide_twice():
    rng = np.random.default_rng(0)
    once = draw_guides(rng, 3, weighted=True)
    times = once.weight.astype(int)
    twice = Guides(
        np.repeat(once.y, times),
        np.ones(times.sum()),
        np.repeat(once.gene, times),
        once.screen_of_gene,
        1,
    )
    vector = draw_vector(effect_objective(once), rng)
    a, b = (effect_objective(guides).evaluate(vector) for guides in (once, twice))
    assert a.value == pytest.approx(b.value)
    assert_allclose(a.gradient, b.gradient, atol=1e-12)


def test_the_order_of_guides_and_genes_does_not_matter():
    rng = np.random.default_rng(1)
    guides = draw_guides(rng, 5)
    vector = draw_vector(effect_objective(guides), rng)
    shuffled = rng.permutation(guides.y.size)
    renumbered = rng.permutation(5)[guides.gene[shuffled]]
    order = np.argsort(renumbered)
    other = Guides(
        guides.y[shuffled][order], guides.weight, renumbered[order], np.zeros(5, int), 1
    )
    assert effect_objective(guides).evaluate(vector).value == pytest.approx(
        effect_objective(other).evaluate(vector).value, rel=1e-12
    )


def test_new_guides_are_averaged_over_the_same_posterior():
    rng = np.random.default_rng(2)
    objective = gating_objective(draw_guides(rng, 4), rng)
    guides = objective.guides
    vector = draw_vector(objective, rng)
    _, _, cells, sums = objective.evaluate(vector)
    components, eta = objective.components(vector), objective.gate(vector)[0]
    log_null = normal_log_density(
        guides.y, components.null_mean[0], components.null_scale[0]
    )
    order = rng.permutation(guides.y.size)
    active, _ = kernels.average_over_cells(
        guides.y[order],
        log_null[order],
        eta[order],
        guides.gene[order],
        cells,
        np.full(4, components.active_scale[0]),
        sums.posterior,
    )
    assert_allclose(active, sums.active[order], rtol=1e-10)


def test_genes_can_be_summed_alone():
    rng = np.random.default_rng(3)
    objective = effect_objective(draw_guides(rng, 5))
    vector = draw_vector(objective, rng)
    sums = objective.evaluate(vector).sums
    some = np.array([3, 0])
    alone = kernels.Sums(*(np.full_like(values, 7.0) for values in sums))
    kernels.sum_over_cells(*objective._kernel_inputs(vector), some, alone)
    for name, values, all_values in zip(sums._fields, alone, sums, strict=True):
        of_genes = len(values) == 5
        mine = np.isin(np.arange(5) if of_genes else objective.guides.gene, some)
        assert_array_equal(values[mine], all_values[mine], err_msg=name)
        assert np.all(values[~mine] == 7.0)


# ---- the objective -------------------------------------------------------------------


def all_objectives(rng):
    one, two = draw_guides(rng, 4), draw_guides(rng, 5, 2, weighted=True)
    half_known = Components(*np.array([[0.1], [0.6], [np.nan], [1.5], [0.4]]))
    second_known = Components(
        *np.array([[np.nan, 0.1], [np.nan, 0.6], *[[np.nan] * 2] * 3])
    )
    return {
        "effect": effect_objective(one),
        "effect, two screens": effect_objective(two),
        "effect, some known": effect_objective(one, half_known, q0=0.3),
        "gating, L2": gating_objective(one, rng),
        "gating, L1, sparse": gating_objective(one, rng, "l1", None, np.nan, csr),
        "gating, no penalty": gating_objective(one, rng, None),
        "gating, two screens": gating_objective(two, rng, "l2", second_known),
        "gating, some known": gating_objective(one, rng, "l2", half_known, v=0.7),
    }


csr = sparse.csr_array


@pytest.mark.parametrize("name", all_objectives(np.random.default_rng(0)))
def test_gradients_equal_central_differences(name):
    rng = np.random.default_rng(5)
    objective = all_objectives(rng)[name]
    vector = draw_vector(objective, rng)
    gradient = objective.evaluate(vector).gradient
    step = 1e-5
    numeric = np.array(
        [
            objective.evaluate(vector + step * unit, move_grid=False).value
            - objective.evaluate(vector - step * unit, move_grid=False).value
            for unit in np.eye(vector.size)
        ]
    ) / (2 * step)
    lowest, highest = objective.bounds().T
    free = lowest < highest
    assert_allclose(gradient[free], numeric[free], rtol=1e-6, atol=1e-9)


def test_what_is_known_stays():
    rng = np.random.default_rng(0)
    objective = all_objectives(rng)["gating, some known"]
    optimum = top(objective, objective.start(0.3, 1.0), 50, 1e-9)
    found = objective.components(optimum.vector)
    assert_allclose(found.null_mean, 0.1)
    assert_allclose(found.null_scale, 0.6)
    assert_allclose(found.effect_mean, 1.5)
    assert_allclose(found.effect_scale, 0.4)
    assert objective.split(optimum.vector)[1] == pytest.approx(0.7)


@settings(deadline=None, max_examples=25)
@given(
    seeds,
    st.sampled_from(["effect", "l2", "l1", "none"]),
    st.sampled_from([0.0, 1.0, 100.0]),
)
def test_the_objective_never_decreases(seed, kind, outlier):
    rng = np.random.default_rng(seed)
    guides = draw_guides(rng, int(rng.integers(1, 6)), weighted=bool(seed % 2))
    guides.y[0] += outlier
    if kind == "effect":
        objective = effect_objective(guides)
    else:
        objective = gating_objective(guides, rng, None if kind == "none" else kind)
    start = draw_vector(objective, rng)
    objective.evaluate(start)
    trace = climb(objective, start, 60, 1e-10, move_grid=False).trace
    assert np.all(np.diff(trace) >= 0)
    assert trace[-1] > trace[0]


def test_no_scale_reaches_zero():
    # pairs of equal values: a component on one of them has an unbounded likelihood
    y = np.repeat([0.0, 0.5, 2.0], 2)
    guides = Guides(y, np.ones(6), np.zeros(6, int), np.zeros(1, int), 1)
    objective = effect_objective(guides)
    optimum = top(objective, objective.start(0.3, 1.0), 200, 0)
    assert np.isfinite(optimum.value)
    assert objective.components(optimum.vector).null_scale >= 0.01 * 0.999


def test_the_grid_hardly_matters():
    rng = np.random.default_rng(6)
    objective = effect_objective(draw_guides(rng, 30, largest=40))
    vector = draw_vector(objective, rng)
    value, gradient, *_ = objective.evaluate(vector)
    again = objective.evaluate(vector, move_grid=False)
    assert again.value == value  # where it was is where it would go
    objective.effect_ranges = objective.effect_ranges * 1.2
    objective.gate_ranges = objective.gate_ranges - 0.1
    other = objective.evaluate(vector, move_grid=False)
    assert other.value == pytest.approx(value, abs=2e-5)
    assert_allclose(other.gradient, gradient, atol=2e-4)


@pytest.mark.parametrize("n_guides", [1, 30, 3000, 100_000])
def test_genes_of_any_size_have_their_posterior(n_guides):
    rng = np.random.default_rng(11)
    active = rng.random(n_guides) < 0.3
    y = np.where(active, rng.normal(2, 0.7, n_guides), rng.normal(0, 0.5, n_guides))
    guides = Guides(y, np.ones(n_guides), np.zeros(n_guides, int), np.zeros(1, int), 1)
    objective = effect_objective(guides)
    vector = np.array([0.0, np.log(0.5), np.log(0.7 / 0.5), 1.5, np.log(0.5), 0.0])
    _, _, cells, sums = objective.evaluate(vector)
    mass = sums.posterior[0].sum(axis=0)
    mean = mass @ cells.effect[0]
    scale = np.sqrt(mass @ (cells.effect[0] - mean) ** 2)
    # nearly that of the mean of the active guides, had they been labelled
    precision = active.sum() / 0.7**2 + 1 / 0.5**2
    labelled = (y[active].sum() / 0.7**2 + 1.5 / 0.5**2) / precision
    assert abs(mean - labelled) < 2.5 * scale
    assert 0.9 / np.sqrt(precision) < scale < 2 / np.sqrt(precision)


# ---- its maximum ---------------------------------------------------------------------


def test_starts_end_at_the_same_maximum():
    rng = np.random.default_rng(7)
    guides = draw_guides(rng, 20, largest=30)
    values = []
    for share, shift in ((0.1, 0.5), (0.3, 2.0), (0.6, 1.0)):
        objective = effect_objective(guides)
        optimum = top(objective, objective.start(share, shift), 200, 1e-12)
        values.append(optimum.value)
    assert_allclose(values, values[0], atol=1e-5)


def test_the_better_direction_is_taken():
    rng = np.random.default_rng(8)
    guides = draw_guides(rng, 10, largest=30)

    def make_objective(rows, factor):
        return effect_objective(guides.take(rows).scaled(factor))

    factor, objective, optimum = maximise(
        make_objective, guides.gene, [-1.0, 1.0], 100, 1e-9
    )
    assert factor == 1.0
    assert_array_equal(objective.guides.y, guides.y)
    assert optimum.converged


def test_genes_are_thinned_evenly():
    gene = np.repeat([0, 1, 2], [3, 10, 8])
    rows = thin(gene, 4)
    assert_array_equal(np.bincount(gene[rows]), [3, 4, 4])
    assert_array_equal(rows[gene[rows] == 1], 3 + np.array([0, 3, 6, 9]))
    assert_array_equal(thin(gene, 10), np.arange(21))


def test_many_genes_are_tried_on_some():
    gene, seen = np.repeat(np.arange(3000), 2), []
    y = np.random.default_rng(0).normal(size=6000)
    guides = Guides(y, np.ones(6000), gene, np.zeros(3000, int), 1)

    def make_objective(rows, factor):
        seen.append(rows.size)
        return effect_objective(guides.take(rows).scaled(factor))

    maximise(make_objective, gene, [1.0], 1, 1e-8)
    # two starts and a look at the better on a third of the genes, then all of them
    assert seen == [2000, 2000, 2000, 6000]


def test_information_is_the_second_derivative():
    rng = np.random.default_rng(9)
    objective = effect_objective(draw_guides(rng, 20, largest=30))
    vector = top(objective, objective.start(0.3, 1.5), 200, 1e-14).vector
    assessed = assess(objective, vector, lambda gate: gate)
    assert_array_equal(assessed.free, np.arange(6))
    curvature, step = np.linalg.inv(assessed.covariance), 2e-3
    for i, unit in enumerate(np.eye(6) * step):
        around = [
            objective.evaluate(vector + k * unit, move_grid=False).value
            for k in (-1, 0, 1)
        ]
        second = -(around[0] - 2 * around[1] + around[2]) / step**2
        assert curvature[i, i] == pytest.approx(
            second * objective.total_weight, rel=1e-2
        )


def test_no_information_is_no_standard_error():
    rng = np.random.default_rng(10)
    guides = draw_guides(rng, 6, largest=20)
    objective = gating_objective(guides, rng, None)
    objective.features[:, 2] = objective.features[:, 1]  # the same feature twice
    optimum = top(objective, objective.start(0.3, 1.5), 80, 1e-9)
    assessed = assess(objective, optimum.vector, lambda gate: gate)
    assert np.isnan(assessed.covariance).all()
    assert np.isfinite(assessed.effect_error).all()


# ---- small parts ---------------------------------------------------------------------


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30), st.data())
def test_weighted_quantiles_count_guides(values, data):
    weight = data.draw(
        st.lists(st.integers(1, 4), min_size=len(values), max_size=len(values))
    )
    levels = [0.25, 0.5, 0.9]
    assert_array_equal(
        weighted_quantile(np.array(values, float), np.array(weight, float), levels),
        np.quantile(np.repeat(values, weight), levels, method="inverted_cdf"),
    )


def test_spread_of_a_normal_sample_with_outliers():
    y = np.append(np.random.default_rng(0).normal(0, 2, 10_000), [1e6] * 10)
    assert robust_spread(y, np.ones(y.size)) == pytest.approx(2, rel=0.05)


def test_spread_of_mostly_equal_values():
    y = np.array([0.0] * 9 + [1.0])
    assert robust_spread(y, np.ones(10)) == pytest.approx(y.std())


def test_log_density_is_scipys():
    y = np.array([-1.0, 0.5, 3.0])
    assert_allclose(normal_log_density(y, 0.3, 2.0), norm.logpdf(y, 0.3, 2.0))


def test_directions():
    guides = draw_guides(np.random.default_rng(0))
    assert [np.sign(f) for f in turning_factors(guides, "auto")] == [1, -1]
    assert [np.sign(f) for f in turning_factors(guides, "negative")] == [-1]
    assert [np.sign(f) for f in turning_factors(guides, "auto", -2.0)] == [-1]
    with pytest.raises(ValueError, match="'positive' contradicts mu1=-2"):
        turning_factors(guides, "positive", -2.0)


def test_controls_are_a_mask():
    assert_array_equal(check_controls(None, 2), [False, False])
    assert_array_equal(check_controls([1, 0], 2), [True, False])
    with pytest.raises(ValueError, match="expected 3, got 2"):
        check_controls([True, False], 3)
    with pytest.raises(ValueError, match=r"but it is nan in row 1"):
        check_controls([1, np.nan], 2)
    with pytest.raises(ValueError, match=r"but it is 'yes' in rows 0, 1"):
        check_controls(["yes", "no"], 2)


def test_null_of_weighted_controls():
    values, weight = np.array([0.0, 1.0, 5.0, 9.0]), np.array([1.0, 2.0, 1.0, 0.0])
    mean, scale = null_of_controls(values, weight)
    repeated = [0.0, 1.0, 1.0, 5.0]
    assert mean == pytest.approx(np.mean(repeated))
    assert scale == pytest.approx(np.std(repeated, ddof=1))
    with pytest.raises(ValueError, match=r"of screen A must .* have only \[2.0\]"):
        null_of_controls(np.array([2.0, 2.0]), np.ones(2), " of screen A")


def test_labels():
    labels, codes = learn_labels(["b", "a", "b"], 3, "groups")
    assert_array_equal(labels.values[codes], ["b", "a", "b"])
    assert_array_equal(labels.find(["c", "a"], 2, "groups"), [-1, 0])
    assert_array_equal(labels.find(None, 2, "groups"), [-1, -1])


def test_labels_that_controls_lack():
    ignored = np.array([False, True, False])
    labels, codes = learn_labels(["b", None, "a"], 3, "groups", ignored)
    assert_array_equal(labels.values, ["a", "b"])
    assert_array_equal(codes[~ignored], [1, 0])
    with pytest.raises(ValueError, match="groups is missing in row 2"):
        learn_labels(["b", None, None], 3, "groups", ignored)
    with pytest.raises(ValueError, match="expected 3, got 2"):
        learn_labels(["b", "a"], 3, "groups", ignored)


def test_no_labels():
    labels, codes = learn_labels(None, 2, "groups")
    assert_array_equal(codes, [0, 0])
    assert_array_equal(labels.find(None, 3, "groups"), [0, 0, 0])
    with pytest.raises(ValueError, match="fitted without groups"):
        labels.find(["a"], 1, "groups")


def test_shares_of_starts_are_shares():
    objective = gating_objective(
        draw_guides(np.random.default_rng(0)), np.random.default_rng(0)
    )
    assert objective.start(0.2, 1.0)[5] == pytest.approx(logit(0.2))
