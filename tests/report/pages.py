"""What tests of reports share."""

import dataclasses
from html.parser import HTMLParser

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)

HOSTILE = "<script>alert(1)</script>"


HEADINGS = [
    "What was found",
    "Comparison",
    "The best of a gene",
    "Observed and predicted",
    "The data",
    "Base effects",
    "Loss curves",
    "Warnings",
    "To run it again",
]


def additive():
    return make_pipeline(SequenceOneHotTransformer(), Ridge(30))


def network():
    return PositionwiseReLURegressor(max_iter=5, random_state=0)


class Page(HTMLParser):
    """The elements of a page and the text in each."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self._open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "attributes": dict(attributes), "text": ""}
        self.elements.append(element)
        if tag not in ("meta", "link", "img"):
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def all(self, *tags):
        return [element for element in self.elements if element["tag"] in tags]

    def texts(self, *tags):
        return [" ".join(element["text"].split()) for element in self.all(*tags)]

    def rows(self):
        """Return the cells of the table rows, by the text of their first cell."""
        cells = []
        for element in self.elements:
            if element["tag"] == "tr":
                cells.append([])
            elif element["tag"] in ("th", "td"):
                cells[-1].append(" ".join(element["text"].split()))
        return {row[0]: row[1:] for row in cells}


def scores_of(values, constant_values):
    """Return a result with these errors on its splits, which are all that counts."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.normal(size=60)
    result = compare_estimators(
        {"model": Ridge()}, X, y, cv=len(values), repeats=1, random_state=0
    )
    scores = result.scores_.copy()
    of_error = scores["metric"] == "mse"
    scores.loc[of_error & (scores["estimator"] == "model"), "value"] = values
    scores.loc[of_error & (scores["estimator"] == "constant"), "value"] = (
        constant_values
    )
    return dataclasses.replace(result, scores_=scores)
