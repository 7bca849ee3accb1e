"""What a prior brought to a comparison: measured, in sentences and as a picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.fit_and_score import Progress
from sgrna_estimator.comparison.learning_curve import (
    learning_curve,
    learning_sizes,
    summarise_learning_curve,
)
from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.metrics.reported import CORRELATION_DECIMALS, find_metric
from sgrna_estimator.report.pictures import NARROW, Picture, draw, new_figure
from sgrna_estimator.report.wording import interval, number

# Models of the catalogue: the same network without and with a prior, and the prior alone.
FROM_SCRATCH = "network_windows"
FROM_PRIOR = "network_prior"
AS_IT_IS = "prior"


@dataclass(frozen=True)
class PriorGain:
    """What a prior brought.

    Attributes
    ----------
    metric : str
        By which guides are ranked: within genes where there are genes.
    curve : DataFrame
        Means and intervals by ``estimator`` and ``size``, as `PriorGainDisplay` takes
        them. The largest size is that of the comparison itself, in its first repeat.
    """

    metric: str
    curve: pd.DataFrame


def compares_prior(result: ComparisonResult) -> bool:
    """Tell whether the network ranks guides both with a prior and from scratch."""
    names = set(result.scores_["estimator"])
    can_be_ranked = bool(result.splits_with_metric_["spearman"])
    return can_be_ranked and {FROM_SCRATCH, FROM_PRIOR} <= names


def measure_prior_gain(
    result: ComparisonResult,
    estimators: Mapping[str, Any],
    X: Any,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    params: Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    random_state: int | None = None,
    progress: Progress | None = None,
) -> PriorGain:
    """Fit the network with a prior and from scratch to fewer guides of each fold.

    Parameters
    ----------
    result : ComparisonResult
        Of a comparison that has both.
    estimators : mapping of str to estimator
        What was compared, unfitted.
    X : sequences or DataFrame of shape (n_guides, ...)
        What the estimators take.
    y : array-like of shape (n_guides,)
        Measured activities.
    groups : array-like of shape (n_guides,), default=None
        Gene of each guide.
    params, n_jobs, random_state, progress
        As in `learning_curve`.

    Returns
    -------
    PriorGain
    """
    metric = result.primary
    # Repeats would be that many more fits, for curves that are to be looked at.
    numbers = [
        each for each in result.splits_with_metric_[metric] if each < result.n_folds
    ]
    splits = [result.splits_[each] for each in numbers]
    smallest = min(len(train) for train, _ in splits)
    both = [FROM_SCRATCH, FROM_PRIOR]
    fewer = learning_curve(
        {name: estimators[name] for name in both},
        X,
        y,
        splits=splits,
        sizes=learning_sizes(smallest),
        metric=metric,
        groups=groups,
        params=params,
        n_jobs=n_jobs,
        random_state=random_state,
        progress=progress,
    )
    # The largest size needs no fits: it is what was compared.
    scores = result.scores_[
        (result.scores_["metric"] == metric) & result.scores_["split"].isin(numbers)
    ]
    compared = scores[scores["estimator"].isin(both)]
    compared = compared.assign(size=round(compared["n_train"].mean()))
    # Own guides only put it on the scale of the target: its order is the prior's, or the
    # reverse where they say that what it calls active is depleted.
    unseen = scores[scores["estimator"] == AS_IT_IS].assign(size=0)
    columns = ["estimator", "size", "split", "value"]
    fewer["split"] = fewer["split"].map(dict(enumerate(numbers)))
    rows = pd.concat([unseen[columns], fewer, compared[columns]], ignore_index=True)
    return PriorGain(
        metric, summarise_learning_curve(rows, splits=splits, metric=metric)
    )


def describe_prior_gain(result: ComparisonResult, gain: PriorGain) -> list[str]:
    """Say what the prior brought, and how many guides do without it.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    gain : PriorGain
        From `measure_prior_gain`.

    Returns
    -------
    list of str
        Sentences.
    """
    table = result.summary(gain.metric, baseline=FROM_SCRATCH)
    rows = {row["estimator"]: row for row in table.to_dict("records")}
    scratch, begun = rows[FROM_SCRATCH], rows[FROM_PRIOR]
    label = find_metric(gain.metric).label
    if np.isnan(begun["difference"]):
        return [f"{label} is not defined for both networks: nothing can be told."]
    digits = CORRELATION_DECIMALS
    sentences = [
        f"Beginning from the prior changed the {label[0].lower()}{label[1:]} of held-out "
        f"guides from {number(scratch['mean'], digits)} ({FROM_SCRATCH}) to "
        f"{number(begun['mean'], digits)} ({FROM_PRIOR}). The difference on the same "
        f"folds is {begun['difference']:+.{digits}f}, 95 % interval "
        f"{interval(begun['difference_lower'], begun['difference_upper'], digits)}: "
        f"{_in_words(begun['difference'], begun['p_adjusted'])}."
    ]
    unseen = gain.curve[gain.curve["size"] == 0]
    if len(unseen):
        sentences.append(_on_own_guides(gain.curve, float(unseen["mean"].iloc[0])))
    return sentences


def picture_of_prior_gain(gain: PriorGain) -> Picture:
    """Draw the scores against the number of own guides."""
    from sgrna_estimator.plotting import PriorGainDisplay

    figure = new_figure(NARROW, 3.6)
    PriorGainDisplay.from_summary(gain.curve, metric=gain.metric, ax=figure.subplots())
    label = find_metric(gain.metric).label
    sentences = []
    for name, curve in gain.curve.groupby("estimator", sort=False):
        scores = "; ".join(
            ("as it is" if row["size"] == 0 else f"{row['size']:,} guides")
            + f" {number(row['mean'], CORRELATION_DECIMALS)} "
            f"({interval(row['lower'], row['upper'], CORRELATION_DECIMALS)})"
            for row in curve.to_dict("records")
        )
        sentences.append(f"{name}: {scores}.")
    return draw(
        figure,
        f"{label} on held-out guides against the number of own training guides, mean "
        f"and 95 % interval. {' '.join(sentences)}",
        f"{label} on held-out guides against the number of "
        "training guides of this screen, drawn at random: means of the folds and their "
        "corrected 95 % intervals. Both curves are of the same folds, so that a "
        "difference may be shown although intervals overlap.",
    )


def _in_words(difference: float, p_adjusted: float) -> str:
    if np.isnan(p_adjusted):
        return "it cannot be tested"
    if p_adjusted >= SIGNIFICANCE:
        return "within noise, so that the prior is not shown to have brought anything"
    return "the prior helped" if difference > 0 else "the prior did harm"


def _on_own_guides(curve: pd.DataFrame, as_it_is: float) -> str:
    """Say with how many guides the network from scratch reaches the prior's score."""
    scratch = curve[curve["estimator"] == FROM_SCRATCH]
    reached = scratch.loc[scratch["mean"] >= as_it_is, "size"]
    score = number(as_it_is, CORRELATION_DECIMALS)
    prior = (
        f"The prior as it is, only put on the scale of these measurements, has {score}"
    )
    if reached.empty:
        return (
            f"{prior}: more than the network from scratch has with any number shown, on "
            "average."
        )
    return (
        f"{prior}; the network from scratch first has as much with {reached.min():,} "
        "guides, of the numbers shown and on average."
    )
