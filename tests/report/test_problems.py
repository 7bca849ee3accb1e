"""What a report warns of."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import ShuffleSplit

from sgrna_estimator import (
    compare_estimators,
)
from sgrna_estimator.report.problems import describe_problems
from sgrna_estimator.report.score_table import comparison_rows
from tests.report.pages import scores_of


def test_nothing_to_warn_of(sound):
    assert describe_problems(*sound) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_guides": 299}, "There are 299 guides only"),
        ({"group_sizes": None}, "No column of genes was named"),
        ({"group_sizes": pd.Series([45] * 9)}, "of 9 genes only, for 5 folds"),
        (
            {"group_sizes": pd.Series([201, *[10] * 20], index=[*"abcdefghijklmnopqrstu"])},
            "The gene a has 50.2 % of the guides",
        ),
        ({"n_repeated": 1234}, "1,234 guides share their sequence"),
        ({"n_conflicting_sequences": 7}, "7 sequences with several measurements"),
        (
            {"n_of_commonest_value": 41, "commonest_value": 0.0},
            "10.2 % of the guides have the same measurement, 0.",
        ),
    ],
)  # fmt: skip
def test_each_problem_of_the_data_is_said_once(sound, change, said):
    data, result = sound
    (problem,) = describe_problems(dataclasses.replace(data, **change), result)
    assert said in problem


@pytest.mark.parametrize(
    "change",
    [
        {"n_guides": 300},
        {"group_sizes": pd.Series([40] * 10)},
        {"group_sizes": pd.Series([200, *[10] * 20])},
        {"n_of_commonest_value": 40},
    ],
)
def test_at_the_threshold_there_is_no_problem(sound, change):
    data, result = sound
    assert describe_problems(dataclasses.replace(data, **change), result) == []


def test_differences_within_noise_are_warned_of(sound):
    data, _ = sound
    result = scores_of([1.9, 2.11, 2.1, 1.91], [2.0, 2.01, 2.02, 1.99])
    (problem,) = describe_problems(data, result)
    assert problem.startswith("Within noise: the squared error of model against that")


def test_a_lead_within_noise_is_warned_of(content, sound):
    data, _ = sound
    problems = describe_problems(data, content["result"])
    assert any("the lead of" in each and "Spearman" in each for each in problems)


def test_leaks_and_single_splits_are_warned_of(sound):
    data, _ = sound
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), rng.normal(size=40)
    with pytest.warns(UserWarning, match="share their group"):
        result = compare_estimators(
            {"ridge": Ridge()},
            X,
            y,
            groups=np.repeat(np.arange(4), 10),
            cv=ShuffleSplit(1, random_state=0),
        )
    leak, single = describe_problems(data, result)
    assert "share their group with a training guide" in leak
    assert single.startswith("There is one split only")
    words = {row.get("words") for row in comparison_rows(result)[-1]["rows"]}
    assert words == {None, "cannot be tested"}


def test_guides_that_only_text_tells_apart_are_warned_of(sound):
    data, result = sound
    (problem,) = describe_problems(data, dataclasses.replace(result, n_joined_=12))
    assert problem.startswith("12 guides are written differently from another, but no ")


def test_messages_are_repeated_once_and_last(sound):
    data, result = sound
    tied = dataclasses.replace(data, n_of_commonest_value=100)
    problems = describe_problems(tied, result, ["b\n  c", "a", "b c", " "])
    assert problems[1:] == ["b c", "a"]
