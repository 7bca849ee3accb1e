"""Chosen guides -> one page of HTML that needs no network: regions drawn, picks listed.

The template ``page.html.jinja`` holds all mark-up and style; what comes from a file is
escaped there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._version import __version__

# Of a drawing, in its own units; the page shows one as a pixel, or a little more.
_WIDTH, _MARGIN = 1000, 24
_LANE, _ARROW, _GAP = 11, 8, 3
_AXIS = 34  # the strip between the strands, with the numbers

# More arrows than this are a blur: the best are drawn.
_MOST_DRAWN = 400
_COLOUR_MAP = "viridis"
_LEGEND_STEPS = 24

# Columns of the tables of picks, and their headings.
_SHOWN = (
    ("pick", "Pick"),
    ("rank", "Rank"),
    ("strand", "Strand"),
    ("cut", "Cut"),
    ("spacer", "Spacer"),
    ("pam", "PAM"),
    ("prediction", "Prediction"),
    ("prediction_sd", "Spread"),
    ("lower", "From"),
    ("upper", "To"),
    ("gc", "GC"),
    ("self_complementarity", "Stem"),
    ("occurrences", "In genome"),
    ("terminators", "Terminators"),
    ("unlike_training", "Unlike training"),
)


@dataclass(frozen=True)
class Arrow:
    """A guide in the drawing.

    Attributes
    ----------
    points : str
        Corners of the arrow, in SVG's writing.
    colour : str
        By its prediction.
    pick : int or None
        Number of the pick, shown at `x`, `y`.
    x, y : float
    title : str
        What it is, shown where a pointer rests on it.
    """

    points: str
    colour: str
    pick: int | None
    x: float
    y: float
    title: str


@dataclass(frozen=True)
class Drawing:
    """A region with its guides, drawn on both strands.

    Attributes
    ----------
    width, height : int
    axis : float
        Height of the line that stands for the sequence.
    ticks : list of (float, str)
        Where numbers are on it, and which.
    arrows : list of Arrow
        Picks last, so that nothing covers them.
    n_left_out : int
        Guides that are not drawn, because there are too many.
    """

    width: int
    height: int
    axis: float
    ticks: list[tuple[float, str]]
    arrows: list[Arrow]
    n_left_out: int


def render_design(
    guides: pd.DataFrame,
    *,
    unit: str,
    title: str,
    notes: Sequence[str] = (),
    command: str = "",
) -> str:
    """Lay chosen guides out as a page.

    Parameters
    ----------
    guides : DataFrame
        From `choose_guides`: all guides of the regions, in their order. Those without a
        place are not shown.
    unit : str
        What the predictions are of.
    title : str
        What the guides are for.
    notes : sequence of str, default=()
        What to know of them all.
    command : str, default=""
        What to type to get the page again.

    Returns
    -------
    str
        An HTML document that refers to no other file.
    """
    from jinja2 import Environment, StrictUndefined

    guides = guides[guides["start"].notna()]
    guides = guides.assign(cut=guides["cut_position"].astype("int64") + 1)
    low, high = float(guides["prediction"].min()), float(guides["prediction"].max())
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(
        files("sgrna_estimator.design").joinpath("page.html.jinja").read_text("utf-8")
    )
    columns = [each for each in _SHOWN if each[0] in guides]
    page = template.render(
        title=title,
        unit=unit,
        regions=[
            _region_of(of_region, columns, low, high)
            for _, of_region in guides.groupby(["region", "chromosome"], sort=False)
        ],
        columns=columns,
        legend=_colours(np.linspace(0, 1, _LEGEND_STEPS)),
        low=f"{low:.3g}",
        high=f"{high:.3g}",
        notes=notes,
        command=command,
        version=__version__,
        written=datetime.now().astimezone(),
    )
    # A file name that is not UTF-8 has characters that no file can hold.
    return page.encode("utf-8", "replace").decode("utf-8")


def _region_of(
    guides: pd.DataFrame,
    columns: Sequence[tuple[str, str]],
    low: float,
    high: float,
) -> dict[str, Any]:
    """Return what the template shows of the guides of a region on a chromosome."""
    region, chromosome = (str(guides[c].iloc[0]) for c in ("region", "chromosome"))
    name = region if chromosome in region else f"{region} {chromosome}".strip()
    picks = guides[guides["pick"].notna()].sort_values("pick")
    return {
        "name": name,
        "n_guides": len(guides),
        "drawing": draw_region(guides, low, high),
        "rows": [
            list(map(_cell, row))
            for row in picks[[column for column, _ in columns]].itertuples(index=False)
        ],
        "numeric": [
            pd.api.types.is_numeric_dtype(picks[column].dtype) for column, _ in columns
        ],
    }


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


# Drawing ------------------------------------------------------------------------------


def draw_region(guides: pd.DataFrame, low: float, high: float) -> Drawing:
    """Place the guides of a region: forward above the sequence, reverse below.

    Parameters
    ----------
    guides : DataFrame
        Of one region, by rank.
    low, high : float
        Predictions at the ends of the colours.

    Returns
    -------
    Drawing
    """
    is_pick = guides["pick"].notna()
    drawn = guides[(np.arange(len(guides)) < _MOST_DRAWN) | is_pick]
    drawn = drawn.sort_values("start")
    first, last = int(drawn["start"].min()), int(drawn["end"].max())
    scale = (_WIDTH - 2 * _MARGIN) / max(last - first, 1)
    left = _MARGIN + (drawn["start"].to_numpy() - first) * scale
    right = _MARGIN + (drawn["end"].to_numpy() - first) * scale
    right = np.maximum(right, left + _ARROW)  # still an arrow in a long region
    forward = (drawn["strand"] == "+").to_numpy()
    lanes = np.zeros(len(drawn), dtype=np.int64)
    for strand in (forward, ~forward):
        lanes[strand] = assign_lanes(left[strand], right[strand])
    above = _LANE * (lanes[forward].max(initial=-1) + 1)
    below = _LANE * (lanes[~forward].max(initial=-1) + 1)
    axis = _LANE + above + _AXIS / 2
    middle = np.where(
        forward,
        axis - _AXIS / 2 - _LANE * (lanes + 0.5),
        axis + _AXIS / 2 + _LANE * (lanes + 0.5),
    )
    span = (high - low) or 1.0
    colours = _colours((drawn["prediction"].to_numpy() - low) / span)
    arrows = [
        Arrow(
            points=_corners(*place),
            colour=colour,
            pick=None if pd.isna(guide.pick) else int(guide.pick),
            x=round((place[0] + place[1]) / 2, 1),
            y=round(place[2], 1),
            title=f"{guide.spacer} {guide.pam}, {guide.strand}, rank {guide.rank}, "
            f"{guide.prediction:.3g}" + (f". {guide.notes}" if guide.notes else ""),
        )
        for guide, colour, *place in zip(
            drawn.itertuples(index=False),
            colours,
            *(left, right, middle, forward),
            strict=True,
        )
    ]
    return Drawing(
        width=_WIDTH,
        height=round(axis + _AXIS / 2 + below + _LANE),
        axis=axis,
        ticks=_ticks(first, last, scale),
        arrows=sorted(arrows, key=lambda arrow: arrow.pick is not None),
        n_left_out=len(guides) - len(drawn),
    )


def assign_lanes(left: Floats, right: Floats) -> Ints:
    """Put intervals into as few lanes as keep them apart.

    Parameters
    ----------
    left, right : ndarray of shape (n_intervals,)
        Where each begins and ends, by `left`.

    Returns
    -------
    ndarray of shape (n_intervals,), int64
        The lane of each, from 0: the first that is free.
    """
    ends: list[float] = []
    lanes = np.empty(len(left), dtype=np.int64)
    for number, (begin, end) in enumerate(zip(left, right, strict=True)):
        lane = next((n for n, free in enumerate(ends) if free <= begin), len(ends))
        ends[lane : lane + 1] = [end + _GAP]
        lanes[number] = lane
    return lanes


def _corners(left: float, right: float, middle: float, forward: bool) -> str:
    """Return the corners of an arrow that points to the 3' end."""
    half, head = _ARROW / 2, min(_ARROW / 2, (right - left) / 2)
    tail, point, neck = (left, right, right - head)
    if not forward:
        tail, point, neck = (right, left, left + head)
    corners = [
        (tail, middle - half),
        (neck, middle - half),
        (point, middle),
        (neck, middle + half),
        (tail, middle + half),
    ]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _colours(shares: Floats) -> list[str]:
    """Return colours from the low to the high end, of shares from 0 to 1."""
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    return [to_hex(rgb) for rgb in mpl.colormaps[_COLOUR_MAP](np.asarray(shares))]


def _ticks(first: int, last: int, scale: float) -> list[tuple[float, str]]:
    """Return round numbers along the sequence, counted from 1, and where they are."""
    from matplotlib.ticker import MaxNLocator

    numbers = MaxNLocator(nbins=6, integer=True).tick_values(first + 1, last)
    return [
        (round(_MARGIN + (number - 0.5 - first) * scale, 1), f"{number:,.0f}")
        for number in numbers
        if first + 1 <= number <= last
    ]
