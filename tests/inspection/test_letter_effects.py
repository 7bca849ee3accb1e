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
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sgrna_estimator import (
    FractionalLogisticRegression,
    MixtureLogisticRegression,
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.inspection.effects import InteractionEffects, LetterEffects
from sgrna_estimator.inspection.letter_effects import (
    interaction_effects,
    letter_effects,
)
from sgrna_estimator.mixtures.target import MixtureTargetRegressor
from sgrna_estimator.sequences.layout import as_layout

# Positions 4 and 5 (a G each) do not vary: the encoder drops them.
LENGTH, DROPPED, LAYOUT = 7, [3, 4], "0+2+3+2"
KEPT = [0, 1, 2, 5, 6]
EFFECTS = np.zeros((LENGTH, 4))
EFFECTS[KEPT] = np.random.default_rng(0).normal(size=(len(KEPT), 4))
EFFECTS -= EFFECTS.mean(axis=1, keepdims=True)


def make_guides(n=400, seed=1):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, LENGTH))
    codes[:, DROPPED] = 2
    y = EFFECTS[np.arange(LENGTH), codes].sum(axis=1)
    return ["".join("ACGT"[c] for c in row) for row in codes], y


GUIDES, ACTIVITY = make_guides()
PROBABILITY = 1 / (1 + np.exp(-ACTIVITY))


def network(**settings):
    return PositionwiseReLURegressor(
        **{"alpha": 0.01, "random_state": 0, "max_iter": 60} | settings
    )


def check_known(effects, atol=1e-4):
    """Assert that these are the effects that made the activities."""
    assert effects.letters == "ACGT"
    assert np.isnan(effects.values[DROPPED]).all()
    centred = effects.values - effects.values.mean(axis=1, keepdims=True)
    assert_allclose(centred[KEPT], EFFECTS[KEPT], atol=atol)


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


# Columns ------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("sequence", "other"), ("other", "sequence")])
@pytest.mark.parametrize("is_network", [False, True])
def test_covariates_on_either_side_are_left_out(order, is_network):
    other = np.random.default_rng(2).normal(3, 5, len(GUIDES))
    table = pd.DataFrame({"other": other, "sequence": GUIDES})
    y = ACTIVITY + 0.5 * other
    steps = {"sequence": SequenceOneHotTransformer(), "other": StandardScaler()}
    encoder = ColumnTransformer([(name, steps[name], [name]) for name in order])
    covariate = 0 if order[0] == "other" else -1
    last = network(covariates=[covariate]) if is_network else Ridge(alpha=1e-8)
    model = make_pipeline(encoder, last).fit(table, y)
    check_known(letter_effects(model), atol=0.1 if is_network else 1e-4)


@pytest.mark.parametrize("name", ["ridge", "lasso", "network"])
def test_models_of_the_command_line(name):
    table = pd.DataFrame({"seq": GUIDES, "tss": np.arange(len(GUIDES)) / 100})
    model = make_model(name, sequence="seq", covariates=["tss"], random_state=0)
    effects = letter_effects(model.fit(table, ACTIVITY), layout=LAYOUT)
    found = effects.values[KEPT].ravel()
    assert np.corrcoef(found, EFFECTS[KEPT].ravel())[0, 1] > 0.9
    assert np.isnan(effects.values[DROPPED]).all()


def test_a_bare_model_of_named_columns():
    encoder = SequenceOneHotTransformer().set_output(transform="pandas")
    X = encoder.fit_transform(GUIDES).assign(tss_distance=1.5)
    ridge = Ridge(alpha=1e-8).fit(X, ACTIVITY)
    check_known(letter_effects(ridge))
    check_known(letter_effects(ridge, layout=LAYOUT))
    longer = letter_effects(ridge, layout="0+2+3+4")  # its last positions dropped
    assert longer.values.shape == (9, 4)
    assert np.isnan(longer.values[7:]).all()
    assert_array_equal(longer.values[:7], letter_effects(ridge).values)
    net = network(covariates=["tss_distance"]).fit(X, ACTIVITY)
    check_known(letter_effects(net), atol=0.1)
    with pytest.raises(ValueError, match="6 positions, but the sequences have 7"):
        letter_effects(ridge, layout="0+2+3+1")


