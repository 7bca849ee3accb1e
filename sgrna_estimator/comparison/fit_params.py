"""What each estimator's `fit` is given beside X and y."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import get_config
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.pipeline import Pipeline
from sklearn.utils import (
    column_or_1d,
)
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.validation import has_fit_parameter

_ARGUMENTS = ("X", "y", "groups")


def check_metadata(
    params: Mapping[str, Any] | None, groups: ArrayLike | None, n_guides: int
) -> dict[str, NDArray]:
    """Return what `fit` may be given beside X and y: an entry a guide, by name."""
    metadata = {}
    for name, values in (params or {}).items():
        if name in _ARGUMENTS:
            raise ValueError(f"params must not hold {name!r}, which is an argument")
        shape = np.shape(values)
        if shape not in ((n_guides,), (n_guides, 1)):
            raise ValueError(
                f"params[{name!r}] must hold one entry a guide: expected shape "
                f"{(n_guides,)}, got {shape}"
            )
        metadata[name] = column_or_1d(values)
    return metadata if groups is None else {"groups": np.asarray(groups), **metadata}


def choose_fit_params(name: str, estimator: Any, metadata: Mapping[str, Any]) -> dict:
    """Return those of the metadata that this estimator's fit takes.

    As scikit-learn routes them if routing is on. If it is off, `fit` takes what it has
    a parameter for, and a pipeline what the `fit` of its last step has.
    """
    if get_config()["enable_metadata_routing"]:
        router = MetadataRouter(owner="compare_estimators").add(
            estimator=estimator,
            method_mapping=MethodMapping().add(caller="fit", callee="fit"),
        )
        try:
            routed = router.route_params(caller="fit", params=metadata)
        except UnsetMetadataPassedError as error:
            raise ValueError(f"estimator {name!r}: {error}") from error
        return dict(routed["estimator"]["fit"])
    if isinstance(estimator, Pipeline):
        step, last = estimator.steps[-1]
        prefix = f"{step}__"
    else:
        last, prefix = estimator, ""
    return {
        f"{prefix}{key}": values
        for key, values in metadata.items()
        if has_fit_parameter(last, key)
    }


def check_all_used(
    metadata: Mapping[str, Any], fit_params: dict[str, dict[str, Any]]
) -> None:
    """Raise if there is metadata that no estimator is given."""
    # The arrays themselves: routing may give them to fit under another name.
    taken = {id(values) for given in fit_params.values() for values in given.values()}
    unused = [
        name
        for name, values in metadata.items()
        if name not in _ARGUMENTS and id(values) not in taken
    ]
    if unused:
        raise ValueError(
            f"params holds {unused[0]!r}, which no estimator's fit asks for; there are "
            f"{', '.join(fit_params)}"
        )
