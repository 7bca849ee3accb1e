"""Which guides of a screen are active, from their log2 fold changes alone."""

import warnings
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from sgrna_estimator._documentation import DocumentationLinkMixin
from sgrna_estimator._sklearn_private import Interval, StrOptions, _fit_context
from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_target
from sgrna_estimator.mixtures.gates import GuideEffectObjective
from sgrna_estimator.mixtures.guides import (
    Components,
    Guides,
    normal_log_density,
    turning_factors,
)
from sgrna_estimator.mixtures.labels import (
    REQUESTED,
    check_controls,
    check_spread,
    learn_labels,
    null_of_controls,
)
from sgrna_estimator.mixtures.maximum import Optimum, assess, maximise
from sgrna_estimator.mixtures.null import null_log_density
from sgrna_estimator.mixtures.wrong_sign import count_wrong_sign, warn_of_wrong_sign


class GuideEffectMixture(DensityMixin, DocumentationLinkMixin, BaseEstimator):
    r"""Probability that each guide of a screen is active.

    A guide of gene ``g`` is inactive, with a log2 fold change from a null distribution
    that all genes share, or active, with one around the effect of its gene:

    .. math::

        y_i &\sim (1 - q_g)\,t_\nu(\mu_0, \sigma_0) + q_g\,N(\mu_g, \sigma_1^2) \\
        q_g &\sim \mathrm{Beta}(4 q_0 / (1 - q_0), 4), \quad
        \mu_g \sim N(\mu_1, \sigma_g^2), \quad \mu_0 \sim N(0, 0.1^2)

    What is unknown about each gene is summed out; what the whole screen shares is
    estimated by maximising the marginal likelihood, unless given. Fit one model a
    screen: nothing is shared between screens.

    Parameters
    ----------
    mu1 : float or None, default=None
        Mean of the gene effects, log2. None estimates it.
    q0 : float or None, default=None
        Mean of the genes' mixing proportions, between 0 and 1. None estimates it.
    sigma_g : float or None, default=None
        Standard deviation of the gene effects, log2. None estimates it.
    mu0_scale : float, default=0.1
        Standard deviation of the prior of the null mean around 0, log2. Not used for a
        null that comes from negative controls.
    null : {"t", "normal"}, default="t"
        Distribution of inactive guides. "t" has degrees of freedom that are estimated:
        from negative controls if there are any, or else from the guides on the wrong
        side of the null, where there are no active ones; a guide there is never likelier
        active than one at the null mean. "normal" is for screens that are known to have
        no outliers and guides of equal noise.
    direction : {"auto", "positive", "negative"}, default="auto"
        Where the gene effects are, seen from the null: "positive" for enriched guides,
        "negative" for depleted ones. "auto" takes the sign of ``mu1`` or else the
        direction that explains the guides better.
    max_iter : int, default=200
        Most quasi-Newton steps.
    tol : float, default=1e-8
        The fit stops when a step adds less than this to the objective per guide
        (relative to its size, if that is above 1).

    Attributes
    ----------
    groups_ : ndarray of shape (n_groups,)
        Genes seen in `fit`, sorted; ``[0]`` if it was given none.
    gene_effects_ : ndarray of shape (n_groups,)
        Posterior mean of each gene's effect, log2.
    gene_effect_std_errors_ : ndarray of shape (n_groups,)
        Its posterior standard deviation.
    mixing_ : ndarray of shape (n_groups,)
        Posterior mean of each gene's mixing proportion, the share of its guides that
        is active.
    mixing_std_errors_ : ndarray of shape (n_groups,)
        Its posterior standard deviation.
    null_mean_, null_scale_, null_dof_ : float
        Mean, scale and degrees of freedom of the t distribution of inactive guides. For
        a normal null the scale is the standard deviation and the degrees of freedom are
        infinite.
    active_scale_ : float
        Standard deviation of active guides around their gene's effect.
    mu1_, q0_, sigma_g_ : float
        As given or estimated.
    direction_ : {"positive", "negative"}
        As given or chosen.
    wrong_sign_calls_ : int
        Guides of `fit` on the wrong side of the null that the mixture alone would call
        active, P > 0.5.
    expected_wrong_sign_calls_ : float
        How many the fitted null explains. `fit` warns if there are far more.
    converged_ : bool
        Whether the fit met ``tol``.
    n_iter_ : int
        Quasi-Newton steps taken.
    lower_bound_ : float
        Penalised log marginal likelihood per guide at the end.
    lower_bounds_ : list of float
        The same after each step, on the grid that was the last.
    n_features_in_ : int
        1.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, if ``log2fc`` was a DataFrame.

    See Also
    --------
    MixtureLogisticRegression : The same with features that predict activity.
    sklearn.mixture.GaussianMixture : Without genes.

    Notes
    -----
    A gene's unknowns are summed over a grid of 16 x 24 values that is fitted to its
    posterior, so `gene_effects_` and `mixing_` are posterior means, as a Hamiltonian
    Monte Carlo fit gives, rather than modes. Their standard errors add to the posterior
    variance what the uncertainty of the shared parameters contributes [1]_, from the
    observed information; where that is singular it is left out. The scale of gene
    effects has a gamma prior of shape 2 that keeps it off zero [2]_. The user guide
    lists the other weak priors.

    References
    ----------
    .. [1] R. E. Kass and D. Steffey, "Approximate Bayesian inference in conditionally
       independent hierarchical models (parametric empirical Bayes models)", Journal of
       the American Statistical Association 84, 717-726 (1989).
    .. [2] Y. Chung, S. Rabe-Hesketh, V. Dorie, A. Gelman and J. Liu, "A nondegenerate
       penalized likelihood estimator for variance parameters in multilevel models",
       Psychometrika 78, 685-709 (2013).

    Examples
    --------
    >>> from sgrna_estimator import GuideEffectMixture
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=300, n_genes=10, random_state=0)
    >>> log2fc, gene = screen.data["log2fc"], screen.groups
    >>> mixture = GuideEffectMixture().fit(log2fc, groups=gene)
    >>> mixture.direction_
    'positive'
    >>> mixture.predict_proba([0.0, 3.0], groups=["gene01", "gene01"]).round(1)
    array([0., 1.])
    """

    __metadata_request__fit = REQUESTED

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "mu1": [Real, None],
        "q0": [Interval(Real, 0, 1, closed="neither"), None],
        "sigma_g": [Interval(Real, 0, None, closed="neither"), None],
        "mu0_scale": [Interval(Real, 0, None, closed="neither")],
        "null": [StrOptions({"t", "normal"})],
        "direction": [StrOptions({"auto", "positive", "negative"})],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        mu1: float | None = None,
        q0: float | None = None,
        sigma_g: float | None = None,
        mu0_scale: float = 0.1,
        null: Literal["t", "normal"] = "t",
        direction: Literal["auto", "positive", "negative"] = "auto",
        max_iter: int = 200,
        tol: float = 1e-8,
    ) -> None:
        self.mu1 = mu1
        self.q0 = q0
        self.sigma_g = sigma_g
        self.mu0_scale = mu0_scale
        self.null = null
        self.direction = direction
        self.max_iter = max_iter
        self.tol = tol

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        log2fc: ArrayLike,
        y: Any = None,
        groups: ArrayLike | None = None,
        controls: ArrayLike | None = None,
    ) -> Self:
        """Fit the mixture.

        Parameters
        ----------
        log2fc : array-like of shape (n_guides,) or (n_guides, 1)
            Log2 fold change of each guide.
        y : None
            Not used, present by convention.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide. None puts all guides into one.
        controls : array-like of bool of shape (n_guides,), default=None
            Which guides are negative controls. Where there are any, the null is fitted
            to them alone, and they belong to no gene whatever their entry in
            ``groups``, which may be missing.

        Returns
        -------
        self : GuideEffectMixture

        Raises
        ------
        ValueError
            If a log2 fold change is missing or infinite or a gene is missing (the
            message names the rows), if all guides have the same log2 fold change, or if
            ``direction`` and ``mu1`` contradict each other.
        """
        values = self._validate(log2fc, reset=True)
        is_control = check_controls(controls, len(values))
        self._labels, gene = learn_labels(groups, len(values), "groups", is_control)
        guides, known = self._prepare(values, gene, is_control)

        def make_objective(
            rows: NDArray[np.intp], factor: float
        ) -> GuideEffectObjective:
            return GuideEffectObjective(
                guides.take(rows).scaled(factor),
                known.scaled(factor),
                self.mu0_scale * abs(factor),
                np.nan if self.q0 is None else self.q0,
            )

        factors = turning_factors(guides, self.direction, self.mu1)
        factor, objective, optimum = maximise(
            make_objective, guides.gene, factors, self.max_iter, self.tol
        )
        if not optimum.converged:
            warnings.warn(
                f"GuideEffectMixture did not converge in {optimum.n_iter} steps: raise "
                "max_iter or tol",
                ConvergenceWarning,
                stacklevel=3,  # past the wrapper of fit
            )
        self._store(objective, optimum, factor)
        warn_of_wrong_sign(self)
        return self

    def predict_proba(
        self, log2fc: ArrayLike, groups: ArrayLike | None = None
    ) -> Floats:
        """Return the posterior probability that each guide is active.

        A guide of a gene seen in `fit` is judged as one of the guides that its gene was
        fitted with, so that the guides of `fit` get the fit's own answer. A guide of
        another gene, a negative control among them, is judged as the only guide of its
        gene.

        Parameters
        ----------
        log2fc : array-like of shape (n_guides,) or (n_guides, 1)
            Log2 fold change of each guide.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide. None: of no gene that was seen, unless `fit` was given
            none either.

        Returns
        -------
        ndarray of shape (n_guides,)
            One probability a guide, not a column for each of the two components: what
            a regression takes as its target.
        """
        values, gene = self._find(log2fc, groups)
        probability = self._judge(values, gene)[0]
        if self.null == "t":
            sign = 1 if self.direction_ == "positive" else -1
            wrong = (values - self.null_mean_) * sign < 0
            at_null = np.full(np.count_nonzero(wrong), self.null_mean_)
            most = self._judge(at_null, gene[wrong])[0]
            probability[wrong] = np.minimum(probability[wrong], most)
        return probability

    def score_samples(
        self, log2fc: ArrayLike, groups: ArrayLike | None = None
    ) -> Floats:
        """Return the log density of each guide given the guides of `fit`.

        Parameters
        ----------
        log2fc : array-like of shape (n_guides,) or (n_guides, 1)
            Log2 fold change of each guide.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide, as in `predict_proba`.

        Returns
        -------
        ndarray of shape (n_guides,)
        """
        return self._judge(*self._find(log2fc, groups))[1]

    def score(
        self, log2fc: ArrayLike, y: Any = None, groups: ArrayLike | None = None
    ) -> float:
        """Return the mean of `score_samples`.

        Parameters
        ----------
        log2fc : array-like of shape (n_guides,) or (n_guides, 1)
            Log2 fold change of each guide.
        y : None
            Not used, present by convention.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide, as in `predict_proba`.

        Returns
        -------
        float
        """
        return float(self.score_samples(log2fc, groups).mean())

    def _validate(self, log2fc: ArrayLike, *, reset: bool) -> Floats:
        is_vector = not sparse.issparse(log2fc) and np.ndim(log2fc) == 1
        column = validate_data(
            self,
            np.asarray(log2fc)[:, None] if is_vector else log2fc,
            dtype=None,
            ensure_all_finite=False,
            ensure_min_samples=2 if reset else 1,
            reset=reset,
        )
        if column.shape[1] != 1:
            raise ValueError(
                "log2fc must be one column of log2 fold changes, but it has "
                f"{column.shape[1]}"
            )
        return check_target(column[:, 0], name="log2fc")

    def _prepare(
        self, values: Floats, gene: NDArray[np.intp], is_control: NDArray[np.bool_]
    ) -> tuple[Guides, Components]:
        """Sort the guides that have a gene; state what is known."""
        unknown_tail = np.nan if self.null == "t" else 0.0
        null_mean, null_scale, null_tail = np.nan, np.nan, unknown_tail
        if is_control.any():
            null_mean, null_scale, null_tail = null_of_controls(
                values[is_control], np.ones(np.count_nonzero(is_control)), self.null
            )
            values, gene = values[~is_control], gene[~is_control]
        check_spread(values)
        order = np.argsort(gene, kind="stable")
        guides = Guides(
            y=values[order],
            weight=np.ones(values.size),
            gene=gene[order],
            screen_of_gene=np.zeros(len(self._labels.values), dtype=np.intp),
            n_screens=1,
        )
        known = Components(
            null_mean=np.array([null_mean]),
            null_scale=np.array([null_scale]),
            active_scale=np.array([np.nan]),
            effect_mean=np.array([np.nan if self.mu1 is None else self.mu1]),
            effect_scale=np.array([np.nan if self.sigma_g is None else self.sigma_g]),
            null_tail=np.array([null_tail]),
        )
        return guides, known

    def _store(
        self, objective: GuideEffectObjective, optimum: Optimum, factor: float
    ) -> None:
        unit = 1 / factor
        components = objective.components(optimum.vector).scaled(unit)
        self.null_mean_ = float(components.null_mean[0])
        self.null_scale_ = float(components.null_scale[0])
        self.null_dof_ = float(components.null_dof[0])
        self.active_scale_ = float(components.active_scale[0])
        self.mu1_ = float(components.effect_mean[0])
        self.sigma_g_ = float(components.effect_scale[0])
        self.q0_ = objective.mean_mixing(optimum.vector)
        self.direction_ = "positive" if factor > 0 else "negative"
        self.groups_ = self._labels.values

        assessed = assess(objective, optimum.vector, expit)
        self.gene_effects_ = assessed.effect * unit
        self.gene_effect_std_errors_ = assessed.effect_error * abs(unit)
        self.mixing_ = assessed.gate
        self.mixing_std_errors_ = assessed.gate_error

        _, _, cells, sums = objective.evaluate(optimum.vector, move_grid=False)
        self._cells = cells._replace(effect=cells.effect * unit)
        self._posterior = sums.posterior
        self.wrong_sign_calls_, self.expected_wrong_sign_calls_ = count_wrong_sign(
            objective, optimum.vector
        )

        self.converged_ = optimum.converged
        self.n_iter_ = optimum.n_iter
        self.lower_bounds_ = [value + np.log(abs(factor)) for value in optimum.trace]
        self.lower_bound_ = self.lower_bounds_[-1]

    def _find(self, log2fc: ArrayLike, groups: ArrayLike | None) -> tuple[Floats, Ints]:
        """Return log2 fold changes, and the number of each guide's gene or -1."""
        check_is_fitted(self)
        values = self._validate(log2fc, reset=False)
        return values, self._labels.find(groups, len(values), "groups")

    def _judge(self, values: Floats, gene: Ints) -> tuple[Floats, Floats]:
        """Return what the mixture says: P(active), and the log density of each guide."""
        from sgrna_estimator.mixtures.kernels import average_over_cells

        log_null = null_log_density(
            values, self.null_mean_, self.null_scale_, 1 / self.null_dof_
        )
        log_active = normal_log_density(
            values, self.mu1_, np.hypot(self.active_scale_, self.sigma_g_)
        )
        probability = expit(logit(self.q0_) + log_active - log_null)
        log_density = np.logaddexp(
            np.log1p(-self.q0_) + log_null, np.log(self.q0_) + log_active
        )
        seen = gene >= 0
        if seen.any():
            probability[seen], log_ratio = average_over_cells(
                values[seen],
                log_null[seen],
                np.zeros(np.count_nonzero(seen)),
                gene[seen],
                self._cells,
                np.full(len(self.groups_), self.active_scale_),
                self._posterior,
            )
            log_density[seen] = log_null[seen] + log_ratio
        return probability, log_density

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        return tags
