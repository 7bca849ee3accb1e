"""Estimators fitted to the guides of one screen -> how well they predict another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length, check_random_state, indexable

from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_groups, check_target
from sgrna_estimator.comparison.copies import refuse_copies
from sgrna_estimator.comparison.estimators import check_estimators, with_seeds
from sgrna_estimator.comparison.evaluation import Evaluation, evaluate_predictions
from sgrna_estimator.comparison.fit_and_score import (
    Progress,
    Task,
    run_tasks,
    warn_again,
)
from sgrna_estimator.comparison.fit_params import (
    check_all_used,
    check_metadata,
    choose_fit_params,
)
from sgrna_estimator.comparison.guide_numbers import number_guides
from sgrna_estimator.comparison.tables import tabulate_predictions
from sgrna_estimator.metrics.reported import RANKING, RANKING_WITHIN, is_defined

_N_RESAMPLES = 1000


@dataclass(frozen=True, eq=False)
class TransferResult:
    """What `train_and_test` found.

    Attributes
    ----------
    evaluations : dict of str to Evaluation
        The scores of each estimator, the constant predictor among them, with bootstrap
        intervals from the same samples of the test guides.
    predictions : DataFrame
        A row for each guide that was tested, as in `ComparisonResult`.
    primary : str
        The metric that is asked for first: the ranking within genes if there are genes.
    n_train, n_test : int
        Guides that were learnt from, and tested on.
    n_known : int
        Guides that were not tested on, because they are among those learnt from.
    n_genes, n_known_genes : int
        Genes that were tested on, and how many of them have guides in training.
    """

    evaluations: dict[str, Evaluation]
    predictions: pd.DataFrame
    primary: str
    n_train: int
    n_test: int
    n_known: int
    n_genes: int
    n_known_genes: int

    def scores(self) -> pd.DataFrame:
        """Return all scores in one table.

        Returns
        -------
        DataFrame
            A row for each estimator and metric: ``estimator``, ``metric``, ``value``,
            ``lower`` and ``upper``; the best at the primary metric first.
        """
        tables = {name: each.scores for name, each in self.evaluations.items()}
        ranking = {name: table["value"][self.primary] for name, table in tables.items()}
        names = sorted(tables, key=lambda name: -np.nan_to_num(ranking[name], nan=-2))
        stacked = pd.concat({name: tables[name] for name in names})
        return stacked.rename_axis(["estimator", "metric"]).reset_index()


def train_and_test(
    estimators: Mapping[str, Any] | Sequence[tuple[str, Any]],
    X: Any,
    y: ArrayLike,
    is_test: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sequences: Any = None,
    params: Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    progress: Progress | None = None,
) -> TransferResult:
    """Fit estimators to some guides, and score them once on the others.

    Parameters
    ----------
    estimators, X, y, groups, sequences, params, n_jobs, random_state, progress
        As in `compare_estimators`; ``random_state`` draws bootstrap samples too.
    is_test : array-like of bool of shape (n_guides,)
        Which guides to test on. Of these, guides that are in training too are left out;
        what is the same guide is judged as `compare_estimators` does.

    Returns
    -------
    TransferResult

    Raises
    ------
    ValueError
        If an argument does not fit, or no guide is left to learn from or to test on.
    RuntimeError
        If an estimator fails; it names the estimator.

    See Also
    --------
    compare_estimators : Cross-validation, which can tell estimators apart.

    Notes
    -----
    There is one fit of each estimator. The intervals are for these fits on other guides
    (or genes) like those of the test; how fits to other training guides differ is not in
    them, so that they cannot tell whether one kind of model is better than another.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sgrna_estimator.comparison.train_and_test import train_and_test
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3))
    >>> y = X[:, 0] + rng.normal(size=300)
    >>> found = train_and_test(
    ...     {"ridge": Ridge()}, X, y, np.arange(300) >= 200, random_state=0
    ... )
    >>> found.primary, found.n_train, found.n_test
    ('spearman', 200, 100)
    """
    named, _ = check_estimators(estimators)
    (X,) = indexable(X)
    target, tested = check_target(y), np.asarray(is_test, dtype=bool)
    check_consistent_length(X, target, tested)
    refuse_copies(X, target)
    codes, genes = None, None
    if groups is not None:
        labels, codes = check_groups(groups, len(target))
        genes = labels[codes]
    numbers = number_guides(named, X, sequences).numbers
    train = np.flatnonzero(~tested)
    known = tested & np.isin(numbers, numbers[train])
    test = np.flatnonzero(tested & ~known)
    _check_sides(len(train), len(test), int(known.sum()))
    seeds = check_random_state(random_state)
    named = {name: with_seeds(each, seeds) for name, each in named.items()}
    metadata = check_metadata(params, genes, len(target))
    fit_params = {
        name: choose_fit_params(name, each, metadata) for name, each in named.items()
    }
    check_all_used(metadata, fit_params)
    tasks = [
        Task(name, each, 0, (train, test), fit_params[name])
        for name, each in named.items()
    ]
    outcomes = run_tasks(tasks, X, target, codes, {}, n_jobs=n_jobs, progress=progress)
    warn_again(outcomes)
    has_index = isinstance(X, pd.Series | pd.DataFrame)
    index = X.index if has_index else pd.RangeIndex(len(target))
    predictions = tabulate_predictions(
        outcomes, list(named), [(train, test)], target, genes, index
    )
    has_within = codes is not None and is_defined(RANKING_WITHIN, target, codes, test)
    n_genes, n_known_genes = _count_genes(codes, train, test)
    return TransferResult(
        evaluations=_evaluate(predictions, list(named), seeds.randint(2**31)),
        predictions=predictions,
        primary=RANKING_WITHIN if has_within else RANKING,
        n_train=len(train),
        n_test=len(test),
        n_known=int(known.sum()),
        n_genes=n_genes,
        n_known_genes=n_known_genes,
    )


def _check_sides(n_train: int, n_test: int, n_known: int) -> None:
    """Refuse to learn from nothing or to test on nothing."""
    if not n_train:
        raise ValueError("there is no guide to learn from: all are to be tested on")
    if not n_test:
        raise ValueError(
            f"there is no guide to test on: {n_known} are, and all are among those that "
            "models learn from"
        )


def _count_genes(
    codes: NDArray | None, train: NDArray[np.intp], test: NDArray[np.intp]
) -> tuple[int, int]:
    """Return how many genes are tested on, and how many of them are in training."""
    if codes is None:
        return 0, 0
    tested = np.unique(codes[test])
    return len(tested), int(np.isin(tested, codes[train]).sum())


def _evaluate(
    predictions: pd.DataFrame, names: list[str], seed: int
) -> dict[str, Evaluation]:
    """Score the predictions of each estimator, by the same bootstrap samples."""
    measured: Floats = predictions["y"].to_numpy()
    genes = predictions.get("group")
    return {
        name: evaluate_predictions(
            *(measured, predictions[name].to_numpy(), genes),
            n_resamples=_N_RESAMPLES,
            random_state=seed,
        )
        for name in names
    }
