"""Targets that have bounds, such as percentages, for regressors that predict shares."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.callback import with_callbacks
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._inner_regressor import FIT_TO_FIT, InnerRegressorBase
from sgrna_estimator._sklearn_private import HasMethods, _fit_context
from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import LARGEST_TARGET, check_target

Bounds = tuple[float, float]


def check_bounds(bounds: ArrayLike) -> Bounds:
    """Return bounds as two numbers, or say what is wrong with them.

    Parameters
    ----------
    bounds : array-like of shape (2,)

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If they are not two finite numbers, the lower first.
    """
    numbers = np.asarray(bounds)
    is_pair = numbers.shape == (2,) and numbers.dtype.kind in "fiu"
    # NaN compares as False
    if not (is_pair and -LARGEST_TARGET <= numbers[0] < numbers[1] <= LARGEST_TARGET):
        raise ValueError(
            "bounds must be two finite numbers, the lower first, such as 0 and 100, got "
            f"{' and '.join(map(str, numbers.tolist())) if is_pair else bounds}"
        )
    return float(numbers[0]), float(numbers[1])


def to_share(values: Floats, bounds: Bounds) -> Floats:
    """Return where values are between two bounds: 0 at the lower, 1 at the higher.

    Parameters
    ----------
    values : ndarray
    bounds : (float, float)

    Returns
    -------
    ndarray
    """
    low, high = bounds
    return (values - low) / (high - low)


def from_share(share: Floats, bounds: Bounds) -> Floats:
    """Return values between two bounds, the inverse of `to_share`.

    Parameters
    ----------
    share : ndarray
    bounds : (float, float)

    Returns
    -------
    ndarray
        The lower bound where a share is below 0, the higher where it is above 1.
    """
    low, high = bounds
    # Rounding alone can take a share of nearly 1 beyond the bound.
    return np.clip(low + (high - low) * share, low, high)


class BoundedTargetRegressor(InnerRegressorBase):
    """Regression on a target that has bounds, by a regressor that predicts shares.

    The target is rescaled from the bounds to [0, 1], for a regressor with logistic
    output, and predictions are mapped back: indels in % are never below 0 or above 100.

    Parameters
    ----------
    regressor : estimator
        What learns a target from 0 to 1, such as a pipeline of a
        :class:`SequenceOneHotTransformer` and a :class:`PositionwiseReLURegressor` with
        ``output="logistic"``, or a :class:`FractionalLogisticRegression`.
    bounds : (float, float), default=(0.0, 1.0)
        Between which, inclusive, the target can be, in its unit. They follow from what
        is measured; the extremes of a table are narrower than that.

    Attributes
    ----------
    regressor_ : estimator
        The regressor, fitted to the rescaled target.
    bounds_ : (float, float)
        The bounds.
    n_features_in_ : int
        Of ``regressor_``, if it has it.
    feature_names_in_ : ndarray of str
        Of ``regressor_``, if it has them.

    See Also
    --------
    PositionwiseReLURegressor : Learns any target with its default, the identity output.
    sklearn.compose.TransformedTargetRegressor : For any transformation of the target.

    Notes
    -----
    Predictions are equivariant: a target and bounds of ``a * y + c`` with ``a > 0`` give
    ``a * prediction + c``, up to rounding.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import (
    ...     BoundedTargetRegressor,
    ...     PositionwiseReLURegressor,
    ...     SequenceOneHotTransformer,
    ... )
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=300, n_genes=10, random_state=0)
    >>> percent = 100 * screen.target
    >>> network = PositionwiseReLURegressor(
    ...     output="logistic", loss="log_loss", random_state=0
    ... )
    >>> model = BoundedTargetRegressor(
    ...     make_pipeline(SequenceOneHotTransformer(), network), bounds=(0, 100)
    ... )
    >>> predicted = model.fit(screen.sequences, percent).predict(screen.sequences)
    >>> bool(0 <= predicted.min() and 1 < predicted.max() <= 100)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "regressor": [HasMethods(["fit", "predict"])],
        "bounds": ["array-like"],
    }

    def __init__(self, regressor: Any, *, bounds: ArrayLike = (0.0, 1.0)) -> None:
        self.regressor = regressor
        self.bounds = bounds

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: ArrayLike, **fit_params: Any) -> Self:
        """Fit the regressor to the rescaled target.

        Parameters
        ----------
        X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
            What the regressor takes.
        y : array-like of shape (n_guides,)
            Measured activities, within the bounds.
        **fit_params : dict
            For the regressor's `fit`, as they are; with scikit-learn's metadata routing
            on, what it requests.

        Returns
        -------
        self : BoundedTargetRegressor

        Raises
        ------
        ValueError
            If the bounds are not two finite numbers, the lower first, or a measurement
            is missing, infinite or beyond them (the message names the rows).
        """
        bounds = check_bounds(self.bounds)
        values = check_target(y, lower=bounds[0], upper=bounds[1])
        self.regressor_ = self._fit_inner(
            X, to_share(values, bounds), self._params_of_inner(fit_params)
        )
        self.bounds_ = bounds
        return self

    def predict(
        self, X: Any, return_std: bool = False
    ) -> Floats | tuple[Floats, Floats]:
        """Predict the activity of guides.

        Parameters
        ----------
        X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
            As in `fit`.
        return_std : bool, default=False
            Whether to return the standard deviation over networks as well, of a
            regressor that has it.

        Returns
        -------
        mean : ndarray of shape (n_guides,)
            In units of the target, and within its bounds whatever the regressor
            predicts.
        std : ndarray of shape (n_guides,)
            Only with ``return_std``.
        """
        check_is_fitted(self)
        if not return_std:
            share = np.asarray(self.regressor_.predict(X), dtype=np.float64)
            return from_share(share, self.bounds_)
        share, std = self.regressor_.predict(X, return_std=True)
        low, high = self.bounds_
        return from_share(share, self.bounds_), (high - low) * std

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what the regressor requests of the metadata that `fit` is given.

        Returns
        -------
        MetadataRouter
        """
        return MetadataRouter(owner=self).add(
            regressor=self.regressor, method_mapping=FIT_TO_FIT
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags = get_tags(self.regressor).regressor_tags
        return tags
