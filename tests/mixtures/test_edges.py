"""Log2 fold changes at the edges of what is sensible: a finite answer, or a clear error."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sgrna_estimator import (
    GuideEffectMixture,
    MixtureLogisticRegression,
    MixtureTargetRegressor,
)

N = 40
RNG = np.random.default_rng(0)
X = np.eye(4)[RNG.integers(0, 4, (N, 5))].reshape(N, -1)
Y = RNG.normal(size=N)
HALF = np.arange(N) % 2
GENE = np.arange(N) // 5
FIFTH = np.arange(N) == 5


def guide_effects(X, y):
    model = GuideEffectMixture(max_iter=5).fit(y, groups=GENE[: len(y)])
    return [model.predict_proba(y, groups=GENE[: len(y)]), model.gene_effects_]


def logistic(X, y, **given):
    model = MixtureLogisticRegression(max_iter=5)
    model.fit(X, y, groups=GENE[: len(y)], **given)
    return [model.predict(X), model.posterior(X, y), model.coef_, model.lower_bound_]


def target(X, y):
    mixture = GuideEffectMixture(max_iter=5)
    model = MixtureTargetRegressor(Ridge(), mixture=mixture)
    return [model.fit(X, y, groups=GENE[: len(y)]).predict(X)]


MODELS = [guide_effects, logistic, target]
pytestmark = [  # five steps are few, and such guides are no screen
    pytest.mark.filterwarnings(f"ignore:{message}")
    for message in (".*did not converge", ".*wrong side", ".*heavier tails")
]

ANSWERED = {
    "two guides": (X[:2], Y[:2]),
    "equal guides": (X[:1].repeat(N, axis=0), Y),
    "one letter at each position": (np.tile([1.0, 0, 0, 0], (N, 5)), Y),
    "no letter at any position": (np.zeros_like(X), Y),
    "two values": (X, HALF),
    "one value that differs": (X, FIFTH),
    "values of 1e-100": (X, 1e-100 * Y),
    "values of 1e140": (X, 1e140 * Y),
    "one value far from the others": (X, np.where(FIFTH, 1e30, Y)),
    "values far from zero": (X, 1e15 + Y),
    "float16": (X.astype(np.float16), Y.astype(np.float16)),
    "bytes": (X.astype(np.uint8), HALF.astype(bool)),
    "objects": (X.astype(object), Y.astype(object)),
    "features of 1e-200": (1e-200 * X, Y),
    "features of 1e30": (1e30 * X, Y),
}


@pytest.mark.parametrize("fit", MODELS)
@pytest.mark.parametrize("case", ANSWERED)
def test_answers_are_finite(case, fit):
    for numbers in fit(*ANSWERED[case]):
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize(
    "weight",
    [HALF, np.where(HALF, 1e-30, 1e30), np.full(N, 1e300), np.full(N, 1e-300)],
    ids=["every second", "1e-30 and 1e30", "1e300", "1e-300"],
)
def test_answers_to_extreme_weights_are_finite(weight):
    for numbers in logistic(X, Y, sample_weight=weight):
        assert np.isfinite(numbers).all()


REFUSED = {
    "one guide": (X[:1], Y[:1], "minimum of 2 is required"),
    "equal values": (X, np.ones(N), r"at least 2 different .* have only \[1.0\]"),
    "one target of 1.7e308": (
        X, np.where(FIFTH, 1.7e308, Y), r"between -1e\+150 .* 1\.7e\+308 in row 6$"
    ),
    "subnormal values": (X, 5e-324 * HALF, "must differ by at least 1e-150, but dif"),
    "values of 1e-200": (X, 1e-200 * HALF, "must differ by at least 1e-150, but dif"),
}  # fmt: skip


@pytest.mark.parametrize("fit", MODELS)
@pytest.mark.parametrize("case", REFUSED)
def test_what_float_cannot_hold_is_named(case, fit):
    *data, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        fit(*data)


@pytest.mark.parametrize("value", [1e308, 5e-324])
def test_weights_whose_sum_says_nothing_are_refused(value):
    with pytest.raises(ValueError, match="sample_weight must have a sum"):
        logistic(X, Y, sample_weight=np.full(N, value))


def test_features_whose_squares_overflow_are_named():
    features = X.copy()
    features[7, 3] = -1e200
    with pytest.raises(ValueError, match=r"in column 3 are as large as 1e\+200"):
        logistic(features, Y)


def test_new_guides_far_from_all_others_are_named():
    model = MixtureLogisticRegression(max_iter=5).fit(X, HALF, groups=GENE)
    model.coef_ = np.full(20, 100.0)
    features = X.copy()
    features[[3, 8]] = 1e307
    with pytest.raises(ValueError, match="X holds numbers in rows 4, 9 that are so la"):
        model.predict(features, GENE)
