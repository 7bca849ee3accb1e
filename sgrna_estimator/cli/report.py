"""``sgrna-estimator compare --report``: the page of a comparison, and what to do next."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.fitting import uses_screens
from sgrna_estimator.cli.next_commands import commands_to_use_it
from sgrna_estimator.cli.screen import name_tables
from sgrna_estimator.cli.terminal import PROGRAM, bad_input, say, show_progress
from sgrna_estimator.storage.model_file import STANDARDIZED

if TYPE_CHECKING:
    from sgrna_estimator.comparison.covariate_gain import CovariateGain
    from sgrna_estimator.comparison.result import ComparisonResult
    from sgrna_estimator.datasets import GuideTable
    from sgrna_estimator.report.prior_gain import PriorGain


def write_report(
    context: typer.Context,
    screen: "GuideTable",
    result: "ComparisonResult",
    estimators: Mapping[str, Any],
    messages: Sequence[str],
    covariate_gain: "CovariateGain | None",
) -> None:
    """Fit what a report shows beside the comparison, and write it.

    Parameters
    ----------
    context : Context
        Of the command ``compare``: its options, of which ``--report`` names the file,
        and, as ``obj``, what followed the program's name.
    screen : GuideTable
        The guides that were compared on.
    result : ComparisonResult
        What came out.
    estimators : mapping of str to estimator
        What was compared, unfitted.
    messages : sequence of str
        Warnings issued so far; more may come while it is written.
    covariate_gain : CovariateGain or None
        What covariates brought, if there are any.
    """
    import matplotlib as mpl
    from sklearn import config_context

    from sgrna_estimator import ComparisonReport
    from sgrna_estimator.report.fits import fits_to_show

    given = context.params
    say("fitting to all guides, for the report")
    mpl.use("Agg")
    columns = {
        "sequences": str(screen.sequences.name),
        "measured activities": str(screen.target.name),
    }
    if screen.is_standardized:
        columns["measured activities"] += f", {STANDARDIZED}"
    if screen.groups is not None:
        columns["genes"] = str(screen.groups.name)
    with (
        bad_input(f"{screen.name}: "),
        config_context(enable_metadata_routing=True),
    ):
        fits = fits_to_show(
            estimators,
            screen.features,
            screen.target,
            split=result.splits_[0],
            groups=screen.groups,
            screens=screen.screens,
            through_mixture=screen.is_log2fc,
        )
        report = ComparisonReport(
            result,
            sequences=screen.sequences,
            tables=name_tables(screen),
            effects=fits.effects,
            curves=fits.curves,
            mixtures=fits.mixtures,
            covariate_gain=covariate_gain,
            prior_gain=_prior_gain(screen, result, estimators, given),
            layout=given["layout"],
            title=", ".join(screen.source["file"].map(_name).unique()),
            columns=columns,
            descriptions={name: MODELS[name].description for name in estimators},
            messages=messages,
            command=shlex.join([PROGRAM, *context.obj]),
            next_commands=commands_to_use_it(result.decision, given),
            seed=given["seed"],
        )
        report.save(given["report"])
    say(f"wrote {given['report']}")


def _prior_gain(
    screen: "GuideTable",
    result: "ComparisonResult",
    estimators: Mapping[str, Any],
    given: Mapping[str, Any],
) -> "PriorGain | None":
    """Fit to fewer guides with and without the prior, if both were compared."""
    from sgrna_estimator.report.prior_gain import compares_prior, measure_prior_gain

    if not compares_prior(result):
        return None
    say("fitting to fewer guides, to see what the prior brought")
    by_screen = screen.screens is not None and uses_screens(estimators, screen)
    try:
        with show_progress("fits") as progress:
            return measure_prior_gain(
                *(result, estimators, screen.features, screen.target),
                groups=screen.groups,
                params={"screens": screen.screens} if by_screen else None,
                n_jobs=given["jobs"],
                random_state=given["seed"],
                progress=lambda done, total, name: progress(done, total),
            )
    except RuntimeError as error:
        # Few guides may have too few of a small screen for its mixture. The rest of the
        # page does not depend on them.
        say(f"the report will not say what the prior brought: {error}")
        return None


def _name(file: str) -> str:
    return Path(file).name
