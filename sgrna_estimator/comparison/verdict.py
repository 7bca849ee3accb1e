"""What a comparison shows, and what it does not, in sentences."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.scores import (
    MetricScores,
    against_chance,
    summarise,
)

ONE_SPLIT = "There is one split only: no difference can be told from noise."

# Metrics by which models rank guides, and where.
RANKINGS = {"spearman": "", "within_group_spearman": " within genes"}


def listed(names: Sequence[str]) -> str:
    """Return ``"ridge, lasso and trees"``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _with_means(rows: pd.DataFrame) -> str:
    """Return ``"ridge (0.52), lasso (0.5) and trees (0.49)"``."""
    return listed(
        [
            f"{name} ({mean:.4g})"
            for name, mean in zip(rows["estimator"], rows["mean"], strict=True)
        ]
    )


def describe_verdict(by_metric: Mapping[str, MetricScores], constant: str) -> list[str]:
    """Say what scores on several splits show.

    Parameters
    ----------
    by_metric : mapping of str to MetricScores
        With ``"spearman"``, ``"mse"`` and, if there are groups,
        ``"within_group_spearman"``.
    constant : str
        Name of the constant predictor.

    Returns
    -------
    list of str
        Sentences, as `ComparisonResult.verdict` describes them.
    """
    sentences = _on_error(by_metric["mse"], constant)
    for metric, where in RANKINGS.items():
        if metric in by_metric:
            sentences += _on_ranking(by_metric[metric], where)
    return [*sentences, *_on_equal_predictions(by_metric["spearman"], constant)]


def shows_signal(by_metric: Mapping[str, MetricScores], constant: str) -> bool:
    """Tell whether a model is shown to predict better than the constant, or to rank.

    Parameters
    ----------
    by_metric : mapping of str to MetricScores
        As in `describe_verdict`.
    constant : str
        Name of the constant predictor.

    Returns
    -------
    bool
    """
    error = summarise(by_metric["mse"], constant)
    found = (error["p_adjusted"] < SIGNIFICANCE) & (error["difference"] < 0)
    return bool(found.any()) or any(
        bool(against_chance(by_metric[metric])[2].any())
        for metric in RANKINGS
        if metric in by_metric
    )


def _on_error(errors: MetricScores, constant: str) -> list[str]:
    """Say who predicts better and who worse than the constant, the baseline."""
    summary = summarise(errors, constant)
    others = summary[summary["estimator"] != constant]
    if others.empty:
        return ["There is nothing to compare with the constant predictor."]
    error = summary.loc[summary["estimator"] == constant, "mean"].iloc[0]
    found = others["p_adjusted"] < SIGNIFICANCE
    better = others[found & (others["difference"] < 0)]
    worse = others[found & (others["difference"] > 0)]
    sentences = [
        f"Better than a constant (squared error {error:.4g}): {_with_means(better)}."
        if len(better)
        else "No model is shown to predict better than a constant (squared error "
        f"{error:.4g}): the closest is {_with_means(others[:1])}."
    ]
    if len(worse):
        sentences.append(f"Worse than a constant: {_with_means(worse)}.")
    return sentences


def _on_ranking(scores: MetricScores, where: str) -> list[str]:
    """Say who ranks guides best, and who else does better than chance."""
    if not scores.splits:
        return [f"Nothing can be ranked{where}: the measurements do not vary."]
    names, chance, beats_chance = against_chance(scores)
    if not names.size:
        return []
    best = int(np.argmax(chance.mean))
    name = str(names[best])
    found = (
        f"Spearman {chance.mean[best]:.3f}, 95 % interval "
        f"{chance.lower[best]:.3f} to {chance.upper[best]:.3f}"
    )
    if not beats_chance[best]:
        return [
            f"No model is shown to rank guides{where} better than chance: the "
            f"highest is {name} ({found})."
        ]
    sentences = [f"{name} ranks guides{where} best ({found})."]
    others = summarise(scores, name)
    others = others[others["p_value"].notna()]
    alike = others[others["p_adjusted"] >= SIGNIFICANCE]
    if len(alike):
        sentences.append(f"Its lead over {_with_means(alike)} is within noise.")
    elif len(others):
        sentences.append(
            "Its lead over every other is more than noise; the next is "
            f"{_with_means(others[:1])}."
        )
    too = others[others["estimator"].isin(names[beats_chance])]
    if len(too):
        sentences.append(f"Better than chance too: {_with_means(too)}.")
    return sentences


def _on_equal_predictions(scores: MetricScores, constant: str) -> list[str]:
    """Say whose predictions are all the same on a split where guides differ."""
    n_missing = np.isnan(scores.values).sum(axis=1)
    flat = [
        f"{name} (on {missing} of {len(scores.splits)} splits)"
        for name, missing in zip(scores.estimators, n_missing, strict=True)
        if missing and name != constant
    ]
    if not flat:
        return []
    return [f"No rank correlation, for equal predictions: {', '.join(flat)}."]
