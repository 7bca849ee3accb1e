"""The sums over the grids, against a slow one."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.special import expit, logsumexp

from sgrna_estimator.mixtures import kernels
from sgrna_estimator.mixtures.gates import GuideEffectObjective
from sgrna_estimator.mixtures.guides import Guides
from sgrna_estimator.mixtures.null import null_log_density
from tests.mixture_reference import Gene as FineGene
from tests.mixture_reference import fine_logit_beta, fine_normal, summarise
from tests.mixtures.objectives import (
    draw_guides,
    draw_vector,
    effect_objective,
    gating_objective,
    nothing_known,
)

seeds = st.integers(0, 10_000)


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
                (
                    components.null_mean[screen],
                    components.null_scale[screen],
                    components.null_tail[screen],
                ),
                components.active_scale[screen],
                FineGene(*gates, *effects),
            )
        )
    return summaries


@settings(max_examples=12)
@given(
    seeds,
    st.booleans(),
    st.sampled_from(["effect", "gating"]),
    st.sampled_from([0.0, 0.02, 0.45]),
)
def test_sums_equal_a_slow_reference(seed, weighted, kind, tail):
    rng = np.random.default_rng(seed)
    n_screens = int(rng.integers(1, 3))
    guides = draw_guides(rng, 3, n_screens, weighted=weighted)
    if kind == "effect":
        objective = effect_objective(guides, nothing_known(n_screens, tail))
    else:
        known = nothing_known(n_screens, tail)
        objective = gating_objective(guides, rng, known=known)
    vector = draw_vector(objective, rng)
    _, _, cells, sums = objective.evaluate(vector)
    slow = reference_summaries(objective, vector)

    assert_allclose(sums.log_marginal, [s.log_marginal for s in slow], atol=0.02)
    assert_allclose(
        sums.active, np.concatenate([s.active for s in slow]), atol=5e-3, rtol=2e-2
    )
    effects = np.sum(sums.posterior.sum(axis=1) * cells.effect, axis=1)
    assert_allclose(effects, [s.effect for s in slow], atol=0.02)


def drawn(sizes, weighted, seed=0):
    """Return guides of genes of these sizes, grids of the genes, and their scales."""
    rng = np.random.default_rng(seed)
    n, n_genes = sum(sizes), len(sizes)
    eta = rng.choice(rng.normal(size=3), n)  # some follow their like
    measured = kernels.Measured(
        np.concatenate([[0], np.cumsum(sizes)]),
        rng.normal(0, 2, n),
        rng.uniform(0.1, 3, n) if weighted else np.ones(n),
        rng.normal(-1, 0.5, n),
        eta,
    )
    shapes = [(n_genes, kernels.N_GATES), (n_genes, kernels.N_EFFECTS)]
    cells = kernels.Cells(*(rng.normal(size=shape) for shape in shapes * 2))
    return measured, cells, rng.uniform(0.5, 2, n_genes)


def by_definition(measured, cells, scale, g, rows):
    """Return P(active) given each cell, and p(y) in each, of guides (rows, J, K)."""
    eta, y = measured.eta[rows], measured.y[rows]
    p = expit(eta[:, None] + cells.gate[g])[:, :, None]
    of_active = p * stats.norm(cells.effect[g], scale[g]).pdf(y[:, None])[:, None]
    of_null = (1 - p) * np.exp(measured.log_null[rows])[:, None, None]
    return p, of_active / (of_active + of_null), of_active + of_null


# More than are multiplied before a logarithm is taken, and none of a whole block
SIZES = (1, 2, 3, 4, 5, 19, 20, 21, 43)


@pytest.mark.parametrize("weighted", [False, True])
def test_sums_are_those_of_the_definition(weighted):
    measured, cells, scale = drawn(SIZES, weighted)
    n = len(measured.y)
    sums = kernels.Sums(*(np.full_like(a, np.nan) for a in kernels.empty_sums(n, 9)))
    kernels.sum_over_cells(measured, cells, scale, np.arange(9), sums)
    for g in range(9):
        mine = np.arange(*measured.starts[g : g + 2])
        weight = measured.weight[mine][:, None, None]
        p, active, density = by_definition(measured, cells, scale, g, mine)
        log_cells = (weight * np.log(density)).sum(axis=0)
        log_cells += cells.log_mass_gate[g][:, None] + cells.log_mass_effect[g]
        marginal = logsumexp(log_cells)
        posterior = np.exp(log_cells - marginal)
        from_effect = measured.y[mine][:, None] - cells.effect[g]
        expected = {
            "log_marginal": marginal,
            "posterior": posterior,
            "gate_gradient": (weight * posterior * (active - p)).sum(axis=(0, 2)),
            "effect_gradient": (weight * posterior * active).sum(axis=1)
            * (from_effect / scale[g] ** 2),
        }
        expected["effect_gradient"] = expected["effect_gradient"].sum(axis=0)
        for name, value in expected.items():
            assert_allclose(getattr(sums, name)[g], value, rtol=1e-9, atol=1e-11)
        squares = (from_effect**2)[:, None]
        for name, each in (
            *(("active", active), ("gate", p)),
            ("active_square", active * squares),
        ):
            value = (posterior * each).sum(axis=(1, 2))
            assert_allclose(getattr(sums, name)[mine], value, rtol=1e-9)


def test_averages_are_those_of_the_definition():
    measured, cells, scale = drawn((6, 1, 9), weighted=False)
    rng = np.random.default_rng(1)
    posterior = rng.dirichlet(np.ones(16 * 24), 3).reshape(3, 16, 24)
    gene = rng.permutation(np.repeat(np.arange(3), (6, 1, 9)))
    active, log_ratio = kernels.average_over_cells(
        *(measured.y, measured.log_null, measured.eta, gene, cells, scale, posterior)
    )
    for i, g in enumerate(gene):
        _, shares, density = by_definition(measured, cells, scale, g, [i])
        assert active[i] == pytest.approx((posterior[g] * shares[0]).sum())
        expected = np.log((posterior[g] * density[0]).sum()) - measured.log_null[i]
        assert log_ratio[i] == pytest.approx(expected)


def test_densities_far_apart_neither_overflow_nor_lose_a_guide():
    measured, cells, scale = drawn((2, 40), weighted=False)
    measured = measured._replace(
        y=measured.y * 300, log_null=np.full(42, -1e4), eta=measured.eta * 1e3
    )
    sums = kernels.empty_sums(42, 2)
    kernels.sum_over_cells(measured, cells, scale, np.arange(2), sums)
    for values in sums:
        assert np.isfinite(values).all()
    assert_allclose(sums.posterior.sum(axis=(1, 2)), 1)
    posterior = np.full((2, 16, 24), 1 / (16 * 24))
    active, log_ratio = kernels.average_over_cells(
        *(measured.y, measured.log_null, measured.eta, np.repeat([0, 1], (2, 40))),
        *(cells, scale, posterior),
    )
    assert (active >= 0).all()
    assert (active <= 1).all()
    assert np.isfinite(log_ratio).all()


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
    log_null = null_log_density(
        guides.y,
        components.null_mean[0],
        components.null_scale[0],
        components.null_tail[0],
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


def test_the_process_that_compiles_gives_the_same_bits(tmp_path):
    code = (
        "from sgrna_estimator import GuideEffectMixture, datasets\n"
        "screen = datasets.make_guide_screen(n_guides=300, n_genes=9, random_state=0)\n"
        "mixture = GuideEffectMixture(max_iter=2, tol=1.0)\n"
        "mixture.fit(screen.data['log2fc'], groups=screen.groups)\n"
        "print(mixture.gene_effects_.tobytes().hex())\n"
    )
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    compiled, found = (
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | cache,
            capture_output=True,
            check=True,
        ).stdout
        for _ in range(2)
    )
    assert compiled
    assert compiled == found


def test_gradients_are_differences_of_the_log_marginal():
    rng = np.random.default_rng(4)
    objective = gating_objective(draw_guides(rng, 3, weighted=True), rng)
    vector = draw_vector(objective, rng)
    objective.evaluate(vector)  # moves the grids
    measured, cells, scale = objective._kernel_inputs(vector)

    def summed(cells):
        sums = kernels.empty_sums(len(measured.y), 3)
        kernels.sum_over_cells(measured, cells, scale, np.arange(3), sums)
        return sums

    sums, step = summed(cells), 1e-5
    for name, gradient in (
        ("gate", sums.gate_gradient),
        ("effect", sums.effect_gradient),
    ):
        for cell in range(0, gradient.shape[1], 5):
            shift = step * (np.arange(gradient.shape[1]) == cell)
            ahead, behind = (
                summed(cells._replace(**{name: getattr(cells, name) + sign * shift}))
                for sign in (1, -1)
            )
            numeric = (ahead.log_marginal - behind.log_marginal) / (2 * step)
            assert_allclose(gradient[:, cell], numeric, atol=1e-7)