def test_a_bare_model_of_columns_numbered_from_the_spacer():
    names = [-3, -2, -1, 1, 2, 3, 4]
    encoder = SequenceOneHotTransformer(position_names=names)
    X = encoder.set_output(transform="pandas").fit_transform(GUIDES)
    effects = letter_effects(Ridge(alpha=1e-8).fit(X, ACTIVITY), layout="3+2+2+0")
    assert effects.position_names == tuple(names)
    check_known(effects)
    pairs = network(window_size=2, n_units=2, max_iter=2).fit(X, ACTIVITY)
    found = interaction_effects(pairs).values
    # -1/1, 1/2 and 2/3 hold a dropped position, though -1 and 3 are side by side in X
    assert np.isnan(found).all(axis=(1, 2)).tolist() == [0, 0, 1, 1, 1, 0]


def test_letters_and_positions_have_the_names_of_the_encoder():
    encoder = SequenceOneHotTransformer(
        alphabet="TGCA", position_names=["a", "b", "c", "d", "e", "f", "g"]
    )
    model = make_pipeline(encoder, Ridge(alpha=1e-8)).fit(GUIDES, ACTIVITY)
    effects = letter_effects(model)
    assert effects.letters == "TGCA"
    assert effects.position_names == tuple("abcdefg")
    assert_allclose(effects.values[KEPT], EFFECTS[KEPT, ::-1], atol=1e-4)
    X = pd.DataFrame(encoder.transform(GUIDES), columns=encoder.get_feature_names_out())
    bare = letter_effects(network(max_iter=2).fit(X, ACTIVITY))
    assert bare.position_names == tuple("abcfg")
    assert bare.letters == "TGCA"


def test_a_bare_model_of_an_array_counts_from_one():
    X = SequenceOneHotTransformer().fit_transform(GUIDES)
    effects = letter_effects(Ridge(alpha=1e-8).fit(X, ACTIVITY))
    assert effects.position_names == (1, 2, 3, 4, 5)
    assert_allclose(effects.values, EFFECTS[KEPT], atol=1e-4)
    with pytest.raises(ValueError, match="7 positions, but the sequences have 5"):
        letter_effects(Ridge().fit(X, ACTIVITY), layout=LAYOUT)
    with pytest.raises(ValueError, match="19 columns of this Ridge stand for"):
        letter_effects(Ridge().fit(X[:, 1:], ACTIVITY))


def test_columns_that_are_not_letters_are_not_taken_for_them():
    X = pd.DataFrame(np.random.default_rng(4).normal(size=(30, 8)))
    y = np.arange(30.0)
    for names in (list("abcdefgh"), [f"feature_{i}" for i in range(8)]):
        named = X.set_axis(names, axis="columns")
        for model in (Ridge(), network(max_iter=2, n_channels=4)):
            with pytest.raises(ValueError, match=r"8 columns of .* cannot be told"):
                letter_effects(model.fit(named, y))
    with pytest.raises(ValueError, match=r"8 columns of this Pos.* cannot be told"):
        letter_effects(network(max_iter=2, n_channels=2).fit(X.to_numpy(), y))


def test_bagged_models_of_named_columns():
    encoder = SequenceOneHotTransformer().set_output(transform="pandas")
    X = encoder.fit_transform(GUIDES)
    bagged = BaggingRegressor(Ridge(alpha=1e-8), 2, random_state=0).fit(X, ACTIVITY)
    check_known(letter_effects(bagged, layout=LAYOUT))


def test_bagged_pipelines_of_different_lengths_are_refused():
    guides = np.array([["ACG"], ["CAG"], ["GAC"], ["TCGA"]], dtype=object)
    bagged = BaggingRegressor(
        make_pipeline(SequenceOneHotTransformer(align="left"), Ridge()),
        n_estimators=8,
        random_state=0,
    ).fit(guides, np.arange(4.0))
    with pytest.raises(ValueError, match="different lengths: 3, 4"):
        letter_effects(bagged)


