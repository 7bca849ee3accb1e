"""The recipes of docs/beyond_one_machine.rst on two processes: results of one machine."""

import runpy
import warnings
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
    compile_scorer,
)
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.sequences.codes import SequenceError

distributed = pytest.importorskip("distributed", reason="needs Dask")

RECIPES = Path(__file__).parents[1] / "docs" / "recipes"
NETWORK = PositionwiseReLURegressor(
    window_size=2, n_units=4, hidden_layer_sizes=(8,), max_iter=3, random_state=0
)
MODEL = make_pipeline(SequenceOneHotTransformer(), NETWORK)


@pytest.fixture(scope="module")
def client():
    """Two processes that fit and score, as on two machines."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.wait_for_workers(2)
        yield client


@pytest.fixture
def cluster(client):
    """The processes, with Python's own filters of warnings.

    scikit-learn hands those of the tests, which make errors of warnings, to the workers
    with each fit, and they may stay. Dask 2026.8 has calls that pandas 3.1 warns of.
    """
    client.run(warnings.simplefilter, "default")


@pytest.fixture(scope="module")
def screen(small_screen):
    return small_screen.data


@pytest.fixture
def parquet(screen, tmp_path):
    """A data set of four files, one of them without guides."""
    folder = tmp_path / "guides"
    folder.mkdir()
    cuts = 0, 100, 100, 170, len(screen)
    for number, (start, end) in enumerate(pairwise(cuts)):
        screen[start:end].to_parquet(folder / f"part.{number}.parquet", index=False)
    return folder


def recipe(file, function):
    """Return a function of a recipe, which workers get as they get one of a script."""
    return runpy.run_path(str(RECIPES / file))[function]


@pytest.mark.usefixtures("cluster")
def test_scores_of_partitions(screen, parquet, tmp_path):
    model = clone(MODEL).fit(screen["seq"], screen["activity"])
    score_dataset = recipe("score_parquet.py", "score_dataset")
    score_dataset(model, parquet, tmp_path / "scored")
    files = sorted((tmp_path / "scored").glob("*.parquet"))
    assert len(files) == 4
    scored = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    assert_array_equal(scored["score"], compile_scorer(model).score(screen["seq"]))
    assert_frame_equal(scored.drop(columns="score"), screen, check_dtype=False)


@pytest.mark.usefixtures("cluster")
def test_a_guide_that_cannot_be_scored_is_named(screen, parquet, tmp_path):
    model = clone(MODEL).fit(screen["seq"], screen["activity"])
    screen[:5].assign(seq="ACGT").to_parquet(parquet / "part.4.parquet", index=False)
    score_dataset = recipe("score_parquet.py", "score_dataset")
    with pytest.raises(SequenceError, match="of length 4 in rows 1"):
        score_dataset(model, parquet, tmp_path / "scored")


@pytest.mark.usefixtures("cluster")
def test_a_search(screen):
    grid = {"positionwisereluregressor__alpha": [1, 8]}
    given = screen["seq"], screen["activity"]
    search = recipe("compare_on_cluster.py", "search_on_cluster")
    there = search(MODEL, grid, *given, screen["gene"])
    here = GridSearchCV(MODEL, grid, cv=GroupKFold(5)).fit(
        *given, groups=screen["gene"]
    )
    assert there.best_params_ == here.best_params_
    for name, values in here.cv_results_.items():
        if not name.endswith("_time"):
            assert_array_equal(there.cv_results_[name], values)
    assert_array_equal(there.predict(given[0]), here.predict(given[0]))


@pytest.mark.usefixtures("cluster")
def test_a_comparison(screen):
    models = {"network": MODEL, "ridge": make_model("ridge", sequence="seq")}
    X = screen[["seq"]]
    compare = recipe("compare_on_cluster.py", "compare_on_cluster")
    there = compare(models, X, screen["activity"], screen["gene"])
    here = compare_estimators(
        models, X, screen["activity"], groups=screen["gene"], random_state=0
    )
    assert_frame_equal(there.predictions_, here.predictions_)
    assert_frame_equal(there.summary(), here.summary())


@pytest.mark.usefixtures("cluster")
def test_training_on_partitions(screen, parquet):
    (parquet / "part.1.parquet").unlink()  # has no guides
    train = recipe("train_on_partitions.py", "train_on_partitions")
    there = train(clone(NETWORK), parquet)
    encoder = SequenceOneHotTransformer(drop_constant=False).fit(screen["seq"])
    X, y, here = encoder.transform(screen["seq"]), screen["activity"], clone(NETWORK)
    for _ in range(here.max_iter):
        for part in (slice(0, 100), slice(100, 170), slice(170, None)):
            here.partial_fit(X[part], y[part])
    assert_array_equal(there.predict(screen["seq"]), here.predict(X))
