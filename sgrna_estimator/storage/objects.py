"""Fitted objects <-> plain values and arrays, of which none is code.

Values are those of JSON. What JSON lacks is an object of one key that begins with
``@`` and says what it is: ``{"@array": 3}`` is the fourth array, ``{"@object": 0}`` the
first object. Objects are kept in a list, each as the name of its type and its
attributes, so that two that refer to each other, or to a third, do so again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator.storage.trusted import TRUSTED_TYPES

_REGRESSOR = "sgrna_estimator.network.regressor.PositionwiseReLURegressor"
_CLASSIFIER = "sgrna_estimator.network.classifier.PositionwiseReLUClassifier"
_BOUNDED = "sgrna_estimator.network.bounded_target.BoundedTargetRegressor"
_BEHIND_MIXTURE = "sgrna_estimator.mixtures.target.MixtureTargetRegressor"
_BOOSTING = (
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting."
    "HistGradientBoostingRegressor"
)
_REQUESTS = "sklearn.utils._metadata_requests."

# What is left out, because it is there to train on or to show progress: the optimiser's
# moments are twice as many as the parameters.
_LEFT_OUT = {
    (_REGRESSOR, "_trainees"),
    (_REGRESSOR, "_stream"),
    (_REGRESSOR, "_skl_callbacks"),
    (_CLASSIFIER, "_trainees"),
    (_CLASSIFIER, "_stream"),
    (_CLASSIFIER, "_skl_callbacks"),
    (_BOUNDED, "_skl_callbacks"),
    (_BEHIND_MIXTURE, "_skl_callbacks"),
    (_BOOSTING, "_feature_subsample_rng"),
}

# What a file has nothing of: the model that a network began from, and the estimator that
# a request for metadata names in messages.
_REPLACED = {
    (_REGRESSOR, "prior"),
    (_CLASSIFIER, "prior"),
    (_REQUESTS + "MetadataRequest", "owner"),
    (_REQUESTS + "MethodMetadataRequest", "owner"),
}

_PLAIN = (type(None), bool, int, str)


class Parts(NamedTuple):
    """An object taken apart.

    Attributes
    ----------
    value : object
        It, as JSON has it.
    objects : list of dict
        The objects in it: the name of each one's ``type``, and its ``state``.
    arrays : list of ndarray
        The arrays in it. None is of objects.
    """

    value: Any
    objects: list[dict[str, Any]]
    arrays: list[NDArray]


def type_name(kind: type) -> str:
    """Return where a type is, as `TRUSTED_TYPES` names it."""
    return f"{kind.__module__}.{kind.__qualname__}"


# Taking apart -------------------------------------------------------------------------


def take_apart(thing: Any) -> Parts:
    """Take an object apart.

    Parameters
    ----------
    thing : object
        Of the types of JSON, of numpy's, and of `TRUSTED_TYPES`.

    Returns
    -------
    Parts

    Raises
    ------
    TypeError
        If there is anything else in it; the message says where.
    """
    writer = _Writer()
    return Parts(writer.value(thing, ""), writer.objects, writer.arrays)


class _Writer:
    """Collects the objects and arrays, each once."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.arrays: list[NDArray] = []
        # By id, which is nobody else's while there is the thing: arrays are in the list
        # above, and objects in what is taken apart.
        self._numbers: dict[int, int] = {}

    def value(self, thing: Any, where: str) -> Any:
        """Return what stands for a thing; `where` it is, for messages."""
        kind = type(thing)
        if kind in _PLAIN:
            return thing
        if kind is float:
            return thing if math.isfinite(thing) else {"@float": repr(thing)}
        if kind is list:
            return self._values(thing, where)
        if kind is tuple:
            return {"@tuple": self._values(thing, where)}
        if kind is dict:
            return self._dict(thing, where)
        if kind is slice:
            parts = [thing.start, thing.stop, thing.step]
            return {"@slice": self._values(parts, where)}
        if isinstance(thing, np.ndarray | np.generic | np.dtype | type):
            return self._of_numpy(thing, where)
        return self._object(thing, where)

    def _values(self, things: Sequence[Any], where: str) -> list[Any]:
        return [self.value(each, f"{where}[{i}]") for i, each in enumerate(things)]

    def _dict(self, things: Mapping[Any, Any], where: str) -> dict[str, Any]:
        if all(type(key) is str and not key.startswith("@") for key in things):
            return {
                key: self.value(each, f"{where}.{key}") for key, each in things.items()
            }
        pairs = [[key, value] for key, value in things.items()]
        return {"@dict": self._values(pairs, where)}

    def _of_numpy(self, thing: Any, where: str) -> dict[str, Any]:
        if isinstance(thing, np.dtype):
            return {"@dtype": _describe_dtype(thing)}
        if isinstance(thing, type):
            if not issubclass(thing, np.generic):
                raise _cannot_keep(thing, where)
            return {"@scalar_type": np.dtype(thing).str}
        if isinstance(thing, np.ma.MaskedArray):
            mask = np.ma.getmaskarray(thing)
            return {"@masked": self._values([thing.data, mask], where)}
        if isinstance(thing, np.generic):
            return {"@scalar": self._array(np.asarray(thing), where)}
        if type(thing) is not np.ndarray:
            raise _cannot_keep(thing, where)
        if thing.dtype.hasobject:
            values = self._values(thing.ravel().tolist(), where)
            return {"@object_array": [list(thing.shape), values]}
        return {"@array": self._array(thing, where)}

    def _array(self, array: NDArray, where: str) -> int:
        if id(array) in self._numbers:
            return self._numbers[id(array)]
        dtype = array.dtype
        if dtype.hasobject or _read_dtype(_describe_dtype(dtype)) != dtype:
            raise _cannot_keep(array, where)
        self.arrays.append(array)
        self._numbers[id(array)] = len(self.arrays) - 1
        return self._numbers[id(array)]

    def _object(self, thing: Any, where: str) -> dict[str, Any]:
        name = type_name(type(thing))
        if name not in TRUSTED_TYPES:
            raise _cannot_keep(thing, where)
        if isinstance(thing, tuple):  # named: made from its fields
            return {"@named": [name, self._values(thing, where)]}
        if id(thing) in self._numbers:
            return {"@object": self._numbers[id(thing)]}
        state: dict[str, Any] = {}
        self.objects.append({"type": name, "state": state})
        number = self._numbers[id(thing)] = len(self.objects) - 1
        for attribute, each in getattr(thing, "__dict__", {}).items():
            if (name, attribute) in _LEFT_OUT:
                continue
            if (name, attribute) in _REPLACED:
                each = None
            state[attribute] = self.value(each, f"{where}.{attribute}")
        return {"@object": number}


