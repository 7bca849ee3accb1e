"""Estimators x splits -> a tidy table, and what the table can and cannot tell.

Three things make a comparison honest here. Every estimator is fitted and scored on the
same splits, the constant predictor among them. No split has the guides of a group, or
a sequence, on both sides. And differences come with intervals that allow for training
sets that overlap.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import get_scorer
from sklearn.utils import check_consistent_length, check_random_state, indexable

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_groups, check_target
from sgrna_estimator.comparison.copies import refuse_copies
from sgrna_estimator.comparison.estimators import check_estimators, with_seeds
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
from sgrna_estimator.comparison.known_guides import (
    begin_from_priors,
    known_to_priors,
    without_known,
)
from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.comparison.scores import check_baseline
from sgrna_estimator.comparison.splits import (
    connected,
    count_leaks,
    describe_leaks,
    make_splits,
)
from sgrna_estimator.comparison.tables import tabulate_predictions, tabulate_scores
from sgrna_estimator.metrics.reported import REPORTED, is_defined


def _check_scoring(scoring: Any) -> dict[str, Callable]:
    """Return the user's scorers by name; their scores are better when greater."""
    if scoring is None:
        return {}
    if isinstance(scoring, str):
        scoring = [scoring]
    if not isinstance(scoring, Mapping):
        if callable(scoring) or not all(isinstance(name, str) for name in scoring):
            raise ValueError(
                "scoring must be names of scikit-learn scorers, or a dict of a name "
                f"for each scorer, got {scoring!r}"
            )
        scoring = {name: name for name in scoring}
    taken = [name for name in scoring if name in REPORTED]
    if taken:
        raise ValueError(
            f"scoring names {taken[0]!r}, which every comparison reports anyway: "
            "choose another name"
        )
    return {name: get_scorer(scorer) for name, scorer in scoring.items()}


@dataclass(frozen=True)
class _Guides:
    """What is compared on, checked.

    ``groups`` and ``sequences`` are numbers from 0 on, of each guide's gene, which
    ``group_labels`` names, and of its sequence. ``n_joined`` guides have the number of
    one that is written differently.
    """

    X: Any
    y: Floats
    sequences: Ints
    n_joined: int
    groups: Ints | None
    group_labels: NDArray | None

    @property
    def genes(self) -> NDArray | None:
        """Label of each guide's gene."""
        if self.group_labels is None:
            return None
        return self.group_labels[self.groups]

    @property
    def index(self) -> pd.Index:
        """What the guides are called."""
        if isinstance(self.X, pd.Series | pd.DataFrame):
            return self.X.index
        return pd.RangeIndex(len(self.y))


def _check_guides(
    estimators: Mapping[str, Any],
    X: Any,
    y: ArrayLike,
    groups: ArrayLike | None,
    sequences: Any,
) -> _Guides:
    (X,) = indexable(X)
    target = check_target(y)
    check_consistent_length(X, target)
    refuse_copies(X, target)
    labels, codes = None, None
    if groups is not None:
        labels, codes = check_groups(groups, len(target))
    if sequences is not None:
        check_consistent_length(X, sequences)
    same = number_guides(estimators, X, sequences)
    return _Guides(X, target, same.numbers, same.n_joined, codes, labels)


