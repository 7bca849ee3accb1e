"""Labels of the classifier: two classes of any kind, none missing."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.network.networks import classifier


def test_classes_are_two(screen, labels):
    with pytest.raises(ValueError, match="Only binary classification"):
        classifier().fit(screen.X, np.arange(len(labels)) % 3)
    with pytest.raises(ValueError, match=r"1 class: .*'dead'"):
        classifier().fit(screen.X, ["dead"] * len(labels))


MISSING_LABELS = {
    "None": ["active", "dead", None, "dead"],
    "nan": [0.0, 1.0, np.nan, 1.0],
    "NA": pd.Series(["active", "dead", pd.NA, "dead"], dtype="string"),
    "nullable": pd.Series([True, False, None, True], dtype="boolean"),
    "category": pd.Series(["active", "dead", None, "dead"], dtype="category"),
    "infinite": [0.0, 1.0, np.inf, 1.0],
}


@pytest.mark.parametrize("kind", MISSING_LABELS)
def test_missing_labels_are_named(kind):
    with pytest.raises(ValueError, match=r"y .*row 3$"):
        classifier().fit(np.eye(4), MISSING_LABELS[kind])


@pytest.mark.parametrize(
    "classes", [("active", "inactive"), (-1, 1), (2.0, 5.0), (False, True)]
)
def test_labels_of_any_kind(screen, labels, classes):
    y = np.array(classes)[labels.astype(int)]
    network = classifier(max_iter=20).fit(screen.X, y)
    expected = classifier(max_iter=20).fit(screen.X, labels)
    assert network.classes_.tolist() == list(classes)
    probabilities = network.predict_proba(screen.X)
    assert_array_equal(probabilities, expected.predict_proba(screen.X))
    assert_allclose(probabilities.sum(axis=1), 1)
    assert_array_equal(
        network.predict(screen.X), np.array(classes)[(probabilities[:, 1] > 0.5) * 1]
    )
    assert network.score(screen.X, y) > 0.7


def test_classes_of_partial_fit(screen, labels):
    y = np.where(labels, "active", "dead")
    with pytest.raises(ValueError, match="classes must be given in the first call"):
        classifier().partial_fit(screen.X, y)
    with pytest.raises(ValueError, match="3 classes"):
        classifier().partial_fit(screen.X, y, classes=["active", "dead", "other"])
    network = classifier()
    only_dead = y == "dead"
    network.partial_fit(screen.X[only_dead], y[only_dead], classes=["active", "dead"])
    for _ in range(30):
        network.partial_fit(screen.X, y)
    assert network.score(screen.X, y) > 0.7
    with pytest.raises(ValueError, match=r"'dead'\], in rows 1, 3$"):
        network.partial_fit(screen.X[:3], ["unknown", "dead", "other"])
    with pytest.raises(ValueError, match="classes"):
        network.partial_fit(screen.X, y, classes=["alive", "dead"])