def test_bagged_pipelines_may_have_dropped_different_positions():
    guides = np.array([["AAA"], ["CAC"], ["GAA"], ["TCC"]] * 3, dtype=object)
    bagged = BaggingRegressor(
        make_pipeline(SequenceOneHotTransformer(), Ridge()),
        n_estimators=12,
        max_samples=3,
        random_state=0,
    ).fit(guides, np.arange(12.0))
    each = [letter_effects(pipeline).values for pipeline in bagged.estimators_]
    known = ~np.isnan(each)
    assert 0 < known[:, 1].all(axis=1).sum() < 12  # the second position, in some
    assert_allclose(letter_effects(bagged).values, np.nanmean(each, axis=0))


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


def test_columns_that_are_no_longer_letters_are_refused():
    table = pd.DataFrame({"seq": GUIDES})
    model = make_model("ridge_dinucleotides", sequence="seq").fit(table, ACTIVITY)
    with pytest.raises(ValueError, match="ColumnTransformer of AdjacentPairsTrans"):
        letter_effects(model)
    scaled = make_pipeline(SequenceOneHotTransformer(), StandardScaler(), Ridge())
    with pytest.raises(ValueError, match="after StandardScaler the columns are no"):
        letter_effects(scaled.fit(GUIDES, ACTIVITY))


def test_unfitted_models_are_refused():
    with pytest.raises(NotFittedError):
        letter_effects(make_pipeline(SequenceOneHotTransformer(), Ridge()))
    with pytest.raises(NotFittedError):
        letter_effects(PositionwiseReLURegressor())


def test_a_covariate_taken_for_sequence_is_refused():
    table = pd.DataFrame({"seq": GUIDES, "a": 0.0, "b": 0.0, "c": 0.0, "d": 0.0})
    encoder = ColumnTransformer(
        [("sequence", SequenceOneHotTransformer(), ["seq"])], remainder="passthrough"
    )
    model = make_pipeline(encoder, network(max_iter=2)).fit(table, ACTIVITY)
    with pytest.raises(ValueError, match=r"reads 6 positions .* covariates="):
        letter_effects(model)


def test_two_sequences_and_bagged_columns_are_refused():
    table = pd.DataFrame({"seq": GUIDES, "target": GUIDES})
    both = ColumnTransformer(
        [(name, SequenceOneHotTransformer(), [name]) for name in table]
    )
    with pytest.raises(ValueError, match="encodes 2: seq, target"):
        letter_effects(make_pipeline(both, Ridge()).fit(table, ACTIVITY))
    bagged = BaggingRegressor(Ridge(), 2, max_features=0.5, random_state=0)
    model = make_pipeline(SequenceOneHotTransformer(), bagged).fit(GUIDES, ACTIVITY)
    with pytest.raises(ValueError, match=r"max_features=1\.0"):
        letter_effects(model)


def test_a_numbering_needs_a_layout_that_fits():
    model = make_pipeline(SequenceOneHotTransformer(), Ridge()).fit(GUIDES, ACTIVITY)
    with pytest.raises(ValueError, match="needs a layout"):
        letter_effects(model, numbering="pam")
    with pytest.raises(ValueError, match="30 positions, but the sequences have 7"):
        letter_effects(model, layout="4+20+3+3")


# Tables -------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_letter_of_each_position():
    model = make_pipeline(SequenceOneHotTransformer(), Ridge()).fit(GUIDES, ACTIVITY)
    effects = letter_effects(model, layout=LAYOUT, numbering="pam")
    table = effects.to_frame()
    assert list(table) == ["position", "letter", "effect"]
    assert len(table) == LENGTH * 4
    row = table[(table["position"] == -1) & (table["letter"] == "G")]
    assert row["effect"].item() == effects.values[1, 2]
    assert table["effect"].isna().sum() == 8


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"shape \(3, 4\).* got \(2, 4\)"):
        LetterEffects(np.zeros((2, 4)), "ACGT", (1, 2, 3), "coefficient", "activity")
    with pytest.raises(ValueError, match=r"shape \(2, 4, 4\).* got \(3, 4, 4\)"):
        InteractionEffects(np.zeros((3, 4, 4)), "ACGT", (1, 2, 3), 1, "activity")
    layout = as_layout("0+2+0+0")
    for values, make in (
        (np.zeros((3, 4)), lambda *args: LetterEffects(*args, layout=layout)),
        (np.zeros((2, 4, 4)), lambda *args: InteractionEffects(*args, layout=layout)),
    ):
        with pytest.raises(ValueError, match="2 positions, but the sequences have 3"):
            make(values, "ACGT", (1, 2, 3), 1, "activity")


