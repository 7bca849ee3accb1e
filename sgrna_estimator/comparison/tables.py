"""What the workers returned, in whatever order -> tables of scores and predictions."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats
from sgrna_estimator.comparison.fit_and_score import Outcome
from sgrna_estimator.comparison.splits import Split


def tabulate_scores(
    outcomes: list[Outcome], names: list[str], splits: list[Split]
) -> pd.DataFrame:
    """Return the scores, a row for each estimator, split and metric.

    Parameters
    ----------
    outcomes : list of Outcome
        Of each estimator on each split.
    names : list of str
        The estimators, in the order of the table.
    splits : list of (ndarray, ndarray)
        Row numbers of the training and the test guides.

    Returns
    -------
    DataFrame
        As in `ComparisonResult`.
    """
    by_task = {(outcome.estimator, outcome.split): outcome for outcome in outcomes}
    return pd.DataFrame(
        [
            {
                "estimator": name,
                "split": number,
                "metric": metric,
                "value": value,
                "fit_seconds": outcome.fit_seconds,
                "score_seconds": outcome.score_seconds,
                "n_train": len(train),
                "n_test": len(test),
            }
            for name in names
            for number, (train, test) in enumerate(splits)
            for outcome in [by_task[name, number]]
            for metric, value in outcome.scores.items()
        ]
    )


def tabulate_predictions(
    outcomes: list[Outcome],
    names: list[str],
    splits: list[Split],
    y: Floats,
    groups: NDArray | None,
    index: pd.Index,
) -> pd.DataFrame:
    """Return the predictions, a row for each test guide of each split.

    Parameters
    ----------
    outcomes, names, splits
        As in `tabulate_scores`.
    y : ndarray of shape (n_guides,)
        Measured activities.
    groups : ndarray of shape (n_guides,) or None
        Gene of each guide.
    index : Index of shape (n_guides,)
        What the guides are called.

    Returns
    -------
    DataFrame
        As in `ComparisonResult`.
    """
    by_task = {(outcome.estimator, outcome.split): outcome for outcome in outcomes}
    numbers = range(len(splits))
    tested = np.concatenate([test for _, test in splits])
    columns: dict[str, NDArray] = {"y": y[tested]}
    if groups is not None:
        columns["group"] = groups[tested]
    columns["split"] = np.repeat(numbers, [len(test) for _, test in splits])
    columns["repeat"] = pd.Series(tested).groupby(tested).cumcount().to_numpy()
    for name in names:
        parts = [by_task[name, number].predictions for number in numbers]
        columns[name] = np.concatenate(parts)
    table = pd.DataFrame(columns, index=index[tested])
    return table.iloc[np.argsort(tested, kind="stable")]


def share_of_constant_genes(predictions: pd.DataFrame, names: list[str]) -> pd.Series:
    """Tell in how many genes each estimator predicts the same for all guides.

    Parameters
    ----------
    predictions : DataFrame
        From `tabulate_predictions`, with genes.
    names : list of str
        The estimators.

    Returns
    -------
    Series
        By estimator, the share of the genes of all splits of which the measurements vary;
        ``nan`` if there are none.
    """
    of_genes = predictions.groupby(["split", "group"])[["y", *names]]
    is_constant = of_genes.max() == of_genes.min()
    return is_constant.loc[~is_constant["y"], names].mean()
