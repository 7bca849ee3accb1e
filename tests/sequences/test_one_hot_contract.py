"""scikit-learn's contract of the transformer, and its place in pipelines."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_do_not_raise_errors_in_init_or_set_params,
    check_estimator,
    check_estimator_cloneable,
    check_estimator_repr,
    check_estimator_tags_renamed,
    check_get_params_invariance,
    check_mixin_order,
    check_no_attributes_set_in_init,
    check_param_validation,
    check_parameters_default_constructible,
    check_set_params,
    check_valid_tag_types,
)

from sgrna_estimator import SequenceOneHotTransformer

GUIDES = ["GATTACA", "GCCCACA", "GTTTACT", "GAAAACG"]


# scikit-learn's contract ---------------------------------------------------------


@pytest.mark.parametrize(
    "parameters", [{}, {"unknown": "spread", "align": "right", "sparse_output": True}]
)
def test_common_checks(parameters):
    # scikit-learn warns that it has few checks for estimators that take text, so that
    # the others are called or written below.
    with pytest.warns(SkipTestWarning, match="requires input"):
        results = check_estimator(SequenceOneHotTransformer(**parameters))
    assert [result["status"] for result in results] == ["passed"]


@pytest.mark.parametrize(
    "check",
    [
        check_estimator_cloneable,
        check_do_not_raise_errors_in_init_or_set_params,
        check_estimator_repr,
        check_estimator_tags_renamed,
        check_get_params_invariance,
        check_mixin_order,
        check_no_attributes_set_in_init,
        check_param_validation,
        check_parameters_default_constructible,
        check_set_params,
        check_valid_tag_types,
    ],
)
def test_checks_that_text_leaves_out_but_that_apply(check):
    check("SequenceOneHotTransformer", SequenceOneHotTransformer())


def test_tags():
    tags = get_tags(SequenceOneHotTransformer())
    assert tags.input_tags.string
    assert tags.input_tags.one_d_array
    assert not tags.input_tags.two_d_array
    assert not tags.input_tags.allow_nan
    assert not tags.target_tags.required


@pytest.mark.parametrize("method", ["transform", "inverse_transform"])
def test_not_fitted(method):
    with pytest.raises(NotFittedError):
        getattr(SequenceOneHotTransformer(), method)(GUIDES)
    with pytest.raises(NotFittedError):
        SequenceOneHotTransformer().get_feature_names_out()


def test_fit_changes_neither_parameters_nor_input():
    texts = np.array(GUIDES, dtype=object)
    transformer = SequenceOneHotTransformer(position_names=list("abcdefg"))
    before = transformer.get_params()
    transformer.fit(texts)
    assert transformer.get_params() == before
    assert texts.tolist() == GUIDES


def test_fit_is_idempotent_and_leaves_nothing_of_an_earlier_fit():
    fresh = SequenceOneHotTransformer().fit(GUIDES)
    again = SequenceOneHotTransformer().fit(pd.DataFrame({"seq": ["AC", "CA"]}))
    again.fit(GUIDES)
    assert vars(again).keys() == vars(fresh).keys()
    np.testing.assert_array_equal(again.transform(GUIDES), fresh.transform(GUIDES))


def test_pickle_and_clone():
    transformer = SequenceOneHotTransformer(unknown="spread").fit(GUIDES)
    copy = pickle.loads(pickle.dumps(transformer))
    np.testing.assert_array_equal(copy.transform(GUIDES), transformer.transform(GUIDES))
    assert not hasattr(clone(transformer), "kept_positions_")


def test_rows_do_not_depend_on_each_other():
    transformer = SequenceOneHotTransformer(drop_constant=False).fit(GUIDES)
    together = transformer.transform(GUIDES)
    apart = np.vstack([transformer.transform([guide]) for guide in GUIDES])
    np.testing.assert_array_equal(together, apart)
    order = [2, 0, 3, 1]
    np.testing.assert_array_equal(
        transformer.transform([GUIDES[i] for i in order]), together[order]
    )


# With the rest of scikit-learn ---------------------------------------------------


def test_in_a_pipeline_with_a_grouped_search(small_screen):
    model = make_pipeline(SequenceOneHotTransformer(sparse_output=True), Ridge())
    search = GridSearchCV(model, {"ridge__alpha": [1, 10]}, cv=GroupKFold(3))
    search.fit(small_screen.sequences, small_screen.target, groups=small_screen.groups)
    predicted = search.predict(list(small_screen.sequences))
    assert np.corrcoef(predicted, small_screen.target)[0, 1] > 0.3


def test_in_a_column_transformer(small_screen):
    columns = ColumnTransformer(
        [
            ("sequence", SequenceOneHotTransformer(), "seq"),
            ("as_frame", SequenceOneHotTransformer(), ["guide"]),
            ("distance", "passthrough", ["distance2TSS"]),
        ]
    ).set_output(transform="pandas")
    encoded = columns.fit_transform(small_screen.data)
    assert encoded.shape == (240, 160 + 19 * 4 + 1)
    assert "sequence__1_A" in encoded
    assert "as_frame__2_A" in encoded


def test_one_hot_learns_an_additive_screen(small_screen):
    model = make_pipeline(SequenceOneHotTransformer(), Ridge(alpha=20))
    scores = cross_val_score(
        model, small_screen.sequences, small_screen.data["activity"], cv=3
    )
    assert scores.mean() > 0
