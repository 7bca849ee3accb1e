"""The recipes of docs/with_other_tools.rst: what they give is what was worked out by hand.

What is not installed is skipped: ``pip install '.[ecosystem]'`` has all of it.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    letter_columns,
)

RECIPES = Path(__file__).parents[1] / "docs" / "recipes"
RIDGE = make_pipeline(SequenceOneHotTransformer(), Ridge())
FOREST = make_pipeline(
    SequenceOneHotTransformer(), RandomForestRegressor(5, max_depth=4, random_state=0)
)
NETWORK = make_pipeline(
    SequenceOneHotTransformer(),
    PositionwiseReLURegressor(window_size=2, n_units=4, max_iter=20, random_state=0),
)

# What these libraries do to others is not ours to mend.
pytestmark = [
    # colours made in matplotlib's former way
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:shap.*"),
    # types of its own that it cannot check
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning"),
    # queries in SQLAlchemy's former way
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow.*"),
]


@pytest.fixture(scope="module")
def screen(small_screen):
    """Guides to train on and guides of other genes."""
    data = small_screen.data
    return data[:180], data[180:]


def recipe(file, function, *needed):
    """Return a function of a recipe, or skip where a library is missing."""
    for name in needed:
        pytest.importorskip(name, reason=f"needs {name}")
    return runpy.run_path(str(RECIPES / file))[function]


def fit(model, guides):
    return clone(model).fit(guides["seq"], guides["activity"])


# Permutation importance ---------------------------------------------------------------


def planted(guides):
    """Return a target that one letter of position 7 makes, and noise."""
    noise = np.random.default_rng(0).normal(size=len(guides))
    return 2 * (guides["seq"].str[6] == "G") + 0.5 * noise


@pytest.mark.parametrize(
    "model", [RIDGE, FOREST, NETWORK], ids=["ridge", "forest", "net"]
)
def test_the_position_that_matters_is_the_most_important(screen, model):
    train, test = screen
    model = clone(model).fit(train["seq"], planted(train))
    importance = recipe("importance_by_position.py", "importance_by_position")
    found = importance(model, test["seq"], planted(test), random_state=0)
    assert len(found.importances_mean) == 43
    assert np.argmax(found.importances_mean) == 6
    dropped = list(model[0].dropped_letters_)
    assert dropped
    assert_array_equal(found.importances[dropped], 0)


def test_importances_are_those_of_all_permutations(screen):
    """Of an additive model the mean over all permutations is known.

    With the residual r and what a position adds, c, the squared error grows by
    (r + c - c')^2 - r^2, of which the mean over all pairs of guides is taken.
    """
    train, test = screen
    model, y = fit(RIDGE, train), test["activity"].to_numpy()
    X = model[0].transform(test["seq"])
    residual = y - model.predict(test["seq"])
    importance = recipe("importance_by_position.py", "importance_by_position")
    found = importance(
        model,
        test["seq"],
        y,
        scoring="neg_mean_squared_error",
        n_repeats=20,
        random_state=0,
    )
    for position, columns in letter_columns(model).items():
        added = X[:, columns] @ model[-1].coef_[columns]
        grown = (residual[:, np.newaxis] + added[:, np.newaxis] - added) ** 2
        expected = grown.mean() - (residual**2).mean()
        here = found.importances[position - 1]
        assert abs(here.mean() - expected) < 4 * here.std() / np.sqrt(len(here)) + 1e-9


# shap ---------------------------------------------------------------------------------


def effects_less_their_mean(model, background, sequences):
    """Return what each position of a linear model adds, less its mean."""
    X, before = map(model[0].transform, (sequences, background))
    return {
        position: (X[:, columns] - before[:, columns].mean(axis=0))
        @ model[-1].coef_[columns]
        for position, columns in letter_columns(model).items()
    }


def test_shap_of_columns_is_what_positions_of_a_linear_model_add(screen):
    train, test = screen
    model = fit(RIDGE, train)
    explain = recipe("shap_by_position.py", "shap_of_columns", "shap")
    found, base = explain(model, train["seq"], test["seq"])
    expected = effects_less_their_mean(model, train["seq"], test["seq"])
    assert list(found) == list(expected)
    for position, values in found.items():
        assert_allclose(values, expected[position], atol=1e-5)
    assert_allclose(base, model.predict(train["seq"]).mean(), atol=1e-5)


@pytest.mark.parametrize("model", [RIDGE, FOREST], ids=["ridge", "forest"])
def test_positions_and_the_base_value_sum_to_the_prediction(screen, model):
    train, test = screen
    model = fit(model, train)
    explain = recipe("shap_by_position.py", "shap_of_columns", "shap")
    found, base = explain(model, train["seq"], test["seq"])
    assert_allclose(sum(found.values()) + base, model.predict(test["seq"]), atol=1e-4)


def test_shap_of_letters_is_that_of_columns_for_an_additive_model(screen):
    train, test = screen
    model, background, some = fit(RIDGE, train), train["seq"][:50], test["seq"][:3]
    explain = recipe("shap_by_position.py", "shap_of_letters", "shap")
    found = explain(model, background, some).values
    expected = effects_less_their_mean(model, background, some)
    kept = np.array(list(expected)) - 1
    assert_allclose(found[:, kept], np.array([*expected.values()]).T, atol=1e-5)
    assert_allclose(np.delete(found, kept, axis=1), 0, atol=1e-6)


def test_shap_of_letters_sums_to_the_prediction_of_a_network(screen):
    train, test = screen
    model, some = fit(NETWORK, train), test["seq"][:3]
    explain = recipe("shap_by_position.py", "shap_of_letters", "shap")
    found = explain(model, train["seq"][:50], some)
    assert found.values.shape == (3, 43)
    total = found.values.sum(axis=1) + found.base_values
    assert_allclose(total, model.predict(some), atol=1e-6)


# Files and servers --------------------------------------------------------------------


@pytest.mark.parametrize("model", [RIDGE, NETWORK], ids=["ridge", "network"])
def test_skops_reads_what_it_kept(screen, tmp_path, model):
    train, test = screen
    model, path = fit(model, train), tmp_path / "model.skops"
    recipe("keep_with_skops.py", "keep", "skops")(model, path)
    read = recipe("keep_with_skops.py", "read")(path)
    assert_array_equal(read.predict(test["seq"]), model.predict(test["seq"]))


def test_mlflow_predicts_what_was_logged(screen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the artifacts go
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    train, test = screen
    log = recipe("log_to_mlflow.py", "log_to_mlflow", "sqlalchemy", "mlflow")
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    model = fit(NETWORK, train)
    address = log(model, spearman=0.5)
    assert mlflow.last_active_run().data.metrics == {"spearman": 0.5}
    expected = model.predict(test["seq"])
    for flavour in (mlflow.sklearn, mlflow.pyfunc):
        read = flavour.load_model(address)
        assert_array_equal(read.predict(test["seq"]), expected)
        assert_array_equal(read.predict(test[["seq"]]), expected)


# Intervals, reports, searches ---------------------------------------------------------


def test_mapie_has_the_intervals_of_genes_that_were_held_out(screen):
    train, test = screen
    y, genes = train["activity"].to_numpy(), train["gene"]
    conform = recipe("intervals_from_mapie.py", "fit_with_intervals", "mapie")
    found = conform(RIDGE, train["seq"], y, genes, confidence=0.8)
    _, intervals = found.predict_interval(test["seq"])
    low, high = [], []
    for others, held_out in GroupKFold(5).split(y, groups=genes):
        model = fit(RIDGE, train.iloc[others])
        errors = np.abs(y[held_out] - model.predict(train["seq"].iloc[held_out]))
        predicted = model.predict(test["seq"])[:, np.newaxis]
        low.append(predicted - errors)
        high.append(predicted + errors)
    # The 20 % lowest of 180 lower ends and one beyond: 36.2; as many of the upper.
    assert_allclose(intervals[:, 0, 0], np.sort(np.hstack(low))[:, 36 - 1])
    assert_allclose(intervals[:, 1, 0], np.sort(np.hstack(high))[:, -36])


def test_skore_reports_the_scores_of_genes_that_were_held_out(screen):
    train, _ = screen
    given = train["seq"], train["activity"]
    report = recipe("report_with_skore.py", "report_by_gene", "skore")
    found = report(RIDGE, *given, train["gene"])
    expected = cross_val_score(RIDGE, *given, groups=train["gene"], cv=GroupKFold(5))
    assert_allclose(found.metrics.r2(aggregate=None).to_numpy().ravel(), expected)


def test_optuna_finds_settings_on_genes_that_were_held_out(screen):
    train, _ = screen
    given = train["seq"], train["activity"]
    search = recipe("search_with_optuna.py", "search", "optuna")
    study = search(NETWORK, *given, train["gene"], n_trials=3)
    assert len(study.trials) == 3
    best = clone(NETWORK)
    best[-1].set_params(**study.best_params)
    scores = cross_val_score(best, *given, groups=train["gene"], cv=GroupKFold(5))
    assert study.best_value == max(trial.value for trial in study.trials)
    assert_allclose(study.best_value, scores.mean())
    assert list(study.best_params) == ["window_size", "alpha"]
