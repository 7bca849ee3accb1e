"""What ``--covariates`` brought: the recommended model fitted again without them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sgrna_estimator.cli.fitting import (
    model_for,
    params_of_fits,
    sharing_mixtures,
)
from sgrna_estimator.cli.terminal import bad_input, show_progress
from sgrna_estimator.cli.workers import prepare_workers

if TYPE_CHECKING:
    from sgrna_estimator.comparison.covariate_gain import CovariateGain
    from sgrna_estimator.comparison.result import ComparisonResult
    from sgrna_estimator.datasets import GuideTable


def measure_covariates(
    result: "ComparisonResult",
    screen: "GuideTable",
    options: Mapping[str, Any],
    *,
    n_jobs: int,
) -> "CovariateGain | None":
    """Fit the recommended model without covariates, on the same folds.

    Parameters
    ----------
    result : ComparisonResult
        With the covariates, if there are any.
    screen : GuideTable
        The guides that were compared on.
    options : mapping of str to object
        Of `model_for`.
    n_jobs : int
        Fits at once.

    Returns
    -------
    CovariateGain or None
        None if there are no covariates, or if no model is recommended.
    """
    from dataclasses import replace

    from sklearn import config_context

    from sgrna_estimator.comparison.compare import compare_estimators
    from sgrna_estimator.comparison.covariate_gain import find_covariate_gain
    from sgrna_estimator.datasets.covariates import source_columns

    name = result.decision.model
    if screen.covariates is None or name is None:
        return None
    bare = replace(screen, covariates=None)
    model = {name: model_for(name, bare, **options)}
    models = sharing_mixtures(model, prepare_workers())
    with (
        bad_input(f"{screen.name}: "),
        config_context(enable_metadata_routing=True),
        show_progress("fits without covariates") as progress,
    ):
        without = compare_estimators(
            models,
            bare.features,
            bare.target,
            groups=bare.groups,
            sequences=bare.sequences,
            cv=result.splits_,
            n_jobs=n_jobs,
            params=params_of_fits(models, bare),
            progress=lambda done, total, name: progress(done, total),
        )
    covariates = source_columns(list(map(str, screen.covariates)), screen.categories)
    return find_covariate_gain(result, without, name, covariates)
