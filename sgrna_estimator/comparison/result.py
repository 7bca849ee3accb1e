"""What a comparison found: its tables, and what stands above them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sgrna_estimator.comparison.known_guides import describe_known
from sgrna_estimator.comparison.scores import (
    MetricScores,
    best_estimator,
    scores_by_metric,
    summarise,
)
from sgrna_estimator.comparison.splits import Split, describe_leaks
from sgrna_estimator.comparison.verdict import (
    ONE_SPLIT,
    describe_verdict,
    shows_signal,
)
from sgrna_estimator.metrics.reported import find_metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonResult:
    """What `compare_estimators` found.

    Attributes
    ----------
    scores_ : DataFrame
        One row for each estimator, split and metric: ``estimator``, ``split``,
        ``metric``, ``value``, ``fit_seconds``, ``score_seconds`` (predicting and
        scoring, all metrics), ``n_train`` and ``n_test``. A metric that is not defined,
        such as the rank correlation of a constant, is ``nan``.
    predictions_ : DataFrame
        Out-of-fold predictions, one row for each test guide of each split, in the order
        of X and with its index if it has one: ``y``, ``group`` (if groups were given),
        ``split`` and one column for each estimator.
    splits_ : list of (ndarray, ndarray)
        Row numbers of the training and the test guides of each split. Handed to
        `compare_estimators` as ``cv``, they make another comparison on the same splits.
    splits_with_metric_ : dict of str to list of int
        Numbers of the splits on which perfect predictions would have each metric. The
        others, where the targets do not vary, are left out of the summary.
    constant_ : str
        Name of the constant predictor.
    baseline_ : str
        Name of the estimator that `summary` takes differences to.
    leaks_ : dict of str to int
        How many test guides, over all splits, have their sequence or their group in
        training too: none, unless ``cv`` put them there.
    n_known_to_priors_ : int
        Guides that were not tested on, because the prior of an estimator had learnt from
        them.

    See Also
    --------
    compare_estimators : Makes it.
    """

    scores_: pd.DataFrame
    predictions_: pd.DataFrame
    splits_: list[Split]
    splits_with_metric_: dict[str, list[int]]
    constant_: str
    baseline_: str
    leaks_: dict[str, int]
    n_known_to_priors_: int = 0

    def __repr__(self) -> str:
        names = self.scores_["estimator"].unique()
        return (
            f"ComparisonResult({len(names)} estimators x {len(self.splits_)} splits: "
            f"{', '.join(names)})"
        )

    @property
    def greater_is_better_(self) -> dict[str, bool]:
        """Each metric, and whether more of it is better."""
        return {
            metric: find_metric(metric).greater_is_better
            for metric in self.splits_with_metric_
        }

    @property
    def best(self) -> str:
        """Name of the estimator that ranks guides best.

        By Spearman correlation; if none has any, of the one with the least squared error.
        """
        return best_estimator(self._by_metric())

    def _by_metric(self) -> dict[str, MetricScores]:
        return scores_by_metric(self.scores_, self.splits_, self.splits_with_metric_)

    def summary(
        self,
        metric: str | None = None,
        *,
        baseline: str | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Summarise over splits, with intervals and tests.

        Parameters
        ----------
        metric : str, default=None
            Show this metric only.
        baseline : str, default=None
            Take differences to this estimator rather than to ``baseline_``.
        confidence_level : float, default=0.95
            Of the intervals.

        Returns
        -------
        DataFrame
            One row for each metric and estimator, best first, with

            - ``rank``: 1 is best;
            - ``mean``, ``sd``: over splits;
            - ``lower``, ``upper``: corrected confidence interval of the mean;
            - ``difference``, ``difference_lower``, ``difference_upper``: mean of the
              estimator's score minus the baseline's, split by split, and its corrected
              confidence interval;
            - ``p_value``: corrected t test that this difference is 0;
            - ``p_adjusted``: Holm's adjustment of the p values of a metric for the
              number of estimators.

        Raises
        ------
        ValueError
            If there is no such metric or estimator.

        Notes
        -----
        Splits on which a metric is not defined whatever is predicted, because the test
        targets do not vary, are left out. An estimator whose score is ``nan`` on
        another has ``nan`` throughout and ranks last: its mean over the rest would be
        one over a choice of splits.

        Training sets of different splits share guides, so that scores vary less
        between splits than they would between screens. Intervals and tests take
        ``(1 / J + n_test / n_train) * s**2`` for the variance of the mean of ``J``
        splits and Student's t with ``J - 1`` degrees of freedom [1]_. It makes up for
        much of the overlap, not for splits being few; ``p_adjusted`` is valid however
        the tests depend on each other [2]_.

        References
        ----------
        .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error",
           Machine Learning 52, 239-281 (2003).
        .. [2] S. Holm, "A simple sequentially rejective multiple test procedure",
           Scandinavian Journal of Statistics 6, 65-70 (1979).
        """
        baseline = self.baseline_ if baseline is None else baseline
        by_metric = self._by_metric()
        if metric is not None and metric not in by_metric:
            raise ValueError(f"metric must be one of {list(by_metric)}, got {metric!r}")
        shown = by_metric if metric is None else [metric]
        tables = [
            summarise(by_metric[each], baseline, confidence_level) for each in shown
        ]
        return pd.concat(tables, ignore_index=True)

    def verdict(self) -> list[str]:
        """Say in sentences what the comparison shows, and what it does not.

        Returns
        -------
        list of str
            Whether test guides were known from training; whether any model predicts
            better than the constant (squared error); which one ranks guides best
            (Spearman, and within genes if there are groups), which others rank them
            better than chance, and which cannot be told from the best; which ones have
            no rank correlation. Whatever is said to be so is so at the 5 % level, by the
            corrected t test with Holm's adjustment.

        Notes
        -----
        The best of several estimators was picked by the scores that it is judged by:
        what it reaches on another screen tends to be less.
        """
        n_test = sum(len(test) for _, test in self.splits_)
        cautions = [
            describe_leaks(self.leaks_, n_test),
            describe_known(self.n_known_to_priors_),
        ]
        sentences = list(filter(None, cautions))
        if len(self.splits_) < 2:
            return [*sentences, ONE_SPLIT]
        return [*sentences, *describe_verdict(self._by_metric(), self.constant_)]

    @property
    def has_signal(self) -> bool:
        """Whether any model is shown to predict better than the constant, or to rank.

        By the tests of `verdict`: squared error against the constant predictor, or
        rank correlation, also within genes, against 0.
        """
        return len(self.splits_) > 1 and shows_signal(self._by_metric(), self.constant_)

    def plot(self, ax: "Axes | None" = None, *, metric: str = "spearman") -> "Axes":
        """Draw the score of each estimator on each split.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; a new figure by default.
        metric : str, default="spearman"
            What to show.

        Returns
        -------
        matplotlib Axes
            A row for each estimator, best on top: the mean and its corrected 95 %
            interval, and under it a point for each split. The dashed line is the
            constant predictor, where it has the metric.

        Raises
        ------
        ValueError
            If there is no such metric.
        """
        from sgrna_estimator.plotting import ComparisonDisplay

        return ComparisonDisplay.from_result(self, metric=metric, ax=ax).ax_
