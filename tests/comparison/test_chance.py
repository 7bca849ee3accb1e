"""Scores by chance: what p value they give, and what would be missed."""

from dataclasses import replace

import numpy as np
import pytest

from sgrna_estimator.comparison.chance import PermutationTest


def test_p_value_and_smallest_correlation_shown():
    null = np.arange(-10, 9) / 100  # 19 values up to 0.08
    for score, p_value, shows in ((0.081, 0.05, True), (0.08, 0.1, False)):
        found = PermutationTest("spearman", ["a"], score, null)
        assert found.p_value == pytest.approx(p_value)
        assert found.shows_signal == shows
    assert found.smallest_shown == pytest.approx(0.08)
    many = PermutationTest("spearman", ["a"], 0.0, np.arange(199.0))
    assert many.smallest_shown == 189  # ten scores of two hundred are above
    # the second of 38 is above in no more than 2 of 40
    fewer = PermutationTest("spearman", ["a"], 0.0, np.arange(38.0))
    assert fewer.smallest_shown == 37
    assert replace(fewer, null=np.arange(39.0)).smallest_shown == 37
    at = replace(many, score=many.smallest_shown + 0.5)
    assert at.p_value == pytest.approx(0.05)
