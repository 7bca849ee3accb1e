"""Displays of mixtures."""

import numpy as np
import pytest
from scipy.stats import norm, t
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.plotting import MixtureDisplay
from tests.plot_checks import check_texts
from tests.plotting.drawing import WIDTHS, legend_labels, new_axes


@pytest.mark.parametrize("width", WIDTHS)
def test_mixture_of_a_gene(guides, mixture, width):
    log2fc, genes = guides
    display = MixtureDisplay.from_estimator(
        mixture, log2fc, groups=genes, group="gene03", ax=new_axes(width)
    )
    number = mixture.groups_.tolist().index("gene03")
    q, effect = mixture.mixing_[number], mixture.gene_effects_[number]
    scale = np.hypot(mixture.active_scale_, mixture.gene_effect_std_errors_[number])
    location = mixture.null_mean_, mixture.null_scale_
    null = (1 - q) * t.pdf(display.grid, mixture.null_dof_, *location)
    active = q * norm.pdf(display.grid, effect, scale)
    for line, density in (
        (display.null_line_, null),
        (display.active_line_, active),
        (display.sum_line_, null + active),
    ):
        np.testing.assert_allclose(line.get_ydata(), density, rtol=1e-10)
    shown = log2fc[genes == "gene03"]
    np.testing.assert_array_equal(display.log2fc, shown)
    assert len(display.rug_.get_segments()) == len(shown)
    assert sorted(legend_labels(display.ax_)) == sorted(
        [
            f"{len(shown)} guides",
            f"null {100 - 100 * q:.0f} %",
            f"active {100 * q:.0f} %",
            "sum",
        ]
    )
    assert display.ax_.get_legend().get_title().get_text() == "gene03"
    assert display.ax_.get_xlabel() == "Log₂ fold change"
    check_texts(display.figure_)


@pytest.mark.parametrize("width", WIDTHS)
def test_mixture_of_a_screen(guides, mixture, width):
    log2fc, genes = guides
    display = MixtureDisplay.from_estimator(
        mixture, log2fc, groups=genes, ax=new_axes(width), name="a screen"
    )
    density = display.null_density + display.active_density
    # all of the mixture is in view, and the bars have its units
    assert np.trapezoid(density, display.grid) == pytest.approx(1, abs=0.01)
    area = sum(bar.get_width() * bar.get_height() for bar in display.histogram_)
    assert area == pytest.approx(1)
    assert display.rug_ is None
    parts = [
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes, group=gene)
        for gene in mixture.groups_
    ]
    shares = [part.active_share for part in parts]
    sizes = [len(part.log2fc) for part in parts]
    assert display.active_share == pytest.approx(np.average(shares, weights=sizes))
    check_texts(display.figure_)


def test_mixture_of_a_gene_is_near_the_density_of_the_model(guides, mixture):
    log2fc, genes = guides
    for gene in mixture.groups_[:4]:
        display = MixtureDisplay.from_estimator(
            mixture, log2fc, groups=genes, group=gene
        )
        exact = np.exp(
            mixture.score_samples(display.grid, groups=[gene] * len(display.grid))
        )
        drawn = display.null_density + display.active_density
        assert np.trapezoid(np.abs(drawn - exact), display.grid) < 0.05


def test_mixture_without_genes(guides):
    log2fc, genes = guides
    mixture = GuideEffectMixture().fit(log2fc)
    display = MixtureDisplay.from_estimator(mixture, log2fc)
    assert display.active_share == pytest.approx(mixture.mixing_[0])
    with pytest.raises(ValueError, match="not fitted to a gene called 'gene"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes)


def test_genes_that_the_mixture_has_not_seen(guides, mixture):
    log2fc, genes = guides
    with pytest.raises(ValueError, match=r"called 'GENE3'; did you mean '.*gene03'"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes, group="GENE3")
    with pytest.raises(ValueError, match=r"called 'NEUROG2'$"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes, group="NEUROG2")
    others = np.where(genes == "gene03", "control", genes)
    with pytest.raises(ValueError, match="called 'control'"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=others)
    numbered = GuideEffectMixture().fit(
        log2fc, groups=np.unique(genes, return_inverse=True)[1]
    )
    with pytest.raises(ValueError, match="called '3'; did you mean 3"):
        MixtureDisplay.from_estimator(numbered, log2fc, groups=genes, group="3")
    without = genes != "gene03"
    with pytest.raises(ValueError, match="groups has no guide of 'gene03'"):
        MixtureDisplay.from_estimator(
            mixture, log2fc[without], groups=genes[without], group="gene03"
        )


def test_mixture_needs_genes_and_a_fit(guides, mixture):
    log2fc, genes = guides
    for group in (None, "gene03"):
        with pytest.raises(ValueError, match="groups must hold the gene of each guide"):
            MixtureDisplay.from_estimator(mixture, log2fc, group=group)
    with pytest.raises(NotFittedError):
        MixtureDisplay.from_estimator(clone(mixture), log2fc, groups=genes)
    with pytest.raises(ValueError, match="must be a GuideEffectMixture, got Linear"):
        MixtureDisplay.from_estimator(LinearRegression(), log2fc, groups=genes)


def test_mixtures_of_the_tiling_screens(crispra_tiling):
    table = crispra_tiling.frame
    for screen, constants in (
        ("neuron", {"mu1": 1.7, "q0": 0.2}),
        ("self_renewal", {"mu1": 4.3, "q0": 0.5}),
    ):
        guides = table[table["screen"] == screen]
        log2fc, genes = guides["log2fc"], guides["gene"]
        mixture = GuideEffectMixture(**constants).fit(log2fc, groups=genes)
        for gene in (None, mixture.groups_[0], mixture.groups_[-1]):
            display = MixtureDisplay.from_estimator(
                mixture, log2fc, groups=genes, group=gene, ax=new_axes(3.3)
            )
            check_texts(display.figure_)
