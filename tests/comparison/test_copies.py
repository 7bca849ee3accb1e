"""A covariate that is the target is refused, and others are not."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.comparison.copies import refuse_copies


@pytest.fixture
def target():
    return np.random.default_rng(0).normal(size=50).round(1)  # with ties


@pytest.mark.parametrize(
    "copy", [lambda y: y, lambda y: 7 - 3 * y, np.exp, lambda y: -(y**3)]
)
def test_a_copy_is_found_in_whatever_unit(target, copy):
    noise = np.random.default_rng(1).normal(size=50)
    table = pd.DataFrame({"seq": ["ACGT"] * 50, "noise": noise, "lfc": copy(target)})
    with pytest.raises(ValueError, match="column 'lfc' of X is a copy of the target"):
        refuse_copies(table, target)
    refuse_copies(table[["seq", "noise"]], target)
    columns = np.column_stack([noise, copy(target)])
    for X in (columns, sparse.csr_array(columns), sparse.coo_matrix(columns)):
        with pytest.raises(ValueError, match="column 1 of X is a copy of the target"):
            refuse_copies(X, target)


@pytest.mark.parametrize(
    "rounded",
    [lambda y: (y.round(1), y), lambda y: (y, y.round(1)), lambda y: (7 - 2 * y, y)],
)
def test_a_copy_may_be_rounded(rounded):
    column, y = rounded(np.random.default_rng(0).normal(size=200))
    with pytest.raises(ValueError, match="column 0 of X is a copy of the target"):
        refuse_copies(column[:, None], y)


def test_what_is_only_close_is_no_copy(target):
    order = np.argsort(target)
    swapped = target.copy()
    swapped[order[[3, 30]]] = target[order[[30, 3]]]
    for column in (swapped, np.zeros(50), np.arange(50.0)):
        refuse_copies(column[:, None], target)


def test_few_values_may_agree_by_chance(target):
    y = np.repeat([0.0, 1.0], 20)
    refuse_copies(y[:, None], y)
    highest = (target == target.max()).astype(float)  # a letter that one guide has
    refuse_copies(highest[:, None], target)


@pytest.mark.parametrize(
    "written",
    [
        lambda copy: copy.astype(object),
        lambda copy: copy.map(Decimal),
        lambda copy: copy.astype(str),
        lambda copy: copy.astype("category"),
        lambda copy: copy.astype("Float64").where(copy.index > 5, pd.NA),
        lambda copy: copy.where(copy.index > 5),
        lambda copy: copy.astype(object).where(copy.index > 5, None),
        lambda copy: copy.where(copy < copy.max(), np.inf),
    ],
)
def test_a_copy_is_found_however_it_is_stored(target, written):
    copy = written(pd.Series(target))
    with pytest.raises(ValueError, match="column 'lfc' of X is a copy of the target"):
        refuse_copies(pd.DataFrame({"lfc": copy}), target)


def test_columns_that_are_no_copy_may_lack_values(target):
    noise = np.random.default_rng(1).normal(size=50)
    noise[[3, 9]] = np.nan, np.inf
    few = np.where(np.arange(50) < 8, target, np.nan)  # in which they agree by chance
    dates = pd.date_range("2020-01-01", periods=50)
    X = {"a": noise, "b": few, "c": dates, "d": noise.astype(str), "e": ["AC"] * 50}
    refuse_copies(pd.DataFrame(X | {"f": target + 1j, "g": [[1]] * 50}), target)


def test_an_infinite_value_on_either_side_is_no_reason_to_warn(target):
    column = np.random.default_rng(1).normal(size=50)
    column[:4] = [np.inf, np.inf, -np.inf, -np.inf]
    refuse_copies(column[:, None], target)
    refuse_copies(sparse.csr_array(column[:, None]), target)


def test_it_is_refused_by_the_comparison(screen):
    X, y, genes = screen
    table = pd.DataFrame({"one": 1.0, "again": 2 * y})
    with pytest.raises(ValueError, match="column 'again' of X is a copy"):
        compare_estimators({"ridge": Ridge()}, table, y, groups=genes, sequences=X)
