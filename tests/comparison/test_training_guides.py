"""Which guides a fitted model has learnt from, itself or through its prior."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    GuideLayout,
    MixtureTargetRegressor,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.comparison.training_guides import (
    CannotTellError,
    find_training_guides,
)
from sgrna_estimator.sequences.spacer_hashes import hash_texts

LAYOUT = GuideLayout.parse("10+20+3+10")
OWN, OF_PRIOR = slice(100, 160), slice(0, 60)


def encoder(layout=LAYOUT):
    names = None if layout is None else layout.position_names()
    return SequenceOneHotTransformer(
        position_names=names, drop_constant=False
    ).set_output(transform="pandas")


def network(screen, rows, layout=LAYOUT, **options):
    model = make_pipeline(
        encoder(layout),
        PositionwiseReLURegressor(max_iter=1, random_state=0, **options),
    )
    return model.fit(screen.sequences[rows], screen.target[rows])


def as_read(pipeline, training_guides=None):
    """Return what is asked of a model that was read from a file."""
    return SimpleNamespace(pipeline=pipeline, training_guides=training_guides)


def found(model, screen, layout=LAYOUT):
    known = find_training_guides(model, screen.sequences, layout)
    assert known.shape == (len(screen),)
    return np.flatnonzero(known).tolist()


def rows(*slices):
    return [row for each in slices for row in range(each.start, each.stop)]


def test_the_file_knows_the_training_guides_of_any_model(small_screen):
    ridge = make_pipeline(encoder(), Ridge()).fit(
        small_screen.sequences[OWN], small_screen.target[OWN]
    )
    hashes = hash_texts(small_screen.sequences[OWN], LAYOUT)
    assert found(as_read(ridge, hashes), small_screen) == rows(OWN)


def test_a_network_knows_its_training_guides_itself(small_screen):
    model = network(small_screen, OWN)
    assert found(as_read(model), small_screen) == rows(OWN)
    hashes = hash_texts(small_screen.sequences[OF_PRIOR], LAYOUT)
    assert found(as_read(model, hashes), small_screen) == rows(OF_PRIOR, OWN)


def test_guides_of_the_prior_count(small_screen):
    prior = FrozenEstimator(network(small_screen, OF_PRIOR))
    model = network(small_screen, OWN, prior=prior)
    assert found(as_read(model), small_screen) == rows(OF_PRIOR, OWN)


def test_a_network_behind_a_mixture_is_found(small_screen):
    model = MixtureTargetRegressor(
        make_pipeline(encoder(), PositionwiseReLURegressor(max_iter=1, random_state=0))
    ).fit(small_screen.sequences[OWN], small_screen.data["log2fc"][OWN])
    assert found(as_read(model), small_screen) == rows(OWN)


def test_guides_are_known_by_their_spacer(small_screen):
    model = as_read(network(small_screen, OWN))
    spacers = small_screen.sequences.str[10:30].str.lower()
    other = "T" * 10 + spacers + "T" * 13
    known = find_training_guides(model, other, LAYOUT)
    assert np.flatnonzero(known).tolist() == rows(OWN)


def test_what_cannot_be_told(small_screen):
    without = make_pipeline(SequenceOneHotTransformer(), Ridge()).fit(
        small_screen.sequences, small_screen.target
    )
    for layout in (None, LAYOUT):
        with pytest.raises(CannotTellError, match="its file does not say which guides"):
            found(as_read(without), small_screen, layout)
    # position 1 is not where the spacer begins
    numbered_from_start = as_read(network(small_screen, OWN, layout=None))
    with pytest.raises(CannotTellError, match=r"not numbered as 10\+20\+3\+10"):
        found(numbered_from_start, small_screen)
    known = as_read(network(small_screen, OWN))
    with pytest.raises(CannotTellError, match="which --layout says"):
        found(known, small_screen, layout=None)
    with pytest.raises(CannotTellError, match="30 positions, but not all"):
        found(known, small_screen, layout=GuideLayout.parse("4+20+3+3"))


def test_a_prior_that_does_not_know_its_guides(small_screen):
    source = network(small_screen, OF_PRIOR)
    source[-1].networks_ = tuple(
        each.having_seen(None) for each in source[-1].networks_
    )
    model = network(small_screen, OWN, prior=FrozenEstimator(source))
    own = hash_texts(small_screen.sequences[OWN], LAYOUT)
    with pytest.raises(CannotTellError, match="which guides its prior has learnt from"):
        found(as_read(model, own), small_screen)
