"""What covariates bring."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import t
from sklearn.linear_model import Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.comparison.covariate_gain import find_covariate_gain


@pytest.fixture(scope="module")
def results():
    """Compare on 200 guides with a column of use, with one of noise, and with neither."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    y = X[:, 0] + X[:, 3] + rng.normal(size=200)
    genes = np.repeat(np.arange(25), 8)

    def compare(*columns, cv=None):
        return compare_estimators(
            {"weak": Ridge(1e4), "ridge": Ridge()},
            *(X[:, columns], y),
            groups=genes,
            cv=cv,
            random_state=0,
        )

    full = compare(0, 1, 3)
    bare = compare(0, 1, cv=full.splits_)
    return {"full": full, "bare": bare, "noise": compare(0, 1, 2, cv=full.splits_)}


def test_the_difference_is_paired(results):
    gain = find_covariate_gain(results["full"], results["bare"], "ridge", ["d"])
    by_split = [
        results[name]
        .scores_.query("estimator == 'ridge' and metric == 'within_group_spearman'")
        .set_index("split")["value"]
        for name in ("full", "bare")
    ]
    splits = results["full"].splits_
    n, ratio = len(splits), np.mean([len(test) / len(train) for train, test in splits])
    difference = by_split[0] - by_split[1]
    half = t.ppf(0.975, 6) * difference.std(ddof=1) * np.sqrt(1 / n + ratio)
    mean = difference.mean()
    assert_allclose(
        [gain.difference, gain.lower, gain.upper], [mean, mean - half, mean + half]
    )
    assert_allclose([gain.with_covariates, gain.without], [s.mean() for s in by_split])
    assert gain.describe() == (
        "With the covariate d, the mean Spearman correlation within genes of ridge is "
        f"{gain.with_covariates:.3f}, without it {gain.without:.3f}: a difference of "
        f"{gain.difference:.3f}, 95 % interval {gain.lower:.3f} to {gain.upper:.3f}, "
        "which is a gain."
    )


def test_gains_losses_and_noise_in_words(results):
    full, bare, noise = results["full"], results["bare"], results["noise"]
    said = find_covariate_gain(bare, full, "ridge", ["d", "e"]).describe()
    assert said.startswith("With the covariates d and e, ")
    assert said.endswith(", which is a loss.")
    assert ", without them " in said
    said = find_covariate_gain(noise, bare, "ridge", ["d"]).describe()
    assert said.endswith(", which is within noise.")


def test_splits_must_be_the_same(results):
    full, bare = results["full"], results["bare"]
    fewer = type(bare)(**{**vars(bare), "splits_": bare.splits_[1:]})
    other = type(bare)(**{**vars(bare), "splits_": bare.splits_[::-1]})
    for wrong in (fewer, other):
        with pytest.raises(ValueError, match="must be the same splits"):
            find_covariate_gain(full, wrong, "ridge", ["d"])
