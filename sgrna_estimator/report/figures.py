"""Figures of the report: the displays, drawn into the page, with their texts.

Each has a text for those who cannot see it, with the numbers that it shows.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sgrna_estimator._typing import Floats
from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.metrics.reported import CORRELATION_DECIMALS, find_metric
from sgrna_estimator.mixtures.tables import describe_null
from sgrna_estimator.report.data_summary import DataSummary
from sgrna_estimator.report.fits import ScreenMixture
from sgrna_estimator.report.pictures import NARROW, WIDE, Picture, draw, new_figure
from sgrna_estimator.report.wording import interval, number, percent
from sgrna_estimator.sequences.layout import GuideLayout


def picture_of_comparison(result: ComparisonResult) -> Picture:
    """Draw the score that the comparison asks for first, of each model on each fold."""
    from sgrna_estimator.plotting import ComparisonDisplay

    metric = result.primary
    label = find_metric(metric).label
    table = result.summary(metric)
    figure = new_figure(NARROW, 1.3 + 0.42 * len(table))
    ComparisonDisplay.from_result(result, metric=metric, ax=figure.subplots())
    scores = "; ".join(
        f"{row['estimator']} not defined"
        if math.isnan(row["mean"])
        else f"{row['estimator']} {row['mean']:.3f} "
        f"({interval(row['lower'], row['upper'], CORRELATION_DECIMALS)})"
        for row in table.to_dict("records")
    )
    return draw(
        figure,
        f"{label} of the predictions of each model with the measurements of held-out "
        f"guides, mean and 95 % interval, the best first: {scores}.",
        f"{label} of predictions with the measurements of held-out guides. A point is "
        "a fold; the diamond is the mean of the folds, and the line its corrected 95 % "
        "interval.",
    )


def picture_of_top_guides(result: ComparisonResult, name: str) -> Picture | None:
    """Draw how good the guides are that a model would take of each gene.

    None if there are no genes, or of each only one guide.
    """
    from sgrna_estimator.plotting import TopGuidesDisplay

    table = result.predictions_
    if "group" not in table or not table.duplicated(["split", "group"]).any():
        return None
    figure = new_figure(NARROW, 3.4)
    display = TopGuidesDisplay.from_result(result, name, ax=figure.subplots())
    random = percent(display.shares["random"].mean())
    shares = "; ".join(
        f"of {n} best-scored {'guide' if n == 1 else 'guides'}, {percent(row['mean'])}"
        for n, row in zip(
            display.counts, display.summary().to_dict("records"), strict=True
        )
    )
    return draw(
        figure,
        f"Share of the guides taken of each of {len(display.shares):,} genes that are "
        f"in the better half of their gene, mean over genes, by predictions of {name}: "
        f"{shares}. Taken at random it is {random}.",
        f"If you take the guides of a gene that {name} scores best: how many of them "
        "are among the better half of the gene's guides, as measured. Each was scored "
        "by a model that had not seen it.",
    )


def picture_of_predictions(result: ComparisonResult, name: str) -> Picture:
    """Draw observed against out-of-fold predictions of a model."""
    from sgrna_estimator.plotting import ObservedVsPredictedDisplay

    figure = new_figure(NARROW, 4.2)
    display = ObservedVsPredictedDisplay.from_result(result, name, ax=figure.subplots())
    y_true, y_pred = display.y_true, display.y_pred
    rank = number(display.spearman, CORRELATION_DECIMALS)
    merit = (
        "least squared error"
        if math.isnan(display.spearman)
        else "highest rank correlation"
    )
    return draw(
        figure,
        f"Observed against predicted activities of {len(y_true):,} held-out guides, "
        f"predicted by {name}: Spearman correlation {rank}, mean over folds. "
        f"Predictions reach from {y_pred.min():.4g} to {y_pred.max():.4g}, observations "
        f"from {y_true.min():.4g} to {y_true.max():.4g}.",
        f"Predictions of {name}, which has the {merit}. Each guide was predicted by a "
        "model that had not seen it. On the dashed line predictions equal "
        "observations; a cloud steeper than it means that the model predicts too little "
        "spread.",
    )


def pictures_of_curves(curves: Mapping[str, Any], learnt: str) -> list[Picture]:
    """Draw the losses of networks, epoch by epoch."""
    from sgrna_estimator.plotting import LossCurveDisplay

    pictures = []
    for name, pipeline in curves.items():
        figure = new_figure(NARROW, 3.4)
        display = LossCurveDisplay.from_estimator(
            pipeline, ax=figure.subplots(), name=name
        )
        training, held_out = display.loss_curve, display.validation_loss_curve
        lowest = int(np.argmin(held_out))
        alt = (
            f"Loss of {name} over {len(training)} epochs. In training it goes from "
            f"{training[0]:.4g} to {training[-1]:.4g}; on the held-out guides of the "
            f"first fold from {held_out[0]:.4g} to {held_out[-1]:.4g}, and is lowest, "
            f"{held_out[lowest]:.4g}, at epoch {lowest + 1}."
        )
        pictures.append(
            draw(
                figure,
                alt,
                f"Loss of {name} in predicting {learnt}, epoch by epoch, trained without "
                "the guides of the first fold; the validation loss is measured on these.",
            )
        )
    return pictures


def pictures_of_mixtures(mixtures: Mapping[str, ScreenMixture]) -> list[Picture]:
    """Draw the mixture of each screen over its histogram."""
    from sgrna_estimator.plotting import MixtureDisplay

    pictures = []
    for name, (mixture, log2fc, groups) in mixtures.items():
        figure = new_figure(NARROW, 3.4)
        display = MixtureDisplay.from_estimator(
            mixture, log2fc, groups=groups, ax=figure.subplots(), name=name
        )
        share = f"{100 * display.active_share:.0f} %"
        direction = "enriched" if mixture.direction_ == "positive" else "depleted"
        pictures.append(
            draw(
                figure,
                f"Histogram of the log2 fold changes of {len(log2fc):,} guides of {name} "
                "with the fitted mixture: inactive guides "
                f"{describe_null(mixture)}, active ones, {share} of all, around gene "
                f"effects of {mixture.mu1_:.3g} on average.",
                f"Log2 fold changes of {name}, and the mixture that tells active guides "
                f"({share}, {direction}) from inactive ones (null). "
                "Fitted to all guides, for this picture, "
                "the score P(active) and validation losses; models learnt from mixtures "
                "of their training guides.",
            )
        )
    return pictures


def picture_of_effects(
    effects: Mapping[str, Any], layout: GuideLayout | str | None
) -> Picture:
    """Draw one model below the other, so that positions can be followed."""
    from sgrna_estimator.plotting import BaseEffectsDisplay

    figure = new_figure(WIDE, 2.4 * len(effects))
    sentences = []
    axes = figure.subplots(len(effects), squeeze=False)[:, 0]
    for ax, (name, pipeline) in zip(axes, effects.items(), strict=True):
        display = BaseEffectsDisplay.from_estimator(
            pipeline, layout=layout, name=name, ax=ax
        )
        table = display.effects.to_frame().dropna().sort_values("effect")
        least, *_, most = table.to_dict("records")
        sentences.append(
            f"In {name} the largest is {most['letter']} at position {most['position']} "
            f"({most['effect']:+.3g}) and the least {least['letter']} at position "
            f"{least['position']} ({least['effect']:+.3g}), in {display.effects.unit}."
        )
    return draw(
        figure,
        "Heatmaps of the effect of each base at each position of the sequence. "
        + " ".join(sentences),
        "Red: the model's prediction is higher with this base here; blue: lower. The "
        "models have colour scales of their own, in the units beside them; a scale that "
        "ends in arrows leaves larger effects out of its range, so that the others can be "
        "told.",
    )


def picture_of_target(target: Floats, data: DataSummary) -> Picture:
    """Draw a histogram of the measured activities."""
    from sgrna_estimator.plotting.style import BLUE, VERMILION, unbox

    figure = new_figure(NARROW, 2.8)
    ax = figure.subplots()
    # Rice's rule; rules that look at the spread make millions of bins of an outlier.
    n_bins = min(max(round(2 * len(target) ** (1 / 3)), 10), 60)
    counts, edges, _ = ax.hist(
        target, n_bins, color=BLUE, edgecolor="white", linewidth=0.4
    )
    ax.axvline(
        data.mean, color=VERMILION, linestyle="--", label=f"mean, {data.mean:.4g}"
    )
    ax.set_xlabel("Measured activity")
    ax.set_ylabel("Guides")
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1))
    unbox(ax, grid="y")
    fullest = int(np.argmax(counts))
    alt = (
        f"Histogram of the measured activities of {data.n_guides:,} guides, from "
        f"{data.quantiles[0.0]:.4g} to {data.quantiles[1.0]:.4g}. Half of them are "
        f"between {data.quantiles[0.25]:.4g} and {data.quantiles[0.75]:.4g}, the mean is "
        f"{data.mean:.4g}. The fullest of {n_bins} bins, from {edges[fullest]:.4g} to "
        f"{edges[fullest + 1]:.4g}, holds {int(counts[fullest]):,} guides."
    )
    return draw(
        figure,
        alt,
        "Measured activities of all guides. The dashed line is their mean, about what "
        "the constant predictor predicts.",
    )
