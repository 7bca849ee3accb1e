"""The models that the command line compares and fits, by name, and their files.

Each model is a pipeline that starts from sequences (and covariates, as further
columns), so that everything it learns from the data is learnt inside a training fold.
scikit-learn is imported where a model is made: the command line shows its help, which
lists the models, without waiting for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from sgrna_estimator.mixtures.target import MixtureTargetRegressor
    from sgrna_estimator.sequences.alphabet import Unknown
    from sgrna_estimator.sequences.codes import Align


# The constant predictor, which is in every comparison.
CONSTANT = "constant"

# What cross-validation chooses the strength of a penalty from: small screens need a
# strong one.
_RIDGE_ALPHAS = [10 ** (step / 4) for step in range(-4, 21)]


_LOGISTIC_CS = [0.003, 0.01, 0.03, 0.1]


_MIXTURE_CS = [0.001, 0.01, 0.1]


# Chosen by cross-validation on guides of three published screens; benchmarks/accuracy.py
# shows how it does from 300 guides to 13,000.
ACCURATE_SETTINGS: dict[str, Any] = {
    "window_size": 5,
    "n_units": 32,
    "share_weights": True,
    "hidden_layer_sizes": (64,),
}


# From here on a larger network is more accurate, and it takes seconds.
_MANY_GUIDES = 20_000


# Chosen on 47,263 guides by benchmarks/large_screens.py. Fewer guides do not pay for
# weights that each window has of its own.
MANY_GUIDES_SETTINGS: dict[str, Any] = {
    "window_size": 5,
    "n_units": 64,
    "hidden_layer_sizes": (256,),
    "alpha": 4,
    "learning_rate_init": 0.002,
}


def accurate_settings(n_guides: int | None = None) -> dict[str, Any]:
    """Return the parameters of the accurate network for a screen of a size.

    Parameters
    ----------
    n_guides : int or None, default=None
        Guides in the screen; None is as few, because what suits few also does well on
        many.

    Returns
    -------
    dict
        Parameters of :class:`PositionwiseReLURegressor`: a larger network from 20,000
        guides on.

    Examples
    --------
    >>> from sgrna_estimator.baselines.catalogue import accurate_settings
    >>> accurate_settings(3_000)["hidden_layer_sizes"]
    (64,)
    >>> accurate_settings(50_000)["hidden_layer_sizes"]
    (256,)
    """
    many = n_guides is not None and n_guides >= _MANY_GUIDES
    return dict(MANY_GUIDES_SETTINGS if many else ACCURATE_SETTINGS)


# Models -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What a model is made for.

    Attributes
    ----------
    random_state : int or None
        Seed of the models that draw.
    covariates : list of int
        Columns of the covariates, after the encoding.
    by_gene : bool
        Whether `fit` will be given genes.
    n_guides : int or None
        Guides in the screen, if it is known.
    """

    random_state: int | None
    covariates: list[int]
    by_gene: bool
    n_guides: int | None


# The steps after the encoding.
MakeSteps = Callable[[Task], list[Any]]


@dataclass(frozen=True)
class Model:
    """A named model.

    Attributes
    ----------
    description : str
        One line for a list of models.
    make_steps : callable
        Takes a `Task`; gives the steps after the encoding.
    needs_probabilities : bool
        Whether the target must be within [0, 1].
    is_mixture : bool
        Whether it is a mixture model itself: the target must be log2 fold changes.
    pairs_neighbours : bool
        Whether it takes columns side by side for neighbours in the sequence, so that
        no position may be left out between them.
    is_network : bool
        Whether it ends in a network: fitting compiles kernels and has epochs.
    """

    description: str
    make_steps: MakeSteps
    needs_probabilities: bool = False
    is_mixture: bool = False
    pairs_neighbours: bool = False
    is_network: bool = False


def _ridge(task: Task) -> list[Any]:
    from sklearn.linear_model import RidgeCV

    # The same choice as by default, in a third of the time.
    return [RidgeCV(_RIDGE_ALPHAS, gcv_mode="svd")]


def _ridge_dinucleotides(task: Task) -> list[Any]:
    from sklearn.compose import ColumnTransformer

    from sgrna_estimator.sequences.adjacent_pairs import AdjacentPairsTransformer

    letters = slice(0, -len(task.covariates) if task.covariates else None)
    pairs = ColumnTransformer(
        [("sequence", AdjacentPairsTransformer(), letters)], remainder="passthrough"
    )
    return [pairs, *_ridge(task)]


def _lasso(task: Task) -> list[Any]:
    from sklearn.linear_model import LassoCV

    return [LassoCV(cv=3, alphas=30, max_iter=10_000)]


def _gradient_boosting(task: Task) -> list[Any]:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return [HistGradientBoostingRegressor(random_state=task.random_state)]


def _fractional_logistic(task: Task) -> list[Any]:
    from sklearn.model_selection import GridSearchCV

    from sgrna_estimator.baselines.fractional_logistic import (
        FractionalLogisticRegression,
    )

    return [GridSearchCV(FractionalLogisticRegression(), {"C": _LOGISTIC_CS}, cv=3)]


