"""Each estimator fitted to, and scored on, each split, in parallel."""

import signal
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import resource_tracker
from time import perf_counter
from typing import Any

from joblib import effective_n_jobs
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.parallel import Parallel, delayed

from sgrna_estimator._sklearn_private import _safe_indexing
from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_target
from sgrna_estimator.comparison.splits import Split
from sgrna_estimator.metrics.reported import reported_scores

Progress = Callable[[int, int, str], object]


@dataclass(frozen=True)
class Task:
    """One estimator, to be fitted and scored on one split.

    Attributes
    ----------
    name : str
        Of the estimator.
    estimator : estimator
        Unfitted; it stays as it is.
    number : int
        Of the split.
    split : (ndarray, ndarray)
        Row numbers of the training and the test guides.
    fit_params : mapping of str to ndarray of shape (n_guides,)
        What `fit` is given beside X and y.
    """

    name: str
    estimator: Any
    number: int
    split: Split
    fit_params: Mapping[str, NDArray]


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    estimator : str
        Its name.
    split : int
        Number of the split.
    predictions : ndarray of shape (n_test,)
        Of the test guides.
    scores : dict of str to float
        By metric; ``nan`` where a score is not defined.
    fit_seconds, score_seconds : float
        Time that fitting took, and predicting and scoring.
    warnings : list of (type, str)
        Those that were issued.
    """

    estimator: str
    split: int
    predictions: Floats
    scores: dict[str, float]
    fit_seconds: float
    score_seconds: float
    warnings: list[tuple[type[Warning], str]]


def fit_and_score(
    task: Task,
    X: Any,
    y: Floats,
    groups: Ints | None,
    scorers: Mapping[str, Callable],
) -> Outcome:
    """Fit an estimator to the training guides of a split, and score it on the others.

    Parameters
    ----------
    task : Task
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        What estimators take.
    y : ndarray of shape (n_guides,)
        Measured activities.
    groups : ndarray of shape (n_guides,) or None
        Number of each guide's gene.
    scorers : mapping of str to scorer
        Reported beside the metrics of every comparison.

    Returns
    -------
    Outcome

    Raises
    ------
    RuntimeError
        If the estimator fails; it names the estimator and the split.
    """
    train, test = task.split
    stage, n_rows = "fit", len(train)
    try:
        X_train, X_test = _safe_indexing(X, train), _safe_indexing(X, test)
        with warnings.catch_warnings(record=True) as caught:
            start = perf_counter()
            model = clone(task.estimator)
            params = {key: values[train] for key, values in task.fit_params.items()}
            model.fit(X_train, y[train], **params)
            fitted = perf_counter()
            stage, n_rows = "scoring", len(test)
            predictions = check_target(
                column_or_1d(model.predict(X_test)), name="the prediction"
            )
            check_consistent_length(test, predictions)
            test_groups = None if groups is None else groups[test]
            scores = {
                metric: score(y[test], predictions, test_groups)
                for metric, score in reported_scores(groups is not None).items()
            }
            for metric, scorer in scorers.items():
                scores[metric] = float(scorer(model, X_test, y[test]))
            scored = perf_counter()
    except Exception as error:
        raise RuntimeError(
            f"estimator {task.name!r} failed in {stage} on split {task.number}: "
            f"{type(error).__name__}: {error} (rows, if it names any, count the "
            f"{n_rows} rows of that side of the split)"
        ) from error
    return Outcome(
        estimator=task.name,
        split=task.number,
        predictions=predictions,
        scores=scores,
        fit_seconds=fitted - start,
        score_seconds=scored - fitted,
        warnings=[(each.category, str(each.message)) for each in caught],
    )


def run_tasks(
    tasks: list[Task],
    X: Any,
    y: Floats,
    groups: Ints | None,
    scorers: Mapping[str, Callable],
    *,
    n_jobs: int | None,
    progress: Progress | None,
) -> list[Outcome]:
    """Run `fit_and_score` on each task, in parallel.

    Parameters
    ----------
    tasks : list of Task
    X, y, groups, scorers
        As in `fit_and_score`.
    n_jobs : int or None
        How many run at once.
    progress : callable or None
        Called as ``progress(done, total, name)`` after each.

    Returns
    -------
    list of Outcome
        In the order in which they finished.
    """
    # One task at a time, so that no quick estimator waits behind a slow one, and as
    # they finish, so that progress is told as it is made.
    parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
    outcomes: list[Outcome] = []
    finished = None
    try:
        with _ctrl_c_only_here() if effective_n_jobs(n_jobs) > 1 else nullcontext():
            finished = parallel(
                delayed(fit_and_score)(task, X, y, groups, scorers) for task in tasks
            )
        for outcome in finished:
            outcomes.append(outcome)
            if progress is not None:
                progress(len(outcomes), len(tasks), outcome.estimator)
    except BaseException as error:
        if finished is not None:
            finished.throw(error)  # stops the workers, and raises again
        raise
    return outcomes


@contextmanager
def _ctrl_c_only_here() -> Iterator[None]:
    """Let the processes that are started meanwhile not see Ctrl-C.

    A terminal sends it to all of them, and those that still import would print
    tracebacks. This process gets it afterwards, and ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):  # not a system of POSIX
        yield
        return
    # joblib would start it meanwhile, and it unblocks the signal.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def warn_again(outcomes: list[Outcome]) -> None:
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
