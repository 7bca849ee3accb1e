"""GuideEffectMixture as an estimator: bad input, and scikit-learn's own checks."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    parametrize_with_checks,
)
from sklearn.utils.validation import validate_data

from sgrna_estimator.mixtures.guide_effect import GuideEffectMixture
from tests.mixtures.guide_effect_data import simulate

# ---- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log2fc", "groups", "message"),
    [
        ([0.1, np.nan, 2.0], "aab", r"log2fc .* \(NaN\) or infinite \(inf\) in row 2"),
        ([0.1, 1.0, np.inf], "aab", "in row 3"),
        ([0.1, 1.0, 2.0], ["a", None, "b"], "groups is missing in row 2"),
        ([0.1, 1.0, 2.0], "ab", "groups must hold one label a guide: expected 3"),
        (["0.1", "1.0", "2.0"], "aab", "log2fc must be numbers, but .*0.1"),
        ([[0.1, 1.0], [1.0, 2.0]], "ab", "one column of log2 fold changes, but it"),
        (sparse.csr_array([[0.1], [1.0]]), "ab", "[Ss]parse"),
        ([1.0], "a", "minimum of 2 is required"),
    ],
)
def test_bad_input_is_named(log2fc, groups, message):
    with pytest.raises((ValueError, TypeError), match=message):
        GuideEffectMixture().fit(log2fc, groups=list(groups))


def test_bad_controls():
    log2fc = [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match=r"have only \[2.0\]"):
        GuideEffectMixture().fit(log2fc, controls=[False, False, True])
    with pytest.raises(ValueError, match=r"have only \[\]"):
        GuideEffectMixture().fit(log2fc, controls=[True, True, True])


def test_contradictions():
    with pytest.raises(ValueError, match="direction='negative' contradicts mu1=2"):
        GuideEffectMixture(mu1=2, direction="negative").fit([0.0, 1.0])
    assert GuideEffectMixture(mu1=-2).fit([0.0, -2.0, 1.0]).direction_ == "negative"


def test_too_few_steps_warn():
    log2fc, gene, *_ = simulate(seed=18)
    with pytest.warns(ConvergenceWarning, match="did not converge in 1 steps"):
        model = GuideEffectMixture(max_iter=1).fit(log2fc, groups=gene)
    assert not model.converged_
    assert np.isfinite(model.predict_proba(log2fc, gene)).all()


def test_not_fitted():
    with pytest.raises(NotFittedError):
        GuideEffectMixture().predict_proba([1.0])


# ---- scikit-learn --------------------------------------------------------------------

_MAKES_A_VECTOR = (
    "takes the first column of X, as the tag one_d_array asks, and then treats the "
    "vector as a matrix"
)
_PASSES_MATRICES = "passes matrices of several columns in spite of the tag one_d_array"


def expected_failures(estimator):
    if type(estimator) is not GuideEffectMixture:
        return {}
    vectors = [
        "check_dict_unchanged",
        "check_estimator_sparse_array",
        "check_dont_overwrite_parameters",
        "check_dtype_object",
        "check_f_contiguous_array_estimator",
        "check_fit2d_1feature",
        "check_fit2d_1sample",
        "check_fit2d_predict1d",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_n_features_in",
        "check_n_features_in_after_fitting",
    ]
    return {
        **dict.fromkeys(vectors, _MAKES_A_VECTOR),
        "check_estimators_nan_inf": _PASSES_MATRICES,
        "check_fit1d": "expects an error for a vector, which is what a screen is",
    }


@parametrize_with_checks(
    [GuideEffectMixture()], expected_failed_checks=expected_failures, xfail_strict=True
)
def test_common_checks(estimator, check):
    check(estimator)


class FirstColumn(GuideEffectMixture):
    """Fits the first column of any matrix, for the checks that know no vectors."""

    def _validate(self, log2fc, *, reset):
        matrix = validate_data(
            self, log2fc, reset=reset, ensure_min_samples=2 if reset else 1
        )
        return matrix[:, 0].astype(float)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = False
        return tags


@parametrize_with_checks([FirstColumn()])
def test_common_checks_of_matrices(estimator, check):
    check(estimator)


def test_checks_that_are_left_out():
    check_param_validation("GuideEffectMixture", GuideEffectMixture())
    check_dataframe_column_names_consistency("FirstColumn", FirstColumn())


def test_columns_vectors_and_tables_are_alike():
    log2fc, gene, *_ = simulate(10, 10)
    reference = GuideEffectMixture().fit(log2fc, groups=gene)
    table = pd.DataFrame({"log2fc": log2fc, "gene": gene})
    for values in (
        log2fc[:, None],
        list(log2fc),
        table["log2fc"],
        table[["log2fc"]],
        table["log2fc"].convert_dtypes(dtype_backend="pyarrow"),
    ):
        model = GuideEffectMixture().fit(values, groups=table["gene"])
        assert_array_equal(model.gene_effects_, reference.gene_effects_)
        assert_array_equal(
            model.predict_proba(values, table["gene"]),
            reference.predict_proba(log2fc, gene),
        )
    named = GuideEffectMixture().fit(table[["log2fc"]])
    assert_array_equal(named.feature_names_in_, ["log2fc"])


def test_fits_are_repeatable_and_survive_pickling():
    log2fc, gene, *_ = simulate(10, 10)
    model = GuideEffectMixture().fit(log2fc, groups=gene)
    again = clone(model).fit(log2fc, groups=gene)
    loaded = pickle.loads(pickle.dumps(model))
    for other in (again, loaded):
        assert_array_equal(
            other.predict_proba(log2fc, gene), model.predict_proba(log2fc, gene)
        )


def test_input_is_not_changed():
    log2fc, gene, *_ = simulate(10, 10)
    before = log2fc.copy()
    log2fc.flags.writeable = False
    GuideEffectMixture().fit(log2fc, groups=gene)
    assert_array_equal(log2fc, before)


@pytest.mark.filterwarnings("ignore:.*look active")
def test_groups_are_routed():
    log2fc, gene, *_ = simulate(12, 12)
    with config_context(enable_metadata_routing=True):
        model = GuideEffectMixture(direction="positive")
        model.set_fit_request(groups=True).set_score_request(groups=True)
        result = cross_validate(
            model, log2fc, params={"groups": gene}, return_estimator=True, cv=3
        )
        assert all(len(fold.groups_) > 1 for fold in result["estimator"])
        search = GridSearchCV(model, {"q0": [0.3, 0.95]}, cv=3)
        search.fit(log2fc, groups=gene)
    assert search.best_params_ == {"q0": 0.3}


def test_without_routing_groups_reach_only_the_splitter():
    log2fc, gene, *_ = simulate(12, 12)
    search = GridSearchCV(GuideEffectMixture(), {"q0": [0.3]}, cv=GroupKFold(3))
    search.fit(log2fc, groups=gene)
    assert_array_equal(search.best_estimator_.groups_, [0])
