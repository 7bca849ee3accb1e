"""Logistic regression on targets between 0 and 1, such as mixture probabilities."""

import warnings
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from sgrna_estimator._documentation import DocumentationLinkMixin
from sgrna_estimator._sklearn_private import (
    Interval,
    StrOptions,
    _check_sample_weight,
    _fit_context,
)
from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_target, check_weight_sum, sum_columns


def _log_loss(
    coef: Floats, intercept: float, X: Any, y: Floats, shares: Floats
) -> tuple[float, Floats, float]:
    """Return the mean log loss and its gradient.

    Parameters
    ----------
    coef : ndarray of shape (n_features,)
        Coefficients.
    intercept : float
        Constant of the log odds.
    X : {ndarray, CSR matrix} of shape (n_guides, n_features)
        Features.
    y : ndarray of shape (n_guides,)
        Targets, between 0 and 1.
    shares : ndarray of shape (n_guides,)
        Weights, which sum to 1.

    Returns
    -------
    loss : float
    coef_gradient : ndarray of shape (n_features,)
    intercept_gradient : float
    """
    log_odds = X @ coef + intercept
    loss = float(shares @ (np.logaddexp(0.0, log_odds) - y * log_odds))
    residual = shares * (expit(log_odds) - y)
    return loss, X.T @ residual, float(residual.sum())


def _l2_objective(
    parameters: Floats, X: Any, y: Floats, shares: Floats, strength: float
) -> tuple[float, Floats]:
    """Return the mean log loss plus ``strength / 2 * coef @ coef``, and its gradient.

    ``parameters`` are the coefficients, then the intercept.
    """
    coef, intercept = parameters[:-1], parameters[-1]
    loss, coef_gradient, intercept_gradient = _log_loss(coef, intercept, X, y, shares)
    return loss + strength / 2 * float(coef @ coef), np.append(
        coef_gradient + strength * coef, intercept_gradient
    )


def _l1_objective(
    parameters: Floats, X: Any, y: Floats, shares: Floats, strength: float
) -> tuple[float, Floats]:
    """Return the mean log loss plus ``strength * abs(coef).sum()``, and its gradient.

    ``parameters`` are the positive parts of the coefficients, their negative parts,
    both bounded by 0 from below, then the intercept. The penalty is the sum of the
    parts, which has a gradient where the absolute value has none.
    """
    parts, intercept = parameters[:-1], parameters[-1]
    positive, negative = np.split(parts, 2)
    loss, coef_gradient, intercept_gradient = _log_loss(
        positive - negative, intercept, X, y, shares
    )
    return loss + strength * float(parts.sum()), np.concatenate(
        [strength + coef_gradient, strength - coef_gradient, [intercept_gradient]]
    )


