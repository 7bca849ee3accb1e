"""What makes a guide active, learnt from log2 fold changes of many genes."""

import warnings
from numbers import Integral, Real
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
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
from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_target, check_weight_sum, sum_columns
from sgrna_estimator.mixtures.columns import (
    column_scale,
    divide_columns,
    prior_is_too_narrow,
)
from sgrna_estimator.mixtures.gates import GatingObjective
from sgrna_estimator.mixtures.genes import ScreenGenes, sort_by_gene
from sgrna_estimator.mixtures.guides import Components, turning_factors
from sgrna_estimator.mixtures.labels import (
    REQUESTED,
    check_controls,
    learn_labels,
    nulls_of_screens,
)
from sgrna_estimator.mixtures.maximum import (
    Optimum,
    assess,
    maximise,
    posterior_moments,
)
from sgrna_estimator.mixtures.predictions import (
    FittedScreens,
    expect,
    judge,
    judge_one_sided,
)
from sgrna_estimator.mixtures.wrong_sign import count_wrong_sign, warn_of_wrong_sign

# Attributes that a fit may go without.
_STANDARD_ERRORS = (
    "coef_covariance_",
    "coef_std_errors_",
    "coef_std_errors_too_small_",
    "gene_effect_std_errors_",
    "gene_intercept_std_errors_",
)


