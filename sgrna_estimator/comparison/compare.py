"""Estimators x splits -> a tidy table, and what the table can and cannot tell.

Three things make a comparison honest here. Every estimator is fitted and scored on the
same splits, the constant predictor among them. No split has the guides of a group, or
a sequence, on both sides. And differences come with intervals that allow for training
sets that overlap.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn import get_config
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.metrics import get_scorer
from sklearn.utils import (
    _safe_indexing,
    check_consistent_length,
    check_random_state,
    column_or_1d,
    indexable,
)
from sklearn.utils.parallel import Parallel, delayed

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_groups, check_target
from sgrna_estimator.baselines.catalogue import CONSTANT
from sgrna_estimator.comparison.fit_params import (
    _check_all_used,
    _check_metadata,
    _fit_params,
)
from sgrna_estimator.comparison.result import ComparisonResult, check_baseline
from sgrna_estimator.comparison.splits import (
    Split,
    connected,
    count_leaks,
    describe_leaks,
    make_splits,
    row_codes,
)
from sgrna_estimator.exceptions import InterruptedFitWarning
from sgrna_estimator.metrics.reported import _METRICS, _has_metric

_RESERVED_COLUMNS = ("y", "group", "split")


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
    taken = [name for name in scoring if name in _METRICS]
    if taken:
        raise ValueError(
            f"scoring names {taken[0]!r}, which every comparison reports anyway: "
            "choose another name"
        )
    return {name: get_scorer(scorer) for name, scorer in scoring.items()}


@dataclass(frozen=True)
class _Outcome:
    """One estimator on one split."""

    estimator: str
    split: int
    predictions: Floats
    scores: dict[str, float]
    fit_seconds: float
    score_seconds: float
    warnings: list[tuple[type[Warning], str]]


def _fit_and_score(
    name: str,
    estimator: Any,
    number: int,
    split: Split,
    X: Any,
    y: Floats,
    groups: Ints | None,
    fit_params: dict[str, Any],
    scorers: dict[str, Callable],
) -> _Outcome:
    train, test = split
    stage, n_rows = "fit", len(train)
    try:
        X_train, X_test = _safe_indexing(X, train), _safe_indexing(X, test)
        with warnings.catch_warnings(record=True) as caught:
            # A network that Ctrl-C stopped must not be scored as if it were whole.
            warnings.simplefilter("error", InterruptedFitWarning)
            start = perf_counter()
            model = clone(estimator)
            model.fit(
                X_train,
                y[train],
                **{key: values[train] for key, values in fit_params.items()},
            )
            fitted = perf_counter()
            stage, n_rows = "scoring", len(test)
            predictions = check_target(
                column_or_1d(model.predict(X_test)), name="the prediction"
            )
            check_consistent_length(test, predictions)
            test_groups = None if groups is None else groups[test]
            scores = {
                metric: definition.score(y[test], predictions, test_groups)
                for metric, definition in _METRICS.items()
                if groups is not None or not definition.needs_groups
            }
            for metric, scorer in scorers.items():
                scores[metric] = float(scorer(model, X_test, y[test]))
            scored = perf_counter()
    except InterruptedFitWarning as warning:
        raise KeyboardInterrupt from warning
    except Exception as error:
        raise RuntimeError(
            f"estimator {name!r} failed in {stage} on split {number}: "
            f"{type(error).__name__}: {error} (rows, if it names any, count the "
            f"{n_rows} rows of that side of the split)"
        ) from error
    issued = [(each.category, str(each.message)) for each in caught]
    return _Outcome(
        name, number, predictions, scores, fitted - start, scored - fitted, issued
    )


def _warn_again(outcomes: list[_Outcome]) -> None:
    """Issue what estimators warned of, in whatever process, once for all splits."""
    splits: dict[tuple[str, type[Warning], str], set[int]] = {}
    for outcome in outcomes:
        for category, text in outcome.warnings:
            key = outcome.estimator, category, text
            splits.setdefault(key, set()).add(outcome.split)
    for (name, category, text), numbers in splits.items():
        shown = ", ".join(map(str, sorted(numbers)))
        where = f"split{'s' if len(numbers) > 1 else ''} {shown}"
        warnings.warn(f"estimator {name!r}, {where}: {text}", category, stacklevel=3)


def _run(
    tasks: list[tuple], n_jobs: int | None, progress: Callable | None
) -> list[_Outcome]:
    """Run `_fit_and_score` on each tuple of arguments, in parallel."""
    # One task at a time, so that no quick estimator waits behind a slow one, and as
    # they finish, so that progress is told as it is made.
    finished = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)(
        delayed(_fit_and_score)(*task) for task in tasks
    )
    outcomes = []
    try:
        for outcome in finished:
            outcomes.append(outcome)
            if progress is not None:
                progress(len(outcomes), len(tasks), outcome.estimator)
    except BaseException as error:
        finished.throw(error)  # stops the workers, and raises again
    return outcomes


def _with_seeds(estimator: Any, random_state: np.random.RandomState) -> Any:
    """Return a clone whose random states that are None are seeds."""
    estimator = clone(estimator)
    unset = [
        name
        for name, value in sorted(estimator.get_params().items())
        if value is None and name.rpartition("__")[2] == "random_state"
    ]
    seeds = random_state.randint(np.iinfo(np.int32).max, size=len(unset))
    return estimator.set_params(**dict(zip(unset, seeds.tolist(), strict=True)))


def _check_estimators(
    estimators: Mapping[str, Any] | Sequence[tuple[str, Any]],
) -> tuple[dict[str, Any], str]:
    """Return the estimators by name, and the name of the constant predictor."""
    pairs = list(estimators.items() if isinstance(estimators, Mapping) else estimators)
    if not pairs:
        raise ValueError("estimators is empty: there is nothing to compare")
    for pair in pairs:
        if not (isinstance(pair, tuple | list) and len(pair) == 2):
            raise ValueError(
                f"estimators must be a dict or a list of (name, estimator), got {pair!r}"
            )
        name, estimator = pair
        if not isinstance(name, str):
            raise ValueError(f"an estimator's name must be text, got {name!r}")
        if name in _RESERVED_COLUMNS:
            raise ValueError(
                f"an estimator cannot be called {name!r}: predictions_ has a column "
                "of that name"
            )
        if not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
            raise ValueError(
                f"estimator {name!r} must have fit and predict, got {estimator!r}"
            )
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"two estimators are called {twice!r}")
    for name, estimator in pairs:
        if isinstance(estimator, DummyRegressor):
            return named, name
    if CONSTANT in named:
        raise ValueError(
            f"the name {CONSTANT!r} is kept for the constant predictor, but estimator "
            f"{CONSTANT!r} is a {type(named[CONSTANT]).__name__}"
        )
    constant = DummyRegressor()
    if get_config()["enable_metadata_routing"]:
        constant.set_fit_request(sample_weight=False)  # or routing would ask
    return {CONSTANT: constant, **named}, CONSTANT


def _as_result(
    outcomes: list[_Outcome],
    names: list[str],
    splits: list[Split],
    y: Floats,
    groups: NDArray | None,
    index: pd.Index,
    constant: str,
    baseline: str,
    leaks: dict[str, int],
) -> ComparisonResult:
    """Put what the workers returned, in whatever order, into tables."""
    by_task = {(outcome.estimator, outcome.split): outcome for outcome in outcomes}
    scores = [
        (
            name,
            number,
            metric,
            value,
            outcome.fit_seconds,
            outcome.score_seconds,
            len(train),
            len(test),
        )
        for name in names
        for number, (train, test) in enumerate(splits)
        for outcome in [by_task[name, number]]
        for metric, value in outcome.scores.items()
    ]
    columns = [
        *("estimator", "split", "metric", "value"),
        *("fit_seconds", "score_seconds", "n_train", "n_test"),
    ]
    tested = np.concatenate([test for _, test in splits])
    predictions = pd.DataFrame(
        {
            "y": y[tested],
            **({} if groups is None else {"group": groups[tested]}),
            "split": np.repeat(np.arange(len(splits)), [len(t) for _, t in splits]),
            **{
                name: np.concatenate(
                    [by_task[name, i].predictions for i in range(len(splits))]
                )
                for name in names
            },
        },
        index=index[tested],
    ).iloc[np.argsort(tested, kind="stable")]
    splits_with_metric = {
        metric: [
            number
            for number, (_, test) in enumerate(splits)
            if metric not in _METRICS or _has_metric(_METRICS[metric], y, groups, test)
        ]
        for metric in outcomes[0].scores
    }
    return ComparisonResult(
        scores_=pd.DataFrame(scores, columns=columns),
        predictions_=predictions,
        splits_=splits,
        greater_is_better_={
            metric: metric not in _METRICS or _METRICS[metric].greater_is_better
            for metric in outcomes[0].scores
        },
        splits_with_metric_=splits_with_metric,
        constant_=constant,
        baseline_=baseline,
        leaks_=leaks,
    )


def compare_estimators(
    estimators: Mapping[str, Any] | Sequence[tuple[str, Any]],
    X: Any,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sequences: Any = None,
    cv: Any = None,
    scoring: Any = None,
    baseline: str | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    params: Mapping[str, Any] | None = None,
    progress: Callable[[int, int, str], object] | None = None,
) -> ComparisonResult:
    """Cross-validate estimators on the same splits, the constant predictor among them.

    Parameters
    ----------
    estimators : dict of str to regressor, or list of (str, regressor)
        What to compare, by name. Without a
        :class:`~sklearn.dummy.DummyRegressor` among them, one is added under the name
        ``"constant"``.
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
        equal rows of ``X`` are; give the sequences where ``X`` has more columns
        (covariates) or less information. Case does not matter, U counts as T.
    cv : int, splitter or iterable, default=None
        How to split:

        - None or a number of folds (5): folds of whole genes and whole sequences, in
          random order, as :class:`~sklearn.model_selection.GroupKFold` makes them;
        - a scikit-learn splitter: its groups are the sets of guides that genes and
          repeated sequences tie together;
        - an iterable of (train, test) row numbers.

        A splitter or an iterable that puts a gene or a sequence on both sides causes a
        warning.
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
        fewer sets of guides to keep apart than folds.
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
    'Better than a constant (squared error 1.973): ridge (1.043).'
    """
    named, constant = _check_estimators(estimators)
    baseline = constant if baseline is None else baseline
    check_baseline(baseline, named)
    scorers = _check_scoring(scoring)
    (X,) = indexable(X)
    target = check_target(y)
    check_consistent_length(X, target)
    group_labels, group_codes = None, None
    if groups is not None:
        group_labels, group_codes = check_groups(groups, len(target))
    if sequences is not None:
        check_consistent_length(X, sequences)
    sequence_codes = row_codes(X if sequences is None else sequences)
    splits = make_splits(
        cv,
        X,
        target,
        group_labels,
        connected(group_codes, sequence_codes),
        random_state,
    )
    leaks = count_leaks(splits, group_codes, sequence_codes)
    if any(leaks.values()):
        n_test = sum(len(test) for _, test in splits)
        warnings.warn(
            f"{describe_leaks(leaks, n_test)} cv=None and cv=5 keep them on one side",
            UserWarning,
            stacklevel=2,
        )
    if random_state is not None:
        seeds = check_random_state(random_state)
        named = {name: _with_seeds(each, seeds) for name, each in named.items()}
    labels = None if group_labels is None else group_labels[group_codes]
    metadata = _check_metadata(params, labels, len(target))
    fit_params = {
        name: _fit_params(name, each, metadata) for name, each in named.items()
    }
    _check_all_used(metadata, fit_params)

    outcomes = _run(
        [  # split by split, so that the slow estimators start early
            (
                *(name, estimator, number, split, X, target, group_codes),
                *(fit_params[name], scorers),
            )
            for number, split in enumerate(splits)
            for name, estimator in named.items()
        ],
        n_jobs,
        progress,
    )
    _warn_again(outcomes)
    return _as_result(
        outcomes,
        list(named),
        splits,
        target,
        labels,
        X.index
        if isinstance(X, pd.Series | pd.DataFrame)
        else pd.RangeIndex(len(target)),
        constant,
        baseline,
        leaks,
    )