class FractionalLogisticRegression(
    RegressorMixin, DocumentationLinkMixin, BaseEstimator
):
    """Logistic regression on a target anywhere between 0 and 1.

    The target is a share or a probability rather than a class: the probability that a
    guide is active under a mixture model, or an indel frequency. With every target 0
    or 1 this is :class:`~sklearn.linear_model.LogisticRegression`.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty, in the units of ``LogisticRegression``.
        Ignored if ``penalty=None``.
    penalty : {"l2", "l1"} or None, default="l2"
        Norm of the coefficients that is penalised. The intercept never is.
    fit_intercept : bool, default=True
        Whether to add a constant to the decision function.
    tol : float, default=1e-6
        The solver stops when no entry of the (projected) gradient of the mean loss is
        larger.
    max_iter : int, default=1000
        Most iterations of the solver.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
        Change of the log odds by one unit of each feature.
    intercept_ : float
        Log odds where all features are 0. For a target that is 0 (or 1) throughout,
        where the likelihood has no maximum but a limit, it is minus (or plus)
        infinity.
    n_iter_ : int
        Iterations run.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features seen in `fit`, if ``X`` had any that are all strings.

    See Also
    --------
    sklearn.linear_model.LogisticRegression : The classifier for hard labels.

    Notes
    -----
    With ``p = 1 / (1 + exp(-(X @ coef + intercept)))`` the fit minimises

        R(coef) - C * sum(w * (y * log(p) + (1 - y) * log(1 - p)))

    where ``R`` is half the sum of squares (L2), the sum of absolute values (L1) or 0,
    and ``w`` are the sample weights. It is the Bernoulli quasi-likelihood of Papke and
    Wooldridge [1]_: its maximum estimates the mean of ``y`` consistently whatever the
    distribution of ``y`` is. SciPy's L-BFGS-B minimises it, from the best constant
    prediction on, so that a target that does not vary gets coefficients of exactly 0.

    References
    ----------
    .. [1] L. E. Papke and J. M. Wooldridge, "Econometric methods for fractional
       response variables with an application to 401(k) plan participation rates",
       Journal of Applied Econometrics 11, 619-632 (1996).

    Examples
    --------
    >>> from sgrna_estimator import FractionalLogisticRegression
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> model = FractionalLogisticRegression(C=10).fit(X, [0.1, 0.3, 0.6, 0.9])
    >>> model.predict([[0.0], [4.0]]).round(2)
    array([0.12, 0.95])
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "C": [Interval(Real, 0, None, closed="neither")],
        "penalty": [StrOptions({"l1", "l2"}), None],
        "fit_intercept": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }

    coef_: Floats
    intercept_: float
    n_iter_: int

    def __init__(
        self,
        C: float = 1.0,
        *,
        penalty: Literal["l1", "l2"] | None = "l2",
        fit_intercept: bool = True,
        tol: float = 1e-6,
        max_iter: int = 1000,
    ) -> None:
        self.C = C
        self.penalty = penalty
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.max_iter = max_iter

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Fit the coefficients.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            Features.
        y : array-like of shape (n_guides,)
            Targets, between 0 and 1.
        sample_weight : array-like of shape (n_guides,), default=None
            Weights, not negative.

        Returns
        -------
        self : FractionalLogisticRegression

        Raises
        ------
        ValueError
            If a target is missing, infinite or not between 0 and 1: the message names
            the rows.
        """
        target = check_target(y, lower=0.0, upper=1.0)
        features, target = validate_data(
            self, X, target, accept_sparse="csr", dtype=np.float64, y_numeric=True
        )
        weights = _check_sample_weight(
            sample_weight, features, dtype=np.float64, ensure_non_negative=True
        )
        check_weight_sum(weights)
        n_features = features.shape[1]
        start = 0.0
        if self.fit_intercept:
            start = float(logit(np.average(target, weights=weights)))
        if np.isinf(start):  # all 0 or all 1: a limit, which no solver reaches
            self.coef_, self.intercept_ = np.zeros(n_features), start
            self.n_iter_ = 0
            return self

        signed_parts = self.penalty == "l1"
        n_parameters = 2 * n_features if signed_parts else n_features
        total_weight = weights.sum()
        result = minimize(
            _l1_objective if signed_parts else _l2_objective,
            np.append(np.zeros(n_parameters), start),
            args=(
                features,
                target,
                weights / total_weight,
                0.0 if self.penalty is None else 1 / (self.C * total_weight),
            ),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0 if signed_parts else None, None)] * n_parameters
            + [(None, None) if self.fit_intercept else (0, 0)],
            options={
                "maxiter": self.max_iter,
                "gtol": self.tol,
                "ftol": 64 * np.finfo(np.float64).eps,  # so that gtol decides
                "maxls": 50,
            },
        )
        if not result.success:
            warnings.warn(
                f"FractionalLogisticRegression did not converge in {result.nit} "
                f"iterations ({result.message}): its coefficients are not the optimum. "
                "Raise max_iter, penalise more (a smaller C) or scale the features",
                ConvergenceWarning,
                stacklevel=2,
            )
        coef, self.intercept_ = result.x[:-1], float(result.x[-1])
        if signed_parts:
            positive, negative = np.split(coef, 2)
            coef = positive - negative
        self.coef_ = coef
        self.n_iter_ = int(result.nit)
        return self

    def predict(self, X: ArrayLike) -> Floats:
        """Return the expected target, between 0 and 1.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_guides,)

        Raises
        ------
        ValueError
            If a number in X is so large that the log odds overflow.
        """
        check_is_fitted(self)
        features = validate_data(
            self, X, accept_sparse="csr", dtype=np.float64, reset=False
        )
        return expit(sum_columns(features, self.coef_) + self.intercept_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
