"""Learn from a CRISPR screen which guide RNAs work, from their sequence."""

from sgrna_estimator._comparison import ComparisonResult, compare_estimators
from sgrna_estimator._dinucleotides import AdjacentPairsTransformer
from sgrna_estimator._fractional_logistic import FractionalLogisticRegression
from sgrna_estimator._network import (
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
)
from sgrna_estimator._one_hot import SequenceOneHotTransformer

__version__ = "0.1.0"
__all__ = [
    "AdjacentPairsTransformer",
    "ComparisonResult",
    "FractionalLogisticRegression",
    "PositionwiseReLUClassifier",
    "PositionwiseReLURegressor",
    "SequenceOneHotTransformer",
    "compare_estimators",
]