class MixtureLogisticRegression(RegressorMixin, DocumentationLinkMixin, BaseEstimator):
    r"""Logistic regression of a guide's activity, seen only through log2 fold changes.

    A guide is inactive, with a log2 fold change from a null distribution, or active,
    with one around the effect of its gene. Its features say how likely it is active:

    .. math::

        z_i &\sim \mathrm{Bernoulli}(\pi_i), \quad
        \operatorname{logit} \pi_i = \beta_0 + b_g + x_i^\top \beta \\
        y_i \mid z_i = 0 &\sim t_\nu(\mu_0, \sigma_0), \quad
        y_i \mid z_i = 1 \sim N(\mu_g, \sigma_1^2) \\
        b_g &\sim N(0, v^2), \quad \mu_g \sim N(\mu_1, \sigma_g^2)

    What is unknown about each gene is summed out, and the rest maximises the penalised
    marginal likelihood. Several screens share :math:`\beta` and :math:`v`; each has its
    own intercept, null and distribution of gene effects.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty, in the units of
        :class:`~sklearn.linear_model.LogisticRegression`. For "l2" it is the variance
        of a normal prior of the coefficients. Ignored if ``penalty=None``.
    penalty : {"l2", "l1"} or None, default="l2"
        Norm of the coefficients that is penalised.
    gene_intercept_scale : float or None, default=None
        ``v``, in log odds. None estimates it.
    sigma_g : float or None, default=None
        Standard deviation of the gene effects, log2. None estimates it.
    mu0_scale : float, default=0.1
        Standard deviation of the prior of the null mean around 0, log2. Not used for a
        null that comes from negative controls.
    null : {"t", "normal"}, default="t"
        Distribution of inactive guides, as in `GuideEffectMixture`.
    direction : {"auto", "positive", "negative"}, default="auto"
        Where the gene effects are, seen from the null: "positive" for enriched guides,
        "negative" for depleted ones. "auto" takes the direction that explains the
        guides better.
    standard_errors : bool, default=True
        Whether to compute them. They take about as long as two quasi-Newton steps a
        feature.
    max_iter : int, default=500
        Most quasi-Newton steps.
    tol : float, default=1e-8
        The fit stops when a step adds less than this to the objective per guide
        (relative to its size, if that is above 1).

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
        Change of the log odds of being active by one unit of each feature.
    coef_std_errors_ : ndarray of shape (n_features,)
        Their standard errors; nan where an L1 penalty holds one at 0, and for all where
        guides leave a parameter open. Only if ``standard_errors``, as the next.
    coef_covariance_ : ndarray of shape (n_features, n_features)
        Their covariances, for the standard errors of differences.
    coef_std_errors_too_small_ : bool
        Whether an L2 penalty shrinks coefficients by more than their standard errors
        say, because they are larger than ``C`` allows.
    intercept_ : ndarray of shape (n_screens,)
        Log odds where all features are 0, in a typical gene.
    gene_intercept_scale_ : float
        ``v``, as given or estimated.
    groups_ : ndarray of shape (n_groups,)
        Genes seen in `fit`; a gene in two screens is there twice.
    group_screens_ : ndarray of shape (n_groups,)
        Their screens; 0 if `fit` was given none.
    gene_effects_ : ndarray of shape (n_groups,)
        Posterior mean of each gene's effect, log2.
    gene_effect_std_errors_ : ndarray of shape (n_groups,)
        Its posterior standard deviation. Only if ``standard_errors``.
    gene_intercepts_ : ndarray of shape (n_groups,)
        Posterior mean of each gene's intercept, log odds.
    gene_intercept_std_errors_ : ndarray of shape (n_groups,)
        Its posterior standard deviation. Only if ``standard_errors``.
    screens_ : ndarray of shape (n_screens,)
        Screens seen in `fit`, sorted; ``[0]`` if it was given none.
    null_mean_, null_scale_, null_dof_ : ndarray of shape (n_screens,)
        Mean, scale and degrees of freedom of the t distribution of inactive guides, as
        in `GuideEffectMixture`.
    active_scale_ : ndarray of shape (n_screens,)
        Standard deviation of active guides around their gene's effect.
    mu1_, sigma_g_ : ndarray of shape (n_screens,)
        Mean and standard deviation of gene effects.
    direction_ : {"positive", "negative"}
        As given or chosen.
    wrong_sign_calls_, expected_wrong_sign_calls_ : int, float
        As in `GuideEffectMixture`, of all screens.
    converged_ : bool
        Whether the fit met ``tol``.
    n_iter_ : int
        Quasi-Newton steps taken.
    lower_bound_ : float
        Penalised log marginal likelihood per guide at the end.
    lower_bounds_ : list of float
        The same after each step, on the grid that was the last.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features seen in `fit`, if ``X`` had any that are all strings.

    See Also
    --------
    GuideEffectMixture : Without features, one mixing proportion a gene.
    FractionalLogisticRegression : Takes probabilities of being active as its target.

    Notes
    -----
    `coef_std_errors_` come from the observed information of the penalised marginal
    likelihood, so they contain the uncertainty of which guides are active, of the
    components and of the genes. With a penalty they describe the posterior under the
    prior that the penalty stands for: intervals cover the truth as often as they say if
    coefficients are about as large as ``C`` says, and less often where the penalty is
    too strong, which `coef_std_errors_too_small_` tells. Under "l1" they are
    conditional on which coefficients are not 0.

    With scikit-learn's metadata routing on `fit` requests ``groups`` (see the user guide).

    Examples
    --------
    >>> import numpy as np
    >>> from sgrna_estimator import MixtureLogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> gene = np.repeat(["Esrrb", "Klf4", "Nanog", "Sox2"], 100)
    >>> active = rng.random(400) < 1 / (1 + np.exp(-2 * X[:, 0]))
    >>> log2fc = rng.normal(np.where(active, 4, 0), 1)
    >>> model = MixtureLogisticRegression().fit(X, log2fc, groups=gene)
    >>> model.predict_proba([[-2.0, 0.0], [2.0, 0.0]]).round(1)
    array([0., 1.])
    """

    __metadata_request__fit = REQUESTED
    _parameter_constraints: ClassVar[dict[str, list]] = {
        "C": [Interval(Real, 0, None, closed="neither")],
        "penalty": [StrOptions({"l1", "l2"}), None],
        "gene_intercept_scale": [Interval(Real, 0, None, closed="neither"), None],
        "sigma_g": [Interval(Real, 0, None, closed="neither"), None],
        "mu0_scale": [Interval(Real, 0, None, closed="neither")],
        "null": [StrOptions({"t", "normal"})],
        "direction": [StrOptions({"auto", "positive", "negative"})],
        "standard_errors": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        C: float = 1.0,
        *,
        penalty: Literal["l1", "l2"] | None = "l2",
        gene_intercept_scale: float | None = None,
        sigma_g: float | None = None,
        mu0_scale: float = 0.1,
        null: Literal["t", "normal"] = "t",
        direction: Literal["auto", "positive", "negative"] = "auto",
        standard_errors: bool = True,
        max_iter: int = 500,
        tol: float = 1e-8,
    ) -> None:
        self.C = C
        self.penalty = penalty
        self.gene_intercept_scale = gene_intercept_scale
        self.sigma_g = sigma_g
        self.mu0_scale = mu0_scale
        self.null = null
        self.direction = direction
        self.standard_errors = standard_errors
        self.max_iter = max_iter
        self.tol = tol

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        screens: ArrayLike | None = None,
        controls: ArrayLike | None = None,
    ) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            Features, such as one-hot sequences.
        y : array-like of shape (n_guides,)
            Log2 fold changes.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide. None puts all guides of a screen into one.
        sample_weight : array-like of shape (n_guides,), default=None
            Weights, not negative: a weight of 2 counts as two equal guides.
        screens : array-like of shape (n_guides,), default=None
            Screen of each guide. None means that there is one.
        controls : array-like of bool of shape (n_guides,), default=None
            Which guides are negative controls. In a screen that has any, the null is
            fitted to them alone. They belong to no gene whatever their entry in
            ``groups``, which may be missing, and say nothing about features.

        Returns
        -------
        self : MixtureLogisticRegression

        Raises
        ------
        ValueError
            If a log2 fold change is missing or infinite or a label is missing (the
            message names the rows), if all are the same, or if a feature squared overflows.
        """
        values = check_target(y)
        features, values = validate_data(
            self,
            X,
            values,
            accept_sparse="csr",
            dtype=np.float64,
            y_numeric=True,
            ensure_min_samples=2,
        )
        weight = _check_sample_weight(
            sample_weight, features, dtype=np.float64, ensure_non_negative=True
        )
        check_weight_sum(weight)
        is_control = check_controls(controls, len(values))
        group = learn_labels(groups, len(values), "groups", is_control)
        screen = learn_labels(screens, len(values), "screens")
        nulls = nulls_of_screens(values, weight, screen, is_control, self.null)
        unknown = np.full_like(nulls.tail, np.nan)
        sigma_g = np.nan if self.sigma_g is None else self.sigma_g
        known = Components(
            null_mean=nulls.mean,
            null_scale=nulls.scale,
            active_scale=unknown,
            effect_mean=unknown,
            effect_scale=np.full_like(unknown, sigma_g),
            null_tail=nulls.tail,
        )
        guides, rows, genes = sort_by_gene(values, weight, group, screen, is_control)
        scale = column_scale(features[rows], guides.weight)
        features = divide_columns(features[rows], scale)

        def make_objective(rows: Ints, factor: float) -> GatingObjective:
            v = self.gene_intercept_scale
            return GatingObjective(
                guides.take(rows).scaled(factor),
                known.scaled(factor),
                self.mu0_scale * abs(factor),
                features[rows],
                self.penalty,
                # coefficients of divided columns are that much larger
                1 / (self.C * (scale if self.penalty == "l1" else scale**2)),
                np.nan if v is None else v,
            )

        factors = turning_factors(guides, self.direction)
        factor, objective, optimum = maximise(
            make_objective, guides.gene, factors, self.max_iter, self.tol
        )
        if not optimum.converged:
            warnings.warn(
                f"MixtureLogisticRegression did not converge in {optimum.n_iter} "
                "steps: raise max_iter or tol, or penalise more (a smaller C)",
                ConvergenceWarning,
                stacklevel=3,  # past the wrapper of fit
            )
        self._store(genes, objective, optimum, factor, scale)
        warn_of_wrong_sign(self)
        return self

    def predict(
        self,
        X: ArrayLike,
        groups: ArrayLike | None = None,
        screens: ArrayLike | None = None,
    ) -> Floats:
        """Return the expected log2 fold change of guides from their features.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            Features.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide. A gene that `fit` saw brings its effect and intercept;
            any other gene, or none, is one that could have been drawn.
        screens : array-like of shape (n_guides,), default=None
            Screen of each guide. Where it is not given, or one that `fit` did not see,
            it is the only screen of a gene that `fit` saw, or else the average over
            screens.

        Returns
        -------
        ndarray of shape (n_guides,)
        """
        return self._foresee(X, groups, screens)[1]

    def predict_proba(
        self,
        X: ArrayLike,
        groups: ArrayLike | None = None,
        screens: ArrayLike | None = None,
    ) -> Floats:
        """Return the probability that guides are active, from their features.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            Features.
        groups, screens : array-like of shape (n_guides,), default=None
            Gene and screen of each guide, as in `predict`.

        Returns
        -------
        ndarray of shape (n_guides,)
            One probability a guide, as `GuideEffectMixture.predict_proba`.
        """
        return self._foresee(X, groups, screens)[0]

    def posterior(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        screens: ArrayLike | None = None,
    ) -> Floats:
        """Return the probability that guides are active, given their log2 fold change.

        A guide of a gene seen in `fit` is judged as one of the guides that its gene was
        fitted with, so that the guides of `fit` get the fit's own answer.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            Features.
        y : array-like of shape (n_guides,)
            Log2 fold changes.
        groups, screens : array-like of shape (n_guides,), default=None
            Gene and screen of each guide, as in `predict`.

        Returns
        -------
        ndarray of shape (n_guides,)
        """
        check_is_fitted(self)
        values = check_target(y)
        log_odds = self._log_odds(X)
        if len(values) != len(log_odds):
            raise ValueError(
                f"X and y must have one row a guide, but have {len(log_odds)} and "
                f"{len(values)}"
            )
        gene, shares = self._genes.find(groups, screens, len(values))
        if self.null == "normal":
            return judge(self._fitted, log_odds, values, gene, shares)
        sign = 1 if self.direction_ == "positive" else -1
        return judge_one_sided(self._fitted, log_odds, values, gene, shares, sign)

    def _store(
        self,
        genes: ScreenGenes,
        objective: GatingObjective,
        optimum: Optimum,
        factor: float,
        scale: Floats,
    ) -> None:
        unit = 1 / factor
        components = objective.components(optimum.vector).scaled(unit)
        self.null_mean_ = components.null_mean
        self.null_scale_ = components.null_scale
        self.null_dof_ = components.null_dof
        self.active_scale_ = components.active_scale
        self.mu1_ = components.effect_mean
        self.sigma_g_ = components.effect_scale
        self.direction_ = "positive" if factor > 0 else "negative"
        self._genes = genes
        self.groups_ = genes.groups.values[genes.group_of_gene]
        self.screens_ = genes.screens.values
        self.group_screens_ = self.screens_[genes.screen_of_gene]
        self.intercept_, self.gene_intercept_scale_, _ = objective.split(optimum.vector)
        self.coef_ = objective.coefficients(optimum.vector) / scale

        _, _, cells, sums = objective.evaluate(optimum.vector, move_grid=False)
        self._fitted = FittedScreens(
            components,
            self.intercept_,
            self.gene_intercept_scale_,
            genes.screen_of_gene,
            cells._replace(effect=cells.effect * unit),
            sums.posterior,
        )
        self.wrong_sign_calls_, self.expected_wrong_sign_calls_ = count_wrong_sign(
            objective, optimum.vector
        )
        self.gene_effects_ = posterior_moments(
            self._fitted.cells.effect, sums.posterior.sum(axis=1)
        )[0]
        self.gene_intercepts_ = posterior_moments(
            cells.gate, sums.posterior.sum(axis=2)
        )[0]
        for name in _STANDARD_ERRORS:  # of an earlier fit
            if hasattr(self, name):
                delattr(self, name)
        if self.standard_errors:
            assessed = assess(objective, optimum.vector, lambda gate: gate)
            self.gene_effect_std_errors_ = assessed.effect_error * abs(unit)
            self.gene_intercept_std_errors_ = assessed.gate_error
            covariance = objective.coefficient_covariance(assessed)
            self.coef_covariance_ = covariance / np.outer(scale, scale)
            self.coef_std_errors_ = np.sqrt(np.diag(self.coef_covariance_))
            self.coef_std_errors_too_small_ = (
                self.penalty == "l2"
                and prior_is_too_narrow(self.coef_, self.coef_std_errors_, self.C)
            )

        self.converged_ = optimum.converged
        self.n_iter_ = optimum.n_iter
        self.lower_bounds_ = [value + np.log(abs(factor)) for value in optimum.trace]
        self.lower_bound_ = self.lower_bounds_[-1]

    def _log_odds(self, X: ArrayLike) -> Floats:
        features = validate_data(
            self, X, accept_sparse="csr", dtype=np.float64, reset=False
        )
        return sum_columns(features, self.coef_)

    def _foresee(
        self, X: ArrayLike, groups: ArrayLike | None, screens: ArrayLike | None
    ) -> tuple[Floats, Floats]:
        """Return P(active) and the expected log2 fold change, from features."""
        check_is_fitted(self)
        log_odds = self._log_odds(X)
        gene, shares = self._genes.find(groups, screens, len(log_odds))
        return expect(self._fitted, log_odds, gene, shares)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        # the log2 fold change is mostly its gene's, which features do not tell
        tags.regressor_tags.poor_score = True
        return tags
