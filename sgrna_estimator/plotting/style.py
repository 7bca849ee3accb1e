"""Colours and axes that all displays share."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import Container
    from matplotlib.figure import Figure
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
_USUAL_SIZE = 10  # of letters in points, in matplotlib's default settings


def make_axes(ax: "Axes | None", width: float, height: float) -> "Axes":
    """Return the axes to draw on, of a new figure if there are none yet.

    Parameters
    ----------
    ax : matplotlib Axes or None
        The caller's.
    width, height : float
        Size of a new figure, in inches. It is higher if matplotlib's settings ask for
        large letters.

    Returns
    -------
    matplotlib Axes
    """
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    height *= max(1.0, points("medium") / _USUAL_SIZE)
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def figure_of(ax: "Axes") -> "Figure":
    """Return the whole figure that axes are in, also if they are in a part of it.

    Parameters
    ----------
    ax : matplotlib Axes

    Returns
    -------
    matplotlib Figure
    """
    return cast("Figure", ax.get_figure(root=True))


def ink() -> str:
    """Return the colour of text: one that stands out in a dark style, too.

    Returns
    -------
    str
    """
    from matplotlib import rcParams

    return rcParams["text.color"]


def points(size: str | float) -> float:
    """Return a font size in points.

    Parameters
    ----------
    size : str or float
        Such as "small", which is relative to the size in matplotlib's settings.

    Returns
    -------
    float
    """
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=size).get_size_in_points()


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
        ax.grid(axis=grid, color="0.5", alpha=0.2, linewidth=0.8)
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


def wrap(text: str, width: float, size: str | float = "medium") -> str:
    """Break text into lines of about equal length, at spaces, hyphens and underscores.

    Parameters
    ----------
    text : str
        A label.
    width : float
        Of the lines at most, in inches.
    size : str or float, default="medium"
        Of the letters.

    Returns
    -------
    str
        With as few lines as there can be.
    """
    letter = (
        0.57 * points(size) / 72
    )  # inches; about this share of its size is its width
    most = max(8, int(width / letter))
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
    title_size = "medium" if room(ax) > NARROW else "small"
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
