"""Predicted and measured activity -> scores: correlations, scorers, what is reported."""

from sgrna_estimator.metrics.correlations import (
    pearson_score,
    pearson_scorer,
    spearman_score,
    spearman_scorer,
    within_group_spearman,
    within_group_spearman_scorer,
)

__all__ = [
    "pearson_score",
    "pearson_scorer",
    "spearman_score",
    "spearman_scorer",
    "within_group_spearman",
    "within_group_spearman_scorer",
]
