"""Every public docstring says what it takes, returns and means (numpydoc's rules)."""

import inspect

import pytest
from numpydoc.validate import validate

import sgrna_estimator
from sgrna_estimator import datasets, exceptions, metrics, plotting, sites, storage

LEFT_OUT = {
    "ES01",  # an extended summary: not everything needs one
    "EX01",  # an example: the classes and the main functions have one, run as a doctest
    "GL01",  # the summary on the line of the quotes: ruff's convention
    "GL08",  # reported for attributes without a docstring of their own
    "RT02",  # scikit-learn names what fit returns
    "RT03",  # a description of a return value that its type already says
    "RT04",  # capital letters and full stops of short descriptions
    "RT05",
    "PR08",
    "PR09",
    "SA01",  # a "See Also"
    "SA04",
    "SS05",  # an infinitive verb: ruff's D401 checks the imperative
    "SS06",  # one line: long names need two
    "YD01",
}
# Made by functions; they document attributes instead of parameters.
RESULTS = {"sgrna_estimator.ComparisonResult", "sgrna_estimator.storage.FittedModel"}


def public_names():
    modules = {"sgrna_estimator": sgrna_estimator, "datasets": datasets}
    modules |= {"metrics": metrics, "exceptions": exceptions, "plotting": plotting}
    modules |= {"sites": sites, "storage": storage}
    for name, module in modules.items():
        path = name if name == "sgrna_estimator" else f"sgrna_estimator.{name}"
        for public in module.__all__:
            thing = getattr(module, public)
            if inspect.ismodule(thing) or not callable(thing):
                continue
            if not thing.__module__.startswith("sgrna_estimator"):
                continue  # a scorer is an object of scikit-learn's
            yield f"{path}.{public}"
            if inspect.isclass(thing):
                ours = [c for c in thing.__mro__ if c.__module__.startswith("sgrna_")]
                methods = {
                    name
                    for c in ours
                    for name, value in vars(c).items()
                    if callable(value) or isinstance(value, property | classmethod)
                }
                for method in methods:
                    # scikit-learn writes the methods that request metadata
                    if not method.startswith("_") and not method.endswith("_request"):
                        yield f"{path}.{public}.{method}"


@pytest.mark.parametrize("name", sorted(set(public_names())))
def test_docstring(name):
    left_out = LEFT_OUT | ({"PR01"} if name in RESULTS else set())
    errors = [
        f"{code}: {message}"
        for code, message in validate(name)["errors"]
        if code not in left_out
    ]
    assert not errors
