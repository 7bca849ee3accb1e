"""What a comparison found: its tables, what they show in words, and a figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

from sgrna_estimator.comparison.corrected_tests import (
    Estimate,
    corrected_t_test,
    differences,
    holm,
)
from sgrna_estimator.comparison.splits import Split, describe_leaks

SIGNIFICANCE = 0.05


def check_baseline(baseline: str, names: Iterable[str]) -> None:
    """Raise if there is no such estimator."""
    if baseline not in names:
        raise ValueError(f"baseline must be one of {list(names)}, got {baseline!r}")


def _listed(rows: pd.DataFrame) -> str:
    """Return ``"ridge (0.52), lasso (0.5) and trees (0.49)"``."""
    parts = [
        f"{name} ({mean:.4g})"
        for name, mean in zip(rows["estimator"], rows["mean"], strict=True)
    ]
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _verdict_on_error(summary: pd.DataFrame, constant: str) -> list[str]:
    """Say who predicts better and who worse than the constant, the baseline."""
    others = summary[summary["estimator"] != constant]
    if others.empty:
        return ["There is nothing to compare with the constant predictor."]
    error = summary.loc[summary["estimator"] == constant, "mean"].iloc[0]
    found = others["p_adjusted"] < SIGNIFICANCE
    better = others[found & (others["difference"] < 0)]
    worse = others[found & (others["difference"] > 0)]
    sentences = [
        f"Better than a constant (squared error {error:.4g}): {_listed(better)}."
        if len(better)
        else "No model is shown to predict better than a constant (squared error "
        f"{error:.4g}): the closest is {_listed(others[:1])}."
    ]
    if len(worse):
        sentences.append(f"Worse than a constant: {_listed(worse)}.")
    return sentences


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
    greater_is_better_ : dict of str to bool
        Each metric, and whether more of it is better.
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

    See Also
    --------
    compare_estimators : Makes it.
    """

    scores_: pd.DataFrame
    predictions_: pd.DataFrame
    splits_: list[Split]
    greater_is_better_: dict[str, bool]
    splits_with_metric_: dict[str, list[int]]
    constant_: str
    baseline_: str
    leaks_: dict[str, int]

    def __repr__(self) -> str:
        return (
            f"ComparisonResult({len(self._names)} estimators x {len(self.splits_)} "
            f"splits: {', '.join(self._names)})"
        )

    @property
    def _names(self) -> list[str]:
        return self.scores_["estimator"].unique().tolist()

    def _values(self, metric: str) -> tuple[Floats, list[int]]:
        """Return a metric, estimators x the splits that have it, and these splits."""
        if metric not in self.greater_is_better_:
            raise ValueError(
                f"metric must be one of {list(self.greater_is_better_)}, got {metric!r}"
            )
        of_metric = self.scores_["metric"] == metric
        column = self.scores_.loc[of_metric, "value"].to_numpy()
        values = column.reshape(len(self._names), len(self.splits_))
        splits = self.splits_with_metric_[metric]
        return values[:, splits], splits

    def _estimate(
        self, values: Floats, splits: list[int], confidence_level: float
    ) -> Estimate:
        sizes = [self.splits_[split] for split in splits]
        ratio = sum(len(test) / len(train) for train, test in sizes)
        return corrected_t_test(values, ratio / max(len(sizes), 1), confidence_level)

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
        names = self._names
        check_baseline(baseline, names)
        if not 0 < confidence_level < 1:
            raise ValueError(
                f"confidence_level must be between 0 and 1, got {confidence_level}"
            )
        reference = names.index(baseline)
        tables = []
        for name in self.greater_is_better_ if metric is None else [metric]:
            values, splits = self._values(name)
            own = self._estimate(values, splits, confidence_level)
            difference = self._estimate(
                differences(values, values[reference]), splits, confidence_level
            )
            p_value = difference.p_value
            p_value[reference] = np.nan
            table = pd.DataFrame(
                {
                    "metric": name,
                    "estimator": names,
                    "rank": 0,
                    "mean": own.mean,
                    "sd": own.sd,
                    "lower": own.lower,
                    "upper": own.upper,
                    "difference": difference.mean,
                    "difference_lower": difference.lower,
                    "difference_upper": difference.upper,
                    "p_value": p_value,
                    "p_adjusted": holm(p_value),
                }
            )
            ranks = table["mean"].rank(
                method="min",
                ascending=not self.greater_is_better_[name],
                na_option="bottom",
            )
            table["rank"] = ranks.astype(int)
            tables.append(table.sort_values("rank", kind="stable"))
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
        sentences = list(filter(None, [describe_leaks(self.leaks_, n_test)]))
        if len(self.splits_) < 2:
            return [
                *sentences,
                "There is one split only: no difference can be told from noise.",
            ]
        sentences += _verdict_on_error(
            self.summary("mse", baseline=self.constant_), self.constant_
        )
        for metric in ("spearman", "within_group_spearman"):
            if metric in self.greater_is_better_:
                sentences += self._verdict_on_ranking(metric)
        return [*sentences, *self._verdict_on_equal_predictions()]

    @property
    def has_signal(self) -> bool:
        """Whether any model is shown to predict better than the constant, or to rank.

        By the tests of `verdict`: squared error against the constant predictor, or
        rank correlation, also within genes, against 0.
        """
        if len(self.splits_) < 2:
            return False
        error = self.summary("mse", baseline=self.constant_)
        found = (error["p_adjusted"] < SIGNIFICANCE) & (error["difference"] < 0)
        return bool(found.any()) or any(
            bool(self._against_chance(metric)[2].any())
            for metric in ("spearman", "within_group_spearman")
            if metric in self.greater_is_better_
        )

    def _against_chance(
        self, metric: str
    ) -> tuple[NDArray[np.str_], Estimate, NDArray[np.bool_]]:
        """Return who has a rank correlation, what it is, and whether it is above 0."""
        values, splits = self._values(metric)
        defined = ~np.isnan(values).any(axis=1) & (len(splits) > 0)
        chance = self._estimate(values[defined], splits, 1 - SIGNIFICANCE)
        # p values are nan if a single split is left
        better = (chance.mean > 0) & (holm(chance.p_value) < SIGNIFICANCE)
        return np.array(self._names)[defined], chance, better

    def _verdict_on_equal_predictions(self) -> list[str]:
        values, splits = self._values("spearman")
        flat = [
            f"{name} (on {missing} of {len(splits)} splits)"
            for name, missing in zip(
                self._names, np.isnan(values).sum(axis=1), strict=True
            )
            if missing and name != self.constant_
        ]
        if not flat:
            return []
        return [f"No rank correlation, for equal predictions: {', '.join(flat)}."]

    def _verdict_on_ranking(self, metric: str) -> list[str]:
        _, splits = self._values(metric)
        where = " within genes" if metric == "within_group_spearman" else ""
        if not splits:
            return [f"Nothing can be ranked{where}: the measurements do not vary."]
        names, chance, beats_chance = self._against_chance(metric)
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
        others = self.summary(metric, baseline=name)
        others = others[others["p_value"].notna()]
        alike = others[others["p_adjusted"] >= SIGNIFICANCE]
        if len(alike):
            sentences.append(f"Its lead over {_listed(alike)} is within noise.")
        elif len(others):
            sentences.append(
                "Its lead over every other is more than noise; the next is "
                f"{_listed(others[:1])}."
            )
        too = others[others["estimator"].isin(names[beats_chance])]
        if len(too):
            sentences.append(f"Better than chance too: {_listed(too)}.")
        return sentences

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
