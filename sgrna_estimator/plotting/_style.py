"""Colours and axes that all displays share."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import Container
    from matplotlib.legend import Legend

# Colours that people with any common colour blindness can tell apart (Okabe & Ito 2008).
BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
ORANGE = "#E69F00"
GREY = "#767676"  # 4.5 : 1 on white
LETTER_COLOURS = {"A": GREEN, "C": BLUE, "G": ORANGE, "T": VERMILION}

# Red and blue around white; both ends stay apart for colour-blind readers.
DIVERGING = "RdBu_r"

NARROW = 4.5  # inches; a column of a page, where letters are smaller


def make_axes(ax: "Axes | None", width: float, height: float) -> "Axes":
    """Return the axes to draw on, of a new figure if there are none yet.

    Parameters
    ----------
    ax : matplotlib Axes or None
        The caller's.
    width, height : float
        Size of a new figure, in inches.

    Returns
    -------
    matplotlib Axes
    """
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def unbox(ax: "Axes", *, grid: Literal["x", "y", "both"] | None = None) -> None:
    """Take away the box around a plot, and put a light grid behind it.

    Parameters
    ----------
    ax : matplotlib Axes
        Drawn on already.
    grid : {"x", "y", "both"} or None, default=None
        Which grid lines there are.
    """
    ax.spines[["top", "right"]].set_visible(False)
    if grid is not None:
        ax.grid(axis=grid, color="0.9", linewidth=0.8)
        ax.set_axisbelow(True)


def room(ax: "Axes") -> float:
    """Return about how wide axes are with their labels, in inches.

    Parameters
    ----------
    ax : matplotlib Axes
        Not yet laid out: labels and ticks will take their share of this width.

    Returns
    -------
    float
    """
    share = 0.775  # of a figure's width, that axes have before they are laid out
    return ax.get_window_extent().width / ax.figure.dpi / share


def tall(ax: "Axes") -> float:
    """Return about how tall axes are with their labels, in inches.

    Parameters
    ----------
    ax : matplotlib Axes
        Not yet laid out.

    Returns
    -------
    float
    """
    share = 0.77  # of a figure's height, likewise
    return ax.get_window_extent().height / ax.figure.dpi / share


def wrap(text: str, width: float, size: float = 10.0) -> str:
    """Break text into lines of about equal length, at spaces, hyphens and underscores.

    Parameters
    ----------
    text : str
        A label.
    width : float
        Of the lines at most, in inches.
    size : float, default=10.0
        Of the letters, in points.

    Returns
    -------
    str
        With as few lines as there can be.
    """
    most = max(8, int(width * 72 / (0.57 * size)))  # a letter is 0.57 of its size wide
    text = text.replace("_", "_ ")
    n_lines = len(textwrap.wrap(text, most))
    longest_word = max(map(len, text.split()), default=1)
    lengths = range(min(longest_word, most), most + 1)
    fits = (textwrap.wrap(text, length) for length in lengths)
    lines = next(lines for lines in fits if len(lines) <= n_lines)
    return "\n".join(lines).replace("_ ", "_")


def legend_above(
    ax: "Axes", handles: "Sequence[Artist | Container]", *, title: str | None = None
) -> "Legend":
    """Explain the artists above the axes, where there are no data.

    Parameters
    ----------
    ax : matplotlib Axes
        Drawn on already.
    handles : sequence of matplotlib artists
        With labels.
    title : str or None, default=None
        Over the legend.

    Returns
    -------
    matplotlib Legend
        Flush with the axes' right end, so that it may reach over their tick labels. It
        has as few rows as fit.
    """
    width = 0.9 * room(ax)
    title_size = 10 if room(ax) > NARROW else 8
    if title is not None:
        lines = title.splitlines()
        title = "\n".join(wrap(line, width, title_size) for line in lines)
    for n_rows in range(1, max(len(handles), 1) + 1):
        legend = ax.legend(
            handles=handles,
            title=title,
            alignment="right",
            loc="lower right",
            bbox_to_anchor=(1, 1),
            ncols=max(1, -(-len(handles) // n_rows)),
            frameon=False,
            fontsize="small",
            title_fontsize=title_size,
            borderaxespad=0.2,
            columnspacing=1.2,
        )
        legend.get_title().set_multialignment("right")
        if legend.get_window_extent().width <= width * ax.figure.dpi:
            break
    return legend
