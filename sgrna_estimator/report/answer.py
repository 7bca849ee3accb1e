"""The card that a report begins with: its answer and its facts."""

import math

from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.metrics.reported import CORRELATION_DECIMALS, find_metric
from sgrna_estimator.report.wording import interval, number


def answer_rows(result: ComparisonResult) -> list[tuple[str, str]]:
    """Return which model to use, how good it is, and what that brings.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    list of (str, str)
        Labels and values: the model (where none is recommended, the one that scores
        best), its score with the interval, and, where it is another, the score of the
        model that is best on the other folds; why this model, and its benefit.
    """
    decision, metric = result.decision, find_metric(result.primary)
    shown = decision.model or result.best
    row = result.summary(metric.name).set_index("estimator").to_dict("index")[shown]

    def score(mean: float, lower: float, upper: float) -> str:
        shown = number(mean, CORRELATION_DECIMALS)
        if math.isnan(lower):
            return shown
        between = interval(lower, upper, CORRELATION_DECIMALS)
        return f"{shown} (95 % interval {between})"

    rows = [
        ("Model to use" if decision.model else "Highest score", shown),
        (metric.label, score(row["mean"], row["lower"], row["upper"])),
    ]
    choice = result.score_of_choice()
    if not math.isnan(choice.mean):
        chosen = score(choice.mean, choice.lower, choice.upper)
        if chosen != rows[-1][1]:
            rows.append(("Of the model chosen on the other folds", chosen))
    return rows
