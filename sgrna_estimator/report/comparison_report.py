"""A comparison as one page of HTML.

Data flow: ``data_summary`` counts what the guides are, ``answer``, ``score_table`` and
``data_table`` put scores and counts into cells, ``problems`` says what to be careful
about, ``figures`` draws, and ``page`` lays it out. ``fits`` and ``prior_gain`` make the
fits that a report shows beside the comparison.
"""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sgrna_estimator._typing import Floats
from sgrna_estimator.comparison.covariate_gain import CovariateGain
from sgrna_estimator.comparison.result import ComparisonResult
from sgrna_estimator.report.answer import answer_rows
from sgrna_estimator.report.data_summary import summarise_data
from sgrna_estimator.report.data_table import data_rows, quantile_cells
from sgrna_estimator.report.figures import (
    picture_of_comparison,
    picture_of_effects,
    picture_of_predictions,
    picture_of_target,
    picture_of_top_guides,
    pictures_of_curves,
    pictures_of_mixtures,
)
from sgrna_estimator.report.fits import ScreenMixture
from sgrna_estimator.report.page import framed, render_page
from sgrna_estimator.report.prior_gain import (
    PriorGain,
    describe_prior_gain,
    picture_of_prior_gain,
)
from sgrna_estimator.report.problems import describe_problems
from sgrna_estimator.report.score_table import comparison_rows, rows_by_table
from sgrna_estimator.sequences.codes import read_texts
from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.storage.whole_files import write


class _Guides(NamedTuple):
    """The guides that were tested, in the order of X, each once."""

    sequences: pd.Series
    target: Floats
    groups: pd.Series | None


