"""The position-wise ReLU network as scikit-learn estimators."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import RegressorMixin

from sgrna_estimator._sklearn_private import StrOptions, _fit_context
from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_target
from sgrna_estimator.network.base import PositionwiseReLUBase

# Of targets that are not standardised: the network is float32, and squares its errors.
_MOST_SQUARED = float(np.sqrt(np.finfo(np.float32).max))


class PositionwiseReLURegressor(RegressorMixin, PositionwiseReLUBase):
    """A network of ReLU units, one set a window of the sequence, trained from scratch.

    With ``x`` the one-hot sequence and ``c`` the covariates::

        h[p, u] = max(0, b[p, u] + sum_o W[p, o, letter(p + o), u])
        z       = beta0 + beta' [h; c]                      (no hidden layer)
        z       = beta0 + beta' relu(V' [h; c] + d)         (one hidden layer)

    and the prediction is ``z``, or ``1 / (1 + exp(-z))``. The default, one unit a
    position and no hidden layer, is an additive model: its best fit is that of ridge
    regression on the one-hot sequence. Windows let neighbouring letters interact and a
    hidden layer lets any.

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
    output : {"identity", "logistic"}, default="identity"
        ``"logistic"`` passes the read-out through ``1 / (1 + exp(-z))``, for targets in
        [0, 1] such as the probability that a guide is active.
    loss : {"squared_error", "log_loss"}, default="squared_error"
        What is minimised; ``"log_loss"`` needs ``output="logistic"``.
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
        of :class:`~sklearn.linear_model.Ridge`: the fit minimises the sum of squared
        errors of the standardised target plus ``alpha`` times the squared weights,
        whatever the number of rows, the batch size and the epochs. With the log loss it
        is the deviance (twice the sum of log losses) over the dispersion of the target,
        ``var(y) / (mean(y) (1 - mean(y)))``. ``"auto"`` is ``0.6 * sqrt(n_guides)`` for
        an additive network, 8 otherwise, and 32 with a prior.
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
    standardize_target : bool, default=True
        Whether the loss is measured in standard deviations of the target, which makes
        ``alpha`` and ``learning_rate_init`` mean the same for any unit of the target.
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
        Weights of the read-out, in units of the target.
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
        penalty, in units of the target.
    validation_loss_curve_ : list of float
        Mean loss on the validation rows after each epoch, if there are any.
    n_iter_ : int
        Epochs run.
    target_mean_, target_scale_ : float
        What the target was standardised with.
    covariate_mean_, covariate_scale_ : ndarray of shape (n_covariates,)
        What the covariates were standardised with.
    n_features_in_ : int
        Columns seen in ``fit``.
    feature_names_in_ : ndarray of str
        Their names, where X has names.

    See Also
    --------
    PositionwiseReLUClassifier : The same network for two classes.
    SequenceOneHotTransformer : Turns sequences into the matrix this estimator reads.

    Notes
    -----
    Non-zero-one matrices are legal: a letter split over several channels, or no sequence
    at all. One-hot matrices, dense or sparse, are turned into one byte a position, and a
    fit holds those bytes, 8 more a guide by which ``partial_fit`` knows it again, the
    parameters and one batch.

    Predictions are equivariant: fitting ``a * y + c`` with ``a > 0`` and the same seed
    gives ``a * prediction + c`` up to rounding, for the identity output.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
    >>> guides = ["ACGTAC", "CCGTAA", "GATTAC", "TCGGAT"] * 10
    >>> activity = [1.0, 2.0, 0.5, 1.5] * 10
    >>> model = make_pipeline(
    ...     SequenceOneHotTransformer(),
    ...     PositionwiseReLURegressor(alpha=0.1, random_state=0),
    ... )
    >>> model.fit(guides, activity).predict(["ACGTAC", "CCGTAA"]).round(1)
    array([1., 2.])
    """

    _parameter_constraints: dict = {
        **PositionwiseReLUBase._parameter_constraints,
        "output": [StrOptions({"identity", "logistic"})],
        "loss": [StrOptions({"squared_error", "log_loss"})],
        "standardize_target": ["boolean"],
    }

    def __init__(
        self,
        *,
        window_size: int = 1,
        n_units: int = 1,
        share_weights: bool = False,
        hidden_layer_sizes: int | Sequence[int] = (),
        output: str = "identity",
        loss: str = "squared_error",
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
        standardize_target: bool = True,
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
        self.output = output
        self.loss = loss
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
        self.standardize_target = standardize_target
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
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Take one pass over these rows, from where the network is.

        Call it with one part after the other, ``max_iter`` times over all of them, and
        the network is that of a fit to the whole. The whole are all guides seen so far,
        those of a fit before included; a guide that comes again in a later pass is
        the same guide. ``alpha`` and what is ``"auto"`` follow from their number.

        ``learning_rate="cosine"`` takes the first pass at the full step, because its
        length is not known before its end, and falls over the other passes. After
        ``max_iter`` passes it begins again. Guides that never come again are all taken
        at the full step. A part that is not a whole number of batches is taken in
        batches of one size, and in steps as much smaller as these are.

        The first call fixes the columns, the mean and scale of the target and of the
        covariates, and the starting weights: let its part be like the others, and have
        some hundred guides.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            As in ``fit``.
        y : array-like of shape (n_guides,)
            Measured activities.
        sample_weight : array-like of shape (n_guides,), default=None
            Weights of the guides.

        Returns
        -------
        self : object
        """
        return self._partial_fit(X, y, sample_weight)

    def predict(
        self, X: Any, return_std: bool = False
    ) -> Floats | tuple[Floats, Floats]:
        """Predict the activity of guides.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            As in ``fit``.
        return_std : bool, default=False
            Whether to return the standard deviation over the networks as well: how much
            they disagree, not how far a measurement may be from the prediction.

        Returns
        -------
        mean : ndarray of shape (n_guides,)
            In units of the target.
        std : ndarray of shape (n_guides,)
            Only with ``return_std``.

        Raises
        ------
        ValueError
            If the standard deviation of one network is asked for.
        """
        z = self._read_out(X)
        predictions = z if self.output == "identity" else expit(z)
        if not return_std:
            return predictions.mean(axis=0)
        if len(predictions) == 1:
            raise ValueError(
                "return_std=True needs several networks: fit with n_networks=5, say"
            )
        return predictions.mean(axis=0), predictions.std(axis=0)

    def _output_and_loss(self) -> tuple[str, str]:
        return self.output, self.loss

    def _encode_target(self, y: ArrayLike, name: str, *, new: bool) -> Floats:
        if self.output == "identity":
            if self.loss == "log_loss":
                raise ValueError("loss='log_loss' needs output='logistic'")
            largest = np.inf if self.standardize_target else _MOST_SQUARED
            return check_target(y, lower=-largest, upper=largest, name=name)
        return check_target(y, lower=0, upper=1, name=name)

    def _decode_target(self, y: Floats) -> NDArray:
        return y

    def _target_location_and_scale(
        self, y: Floats, weight: Floats
    ) -> tuple[float, float, float]:
        if not self.standardize_target:
            return 0.0, 1.0, 1.0
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(np.average(y, weights=weight))
            variance = float(np.average((y - mean) ** 2, weights=weight))
        if not np.isfinite(variance):
            raise ValueError(
                "y must have a weighted variance that float64 can hold, but it is as "
                f"large as {np.abs(y).max():g} and sample_weight as {weight.max():g}"
            )
        if self.output == "identity":
            return mean, float(np.sqrt(variance)) or 1.0, 1.0
        if not variance > 0:
            return 0.0, 1.0, 1.0
        if self.loss == "squared_error":
            return 0.0, 1.0, 1 / variance
        # The dispersion of a fractional response is 1 for labels that are 0 or 1.
        return 0.0, 1.0, mean * (1 - mean) / variance
