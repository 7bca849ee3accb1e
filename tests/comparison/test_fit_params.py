"""What each estimator's `fit` is given beside X and y."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator.comparison.compare import compare_estimators
from tests.comparison.models import Taker


def test_genes_and_params_of_the_training_guides_reach_fit(features):
    X, y, genes = features
    models = {
        "alone": Taker(),
        "last": make_pipeline(StandardScaler(), Taker()),
        "none": Ridge(),
    }
    extra = np.arange(100)
    result = compare_estimators(
        models, X, y, groups=genes, params={"extra": extra}, cv=5, random_state=0
    )
    for number, (train, test) in enumerate(result.splits_):
        expected = 8 + extra[train].sum() / 1000
        rows = result.predictions_[result.predictions_["split"] == number]
        assert len(rows) == len(test)
        np.testing.assert_allclose(rows["alone"], expected)
        np.testing.assert_allclose(rows["last"], expected)
    without = compare_estimators({"alone": Taker()}, X, y, cv=5, random_state=0)
    assert without.predictions_["alone"].eq(0).all()


def test_with_routing_on_estimators_are_given_what_they_request(features):
    X, y, genes = features
    with config_context(enable_metadata_routing=True):
        models = {
            "wants": make_pipeline(
                StandardScaler(), Taker().set_fit_request(groups=True, extra=False)
            ),
            "not": Taker().set_fit_request(groups=False, extra=True),
            "search": GridSearchCV(Ridge(), {"alpha": [1, 10]}, cv=GroupKFold(3)),
        }
        result = compare_estimators(
            models, X, y, groups=genes, params={"extra": np.ones(100)}, cv=5
        )
        assert result.predictions_["wants"].eq(8).all()
        assert result.predictions_["not"].eq(0.08).all()
        # nobody said whether these genes are for it
        with pytest.raises(ValueError, match=r"estimator .unset.: .*groups.* not expl"):
            compare_estimators({"unset": Taker()}, X, y, groups=genes)


def test_with_routing_on_weights_may_go_by_another_name(features):
    X, y, _ = features
    weight = np.linspace(0, 1, 100)
    with config_context(enable_metadata_routing=True):
        named, renamed, without = (
            compare_estimators({"ridge": model}, X, y, params=params, random_state=0)
            for model, params in (
                (
                    Ridge().set_fit_request(sample_weight=True),
                    {"sample_weight": weight},
                ),
                (Ridge().set_fit_request(sample_weight="weight"), {"weight": weight}),
                (Ridge(), None),
            )
        )
        with pytest.raises(ValueError, match="which no estimator's fit asks for"):
            compare_estimators(
                {"ridge": Ridge().set_fit_request(sample_weight=False)},
                X,
                y,
                params={"sample_weight": weight},
            )
    assert named.predictions_.equals(renamed.predictions_)
    assert not named.predictions_["ridge"].equals(without.predictions_["ridge"])
    # the constant predictor that is added asks for nothing
    assert named.predictions_["constant"].equals(without.predictions_["constant"])


def test_params_are_checked(features):
    X, y, genes = features
    for params, message in (
        ({"groups": genes}, "params must not hold 'groups'"),
        ({"y": y}, "params must not hold 'y'"),
        (
            {"extra": np.ones(3)},
            r"params\['extra'\] must hold .* shape \(100,\), got \(3,\)",
        ),
        ({"extra": None}, r"params\['extra'\] must hold .* shape \(100,\), got \(\)"),
        ({"weight": np.ones(100)}, "holds 'weight', which no estimator's fit asks for"),
    ):
        with pytest.raises(ValueError, match=message):
            compare_estimators({"taker": Taker()}, X, y, groups=genes, params=params)
