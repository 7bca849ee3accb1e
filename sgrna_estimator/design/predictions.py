"""Contexts -> what a fitted model predicts of them, and how far its networks differ."""

import warnings
from typing import TYPE_CHECKING

import pandas as pd

from sgrna_estimator.scoring.scorer import compile_scorer

if TYPE_CHECKING:
    from sgrna_estimator.storage.model_file import FittedModel


def check_needs_sequence_only(fitted: "FittedModel") -> None:
    """Refuse a model that needs more than a FASTA tells, before the work.

    Parameters
    ----------
    fitted : FittedModel

    Raises
    ------
    ValueError
        If it has covariates.
    """
    if fitted.covariates:
        raise ValueError(
            f"the model needs {', '.join(fitted.covariate_columns)} of each guide, which a "
            "FASTA does not tell: use predict on a table that has them"
        )


def predict_contexts(fitted: "FittedModel", contexts: pd.Series) -> pd.DataFrame:
    """Predict guides, of which more is better.

    Parameters
    ----------
    fitted : FittedModel
        As `check_needs_sequence_only` has it.
    contexts : Series of str of shape (n_guides,)
        Of the layout that it was trained on.

    Returns
    -------
    DataFrame of shape (n_guides, 1 to 4)
        ``prediction``: what `fitted` was trained to predict or, if it learnt from log2
        fold changes, the probability that the guide is active. ``prediction_sd``: the
        standard deviation over the networks that are averaged, if there are several.
        ``lower`` and ``upper``: between which 80 % of the measurements of new guides
        are, if `fit` held guides out; there are none of a probability, which is not
        measured.
    """
    predicted = _predict(fitted, contexts)
    if fitted.calibration is not None and not fitted.tells_active:
        lower, upper = fitted.calibration.interval(predicted["prediction"])
        predicted = predicted.assign(lower=lower, upper=upper)
    return predicted


def _predict(fitted: "FittedModel", contexts: pd.Series) -> pd.DataFrame:
    # After a mixture the inner model predicts whether a guide is active.
    model = fitted.pipeline
    if fitted.tells_active:
        model = getattr(model, "regressor_", model)
    with warnings.catch_warnings():
        # Of letters that no training guide had; `unlike_training` names them guide by
        # guide.
        warnings.filterwarnings("ignore", "position .* held .* and was dropped")
        try:
            scorer = compile_scorer(model)
        except ValueError:  # trees and the like
            frame = contexts.to_frame(fitted.sequence)
            found = fitted.predict(frame)
            column = "p_active" if fitted.tells_active else "prediction"
            return found[[column]].set_axis(["prediction"], axis="columns")
        if len(scorer.parts) == 1:
            scores = {"prediction": scorer.score(contexts)}
        else:
            mean, sd = scorer.score(contexts, return_std=True)
            scores = {"prediction": mean, "prediction_sd": sd}
    return pd.DataFrame(scores, index=contexts.index)