def _mixture_logistic(task: Task) -> list[Any]:
    from sklearn import config_context
    from sklearn.model_selection import GridSearchCV, GroupKFold

    from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression

    with config_context(enable_metadata_routing=True):
        mixture = MixtureLogisticRegression(standard_errors=False)
        mixture = mixture.set_fit_request(groups=True, screens=True)
    folds = GroupKFold(3) if task.by_gene else 3
    return [GridSearchCV(mixture, {"C": _MIXTURE_CS}, cv=folds)]


def _network(task: Task, **parameters: Any) -> list[Any]:
    from sgrna_estimator.network.regressor import PositionwiseReLURegressor

    return [
        PositionwiseReLURegressor(
            random_state=task.random_state,
            covariates=task.covariates or None,
            **parameters,
        )
    ]


def _network_windows(task: Task) -> list[Any]:
    return _network(task, **accurate_settings(task.n_guides))


MODELS = {
    "ridge": Model("ridge regression on the one-hot sequence", _ridge),
    "ridge_dinucleotides": Model(
        "ridge regression on letters and pairs of neighbours",
        _ridge_dinucleotides,
        pairs_neighbours=True,
    ),
    "lasso": Model("lasso on the one-hot sequence", _lasso),
    "gradient_boosting": Model(
        "histogram gradient boosting on the one-hot sequence", _gradient_boosting
    ),
    "fractional_logistic": Model(
        "logistic regression, for targets from 0 to 1",
        _fractional_logistic,
        needs_probabilities=True,
    ),
    "mixture_logistic": Model(
        "mixture logistic regression, for log2 fold changes",
        _mixture_logistic,
        is_mixture=True,
    ),
    "network": Model(
        "one ReLU unit a position, linear output", _network, is_network=True
    ),
    "network_logistic": Model(
        "the same with logistic output, for targets from 0 to 1",
        partial(_network, output="logistic", loss="log_loss"),
        needs_probabilities=True,
        is_network=True,
    ),
    "network_windows": Model(
        "ReLU units over windows of 5, and a hidden layer",
        _network_windows,
        is_network=True,
    ),
}


def make_model(
    name: str,
    *,
    sequence: str,
    covariates: Sequence[str] = (),
    unknown: "Unknown" = "error",
    align: "Align" = None,
    through_mixture: bool = False,
    by_gene: bool = False,
    n_guides: int | None = None,
    random_state: int | None = None,
) -> "Pipeline | MixtureTargetRegressor":
    """Return a model as a pipeline that starts from a table.

    Parameters
    ----------
    name : str
        A key of ``MODELS``.
    sequence : str
        Column of the sequences in the DataFrame that the pipeline is given.
    covariates : sequence of str, default=()
        Columns of the covariates.
    unknown : {"error", "zero", "spread"}, default="error"
        As in :class:`SequenceOneHotTransformer`.
    align : {None, "left", "right"}, default=None
        As in :class:`SequenceOneHotTransformer`.
    through_mixture : bool, default=False
        Whether the target will be log2 fold changes, of which the model learns the
        probability that a guide is active. A mixture model does so anyway.
    by_gene : bool, default=False
        Whether `fit` will be given ``groups``.
    n_guides : int or None, default=None
        Guides in the screen, as in `accurate_settings`.
    random_state : int or None, default=None
        Seed of the models that draw.

    Returns
    -------
    Pipeline or MixtureTargetRegressor
        Unfitted. What uses ``groups`` and ``screens`` requests them, by scikit-learn's
        metadata routing.

    Examples
    --------
    >>> import pandas as pd
    >>> from sgrna_estimator.baselines.catalogue import make_model
    >>> guides = pd.DataFrame({"seq": ["ACGT", "CCGA", "GATT", "TCGG"]})
    >>> model = make_model("ridge", sequence="seq").fit(guides, [1.0, 0.0, 0.5, 0.2])
    >>> model.predict(guides).shape
    (4,)
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer

    model = MODELS[name]
    one_hot = SequenceOneHotTransformer(
        unknown=unknown, align=align, drop_constant=not model.pairs_neighbours
    )
    encoder = ColumnTransformer(
        [
            ("sequence", one_hot, [sequence]),
            ("covariates", StandardScaler(), list(covariates)),
        ]
    )
    covariate_columns = list(range(-len(covariates), 0))
    task = Task(random_state, covariate_columns, by_gene, n_guides)
    steps = model.make_steps(task)
    pipeline = make_pipeline(encoder, *steps)
    if model.is_mixture or not through_mixture:
        return pipeline
    from sklearn import config_context

    from sgrna_estimator.mixtures.target import MixtureTargetRegressor

    with config_context(enable_metadata_routing=True):
        return MixtureTargetRegressor(pipeline).set_fit_request(
            groups=True, screens=True
        )


def compile_network() -> None:
    """Compile the network's kernels, or load them from numba's cache.

    Worker processes that start together would each compile them, and the time would
    count as that of a fit.
    """
    import numpy as np

    from sgrna_estimator.network.regressor import PositionwiseReLURegressor

    network = PositionwiseReLURegressor(
        hidden_layer_sizes=(1,), max_iter=1, random_state=0
    )
    # One-hot sequences are float32 alone and float64 beside covariates.
    network.fit(np.eye(4, dtype=np.float32), np.arange(4)).predict(np.eye(4))
