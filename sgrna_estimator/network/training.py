"""Training: epochs of optimiser steps that move one network's parameters in place."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from sgrna_estimator._typing import Floats
from sgrna_estimator.network.fitted import Network
from sgrna_estimator.network.optimizers import (
    Annealing,
    OptimizerState,
    Patience,
    step_sizes,
)
from sgrna_estimator.network.rows import CHUNK_ROWS, GuideRows, as_compiled
from sgrna_estimator.network.starts import TrainingSet


@dataclass(frozen=True)
class Settings:
    """What a fit does, in numbers.

    Attributes
    ----------
    output, loss : str
        As in the estimators.
    loss_scale : float
        Factor of the loss, so that a penalty means the same for any output.
    solver, learning_rate : str
    learning_rate_init, power_t : float
    batch_size : int
    alpha : float
    n_guides : int
        Guides of the whole that the penalty is weighed against.
    total_weight : float
        The sum of their sample weights.
    dropout : float
    window_bias, shuffle : bool
    step_share : float
        Factor of all step sizes.
    """

    output: str
    loss: str
    loss_scale: float
    solver: str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    batch_size: int
    alpha: float
    n_guides: int
    total_weight: float
    dropout: float
    window_bias: bool
    shuffle: bool
    step_share: float = 1.0

    @property
    def penalty(self) -> np.float32:
        """Factor of half the squared weights, where a guide's mean loss has 1.

        Raises
        ------
        ValueError
            If float32 cannot hold it.
        """
        penalty = self.alpha / float(self.total_weight)
        if penalty > float(np.finfo(np.float32).max):
            raise ValueError(
                f"alpha={self.alpha:g} is too large for guides whose sample weights add "
                f"up to {self.total_weight:g}"
            )
        return np.float32(penalty)


@dataclass
class Trainee:
    """One network while it is trained.

    Attributes
    ----------
    network : Network
        Its ``theta`` is moved in place.
    random_state : RandomState
        Draws the order of the rows.
    anchor : ndarray of shape (n_parameters,) or (0,), float32
        What the penalty pulls weights towards: zero, if it is empty.
    optimizer : OptimizerState or None
        None before it is known which solver there will be.
    patience : Patience or None
        Ends the training when the loss no longer falls, if there is any.
    best : ndarray of shape (n_parameters,) or None
        The parameters of the lowest loss, where these are to be kept.
    loss_curve, validation_loss_curve : list of float
        In units of the target.
    """

    network: Network
    random_state: np.random.RandomState
    anchor: NDArray[np.float32] = field(
        default_factory=lambda: np.empty(0, dtype=np.float32)
    )
    optimizer: OptimizerState | None = None
    patience: Patience | None = None
    best: NDArray[np.float32] | None = None
    loss_curve: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)

    @property
    def n_iter(self) -> int:
        """Epochs taken."""
        return len(self.loss_curve)

    @property
    def n_steps(self) -> int:
        """Steps taken by the optimiser."""
        return 0 if self.optimizer is None else int(self.optimizer.clock[0])

    def own_arrays(self) -> None:
        """Copy what is read-only, as it is where joblib has mapped it from a file."""
        self.network = self.network.with_parameters(as_compiled(self.network.theta))
        self.anchor = as_compiled(self.anchor)
        if self.optimizer is not None:
            self.optimizer = OptimizerState(
                as_compiled(self.optimizer.moments),
                as_compiled(self.optimizer.clock),
                as_compiled(self.optimizer.dropout_state),
            )

    def restart_optimizer(self, solver: str) -> None:
        """Forget the steps taken, but not what they led to."""
        self.optimizer = OptimizerState.fresh(
            solver, self.network.theta.size, self.random_state
        )

    def keep_optimizer(self, solver: str) -> None:
        """Go on with the steps taken, if they are of this solver."""
        if self.optimizer is None or not self.optimizer.fits(
            solver, self.network.theta.size
        ):
            self.restart_optimizer(solver)

    def begin(
        self, solver: str, tol: float | None, n_iter_no_change: int, keep_best: bool
    ) -> None:
        """Make ready for a fit of several epochs."""
        self.restart_optimizer(solver)
        self.loss_curve, self.validation_loss_curve = [], []
        watched = keep_best or tol is not None
        self.patience = Patience(tol or 0.0, n_iter_no_change) if watched else None
        self.best = self.network.theta.copy() if keep_best else None

    def end(self) -> None:
        """Keep the parameters of the lowest loss, if these are asked for."""
        if self.best is not None:
            self.network.theta[:] = self.best
        self.patience = self.best = None

    def watch(self, loss: float) -> None:
        """Take note of the loss after an epoch, in units of the target."""
        if self.patience is None:
            return
        # in standard deviations, so that `tol` has no unit
        relative = loss / self.network.standardisation.target_scale**2
        if self.patience.improves(relative) and self.best is not None:
            self.best = self.network.theta.copy()

    @property
    def has_stopped(self) -> bool:
        """Whether more epochs are not worth it."""
        return self.patience is not None and self.patience.exhausted


def train_epoch(
    trainee: Trainee, training: TrainingSet, settings: Settings, annealing: Annealing
) -> None:
    """Take one pass over the rows.

    Parameters
    ----------
    trainee : Trainee
        Its network moves, and its loss curve grows.
    training : TrainingSet
    settings : Settings
    annealing : Annealing
        Over which of the network's steps a cosine falls.

    Raises
    ------
    ValueError
        If the loss is no longer finite. The network is what it was before the epoch.
    """
    from sgrna_estimator.network import kernels

    network, optimizer = trainee.network, trainee.optimizer
    assert optimizer is not None  # training has begun
    n = len(training.y)
    batch_size = min(settings.batch_size, n)
    shape, hidden = network.architecture.for_kernels()
    objective = kernels.Objective(
        getattr(kernels, settings.output.upper()),
        getattr(kernels, settings.loss.upper()),
        np.float32(settings.loss_scale),
        settings.penalty,
        settings.dropout,
        settings.window_bias,
    )
    y = training.y.astype(np.float32)
    mean_one = settings.n_guides / settings.total_weight
    weight = (training.weight * mean_one).astype(np.float32)
    rng = trainee.random_state
    order = rng.permutation(n) if settings.shuffle else np.arange(n)
    chunk = max(1, CHUNK_ROWS // batch_size) * batch_size
    before = network.theta.copy(), optimizer.copy()
    total = 0.0
    for start in range(0, n, chunk):
        rows = order[start : start + chunk]
        steps = step_sizes(
            settings.learning_rate,
            settings.learning_rate_init * settings.step_share,
            settings.power_t,
            int(optimizer.clock[0]),
            -(-len(rows) // batch_size),
            annealing,
        )
        total += kernels.train(
            shape,
            hidden,
            objective,
            getattr(kernels, settings.solver.upper()),
            training.rows.take(rows),
            y.take(rows),
            weight.take(rows),
            steps,
            batch_size,
            network.theta,
            trainee.anchor,
            optimizer.moments,
            optimizer.clock,
            optimizer.dropout_state,
        )
    if not (np.isfinite(total) and np.isfinite(network.theta).all()):
        network.theta[:], trainee.optimizer = before  # what was learnt until then
        raise ValueError(
            f"training diverged in epoch {trainee.n_iter + 1}: the loss is no longer "
            "finite. The step size learning_rate_init="
            f"{settings.learning_rate_init:g} is too large for these data; try a tenth "
            "of it, and numbers that are not one-hot nearer to 1"
        )
    scale = network.standardisation.target_scale
    trainee.loss_curve.append(float(total / n * scale**2))


def mean_loss(network: Network, loss: str, rows: GuideRows, y: Floats) -> float:
    """Return the mean loss of a network on rows, in units of the target.

    Parameters
    ----------
    network : Network
    loss : {"squared_error", "log_loss"}
    rows : GuideRows
    y : ndarray of shape (n_guides,)
        Targets.

    Returns
    -------
    float
    """
    z = network.read_out_rows(rows)
    if loss == "log_loss":
        return float(-np.mean(y * log_expit(z) + (1 - y) * log_expit(-z)))
    predicted = z if network.output == "identity" else expit(z)
    return float(np.mean((y - predicted) ** 2))


def mean_curve(curves: Sequence[Sequence[float]]) -> list[float]:
    """Return the mean, epoch by epoch, of losses of which some end before others.

    Parameters
    ----------
    curves : sequence of sequence of float
        Losses of each network.

    Returns
    -------
    list of float
        Means over the networks that took the epoch.
    """
    if len(curves) == 1:
        return list(curves[0])
    longest = max(map(len, curves))
    return [
        float(np.mean([curve[epoch] for curve in curves if epoch < len(curve)]))
        for epoch in range(longest)
    ]


def train_together(
    trainees: Sequence[Trainee],
    take_epoch: Callable[[Trainee], None],
    n_epochs: int,
    n_threads: int,
    around_epoch: Callable[[Callable[[], object]], bool] | None,
) -> None:
    """Train several networks, as many at once as there are threads.

    What each learns does not depend on the others, nor on the number of threads.

    Parameters
    ----------
    trainees : sequence of Trainee
    take_epoch : callable
        Trains one of them for an epoch.
    n_epochs : int
        Epochs of each that does not stop before.
    n_threads : int
    around_epoch : callable or None
        Given a function that takes an epoch with all networks, calls it, and returns
        whether to stop. None lets networks run ahead of each other, so that no thread
        waits.
    """
    n_taken = dict.fromkeys(map(id, trainees), 0)

    def take(trainee: Trainee) -> None:
        take_epoch(trainee)
        n_taken[id(trainee)] += 1

    def goes_on(trainee: Trainee) -> bool:
        return n_taken[id(trainee)] < n_epochs and not trainee.has_stopped

    n_threads = min(n_threads, len(trainees))
    pool = ThreadPoolExecutor(n_threads) if n_threads > 1 else None
    try:
        if pool is not None and around_epoch is None:
            _run_freely(pool, trainees, take, goes_on)
            return
        at_once = map if pool is None else pool.map
        while active := [trainee for trainee in trainees if goes_on(trainee)]:

            def run(active: Sequence[Trainee] = active) -> list[None]:
                return list(at_once(take, active))

            if around_epoch is None:
                run()
            elif around_epoch(run):
                return
    finally:  # after Ctrl-C too: no epoch is left half taken
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _run_freely(
    pool: ThreadPoolExecutor,
    trainees: Sequence[Trainee],
    take: Callable[[Trainee], None],
    goes_on: Callable[[Trainee], bool],
) -> None:
    """Give each thread the network that has waited longest, an epoch at a time."""
    running = {
        pool.submit(take, trainee): trainee for trainee in trainees if goes_on(trainee)
    }
    while running:
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            trainee = running.pop(future)
            future.result()  # raises what it raised
            if goes_on(trainee):
                running[pool.submit(take, trainee)] = trainee
