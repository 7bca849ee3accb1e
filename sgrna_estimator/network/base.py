"""What the network's regressor and classifier share: everything but the target.

Validation, the epoch loop and prediction.
"""

import copy
import warnings
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, expit, log_expit
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from sgrna_estimator._sklearn_private import (
    Interval,
    StrOptions,
    _check_sample_weight,
    _fit_context,
)
from sgrna_estimator.exceptions import ConstantPredictionsWarning, InterruptedFitWarning
from sgrna_estimator.network.architecture import Architecture, Parameters
from sgrna_estimator.network.columns import Columns, group_columns, split_covariates
from sgrna_estimator.network.effects import base_effects, interaction_effects
from sgrna_estimator.network.optimizers import (
    SCHEDULES,
    OptimizerState,
    Patience,
    step_sizes,
)
from sgrna_estimator.network.rows import CHUNK_ROWS, GuideRows, as_guide_rows, chunks
from sgrna_estimator.network.starts import STARTS, TrainingSet, starting_parameters
from sgrna_estimator.network.threads import one_blas_thread

_LEAST_STEPS = 1500


_LEAST_EPOCHS = 30


_STACK_LEVEL = 4  # from the body of a decorated `fit` to the line that calls it


_BAD_LOSS = 100  # times that of predicting the mean


_BACKGROUND_ROWS = 512


_PREDICT_BATCH = 256


# learning_rate_init="auto", by solver and by whether the network is additive
_STEP_SIZES = {
    ("adam", True): 0.01,
    ("adam", False): 0.004,
    ("sgd", True): 0.1,
    ("sgd", False): 0.01,
}


# alpha="auto". Penalising both factors of a position's contribution is a lasso on
# positions, whose threshold grows with the square root of the number of guides.
_ADDITIVE_ALPHA = 0.6


_ALPHA = 8.0


class _Validation(NamedTuple):
    X: Any
    y: NDArray[np.float64]


class _Held(NamedTuple):
    """Validation data in the form the kernels read, made once a fit."""

    rows: GuideRows
    y: NDArray[np.float64]


