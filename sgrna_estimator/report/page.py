"""A comparison as one page of HTML that explains itself and needs no network.

Data flow: ``data_summary`` counts what the guides are, ``tables`` puts counts
and scores into cells, ``problems`` says what to be careful about,
``figures`` draws, and the template ``report.html.jinja`` makes a page of it. The
template holds all mark-up and style; what comes from a table is escaped there.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import pandas as pd

from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.report.data_summary import summarise_data
from sgrna_estimator.report.figures import (
    ScreenMixture,
    picture_of_comparison,
    picture_of_effects,
    picture_of_predictions,
    picture_of_target,
    pictures_of_curves,
    pictures_of_mixtures,
)
from sgrna_estimator.report.problems import describe_problems
from sgrna_estimator.report.tables import (
    best_estimator,
    comparison_rows,
    data_rows,
    quantile_cells,
)

_PACKAGES = ("scikit-learn", "numpy", "numba", "pandas")


def make_report(
    *,
    title: str,
    sequences: pd.Series,
    target: pd.Series,
    groups: pd.Series | None,
    result: ComparisonResult,
    curves: Mapping[str, Any],
    effects: Mapping[str, Any],
    mixtures: Mapping[str, ScreenMixture],
    layout: str | None,
    messages: Sequence[str],
    models: Mapping[str, str],
    command: str,
    next_commands: Sequence[str],
    seed: int,
) -> str:
    """Write the report of a comparison.

    Parameters
    ----------
    title : str
        Names of the tables.
    sequences : Series of str
        As written.
    target : Series of float64
        Measured activities.
    groups : Series or None
        Gene of each guide.
    result : ComparisonResult
        What the comparison found.
    curves : mapping of str to estimator
        Fitted networks whose losses are shown, by name; their ``X_val`` were the test
        guides of the first split.
    effects : mapping of str to estimator
        Fitted models whose base effects are shown side by side, by name.
    mixtures : mapping of str to (GuideEffectMixture, Series, Series or None)
        Where models learn the probability that a guide is active: the mixture of each
        screen, by its name, with the log2 fold changes and the genes of its guides.
    layout : str or None
        Where the spacer and the PAM are, as `BaseEffectsDisplay` reads it.
    messages : sequence of str
        Warnings that were issued during the work.
    models : mapping of str to str
        What each model is, by name.
    command : str
        What to type to get this report again.
    next_commands : sequence of str
        What to type to use the best model; shown if there is anything to use.
    seed : int
        Seed of folds and of training.

    Returns
    -------
    str
        An HTML document that refers to no other file.
    """
    from jinja2 import Environment, StrictUndefined

    data = summarise_data(sequences, target, groups)
    best = best_estimator(result)
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(
        files("sgrna_estimator.report").joinpath("report.html.jinja").read_text("utf-8")
    )
    page = template.render(
        title=title,
        data=data,
        columns={
            "sequences": sequences.name,
            "measured activities": target.name,
            "genes": None if groups is None else groups.name,
        },
        n_folds=len(result.splits_),
        verdict=result.verdict(),
        constant=result.constant_,
        tables=comparison_rows(result),
        comparison=picture_of_comparison(result),
        observed=picture_of_predictions(result, best),
        curves=pictures_of_curves(
            curves, "P(active)" if mixtures else "the measured activity"
        ),
        mixtures=pictures_of_mixtures(mixtures),
        effects=picture_of_effects(effects, layout) if effects else None,
        data_rows=data_rows(data),
        histogram=picture_of_target(target, data),
        quantiles=quantile_cells(data),
        problems=describe_problems(data, result, messages),
        signal=result.has_signal,
        models=models,
        command=command,
        next_commands=next_commands,
        seed=seed,
        versions=_versions(),
        written=datetime.now().astimezone(),
    )
    # A file name that is not UTF-8 has characters that no file can hold.
    return page.encode("utf-8", "replace").decode("utf-8")


def _versions() -> dict[str, str]:
    from sgrna_estimator._version import __version__

    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "python": python,
        "sgrna_estimator": __version__,
        **{package: version(package) for package in _PACKAGES},
    }
