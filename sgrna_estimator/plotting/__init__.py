"""Numbers -> pictures: displays in scikit-learn's style.

A display is made by ``from_estimator``, ``from_predictions`` or ``from_result``, which
compute what is shown and draw it; ``plot(ax=...)`` draws it again. It keeps ``ax_``,
``figure_`` and the artists. Matplotlib's pyplot and seaborn are imported when something
is drawn.
"""

from sgrna_estimator.plotting.base_effects import BaseEffectsDisplay
from sgrna_estimator.plotting.comparison import ComparisonDisplay
from sgrna_estimator.plotting.interactions import InteractionDisplay
from sgrna_estimator.plotting.learning_curve import PriorGainDisplay
from sgrna_estimator.plotting.loss_curve import LossCurveDisplay
from sgrna_estimator.plotting.mixture import MixtureDisplay
from sgrna_estimator.plotting.observed_vs_predicted import ObservedVsPredictedDisplay
from sgrna_estimator.plotting.top_guides import TopGuidesDisplay

__all__ = [
    "BaseEffectsDisplay",
    "ComparisonDisplay",
    "InteractionDisplay",
    "LossCurveDisplay",
    "MixtureDisplay",
    "ObservedVsPredictedDisplay",
    "PriorGainDisplay",
    "TopGuidesDisplay",
]
