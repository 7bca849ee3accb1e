"""What must hold of every picture: its text can be read."""

from itertools import combinations
from unittest.mock import patch

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

# Extents have air around the ink: texts may touch by this much, in pixels.
SLACK = 1.0


def drawn_texts(figure):
    """Draw a figure; return its visible texts with what they take, in pixels."""
    drawn = {}
    draw = Text.draw

    def record(text, renderer, *args, **kwargs):
        if text.get_visible() and text.get_text().strip():
            drawn[text] = None
        return draw(text, renderer, *args, **kwargs)

    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # the first time lays the axes out
    with patch.object(Text, "draw", record):
        canvas.draw()
    return [(text, text.get_window_extent()) for text in drawn]


def text_problems(figure):
    """Return a sentence for each text outside the figure and each overlap of two."""
    texts = drawn_texts(figure)
    width, height = figure.canvas.get_width_height()
    problems = [
        f"{text.get_text()!r} is outside the figure: {box}"
        for text, box in texts
        if box.x0 < -SLACK
        or box.y0 < -SLACK
        or box.x1 > width + SLACK
        or box.y1 > height + SLACK
    ]
    for (text, box), (other, its_box) in combinations(texts, 2):
        across = min(box.x1, its_box.x1) - max(box.x0, its_box.x0)
        along = min(box.y1, its_box.y1) - max(box.y0, its_box.y0)
        if across > SLACK and along > SLACK:
            problems.append(f"{text.get_text()!r} overlaps {other.get_text()!r}")
    return problems


def check_texts(figure):
    """Assert that no text is outside the figure or overlaps another."""
    problems = text_problems(figure)
    assert not problems, "\n".join(problems)
