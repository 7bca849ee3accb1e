"""What the network's regressor and classifier share: everything but the target.

Validation and the order of the steps are here. What the columns mean is in `columns`,
starting weights in `starts`, the steps themselves in `training`, and what comes out is
the `Network` of `fitted`.
"""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Self

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from sgrna_estimator._sklearn_private import (
    _check_sample_weight,
    _fit_context,
)
from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_weight_sum
from sgrna_estimator.exceptions import (
    ConstantPredictionsWarning,
    InterruptedFitWarning,
    PriorSetAsideWarning,
)
from sgrna_estimator.network import defaults
from sgrna_estimator.network.architecture import Architecture
from sgrna_estimator.network.beginning import begin_networks, location_and_scale
from sgrna_estimator.network.columns import Columns, group_columns, split_covariates
from sgrna_estimator.network.doubts import SET_ASIDE, doubt_of_constant, doubt_of_loss
from sgrna_estimator.network.fitted import (
    Standardisation,
    hash_rows,
    standardised_rows,
)
from sgrna_estimator.network.interrupts import is_part_of_more
from sgrna_estimator.network.optimizers import Annealing
from sgrna_estimator.network.parameters import CONSTRAINTS
from sgrna_estimator.network.prior import networks_of
from sgrna_estimator.network.reading import FittedNetworks
from sgrna_estimator.network.rows import CHUNK_ROWS, MATRIX_TYPES
from sgrna_estimator.network.sizes import architecture_of, chosen_sizes
from sgrna_estimator.network.starts import TrainingSet
from sgrna_estimator.network.stream import Stream, in_even_batches
from sgrna_estimator.network.threads import blas_threads_of
from sgrna_estimator.network.training import (
    Settings,
    Trainee,
    mean_curve,
    mean_loss,
    train_epoch,
    train_together,
)
from sgrna_estimator.sequences.spacer_hashes import Hashes

_STACK_LEVEL = 4  # from the body of a decorated `fit` to the line that calls it


class _Validation(NamedTuple):
    X: Any
    y: Floats


