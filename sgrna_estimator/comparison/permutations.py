"""Is there any signal? The measurements permuted within genes, and models fitted to them.

What models score on permuted measurements is what they score by chance, with all that
the tests of a comparison assume: folds, overlap, and the choice of the best model.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length, check_random_state, indexable

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_groups, check_target
from sgrna_estimator.comparison.chance import FEWEST_PERMUTATIONS, PermutationTest
from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.fit_and_score import (
    Progress,
    Task,
    run_tasks,
)
from sgrna_estimator.comparison.fit_params import check_metadata, choose_fit_params
from sgrna_estimator.comparison.result import ComparisonResult


def permute_within(
    y: Floats, groups: Ints | None, random_state: np.random.RandomState
) -> Floats:
    """Permute values within groups.

    Parameters
    ----------
    y : ndarray of shape (n_guides,)
    groups : ndarray of shape (n_guides,) or None
        Number of each guide's group; None permutes all values.
    random_state : RandomState

    Returns
    -------
    ndarray of shape (n_guides,)
    """
    order = random_state.permutation(len(y))
    if groups is None:
        return y[order]
    permuted = np.empty_like(y)
    # Both lists hold the guides group by group; one of them in random order within each.
    permuted[np.argsort(groups, kind="stable")] = y[
        order[np.argsort(groups[order], kind="stable")]
    ]
    return permuted


def permutation_test(
    result: ComparisonResult,
    estimators: Mapping[str, Any],
    X: Any,
    y: ArrayLike,
    *,
    n_permutations: int,
    groups: ArrayLike | None = None,
    params: Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    progress: Progress | None = None,
) -> PermutationTest:
    """Test whether the best of some estimators ranks guides better than chance.

    The measurements are permuted among the guides of each gene, or among all guides
    without genes, and the estimators fitted and scored anew on the folds of the first
    repeat. Whatever the folds, the models and their number are, the best of them scores
    on permuted measurements as it does by chance.

    Parameters
    ----------
    result : ComparisonResult
        From `compare_estimators`. Its `~ComparisonResult.primary` metric is tested.
    estimators : mapping of str to regressor
        Those of the comparison to test, by name, unfitted. Give them the seeds that they
        had there.
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        As in the comparison.
    y : array-like of shape (n_guides,)
        As in the comparison.
    n_permutations : int
        19 can show a p value of 5 %, 99 one of 1 %.
    groups : array-like of shape (n_guides,), default=None
        As in the comparison.
    params : mapping of str to array-like of shape (n_guides,), default=None
        As in the comparison.
    n_jobs : int, default=None
        As in the comparison.
    random_state : int, RandomState instance or None, default=None
        Draws the permutations.
    progress : callable, default=None
        Called as ``progress(done, total, name)`` after each fit.

    Returns
    -------
    PermutationTest

    Raises
    ------
    ValueError
        If an estimator was not compared, or there are fewer than 19 permutations.
    RuntimeError
        If an estimator fails; it names the estimator and the fold.

    See Also
    --------
    compare_estimators : Tests each estimator, and differences between them.

    Notes
    -----
    A correlation that is not defined, because predictions are all the same, counts as 0.
    What estimators warn of when they are fitted to permuted measurements is not issued.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sgrna_estimator import compare_estimators, permutation_test
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> y = X[:, 0] + 2 * rng.normal(size=200)
    >>> models = {"ridge": Ridge()}
    >>> result = compare_estimators(models, X, y, random_state=0)
    >>> found = permutation_test(
    ...     result, models, X, y, n_permutations=39, random_state=0
    ... )
    >>> found.p_value
    0.025
    """
    (X,) = indexable(X)
    target = check_target(y)
    check_consistent_length(X, target)
    labels, codes = None, None
    if groups is not None:
        names, codes = check_groups(groups, len(target))
        labels = names[codes]
    _check(result, estimators, n_permutations)
    metadata = check_metadata(params, labels, len(target))
    tasks = [
        Task(name, each, number, split, choose_fit_params(name, each, metadata))
        for number, split in enumerate(result.splits_[: result.n_folds])
        for name, each in estimators.items()
    ]
    random = check_random_state(random_state)
    n_fits = n_permutations * len(tasks)
    null = np.empty(n_permutations)
    for permutation in range(n_permutations):
        done_before = permutation * len(tasks)

        def tell(done: int, _: int, name: str, before: int = done_before) -> None:
            if progress is not None:
                progress(before + done, n_fits, name)

        permuted = permute_within(target, codes, random)
        outcomes = run_tasks(
            *(tasks, X, permuted, codes, {}), n_jobs=n_jobs, progress=tell
        )
        outcomes.sort(key=lambda each: each.split)  # sums depend on their order
        scores = [(each.estimator, each.scores[result.primary]) for each in outcomes]
        null[permutation] = _best(pd.DataFrame(scores, columns=["estimator", "value"]))
    compared = result.scores_[
        (result.scores_["metric"] == result.primary)
        & (result.scores_["split"] < result.n_folds)
        & result.scores_["estimator"].isin(list(estimators))
    ]
    return PermutationTest(result.primary, list(estimators), _best(compared), null)


def _best(scores: pd.DataFrame) -> float:
    """Return the best mean of a rank correlation; where it is not defined it is 0."""
    return float(scores["value"].fillna(0.0).groupby(scores["estimator"]).mean().max())


def _check(
    result: ComparisonResult, estimators: Mapping[str, Any], n_permutations: int
) -> None:
    """Raise if there is nothing that permutations could show."""
    if n_permutations < FEWEST_PERMUTATIONS:
        raise ValueError(
            f"n_permutations must be at least {FEWEST_PERMUTATIONS}, with which p can be "
            f"{SIGNIFICANCE}, got {n_permutations}"
        )
    compared = result.scores_["estimator"].unique().tolist()
    for name in estimators:
        if name not in compared:
            raise ValueError(
                f"estimator {name!r} is none of the comparison's {compared}"
            )
    if not estimators:
        raise ValueError("estimators is empty: there is nothing to test")
