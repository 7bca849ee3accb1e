"""Content -> one page of HTML that explains itself and needs no network.

The template ``report.html.jinja`` holds all mark-up and style; what comes from a table
is escaped there.
"""

import html
import sys
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any

_PACKAGES = ("scikit-learn", "numpy", "numba", "pandas")

# Links inside a page lead out of a frame without this.
_BASE = '<base href="about:srcdoc">'


def render_page(**content: Any) -> str:
    """Lay the content of a report out.

    Parameters
    ----------
    **content
        What the template names.

    Returns
    -------
    str
        An HTML document that refers to no other file.
    """
    from jinja2 import Environment, StrictUndefined

    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(
        files("sgrna_estimator.report").joinpath("report.html.jinja").read_text("utf-8")
    )
    page = template.render(
        **content, versions=_versions(), written=datetime.now().astimezone()
    )
    # A file name that is not UTF-8 has characters that no file can hold.
    return page.encode("utf-8", "replace").decode("utf-8")


def framed(page: str) -> str:
    """Put a page into a frame, so that its styles stay inside a notebook's cell.

    Parameters
    ----------
    page : str
        From `render_page`.

    Returns
    -------
    str
        An ``iframe`` that holds the page.
    """
    inner = html.escape(page.replace("<head>", f"<head>\n{_BASE}", 1))
    return (
        '<iframe title="Comparison of models" '
        'style="width: 100%; height: 45rem; border: 0" '
        f'srcdoc="{inner}"></iframe>'
    )


def _versions() -> dict[str, str]:
    from sgrna_estimator._version import __version__

    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "python": python,
        "sgrna_estimator": __version__,
        **{package: version(package) for package in _PACKAGES},
    }
