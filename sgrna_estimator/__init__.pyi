from . import datasets as datasets
from . import exceptions as exceptions
from . import metrics as metrics
from . import plotting as plotting
from . import sites as sites
from . import storage as storage
from .baselines.fractional_logistic import (
    FractionalLogisticRegression as FractionalLogisticRegression,
)
from .comparison.compare import compare_estimators as compare_estimators
from .comparison.learning_curve import learning_curve as learning_curve
from .comparison.learning_curve import (
    summarise_learning_curve as summarise_learning_curve,
)
from .comparison.permutations import permutation_test as permutation_test
from .comparison.result import ComparisonResult as ComparisonResult
from .inspection.effects import InteractionEffects as InteractionEffects
from .inspection.effects import LetterEffects as LetterEffects
from .inspection.letter_columns import letter_columns as letter_columns
from .inspection.letter_effects import interaction_effects as interaction_effects
from .inspection.letter_effects import letter_effects as letter_effects
from .mixtures.guide_effect import GuideEffectMixture as GuideEffectMixture
from .mixtures.logistic import MixtureLogisticRegression as MixtureLogisticRegression
from .mixtures.target import MixtureTargetRegressor as MixtureTargetRegressor
from .network.bounded_target import BoundedTargetRegressor as BoundedTargetRegressor
from .network.classifier import (
    PositionwiseReLUClassifier as PositionwiseReLUClassifier,
)
from .network.regressor import PositionwiseReLURegressor as PositionwiseReLURegressor
from .report.comparison_report import ComparisonReport as ComparisonReport
from .scoring.scorer import GuideScorer as GuideScorer
from .scoring.scorer import compile_scorer as compile_scorer
from .sequences.adjacent_pairs import (
    AdjacentPairsTransformer as AdjacentPairsTransformer,
)
from .sequences.layout import GuideLayout as GuideLayout
from .sequences.one_hot import SequenceOneHotTransformer as SequenceOneHotTransformer
from .storage.published_network import published_network as published_network

__version__: str
