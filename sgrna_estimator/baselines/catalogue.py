"""The models that the command line compares and fits, by name.

Each model is a pipeline that starts from sequences (and covariates, as further
columns), so that everything it learns from the data is learnt inside a training fold.
scikit-learn is imported where a model is made: the command line shows its help, which
lists the models, without waiting for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from sgrna_estimator.mixtures.target import MixtureTargetRegressor
    from sgrna_estimator.network.bounded_target import (
        BoundedTargetRegressor,
        Bounds,
    )
    from sgrna_estimator.sequences.alphabet import Unknown
    from sgrna_estimator.sequences.codes import Align
    from sgrna_estimator.sequences.layout import GuideLayout


# The constant predictor, which is in every comparison.
CONSTANT = "constant"

# What cross-validation chooses the strength of a penalty from: small screens need a
# strong one.
_RIDGE_ALPHAS = [10 ** (step / 4) for step in range(-4, 21)]
# By gene there is a fit for each and each fold.
_FEWER_RIDGE_ALPHAS = _RIDGE_ALPHAS[::4]
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

# Chosen on 47,263 guides by benchmarks/large_screens.py, which also adds noise to them:
# a penalty of less than the default is no better on the clean screen and much worse on
# noisy ones.
MANY_GUIDES_SETTINGS: dict[str, Any] = {
    "window_size": 5,
    "n_units": 64,
    "hidden_layer_sizes": (256,),
    "learning_rate_init": 0.002,
}

# For targets that have bounds.
_LOGISTIC: dict[str, Any] = {"output": "logistic", "loss": "log_loss"}


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


Target = Literal["any", "probability", "log2fc"]
Family = Literal["linear", "trees", "network"]


@dataclass(frozen=True)
class Setting:
    """What a model is made for.

    Attributes
    ----------
    seed : int or None
    covariates : list of int
        Numbers of the covariates' columns after the encoding, from the end.
    by_gene : bool
        Whether `fit` will be given genes.
    n_guides : int or None
        Guides in the screen, if it is known.
    n_networks : int
        Networks to average.
    prior : FrozenEstimator or None
        What networks may begin from.
    is_bounded : bool
        Whether the target has bounds, which networks see as 0 and 1.
    """

    seed: int | None
    covariates: list[int]
    by_gene: bool
    n_guides: int | None
    n_networks: int
    prior: Any
    is_bounded: bool


# The steps after the encoding
MakeSteps = Callable[[Setting], list[Any]]


@dataclass(frozen=True)
class Model:
    """A named model.

    Attributes
    ----------
    description : str
        One line for a list of models.
    make_steps : callable
        Takes a `Setting`; gives the steps after the encoding.
    family : {"linear", "trees", "network"}
        What it is. Networks have epochs, and compiled kernels; linear models and
        networks have effects of letters.
    target : {"any", "probability", "log2fc"}
        What it can be fitted to: numbers from 0 to 1, or log2 fold changes, of which a
        mixture model tells itself which guides are active.
    keeps_positions : bool
        Whether positions that do not vary are encoded too: columns side by side are
        neighbours in the sequence, or are matched with a prior's.
    needs_prior : bool
        Whether it begins from another network.
    """

    description: str
    make_steps: MakeSteps
    family: Family = "linear"
    target: Target = "any"
    keeps_positions: bool = False
    needs_prior: bool = False

    @property
    def takes_bounds(self) -> bool:
        """Whether it can have the logistic output, which a target with bounds needs."""
        return self.family == "network" or self.target == "probability"


def _inner_folds(setting: Setting) -> Any:
    """Return the folds that choose a penalty: guides of a gene stay together.

    They are as alike as the guides of the outer folds must not be, and a penalty that is
    chosen across them is too weak for guides of new genes.
    """
    from sgrna_estimator.baselines.gene_folds import GeneFolds

    return GeneFolds(3) if setting.by_gene else 3


def _ridge(setting: Setting) -> list[Any]:
    from sklearn.linear_model import RidgeCV

    if setting.by_gene:
        return [RidgeCV(_FEWER_RIDGE_ALPHAS, cv=_inner_folds(setting))]
    # The same choice as by default, in a third of the time.
    return [RidgeCV(_RIDGE_ALPHAS, gcv_mode="svd")]


def _ridge_dinucleotides(setting: Setting) -> list[Any]:
    from sklearn.compose import ColumnTransformer

    from sgrna_estimator.sequences.adjacent_pairs import AdjacentPairsTransformer

    letters = slice(0, -len(setting.covariates) if setting.covariates else None)
    pairs = ColumnTransformer(
        [("sequence", AdjacentPairsTransformer(), letters)], remainder="passthrough"
    )
    return [pairs, *_ridge(setting)]


def _lasso(setting: Setting) -> list[Any]:
    from sklearn.linear_model import LassoCV

    return [LassoCV(cv=_inner_folds(setting), alphas=30, max_iter=10_000)]


def _gradient_boosting(setting: Setting) -> list[Any]:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return [HistGradientBoostingRegressor(random_state=setting.seed)]


def _fractional_logistic(setting: Setting) -> list[Any]:
    from sklearn.model_selection import GridSearchCV

    from sgrna_estimator.baselines.fractional_logistic import (
        FractionalLogisticRegression,
    )

    grid = {"C": _LOGISTIC_CS}
    logistic = FractionalLogisticRegression()
    return [GridSearchCV(logistic, grid, cv=_inner_folds(setting))]


def _mixture_logistic(setting: Setting) -> list[Any]:
    from sklearn.model_selection import GridSearchCV

    from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression

    mixture = MixtureLogisticRegression(standard_errors=False)
    return [GridSearchCV(mixture, {"C": _MIXTURE_CS}, cv=_inner_folds(setting))]


def _network(setting: Setting, **parameters: Any) -> list[Any]:
    from sgrna_estimator.network.regressor import PositionwiseReLURegressor

    if setting.is_bounded:
        parameters = {**parameters, **_LOGISTIC}
    return [
        PositionwiseReLURegressor(
            random_state=setting.seed,
            covariates=setting.covariates or None,
            n_networks=setting.n_networks,
            **parameters,
        )
    ]


def _network_windows(setting: Setting) -> list[Any]:
    return _network(setting, **accurate_settings(setting.n_guides))


def _network_with_prior(setting: Setting, **parameters: Any) -> list[Any]:
    return _network(setting, prior=setting.prior, **parameters)


# The simplest first: of models that a comparison cannot tell apart it recommends the first,
# and of those with a prior, too.
MODELS = {
    "ridge": Model("ridge regression on the one-hot sequence", _ridge),
    "lasso": Model("lasso on the one-hot sequence", _lasso),
    "fractional_logistic": Model(
        "logistic regression, for targets from 0 to 1",
        _fractional_logistic,
        target="probability",
    ),
    "mixture_logistic": Model(
        "mixture logistic regression, for log2 fold changes",
        _mixture_logistic,
        target="log2fc",
    ),
    "network": Model(
        "one ReLU unit a position, linear output", _network, family="network"
    ),
    "network_logistic": Model(
        "the same with logistic output, for targets from 0 to 1",
        partial(_network, **_LOGISTIC),
        family="network",
        target="probability",
    ),
    "ridge_dinucleotides": Model(
        "ridge regression on letters and pairs of neighbours",
        _ridge_dinucleotides,
        keeps_positions=True,
    ),
    "gradient_boosting": Model(
        "histogram gradient boosting on the one-hot sequence",
        _gradient_boosting,
        family="trees",
    ),
    "network_windows": Model(
        "32 ReLU units over all windows of 5, 64 hidden units",
        _network_windows,
        family="network",
    ),
    "network_prior": Model(
        "the network that begins from that of --prior",
        _network_with_prior,
        family="network",
        keeps_positions=True,
        needs_prior=True,
    ),
    "prior": Model(
        "the network of --prior as it is, on the target's scale",
        partial(_network_with_prior, max_iter=0),
        family="network",
        keeps_positions=True,
        needs_prior=True,
    ),
}


def make_model(
    name: str,
    *,
    sequence: str,
    covariates: Sequence[str] = (),
    unknown: "Unknown" = "error",
    align: "Align" = None,
    layout: "GuideLayout | None" = None,
    prior: Any = None,
    n_networks: int = 1,
    through_mixture: bool = False,
    bounds: "Bounds | None" = None,
    by_gene: bool = False,
    n_guides: int | None = None,
    random_state: int | None = None,
) -> "Pipeline | MixtureTargetRegressor | BoundedTargetRegressor":
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
    layout : GuideLayout, default=None
        Numbers the positions; needed with a prior. With it, a network keeps positions
        that do not vary, so that it can be the prior of another.
    prior : estimator, default=None
        Fitted; what networks that need one begin from.
    n_networks : int, default=1
        Networks to average.
    through_mixture : bool, default=False
        Whether the target will be log2 fold changes, of which the model learns the
        probability that a guide is active. A mixture model does so anyway.
    bounds : (float, float) or None, default=None
        Between which the target can be. Models that have the logistic output, or can
        have it, learn it between them; the others as it is.
    by_gene : bool, default=False
        Whether `fit` will be given ``groups``.
    n_guides : int or None, default=None
        Guides in the screen, as in `accurate_settings`.
    random_state : int or None, default=None
        Seed of the models that draw.

    Returns
    -------
    Pipeline, MixtureTargetRegressor or BoundedTargetRegressor
        Unfitted. What uses ``groups`` and ``screens`` requests them, by scikit-learn's
        metadata routing.

    Raises
    ------
    ValueError
        If the target is to be log2 fold changes and have bounds.

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
    from sklearn.frozen import FrozenEstimator
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer

    if bounds is not None and through_mixture:
        raise ValueError(
            "log2 fold changes, from which a mixture learns, have no bounds"
        )
    model = MODELS[name]
    # Only a network whose columns number all positions of the spacer can be a prior.
    numbered = model.family == "network" and layout is not None
    one_hot = SequenceOneHotTransformer(
        unknown=unknown,
        align=align,
        drop_constant=not (model.keeps_positions or numbered),
        position_names=None if layout is None else layout.position_names(),
    )
    encoder = ColumnTransformer(
        [
            ("sequence", one_hot, [sequence]),
            ("covariates", StandardScaler(), list(covariates)),
        ]
    )
    if numbered:  # a prior is matched by the names of columns
        encoder.set_output(transform="pandas")
    setting = Setting(
        seed=random_state,
        covariates=list(range(-len(covariates), 0)),
        by_gene=by_gene,
        n_guides=n_guides,
        n_networks=n_networks,
        prior=None if prior is None else FrozenEstimator(prior),
        is_bounded=bounds is not None,
    )
    pipeline = make_pipeline(encoder, *model.make_steps(setting))
    if bounds is not None and model.takes_bounds:
        from sgrna_estimator.network.bounded_target import BoundedTargetRegressor

        return BoundedTargetRegressor(pipeline, bounds=bounds)
    if through_mixture and model.target != "log2fc":
        from sgrna_estimator.mixtures.target import MixtureTargetRegressor

        return MixtureTargetRegressor(pipeline)
    return pipeline


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
