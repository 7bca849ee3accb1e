"""A model that was read -> a few guides predicted, which shows whether it is whole."""

import warnings
from typing import Any

import pandas as pd

from sgrna_estimator.scoring.front import first_encoding


def try_to_predict(model: Any) -> None:
    """Predict guides that have each letter at each position.

    A file may have been made so that an attribute is missing, or of another kind. What
    predictions are made of is known to those who make them only: they are asked.

    Parameters
    ----------
    model : FittedModel
        Nothing of its pipeline is known to be as it should.

    Raises
    ------
    Exception
        Any, if the model cannot predict.
    """
    encoding = first_encoding(model.pipeline)
    alphabet = encoding.alphabet
    takes_unknown = encoding.unknown != "error"
    # "?" is how a symbol is written that sequences cannot have
    symbols = alphabet.symbols.replace("?", "") if takes_unknown else alphabet.letters
    sequences = [symbol * encoding.length for symbol in symbols]
    if encoding.align is not None:
        sequences.append(alphabet.letters[0] * max(model.summary["shortest"], 1))
    features = pd.DataFrame({model.sequence: sequences})
    for number in range(len(model.covariates)):
        features.insert(number + 1, f"covariate {number}", 0.0, allow_duplicates=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such guides are unlike those of training
        model.predict(features)