def _cannot_keep(thing: Any, where: str) -> TypeError:
    what = thing if isinstance(thing, type) else f"a {type_name(type(thing))}"
    return TypeError(
        f"{where.lstrip('.') or 'the model'} is {what}, which a model file cannot hold"
    )


# Putting together ---------------------------------------------------------------------


def put_together(parts: Parts) -> tuple[Any, list[Any]]:
    """Make an object of its parts; no code of theirs runs.

    Parameters
    ----------
    parts : Parts

    Returns
    -------
    thing : object
        What was taken apart.
    objects : list of object
        All objects in it.

    Raises
    ------
    ValueError
        If a type is not among `TRUSTED_TYPES`, or the parts are not what `take_apart`
        makes (or, where they are odd, another exception).
    """
    reader = _Reader(parts)
    for made, each in zip(reader.objects, parts.objects, strict=True):
        # Neither __init__ nor __setstate__: attributes, and nothing else.
        if state := {key: reader.value(value) for key, value in each["state"].items()}:
            vars(made).update(state)
    return reader.value(parts.value), reader.objects


class _Reader:
    """Makes values again; its objects are without attributes at first."""

    def __init__(self, parts: Parts) -> None:
        kinds: list[Any] = [_find_type(each["type"]) for each in parts.objects]
        self.objects = [kind.__new__(kind) for kind in kinds]
        self._arrays = parts.arrays

    def value(self, value: Any) -> Any:
        """Return what a value stands for."""
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if not isinstance(value, dict):
            return value
        [tag, *others] = value or [""]
        if not tag.startswith("@"):
            return {key: self.value(each) for key, each in value.items()}
        if others:
            raise ValueError(f"{tag} beside {others[0]}")
        content = value[tag]
        if tag == "@object":
            return self.objects[content]
        if tag == "@array":
            return self._arrays[content]
        if tag == "@scalar":
            return self._arrays[content][()]
        if tag in _MADE_OF_TEXT:
            return _MADE_OF_TEXT[tag](content)
        return _MADE_OF_VALUES[tag](self.value(content))


