"""What a comparison found: its tables, and what stands above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sgrna_estimator._html import titled_table
from sgrna_estimator.comparison.chance import PermutationTest
from sgrna_estimator.comparison.decision import Decision, decide, undecided
from sgrna_estimator.comparison.guide_numbers import describe_joined
from sgrna_estimator.comparison.known_guides import describe_known
from sgrna_estimator.comparison.scores import (
    Choice,
    MetricScores,
    beats_chance,
    best_estimator,
    score_of_choice,
    scores_by_metric,
    smallest_shown,
    summarise,
)
from sgrna_estimator.comparison.splits import Split, describe_leaks
from sgrna_estimator.comparison.tables import share_of_constant_genes
from sgrna_estimator.comparison.verdict import (
    ONE_SPLIT,
    describe_scope,
    describe_signal,
    describe_verdict,
)
from sgrna_estimator.metrics.reported import RANKING, RANKING_WITHIN, find_metric

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
        ``split``, ``repeat`` (how often the guide was tested before: 0, 1, ...) and one
        column for each estimator. Rows of one repeat hold each guide once.
    splits_ : list of (ndarray, ndarray)
        Row numbers of the training and the test guides of each split. Handed to
        `compare_estimators` as ``cv``, they make another comparison on the same splits.
    n_repeats_ : int
        How often folds were drawn; the first `n_folds` splits are those of the first
        repeat. 1 for a splitter or an iterable.
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
    n_joined_ : int
        Guides that are written differently from another and yet kept on one side with it,
        because no letter that both have tells them apart.
    n_known_to_priors_ : int
        Guides that were not tested on, because the prior of an estimator had learnt from
        them.
    priors_ : sequence of str
        Names of the estimators that begin from a prior.
    permutations_ : PermutationTest or None
        What `permutation_test` found, put here with ``dataclasses.replace``; the
        verdict takes it into account.

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
    n_joined_: int = 0
    n_known_to_priors_: int = 0
    priors_: Sequence[str] = ()
    n_repeats_: int = 1
    permutations_: PermutationTest | None = None

    def __repr__(self) -> str:
        names = self.scores_["estimator"].unique()
        return (
            f"ComparisonResult({len(names)} estimators x {len(self.splits_)} splits: "
            f"{', '.join(names)})"
        )

    def _repr_html_(self) -> str:
        columns = [
            *("estimator", "rank", "mean", "lower", "upper"),
            *("difference", "p_adjusted", "p_chance"),
        ]
        title = (
            f"{self!r}. {find_metric(self.primary).label} with 95 % intervals, "
            f"difference to {self.baseline_}"
        )
        return titled_table(title, self.summary(self.primary)[columns])

    @property
    def greater_is_better_(self) -> dict[str, bool]:
        """Each metric, and whether more of it is better."""
        return {
            metric: find_metric(metric).greater_is_better
            for metric in self.splits_with_metric_
        }

    @property
    def n_folds(self) -> int:
        """How many splits there are in each repeat."""
        return len(self.splits_) // self.n_repeats_

    @property
    def primary(self) -> str:
        """The metric that the comparison asks for first, whatever comes out.

        How well guides are ranked within genes if there are genes, and otherwise among
        all guides: ``"within_group_spearman"`` or ``"spearman"``.
        """
        within = self.splits_with_metric_.get(RANKING_WITHIN)
        return RANKING_WITHIN if within else RANKING

    @property
    def best(self) -> str:
        """Name of the estimator that is best by the `primary` metric.

        If none ranks guides at all, of the one with the least squared error.
        """
        return best_estimator(self._by_metric(), self.primary)

    @property
    def primary_shown(self) -> bool:
        """Whether any model is better than chance by the `primary` metric.

        By the corrected t test with Holm's adjustment.
        """
        return bool(beats_chance(self.summary(self.primary)).any())

    @property
    def decision(self) -> Decision:
        """What to do: whether to rank guides by a model, and by which.

        Its ``answer`` is by the `primary` metric and its test. Among models that cannot be
        told apart it takes one that begins from a prior, or else the one that was given
        first: give the simplest first.
        """
        if any(self.leaks_.values()):
            return undecided("test guides were known from training", self.primary)
        if len(self.splits_) < 2:
            return undecided("one split cannot be tested", self.primary)
        return decide(
            *(self._by_metric(), self.primary, self.constant_, self.priors_),
            *(self.permutations_, self.predictions_),
        )

    def score_of_choice(
        self, metric: str | None = None, *, confidence_level: float = 0.95
    ) -> Choice:
        """Return the score of whichever estimator is best on the other guides.

        The best estimator was picked by the scores that it is reported with, which are
        too good for that reason. Here, on each split, the estimator is scored that is best
        on the splits which test none of its guides: the other folds of the same repeat.

        Parameters
        ----------
        metric : str, default=None
            The `primary` metric by default.
        confidence_level : float, default=0.95
            Of the interval.

        Returns
        -------
        Choice
            ``mean``, ``lower``, ``upper``, and on how many splits each of the
            ``estimators`` was chosen. ``nan`` if a split shares guides with each other.

        Raises
        ------
        ValueError
            If there is no such metric.
        """
        by_metric = self._by_metric()
        metric = self.primary if metric is None else metric
        self._check_metric(metric)
        return score_of_choice(by_metric[metric], confidence_level)

    def constant_genes(self) -> pd.Series:
        """Return the share of genes in which each estimator predicts the same for all.

        Such genes count as 0 in the rank correlation within genes.

        Returns
        -------
        Series
            By estimator: of the genes of all splits of which the measurements vary.

        Raises
        ------
        ValueError
            If there are no genes.
        """
        if "group" not in self.predictions_:
            raise ValueError("the comparison was without groups: there are no genes")
        names = self.scores_["estimator"].unique().tolist()
        return share_of_constant_genes(self.predictions_, names)

    def smallest_shown(self) -> float:
        """Return which correlation this comparison would find half of the time.

        Returns
        -------
        float
            By the `primary` metric. A smaller one is usually missed. From the permutations
            if there are any; otherwise from the corrected t test, for the estimator in
            the middle of all.
        """
        if self.permutations_ is not None:
            return self.permutations_.smallest_shown
        return smallest_shown(self._by_metric()[self.primary])

    def _check_metric(self, metric: str) -> None:
        known = list(self.splits_with_metric_)
        if metric not in known:
            raise ValueError(f"metric must be one of {known}, got {metric!r}")

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
            - ``lower``, ``upper``: corrected confidence interval of the mean, cut off
              where there are no such scores;
            - ``difference``, ``difference_lower``, ``difference_upper``: mean of the
              estimator's score minus the baseline's, split by split, and its corrected
              confidence interval;
            - ``p_value``: corrected t test that this difference is 0;
            - ``p_adjusted``: Holm's adjustment of the p values of a metric for the
              number of estimators;
            - ``to_best``, ``to_best_lower``, ``to_best_upper``: the same difference to
              the first of the table;
            - ``p_best``: the test that this difference is 0, with Holm's adjustment for
              all pairs of estimators, because the best was picked for its score;
            - ``p_chance``: for correlations, the test that the mean is 0, with Holm's
              adjustment for the number of estimators; ``nan`` for other metrics, for
              which the constant predictor is what chance can do;
            - ``constant_splits``: on how many splits the estimator has no such score of
              its own, because all its predictions there are the same.

        Raises
        ------
        ValueError
            If there is no such metric or estimator.

        Notes
        -----
        Splits on which a metric is not defined whatever is predicted, because the test
        targets do not vary, are left out. On a split where an estimator's predictions do
        not vary, its correlation counts as 0; an estimator of which that is so on all
        splits has ``nan`` throughout and ranks last. So has one for which a scorer of
        yours is ``nan`` on any split.

        Training sets of different splits share guides, so that scores vary less
        between splits than they would between screens. Intervals and tests take
        ``(1 / J + n_test / n_train) * s**2`` for the variance of the mean of ``J``
        splits [1]_, and Student's t with ``J - 1`` degrees of freedom, but 6 at most: what
        simulated screens call for (:doc:`/comparing`). ``p_adjusted``, ``p_best`` and
        ``p_chance`` are valid however the tests depend on each other [2]_.

        References
        ----------
        .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error",
           Machine Learning 52, 239-281 (2003).
        .. [2] S. Holm, "A simple sequentially rejective multiple test procedure",
           Scandinavian Journal of Statistics 6, 65-70 (1979).
        """
        baseline = self.baseline_ if baseline is None else baseline
        by_metric = self._by_metric()
        if metric is not None:
            self._check_metric(metric)
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
            Whether test guides were known from training; which model ranks guides best
            (within genes first if there are groups, and among all), which cannot be told
            apart from it, and whether others rank them better than chance; whether any
            predicts better than the constant in squared error, and which ones overfit;
            which ones have no rank correlation; what the scores estimate. Whatever is
            said to be so is so at the 5 % level, by the corrected t test with Holm's
            adjustment.

        Notes
        -----
        The best of several estimators was picked by the scores that it is judged by:
        what it reaches on another screen tends to be less.
        """
        n_test = sum(len(test) for _, test in self.splits_)
        cautions = [
            describe_leaks(self.leaks_, n_test),
            describe_joined(self.n_joined_),
            describe_known(self.n_known_to_priors_),
        ]
        sentences = list(filter(None, cautions))
        if len(self.splits_) < 2:
            return [*sentences, ONE_SPLIT]
        sentences += describe_verdict(self._by_metric(), self.constant_)
        if not self.primary_shown or self.permutations_ is not None:
            sentences += describe_signal(
                self.permutations_, self.primary, self.smallest_shown()
            )
        by_gene = "group" in self.predictions_
        return [*sentences, describe_scope(self.splits_, by_gene=by_gene)]

    @property
    def has_signal(self) -> bool:
        """Whether any model is shown to predict better than the constant, or to rank.

        By the tests of `decision`.
        """
        return self.decision.answer in ("yes", "weakly")

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
