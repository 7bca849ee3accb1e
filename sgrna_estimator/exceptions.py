"""Warnings that say a result should not be taken at face value."""

__all__ = [
    "ConstantPredictionsWarning",
    "InterruptedFitWarning",
    "PriorSetAsideWarning",
]


class ConstantPredictionsWarning(UserWarning):
    """A fitted model predicts the same value for every guide."""


class InterruptedFitWarning(UserWarning):
    """Ctrl-C ended a fit before its last epoch; the model holds what was learnt."""


class PriorSetAsideWarning(UserWarning):
    """A prior adds nothing to what own guides tell: the network begins from nothing."""
