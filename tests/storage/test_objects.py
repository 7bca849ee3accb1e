"""Objects are taken apart and put together as they were, and no others."""

import json
import math
import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator.network.optimizers import OptimizerState
from sgrna_estimator.storage.objects import (
    Parts,
    bytes_of,
    describe_arrays,
    put_together,
    read_arrays,
    take_apart,
)

PADDED = np.dtype({"names": ["a"], "formats": ["f4"], "offsets": [4]})


def through(thing):
    """Return a thing after it was text and bytes."""
    parts = take_apart(thing)
    described = [parts.value, parts.objects, describe_arrays(parts.arrays)]
    value, objects, arrays = json.loads(json.dumps(described, allow_nan=False))
    again, _ = put_together(
        Parts(value, objects, read_arrays(arrays, bytes_of(parts.arrays)))
    )
    return again


@pytest.mark.parametrize(
    "thing",
    [
        None,
        True,
        -(10**30),
        0.1,
        -0.0,
        5e-324,
        math.inf,
        "Σ \ud800 \n",
        [],
        (),
        {},
        [1, (2, [3.0, None])],
        {"a": {"b": ()}, "c": [{}]},
        {1: "number", None: "none", (2, "x"): "tuple"},
        {"@array": 0},  # what looks like a mark is a dict all the same
        {"@array": 0, "more": 1},
        slice(0, -1, None),
        np.float32,
        np.dtype("<f4"),
        np.dtype([("left", "<u4"), ("is_leaf", "|u1")]),
    ],
    ids=repr,
)
def test_values(thing):
    again = through(thing)
    assert repr(again) == repr(thing)
    assert type(again) is type(thing)


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(6)[::2],
        np.empty((0, 4), dtype=np.float32),
        np.array([np.nan, -0.0, np.inf]),
        np.array([True, False]),
        np.array(["ACGT", "x"]),
        np.array([1, 2], dtype=">i2"),
        np.array(["2001-01-01"], dtype="datetime64[D]"),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array([["a", None], [1.5, "b"]], dtype=object),
    ],
    ids=repr,
)
def test_arrays(array):
    again = through(array)
    assert_array_equal(again, array)
    assert again.dtype == array.dtype
    assert np.isfortran(again) == np.isfortran(array)
    assert again.flags.writeable
    assert again.flags.aligned
    if not array.dtype.hasobject:
        assert again.tobytes() == array.tobytes()


def test_arrays_of_lists():
    array = np.empty(2, dtype=object)
    array[:] = [[1, 2], [3, 4]]
    again = through(array)
    assert again.shape == (2,)
    assert again.tolist() == [[1, 2], [3, 4]]


def test_masked_arrays_and_scalars():
    masked = through(np.ma.MaskedArray([1.0, 2.0], [False, True]))
    assert masked.tolist() == [1.0, None]
    for scalar in (np.float64(0.1), np.uint64(2**64 - 1), np.str_("A"), np.bool_(True)):
        again = through(scalar)
        assert type(again) is type(scalar)
        assert again == scalar


def test_what_is_one_thing_stays_one_thing():
    scaler, array = StandardScaler(), np.arange(3.0)
    first, second, third, fourth = through([scaler, scaler, array, array])
    assert first is second
    assert third is fourth
    assert len(take_apart([array, array]).arrays) == 1


def test_objects_that_refer_to_each_other():
    outer, inner = StandardScaler(), StandardScaler()
    outer.inner, inner.outer = inner, outer
    again = through(outer)
    assert again.inner.outer is again


def test_an_id_that_is_used_again_is_not_the_thing_before():
    scaler = StandardScaler()
    values = [np.full(3, float(i)) for i in range(50)]
    # masked arrays make their data anew, at an address that was free
    scaler.masked = [np.ma.MaskedArray(each) for each in values]
    again = through(scaler)
    for masked, each in zip(again.masked, values, strict=True):
        assert_array_equal(masked.data, each)


@pytest.mark.parametrize(
    ("thing", "where", "what"),
    [
        (print, "the model", "a builtins.builtin_function_or_method"),
        ({"a": [0, os]}, r"a\[1\]", "a builtins.module"),
        (StandardScaler, "the model", "<class .*StandardScaler.>"),
        ({"a": {1}}, "a", "a builtins.set"),
        (b"bytes", "the model", "a builtins.bytes"),
        (np.random.RandomState(0), "the model", "a numpy.random.mtrand.RandomState"),
        ([np.array([print], dtype=object)], r"\[0\]\[0\]", "a builtins.builtin"),
        (np.rec.array([(1,)]), "the model", "a numpy.*recarray"),
        (np.zeros(1, dtype=PADDED), "the model", "a numpy.ndarray"),
        (
            make_pipeline(StandardScaler(copy=lambda: 1)),
            r"steps\[0\]\[1\].copy",
            "a builtins.function",
        ),
    ],
)
def test_what_cannot_be_kept_is_named_with_its_place(thing, where, what):
    with pytest.raises(TypeError, match=f"^{where} is {what}.*, which a model file"):
        take_apart(thing)


# What no one wrote --------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "sgrna_estimator.storage.objects._Reader",
        "sklearn.linear_model._logistic.LogisticRegression",
        "StandardScaler",
        "",
    ],
)
def test_other_types_are_not_imported(name):
    with pytest.raises(ValueError, match="which is not read"):
        put_together(Parts({"@object": 0}, [{"type": name, "state": {}}], []))
    with pytest.raises(ValueError, match="which is not read"):
        put_together(Parts({"@named": [name, []]}, [], []))


def test_neither_init_nor_setstate_runs(monkeypatch):
    def run(*args):
        raise AssertionError("code ran")

    name = "sgrna_estimator.network.optimizers.OptimizerState"
    for method in ("__init__", "__setstate__", "__setattr__"):
        monkeypatch.setattr(OptimizerState, method, run, raising=False)
    made, _ = put_together(
        Parts({"@object": 0}, [{"type": name, "state": {"clock": 3}}], [])
    )
    assert vars(made) == {"clock": 3}


@pytest.mark.parametrize(
    "value",
    [
        {"@unheard_of": 1},
        {"@array": 0},
        {"@object": 0},
        {"@tuple": [], "more": 1},
        {"@float": "x"},
        {"@dtype": "|O"},
        {"@dtype": "|V0"},
        {"@object_array": [[2], [1]]},
        {"@dict": [[[], 1]]},
    ],
    ids=str,
)
def test_values_that_nothing_is_taken_apart_to(value):
    with pytest.raises((ValueError, KeyError, IndexError, TypeError)):
        put_together(Parts(value, [], []))


@pytest.mark.parametrize(
    ("description", "content"),
    [
        ({"shape": [3]}, bytes(16)),
        ({"shape": [1]}, bytes(16)),
        ({"shape": [-1]}, bytes(16)),
        ({"shape": [2.0]}, bytes(16)),
        ({"shape": [True, 2]}, bytes(16)),
        ({"dtype": "|O"}, bytes(16)),
        ({"dtype": [["a", "|O"]]}, bytes(16)),
        ({"dtype": "|V0"}, b""),
    ],
)
def test_descriptions_that_do_not_fit_their_bytes(description, content):
    whole = {"dtype": "<f8", "shape": [2], "order": "C"} | description
    with pytest.raises(ValueError, match=r"an array of|arrays of"):
        read_arrays([whole], content)
