"""Which columns are the letters of one position, beside what else there is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator import SequenceOneHotTransformer, letter_columns
from sgrna_estimator.baselines.catalogue import make_model
from tests.inspection.planted import ACTIVITY, GUIDES, KEPT, LENGTH, network

TABLE = pd.DataFrame({"tss": np.arange(len(GUIDES)) / 100, "seq": GUIDES, "cut": 1.5})
COLUMNS = {p + 1: [4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3] for i, p in enumerate(KEPT)}
SHIFTED = {position: [c + 1 for c in columns] for position, columns in COLUMNS.items()}


def beside_covariates(encoder=None):
    return ColumnTransformer(
        [
            ("tss", StandardScaler(), ["tss"]),
            ("sequence", encoder or SequenceOneHotTransformer(), ["seq"]),
        ],
        remainder="passthrough",
    )


def columns_that_change(transformer, guides, replace):
    """Find the columns of each position slowly: write other letters there and look."""
    before = transformer.transform(replace(guides))
    found = {}
    for place in range(LENGTH):
        changed = np.zeros(before.shape[1], dtype=bool)
        for letter in "ACGT":
            other = [guide[:place] + letter + guide[place + 1 :] for guide in guides]
            changed |= (transformer.transform(replace(other)) != before).any(axis=0)
        if changed.any():
            found[place + 1] = np.flatnonzero(changed).tolist()
    return found


@pytest.mark.filterwarnings("ignore:position . held")
def test_they_are_the_columns_that_a_letter_changes():
    encoder = SequenceOneHotTransformer().fit(GUIDES)
    slow = columns_that_change(encoder, GUIDES, list)
    assert letter_columns(encoder) == slow == COLUMNS
    both = beside_covariates().fit(TABLE)
    slow = columns_that_change(both, GUIDES, lambda guides: TABLE.assign(seq=guides))
    assert letter_columns(both) == slow == SHIFTED


@pytest.mark.parametrize(
    "last",
    [
        Ridge(),
        HistGradientBoostingRegressor(max_iter=2),
        RandomForestRegressor(2, random_state=0),
        "passthrough",
    ],
)
def test_a_pipeline_ends_in_any_model_or_none(last):
    model = make_pipeline(beside_covariates(), last).fit(TABLE, ACTIVITY)
    assert letter_columns(model) == SHIFTED


def test_models_that_hold_a_pipeline():
    model = make_pipeline(beside_covariates(), Ridge())
    search = GridSearchCV(model, {"ridge__alpha": [1, 2]}, cv=2).fit(TABLE, ACTIVITY)
    assert letter_columns(search) == SHIFTED
    scaled = TransformedTargetRegressor(model, transformer=StandardScaler())
    assert letter_columns(scaled.fit(TABLE, ACTIVITY)) == SHIFTED


def test_models_of_named_columns():
    encoder = SequenceOneHotTransformer().set_output(transform="pandas")
    X = encoder.fit_transform(GUIDES)
    X.insert(4, "tss", 0.5)
    expected = {p: [c + (c >= 4) for c in columns] for p, columns in COLUMNS.items()}
    for model in (
        Ridge(),
        network(max_iter=2, covariates=["tss"]),
        make_pipeline(Ridge()),
        BaggingRegressor(Ridge(), 2),
    ):
        assert letter_columns(model.fit(X, ACTIVITY)) == expected
    for names in (X.columns, list(X), X.columns.to_numpy(), iter(X)):
        assert letter_columns(names) == expected


def test_positions_have_the_names_of_the_encoder():
    numbered = SequenceOneHotTransformer(position_names=range(-4, 3)).fit(GUIDES)
    assert list(letter_columns(numbered)) == [-4, -3, -2, 1, 2]
    named = SequenceOneHotTransformer(alphabet="TGCA", position_names=list("abcdefg"))
    found = letter_columns(named.fit(GUIDES))
    assert found == dict(zip("abcfg", COLUMNS.values(), strict=True))


def test_scaled_letters_are_letters():
    model = make_pipeline(SequenceOneHotTransformer(), StandardScaler(), Ridge())
    assert letter_columns(model.fit(GUIDES, ACTIVITY)) == COLUMNS


def test_pairs_of_letters_are_of_no_position():
    model = make_model("ridge_dinucleotides", sequence="seq", covariates=["tss"])
    model.fit(TABLE, ACTIVITY)
    names = model[:-1].get_feature_names_out()
    found = letter_columns(model)
    assert list(found) == [*range(1, LENGTH + 1)]
    for position, columns in found.items():
        written = [name.rpartition("__")[2] for name in names[columns]]
        assert written == [f"{position}_{letter}" for letter in "ACGT"]


def test_two_sequences_are_told_apart():
    table = pd.DataFrame({"spacer": ["AC", "CA"], "target": ["GT", "TG"]})
    both = ColumnTransformer(
        [(name, SequenceOneHotTransformer(), [name]) for name in table]
    ).fit(table)
    found = letter_columns(both)
    assert list(found) == ["spacer__1", "spacer__2", "target__1", "target__2"]
    assert [column for columns in found.values() for column in columns] == [*range(16)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("7_A", "or names of columns, got '7_A'"),
        (7, r"got 7 \(int\)"),
        ([], "only $"),
        (["tss", "cut"], "only 'tss', 'cut'$"),
        ([f"x{i}" for i in range(6)], r"'x4', \.\.\.$"),
        (["7_A", "7_C", "8_A"], "but not 8_A"),
        ([*"ab", "7_A", "8_A"], "but not 7_A, 8_A"),
    ],
)
def test_names_without_whole_positions_are_refused(source, message):
    with pytest.raises(ValueError, match=message):
        letter_columns(source)


def test_models_without_names_are_refused():
    X = SequenceOneHotTransformer().fit_transform(GUIDES)
    with pytest.raises(ValueError, match="this Ridge knows no names of columns: pass"):
        letter_columns(Ridge().fit(X, ACTIVITY))
    with pytest.raises(NotFittedError):
        letter_columns(SequenceOneHotTransformer())


def test_columns_that_are_made_of_letters_are_refused():
    turned = make_pipeline(SequenceOneHotTransformer(), PCA(2), Ridge())
    with pytest.raises(ValueError, match="only 'pca0', 'pca1'"):
        letter_columns(turned.fit(GUIDES, ACTIVITY))
    chooser = SelectKBest(f_regression, k=7)
    chosen = make_pipeline(SequenceOneHotTransformer(), chooser, Ridge())
    with pytest.raises(ValueError, match="with all letters of each"):
        letter_columns(chosen.fit(GUIDES, ACTIVITY))
