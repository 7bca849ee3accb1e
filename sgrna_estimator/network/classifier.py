"""The position-wise ReLU network for two classes."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, logsumexp
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from sgrna_estimator._sklearn_private import _fit_context
from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_labels, name_rows
from sgrna_estimator.network.base import PositionwiseReLUBase


class PositionwiseReLUClassifier(ClassifierMixin, PositionwiseReLUBase):
    """The network of :class:`PositionwiseReLURegressor` for two classes.

    Minimises the log loss of the logistic output.

    Parameters
    ----------
    window_size : int, default=1
        Neighbouring positions that a unit reads; 1 makes the network additive unless it
        has a hidden layer.
    n_units : int, default=1
        ReLU units a window.
    share_weights : bool, default=False
        One set of window weights for all windows (a convolution) instead of one set for
        each.
    hidden_layer_sizes : int or array-like of int, default=()
        Units of the dense ReLU layers between the windows and the read-out.
    n_channels : int or "auto", default="auto"
        Columns a position. ``"auto"`` reads it from feature names such as ``"7_A"``,
        else takes 4, else makes each column a position of its own (``window_size=1``
        only).
    covariates : array-like of str or int, default=None
        Columns that are not sequence (distance to the TSS, GC content): they bypass the
        windows and enter the next layer, standardised.
    solver : {"adam", "sgd"}, default="adam"
        Adam (Kingma & Ba 2015) or plain stochastic gradient descent.
    learning_rate_init : float or "auto", default="auto"
        Largest step size. ``"auto"`` is 0.01 (Adam) or 0.1 (SGD) for an additive
        network, 0.004 or 0.01 otherwise, and 0.001 with a prior.
    learning_rate : {"constant", "invscaling", "cosine"}, default="cosine"
        Step ``t`` (from 0) is ``learning_rate_init`` times 1, ``(t + 1) ** -power_t``,
        or the half cosine that falls from 1 to 0 over the fit.
    power_t : float, default=0.5
        Exponent of ``"invscaling"``.
    batch_size : int, default=64
        Guides a step.
    max_iter : int or "auto", default="auto"
        Epochs. ``"auto"`` is 30, and more where that would be fewer than 1,500 steps. 0
        leaves the network as it begins: a prior as it is, on the scale of the target.
        For ``partial_fit``, passes over all parts, at the end of which a cosine is zero.
    alpha : float or "auto", default="auto"
        Penalty on the squared weights (not the intercepts), in the units
        of ``1 / C`` of :class:`~sklearn.linear_model.LogisticRegression`: the fit
        minimises twice the sum of log losses plus ``alpha`` times the squared weights,
        whatever the number of rows, the batch size and the epochs. ``"auto"`` is
        ``0.6 * sqrt(n_guides)`` for an additive network, 8 otherwise, and 32 with a prior.
    dropout : float or "auto", default="auto"
        Share of the units of every hidden layer, the windows' included, that each step
        leaves out. ``"auto"`` is 0 for an additive network, else
        ``0.5 * sqrt(2000 / n_guides)`` kept between 0.2 and 0.5.
    init : {"auto", "active", "he", "normal", "least_squares"}, default="auto"
        Starting weights. ``"active"`` puts every unit above zero on every guide, so that
        none is dead; ``"he"`` draws them from a normal distribution scaled to the number
        of inputs; ``"normal"`` from N(0, 1); ``"least_squares"`` starts an additive
        network at the least-squares fit. ``"auto"`` is ``"active"`` for an additive
        network and ``"he"`` otherwise.
    window_bias : bool, default=True
        Whether the units of the windows have intercepts.
    shuffle : bool, default=True
        Whether each epoch takes the guides in a new random order.
    tol : float or None, default=None
        The fit ends when the loss (the validation loss if there is one) has not fallen
        by more than this for ``n_iter_no_change`` epochs. None runs all epochs, unless
        ``early_stopping``.
    n_iter_no_change : int, default=10
        Epochs to wait.
    early_stopping : bool, default=False
        Whether to stop when the validation loss no longer falls, and keep the weights
        that had the lowest. Uses ``X_val`` and ``y_val`` of ``fit`` where given, so that
        whole genes can be held out, else a random share of the rows.
    validation_fraction : float, default=0.1
        That share.
    warm_start : bool, default=False
        Whether ``fit`` continues from the weights of the fit before.
    prior : FrozenEstimator or None, default=None
        A fitted network, or a pipeline that ends in one, in scikit-learn's
        :class:`~sklearn.frozen.FrozenEstimator`: of a published screen, say. Training
        starts at its weights, and the penalty pulls towards them instead of towards
        zero, so that few guides change little and many guides what they must. Positions
        and covariates are matched by the names of their columns. Sizes left at their
        defaults are the prior's; ``init`` is not used. A prior that adds nothing to what
        the guides themselves tell (of the first batch, in ``partial_fit``) is set aside
        with a :class:`~sgrna_estimator.exceptions.PriorSetAsideWarning`, and the network
        begins from nothing.
    n_networks : int, default=1
        Networks to train from different seeds; predictions and effects are their means.
        Five are a little more accurate than one.
    n_jobs : int or None, default=None
        How many of them are trained at once; None is 1 unless in a
        ``joblib.parallel_config`` context, -1 is one a processor. Results do not depend
        on it.
    random_state : int, RandomState instance or None, default=None
        Seed of starting weights, order, dropout and validation split. The same seed gives
        the same bits on the same machine.
    verbose : bool or int, default=False
        Whether to print the loss of each epoch; see also :mod:`sklearn.callback`, which
        this estimator supports (``ProgressBar``, ``ScoringMonitor``).

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The class labels, sorted.
    window_weights_ : ndarray of shape (n_sets, window_size, n_channels, n_units)
        Weights of the first layer; ``n_sets`` is the number of windows, or 1 when they
        share their weights.
    window_intercepts_ : ndarray of shape (n_sets, n_units)
        Its intercepts.
    hidden_weights_ : list of ndarray of shape (n_inputs, n_hidden_units)
        Weights of each hidden layer. The inputs of the layer after the windows are all
        units of the first window, then of the second, and so on, then the covariates.
    hidden_intercepts_ : list of ndarray of shape (n_hidden_units,)
        Their intercepts.
    readout_weights_ : ndarray of shape (n_inputs,)
        Weights of the read-out, in log odds.
    intercept_ : float
        Its intercept.
    base_effects_ : ndarray of shape (n_positions, n_channels)
        What each letter at each position adds to ``z``.
    networks_ : tuple of Network
        The fitted networks.
    columns_ : Columns
        What the columns of X were taken for.
    prior_scale_ : ndarray of shape (n_networks,)
        With a prior, the slope of the target (in standard deviations, or log odds) by the
        prior's z: negative where what it calls active is depleted, 0 where the prior was
        set aside.
    n_positions_from_prior_ : int
        With a prior, how many positions it has in common with X; 0 where it was set aside.
    loss_curve_ : list of float
        Mean training loss of each epoch, measured before each step and without the
        penalty.
    validation_loss_curve_ : list of float
        Mean loss on the validation rows after each epoch, if there are any.
    n_iter_ : int
        Epochs run.
    covariate_mean_, covariate_scale_ : ndarray of shape (n_covariates,)
        What the covariates were standardised with.
    n_features_in_ : int
        Columns seen in ``fit``.
    feature_names_in_ : ndarray of str
        Their names, where X has names.

    See Also
    --------
    PositionwiseReLURegressor : The same network for measured activities.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import PositionwiseReLUClassifier, SequenceOneHotTransformer
    >>> guides = ["ACGTAC", "CCGTAA", "GATTAC", "TCGGAT"] * 10
    >>> model = make_pipeline(
    ...     SequenceOneHotTransformer(),
    ...     PositionwiseReLUClassifier(alpha=1, random_state=0),
    ... )
    >>> _ = model.fit(guides, ["active", "inactive", "active", "inactive"] * 10)
    >>> model.predict(["GATTAC", "TCGGAT"])
    array(['active', 'inactive'], dtype='<U8')
    """

    def __init__(
        self,
        *,
        window_size: int = 1,
        n_units: int = 1,
        share_weights: bool = False,
        hidden_layer_sizes: int | Sequence[int] = (),
        n_channels: int | str = "auto",
        covariates: Any = None,
        solver: str = "adam",
        learning_rate_init: float | str = "auto",
        learning_rate: str = "cosine",
        power_t: float = 0.5,
        batch_size: int = 64,
        max_iter: int | str = "auto",
        alpha: float | str = "auto",
        dropout: float | str = "auto",
        init: str = "auto",
        window_bias: bool = True,
        shuffle: bool = True,
        tol: float | None = None,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        prior: Any = None,
        n_networks: int = 1,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.window_size = window_size
        self.n_units = n_units
        self.share_weights = share_weights
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_channels = n_channels
        self.covariates = covariates
        self.solver = solver
        self.learning_rate_init = learning_rate_init
        self.learning_rate = learning_rate
        self.power_t = power_t
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.alpha = alpha
        self.dropout = dropout
        self.init = init
        self.window_bias = window_bias
        self.shuffle = shuffle
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.prior = prior
        self.n_networks = n_networks
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Take one pass over these rows, from where the network is.

        As :meth:`PositionwiseReLURegressor.partial_fit`: one part after the other,
        ``max_iter`` times over all of them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            As in ``fit``.
        y : array-like of shape (n_guides,)
            Class labels.
        classes : array-like of shape (2,), default=None
            Both class labels; needed in the first call.
        sample_weight : array-like of shape (n_guides,), default=None
            Weights of the guides.

        Returns
        -------
        self : object
        """
        if not hasattr(self, "classes_"):
            if classes is None:
                raise ValueError(
                    "classes must be given in the first call of partial_fit"
                )
            self._set_classes(classes)
        elif classes is not None and not np.array_equal(
            self.classes_, np.unique(classes)
        ):
            raise ValueError(
                f"classes are {self.classes_.tolist()} since the first call, but got "
                f"{np.unique(classes).tolist()}"
            )
        return self._partial_fit(X, y, sample_weight)

    def decision_function(self, X: Any) -> Floats:
        """Return the log odds of the second class.

        Of several networks, those of their mean probability.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            As in ``fit``.

        Returns
        -------
        ndarray of shape (n_guides,)
        """
        z = self._read_out(X)
        if len(z) == 1:
            return z[0]
        # of the mean probability, in logarithms, so that none is rounded to 0 or 1
        return logsumexp(log_expit(z), axis=0) - logsumexp(log_expit(-z), axis=0)

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            As in ``fit``.

        Returns
        -------
        ndarray of shape (n_guides, 2)
            In the order of ``classes_``.
        """
        z = self.decision_function(X)
        return np.column_stack([expit(-z), expit(z)])

    def predict(self, X: Any) -> NDArray:
        """Predict the more probable class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            As in ``fit``.

        Returns
        -------
        ndarray of shape (n_guides,)
        """
        odds = self.decision_function(X)
        return self.classes_[(odds > 0).astype(int)]

    def _output_and_loss(self) -> tuple[str, str]:
        return "logistic", "log_loss"

    def _set_classes(self, y: ArrayLike) -> None:
        check_classification_targets(y)
        classes = np.unique(column_or_1d(y, warn=True))
        if len(classes) > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(y)}: y has {len(classes)} classes"
            )
        if len(classes) < 2:
            raise ValueError(
                f"a classifier needs two classes, but y has 1 class: {classes[0]!r}"
            )
        self.classes_ = classes

    def _encode_target(self, y: ArrayLike, name: str, *, new: bool) -> Floats:
        check_labels(y, name)
        if new:
            self._set_classes(y)
        labels = column_or_1d(y, warn=True)
        unknown = np.flatnonzero(~np.isin(labels, self.classes_))
        if unknown.size:
            raise ValueError(
                f"{name} has labels that are not among the classes "
                f"{self.classes_.tolist()}, in {name_rows(unknown)}"
            )
        return (labels == self.classes_[1]).astype(np.float64)

    def _decode_target(self, y: Floats) -> NDArray:
        return self.classes_[y.astype(int)]

    def _target_location_and_scale(
        self, y: Floats, weight: Floats
    ) -> tuple[float, float, float]:
        return 0.0, 1.0, 1.0

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
