"""Any regression, on the probability that a guide is active, from log2 fold changes."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.callback import with_callbacks
from sklearn.utils import check_consistent_length, indexable
from sklearn.utils.metadata_routing import MetadataRouter
from sklearn.utils.validation import check_is_fitted, check_memory

from sgrna_estimator._inner_regressor import FIT_TO_FIT, InnerRegressorBase
from sgrna_estimator._sklearn_private import HasMethods, _fit_context, _safe_indexing
from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_target
from sgrna_estimator.mixtures.guide_effect import GuideEffectMixture
from sgrna_estimator.mixtures.labels import REQUESTED, check_controls
from sgrna_estimator.mixtures.screens import fit_mixtures


class MixtureTargetRegressor(InnerRegressorBase):
    """Regression on which guides are active, fitted to log2 fold changes.

    `fit` turns the log2 fold changes of the guides that it is given, and of no others,
    into probabilities of being active, by a :class:`GuideEffectMixture` for each screen,
    and fits a regressor to them. Cross-validated, every training fold has a mixture of
    its own and no test guide has a part in it.

    Parameters
    ----------
    regressor : estimator
        What learns the probabilities, such as a pipeline of a
        :class:`SequenceOneHotTransformer` and a :class:`PositionwiseReLURegressor`.
    mixture : GuideEffectMixture or None, default=None
        What makes them; None is ``GuideEffectMixture()``.
    memory : str, object with the joblib.Memory interface, or None, default=None
        Where mixtures are kept that were fitted before, as in
        :class:`~sklearn.pipeline.Pipeline`: regressors that are compared on the same
        training guides then share theirs. One that is found there says nothing again of
        which it warned when it was fitted.

    Attributes
    ----------
    regressor_ : estimator
        The regressor, fitted.
    mixtures_ : list of GuideEffectMixture
        The fitted mixture of each screen.
    screens_ : ndarray of shape (n_screens,)
        Screens seen in `fit`, sorted; ``[0]`` if it was given none.
    screen_shares_ : ndarray of shape (n_screens,)
        Share of the guides that each has.
    n_features_in_ : int
        Of ``regressor_``, if it has it.
    feature_names_in_ : ndarray of str
        Of ``regressor_``, if it has them.

    See Also
    --------
    MixtureLogisticRegression : Learns both in one step, with a linear gate.
    sklearn.compose.TransformedTargetRegressor : For a target transformed row by row.

    Notes
    -----
    With scikit-learn's metadata routing on, ``groups``, ``screens`` and ``controls`` are
    requested without being asked for, so that ``groups`` of a cross-validation or a search
    are the genes of its folds and of its fits. The regressor inside is given what it
    requests of these and of all else that `fit` is given, such as weights; with routing
    off it is given all else and none of these.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import (
    ...     FractionalLogisticRegression,
    ...     MixtureTargetRegressor,
    ...     SequenceOneHotTransformer,
    ... )
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=300, n_genes=10, random_state=0)
    >>> model = MixtureTargetRegressor(
    ...     make_pipeline(
    ...         SequenceOneHotTransformer(), FractionalLogisticRegression(C=0.1)
    ...     )
    ... )
    >>> model = model.fit(screen.sequences, screen.data["log2fc"], groups=screen.groups)
    >>> model.predict(screen.sequences[:3]).shape
    (3,)
    """

    __metadata_request__fit = REQUESTED

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "regressor": [HasMethods(["fit", "predict"])],
        "mixture": [HasMethods(["fit", "predict_proba"]), None],
        "memory": [str, HasMethods(["cache"]), None],
    }

    def __init__(
        self, regressor: Any, *, mixture: Any = None, memory: Any = None
    ) -> None:
        self.regressor = regressor
        self.mixture = mixture
        self.memory = memory

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        screens: ArrayLike | None = None,
        controls: ArrayLike | None = None,
        **fit_params: Any,
    ) -> Self:
        """Fit the mixtures, then the regressor to what they say.

        Parameters
        ----------
        X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
            What the regressor takes.
        y : array-like of shape (n_guides,)
            Log2 fold changes.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide. None puts all guides of a screen into one.
        screens : array-like of shape (n_guides,), default=None
            Screen of each guide. None means that there is one.
        controls : array-like of bool of shape (n_guides,), default=None
            Which guides are negative controls, as in `GuideEffectMixture.fit`. The
            regressor is not fitted to them: they say nothing about their sequence.
        **fit_params : dict
            For the regressor's `fit`, such as ``sample_weight``: a number a guide each.
            The mixtures know no weights.

        Returns
        -------
        self : MixtureTargetRegressor

        Raises
        ------
        ValueError
            If a log2 fold change is missing or infinite or a label is missing (the
            message names the rows), or if a screen cannot be told apart into active and
            inactive guides because all its log2 fold changes are the same.
        """
        (X,) = indexable(X)
        values = check_target(y)
        check_consistent_length(X, values)
        is_control = check_controls(controls, len(values))
        mixture = GuideEffectMixture() if self.mixture is None else self.mixture
        fit = check_memory(self.memory).cache(fit_mixtures)
        fitted = fit(mixture, values, groups, screens, is_control)
        self.screens_ = fitted.screens
        self.screen_shares_ = np.bincount(fitted.screen) / len(values)
        self.mixtures_ = fitted.mixtures
        learnt = np.flatnonzero(~is_control)
        labels = {"groups": groups, "screens": screens, "controls": controls}
        if get_config()["enable_metadata_routing"]:
            given = {key: value for key, value in labels.items() if value is not None}
            fit_params = {**given, **fit_params}
        params = self._params_of_inner(fit_params)
        check_consistent_length(values, *params.values())
        self.regressor_ = self._fit_inner(
            X if learnt.size == len(values) else _safe_indexing(X, learnt),
            fitted.probability[learnt],
            {key: _safe_indexing(value, learnt) for key, value in params.items()},
        )
        return self

    def predict(self, X: Any) -> Floats:
        """Return the expected log2 fold change of guides of new genes.

        Parameters
        ----------
        X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_guides,)
            The mean over screens of ``(1 - p) mu0 + p mu1``, with the screen's null mean
            and mean gene effect: it ranks guides as the regressor ranks them.
        """
        check_is_fitted(self)
        active = np.asarray(self.regressor_.predict(X), dtype=np.float64)
        null = self._average("null_mean_")
        return null + active * (self._average("mu1_") - null)

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability that guides are active, from what the regressor takes.

        Parameters
        ----------
        X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_guides,)
            What the regressor predicts, 0 where that is less and 1 where it is more, as
            a regressor without logistic output may have it.
        """
        check_is_fitted(self)
        return np.clip(np.asarray(self.regressor_.predict(X), np.float64), 0, 1)

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what `fit` takes beside guides, and what the regressor requests of it.

        Returns
        -------
        MetadataRouter
        """
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(regressor=self.regressor, method_mapping=FIT_TO_FIT)
        )

    def _average(self, name: str) -> float:
        values = [getattr(mixture, name) for mixture in self.mixtures_]
        return float(self.screen_shares_ @ values)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # the log2 fold change is mostly its gene's, which features do not tell
        tags.regressor_tags.poor_score = True
        return tags
