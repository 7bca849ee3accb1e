"""Effects along a guide's context: cells, numbers, and where spacer and PAM are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator.inspection.effects import InteractionEffects, LetterEffects
from sgrna_estimator.plotting.style import DIVERGING, GREY, ink, points, tall, wrap
from sgrna_estimator.sequences.layout import GuideLayout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.colorbar import Colorbar


UNKNOWN = "0.8"  # darker than the middle of a diverging map
_UNKNOWN_NOTE = "grey: did not vary in training"
_LETTER_WIDTH = 0.7  # of the font size, of digits and signs, with some air
_LINE_HEIGHT = 1.5  # of the font size
_FEW = 12  # positions that are all numbered if there is room
_LEAST_APART = 3  # positions: 25 and 26 both numbered look like a slip


def draw_cells(
    ax: "Axes",
    values: NDArray[np.float64],
    rows: Sequence[str],
    label: str,
    options: dict[str, Any],
) -> "tuple[QuadMesh, Colorbar | None]":
    """Draw effects as a heatmap whose middle colour is zero.

    Where one position outdoes all others, such as a letter of the PAM, the scale ends
    below it, so that the others keep their colours, and the colour bar ends in arrows.

    Parameters
    ----------
    ax : matplotlib Axes
    values : ndarray of shape (n_rows, n_columns)
        nan is grey.
    rows : sequence of str
        Names of the rows.
    label : str
        Of the colour bar.
    options : dict
        Passed to :func:`seaborn.heatmap`, and stronger than what is set here.

    Returns
    -------
    QuadMesh
        The cells.
    Colorbar or None
        Its scale, unless the options say that there is none.
    """
    import seaborn as sns

    limit, is_cut = colour_limit(values)
    settings = {
        "cmap": DIVERGING,
        "vmin": -limit,
        "vmax": limit,
        "cbar_kws": {
            "label": wrap(label, tall(ax)),
            "pad": 0.02,
            "aspect": 14,
            "extend": "both" if is_cut else "neither",
        },
        "xticklabels": False,
        "yticklabels": list(rows),
    }
    ax.set_facecolor(UNKNOWN)
    ax.grid(False)
    sns.heatmap(values, ax=ax, **(settings | options))
    ax.tick_params(axis="y", length=0, labelrotation=0)
    cells = cast("QuadMesh", ax.collections[-1])
    return cells, cells.colorbar


def colour_limit(values: NDArray[np.float64]) -> tuple[float, bool]:
    """Return where a colour scale around zero ends, and whether effects lie beyond.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
        Effects; nan where they are not known.

    Returns
    -------
    limit : float
        The largest magnitude, but at most twice the 90th percentile of the largest
        magnitudes of the columns. 1 if all effects are 0 or unknown.
    is_cut : bool
        Whether any effect lies beyond.
    """
    peaks = np.nanmax(np.abs(values), axis=0, initial=0)
    largest = float(peaks.max(initial=0))
    usual = 2 * float(np.percentile(peaks[peaks > 0], 90)) if largest else 0.0
    limit = min(largest, usual) or 1.0
    return limit, largest > limit


def tick_places(names: Sequence[int | str], apart: int) -> list[int]:
    """Return which positions get a number: the ends, 1, and multiples of 5.

    Parameters
    ----------
    names : sequence of int or str
        Names of the positions. Those that are not numbers are counted instead.
    apart : int
        How many positions two numbers must at least be apart, so as not to overlap.

    Returns
    -------
    list of int
        Ascending places, from 0.
    """
    n = len(names)
    numbers = [name if isinstance(name, int) else i + 1 for i, name in enumerate(names)]
    step = next(step for step in (5, 10, 20, 50, n + 1) if step >= min(apart, n + 1))
    wanted = [0, n - 1, *(i for i in range(n) if numbers[i] == 1)]
    wanted += [i for i in range(n) if numbers[i] % step == 0]
    chosen: list[int] = []
    for place in wanted:
        if all(abs(place - other) >= apart for other in chosen):
            chosen.append(place)
    return sorted(chosen)


def unit_of(unit: str, target_name: str | None) -> str:
    """Return the unit of effects, with the target's own name if it has one.

    Parameters
    ----------
    unit : str
        As in :class:`LetterEffects`.
    target_name : str or None
        In place of "activity".

    Returns
    -------
    str
    """
    return unit if target_name is None else unit.replace("activity", target_name)


def draw_position_axis(
    ax: "Axes",
    effects: LetterEffects | InteractionEffects,
    what: str,
    labels: Sequence[str],
    *,
    start: float,
    distance: int = 0,
    title: str | None,
) -> None:
    """Say which positions the columns are, below them, and what they are, above.

    Parameters
    ----------
    ax : matplotlib Axes
        Drawn on already, in columns that are one unit wide.
    effects : LetterEffects or InteractionEffects
        What was drawn.
    what : str
        What a column stands for: "position".
    labels : sequence of str
        Numbers of the columns.
    start : float
        Where the first column starts.
    distance : int, default=0
        Where a column stands for two positions, how far the second is from the first.
    title : str or None
        Above all.
    """
    names = effects.position_names[: len(labels)]
    _number_positions(ax, names, labels, first=start + 0.5)
    height = 0.0
    if effects.layout is not None:
        origin = "spacer" if effects.numbering == "spacer" else "PAM"
        what = f"{what} (1: first of the {origin})"
        height = _mark_layout(ax, effects.layout, start=start, distance=distance)
    unknown = bool(np.isnan(effects.values).any())
    ax.set_xlabel(f"{what}\n{_UNKNOWN_NOTE}" if unknown else what)
    if title is not None:
        ax.set_title(title, fontsize="medium", pad=height + 6)


def _number_positions(
    ax: "Axes", names: Sequence[int | str], labels: Sequence[str], *, first: float
) -> None:
    """Put numbers under columns that are one unit wide, as many as there is room for.

    Parameters
    ----------
    ax : matplotlib Axes
        Drawn on already.
    names : sequence of int or str
        Names of the positions, which say which of them get a number.
    labels : sequence of str
        What is written for each.
    first : float
        Where the middle of the first column is.
    """
    size = points("small")
    column = 72 * ax.get_window_extent().width / ax.figure.dpi / len(names)
    longest = max(map(len, labels)) * _LETTER_WIDTH * size
    apart = int(-(-longest // column))
    if apart == 1 and len(names) <= _FEW:
        places = list(range(len(names)))
    else:
        places = tick_places(names, max(_LEAST_APART, apart))
    ax.set_xticks(
        [first + place for place in places],
        [labels[place].replace("-", "\N{MINUS SIGN}") for place in places],
        rotation=0,
        fontsize="small",
    )


def _mark_layout(
    ax: "Axes", layout: GuideLayout, *, start: float, distance: int
) -> float:
    """Mark spacer, seed and PAM by brackets above the axes.

    Parameters
    ----------
    ax : matplotlib Axes
        Its columns are one unit wide.
    layout : GuideLayout
    start : float
        Where the first column starts.
    distance : int
        Where a column stands for two positions, how far the second is from the first:
        a region has the columns both of whose positions are in it.

    Returns
    -------
    float
        How high above the axes the marks reach, in points.
    """
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    line = _LINE_HEIGHT * points("small")
    regions = [("seed", layout.seed, 0), ("PAM", layout.pam, 0)]
    regions.append(("spacer", layout.spacer, 1))
    for name, region, row in regions:
        first, last = start + region.start, start + region.stop - distance
        if last <= first:
            continue
        above = 4 + row * line
        here = blended_transform_factory(
            ax.transData, ax.transAxes
        ) + ScaledTranslation(0, above / 72, ax.figure.dpi_scale_trans)
        inset = 0.12
        ax.add_artist(
            Line2D(
                [first + inset, last - inset],
                [1, 1],
                transform=here,
                color=ink() if name != "seed" else GREY,
                linewidth=1.5,
                solid_capstyle="butt",
                clip_on=False,
            )
        )
        ax.text(
            (first + last) / 2,
            1,
            name,
            transform=here + ScaledTranslation(0, 1.5 / 72, ax.figure.dpi_scale_trans),
            ha="center",
            va="bottom",
            fontsize="small",
            clip_on=False,
        )
    return 4 + 2 * line
