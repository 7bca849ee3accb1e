"""The list of types is what skops needs, and nothing that is not there."""

from importlib import import_module

import pytest
from numpy.testing import assert_array_equal

from sgrna_estimator import (
    FractionalLogisticRegression,
    MixtureLogisticRegression,
    MixtureTargetRegressor,
    PositionwiseReLUClassifier,
    SequenceOneHotTransformer,
)
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.storage import TRUSTED_TYPES
from tests.baselines.small_models import fit_model


@pytest.mark.parametrize("name", TRUSTED_TYPES)
def test_each_type_is_where_its_name_says(name):
    module, _, attribute = name.rpartition(".")
    kind = getattr(import_module(module), attribute)
    assert isinstance(kind, type)
    assert kind.__name__ == attribute


def test_no_type_is_listed_twice():
    assert len(set(TRUSTED_TYPES)) == len(TRUSTED_TYPES)


def test_skops_reads_the_other_estimators_with_this_list(guides):
    skops = pytest.importorskip("skops.io")
    frame, target = guides
    X = SequenceOneHotTransformer().fit_transform(frame["seq"])
    classes = target > target.median()
    for model, y in (
        (PositionwiseReLUClassifier(max_iter=3, random_state=0), classes),
        (MixtureTargetRegressor(FractionalLogisticRegression()), target),
        (MixtureLogisticRegression(standard_errors=False), target),
    ):
        read = skops.loads(skops.dumps(model.fit(X, y)), trusted=list(TRUSTED_TYPES))
        assert_array_equal(read.predict(X), model.predict(X))


# A request for metadata refers to its estimator, and skops follows it without end.
@pytest.mark.parametrize("name", sorted(set(MODELS) - {"mixture_logistic"}))
def test_skops_reads_models_with_this_list(guides, name):
    skops = pytest.importorskip("skops.io")
    frame, _ = guides
    model = fit_model(guides, name)
    content = skops.dumps(model)
    unlisted = set(skops.get_untrusted_types(data=content)) - set(TRUSTED_TYPES)
    assert not unlisted
    read = skops.loads(content, trusted=list(TRUSTED_TYPES))
    assert_array_equal(read.predict(frame), model.predict(frame))
