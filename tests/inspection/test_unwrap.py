"""Which letter of which position each column of a model stands for."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator import BoundedTargetRegressor, SequenceOneHotTransformer
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.inspection.letter_effects import (
    interaction_effects,
    letter_effects,
)
from tests.inspection.planted import (
    ACTIVITY,
    DROPPED,
    EFFECTS,
    GUIDES,
    KEPT,
    LAYOUT,
    check_known,
    network,
)


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


def test_columns_that_are_no_longer_letters_are_refused():
    table = pd.DataFrame({"seq": GUIDES})
    model = make_model("ridge_dinucleotides", sequence="seq").fit(table, ACTIVITY)
    with pytest.raises(ValueError, match="ColumnTransformer of AdjacentPairsTrans"):
        letter_effects(model)
    scaled = make_pipeline(SequenceOneHotTransformer(), StandardScaler(), Ridge())
    with pytest.raises(ValueError, match="after StandardScaler the columns are no"):
        letter_effects(scaled.fit(GUIDES, ACTIVITY))


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


@pytest.mark.parametrize(
    ("name", "unit"),
    [("network", "log odds"), ("ridge", "share of activity from -5 to 100")],
)
def test_effects_behind_bounds_are_those_of_the_model_inside(name, unit):
    table = pd.DataFrame({"seq": GUIDES})
    share = (ACTIVITY - ACTIVITY.min()) / np.ptp(ACTIVITY)
    inner = make_model(
        "network_logistic" if name == "network" else name, sequence="seq"
    )
    model = BoundedTargetRegressor(inner, bounds=(-5, 100))
    model.fit(table, -5 + 105 * share)
    effects = letter_effects(model)
    assert effects.unit == unit
    assert_array_equal(effects.values, letter_effects(model.regressor_).values)
