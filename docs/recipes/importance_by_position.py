"""Permutation importance of positions: a letter is moved whole, to another guide."""

import numpy as np
from sklearn.inspection import permutation_importance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def join_letters(letters):
    return ["".join(row) for row in letters]


def importance_by_position(model, sequences, y, **options):
    """Return the importances of all positions, of guides that the model has not seen."""
    letters = np.array([list(sequence) for sequence in sequences])
    of_letters = make_pipeline(FunctionTransformer(join_letters), model)
    return permutation_importance(of_letters, letters, y, **options)
