"""The command line's models: what they learn from."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone

from sgrna_estimator.baselines.catalogue import (
    ACCURATE_SETTINGS,
    MANY_GUIDES_SETTINGS,
    MODELS,
    accurate_settings,
    compile_network,
    make_model,
)
from sgrna_estimator.sequences.codes import SequenceError
from tests.baselines.small_models import fit_model, make_guides, quick

PROBABILITY_MODELS = ["fractional_logistic", "network_logistic"]
NETWORKS = [name for name, model in MODELS.items() if model.family == "network"]


@pytest.fixture(scope="module")
def guides():
    return make_guides()


# Models -------------------------------------------------------------------------------


@pytest.mark.parametrize("covariates", [(), ("dist",)])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_starts_from_a_table(guides, name, covariates):
    frame, target = guides
    columns = ["seq", *covariates]
    model = quick(make_model(name, sequence="seq", covariates=covariates))
    model.set_params(
        **{key: 0 for key in model.get_params() if key.endswith("random_state")}
    )
    predictions = clone(model).fit(frame[columns], target).predict(frame[columns])
    assert predictions.shape == (60,)
    assert np.isfinite(predictions).all()
    again = model.fit(frame[columns], target).predict(frame[columns])
    np.testing.assert_array_equal(again, predictions)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_uses_the_covariate_and_the_sequence(guides, name):
    frame, _ = guides
    model = fit_model(guides, name)
    predictions = model.predict(frame)
    farther = model.predict(frame.assign(dist=frame["dist"] + 500))
    other = model.predict(frame.assign(seq=frame["seq"][::-1].to_numpy()))
    assert (farther != predictions).any()
    assert (other != predictions).any()


@pytest.mark.parametrize("name", PROBABILITY_MODELS)
def test_models_for_probabilities_predict_probabilities(guides, name):
    frame, _ = guides
    for dist in (-1e6, 1e6):
        predictions = fit_model(guides, name).predict(frame.assign(dist=dist))
        assert 0 <= predictions.min() <= predictions.max() <= 1
        # the line that ridge regression draws leaves the range there
        line = fit_model(guides, "ridge").predict(frame.assign(dist=dist))
        assert (line < 0).all() or (line > 1).all()


def test_the_models_for_probabilities_are_marked():
    marked = [name for name, model in MODELS.items() if model.target == "probability"]
    assert marked == PROBABILITY_MODELS


def test_pairs_of_letters_are_neighbours_in_the_sequence(guides):
    model = fit_model(guides, "ridge_dinucleotides")
    columns = model[1].named_transformers_
    neighbours = [[position, position + 1] for position in range(11)]
    assert columns["sequence"].pairs_.tolist() == neighbours
    # 12 positions of 4 letters, 11 pairs of 16, and the covariate
    assert model[-1].n_features_in_ == 48 + 176 + 1


@pytest.mark.parametrize(
    "name", sorted(name for name in MODELS if not MODELS[name].keeps_positions)
)
def test_the_other_models_leave_out_what_never_varies(guides, name):
    assert fit_model(guides, name)[-1].n_features_in_ == 44 + 1


TUNED = ["ridge", "ridge_dinucleotides", "lasso", "fractional_logistic"]


def _copies_within_genes():
    """Return 20 genes, each with 20 copies of a guide that says nothing of its target."""
    rng = np.random.default_rng(0)
    letters = rng.choice(list("ACGT"), (20, 12))
    gene = rng.permutation(np.repeat(np.arange(20), 20))
    frame = pd.DataFrame({"seq": ["".join(letters[number]) for number in gene]})
    activity = rng.permutation(np.linspace(0.05, 0.95, 20))[gene]
    return frame, np.clip(activity + rng.normal(0, 0.02, gene.size), 0, 1), gene


def _fit_by_gene(name, frame, target, gene, **how):
    with config_context(enable_metadata_routing=True):
        model = make_model(name, sequence="seq", by_gene=True, **how)
        return model.fit(frame, target, groups=gene)


def _penalty(model):
    """Return how strong the penalty is that was chosen."""
    if hasattr(model[-1], "best_params_"):
        return 1 / model[-1].best_params_["C"]
    return model[-1].alpha_


@pytest.mark.parametrize("name", TUNED)
def test_penalties_are_chosen_on_guides_of_other_genes(name):
    """Folds of rows would choose a weak one, which foretells the copies held out."""
    frame, target, gene = _copies_within_genes()
    by_row = make_model(name, sequence="seq").fit(frame, target)
    assert _penalty(_fit_by_gene(name, frame, target, gene)) > 2 * _penalty(by_row)


@pytest.mark.parametrize("name", TUNED)
def test_penalties_are_chosen_by_gene_behind_a_mixture(name):
    frame, target, gene = _copies_within_genes()
    rng = np.random.default_rng(1)
    log2fc = rng.normal(3.0 * (rng.random(gene.size) < target), 0.5)
    model = _fit_by_gene(name, frame, log2fc, gene, through_mixture=True)
    (mixture,) = model.mixtures_
    probability = mixture.predict_proba(log2fc, groups=gene)
    alone = _fit_by_gene(name, frame, probability, gene)
    assert _penalty(model.regressor_) == _penalty(alone)
    np.testing.assert_array_equal(model.regressor_.predict(frame), alone.predict(frame))


def test_unknown_letters_and_lengths_are_read_as_asked(guides):
    frame, target = guides
    sequences = frame["seq"].str[1:].where(frame.index == 3, frame["seq"])
    sequences[5] = "N" + sequences[5][1:]
    frame = frame.assign(seq=sequences)
    with pytest.raises(SequenceError, match="row 4"):
        fit_model((frame, target))
    with pytest.raises(SequenceError, match="'N'"):
        fit_model((frame, target), align="right")
    model = fit_model((frame, target), align="right", unknown="spread")
    encoded = model[0].transform(frame)
    assert encoded[3, :4].tolist() == [0, 0, 0, 0]
    assert encoded[5, :4].tolist() == [0.25, 0.25, 0.25, 0.25]


@pytest.mark.parametrize(
    ("n_guides", "expected"),
    [
        (None, ACCURATE_SETTINGS),
        (19_999, ACCURATE_SETTINGS),
        (20_000, MANY_GUIDES_SETTINGS),
    ],
)
def test_many_guides_get_a_larger_network(n_guides, expected):
    settings = accurate_settings(n_guides)
    assert settings == expected
    model = make_model("network_windows", sequence="seq", n_guides=n_guides)
    assert settings.items() <= model[-1].get_params().items()
    settings["window_size"] = 9  # what is returned is the caller's
    assert accurate_settings(n_guides) == expected


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"network_windows"}))
def test_the_other_models_do_not_follow_from_the_number_of_guides(name):
    few, many = (
        make_model(name, sequence="seq", n_guides=n_guides)
        for n_guides in (None, 1_000_000)
    )
    assert repr(few.get_params()) == repr(many.get_params())


def test_compile_network_compiles_all_that_the_networks_need(guides):
    from sgrna_estimator.network import kernels, one_hot_kernels

    def compiled():
        return {
            name: kernel.signatures
            for name, kernel in (vars(kernels) | vars(one_hot_kernels)).items()
            if hasattr(kernel, "signatures")
        }

    compile_network()
    before = {name: list(signatures) for name, signatures in compiled().items()}
    if not before:
        pytest.skip("numba does not compile: NUMBA_DISABLE_JIT is set")
    for name in NETWORKS:
        for covariates in ((), ("dist",)):
            fit_model(guides, name, covariates)
    assert compiled() == before


@pytest.mark.parametrize("name", MODELS)
def test_bounds_are_for_the_models_with_a_logistic_output(guides, name):
    frame, target = guides
    model = make_model(name, sequence="seq", bounds=(0, 2))
    if not MODELS[name].takes_bounds:
        # the same model as without
        assert repr(model) == repr(make_model(name, sequence="seq"))
        return
    assert model.bounds == (0, 2)
    if MODELS[name].family == "network":
        given = model.regressor[-1].get_params()
        assert (given["output"], given["loss"]) == ("logistic", "log_loss")
    if not MODELS[name].needs_prior:
        predicted = fit_model((frame, 2 * target), name, bounds=(0, 2)).predict(frame)
        assert 0 <= predicted.min() < predicted.max() <= 2
        assert predicted.max() > 1


def test_which_models_take_bounds():
    takes = {name for name, model in MODELS.items() if model.takes_bounds}
    networks = {name for name, model in MODELS.items() if model.family == "network"}
    assert takes == {"fractional_logistic", *networks}


def test_log2_fold_changes_have_no_bounds():
    with pytest.raises(ValueError, match="have no bounds"):
        make_model("network", sequence="seq", through_mixture=True, bounds=(0, 1))
