"""Displays of the best-scored guides of each gene."""

import dataclasses

import numpy as np
import pytest

from sgrna_estimator.metrics.top_guides import shares_in_better_half
from sgrna_estimator.plotting import TopGuidesDisplay
from tests.plot_checks import check_texts
from tests.plotting.drawing import WIDTHS, legend_labels, new_axes


@pytest.fixture
def with_genes(result):
    """The comparison with guides ten a gene, and predictions that are known."""
    table = result.predictions_.copy()
    within = table.groupby("split").cumcount()
    table["group"] = [
        f"{split}_{place // 10}"
        for split, place in zip(table["split"], within, strict=True)
    ]
    table["perfect"], table["reversed"] = table["y"], -table["y"]
    return dataclasses.replace(result, predictions_=table)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_curve_is_the_mean_of_genes(with_genes, width):
    table = with_genes.predictions_
    display = TopGuidesDisplay.from_result(with_genes, "ridge", ax=new_axes(width))
    shares = shares_in_better_half(table["y"], table["ridge"], table["group"], 5)
    line = display.curve_.lines[0]
    assert line.get_xdata().tolist() == [1, 2, 3, 4, 5] == display.counts
    np.testing.assert_allclose(line.get_ydata().astype(float), shares.mean()[:5])
    np.testing.assert_allclose(
        display.summary()["lower"],
        (shares.mean() - 1.96 * shares.std() / np.sqrt(len(shares)))[:5].clip(lower=0),
    )
    assert set(display.random_line_.get_ydata()) == {shares["random"].mean()}
    assert legend_labels(display.ax_) == [
        "mean of genes, 95 % interval",
        "taken at random",
    ]
    title = display.ax_.get_legend().get_title().get_text()
    assert title == f"ridge, {len(shares)} genes"
    check_texts(display.figure_)


def test_the_best_and_the_worst_that_can_be(with_genes):
    best = TopGuidesDisplay.from_result(with_genes, "perfect").summary()
    worst = TopGuidesDisplay.from_result(with_genes, "reversed").summary()
    assert (best["mean"] == 1).all()
    assert (worst["mean"] == 0).all()


def test_repeats_of_a_gene_are_one_gene(with_genes):
    table = with_genes.predictions_
    again = table.assign(split=table["split"] + 100, repeat=1)
    again["ridge"] = again["y"]
    both = dataclasses.replace(
        with_genes,
        predictions_=type(table)(np.vstack([table, again]), columns=[*table]),
    )
    once, twice, perfect = (
        TopGuidesDisplay.from_result(each, name).shares
        for each, name in [
            (with_genes, "ridge"),
            (both, "ridge"),
            (with_genes, "perfect"),
        ]
    )
    np.testing.assert_allclose(twice.to_numpy(), (once + perfect).to_numpy() / 2)


def test_few_guides_a_gene_leave_less_to_take(with_genes):
    table = with_genes.predictions_
    pairs = table.groupby("group").head(2)
    few = dataclasses.replace(with_genes, predictions_=pairs)
    assert TopGuidesDisplay.from_result(few, "ridge").counts == [1]
    single = table.groupby("group").head(1)
    with pytest.raises(ValueError, match="no gene has two guides"):
        TopGuidesDisplay.from_result(
            dataclasses.replace(with_genes, predictions_=single), "ridge"
        )


def test_what_cannot_be_drawn_is_refused(with_genes):
    for name in ("lasso", "y", "group"):
        with pytest.raises(ValueError, match=f"no estimator '{name}'"):
            TopGuidesDisplay.from_result(with_genes, name)
    without = with_genes.predictions_.drop(columns="group")
    with pytest.raises(ValueError, match="without groups"):
        TopGuidesDisplay.from_result(
            dataclasses.replace(with_genes, predictions_=without), "ridge"
        )
