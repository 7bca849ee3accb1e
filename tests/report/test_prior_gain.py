"""What a prior brought, in words that call noise noise, and as a picture."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge

from sgrna_estimator import ComparisonReport, compare_estimators
from sgrna_estimator.report.prior_gain import (
    AS_IT_IS,
    FROM_PRIOR,
    FROM_SCRATCH,
    compares_prior,
    describe_prior_gain,
    measure_prior_gain,
    picture_of_prior_gain,
)
from tests.report.pages import Page

# Any estimators can stand for the networks, which are known by their names.
MODELS = {FROM_SCRATCH: Ridge(1e3), FROM_PRIOR: Ridge(1.0), AS_IT_IS: Ridge(1e4)}


@pytest.fixture(scope="module")
def guides():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(250, 30))
    genes = np.repeat(np.arange(25), 10)
    return X, X @ rng.normal(size=30) + rng.normal(size=250), genes


@pytest.fixture(scope="module")
def result(guides):
    X, y, genes = guides
    return compare_estimators(MODELS, X, y, groups=genes, repeats=1, random_state=0)


@pytest.fixture(scope="module")
def gain(result, guides):
    X, y, genes = guides
    return measure_prior_gain(result, MODELS, X, y, groups=genes, random_state=0)


def with_scores(result, metric, **scores):
    """Return the result with other scores on its splits."""
    table = result.scores_.copy()
    for name, values in scores.items():
        rows = (table["metric"] == metric) & (table["estimator"] == name)
        table.loc[rows, "value"] = values
    return dataclasses.replace(result, scores_=table)


def test_the_largest_size_and_the_prior_as_it_is_are_those_compared(result, gain):
    assert gain.metric == "within_group_spearman"
    expected = result.summary(gain.metric).set_index("estimator")
    sizes = gain.curve.groupby("estimator")["size"].agg(list).to_dict()
    assert sizes == {
        AS_IT_IS: [0],
        FROM_SCRATCH: [50, 100, 200],
        FROM_PRIOR: [50, 100, 200],
    }
    compared = gain.curve[gain.curve["size"].isin([0, 200])].set_index("estimator")
    assert len(compared) == 3
    for column in ("mean", "lower", "upper"):
        assert_allclose(compared[column], expected.loc[compared.index, column])


def test_splits_without_the_metric_are_left_out(guides):
    X, y, genes = guides
    y = y.copy()
    y[:50] = 0
    splits = [
        (np.setdiff1d(np.arange(250), each), each)
        for each in np.arange(250).reshape(5, 50)
    ]
    result = compare_estimators(MODELS, X, y, groups=genes, cv=splits)
    assert result.splits_with_metric_["within_group_spearman"] == [1, 2, 3, 4]
    gain = measure_prior_gain(result, MODELS, X, y, groups=genes)
    assert gain.curve["mean"].notna().all()


def test_the_curve_is_of_the_first_repeat(result, gain, guides):
    X, y, genes = guides
    again = compare_estimators(MODELS, X, y, groups=genes, repeats=2, random_state=0)
    same = measure_prior_gain(again, MODELS, X, y, groups=genes, random_state=0)
    pd.testing.assert_frame_equal(same.curve, gain.curve)


def test_without_genes_it_is_the_rank_correlation(guides):
    X, y, _ = guides
    result = compare_estimators(MODELS, X, y, random_state=0)
    assert measure_prior_gain(result, MODELS, X, y).metric == "spearman"


def test_few_guides_have_one_size_only(guides):
    X, y, _ = (each[:40] for each in guides)
    both = {name: MODELS[name] for name in (FROM_SCRATCH, FROM_PRIOR)}
    result = compare_estimators(both, X, y, random_state=0)
    gain = measure_prior_gain(result, both, X, y)
    assert gain.curve["size"].tolist() == [32, 32]
    assert len(describe_prior_gain(result, gain)) == 1  # nothing is known of the prior
    assert "32 guides" in picture_of_prior_gain(gain).alt


@pytest.mark.parametrize(
    ("scratch", "begun", "words"),
    [
        (
            [0.3, 0.31, 0.3, 0.29, 0.3],
            [0.5, 0.51, 0.49, 0.5, 0.5],
            "+0.200, 95 % interval 0.187 to 0.213: the prior helped.",
        ),
        (
            [0.5, 0.51, 0.49, 0.5, 0.5],
            [0.3, 0.31, 0.3, 0.29, 0.3],
            "-0.200, 95 % interval -0.213 to -0.187: the prior did harm.",
        ),
        (
            [0.1, 0.5, 0.2, 0.6, 0.3],
            [0.5, 0.2, 0.6, 0.3, 0.4],
            ": within noise, so that the prior is not shown to have brought anything.",
        ),
    ],
)
def test_noise_is_called_noise(result, gain, scratch, begun, words):
    scores = {FROM_SCRATCH: scratch, FROM_PRIOR: begun}
    changed = with_scores(result, gain.metric, **scores)
    [first, _] = describe_prior_gain(changed, gain)
    means = f"from {np.mean(scratch):.3f} ({FROM_SCRATCH}) to {np.mean(begun):.3f}"
    assert first.startswith(
        "Beginning from the prior changed the mean Spearman correlation within genes"
    )
    assert means in first
    assert first.endswith(words)


def test_scores_that_are_not_defined_tell_nothing(result, gain):
    changed = with_scores(result, gain.metric, **{FROM_PRIOR: np.nan})
    [sentence] = describe_prior_gain(changed, gain)
    assert "is not defined for both networks" in sentence


def test_one_split_cannot_be_tested(guides):
    X, y, _ = guides
    split = [(np.arange(200), np.arange(200, 250))]
    result = compare_estimators(MODELS, X, y, cv=split)
    gain = measure_prior_gain(result, MODELS, X, y)
    first = describe_prior_gain(result, gain)[0]
    assert first.endswith("95 % interval n/a: it cannot be tested.")


def test_how_many_guides_do_without_the_prior(result, gain):
    curve = gain.curve.copy()
    curve["mean"] = 0.4
    curve.loc[curve["estimator"] == FROM_SCRATCH, "mean"] = [0.2, 0.45, 0.6]
    between = dataclasses.replace(gain, curve=curve)
    assert (
        "first has as much with 100 guides" in describe_prior_gain(result, between)[1]
    )
    curve = curve.assign(mean=curve["mean"].where(curve["size"] > 0, 0.9))
    above = dataclasses.replace(gain, curve=curve)
    assert "has 0.900: more than the network" in describe_prior_gain(result, above)[1]


def test_the_picture_has_its_numbers_in_words(gain):
    alt = picture_of_prior_gain(gain).alt
    for row in gain.curve.to_dict("records"):
        size = f"{row['size']:,} guides" if row["size"] else "as it is"
        expected = (
            f"{size} {row['mean']:.3f} ({row['lower']:.3f} to {row['upper']:.3f})"
        )
        assert expected in alt


def test_the_section_is_there_if_it_was_measured(result, gain):
    sequences = ["ACGT"] * 250
    page = Page(
        ComparisonReport(result, sequences=sequences, prior_gain=gain).to_html()
    )
    assert "What the prior brought" in page.texts("h2")
    assert set(describe_prior_gain(result, gain)) <= set(page.texts("p"))
    without = Page(ComparisonReport(result, sequences=sequences).to_html())
    assert "What the prior brought" not in without.texts("h2")


def test_both_networks_must_have_been_compared(result, guides):
    X, y, _ = guides
    assert compares_prior(result)
    one = compare_estimators({FROM_PRIOR: DummyRegressor()}, X, y, random_state=0)
    assert not compares_prior(one)
    flat = compare_estimators(MODELS, X, np.zeros(250), random_state=0)
    assert not compares_prior(flat)