def compare_estimators(
    estimators: Mapping[str, Any] | Sequence[tuple[str, Any]],
    X: Any,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sequences: Any = None,
    cv: Any = None,
    repeats: int | None = None,
    scoring: Any = None,
    baseline: str | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    params: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> ComparisonResult:
    """Cross-validate estimators on the same splits, the constant predictor among them.

    Parameters
    ----------
    estimators : dict of str to regressor, or list of (str, regressor)
        What to compare, by name. Without a
        :class:`~sklearn.dummy.DummyRegressor` of the mean among them, one is added under
        the name ``"constant"``.
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        What the estimators take: sequences if they begin with an encoder, features.
    y : array-like of shape (n_guides,)
        Measured activities.
    groups : array-like of shape (n_guides,), default=None
        Gene of each guide. Guides of a gene stay on one side of a split, and correlation
        within genes is reported as well. Estimators whose `fit` takes ``groups`` (see
        Notes) are given those of the training guides.
    sequences : array-like of shape (n_guides, ...), default=None
        Equal entries are the same guide, and stay on one side of a split. By default
        equal rows of ``X`` are; give the sequences where ``X`` has less information.
        Case does not matter, U counts as T. See Notes for what else is the same guide.
    cv : int, splitter or iterable, default=None
        How to split:

        - None or a number of folds (5): folds of whole genes and whole sequences, in
          random order, as :class:`~sklearn.model_selection.GroupKFold` makes them, and
          anew for each of the ``repeats``;
        - a scikit-learn splitter: its groups are the sets of guides that genes and
          repeated sequences tie together;
        - an iterable of (train, test) row numbers.

        A splitter or an iterable that puts a gene or a sequence on both sides causes a
        warning.
    repeats : int, default=None
        How many times folds are drawn; for a number of folds only. By default 5 times up
        to 5,000 guides, and once for more, or for fewer than two sets of guides a fold.
    scoring : str, list of str, or dict of str to (str or scorer), default=None
        Scorers to report beside Spearman, Pearson, R² and mean squared error; as always
        in scikit-learn, more is better.
    baseline : str, default=None
        Name of the estimator to take differences to; the constant predictor by default.
    n_jobs : int, default=None
        How many fits run at once; None is 1 unless in a ``joblib.parallel_config``
        context, -1 is all processors. Results do not depend on it.
    random_state : int, RandomState instance or None, default=None
        Draws the folds. If not None, it also seeds those parameters of the estimators
        called ``random_state`` that are None, so that the comparison can be repeated.
    params : dict of str to array-like of shape (n_guides,), default=None
        More of what estimators' `fit` takes, such as ``{"screens": screen}``; each is
        given the entries of the training guides.
    progress : callable, default=None
        Called as ``progress(done, total, name)`` after each fit of an estimator.

    Returns
    -------
    ComparisonResult
        Its `~ComparisonResult.summary`, `~ComparisonResult.verdict` and
        `~ComparisonResult.plot` say what came out.

    Raises
    ------
    ValueError
        If an argument does not fit, naming the rows if rows are at fault; if there are
        fewer sets of guides to keep apart than folds; if two splits test the same guides,
        an estimator was fitted before, or a column of ``X`` is a copy of ``y``.
    RuntimeError
        If an estimator fails; it names the estimator and the split.

    Warns
    -----
    UserWarning
        If a group or a sequence is on both sides of a split that ``cv`` made. Warnings
        of estimators are issued again at the end, with their names and splits.

    See Also
    --------
    sklearn.model_selection.cross_validate : One estimator, without these guards.

    Notes
    -----
    An estimator is given ``groups`` and ``params`` if its `fit` has a parameter of that
    name; a pipeline, if the `fit` of its last step has. Anything deeper, such as a
    mixture in a :class:`~sklearn.model_selection.GridSearchCV`, needs scikit-learn's
    metadata routing: if it is on, each estimator is given what it requests.

    Predictions are made from ``X`` alone.

    Two guides are the same as well if no letter that both have tells them apart: a letter
    may be unknown, or missing at the open end of aligned sequences, as the G of G + 20-mer
    is beside the 20-mer. This is read off the encoders in the estimators, each
    :class:`SequenceOneHotTransformer` with its ``unknown`` and ``align``, and what they are
    given of ``X``; searches that choose these parameters are not looked into. Without such
    an encoder, sequences of nucleotides are judged as if they were aligned at either end;
    and if ``X`` holds one-hot columns and no ``sequences`` are given, the letters in them
    are what is compared, whatever covariates are beside them. For that, columns have the
    names that the encoder gives them, or are four side by side a position.

    Guides that the prior of any estimator has learnt from are in training only, for all
    estimators alike.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sgrna_estimator import compare_estimators
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 3))
    >>> y = X[:, 0] + rng.normal(size=600)
    >>> genes = np.repeat(np.arange(60), 10)
    >>> result = compare_estimators(
    ...     {"ridge": Ridge()}, X, y, groups=genes, random_state=0
    ... )
    >>> result.summary("mse")[["estimator", "rank", "mean"]].round(2)
      estimator  rank  mean
    0     ridge     1  1.04
    1  constant     2  1.97
    >>> result.verdict()[0]
    'ridge ranks guides within genes best (Spearman 0.601, 95 % interval 0.536 to 0.666).'
    """
    named, constant = check_estimators(estimators)
    baseline = constant if baseline is None else baseline
    check_baseline(baseline, named)
    scorers = _check_scoring(scoring)
    guides = _check_guides(named, X, y, groups, sequences)
    components = connected(guides.groups, guides.sequences)
    splits, n_repeats = make_splits(
        cv, guides.X, guides.y, guides.group_labels, components, random_state, repeats
    )
    known = known_to_priors(named, guides.X, guides.sequences)
    splits = without_known(splits, known)
    leaks = count_leaks(splits, guides.groups, guides.sequences)
    if any(leaks.values()):
        said = describe_leaks(leaks, sum(len(test) for _, test in splits))
        advice = "cv=None and cv=5 keep them on one side"
        warnings.warn(f"{said} {advice}", UserWarning, stacklevel=2)
    if random_state is not None:
        seeds = check_random_state(random_state)
        named = {name: with_seeds(each, seeds) for name, each in named.items()}
    metadata = check_metadata(params, guides.genes, len(guides.y))
    fit_params = {
        name: choose_fit_params(name, each, metadata) for name, each in named.items()
    }
    check_all_used(metadata, fit_params)
    tasks = [  # split by split, so that the slow estimators start early
        Task(name, estimator, number, split, fit_params[name])
        for number, split in enumerate(splits)
        for name, estimator in named.items()
    ]
    outcomes = run_tasks(
        *(tasks, guides.X, guides.y, guides.groups, scorers),
        n_jobs=n_jobs,
        progress=progress,
    )
    warn_again(outcomes)
    names = list(named)
    return ComparisonResult(
        scores_=tabulate_scores(outcomes, names, splits),
        predictions_=tabulate_predictions(
            outcomes, names, splits, guides.y, guides.genes, guides.index
        ),
        splits_=splits,
        splits_with_metric_={
            metric: [
                number
                for number, (_, test) in enumerate(splits)
                if is_defined(metric, guides.y, guides.groups, test)
            ]
            for metric in outcomes[0].scores
        },
        constant_=constant,
        baseline_=baseline,
        leaks_=leaks,
        n_joined_=guides.n_joined,
        n_known_to_priors_=int(known.sum()),
        priors_=begin_from_priors(named),
        n_repeats_=n_repeats,
    )