def test_numbers_may_be_lists():
    pairs = InteractionEffects([[[0.5, 1], [2, 3]]], "AC", (1, 2), 1, "activity")
    assert pairs.to_frame()["effect"].tolist() == [0.5, 1, 2, 3]


# Interactions -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def windows():
    rng = np.random.default_rng(3)
    y = ACTIVITY + 2 * np.array([guide[1:3] == "AC" for guide in GUIDES])
    y = y + 2 * np.array([guide[5:7] == "TG" for guide in GUIDES])
    y = y + rng.normal(scale=0.1, size=len(y))
    net = network(window_size=2, n_units=16, alpha=1, dropout=0)
    return make_pipeline(SequenceOneHotTransformer(), net).fit(GUIDES, y)


def test_interactions_are_of_neighbours_in_the_sequence(windows):
    effects = interaction_effects(windows, layout=LAYOUT, numbering="pam")
    assert effects.values.shape == (LENGTH - 1, 4, 4)
    # 3/4, 4/5 and 5/6 hold a dropped position, though 3 and 6 are side by side in X
    assert np.isnan(effects.values[[2, 3, 4]]).all()
    by_matrix = windows[-1].interaction_effects(1)
    assert_array_equal(effects.values[[0, 1, 5]], by_matrix[[0, 1, 3]])
    for place, pair in ((1, (0, 1)), (5, (3, 2))):
        found = effects.values[place]
        assert np.unravel_index(np.nanargmax(found), found.shape) == pair
    table = effects.to_frame()
    one = table.query(
        "position == -1 and other_position == 1 and letter == 'A' "
        "and other_letter == 'C'"
    )
    assert one["effect"].item() == effects.values[1, 0, 1]


def test_a_dropped_position_brings_letters_together(windows):
    effects = interaction_effects(windows, 3)
    # 3 and 6 share a window because 4 and 5 were dropped; others are too far apart
    by_matrix = windows[-1].interaction_effects(1)
    assert_array_equal(effects.values[2], by_matrix[2])
    assert np.isnan(effects.values[[0, 1, 3]]).all()


def test_letters_without_a_common_window_have_exactly_none(windows):
    with pytest.raises(ValueError, match=r"no common window .*window_size=2 and no"):
        interaction_effects(windows, 4)  # at least 2 apart in X
    guides = [f"{g[:2]}G{g[2]}{g[5:]}" for g in GUIDES]
    model = clone(windows).fit(guides, ACTIVITY)
    effects = interaction_effects(model, 2).values
    assert np.abs(effects[1]).max() > 0  # 2 and 4, side by side in X
    assert_array_equal(effects[3], np.zeros((4, 4)))  # 4 and 6


def test_bagged_interactions_are_means(windows):
    bagged = BaggingRegressor(network(window_size=2, max_iter=3), 2, random_state=0)
    model = make_pipeline(SequenceOneHotTransformer(), bagged).fit(GUIDES, ACTIVITY)
    each = [one.interaction_effects(1) for one in model[-1].estimators_]
    found = interaction_effects(model).values[[0, 1, 5]]
    assert_allclose(found, np.mean(each, axis=0)[[0, 1, 3]])


def test_models_without_interactions_are_refused(windows):
    ridge = make_pipeline(SequenceOneHotTransformer(), Ridge()).fit(GUIDES, ACTIVITY)
    with pytest.raises(ValueError, match="Ridge has no interactions"):
        interaction_effects(ridge)
    additive = make_pipeline(SequenceOneHotTransformer(), network(max_iter=2))
    with pytest.raises(ValueError, match="no interactions: this network is additive"):
        interaction_effects(additive.fit(GUIDES, ACTIVITY))
    for distance in (0, LENGTH, 1.5, "1"):
        with pytest.raises(ValueError, match="below the 7 positions"):
            interaction_effects(windows, distance)
    alone = make_pipeline(
        SequenceOneHotTransformer(), network(hidden_layer_sizes=(2,), max_iter=2)
    ).fit(["AGC", "CGA", "TGG", "GGT"] * 3, np.arange(12.0))
    with pytest.raises(ValueError, match=r"no two positions .* 1 apart"):
        interaction_effects(alone)