class PositionwiseReLUBase(FittedNetworks, CallbackSupportMixin, BaseEstimator, ABC):
    """What the regressor and the classifier share: everything but the target."""

    _parameter_constraints: dict = CONSTRAINTS

    _stream: Stream

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
        :class:`~sgrna_estimator.exceptions.InterruptedFitWarning`. Within a search, a
        cross-validation or an ensemble it ends these too, which would otherwise go on
        with a model that has learnt less than the others.

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
        continuing = self.warm_start and hasattr(self, "networks_")
        X, y, weight = self._check_training_data(
            X, y, sample_weight, new_columns=not continuing, new_target=not continuing
        )
        validation = self._check_validation_data(X_val, y_val)
        if validation is None and self.early_stopping:
            X, y, weight, validation = self._set_aside(X, y, weight)
        begin = self._continue if continuing else self._start
        training = begin(X, y, weight)
        self._stream = self._stream.restarted()
        for trainee in self._trainees:
            trainee.begin(
                self.solver, self.tol, self.n_iter_no_change, self.early_stopping
            )
        self._note_losses()
        n_epochs = defaults.n_epochs(self.max_iter, len(y), self.batch_size)
        context = self._init_callback_context(max_subtasks=n_epochs)
        metadata = None if sample_weight is None else {"sample_weight": weight}
        seen = {"X": X, "y": self._decode_target(y), "metadata": metadata}
        context.call_on_fit_task_begin(estimator=self, **seen)
        try:
            self._train(training, validation, n_epochs, context, seen)
        except KeyboardInterrupt:
            self._note_losses()
            if is_part_of_more():
                raise
            warnings.warn(
                f"Ctrl-C ended the fit after {self.n_iter_} of {n_epochs} epochs; what "
                "was learnt is kept",
                InterruptedFitWarning,
                stacklevel=_STACK_LEVEL,
            )
        self._warn_of_bad_fits(training, y)
        context.call_on_fit_task_end(
            estimator=self, reconstruction_attributes=dict, **seen
        )
        return self

    def _partial_fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None
    ) -> Self:
        """Take one pass over these rows, from where the networks are."""
        first = not hasattr(self, "networks_")
        X, y, weight = self._check_training_data(
            X, y, sample_weight, new_columns=first, new_target=False
        )
        begin = self._start if first else self._continue
        training = begin(X, y, weight)
        for trainee in self._trainees:
            trainee.keep_optimizer(self.solver)
        stream = self._stream
        settings = self._settings(stream.n_guides, stream.total_weight)
        settings = in_even_batches(settings, len(y))
        n_passes = defaults.n_epochs(self.max_iter, stream.n_guides, self.batch_size)

        def take_pass(trainee: Trainee) -> None:
            annealing = stream.annealing(
                len(y),
                n_passes,
                trainee.n_steps,
                defaults.n_batches(len(y), self.batch_size),
            )
            train_epoch(trainee, training, settings, annealing)

        with blas_threads_of(self._architecture):
            n_threads = effective_n_jobs(self.n_jobs)
            train_together(self._trainees, take_pass, 1, n_threads, None)
        self._stream = stream.having_taken(len(y), n_passes)
        self._note_losses()
        return self

    def _check_training_data(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        *,
        new_columns: bool,
        new_target: bool,
    ) -> tuple[Any, Floats, Floats]:
        X = self._check_columns(X, new=new_columns)
        target = self._encode_target(y, "y", new=new_target)
        check_consistent_length(X, target)
        weight = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        check_weight_sum(weight)
        return X, target, weight

    def _check_columns(self, X: Any, *, new: bool) -> Any:
        return validate_data(
            self, X, accept_sparse="csr", dtype=MATRIX_TYPES, reset=new
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
        self, X: Any, y: Floats, weight: Floats
    ) -> tuple[Any, Floats, Floats, _Validation]:
        X, X_val, y, y_val, weight, _ = train_test_split(
            X,
            y,
            weight,
            test_size=self.validation_fraction,
            random_state=check_random_state(self.random_state).randint(2**31),
        )
        return X, y, weight, _Validation(X_val, y_val)

    def _start(self, X: Any, y: Floats, weight: Floats) -> TrainingSet:
        """Set all that the training data decide before the first step; return them."""
        sources = [] if self.prior is None else networks_of(self.prior)
        sizes = chosen_sizes(self.get_params(deep=False), sources)
        self.columns_ = self._group_columns(sizes)
        architecture = architecture_of(self.columns_, sizes)
        location, scale, self._loss_scale = self._target_location_and_scale(y, weight)
        self._trained_with = self._output_and_loss()
        _, covariates = split_covariates(X, self.columns_)
        own = Standardisation(
            *location_and_scale(covariates, weight, self.columns_), location, scale
        )
        seeds = check_random_state(self.random_state)
        rngs = [
            check_random_state(seeds.randint(2**31)) for _ in range(self.n_networks)
        ]
        begun = begin_networks(
            architecture,
            self.columns_,
            own,
            partial(self._training_set, X, y, weight),
            rngs,
            self.init,
            sources,
            # With no epoch it is the prior as it is that is asked for.
            keep_prior=self.max_iter == 0,
        )
        self._trainees = begun.trainees
        if sources:
            self.prior_scale_ = begun.scale
            self.n_positions_from_prior_ = begun.n_positions
            if not begun.n_positions:
                warnings.warn(
                    SET_ASIDE, PriorSetAsideWarning, stacklevel=_STACK_LEVEL + 1
                )
        self._stream = Stream.empty()
        self._have_seen(begun.training, *(source.seen for source in sources))
        return begun.training

    def _have_seen(self, training: TrainingSet, *before: Hashes | None) -> None:
        """Let the networks remember the guides that they learn from."""
        self._stream = self._stream.knowing(training.rows, training.y, training.weight)
        hashes = hash_rows(training.rows, self.columns_)
        for trainee in self._trainees:
            trainee.network = trainee.network.having_seen(hashes, *before)
        self.networks_ = tuple(trainee.network for trainee in self._trainees)

    def _continue(self, X: Any, y: Floats, weight: Floats) -> TrainingSet:
        """Return the training data as the networks read them, which they must fit."""
        if not hasattr(self, "_trainees"):
            raise ValueError(
                f"this {type(self).__name__} was read from a model file, which keeps "
                "what was learnt but not the state of the training: it predicts, but is "
                "not trained further; fit a new one (clone, or warm_start=False)"
            )
        sources = () if self.prior is None else self.networks_
        sizes = chosen_sizes(self.get_params(deep=False), sources)
        columns = self._group_columns(sizes)
        if (
            architecture_of(columns, sizes) != self._architecture
            or not columns.agree_with(self.columns_)
            or self._output_and_loss() != self._trained_with
            or self.n_networks != len(self.networks_)
        ):
            raise ValueError(
                "a fitted network is continued with its own sizes, output and loss, but "
                f"parameters were changed: it is {self.networks_[0]!r}, "
                f"{self._trained_with}, n_networks={len(self.networks_)}"
            )
        training = self._training_set(X, y, weight, self.networks_[0].standardisation)
        for trainee in self._trainees:
            trainee.own_arrays()
        self._have_seen(training, self.networks_[0].seen)
        return training

    def _group_columns(self, sizes: dict[str, Any]) -> Columns:
        return group_columns(
            self.n_features_in_,
            getattr(self, "feature_names_in_", None),
            self.n_channels,
            self.covariates,
            sizes["window_size"],
        )

    @property
    def _has_prior(self) -> bool:
        """Whether the networks began from a prior: it may have been set aside."""
        return self.prior is not None and self.n_positions_from_prior_ > 0

    @property
    def _architecture(self) -> Architecture:
        return self.networks_[0].architecture

    def _training_set(
        self, X: Any, y: Floats, weight: Floats, standardisation: Standardisation
    ) -> TrainingSet:
        target = (y - standardisation.target_mean) / standardisation.target_scale
        output, _ = self._output_and_loss()
        return TrainingSet(
            standardised_rows(X, self.columns_, standardisation),
            target,
            weight,
            output,
            bool(self.window_bias),
        )

    def _settings(self, n_guides: int, total_weight: float) -> Settings:
        """Return what a fit to so many guides does, in numbers."""
        output, loss = self._output_and_loss()
        return Settings(
            output=output,
            loss=loss,
            loss_scale=self._loss_scale,
            solver=self.solver,
            learning_rate=self.learning_rate,
            learning_rate_init=defaults.step_size(
                self.learning_rate_init,
                self.solver,
                self._architecture,
                has_prior=self._has_prior,
            ),
            power_t=self.power_t,
            batch_size=int(self.batch_size),
            alpha=defaults.penalty(
                self.alpha,
                self._architecture,
                total_weight,
                has_prior=self._has_prior,
            ),
            n_guides=n_guides,
            total_weight=total_weight,
            dropout=defaults.share_dropped(self.dropout, self._architecture, n_guides),
            window_bias=bool(self.window_bias),
            shuffle=bool(self.shuffle),
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
            held = self.networks_[0].rows(validation.X)
        settings = self._settings(len(training.y), training.weight.sum())
        n_steps = n_epochs * defaults.n_batches(len(training.y), self.batch_size)

        def take_epoch(trainee: Trainee) -> None:
            train_epoch(trainee, training, settings, Annealing(0, n_steps))
            loss = trainee.loss_curve[-1]
            if held is not None and validation is not None:
                loss = mean_loss(trainee.network, settings.loss, held, validation.y)
                trainee.validation_loss_curve.append(loss)
            trainee.watch(loss)

        def around_epoch(run: Callable[[], object]) -> bool:
            subcontext = context.subcontext(task_name="epoch")
            subcontext.call_on_fit_task_begin(estimator=self, **seen)
            run()
            self._note_losses()
            if self.verbose:
                print(self._describe_epoch(n_epochs))
            return subcontext.call_on_fit_task_end(
                estimator=self,
                reconstruction_attributes=self._reconstruction_attributes,
                **seen,
            )

        n_threads = effective_n_jobs(self.n_jobs)
        is_watched = self.verbose or getattr(self, "_skl_callbacks", None)
        in_step = is_watched or n_threads == 1 or self.n_networks == 1
        try:
            with blas_threads_of(self._architecture):
                train_together(
                    self._trainees,
                    take_epoch,
                    n_epochs,
                    n_threads,
                    around_epoch if in_step else None,
                )
        finally:  # after Ctrl-C too
            for trainee in self._trainees:
                trainee.end()
        self._note_losses()

    def _reconstruction_attributes(self) -> dict[str, Any]:
        """Return what a copy of the estimator needs to predict as it does now."""
        copies = [net.with_parameters(net.theta.copy()) for net in self.networks_]
        return {"networks_": tuple(copies)}

    def _note_losses(self) -> None:
        """Set the losses so far: means over the networks that took the epoch."""
        self.loss_curve_ = mean_curve([each.loss_curve for each in self._trainees])
        self.validation_loss_curve_ = mean_curve(
            [each.validation_loss_curve for each in self._trainees]
        )
        self.n_iter_ = max(each.n_iter for each in self._trainees)

    def _describe_epoch(self, n_epochs: int) -> str:
        watched = ""
        if self.validation_loss_curve_:
            watched = f", validation loss {self.validation_loss_curve_[-1]:.6g}"
        return (
            f"Epoch {self.n_iter_} of {n_epochs}, "
            f"training loss {self.loss_curve_[-1]:.6g}{watched}"
        )

    def _warn_of_bad_fits(self, training: TrainingSet, y: Floats) -> None:
        rows = training.rows.subset(slice(0, CHUNK_ROWS))
        z = np.mean([net.read_out_rows(rows) for net in self.networks_], axis=0)
        z /= self.target_scale_
        settings = self._settings(len(y), training.weight.sum())
        for category, doubt in (
            (ConstantPredictionsWarning, doubt_of_constant(z, y, settings.alpha)),
            (ConvergenceWarning, doubt_of_loss(self.loss_curve_, y, settings.loss)),
        ):
            if doubt:
                warnings.warn(doubt, category, stacklevel=_STACK_LEVEL + 1)

    # ---- predicting -----------------------------------------------------------------

    def _read_out(self, X: Any) -> Floats:
        """Return z of every row by every network, (n_networks, n_guides)."""
        check_is_fitted(self)
        X = self._check_columns(X, new=False)
        return np.stack([network.read_out(X) for network in self.networks_])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
