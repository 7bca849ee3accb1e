"""Figures of the report: the displays, drawn into the page, with their texts.

Each has a text for those who cannot see it, with the numbers that it shows.
"""

import base64
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.report.data_summary import DataSummary
from sgrna_estimator.report.tables import CORRELATION_DECIMALS, interval, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# A fitted mixture, and the log2 fold changes and genes that it was fitted to.
ScreenMixture = tuple[Any, pd.Series, pd.Series | None]


# Figures are drawn narrow and shown larger, so that their letters can still be read
# where a telephone shows them smaller.
_PIXELS_PER_INCH = 120


_NARROW = 5.0  # inches


_WIDE = 6.5


# A drawing of more bytes than this (thousands of cells) is smaller, and sooner on the
# screen, as pixels, twice as many as are shown.
_LARGEST_SVG = 250_000


@dataclass(frozen=True)
class Picture:
    """A figure of the page.

    Attributes
    ----------
    source : str
        The drawing as a data URI.
    width, height : int
        In pixels of CSS.
    alt : str
        What it shows, for those who do not see it.
    caption : str
        What to look for.
    """

    source: str
    width: int
    height: int
    alt: str
    caption: str


def _picture(figure: "Figure", alt: str, caption: str) -> Picture:
    """Draw a figure into the page, text as paths so that it needs no font."""
    import matplotlib as mpl

    drawing = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "sgrna_estimator"}):
        figure.savefig(drawing, format="svg", metadata={"Date": None})
    kind = "svg+xml"
    if drawing.tell() > _LARGEST_SVG:
        kind, drawing = "png", io.BytesIO()
        figure.savefig(drawing, format="png", dpi=2 * _PIXELS_PER_INCH)
    data = base64.b64encode(drawing.getvalue()).decode()
    width, height = figure.get_size_inches()
    return Picture(
        source=f"data:image/{kind};base64,{data}",
        width=round(_PIXELS_PER_INCH * width),
        height=round(_PIXELS_PER_INCH * height),
        alt=alt,
        caption=caption,
    )


def _new_figure(width: float, height: float) -> "Figure":
    """Return a figure that belongs to no window and no global list of figures."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def picture_of_comparison(result: ComparisonResult) -> Picture:
    """Draw the rank correlation of each model on each fold."""
    from sgrna_estimator.plotting import ComparisonDisplay

    table = result.summary("spearman")
    figure = _new_figure(_NARROW, 1.3 + 0.42 * len(table))
    ComparisonDisplay.from_result(result, ax=figure.subplots())
    scores = "; ".join(
        f"{row['estimator']} not defined"
        if math.isnan(row["mean"])
        else f"{row['estimator']} {row['mean']:.3f} "
        f"({interval(row['lower'], row['upper'], CORRELATION_DECIMALS)})"
        for row in table.to_dict("records")
    )
    return _picture(
        figure,
        f"Spearman correlation of each model with the measurements of held-out guides, "
        f"mean and 95 % interval, the best first: {scores}.",
        "Spearman correlation with the measurements of held-out guides. A point is a "
        "fold; the diamond is the mean of the folds, and the line its corrected 95 % "
        "interval.",
    )


def picture_of_predictions(result: ComparisonResult, name: str) -> Picture:
    """Draw observed against out-of-fold predictions of a model."""
    from sgrna_estimator.plotting import ObservedVsPredictedDisplay

    figure = _new_figure(_NARROW, 4.2)
    display = ObservedVsPredictedDisplay.from_result(result, name, ax=figure.subplots())
    y_true, y_pred = display.y_true, display.y_pred
    rank = number(display.spearman, CORRELATION_DECIMALS)
    merit = (
        "least squared error"
        if math.isnan(display.spearman)
        else "highest rank correlation"
    )
    return _picture(
        figure,
        f"Observed against predicted activities of {len(y_true):,} held-out guides, "
        f"predicted by {name}: Spearman correlation {rank}, mean over folds. "
        f"Predictions reach from {y_pred.min():.4g} to {y_pred.max():.4g}, observations "
        f"from {y_true.min():.4g} to {y_true.max():.4g}.",
        f"Predictions of {name}, which has the {merit}. Each guide was predicted by a "
        "model that had not seen it. On the dashed line predictions equal "
        "observations; the axes need not have the same scale.",
    )


def pictures_of_curves(curves: Mapping[str, Any], learnt: str) -> list[Picture]:
    """Draw the losses of networks, epoch by epoch."""
    from sgrna_estimator.plotting import LossCurveDisplay

    pictures = []
    for name, pipeline in curves.items():
        figure = _new_figure(_NARROW, 3.4)
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
            _picture(
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
        figure = _new_figure(_NARROW, 3.4)
        display = MixtureDisplay.from_estimator(
            mixture, log2fc, groups=groups, ax=figure.subplots(), name=name
        )
        share = f"{100 * display.active_share:.0f} %"
        direction = "enriched" if mixture.direction_ == "positive" else "depleted"
        pictures.append(
            _picture(
                figure,
                f"Histogram of the log2 fold changes of {len(log2fc):,} guides of {name} "
                "with the fitted mixture: inactive guides around "
                f"{mixture.null_mean_:.3g} with standard deviation "
                f"{mixture.null_scale_:.3g}, active ones, {share} of all, around gene "
                f"effects of {mixture.mu1_:.3g} on average.",
                f"Log2 fold changes of {name}, and the mixture that tells active guides "
                f"({share}, {direction}) from inactive ones (null). "
                "Fitted to all guides, for this picture, "
                "the score P(active) and validation losses; models learnt from mixtures "
                "of their training guides.",
            )
        )
    return pictures


def picture_of_effects(effects: Mapping[str, Any], layout: str | None) -> Picture:
    """Draw one model below the other, so that positions can be followed."""
    from sgrna_estimator.plotting import BaseEffectsDisplay

    figure = _new_figure(_WIDE, 2.4 * len(effects))
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
    return _picture(
        figure,
        "Heatmaps of the effect of each base at each position of the sequence. "
        + " ".join(sentences),
        "Red: the model's prediction is higher with this base here; blue: lower. The "
        "models have colour scales of their own, in the units beside them.",
    )


def picture_of_target(target: pd.Series, data: DataSummary) -> Picture:
    """Draw a histogram of the measured activities."""
    from sgrna_estimator.plotting.style import BLUE, VERMILION, unbox

    figure = _new_figure(_NARROW, 2.8)
    ax = figure.subplots()
    # Rice's rule; rules that look at the spread make millions of bins of an outlier.
    n_bins = min(max(round(2 * len(target) ** (1 / 3)), 10), 60)
    counts, edges, _ = ax.hist(
        target.to_numpy(), n_bins, color=BLUE, edgecolor="white", linewidth=0.4
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
    return _picture(
        figure,
        alt,
        "Measured activities of all guides. The dashed line is their mean, about what "
        "the constant predictor predicts.",
    )
