"""Where scikit-learn's diagrams of our estimators link to."""

from functools import cache
from importlib import metadata


@cache
def _address() -> str:
    """Return where the metadata of the package say that its pages are, or nothing."""
    try:
        links = metadata.metadata("sgrna-estimator").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:  # in a checkout that is not installed
        return ""
    addresses = dict(link.split(", ", 1) for link in links)
    return addresses.get("Documentation", "").rstrip("/")


class DocumentationLinkMixin:
    """An estimator whose box in a diagram links to its page, if the pages are anywhere.

    The address is that of "Documentation" in ``[project.urls]`` of ``pyproject.toml``.
    """

    _doc_link_module = "sgrna_estimator"

    @property
    def _doc_link_template(self) -> str:
        page = "api/generated/sgrna_estimator.{estimator_name}.html"
        return f"{_address()}/{page}" if _address() else ""
