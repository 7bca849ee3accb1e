"""What a comparison shows, and what it does not, in sentences."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sgrna_estimator.comparison.chance import PermutationTest
from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.scores import MetricScores, beats_chance, summarise
from sgrna_estimator.comparison.splits import Split
from sgrna_estimator.metrics.reported import RANKING, RANKING_WITHIN

ONE_SPLIT = "There is one split only: no difference can be told from noise."

# More are counted, because nobody reads a list of eight names.
_MOST_NAMED = 2

# Metrics by which models rank guides, and where.
RANKINGS = {RANKING: "", RANKING_WITHIN: " within genes"}


def listed(names: Sequence[str]) -> str:
    """Return ``"ridge, lasso and trees"``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _with_means(rows: pd.DataFrame) -> str:
    """Return ``"ridge (0.52) and lasso (0.5)"``, or ``"ridge (0.52) and 7 others"``."""
    shown = [
        f"{name} ({mean:.4g})"
        for name, mean in zip(rows["estimator"], rows["mean"], strict=True)
    ]
    if len(shown) > _MOST_NAMED:
        shown = [shown[0], f"{len(shown) - 1} others"]
    return listed(shown)


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
    # First the primary question, which within genes is if there are genes.
    asked = [metric for metric in reversed(RANKINGS) if metric in by_metric]
    sentences = [
        sentence
        for metric in asked
        for sentence in _on_ranking(by_metric[metric], RANKINGS[metric])
    ]
    sentences += _on_error(by_metric["mse"], constant)
    return [*sentences, *_on_equal_predictions(by_metric["spearman"], constant)]


def describe_scope(splits: Sequence[Split], *, by_gene: bool) -> str:
    """Say what the scores estimate, and what they do not.

    Parameters
    ----------
    splits : sequence of (ndarray, ndarray)
        Row numbers of the training and the test guides of each.
    by_gene : bool
        Whether whole genes were held out.

    Returns
    -------
    str
        A sentence.
    """
    shares = [len(train) / (len(train) + len(test)) for train, test in splits]
    new = "new genes" if by_gene else "new guides"
    return (
        f"The scores estimate models trained on about {100 * np.mean(shares):.0f} % of "
        f"these guides, on {new} of this screen; other screens are not covered."
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
        f"In squared error better than a constant ({error:.4g}): {_with_means(better)}."
        if len(better)
        else f"In squared error no model is shown to be better than a constant "
        f"({error:.4g}): the closest is {_with_means(others[:1])}."
    ]
    if len(worse):
        sentences.append(
            f"It overfits in squared error, worse than a constant: {_with_means(worse)}."
        )
    return sentences


def _on_ranking(scores: MetricScores, where: str) -> list[str]:
    """Say who ranks guides best, and who else does better than chance."""
    if not scores.splits:
        return [f"Nothing can be ranked{where}: the measurements do not vary."]
    summary = summarise(scores, scores.estimators[0])
    summary = summary[summary["mean"].notna()]
    if summary.empty:
        return []
    best, others = summary.iloc[0], summary[1:]
    name = best["estimator"]
    found = (
        f"Spearman {best['mean']:.3f}, 95 % interval "
        f"{best['lower']:.3f} to {best['upper']:.3f}"
    )
    shown = beats_chance(summary)
    if not shown.iloc[0]:
        return [
            f"No model is shown to rank guides{where} better than chance: the "
            f"highest is {name} ({found})."
        ]
    sentences = [f"{name} ranks guides{where} best ({found})."]
    alike = others[others["p_best"] >= SIGNIFICANCE]
    if len(alike):
        sentences.append(_on_alike(alike, math.comb(len(summary), 2)))
    elif len(others):
        sentences.append(
            "Its lead over every other is more than noise; the next is "
            f"{_with_means(others[:1])}."
        )
    too = others[shown[1:]]
    if len(too):
        sentences.append(f"Better than chance too: {_with_means(too)}.")
    return sentences


def _on_alike(alike: pd.DataFrame, n_pairs: int) -> str:
    """Say who cannot be told apart from the best, and how close the next one is."""
    next_one = alike.iloc[0]
    difference = (
        f"difference {0 - next_one['to_best']:.3f}, 95 % interval "
        f"{0 - next_one['to_best_upper']:.3f} to "
        f"{0 - next_one['to_best_lower']:.3f}"
    )
    if next_one["to_best_upper"] < 0 or next_one["to_best_lower"] > 0:
        # The interval is of one difference; the test allows for the choice of the best.
        difference += f", too little among {n_pairs} pairs"
    if len(alike) == 1:
        return f"{next_one['estimator']} cannot be told apart from it: {difference}."
    return (
        f"{len(alike)} others cannot be told apart from it; the next is "
        f"{next_one['estimator']} ({difference})."
    )


def describe_signal(
    permutations: PermutationTest | None, primary: str, smallest_shown: float
) -> list[str]:
    """Say whether there is any signal at all, and what would have been missed.

    Parameters
    ----------
    permutations : PermutationTest or None
        What came of permuting the measurements, if they were.
    primary : str
        The metric that is asked for first.
    smallest_shown : float
        A correlation that would be found half of the time.

    Returns
    -------
    list of str
        Sentences.
    """
    where, found = RANKINGS[primary], ""
    if permutations is not None:
        found = (
            f" (p = {permutations.p_value:.3g}, of {permutations.n_permutations} "
            f"permutations of the measurements{where})"
        )
        if permutations.shows_signal:
            return [f"There is signal{where}{found}."]
    sentence = f"No signal detected{where}{found}"
    if not smallest_shown < 1:  # or nan
        return [f"{sentence}."]
    return [
        f"{sentence}; with these guides a correlation below {smallest_shown:.2f} would "
        "usually be missed."
    ]


def _on_equal_predictions(scores: MetricScores, constant: str) -> list[str]:
    """Say whose predictions are all the same on splits where guides differ."""
    n_splits = len(scores.splits)
    flat = [
        f"{name} (on {missing} of {n_splits} splits)"
        for name, missing in zip(
            scores.estimators, np.isnan(scores.values).sum(axis=1), strict=True
        )
        if missing and name != constant
    ]
    if not flat:
        return []
    return [
        "No rank correlation, for equal predictions, which counts as 0 unless all splits "
        f"are so: {', '.join(flat)}."
    ]
