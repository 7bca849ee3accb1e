"""What covariates bring: the same model with and without them, split by split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.scores import (
    MetricScores,
    scores_by_metric,
    summarise,
)
from sgrna_estimator.comparison.verdict import listed
from sgrna_estimator.metrics.reported import find_metric

if TYPE_CHECKING:
    from sgrna_estimator.comparison.result import ComparisonResult

_NUMBERS = ["mean", "difference", "difference_lower", "difference_upper", "p_value"]


@dataclass(frozen=True)
class CovariateGain:
    """The score of a model with covariates less its score without.

    Attributes
    ----------
    estimator : str
        Name of the model.
    covariates : sequence of str
        Their names.
    metric : str
        The primary metric of the comparison.
    with_covariates, without : float
        Means over splits.
    difference, lower, upper : float
        Mean over splits of the paired difference, and its corrected 95 % interval.
    p_value : float
        Corrected t test that this difference is 0.
    """

    estimator: str
    covariates: Sequence[str]
    metric: str
    with_covariates: float
    without: float
    difference: float
    lower: float
    upper: float
    p_value: float

    def describe(self) -> str:
        """Return a sentence.

        Returns
        -------
        str
        """
        label = find_metric(self.metric).label
        several = len(self.covariates) > 1
        told = (
            f"With the covariate{'s' if several else ''} {listed(self.covariates)}, the "
            f"{label[0].lower() if label.startswith('Mean') else label[0]}{label[1:]} of "
            f"{self.estimator} is {self.with_covariates:.3f}, without "
            f"{'them' if several else 'it'} {self.without:.3f}: a difference of "
            f"{self.difference:.3f}, 95 % interval {self.lower:.3f} to {self.upper:.3f}, "
        )
        if not self.p_value < SIGNIFICANCE:
            return f"{told}which is within noise."
        return f"{told}which is {'a gain' if self.difference > 0 else 'a loss'}."


def find_covariate_gain(
    result: "ComparisonResult",
    without: "ComparisonResult",
    estimator: str,
    covariates: Sequence[str],
) -> CovariateGain:
    """Compare a model with covariates to the same without, on the same splits.

    Parameters
    ----------
    result, without : ComparisonResult
        Of comparisons with and without the covariates, both with this model, of the same
        guides and on the same splits.
    estimator : str
        Name of the model.
    covariates : sequence of str
        What they are called.

    Returns
    -------
    CovariateGain
        By the primary metric. A model that does not rank the guides of a split, because it
        predicts the same for all, counts as 0 there; ``nan`` if it ranks those of none.

    Raises
    ------
    ValueError
        If the splits differ.
    """
    same = len(result.splits_) == len(without.splits_) and all(
        np.array_equal(a, b)
        for pair in zip(result.splits_, without.splits_, strict=True)
        for a, b in zip(*pair, strict=True)
    )
    if not same:
        raise ValueError("with and without covariates there must be the same splits")
    metric = result.primary
    rows = [_scores_of(each, estimator, metric) for each in (result, without)]
    names = ["with", "without"]
    paired = rows[0]._replace(
        estimators=names, values=np.stack([each.values[0] for each in rows])
    )
    table = summarise(paired, "without").set_index("estimator")
    gain = {name: float(table[name]["with"]) for name in _NUMBERS}
    return CovariateGain(
        estimator=estimator,
        covariates=list(covariates),
        metric=metric,
        with_covariates=gain["mean"],
        without=float(table["mean"]["without"]),
        difference=gain["difference"],
        lower=gain["difference_lower"],
        upper=gain["difference_upper"],
        p_value=gain["p_value"],
    )


def _scores_of(result: "ComparisonResult", estimator: str, metric: str) -> MetricScores:
    """Return the scores of one estimator by one metric."""
    scores = result.scores_[result.scores_["estimator"] == estimator]
    splits = {metric: result.splits_with_metric_[metric]}
    return scores_by_metric(scores, result.splits_, splits)[metric]