class PositionwiseReLUBase(CallbackSupportMixin, BaseEstimator, ABC):
    """What the regressor and the classifier share: everything but the target."""

    _parameter_constraints: dict = {
        "window_size": [Interval(Integral, 1, None, closed="left")],
        "n_units": [Interval(Integral, 1, None, closed="left")],
        "share_weights": ["boolean"],
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "n_channels": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "covariates": ["array-like", None],
        "solver": [StrOptions({"adam", "sgd"})],
        "learning_rate_init": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "dropout": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "init": [StrOptions({"auto", *STARTS})],
        "window_bias": ["boolean"],
        "shuffle": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left"), None],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    # ---- what the subclasses say about the target -----------------------------------

    @abstractmethod
    def _output_and_loss(self) -> tuple[str, str]:
        """Return the names of the output and of the loss."""

    @abstractmethod
    def _encode_target(
        self, y: ArrayLike, name: str, *, new: bool
    ) -> NDArray[np.float64]:
        """Return the target as numbers; if ``new``, its classes are learnt from it."""

    @abstractmethod
    def _decode_target(self, y: NDArray[np.float64]) -> NDArray:
        """Undo ``_encode_target``."""

    @abstractmethod
    def _target_location_and_scale(
        self, y: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> tuple[float, float, float]:
        """Return what to subtract, what to divide by, and the factor of the loss."""

    # ---- fitting --------------------------------------------------------------------

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Fit the network.

        Ctrl-C ends the fit and keeps what was learnt, with an
        :class:`~sgrna_estimator.exceptions.InterruptedFitWarning`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_features)
            One-hot sequences (fastest), any other real numbers, and covariates.
        y : array-like of shape (n_guides,)
            Measured activities, or class labels.
        sample_weight : array-like of shape (n_guides,), default=None
            Weights of the guides; a weight of 2 counts like two rows.
        X_val, y_val : array-like, default=None
            Guides to follow the loss on, which are not trained on (``early_stopping``
            uses them). Without them, early stopping sets a random share of the rows
            aside, and guides of one gene fall on both sides.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data are not finite numbers of matching lengths, the columns are not
            a whole number of positions, or the loss diverges (the message names the
            step size).
        """
        continuing = self.warm_start and hasattr(self, "_theta")
        X, y, weight = self._check_training_data(
            X, y, sample_weight, new_columns=not continuing, new_target=not continuing
        )
        validation = self._check_validation_data(X_val, y_val)
        if validation is None and self.early_stopping:
            X, y, weight, validation = self._set_aside(X, y, weight)
        if continuing:
            self._check_same_network()
            training = self._training_set(X, y, weight)
        else:
            training = self._start(X, y, weight)
        self._optimizer = OptimizerState.fresh(
            self.solver, self._theta.size, self._random_state
        )
        self.loss_curve_: list[float] = []
        self.validation_loss_curve_: list[float] = []
        self.n_iter_ = 0
        n_epochs = self._n_epochs(len(y))
        context = self._init_callback_context(max_subtasks=n_epochs)
        metadata = None if sample_weight is None else {"sample_weight": weight}
        seen = {"X": X, "y": self._decode_target(y), "metadata": metadata}
        context.call_on_fit_task_begin(estimator=self, **seen)
        try:
            with self._threads():
                self._train(training, validation, n_epochs, context, seen)
        except KeyboardInterrupt:
            warnings.warn(
                f"Ctrl-C ended the fit after {self.n_iter_} of {n_epochs} epochs; what "
                "was learnt is kept",
                InterruptedFitWarning,
                stacklevel=_STACK_LEVEL,
            )
        self._warn_of_bad_fits(X, y, weight.sum())
        context.call_on_fit_task_end(
            estimator=self, reconstruction_attributes=dict, **seen
        )
        return self

    def _partial_fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None
    ) -> Self:
        """Take one pass over these rows, from where the network is."""
        first = not hasattr(self, "_theta")
        X, y, weight = self._check_training_data(
            X, y, sample_weight, new_columns=first, new_target=False
        )
        if first:
            training = self._start(X, y, weight)
            self._optimizer = OptimizerState.fresh(
                self.solver, self._theta.size, self._random_state
            )
            self.loss_curve_ = []
            self.validation_loss_curve_ = []
            self.n_iter_ = 0
        else:
            self._check_same_network()
            training = self._training_set(X, y, weight)
        if not self._optimizer.fits(self.solver, self._theta.size):
            self._optimizer = OptimizerState.fresh(
                self.solver, self._theta.size, self._random_state
            )
        with self._threads():
            self._train_epoch(training, np.inf)
        return self

    def _check_training_data(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        *,
        new_columns: bool,
        new_target: bool,
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.float64]]:
        X = self._check_columns(X, new=new_columns)
        target = self._encode_target(y, "y", new=new_target)
        check_consistent_length(X, target)
        weight = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        return X, target, weight

    def _check_columns(self, X: Any, *, new: bool) -> Any:
        return validate_data(
            self, X, accept_sparse="csr", dtype=(np.float64, np.float32), reset=new
        )

    def _check_validation_data(
        self, X_val: Any, y_val: ArrayLike | None
    ) -> _Validation | None:
        if (X_val is None) != (y_val is None):
            given = "X_val" if y_val is None else "y_val"
            raise ValueError(f"X_val and y_val go together, but only {given} was given")
        if X_val is None or y_val is None:
            return None
        X_val = self._check_columns(X_val, new=False)
        target = self._encode_target(y_val, "y_val", new=False)
        check_consistent_length(X_val, target)
        return _Validation(X_val, target)

    def _set_aside(
        self, X: Any, y: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.float64], _Validation]:
        X, X_val, y, y_val, weight, _ = train_test_split(
            X,
            y,
            weight,
            test_size=self.validation_fraction,
            random_state=check_random_state(self.random_state).randint(2**31),
        )
        return X, y, weight, _Validation(X_val, y_val)

    def _n_epochs(self, n_guides: int) -> int:
        if self.max_iter != "auto":
            return int(self.max_iter)
        n_batches = -(-n_guides // min(self.batch_size, n_guides))
        return max(_LEAST_EPOCHS, -(-_LEAST_STEPS // n_batches))

    def _start(
        self, X: Any, y: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> TrainingSet:
        """Set all that the training data decide before the first step; return them."""
        self._random_state = check_random_state(self.random_state)
        if self.random_state is None or isinstance(self.random_state, Integral):
            self._random_state = check_random_state(self._random_state.randint(2**31))
        self._columns = self._group_columns()
        _, covariates = split_covariates(X, self._columns)
        self.covariate_mean_ = np.average(covariates, axis=0, weights=weight)
        deviations = (covariates - self.covariate_mean_) ** 2
        spread = np.sqrt(np.average(deviations, axis=0, weights=weight))
        # Rounding leaves a constant column a spread that is not quite zero.
        varies = (covariates.min(axis=0) < covariates.max(axis=0)) & (spread > 0)
        self.covariate_scale_ = np.where(varies, spread, 1.0)
        location, scale, loss_scale = self._target_location_and_scale(y, weight)
        self.target_mean_ = location
        self.target_scale_ = scale
        self._loss_scale = loss_scale
        self._trained_with = self._output_and_loss()
        self._architecture = self._describe()
        training = self._training_set(X, y, weight)
        self._theta = starting_parameters(
            self._architecture, self.init, training, self._random_state
        )
        rows = self._random_state.permutation(len(y))[:_BACKGROUND_ROWS]
        self._background = self._guide_rows(X[np.sort(rows)])
        return training

    def _group_columns(self) -> Columns:
        return group_columns(
            self.n_features_in_,
            getattr(self, "feature_names_in_", None),
            self.n_channels,
            self.covariates,
            self.window_size,
        )

    def _describe(self) -> Architecture:
        sizes = np.ravel(self.hidden_layer_sizes).tolist()
        if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
            raise ValueError(
                "hidden_layer_sizes must hold whole numbers above 0, got "
                f"{self.hidden_layer_sizes!r}"
            )
        return Architecture(
            n_windows=self._columns.n_positions - self.window_size + 1,
            window_size=int(self.window_size),
            n_channels=self._columns.n_channels,
            n_units=int(self.n_units),
            n_covariates=len(self._columns.covariates),
            share_weights=bool(self.share_weights),
            hidden_layer_sizes=tuple(int(size) for size in sizes),
        )

    def _check_same_network(self) -> None:
        columns = self._group_columns()
        if (
            self._describe() != self._architecture
            or columns.n_channels != self._columns.n_channels
            or not np.array_equal(columns.covariates, self._columns.covariates)
            or self._output_and_loss() != self._trained_with
        ):
            raise ValueError(
                "a fitted network is continued with its own sizes, output and loss, but "
                f"parameters were changed: it is {self._architecture}, {self._trained_with}"
            )

    def _guide_rows(self, X: Any) -> GuideRows:
        sequence, covariates = split_covariates(X, self._columns)
        covariates = (covariates - self.covariate_mean_) / self.covariate_scale_
        return as_guide_rows(sequence, covariates.astype(np.float32), self._columns)

    def _training_set(
        self, X: Any, y: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> TrainingSet:
        target = (y - self.target_mean_) / self.target_scale_
        output, _ = self._output_and_loss()
        return TrainingSet(
            self._guide_rows(X), target, weight, output, bool(self.window_bias)
        )

    def _train(
        self,
        training: TrainingSet,
        validation: _Validation | None,
        n_epochs: int,
        context: Any,
        seen: dict[str, Any],
    ) -> None:
        held = None
        if validation is not None:
            held = _Held(self._guide_rows(validation.X), validation.y)
        n = len(training.y)
        n_batches = -(-n // min(self.batch_size, n))
        patience = Patience(self.tol or 0.0, self.n_iter_no_change)
        best = self._theta
        try:
            for epoch in range(n_epochs):
                subcontext = context.subcontext(task_name="epoch")
                subcontext.call_on_fit_task_begin(estimator=self, **seen)
                loss = self._train_epoch(training, n_epochs * n_batches)
                if held is not None:
                    loss = self._loss(held)
                    self.validation_loss_curve_.append(loss)
                if self.verbose:
                    watched = (
                        "" if validation is None else f", validation loss {loss:.6g}"
                    )
                    print(
                        f"Epoch {epoch + 1} of {n_epochs}, "
                        f"training loss {self.loss_curve_[-1]:.6g}{watched}"
                    )
                # in standard deviations, so that `tol` has no unit
                if (
                    patience.improves(loss / self.target_scale_**2)
                    and self.early_stopping
                ):
                    best = self._theta.copy()
                stopped = subcontext.call_on_fit_task_end(
                    estimator=self,
                    reconstruction_attributes=lambda: {"_theta": self._theta.copy()},
                    **seen,
                )
                watching = self.early_stopping or self.tol is not None
                if stopped or (watching and patience.exhausted):
                    break
        finally:  # after Ctrl-C too
            if self.early_stopping:
                self._theta = best

    def _train_epoch(self, training: TrainingSet, n_steps_in_all: float) -> float:
        """Take one pass over the rows; return the mean loss, in units of the target."""
        from sgrna_estimator.network import kernels as kernels

        output, loss = self._output_and_loss()
        n = len(training.y)
        batch_size = min(int(self.batch_size), n)
        total_weight = training.weight.sum()
        objective = kernels.Objective(
            getattr(kernels, output.upper()),
            getattr(kernels, loss.upper()),
            np.float32(self._loss_scale),
            np.float32(self._alpha(total_weight) / total_weight),
            float(self._dropout(n)),
            bool(self.window_bias),
        )
        solver = getattr(kernels, self.solver.upper())
        shape, hidden = self._architecture.for_kernels()
        y = training.y.astype(np.float32)
        weight = (training.weight * (n / total_weight)).astype(np.float32)
        order = self._random_state.permutation(n) if self.shuffle else np.arange(n)
        chunk = max(1, CHUNK_ROWS // batch_size) * batch_size
        before = self._theta.copy(), copy.deepcopy(self._optimizer)
        total = 0.0
        for start in range(0, n, chunk):
            rows = order[start : start + chunk]
            steps = step_sizes(
                self.learning_rate,
                self._learning_rate_init(),
                self.power_t,
                int(self._optimizer.clock[0]),
                -(-len(rows) // batch_size),
                n_steps_in_all,
            )
            total += kernels.train(
                shape,
                hidden,
                objective,
                solver,
                training.rows.take(rows),
                y[rows],
                weight[rows],
                steps,
                batch_size,
                self._theta,
                self._optimizer.moments,
                self._optimizer.clock,
                self._optimizer.dropout_state,
            )
        if not (np.isfinite(total) and np.isfinite(self._theta).all()):
            self._theta, self._optimizer = before  # what was learnt until then
            raise ValueError(
                f"training diverged in epoch {self.n_iter_ + 1}: the loss is no longer "
                f"finite. The step size learning_rate_init="
                f"{self._learning_rate_init():g} is too large for these data; try a "
                "tenth of it"
            )
        self.n_iter_ += 1
        self.loss_curve_.append(float(total / n * self.target_scale_**2))
        return self.loss_curve_[-1]

    def _threads(self) -> AbstractContextManager:
        """Return what to train and predict in: one thread, as these products are small.

        Only hidden layers use BLAS.
        """
        if not self._architecture.hidden_layer_sizes:
            return nullcontext()
        return one_blas_thread()

    def _learning_rate_init(self) -> float:
        if self.learning_rate_init != "auto":
            return float(self.learning_rate_init)
        return _STEP_SIZES[self.solver, self._architecture.is_additive]

    def _alpha(self, total_weight: float) -> float:
        if self.alpha != "auto":
            return float(self.alpha)
        if self._architecture.is_additive:
            return _ADDITIVE_ALPHA * float(np.sqrt(total_weight))
        return _ALPHA

    def _dropout(self, n_guides: int) -> float:
        if self.dropout != "auto":
            return float(self.dropout)
        if self._architecture.is_additive:
            return 0.0
        return float(np.clip(0.5 * np.sqrt(2000 / n_guides), 0.2, 0.5))

    def _loss(self, data: _Held) -> float:
        output, loss = self._output_and_loss()
        with self._threads():
            z = self._read_out_rows(data.rows)
        if loss == "log_loss":
            y = data.y
            return float(-np.mean(y * log_expit(z) + (1 - y) * log_expit(-z)))
        predicted = z if output == "identity" else expit(z)
        return float(np.mean((data.y - predicted) ** 2))

    def _warn_of_bad_fits(
        self, X: Any, y: NDArray[np.float64], total_weight: float
    ) -> None:
        n_looked_at = min(len(y), CHUNK_ROWS)
        z = self._read_out(X[:n_looked_at]) / self.target_scale_
        if n_looked_at > 1 and np.ptp(z) < 1e-4 and np.ptp(y) > 0:
            warnings.warn(
                "the network predicts the same value for every guide: the penalty "
                f"alpha={self._alpha(total_weight):.3g} is too large for these data, or "
                "they hold no signal that the network can find",
                ConstantPredictionsWarning,
                stacklevel=_STACK_LEVEL + 1,
            )
        mean = np.average(y)
        _, loss = self._output_and_loss()
        of_mean = entr(mean) + entr(1 - mean) if loss == "log_loss" else np.var(y)
        if self.loss_curve_ and 0 < _BAD_LOSS * of_mean < self.loss_curve_[-1]:
            warnings.warn(
                f"the training loss ended at {self.loss_curve_[-1]:.3g}, far above that of "
                "predicting the mean: learning_rate_init is too large for these data, or "
                "the columns are on very different scales",
                ConvergenceWarning,
                stacklevel=_STACK_LEVEL + 1,
            )

    # ---- predicting -----------------------------------------------------------------

    def _check_rows(self, X: Any) -> Any:
        check_is_fitted(self)
        return self._check_columns(X, new=False)

    def _read_out(self, X: Any) -> NDArray[np.float64]:
        """Return z of every row, in units of the target."""
        z = np.empty(X.shape[0])
        with self._threads():
            for rows in chunks(X.shape[0]):
                z[rows] = self._read_out_rows(self._guide_rows(X[rows]))
        return z

    def _read_out_rows(self, rows: GuideRows) -> NDArray[np.float64]:
        from sgrna_estimator.network import kernels as kernels

        z = np.empty(len(rows), dtype=np.float32)
        shape, hidden = self._architecture.for_kernels()
        kernels.predict(
            shape, hidden, self._theta, rows.take(slice(None)), _PREDICT_BATCH, z
        )
        return z.astype(np.float64) * self.target_scale_ + self.target_mean_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    # ---- reading the network --------------------------------------------------------

    def _parameters(self) -> Parameters:
        return self._architecture.split(self._theta)

    @property
    def window_weights_(self) -> NDArray[np.float32]:
        """Weights of the first layer, (n_sets, window_size, n_channels, n_units)."""
        return self._parameters().window_weights.copy()

    @property
    def window_intercepts_(self) -> NDArray[np.float32]:
        """Intercepts of the first layer, (n_sets, n_units)."""
        return self._parameters().window_intercepts.copy()

    @property
    def hidden_weights_(self) -> list[NDArray[np.float32]]:
        """Weights of each hidden layer, (n_inputs, n_hidden_units)."""
        return [weights.copy() for weights in self._parameters().hidden_weights]

    @property
    def hidden_intercepts_(self) -> list[NDArray[np.float32]]:
        """Intercepts of each hidden layer, (n_hidden_units,)."""
        return [values.copy() for values in self._parameters().hidden_intercepts]

    @property
    def readout_weights_(self) -> NDArray[np.float64]:
        """Weights of the read-out, (n_inputs,), in units of the target."""
        return self._parameters().readout_weights * float(self.target_scale_)

    @property
    def intercept_(self) -> float:
        """Intercept of the read-out, in units of the target."""
        beta0 = float(self._parameters().intercept[0])
        return float(beta0 * self.target_scale_ + self.target_mean_)

    @property
    def base_effects_(self) -> NDArray[np.float64]:
        """What each letter at each position adds to z, (n_positions, n_channels).

        The mean of z over background guides (up to 512 of the training rows) whose
        letter at the position is replaced by this one, less the mean of z over the
        background. For an additive network it is exact: the effects of a guide's letters
        add up to its z less the mean.
        """
        check_is_fitted(self)
        with self._threads():
            return base_effects(self._read_out_rows, self._background, self._columns)

    def interaction_effects(self, distance: int = 1) -> NDArray[np.float64]:
        """Return what two letters add to z beyond the sum of their base effects.

        Parameters
        ----------
        distance : int, default=1
            How many positions apart the two letters are.

        Returns
        -------
        ndarray of shape (n_positions - distance, n_channels, n_channels)
            ``[p, a, b]``: letter a at position p and b at position p + distance,
            averaged over the background of ``base_effects_``. Zero where the two
            positions share neither a window nor a hidden layer.

        Raises
        ------
        ValueError
            If there are no two positions that far apart.
        """
        check_is_fitted(self)
        n_positions = self._columns.n_positions
        if not 1 <= distance < n_positions:
            raise ValueError(
                f"distance must be at least 1 and below the {n_positions} positions, "
                f"got {distance}"
            )
        with self._threads():
            return interaction_effects(
                self._read_out_rows, self._background, self._columns, distance
            )
