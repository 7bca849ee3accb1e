"""What is known of each metric that every comparison reports, in one place."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import mean_squared_error, r2_score

from sgrna_estimator._typing import Floats
from sgrna_estimator.metrics import pearson_score, spearman_score, within_group_spearman


@dataclass(frozen=True)
class _Metric:
    """A metric that every comparison reports.

    ``score(y_true, y_pred, groups)`` returns ``nan`` where the metric is not defined.
    """

    score: Callable[[Floats, Floats, NDArray | None], float]
    greater_is_better: bool = True
    needs_groups: bool = False


def _r2(y_true: Floats, y_pred: Floats) -> float:
    # scikit-learn calls a constant target perfectly or not at all explained
    return float("nan") if np.ptp(y_true) == 0 else float(r2_score(y_true, y_pred))


_METRICS = {
    "spearman": _Metric(lambda y, predicted, _: spearman_score(y, predicted)),
    "within_group_spearman": _Metric(within_group_spearman, needs_groups=True),
    "pearson": _Metric(lambda y, predicted, _: pearson_score(y, predicted)),
    "r2": _Metric(lambda y, predicted, _: _r2(y, predicted)),
    "mse": _Metric(
        lambda y, predicted, _: float(mean_squared_error(y, predicted)),
        greater_is_better=False,
    ),
}


def _has_metric(
    metric: _Metric, y: Floats, groups: NDArray | None, test: NDArray[np.intp]
) -> bool:
    """Tell whether perfect predictions of these guides would have a score."""
    test_groups = None if groups is None else groups[test]
    return not np.isnan(metric.score(y[test], y[test], test_groups))


METRIC_LABELS = {
    "spearman": "Spearman correlation",
    "within_group_spearman": "Mean Spearman correlation within genes",
    "pearson": "Pearson correlation",
    "r2": "R²",
    "mse": "Mean squared error",
    "active": "Spearman correlation with P(active)",
}
