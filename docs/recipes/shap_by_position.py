"""shap values of positions: of one-hot columns, summed, or of letters."""

import numpy as np
import shap

from sgrna_estimator import letter_columns


def shap_of_columns(model, background, sequences):
    """Return values by position, and the base value, for a linear model or trees."""
    encoder, last = model[:-1], model[-1]
    masker = shap.maskers.Independent(encoder.transform(background), max_samples=1000)
    values = shap.Explainer(last, masker)(encoder.transform(sequences))
    by_position = {
        position: values.values[:, columns].sum(axis=1)
        for position, columns in letter_columns(model).items()
    }
    return by_position, values.base_values


def shap_of_letters(model, background, sequences, alphabet="ACGT"):
    """Return an explanation by position for any model, of whole sequences only."""

    def encode(guides):
        return np.array([[*map(alphabet.index, guide)] for guide in guides])

    def predict(codes):
        letters = np.array(list(alphabet))[codes.astype(int)]
        return model.predict(["".join(row) for row in letters])

    masker = shap.maskers.Independent(encode(background), max_samples=100)
    explain = shap.Explainer(predict, masker, algorithm="permutation", seed=0)
    return explain(encode(sequences), silent=True)
