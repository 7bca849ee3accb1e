"""Tables of scores and predictions."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Lasso, LinearRegression, Ridge

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.metrics import spearman_score, within_group_spearman
from tests.comparison.models import on_sequences


def slow_within_group_mse(y, predicted, genes):
    of_genes = [
        np.sum(
            (y[rows] - y[rows].mean() - predicted[rows] + predicted[rows].mean()) ** 2
        )
        for rows in (genes == gene for gene in set(genes))
    ]
    return sum(of_genes) / (len(y) - len(set(genes)))


def test_scores_equal_a_loop_by_hand(screen):
    X, y, genes = screen
    models = {"ridge": on_sequences(Ridge()), "lasso": on_sequences(Lasso(0.05))}
    result = compare_estimators(models, X, y, groups=genes, repeats=1, random_state=0)
    assert result.scores_.columns.tolist() == [
        *["estimator", "split", "metric", "value"],
        *["fit_seconds", "score_seconds", "n_train", "n_test"],
    ]
    found = result.scores_.set_index(["estimator", "split", "metric"])["value"]
    assert len(found) == 3 * 5 * 6
    for number, (train, test) in enumerate(result.splits_):
        for name, model in models.items():
            predicted = model.fit(X.iloc[train], y[train]).predict(X.iloc[test])
            mse = np.mean((y[test] - predicted) ** 2)
            expected = {
                "spearman": spearman_score(y[test], predicted),
                "within_group_spearman": within_group_spearman(
                    y[test], predicted, genes[test]
                ),
                "pearson": np.corrcoef(y[test], predicted)[0, 1],
                "r2": 1 - mse / np.var(y[test]),
                "mse": mse,
                "within_group_mse": slow_within_group_mse(
                    y[test], predicted, genes[test]
                ),
            }
            for metric, value in expected.items():
                assert found[name, number, metric] == pytest.approx(value)
            out_of_fold = result.predictions_.loc[test, name]
            np.testing.assert_allclose(out_of_fold, predicted)
    sizes = result.scores_.groupby("split")[["n_train", "n_test"]].first()
    assert sizes.to_numpy().tolist() == [[len(a), len(b)] for a, b in result.splits_]
    assert (result.scores_[["fit_seconds", "score_seconds"]] > 0).all(axis=None)


def test_predictions_are_in_the_order_of_the_guides(screen):
    X, y, genes = screen
    X = X.set_axis([f"guide{i}" for i in range(120)])
    result = compare_estimators(
        {"mean": DummyRegressor()}, X, y, groups=genes, repeats=1
    )
    table = result.predictions_
    assert table.columns.tolist() == ["y", "group", "split", "repeat", "mean"]
    assert table.index.equals(X.index)
    np.testing.assert_array_equal(table["y"], y)
    np.testing.assert_array_equal(table["group"], genes)
    without = compare_estimators({"mean": DummyRegressor()}, X.tolist(), y, repeats=1)
    assert without.predictions_.columns.tolist() == ["y", "split", "repeat", "mean"]
    assert without.predictions_.index.equals(pd.RangeIndex(120))


def test_each_repeat_predicts_each_guide_once(screen):
    X, y, genes = screen
    models = {"ridge": on_sequences(Ridge())}
    result = compare_estimators(
        models, X, y, groups=genes, cv=3, repeats=2, random_state=0
    )
    for repeat, table in result.predictions_.groupby("repeat"):
        assert table.index.equals(X.index)
        np.testing.assert_array_equal(table["y"], y)
        splits = {3 * repeat, 3 * repeat + 1, 3 * repeat + 2}
        assert set(table["split"]) == splits
        for split in splits:
            train, test = result.splits_[split]
            fitted = models["ridge"].fit(X.iloc[train], y[train])
            np.testing.assert_allclose(
                table.loc[test, "ridge"], fitted.predict(X.iloc[test])
            )
    assert result.predictions_["repeat"].tolist() == [0, 1] * 120


def test_genes_in_which_predictions_do_not_vary_are_counted():
    rng = np.random.default_rng(0)
    genes = np.repeat(np.arange(40), 5)
    motif = (rng.uniform(size=200) < 0.1).astype(float)
    y = rng.normal(size=200)
    y[:5] = 1.0  # the first gene can be ranked by nobody, and is not counted
    models = {"motif": LinearRegression(), "ridge": Ridge()}
    X = pd.DataFrame({"motif": motif})
    result = compare_estimators(
        models, X, y, groups=genes, sequences=np.arange(200), random_state=0
    )
    varies = [np.ptp(motif[genes == gene]) > 0 for gene in range(1, 40)]
    found = result.constant_genes()
    assert found["constant"] == 1
    assert found["motif"] == found["ridge"] == pytest.approx(1 - np.mean(varies))
    without = compare_estimators(models, X, y, sequences=np.arange(200), repeats=1)
    with pytest.raises(ValueError, match="without groups"):
        without.constant_genes()