def _tested_guides(result: ComparisonResult, sequences: Any) -> _Guides:
    """Return what is known of the guides that a comparison tested."""
    texts = read_texts(sequences)
    n_guides = 1 + max(int(side.max()) for split in result.splits_ for side in split)
    if len(texts) < n_guides:
        raise ValueError(
            f"sequences must hold one entry a guide of the comparison: expected "
            f"{n_guides}, got {len(texts)}"
        )
    tested = np.concatenate([test for _, test in result.splits_])
    # Rows of the predictions are in this order; a guide may be tested several times.
    once = result.predictions_["repeat"] == 0
    table = result.predictions_[once].reset_index(drop=True)
    return _Guides(
        sequences=pd.Series([texts[row] for row in np.unique(tested)]),
        target=table["y"].to_numpy(),
        groups=table.get("group"),
    )


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonReport:
    """A comparison as one page of HTML that explains itself and needs no network.

    A notebook shows it in its cell; `save` writes it to a file.

    Parameters
    ----------
    result : ComparisonResult
        From `compare_estimators`.
    sequences : array-like of str of shape (n_guides,)
        Sequences of the guides, in the order of the comparison's ``X``.
    tables : array-like of str of shape (n_guides,), default=None
        The table that each guide is from, in the same order. If there are several, the
        score of each model on the guides of each is shown.
    effects : mapping of str to estimator, default=None
        Models fitted to all guides, by name. The effects of letters in them are shown
        one below the other.
    curves : mapping of str to estimator, default=None
        Networks, or pipelines that end in one, by name. Their losses are shown; their
        ``X_val`` must have been the test guides of the first split.
    mixtures : mapping of str to (GuideEffectMixture, ndarray, ndarray or None), \
default=None
        Where models learn the probability that a guide is active: the mixture of each
        screen, by its name, with the log2 fold changes and the genes of its guides.
    prior_gain : PriorGain, default=None
        What a prior brought, from ``report.prior_gain.measure_prior_gain``.
    covariate_gain : CovariateGain, default=None
        What covariates brought, from
        ``comparison.covariate_gain.find_covariate_gain``.
    layout : GuideLayout or str, default=None
        Where the spacer and the PAM are, such as ``"4+20+3+3"``.
    title : str, default=""
        What the guides are called.
    columns : mapping of str to str, default=None
        What the columns of the table are called, by what they hold:
        ``{"measured activities": "indel"}``.
    descriptions : mapping of str to str, default=None
        What each model is, by its name.
    messages : sequence of str, default=()
        Warnings that were issued on the way, shown among those of the report.
    command : str, default=""
        What to type to get the report again.
    next_commands : sequence of str, default=()
        What to type to use the best model; shown if there is anything to use.
    seed : int, default=None
        Seed of folds and of training.

    Raises
    ------
    ValueError
        If there are fewer sequences or tables than guides, or a sequence is not text (it
        names the rows).

    See Also
    --------
    compare_estimators : Makes what is shown.

    Notes
    -----
    Guides that no split tests are not counted among the data.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import (
    ...     ComparisonReport,
    ...     SequenceOneHotTransformer,
    ...     compare_estimators,
    ... )
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=200, n_genes=20, random_state=0)
    >>> ridge = make_pipeline(SequenceOneHotTransformer(), Ridge(10))
    >>> result = compare_estimators(
    ...     {"ridge": ridge},
    ...     screen.sequences,
    ...     screen.target,
    ...     groups=screen.groups,
    ...     random_state=0,
    ... )
    >>> report = ComparisonReport(
    ...     result,
    ...     sequences=screen.sequences,
    ...     effects={"ridge": ridge.fit(screen.sequences, screen.target)},
    ... )
    >>> report.to_html()[:15]
    '<!DOCTYPE html>'
    """

    result: ComparisonResult
    _: KW_ONLY
    sequences: Any
    tables: Any = None
    effects: Mapping[str, Any] | None = None
    curves: Mapping[str, Any] | None = None
    mixtures: Mapping[str, ScreenMixture] | None = None
    prior_gain: PriorGain | None = None
    covariate_gain: CovariateGain | None = None
    layout: GuideLayout | str | None = None
    title: str = ""
    columns: Mapping[str, str] | None = None
    descriptions: Mapping[str, str] | None = None
    messages: Sequence[str] = ()
    command: str = ""
    next_commands: Sequence[str] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        _tested_guides(self.result, self.sequences)  # raises
        rows_by_table(self.result, self.tables)  # raises

    def to_html(self) -> str:
        """Return the page.

        Returns
        -------
        str
            An HTML document that refers to no other file.
        """
        result, guides = self.result, _tested_guides(self.result, self.sequences)
        data = summarise_data(*guides)
        shown = result.decision.model or result.best
        learnt = "P(active)" if self.mixtures else "the measured activity"
        return render_page(
            title=self.title,
            data=data,
            columns=self.columns or {},
            n_folds=result.n_folds,
            n_repeats=result.n_repeats_,
            verdict=[*result.verdict(), *self._notes()],
            decision=result.decision,
            answer=answer_rows(result),
            constant=result.constant_,
            tables=comparison_rows(result),
            by_table=rows_by_table(result, self.tables),
            comparison=picture_of_comparison(result),
            prior_found=[]
            if self.prior_gain is None
            else describe_prior_gain(result, self.prior_gain),
            prior_curve=None
            if self.prior_gain is None
            else picture_of_prior_gain(self.prior_gain),
            top_guides=picture_of_top_guides(result, shown),
            observed=picture_of_predictions(result, shown),
            curves=pictures_of_curves(self.curves or {}, learnt),
            mixtures=pictures_of_mixtures(self.mixtures or {}),
            effects=picture_of_effects(self.effects, self.layout)
            if self.effects
            else None,
            data_rows=data_rows(data),
            histogram=picture_of_target(guides.target, data),
            quantiles=quantile_cells(data),
            problems=describe_problems(data, result, self.messages),
            signal=result.has_signal,
            models=self.descriptions or {},
            command=self.command,
            next_commands=self.next_commands,
            seed=self.seed,
        )

    def _notes(self) -> list[str]:
        """Return sentences that the comparison alone does not know."""
        return [] if self.covariate_gain is None else [self.covariate_gain.describe()]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file, which is there whole or not at all.

        Parameters
        ----------
        path : str or path-like
            The file, by custom ``.html``. One that is there is replaced.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        page = self.to_html()
        write(Path(path), lambda file: file.write_text(page, encoding="utf-8"))

    def _repr_html_(self) -> str:
        return framed(self.to_html())
