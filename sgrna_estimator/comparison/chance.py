"""What models score by chance, and whether they score more."""

from dataclasses import dataclass

import numpy as np

from sgrna_estimator._typing import Floats
from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE

# With fewer, the p value of the best that can come out is above 5 %.
FEWEST_PERMUTATIONS = 19


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """What `permutation_test` found.

    Attributes
    ----------
    metric : str
        By which models were scored: the primary one of the comparison.
    estimators : list of str
        The models, of which the best counts.
    score : float
        The best score of any of them, mean over folds, on the measurements as they are.
    null : ndarray of shape (n_permutations,)
        The same on each permutation.
    """

    metric: str
    estimators: list[str]
    score: float
    null: Floats

    @property
    def n_permutations(self) -> int:
        """How many permutations there were."""
        return len(self.null)

    @property
    def p_value(self) -> float:
        """Share of permutations that score as well, the measurements themselves among them.

        One-sided; at least ``1 / (n_permutations + 1)``.
        """
        return float((1 + (self.null >= self.score).sum()) / (1 + len(self.null)))

    @property
    def shows_signal(self) -> bool:
        """Whether the p value is 5 % or less."""
        return self.p_value <= SIGNIFICANCE

    @property
    def smallest_shown(self) -> float:
        """A correlation that shows signal half of the time; a smaller one, less often."""
        n_above = int(
            SIGNIFICANCE * (1 + len(self.null))
        )  # at most, and the score itself
        return float(np.sort(self.null)[-n_above])
