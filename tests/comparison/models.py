"""Estimators that tests of the comparison share."""

import os
import signal

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

LETTERS = list("ACGT")


def as_letters(sequences):
    return np.array([list(sequence) for sequence in np.asarray(sequences).ravel()])


def on_sequences(model):
    return make_pipeline(
        FunctionTransformer(as_letters), OneHotEncoder(handle_unknown="ignore"), model
    )


class Unlucky(RegressorMixin, BaseEstimator):
    """Fails to fit, or predicts nonsense."""

    def __init__(self, how="fit"):
        self.how = how

    def fit(self, X, y):
        if self.how == "interrupt":
            raise KeyboardInterrupt
        if self.how == "Ctrl-C":
            os.kill(os.getpid(), signal.SIGINT)
        if self.how == "fit":
            raise ValueError("no luck in row 3")
        self.n_features_in_ = 1
        return self

    def predict(self, X):
        fill = np.nan if self.how == "predict" else 0.0
        return np.full(len(X) - (self.how == "length"), fill)


class Taker(RegressorMixin, BaseEstimator):
    """Predicts what it was fitted with: how many genes, and the sum of the extras."""

    def fit(self, X, y, groups=None, extra=None):
        n_genes = 0 if groups is None else len(set(groups))
        self.n_genes_and_extra_ = n_genes + (0 if extra is None else sum(extra) / 1000)
        return self

    def predict(self, X):
        return np.full(len(X), self.n_genes_and_extra_)


class AlwaysTen(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.full(len(X), 10.0)
