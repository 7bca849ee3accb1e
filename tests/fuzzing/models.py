"""Model files whose inside is made up, and the small models that they are made of."""

import json
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd

from sgrna_estimator import datasets
from sgrna_estimator.cli.decision_file import write_decision
from sgrna_estimator.comparison.decision import Decision
from sgrna_estimator.scoring.calibration import Calibration
from sgrna_estimator.storage.frame import pack, unpack
from tests.baselines.small_models import fit_model, make_guides
from tests.fuzzing.mutations import with_changes, with_other_bytes
from tests.storage.models import fitted_model

# Of the catalogue, and others that are read by other lines: `_VARIANTS`.
NAMES = ("ridge", "gradient_boosting", "network", "mixture_logistic")
_N_CANDIDATES = 5


@cache
def fitted(name):
    """Return a small model."""
    make = _VARIANTS.get(name)
    return fitted_model(make_guides(), name) if make is None else make(make_guides())


def _with_intervals(guides):
    frame, target = guides
    model = fitted("ridge")
    predicted = model.predict(frame)["prediction"].to_numpy()
    return fitted_model(
        guides,
        pipeline=model.pipeline,
        calibration=Calibration(predicted, target.to_numpy(), None),
    )


def _bounded(guides):
    pipeline = fit_model(guides, "fractional_logistic", bounds=(-1, 3))
    return fitted_model(guides, "fractional_logistic", pipeline=pipeline)


def _aligned(guides):
    reading = {"unknown": "spread", "align": "right"}
    return fitted_model(guides, pipeline=fit_model(guides, **reading), **reading)


def _through_mixture(guides):
    return fitted_model(guides, pipeline=fit_model(guides, through_mixture=True))


_VARIANTS = {
    "with_intervals": _with_intervals,
    "bounded": _bounded,
    "aligned": _aligned,
    "through_mixture": _through_mixture,
}


@cache
def _parts(name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.sgrna"
        fitted(name).write(path)
        text, arrays = unpack(path)
    return json.loads(text), arrays


def contents():
    """Return the bytes of a valid file, the smallest."""
    text, arrays = _parts("bounded")
    return [pack(json.dumps(text).encode() + b"\n", arrays)]


def forged(choices):
    """Return a file that is right outside, but not inside."""
    text, arrays = _parts(choices.of([*NAMES, *_VARIANTS]))
    how = choices.below(8)
    if how == 0:
        arrays = with_other_bytes(arrays, choices)
    elif how == 1:
        text = with_changes(text, choices)
    elif how == 2:
        text = text | {"model": with_changes(text["model"], choices)}
    else:
        text = text | {"objects": [*text["objects"]]}
        number = choices.below(len(text["objects"]))
        each = text["objects"][number]
        text["objects"][number] = each | {"state": with_changes(each["state"], choices)}
    return pack(json.dumps(text).encode() + b"\n", arrays)


def candidates(model):
    """Return guides of training, which a model that can be read should predict."""
    frame, _ = make_guides()
    frame = frame.head(_N_CANDIDATES)
    return pd.concat([frame["seq"], *(frame["dist"] for _ in model.covariates)], axis=1)


@cache
def screen():
    return datasets.make_guide_screen(n_guides=20, n_genes=2, random_state=0)


@cache
def decision():
    """Return what a decision file of `screen` holds."""
    found = Decision("yes", "Yes.", "ridge", "Use ridge.", "spearman", 0.4, 0.3, 0.5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decision.json"
        write_decision(found, screen(), path)
        return json.loads(path.read_text(encoding="utf-8"))
