"""Predictions of held-out guides, and what was measured -> intervals of predictions."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from sgrna_estimator._typing import Floats

COVERAGE = 0.8

# So many held-out guides are needed for this coverage.
FEWEST_HELD_OUT = 9

# The errors of that share of the held-out guides whose predictions are nearest are those
# that a new guide may have, but at least of so many guides.
_SHARE = 0.2
_FEWEST_NEAR = 100
_N_KNOTS = 201


@dataclass(frozen=True, eq=False)
class Calibration:
    """Predictions of guides by models that had not seen them, and the measurements.

    Attributes
    ----------
    predictions, measured : ndarray of shape (n_held_out,)
        In the unit of the target.
    bounds : (float, float) or None, default=None
        Beyond which no measurement can be, and so no interval.

    Notes
    -----
    Intervals are cross-conformal [1]_: quantiles of the errors of held-out guides, added
    to a prediction. Where predictions are compressed, as those of noisy screens are,
    errors are of another size at high predictions than at low ones, so that the quantiles
    are of the guides with the nearest predictions: a fifth of them, at least 100. Whole
    genes are held out where there are genes, so that intervals are those of guides of a
    new gene, its effect among what is not known.

    References
    ----------
    .. [1] V. Vovk, "Cross-conformal predictors", Annals of Mathematics and Artificial
       Intelligence 74, 9-28 (2015).

    Examples
    --------
    >>> import numpy as np
    >>> from sgrna_estimator.scoring.calibration import Calibration
    >>> rng = np.random.default_rng(0)
    >>> predictions = rng.normal(size=2000)
    >>> found = Calibration(predictions, predictions + rng.normal(size=2000))
    >>> lower, upper = found.interval([0.0], coverage=0.9)
    >>> bool(-1.9 < lower[0] < -1.4 and 1.4 < upper[0] < 1.9)
    True
    """

    predictions: Floats
    measured: Floats
    bounds: tuple[float, float] | None = None

    def interval(
        self, predictions: ArrayLike, coverage: float = COVERAGE
    ) -> tuple[Floats, Floats]:
        """Return between which values measurements of new guides are likely to be.

        Parameters
        ----------
        predictions : array-like of shape (n_guides,)
            Of the model that was fitted to all guides.
        coverage : float, default=0.8
            Share of guides whose measurement is between them; as many are below as above.

        Returns
        -------
        lower, upper : ndarray of shape (n_guides,)

        Raises
        ------
        ValueError
            If there are too few held-out guides for such a share.
        """
        knots, lowest, highest = _error_quantiles(self, coverage)
        predictions = np.asarray(predictions, dtype=np.float64)
        lower = predictions + np.interp(predictions, knots, lowest)
        upper = predictions + np.interp(predictions, knots, highest)
        if self.bounds is None:
            return lower, upper
        return np.clip(lower, *self.bounds), np.clip(upper, *self.bounds)


@lru_cache(maxsize=1)  # of one file's model, asked for by block after block of guides
def _error_quantiles(
    calibration: Calibration, coverage: float
) -> tuple[Floats, Floats, Floats]:
    """Return predictions, and a low and a high quantile of the errors near each."""
    predictions, measured = calibration.predictions, calibration.measured
    n_near = min(len(predictions), max(_FEWEST_NEAR, round(_SHARE * len(predictions))))
    # The conformal level: the new guide is one of n_near + 1.
    level = (1 + coverage) / 2 * (n_near + 1) / n_near
    if not 0 < coverage < 1 or level > 1:
        raise ValueError(
            f"coverage must be above 0 and, with {len(predictions)} held-out guides, "
            f"below {1 - 2 / (n_near + 1):.2g}, got {coverage}"
        )
    order = np.argsort(predictions, kind="stable")
    near = np.lib.stride_tricks.sliding_window_view(
        (measured - predictions)[order], n_near
    )
    starts = np.unique(np.linspace(0, len(near) - 1, _N_KNOTS).round().astype(int))
    lowest, highest = np.quantile(near[starts], [1 - level, level], axis=1)
    # A window belongs to the prediction in its middle.
    middles = starts[:, np.newaxis] + [(n_near - 1) // 2, n_near // 2]
    return predictions[order][middles].mean(axis=1), lowest, highest
