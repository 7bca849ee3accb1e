"""What regressors share that fit another regressor to a target that they change."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike, NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MethodMapping, process_routing
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._documentation import DocumentationLinkMixin

FIT_TO_FIT = MethodMapping().add(caller="fit", callee="fit")


class InnerRegressorBase(
    RegressorMixin,
    MetaEstimatorMixin,
    CallbackSupportMixin,
    DocumentationLinkMixin,
    BaseEstimator,
):
    """A regressor with another, ``regressor``, that it fits as ``regressor_``."""

    regressor: Any

    def _params_of_inner(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is handed on to the fit inside: with routing on, what it requests."""
        if not get_config()["enable_metadata_routing"]:
            return dict(params)
        return process_routing(self, "fit", **params).regressor.fit

    def _fit_inner(self, X: Any, y: ArrayLike, params: Mapping[str, Any]) -> Any:
        """Return a clone of the regressor, fitted; callbacks are handed on to it."""
        regressor = clone(self.regressor)
        context = self._init_callback_context(max_subtasks=1)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        inner = context.subcontext(task_name="fit-regressor")
        with inner.propagate_callback_context(regressor):
            inner.call_on_fit_task_begin(estimator=self, X=X, y=y)
            regressor.fit(X, y, **params)
            inner.call_on_fit_task_end(estimator=self, X=X, y=y)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return regressor

    @property
    def n_features_in_(self) -> int:
        """Columns seen in `fit`."""
        check_is_fitted(self)
        return self.regressor_.n_features_in_

    @property
    def feature_names_in_(self) -> NDArray:
        """Names of the columns seen in `fit`."""
        check_is_fitted(self)
        return self.regressor_.feature_names_in_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.regressor).input_tags
        return tags
