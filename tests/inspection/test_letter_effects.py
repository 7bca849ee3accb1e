"""Effects of letters, read off every kind of model and wrapper."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import BaggingRegressor, RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import (
    GammaRegressor,
    LassoCV,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    RidgeCV,
    TweedieRegressor,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sgrna_estimator import (
    FractionalLogisticRegression,
    MixtureLogisticRegression,
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.inspection.letter_effects import letter_effects
from sgrna_estimator.mixtures.target import MixtureTargetRegressor
from tests.inspection.planted import (
    ACTIVITY,
    EFFECTS,
    GUIDES,
    KEPT,
    LAYOUT,
    PROBABILITY,
    check_known,
    network,
)

LINEAR = [
    make_pipeline(SequenceOneHotTransformer(), Ridge(alpha=1e-8)),
    make_pipeline(SequenceOneHotTransformer(sparse_output=True), Ridge(alpha=1e-8)),
    make_pipeline(SequenceOneHotTransformer(), RidgeCV([1e-8, 1e-7])),
    make_pipeline(
        SequenceOneHotTransformer(),
        GridSearchCV(Ridge(), {"alpha": [1e-8, 1e3]}, cv=3),
    ),
    GridSearchCV(
        make_pipeline(SequenceOneHotTransformer(), Ridge()),
        {"ridge__alpha": [1e-8, 1e3]},
        cv=3,
    ),
    TransformedTargetRegressor(
        make_pipeline(SequenceOneHotTransformer(), Ridge(alpha=1e-8))
    ),
    make_pipeline(
        SequenceOneHotTransformer(),
        BaggingRegressor(Ridge(alpha=1e-8), 2, random_state=0),
    ),
    make_pipeline("passthrough", SequenceOneHotTransformer(), Ridge(alpha=1e-8)),
    make_pipeline(
        FunctionTransformer(pd.DataFrame),
        ColumnTransformer(
            [("text", make_pipeline("passthrough", SequenceOneHotTransformer()), [0])]
        ),
        Ridge(alpha=1e-8),
    ),
]


@pytest.mark.parametrize("model", LINEAR)
def test_coefficients_of_wrapped_linear_models(model):
    effects = letter_effects(clone(model).fit(GUIDES, ACTIVITY), layout=LAYOUT)
    assert (effects.kind, effects.unit) == ("coefficient", "activity")
    assert effects.position_names == tuple(range(1, 8))
    check_known(effects)
    assert_allclose(effects.values[KEPT].mean(axis=1), 0, atol=1e-12)


def test_lasso_gives_its_coefficients():
    lasso = LassoCV(cv=3, alphas=[1e-5], max_iter=20_000)
    model = make_pipeline(SequenceOneHotTransformer(), lasso).fit(GUIDES, ACTIVITY)
    check_known(letter_effects(model), atol=1e-3)


@pytest.mark.parametrize(
    ("model", "target", "unit"),
    [
        (FractionalLogisticRegression(C=1e4), PROBABILITY, "log odds"),
        (Ridge(alpha=1e-8), ACTIVITY, "activity"),
        (LogisticRegression(), ACTIVITY > 0, "log odds"),
    ],
)
def test_units_of_linear_models(model, target, unit):
    pipeline = make_pipeline(SequenceOneHotTransformer(), model).fit(GUIDES, target)
    effects = letter_effects(pipeline)
    assert effects.unit == unit
    if unit == "log odds" and isinstance(model, FractionalLogisticRegression):
        check_known(effects, atol=0.02)
    else:
        found = np.corrcoef(effects.values[KEPT].ravel(), EFFECTS[KEPT].ravel())
        assert found[0, 1] > 0.95


def test_an_additive_network_gives_its_base_effects():
    model = make_pipeline(SequenceOneHotTransformer(), network()).fit(GUIDES, ACTIVITY)
    effects = letter_effects(model, layout=LAYOUT, numbering="pam")
    assert (effects.kind, effects.unit) == ("base effect", "activity")
    assert effects.position_names == (-2, -1, 1, 2, 3, 4, 5)
    assert_array_equal(effects.values[KEPT], model[-1].base_effects_)
    check_known(effects, atol=0.1)


def test_networks_with_logistic_output_are_in_log_odds():
    logistic = network(output="logistic", loss="log_loss", max_iter=2)
    fitted = make_pipeline(SequenceOneHotTransformer(), logistic)
    assert letter_effects(fitted.fit(GUIDES, PROBABILITY)).unit == "log odds"
    classifier = PositionwiseReLUClassifier(max_iter=2, random_state=0)
    fitted = make_pipeline(SequenceOneHotTransformer(), classifier)
    assert letter_effects(fitted.fit(GUIDES, ACTIVITY > 0)).unit == "log odds"


def test_the_mixture_models(small_screen):
    screen = small_screen
    gate = MixtureLogisticRegression(C=0.1, standard_errors=False)
    model = make_pipeline(SequenceOneHotTransformer(), gate)
    model.fit(
        screen.sequences,
        screen.data["log2fc"],
        mixturelogisticregression__groups=screen.groups,
    )
    effects = letter_effects(model, layout="10+20+3+10")
    assert (effects.kind, effects.unit) == ("coefficient", "log odds")
    assert np.isnan(effects.values).all(axis=1).nonzero()[0].tolist() == [10, 31, 32]
    kept = model[0].kept_positions_
    by_position = gate.coef_.reshape(len(kept), 4)
    assert_allclose(
        np.diff(effects.values[kept], axis=1), np.diff(by_position, axis=1), atol=1e-12
    )

    for inner, unit in (
        (Ridge(), "P(active)"),
        (FractionalLogisticRegression(), "log odds"),
    ):
        through = MixtureTargetRegressor(
            make_pipeline(SequenceOneHotTransformer(), inner)
        ).fit(screen.sequences, screen.data["log2fc"], groups=screen.groups)
        effects = letter_effects(through)
        assert effects.unit == unit
        assert_array_equal(effects.values, letter_effects(through.regressor_).values)


def test_a_transformed_target_is_named_so():
    model = TransformedTargetRegressor(
        make_pipeline(SequenceOneHotTransformer(), Ridge(alpha=1e-8)),
        func=np.log,
        inverse_func=np.exp,
    ).fit(GUIDES, np.exp(ACTIVITY))
    effects = letter_effects(model)
    assert effects.unit == "transformed activity"
    check_known(effects)


# What has no such effects -------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        RandomForestRegressor(2, random_state=0),
        DummyRegressor(),
        PoissonRegressor(),  # linear in the logarithm of the activity
        GammaRegressor(),
        TweedieRegressor(power=1),
    ],
)
def test_other_models_are_told_which_have_effects(model):
    fitted = make_pipeline(SequenceOneHotTransformer(), model).fit(GUIDES, PROBABILITY)
    name = type(model).__name__
    with pytest.raises(ValueError, match=rf"{name} has no effect .*RidgeCV, LassoCV"):
        letter_effects(fitted)


def test_unfitted_models_are_refused():
    with pytest.raises(NotFittedError):
        letter_effects(make_pipeline(SequenceOneHotTransformer(), Ridge()))
    with pytest.raises(NotFittedError):
        letter_effects(PositionwiseReLURegressor())


def test_a_numbering_needs_a_layout_that_fits():
    model = make_pipeline(SequenceOneHotTransformer(), Ridge()).fit(GUIDES, ACTIVITY)
    with pytest.raises(ValueError, match="needs a layout"):
        letter_effects(model, numbering="pam")
    with pytest.raises(ValueError, match="30 positions, but the sequences have 7"):
        letter_effects(model, layout="4+20+3+3")


@pytest.mark.parametrize("sparse", [False, True])
def test_aligned_lengths_are_not_drawn_as_effects_of_letters(sparse):
    rng = np.random.default_rng(0)
    lengths = rng.integers(8, 11, size=400)
    guides = ["".join(rng.choice(list("ACGT"), size=length)) for length in lengths]
    # all that counts is the length, and a G at the end that all guides have
    activity = 2.0 * lengths + np.array([guide[-1] == "G" for guide in guides])
    encoder = SequenceOneHotTransformer(align="right", sparse_output=sparse)
    model = make_pipeline(encoder, network(n_units=4, max_iter=100))
    model.fit(guides, activity)
    effects = letter_effects(model)
    assert effects.lacking == (1, 2)
    raw = model[-1].base_effects_
    assert raw[0].min() > 0.5  # any letter there means a long guide
    assert np.abs(effects.values[:2]).max() < 0.1
    assert_array_equal(effects.values[2:], raw[2:])
    assert effects.values[-1].argmax() == 2
    # the guides that have the position are at zero on average
    first = [guide[0] for guide in guides if len(guide) == 10]
    counts = np.array([first.count(letter) for letter in "ACGT"])
    assert counts @ effects.values[0] / counts.sum() == pytest.approx(0, abs=1e-6)


def test_no_guide_lacks_a_position_of_sequences_of_one_length():
    model = make_pipeline(SequenceOneHotTransformer(), network())
    assert letter_effects(model.fit(GUIDES, ACTIVITY)).lacking == ()
