"""Intervals for guides of new genes, from the errors on genes that were held out."""

from mapie.regression import CrossConformalRegressor
from sklearn.model_selection import GroupKFold


def fit_with_intervals(model, sequences, y, genes, confidence=0.8):
    """Return a fitted regressor with predict_interval, around a pipeline."""
    folds = GroupKFold(5)
    conformal = CrossConformalRegressor(model, confidence_level=confidence, cv=folds)
    return conformal.fit_conformalize(sequences, y, groups=genes)
