"""Search and compare with the fits spread over a Dask cluster."""

import joblib
from dask.distributed import get_client
from joblib.parallel import SequentialBackend
from sklearn.model_selection import GridSearchCV, GroupKFold

from sgrna_estimator import compare_estimators


def fits_on_cluster():
    """Return a context in which each fit is one task of the cluster.

    On the workers joblib would cut a fit into tasks again (of a ColumnTransformer, say),
    which Dask may lose: what it calls "dask" there runs them one after the other.
    """
    register = joblib.register_parallel_backend
    get_client().run(register, "dask", SequentialBackend)
    return joblib.parallel_config(backend="dask")


def search_on_cluster(model, grid, X, y, groups):
    search = GridSearchCV(model, grid, cv=GroupKFold(5))
    with fits_on_cluster():
        return search.fit(X, y, groups=groups)


def compare_on_cluster(models, X, y, groups):
    with fits_on_cluster():
        return compare_estimators(models, X, y, groups=groups, random_state=0)
