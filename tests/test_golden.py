"""Predictions that no change of the layout may move.

``python -m tests.test_golden`` writes them anew, after a change that is meant to.
"""

import json
from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    GuideEffectMixture,
    PositionwiseReLUClassifier,
    SequenceOneHotTransformer,
    letter_effects,
)
from sgrna_estimator.baselines.catalogue import MODELS, make_model
from sgrna_estimator.comparison.fit_params import choose_fit_params
from sgrna_estimator.datasets import make_guide_screen

GOLDEN = Path(__file__).with_name("golden.json")
# Processors round differently, and training makes more of it with every epoch.
FEW_EPOCHS = {"max_iter": 3}


def named_model(name, screen):
    guides = screen.data
    with config_context(enable_metadata_routing=True):
        model = make_model(
            name,
            sequence="seq",
            covariates=["distance2TSS"],
            by_gene=True,
            random_state=0,
        )
        if MODELS[name].family == "network":
            model[-1].set_params(**FEW_EPOCHS)
        is_mixture = MODELS[name].target == "log2fc"
        target = guides["log2fc" if is_mixture else "mixture_probs"]
        groups = choose_fit_params(name, model, {"groups": screen.groups})
        model.fit(guides[["seq", "distance2TSS"]], target, **groups)
    return model.predict(guides[["seq", "distance2TSS"]][:4])


def through_mixture(screen):
    with config_context(enable_metadata_routing=True):
        model = make_model(
            "ridge", sequence="seq", through_mixture=True, by_gene=True, random_state=0
        )
        model.fit(screen.data[["seq"]], screen.data["log2fc"], groups=screen.groups)
    return model.predict(screen.data[["seq"]][:4])


def guide_effects(screen):
    mixture = GuideEffectMixture().fit(screen.data["log2fc"], groups=screen.groups)
    return mixture.predict_proba(screen.data["log2fc"][:4], groups=screen.groups[:4])


def classifier(screen):
    network = PositionwiseReLUClassifier(
        window_size=3, n_units=4, random_state=0, solver="sgd", **FEW_EPOCHS
    )
    model = make_pipeline(SequenceOneHotTransformer(sparse_output=True), network)
    model.fit(screen.sequences, screen.target > 0.5)
    effects = letter_effects(model).values
    return [*model.predict_proba(screen.sequences[:2])[:, 1], *effects[10:12].ravel()]


NAMES = [name for name, model in MODELS.items() if not model.needs_prior]
CASES = {
    **{name: lambda screen, name=name: named_model(name, screen) for name in NAMES},
    "through the mixture": through_mixture,
    "guide effects": guide_effects,
    "classifier and its effects": classifier,
}


@pytest.mark.parametrize("case", CASES)
def test_predictions_are_what_they_were(case, small_screen):
    expected = json.loads(GOLDEN.read_text())[case]
    expected = [float("nan") if each is None else each for each in expected]
    assert_allclose(CASES[case](small_screen), expected, rtol=1e-5, atol=1e-6)


def _write():
    screen = make_guide_screen(n_guides=240, n_genes=12, random_state=0)
    found = {
        case: [None if each != each else float(each) for each in make(screen)]
        for case, make in CASES.items()
    }
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    _write()
