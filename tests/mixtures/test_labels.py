"""Labels and negative controls."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sgrna_estimator.mixtures.labels import (
    check_controls,
    learn_labels,
    null_of_controls,
    nulls_of_screens,
)


def test_controls_are_a_mask():
    assert_array_equal(check_controls(None, 2), [False, False])
    assert_array_equal(check_controls([1, 0], 2), [True, False])
    with pytest.raises(ValueError, match="expected 3, got 2"):
        check_controls([True, False], 3)
    with pytest.raises(ValueError, match=r"but it is nan in row 2"):
        check_controls([1, np.nan], 2)
    with pytest.raises(ValueError, match=r"but it is 'yes' in rows 1, 2"):
        check_controls(["yes", "no"], 2)


def test_null_of_weighted_controls():
    values, weight = np.array([0.0, 1.0, 5.0, 9.0]), np.array([1.0, 2.0, 1.0, 0.0])
    mean, scale, tail = null_of_controls(values, weight, "normal")
    assert tail == 0
    repeated = [0.0, 1.0, 1.0, 5.0]
    assert mean == pytest.approx(np.mean(repeated))
    assert scale == pytest.approx(np.std(repeated, ddof=1))
    with pytest.raises(ValueError, match=r"of screen A must .* have only \[2.0\]"):
        null_of_controls(np.array([2.0, 2.0]), np.ones(2), "t", " of screen A")


def test_labels():
    labels, codes = learn_labels(["b", "a", "b"], 3, "groups")
    assert_array_equal(labels.values[codes], ["b", "a", "b"])
    assert_array_equal(labels.find(["c", "a"], 2, "groups"), [-1, 0])
    assert_array_equal(labels.find(None, 2, "groups"), [-1, -1])


def test_labels_that_controls_lack():
    ignored = np.array([False, True, False])
    labels, codes = learn_labels(["b", None, "a"], 3, "groups", ignored)
    assert_array_equal(labels.values, ["a", "b"])
    assert_array_equal(codes[~ignored], [1, 0])
    with pytest.raises(ValueError, match="groups is missing in row 3"):
        learn_labels(["b", None, None], 3, "groups", ignored)
    with pytest.raises(ValueError, match="expected 3, got 2"):
        learn_labels(["b", "a"], 3, "groups", ignored)


def test_no_labels():
    labels, codes = learn_labels(None, 2, "groups")
    assert_array_equal(codes, [0, 0])
    assert_array_equal(labels.find(None, 3, "groups"), [0, 0, 0])
    with pytest.raises(ValueError, match="fitted without groups"):
        labels.find(["a"], 1, "groups")


def test_each_screen_has_the_null_of_its_controls():
    screen = learn_labels(["X", "Y", "X", "Y", "X"], 5, "screens")
    values, is_control = np.array([1.0, 7, 3, 8, 99]), np.array([1, 0, 1, 0, 0]) > 0
    mean, scale, tail = nulls_of_screens(
        values, np.ones(5), screen, is_control, "normal"
    )
    assert_array_equal(tail, [0, 0])
    assert_array_equal(mean, [2, np.nan])
    assert_array_equal(scale, [np.sqrt(2), np.nan])
    with pytest.raises(ValueError, match=r"controls of screen Y must .* only \[7.0\]"):
        nulls_of_screens(values, np.ones(5), screen, np.arange(5) < 3, "t")


def test_messages_name_labels_that_were_given():
    named, _ = learn_labels(["a", "b"], 2, "screens")
    assert named.describe(1, "screen") == " of screen b"
    assert learn_labels(None, 2, "screens")[0].describe(0, "screen") == ""
