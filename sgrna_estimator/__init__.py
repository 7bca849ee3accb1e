"""Learn from a CRISPR screen which guide RNAs work, from their sequence."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sgrna_estimator._comparison import compare_estimators as compare_estimators
    from sgrna_estimator._comparison_result import ComparisonResult as ComparisonResult
    from sgrna_estimator._dinucleotides import (
        AdjacentPairsTransformer as AdjacentPairsTransformer,
    )
    from sgrna_estimator._fractional_logistic import (
        FractionalLogisticRegression as FractionalLogisticRegression,
    )
    from sgrna_estimator._guide_effect_mixture import (
        GuideEffectMixture as GuideEffectMixture,
    )
    from sgrna_estimator._layout import GuideLayout as GuideLayout
    from sgrna_estimator._letter_effects import InteractionEffects as InteractionEffects
    from sgrna_estimator._letter_effects import LetterEffects as LetterEffects
    from sgrna_estimator._letter_effects import (
        interaction_effects as interaction_effects,
    )
    from sgrna_estimator._letter_effects import letter_effects as letter_effects
    from sgrna_estimator._mixture_logistic import (
        MixtureLogisticRegression as MixtureLogisticRegression,
    )
    from sgrna_estimator._mixture_target import (
        MixtureTargetRegressor as MixtureTargetRegressor,
    )
    from sgrna_estimator._network import (
        PositionwiseReLUClassifier as PositionwiseReLUClassifier,
    )
    from sgrna_estimator._network import (
        PositionwiseReLURegressor as PositionwiseReLURegressor,
    )
    from sgrna_estimator._one_hot import (
        SequenceOneHotTransformer as SequenceOneHotTransformer,
    )

__version__ = "0.1.0"

# Where each public name is. A name is imported when it is first used, so that the command
# line shows its help, and a script starts, without waiting for all of scikit-learn.
_MODULES = {
    "AdjacentPairsTransformer": "_dinucleotides",
    "ComparisonResult": "_comparison_result",
    "FractionalLogisticRegression": "_fractional_logistic",
    "GuideEffectMixture": "_guide_effect_mixture",
    "GuideLayout": "_layout",
    "InteractionEffects": "_letter_effects",
    "LetterEffects": "_letter_effects",
    "MixtureLogisticRegression": "_mixture_logistic",
    "MixtureTargetRegressor": "_mixture_target",
    "PositionwiseReLUClassifier": "_network",
    "PositionwiseReLURegressor": "_network",
    "SequenceOneHotTransformer": "_one_hot",
    "compare_estimators": "_comparison",
    "interaction_effects": "_letter_effects",
    "letter_effects": "_letter_effects",
}
_SUBMODULES = ("datasets", "exceptions", "metrics", "plotting")

__all__ = sorted([*_MODULES, *_SUBMODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
