"""Axes to draw on, effects to draw, and what was drawn."""

import numpy as np
from matplotlib import pyplot as plt

from sgrna_estimator.inspection.effects import InteractionEffects, LetterEffects
from sgrna_estimator.sequences.layout import GuideLayout
from tests.plot_checks import drawn_texts

WIDTHS = [6.4, 3.3]
LAYOUTS = ["4+20+3+3", "10+20+3+10", "4+PAM4+23+3", "0+20+0+0"]


def new_axes(width, height=3.2):
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def legend_labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def make_effects(layout, numbering="spacer", unit="activity"):
    layout = GuideLayout.parse(layout)
    values = np.random.default_rng(0).normal(size=(layout.length, 4))
    values[layout.pam.start + 1 : layout.pam.stop] = np.nan
    return LetterEffects(
        values,
        "ACGT",
        layout.position_names(numbering),
        "base effect",
        unit,
        layout,
        numbering,
    )


def make_interactions(layout, distance):
    layout = GuideLayout.parse(layout)
    shape = (layout.length - distance, 4, 4)
    values = np.random.default_rng(0).normal(size=shape)
    values[layout.pam.start : layout.pam.stop] = np.nan
    names = layout.position_names()
    return InteractionEffects(values, "ACGT", names, distance, "activity", layout)


def texts_of(display):
    return [text.get_text() for text, _ in drawn_texts(display.figure_)]


def tick_texts(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]
