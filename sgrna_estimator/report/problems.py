"""What to be careful about in a comparison, derived from the guides and the scores."""

from collections.abc import Sequence

import pandas as pd

from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.guide_numbers import describe_joined
from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.comparison.splits import describe_leaks
from sgrna_estimator.comparison.verdict import ONE_SPLIT, RANKINGS, listed
from sgrna_estimator.metrics.reported import find_metric
from sgrna_estimator.report.data_summary import DataSummary
from sgrna_estimator.report.wording import counted, percent

_FEW_GUIDES = 300
_FEW_GENES_A_FOLD = 2
_DOMINANT_SHARE = 0.5
_TIED_SHARE = 0.1


def describe_problems(
    data: DataSummary, result: ComparisonResult, messages: Sequence[str] = ()
) -> list[str]:
    """Say in plain words what to be careful about.

    Parameters
    ----------
    data : DataSummary
        What was learnt from.
    result : ComparisonResult
        What came out.
    messages : sequence of str, default=()
        Warnings that were issued on the way; each is repeated once.

    Returns
    -------
    list of str
        Sentences on the guides, on the measurements, on the comparison, and the
        messages. Empty if there is nothing to warn of.
    """
    issued = [" ".join(message.split()) for message in messages]
    return [
        *_problems_of_guides(data, result.n_folds),
        *_problems_of_measurements(data),
        *_problems_of_comparison(result),
        *dict.fromkeys(filter(None, issued)),
    ]


def _problems_of_guides(data: DataSummary, n_folds: int) -> list[str]:
    problems = []
    if data.n_guides < _FEW_GUIDES:
        problems.append(
            f"There are {data.n_guides} guides only. With fewer than {_FEW_GUIDES}, "
            "chance decides much of what a comparison shows, and a real difference "
            "often goes unseen."
        )
    if data.group_sizes is None:
        problems.append(
            "No column of genes was named, so guides of one gene may be in training "
            "and in test. If the guides tile genes, the scores are not those on guides "
            "of new genes."
        )
        return problems
    n_genes = len(data.group_sizes)
    if n_genes < _FEW_GENES_A_FOLD * n_folds:
        problems.append(
            f"The guides are of {counted(n_genes, 'gene')} only, for {n_folds} folds. "
            "Each fold is tested on one or two genes, and the score depends much on "
            "which these are."
        )
    largest = data.group_sizes.index[0]
    share = data.group_sizes.iloc[0] / data.n_guides
    if share > _DOMINANT_SHARE:
        problems.append(
            f"The gene {largest} has {percent(share)} of the guides. What holds for it "
            "dominates the results, and the fold that tests on it trains on what is "
            "left."
        )
    return problems


def _problems_of_measurements(data: DataSummary) -> list[str]:
    problems = []
    if data.n_repeated:
        problems.append(
            f"{data.n_repeated:,} guides share their sequence with another guide, and "
            "such a sequence counts more than once. If they are replicates, average them "
            "before the comparison."
        )
    if data.n_conflicting_sequences:
        problems.append(
            f"{counted(data.n_conflicting_sequences, 'sequence')} with several "
            "measurements that differ: no model of the sequence can predict all of them."
        )
    share = data.n_of_commonest_value / data.n_guides
    if share > _TIED_SHARE:
        problems.append(
            f"{percent(share)} of the guides have the same measurement, "
            f"{data.commonest_value:.4g}. Rank correlations cannot order these, and "
            "squared errors are dominated by them."
        )
    return problems


def _problems_of_comparison(result: ComparisonResult) -> list[str]:
    n_test = sum(len(test) for _, test in result.splits_)
    leaks = describe_leaks(result.leaks_, n_test)
    problems = list(filter(None, [leaks, describe_joined(result.n_joined_)]))
    if len(result.splits_) < 2:
        return [*problems, ONE_SPLIT]
    to_constant = result.summary("mse", baseline=result.constant_)
    errors = _within_noise(to_constant, "p_adjusted")
    if errors:
        problems.append(
            f"Within noise: the squared error of {listed(errors)} against that of the "
            "constant predictor. Their predictions are not shown to be nearer or farther "
            "than the mean; how they rank guides is another question."
        )
    for metric in RANKINGS:
        if metric not in result.splits_with_metric_:
            continue
        table = result.summary(metric)
        alike = _within_noise(table, "p_best")
        if alike:
            best = table["estimator"].iloc[0]
            problems.append(
                f"Within noise: the lead of {best} over {listed(alike)} "
                f"({find_metric(metric).label}). Other folds or another screen may well "
                "order them differently."
            )
    return problems


def _within_noise(table: pd.DataFrame, p_value: str) -> list[str]:
    """Return the estimators of a summary of which a p value is not significant."""
    return table.loc[table[p_value] >= SIGNIFICANCE, "estimator"].tolist()