def _find_type(name: str) -> type:
    if name not in TRUSTED_TYPES:
        raise ValueError(f"a {name}, which is not read")
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def _make_named(content: list[Any]) -> tuple:
    name, fields = content
    return _find_type(name)._make(fields)  # type: ignore[attr-defined]


def _make_object_array(content: list[Any]) -> NDArray:
    shape, values = content
    if math.prod(shape) != len(values):  # before memory is taken
        raise ValueError(f"{len(values)} values for an array of shape {shape}")
    array = np.empty(len(values), dtype=object)
    for number, each in enumerate(values):  # at once, numpy would look into lists
        array[number] = each
    return array.reshape(shape)


_MADE_OF_TEXT: dict[str, Callable[[Any], Any]] = {
    "@float": float,
    "@dtype": lambda text: _read_dtype(text),
    "@scalar_type": lambda text: _read_dtype(text).type,
}
_MADE_OF_VALUES: dict[str, Callable[[Any], Any]] = {
    "@tuple": tuple,
    "@dict": dict,
    "@slice": lambda parts: slice(*parts),
    "@masked": lambda parts: np.ma.MaskedArray(*parts),
    "@named": _make_named,
    "@object_array": _make_object_array,
}


# Arrays <-> bytes ---------------------------------------------------------------------


def describe_arrays(arrays: Sequence[NDArray]) -> list[dict[str, Any]]:
    """Return what `read_arrays` must know of arrays beside their bytes.

    Parameters
    ----------
    arrays : sequence of ndarray

    Returns
    -------
    list of dict
        ``dtype``, ``shape`` and ``order`` (``"C"`` or ``"F"``) of each.
    """
    return [
        {
            "dtype": _describe_dtype(array.dtype),
            "shape": list(array.shape),
            "order": "F" if np.isfortran(array) else "C",
        }
        for array in arrays
    ]


def bytes_of(arrays: Sequence[NDArray]) -> bytes:
    """Return the values of arrays, one array after the other.

    Parameters
    ----------
    arrays : sequence of ndarray

    Returns
    -------
    bytes
    """
    return b"".join(array.tobytes("A") for array in arrays)


def read_arrays(
    descriptions: Sequence[dict[str, Any]], content: bytes
) -> list[NDArray]:
    """Return arrays of their bytes.

    Parameters
    ----------
    descriptions : sequence of dict
        As of `describe_arrays`.
    content : bytes
        As of `bytes_of`.

    Returns
    -------
    list of ndarray

    Raises
    ------
    ValueError
        If the descriptions are of more or fewer bytes; no memory is taken before.
    """
    dtypes = [_read_dtype(each["dtype"]) for each in descriptions]
    counts = [_count(each["shape"]) for each in descriptions]
    sizes = [n * dtype.itemsize for n, dtype in zip(counts, dtypes, strict=True)]
    if sum(sizes) != len(content):
        raise ValueError(f"arrays of {sum(sizes)} bytes in {len(content)}")
    arrays, start = [], 0
    for each, dtype, n, size in zip(descriptions, dtypes, counts, sizes, strict=True):
        flat = np.frombuffer(content, dtype, n, start) if n else np.empty(0, dtype)
        arrays.append(flat.reshape(each["shape"], order=each["order"]).copy("A"))
        start += size
    return arrays


def _count(shape: list[int]) -> int:
    if not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"an array of shape {shape}")
    return math.prod(shape)


def _describe_dtype(dtype: np.dtype) -> Any:
    return dtype.descr if dtype.names else dtype.str


def _read_dtype(text: Any) -> np.dtype:
    dtype = np.dtype(
        [tuple(field) for field in text] if isinstance(text, list) else text
    )
    if dtype.hasobject or dtype.itemsize == 0:
        raise ValueError(f"an array of {dtype}")
    return dtype
