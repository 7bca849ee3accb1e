"""Diagrams link to pages that there are."""

from email.message import Message
from importlib import metadata
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator, MetaEstimatorMixin

import sgrna_estimator
from sgrna_estimator import _documentation

ESTIMATORS = [
    each
    for each in (getattr(sgrna_estimator, name) for name in sgrna_estimator.__all__)
    if isinstance(each, type) and issubclass(each, BaseEstimator)
]


@pytest.fixture
def links(monkeypatch):
    """The links of the installed package, for a test to fill."""
    links = Message()
    monkeypatch.setattr(metadata, "metadata", lambda name: links)
    _documentation._address.cache_clear()
    yield links
    _documentation._address.cache_clear()


def an_instance(kind):
    return kind(BaseEstimator()) if issubclass(kind, MetaEstimatorMixin) else kind()


@pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)
def test_every_estimator_links_to_its_page(links, kind):
    links["Project-URL"] = "Source, https://example.org/code"
    links["Project-URL"] = "Documentation, https://example.org/pages/"
    page = f"api/generated/sgrna_estimator.{kind.__name__}.html"
    assert an_instance(kind)._get_doc_link() == f"https://example.org/pages/{page}"
    assert f'href="https://example.org/pages/{page}"' in an_instance(kind)._repr_html_()


def test_the_reference_makes_these_pages():
    reference = (Path(__file__).parents[1] / "docs" / "api.rst").read_text().split()
    assert {kind.__name__ for kind in ESTIMATORS} <= set(reference)
    assert "api/generated" in reference
    assert len(ESTIMATORS) == 9


def test_without_an_address_there_is_no_link(links, monkeypatch):
    network = sgrna_estimator.PositionwiseReLURegressor()
    assert network._get_doc_link() == ""

    def not_installed(name):
        raise metadata.PackageNotFoundError(name)

    _documentation._address.cache_clear()
    monkeypatch.setattr(metadata, "metadata", not_installed)
    assert network._get_doc_link() == ""
    assert "href" not in network._repr_html_()
