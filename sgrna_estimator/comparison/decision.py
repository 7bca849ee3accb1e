"""One decision from a comparison: whether to rank guides by a model, and by which."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sgrna_estimator.comparison.chance import PermutationTest
from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.scores import MetricScores, beats_chance, summarise
from sgrna_estimator.comparison.verdict import RANKINGS
from sgrna_estimator.metrics.top_guides import (
    share_of_best_in_better_half,
    shares_of_genes,
)

Answer = Literal["yes", "weakly", "no", "unknown"]

_MOST_TAKEN = 4  # guides a gene, as libraries have them
_NUMBERS = {2: "two", 3: "three", 4: "four"}

_NONE = pd.Series(dtype=float)


@dataclass(frozen=True)
class Benefit:
    """What is gained by taking the guides that a model scores best.

    Attributes
    ----------
    n_taken : int or None
        Guides taken of each gene; None without genes: the best-scored tenth of all.
    share : float
        Of these, how many are in the better half of their gene (without genes, of all
        guides), by out-of-fold predictions.
    at_random : float
        The same of guides taken at random.
    """

    n_taken: int | None
    share: float
    at_random: float

    def describe(self) -> str:
        """Return a sentence."""
        if self.n_taken is None:
            taken, where = "Of the best-scored tenth of guides", "better half"
        elif self.n_taken == 1:
            taken, where = (
                "Of the best-scored guides of each gene",
                "gene's better half",
            )
        else:
            number = _NUMBERS[self.n_taken]
            taken = f"Of the {number} best-scored guides a gene"
            where = "gene's better half"
        return (
            f"{taken}, {100 * self.share:.0f} % are in the {where}; taken at random, "
            f"{100 * self.at_random:.0f} %."
        )


@dataclass(frozen=True)
class Decision:
    """What to do after a comparison.

    Attributes
    ----------
    answer : {"yes", "weakly", "no", "unknown"}
        Whether guides can be ranked by a model: ``"yes"`` if one is shown to be better
        than chance by the primary metric, ``"weakly"`` if another test shows a signal,
        ``"unknown"`` if the comparison cannot tell.
    headline : str
        The answer in a sentence.
    model : str or None
        The model to use: of those that the test behind the answer supports and that cannot
        be told apart from the best of them, one that begins from a prior or else the
        simplest, which is the one that was given first. None if nothing supports any.
    why : str
        Why this one, or what would help where there is none.
    metric : str
        The primary metric.
    score, lower, upper : float
        Of the model by this metric, with the corrected 95 % interval; ``nan`` if there is
        no model.
    benefit : Benefit or None
        What it brings to take the guides that it scores best.
    """

    answer: Answer
    headline: str
    model: str | None
    why: str
    metric: str
    score: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    benefit: Benefit | None = None

    @property
    def sentences(self) -> list[str]:
        """The whole of it in words."""
        benefit = [] if self.benefit is None else [self.benefit.describe()]
        return list(filter(None, [self.headline, self.why, *benefit]))


def undecided(reason: str, primary: str) -> Decision:
    """Return that the comparison cannot tell, and why.

    Parameters
    ----------
    reason : str
        The end of a sentence.
    primary : str
        The metric that was asked for first.

    Returns
    -------
    Decision
    """
    return Decision("unknown", f"This cannot be told: {reason}.", None, "", primary)


def decide(
    by_metric: Mapping[str, MetricScores],
    primary: str,
    constant: str,
    priors: Collection[str],
    permutations: PermutationTest | None,
    predictions: pd.DataFrame,
) -> Decision:
    """Decide whether to rank guides by a model, and by which.

    Parameters
    ----------
    by_metric : mapping of str to MetricScores
        With the primary metric and ``"mse"``; estimators the simplest first.
    primary : str
        The metric that is asked for first.
    constant : str
        Name of the constant predictor.
    priors : collection of str
        Names of the estimators that begin from a prior.
    permutations : PermutationTest or None
        What came of permuting the measurements, if they were.
    predictions : DataFrame
        As in `ComparisonResult`.

    Returns
    -------
    Decision
    """
    where = RANKINGS[primary]
    supported, test = _supported(by_metric, primary, constant, permutations)
    if not supported.size:
        return Decision(
            "no",
            f"No: no model is shown to rank guides{where} better than chance.",
            None,
            _what_would_help(priors),
            primary,
        )
    model = _preferred(supported.index, priors)
    own = summarise(by_metric[primary], constant).set_index("estimator")
    score, lower, upper = (
        float(own[name][model]) for name in ("mean", "lower", "upper")
    )
    headline = f"Yes: guides are ranked{where} better than by chance."
    if test != primary:
        headline = (
            f"Weakly: no model is shown to rank guides{where} better than chance, but "
            f"{_OTHER_TESTS[test]}."
        )
    found = f"Spearman{where} {score:.3f}, 95 % interval {lower:.3f} to {upper:.3f}"
    return Decision(
        answer="yes" if test == primary else "weakly",
        headline=headline,
        model=model,
        why=f"Use {model} ({found}){_why(model, supported, priors)}.",
        metric=primary,
        score=score,
        lower=lower,
        upper=upper,
        benefit=find_benefit(predictions, model),
    )


_OTHER_TESTS = {
    "permutations": "it ranks them better than permuted measurements",
    "spearman": "all guides together are ranked better than by chance",
    "within_group_spearman": "guides within genes are",
    "mse": "predictions are nearer than the constant's in squared error",
}


def _supported(
    by_metric: Mapping[str, MetricScores],
    primary: str,
    constant: str,
    permutations: PermutationTest | None,
) -> tuple[pd.Series, str]:
    """Return the models that a test supports and that are as good as its best.

    Their differences to the best, by name, in the order given; and the test: the primary
    metric if it supports any, else the permutations, other rankings, the squared error.
    """
    others = [metric for metric in RANKINGS if metric != primary]
    for test in (primary, "permutations", *others, "mse"):
        if test == "permutations":
            found = _best_of_permuted(by_metric[primary], permutations)
        elif test in by_metric:
            found = _as_good_as_best(by_metric[test], constant)
        if found.size:
            return found, test
    return _NONE, ""


def _best_of_permuted(
    scores: MetricScores, permutations: PermutationTest | None
) -> pd.Series:
    """Return the best model that was fitted to permutations, if these show a signal.

    The test is of the best of them, whichever that is.
    """
    if permutations is None or not permutations.shows_signal:
        return _NONE
    own = summarise(scores, scores.estimators[0]).set_index("estimator")["mean"]
    return pd.Series({own[permutations.estimators].idxmax(): 0.0})


def _as_good_as_best(scores: MetricScores, constant: str) -> pd.Series:
    """Return the shown models that cannot be told apart from the best, as given."""
    if not scores.splits:
        return _NONE
    table = summarise(scores, constant)
    if scores.metric in RANKINGS:
        shown = beats_chance(table)
    else:
        shown = (table["p_adjusted"] < SIGNIFICANCE) & (table["difference"] < 0)
    alike = table["p_best"].isna() | (table["p_best"] >= SIGNIFICANCE)
    kept = table[shown & alike & (table["estimator"] != constant)].sort_index()
    return kept.set_index("estimator")["to_best"]  # as given, which summarise reorders


def _preferred(names: Collection[str], priors: Collection[str]) -> str:
    """Return the first that begins from a prior, or else the first."""
    return next((name for name in names if name in priors), next(iter(names)))


def _why(model: str, supported: pd.Series, priors: Collection[str]) -> str:
    """Say why this one of the models that cannot be told apart; begins with a comma."""
    n_alike = len(supported)
    if n_alike == 1:
        return ""
    rule = "begins from a prior" if model in priors else "is the simplest"
    among = f"of {n_alike} models that cannot be told apart it {rule}"
    best = supported.abs().idxmin()
    if best == model:
        return f": the best, and {among}"
    return (
        f": {among}; {best}, which scores best, differs by {abs(supported[model]):.3f}"
    )


def _what_would_help(priors: Collection[str]) -> str:
    """Say what to try where nothing was found."""
    more = "more guides, or measurements with less noise"
    if priors:
        return f"What would help: {more}."
    return f"What would help: a beginning from a published screen (a prior), {more}."


def find_benefit(predictions: pd.DataFrame, model: str) -> Benefit | None:
    """Return what it brings to take the guides that a model scores best.

    Parameters
    ----------
    predictions : DataFrame
        Out-of-fold predictions, as in `ComparisonResult`.
    model : str
        One of its columns.

    Returns
    -------
    Benefit or None
        None if no gene has two guides in one split.
    """
    if "group" in predictions:
        shares = shares_of_genes(predictions, model, _MOST_TAKEN)
        if shares.empty:
            return None
        n_taken = max(each for each in shares if isinstance(each, int))
        return Benefit(
            n_taken, float(shares[n_taken].mean()), float(shares["random"].mean())
        )
    by_split = [
        share_of_best_in_better_half(rows["y"], rows[model])
        for _, rows in predictions.groupby("split", sort=False)
    ]
    share, at_random = np.mean(by_split, axis=0)
    return Benefit(None, float(share), float(at_random))
