"""Fitted models to write, and files to refuse."""

import json

from sgrna_estimator.storage import FittedModel
from sgrna_estimator.storage.frame import pack
from sgrna_estimator.storage.summary import summarise_guides
from tests.baselines.small_models import fit_model


def fitted_model(guides, name="ridge", **changes):
    frame, target = guides
    settings = {
        "name": name,
        "sequence": "seq",
        "target": "activity",
        "covariates": ["dist"],
        "unknown": "error",
        "align": None,
        "random_state": 0,
        "tables": ["screen.tsv"],
        "summary": summarise_guides(frame["seq"], target),
    } | changes
    if "pipeline" not in settings:
        settings["pipeline"] = fit_model(guides, name)
    return FittedModel(**settings)


def described(path):
    """Return what a model file describes, and the bytes of its arrays."""
    _, text, arrays = path.read_bytes().split(b"\n", 2)
    return json.loads(text), arrays


def forge(path, description, arrays=b""):
    """Write a file whose lengths and checksum are right, whatever is in it."""
    path.write_bytes(pack(json.dumps(description).encode() + b"\n", arrays))
    return path
