"""A figure drawn into the page, with its texts."""

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# Figures are drawn narrow and shown larger, so that their letters can still be read
# where a telephone shows them smaller.
_PIXELS_PER_INCH = 120
NARROW = 5.0  # inches
WIDE = 6.5

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


def draw(figure: "Figure", alt: str, caption: str) -> Picture:
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


def new_figure(width: float, height: float) -> "Figure":
    """Return a figure that belongs to no window and no global list of figures."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
