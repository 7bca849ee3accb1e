"""Guides that an estimator may take for one have one number, and stay on one side."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeRegressor

from sgrna_estimator import SequenceOneHotTransformer, compare_estimators
from sgrna_estimator.comparison.guide_numbers import (
    describe_joined,
    number_guides,
)
from tests.comparison.models import on_sequences

RNG = np.random.default_rng(0)
GUIDES = ["".join(row) for row in RNG.choice(list("ACGT"), (60, 20))]
PAIRED = [*range(60), *range(60)]
LONGER = [*GUIDES, *("G" + guide for guide in GUIDES)]
NONE = {"mean": DummyRegressor()}


def memory(**options):
    return make_pipeline(SequenceOneHotTransformer(**options), DecisionTreeRegressor())


def in_columns(encoder, columns):
    return ColumnTransformer([("sequence", encoder, columns)], remainder="passthrough")


@pytest.mark.parametrize(
    ("twins", "options"),
    [
        (["G" + guide for guide in GUIDES], {"align": "right"}),
        ([guide + "A" for guide in GUIDES], {"align": "left"}),
        ([guide.lower() for guide in GUIDES], {}),
        ([guide[:-1] + "N" for guide in GUIDES], {"unknown": "zero"}),
        ([guide[:-1] + "N" for guide in GUIDES], {"unknown": "spread"}),
        ([guide[:9] + "-" + guide[10:] for guide in GUIDES], {"unknown": "zero"}),
    ],
)
def test_a_model_that_remembers_finds_nothing_in_noise(twins, options):
    y = RNG.normal(size=60)
    result = compare_estimators(
        {"memory": memory(**options)},
        [*GUIDES, *twins],
        np.concatenate([y, y]),
        cv=6,
        repeats=1,
        random_state=0,
    )
    for train, test in result.splits_:
        assert not set(train % 60) & set(test % 60)
    assert result.summary("spearman").set_index("estimator")["mean"]["memory"] < 0.3
    by_text = sum(
        twin.upper() != guide for twin, guide in zip(twins, GUIDES, strict=True)
    )
    assert result.n_joined_ == 2 * by_text
    assert (describe_joined(2 * by_text) in result.verdict()) == (by_text > 0)


def test_unknown_letters_are_one_letter_where_they_are_left_empty():
    written = [mark + guide[1:] for mark in "-." for guide in GUIDES]
    model = {"memory": memory(unknown="zero")}
    found = number_guides(model, written)
    assert found.numbers.tolist() == PAIRED
    assert found.n_joined == 120


def test_splits_that_leak_what_models_see_are_named():
    folds = KFold(5, shuffle=True, random_state=0)
    with pytest.warns(UserWarning, match="share their sequence with a training guide"):
        compare_estimators(
            {"memory": memory(align="right")}, LONGER, np.arange(120.0), cv=folds
        )


@pytest.mark.parametrize(
    "model",
    [
        memory(align="right"),
        TransformedTargetRegressor(memory(align="right")),
        GridSearchCV(memory(align="right"), {"decisiontreeregressor__max_depth": [1]}),
        make_pipeline(memory(align="right"), Ridge()),
    ],
)
def test_encoders_are_found_wherever_they_are(model):
    assert (
        number_guides({"none": Ridge(), "model": model}, LONGER).numbers.tolist()
        == PAIRED
    )


@pytest.mark.parametrize("columns", [["seq"], "seq", [1], lambda X: ["seq"]])
def test_encoders_are_asked_about_their_column(columns):
    X = pd.DataFrame({"dose": RNG.normal(size=120), "seq": LONGER})
    encoder = SequenceOneHotTransformer(align="right")
    model = make_pipeline(in_columns(encoder, columns), Ridge())
    assert number_guides({"model": model}, X).numbers.tolist() == PAIRED
    assert number_guides({"model": model}, X, LONGER).numbers.tolist() == PAIRED
    assert number_guides({"model": Ridge()}, X).numbers.tolist() == [*range(120)]


def test_encoders_are_asked_about_what_steps_before_them_make():
    cut = FunctionTransformer(lambda texts: [text[2:] for text in texts])
    model = make_pipeline(cut, SequenceOneHotTransformer(), Ridge())
    written = [start + guide for start in ("AA", "CG") for guide in GUIDES]
    assert number_guides({"model": model}, written).numbers.tolist() == PAIRED


def test_of_several_encoders_each_is_asked():
    written = [*GUIDES, *("G" + guide for guide in GUIDES), *(g + "A" for g in GUIDES)]
    right, left = memory(align="right"), memory(align="left")
    found = number_guides({"right": right}, written)
    assert found.numbers.tolist() == [*PAIRED, *range(60, 120)]
    found = number_guides({"right": right, "left": left}, written)
    assert found.numbers.tolist() == [*PAIRED, *range(60)]


def test_without_an_encoder_sequences_may_be_aligned_at_either_end():
    written = [*GUIDES, *("G" + guide for guide in GUIDES), *(g + "A" for g in GUIDES)]
    everywhere = [*PAIRED, *range(60)]
    assert (
        number_guides({"ours": on_sequences(Ridge())}, written).numbers.tolist()
        == everywhere
    )
    numbers = RNG.normal(size=(180, 3))
    assert number_guides(NONE, numbers, written).numbers.tolist() == everywhere
    ids = [f"{guide} 1" for guide in written]  # no sequences
    assert number_guides(NONE, ids).numbers.tolist() == [*range(180)]


@pytest.mark.parametrize("names", [True, False])
def test_one_hot_guides_are_the_same_whatever_their_covariates(names):
    encoder = SequenceOneHotTransformer(align="right", drop_constant=False)
    X = encoder.set_output(transform="pandas").fit_transform(LONGER)
    X = X.assign(dose=RNG.normal(size=120))
    X = X if names else X.to_numpy()
    assert number_guides(NONE, X).numbers.tolist() == PAIRED
    assert number_guides(NONE, X, range(120)).numbers.tolist() == [*range(120)]


def test_what_an_encoder_cannot_read_is_said_before_the_work():
    expected = (
        r"estimator 'tree' cannot encode X: .*first 'N', at position 20\) in row 4"
    )
    with pytest.raises(ValueError, match=expected):
        compare_estimators(
            {"tree": memory()},
            [*GUIDES[:3], GUIDES[3][:-1] + "N", *GUIDES[4:]],
            np.arange(60.0),
        )


def test_the_sentence_is_there_if_there_are_such_guides():
    assert describe_joined(0) == ""
    assert describe_joined(12).startswith("12 guides are written differently")
