"""The card that a report begins with: its answer and its facts."""

import math

from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.metrics.reported import (
    CORRELATION_DECIMALS,
    RANKING_WITHIN,
    find_metric,
)
from sgrna_estimator.report.wording import interval, number


def answer_sentence(result: ComparisonResult) -> str:
    """Return the answer to the question that is the title of the report.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    str
        "Yes" if a model is shown to be better than chance by the primary metric, "Weakly"
        if there is a signal by another test only, "No" if there is none, or why it cannot
        be told.
    """
    if any(result.leaks_.values()):
        return "This cannot be told: test guides were known from training."
    if len(result.splits_) < 2:
        return "This cannot be told: one split cannot be tested."
    where = " within genes" if result.primary == RANKING_WITHIN else ""
    if result.primary_shown:
        return f"Yes: guides are ranked{where} better than by chance."
    not_shown = f"no model is shown to rank guides{where} better than chance"
    if result.has_signal:
        return f"Weakly: {not_shown}, but there is a signal by another test."
    return f"No: {not_shown}."


def answer_rows(result: ComparisonResult) -> list[tuple[str, str]]:
    """Return which model is best by the primary metric, and how good it is.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    list of (str, str)
        Labels and values: the model, its score with the interval, and, where it is
        another, the score of the model that is best on the other folds.
    """
    metric = find_metric(result.primary)
    best = result.best
    row = result.summary(metric.name).set_index("estimator").to_dict("index")[best]

    def score(mean: float, lower: float, upper: float) -> str:
        shown = number(mean, CORRELATION_DECIMALS)
        if math.isnan(lower):
            return shown
        between = interval(lower, upper, CORRELATION_DECIMALS)
        return f"{shown} (95 % interval {between})"

    rows = [
        ("Best model", best),
        (metric.label, score(row["mean"], row["lower"], row["upper"])),
    ]
    choice = result.score_of_choice()
    if not math.isnan(choice.mean):
        chosen = score(choice.mean, choice.lower, choice.upper)
        if chosen != rows[-1][1]:
            rows.append(("Of the model chosen on the other folds", chosen))
    return rows
