"""Indices and sizes that compiled code takes for granted are not taken from a file."""

import copy

import numpy as np
import pytest
from sklearn.base import clone

from sgrna_estimator.storage.checks import check_objects
from sgrna_estimator.storage.objects import put_together, take_apart
from tests.baselines.small_models import fit_model


@pytest.fixture(scope="module")
def fitted(guides):
    names = ("network_windows", "gradient_boosting", "mixture_logistic")
    models = {name: fit_model(guides, name) for name in names}
    models["through_mixture"] = fit_model(guides, through_mixture=True)
    return models


def checked(model, change):
    """Check what a file would have, after a change to a copy of the model."""
    model = copy.deepcopy(model)
    change(model)
    check_objects(put_together(take_apart(model))[1])


def test_models_as_they_are_pass(fitted):
    for model in fitted.values():
        checked(model, lambda model: None)


def set_sizes(**sizes):
    def change(model):
        vars(model[-1].networks_[0].architecture).update(sizes)

    return change


def set_columns(**attributes):
    def change(model):
        vars(model[-1].networks_[0].columns).update(attributes)

    return change


def shorten(name):
    def change(model):
        network = model[-1].networks_[0]
        vars(network)[name] = getattr(network, name)[:-1]

    return change


def set_background(model):
    model[-1].networks_[0].background.letters[0, 0] = 200


def make_theta_integers(model):
    network = model[-1].networks_[0]
    vars(network)["theta"] = network.theta.astype(np.int32)


def drop_column(model):
    model[-1].n_features_in_ -= 1


def set_last_column(model):
    model[-1].networks_[0].columns.sequence[-1] = 10**6


def set_covariate(model):
    model[-1].networks_[0].columns.covariates[0] = -1


def drop_covariate_mean(model):
    scaled = model[-1].networks_[0].standardisation
    vars(scaled)["covariate_mean"] = scaled.covariate_mean[:0]


@pytest.mark.parametrize(
    "change",
    [
        set_sizes(n_units=10**6),
        set_sizes(n_units=0),
        set_sizes(window_size=4),
        set_sizes(hidden_layer_sizes=(65,)),
        set_sizes(share_weights=False),
        set_sizes(n_covariates=2),
        set_columns(n_positions=10),
        set_columns(sequence=None),
        shorten("theta"),
        set_background,
        make_theta_integers,
        drop_column,
        set_last_column,
        set_covariate,
        drop_covariate_mean,
    ],
)
def test_a_network_that_would_read_beyond_its_arrays(fitted, change):
    with pytest.raises(ValueError, match=r"network|column|covariate|background"):
        checked(fitted["network_windows"], change)


def set_node(field, value):
    def change(model):
        nodes = model[-1]._predictors[1][0].nodes
        nodes[field][np.flatnonzero(nodes["is_leaf"] == 0)[0]] = value

    return change


def leave_no_node(model):
    tree = model[-1]._predictors[0][0]
    tree.nodes = tree.nodes[:0]


@pytest.mark.parametrize(
    "change",
    [
        set_node("left", 10**6),
        set_node("right", 10**6),
        set_node("left", 0),  # back to itself, for ever
        set_node("feature_idx", 10**6),
        set_node("feature_idx", -1),
        set_node("is_categorical", 1),
        leave_no_node,
    ],
)
def test_a_tree_that_would_read_beyond_its_nodes(fitted, change):
    with pytest.raises(ValueError, match=r"^a tree "):
        checked(fitted["gradient_boosting"], change)


def drop_posterior(fitted, prefix="_"):
    vars(fitted)[f"{prefix}posterior"] = vars(fitted)[f"{prefix}posterior"][:0]


def drop_cells(fitted, prefix="_"):
    cells = vars(fitted)[f"{prefix}cells"]
    vars(fitted)[f"{prefix}cells"] = cells._replace(effect=cells.effect[:, :3])


@pytest.mark.parametrize("change", [drop_posterior, drop_cells])
def test_a_mixture_that_would_read_beyond_its_genes(fitted, change):
    with pytest.raises(ValueError, match=r"^a mixture of another number of genes"):
        checked(fitted["through_mixture"], lambda model: change(model.mixtures_[0]))
    with pytest.raises(ValueError, match=r"^a mixture of another number of genes"):
        checked(
            fitted["mixture_logistic"],
            lambda model: change(model[-1].best_estimator_._fitted, ""),
        )


def test_a_mixture_of_other_labels_than_genes(fitted):
    def add_label(model):
        mixture = model.mixtures_[0]
        vars(mixture._labels)["values"] = np.arange(5)

    with pytest.raises(ValueError, match=r"^a mixture of other genes than it says"):
        checked(fitted["through_mixture"], add_label)

    def lose_gene(model):
        model[-1].best_estimator_.groups_ = model[-1].best_estimator_.groups_[:-1]

    with pytest.raises(ValueError, match=r"^a mixture of another number of genes"):
        checked(fitted["mixture_logistic"], lose_gene)


def test_a_gene_of_no_screen(fitted):
    def move(model):
        model[-1].best_estimator_._fitted.screen_of_gene[:] = 7

    with pytest.raises(ValueError, match="a gene of no screen"):
        checked(fitted["mixture_logistic"], move)


def test_an_unfitted_model_has_nothing_to_check(fitted):
    for model in fitted.values():
        checked(clone(model), lambda model: None)
