"""Scores of sites are those of their contexts as text."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sgrna_estimator import compile_scorer
from sgrna_estimator.sites import find_sites, iter_sites
from tests.scoring.models import GUIDES, HIDDEN, WINDOWS, check_equal, fit, network

LAYOUT = "1+2+GG+6"  # as long as the guides, with G at the positions that have no other
CHROMOSOME = "".join(
    np.random.default_rng(0).choice(list("ACGTn"), 3000, p=[0.245] * 4 + [0.02])
)


@pytest.fixture(scope="module")
def sites():
    found = find_sites({"chr1": CHROMOSOME}, LAYOUT)
    assert len(found) > 100
    return found


@pytest.mark.parametrize(
    "encoding", [{}, {"alphabet": "TGCA"}, {"alphabet": "ACGU"}, {"align": "right"}]
)
@pytest.mark.parametrize("settings", [WINDOWS, HIDDEN])
def test_sites_score_as_their_text(sites, settings, encoding):
    model = fit(network(**settings), **encoding)
    scorer = compile_scorer(model)
    texts = [context.decode() for context in sites.sequences()]
    scores = scorer.score(sites)
    assert_array_equal(scores, scorer.score(texts))
    check_equal(scores, model.predict(texts))
    assert_array_equal(scorer.score(sites, n_jobs=2), scores)


def test_sites_of_several_lengths_are_aligned():
    scorer = compile_scorer(fit(network(), [*GUIDES[1:], GUIDES[0][1:]], align="right"))
    sites = find_sites({"chr1": CHROMOSOME}, "0+2+GG+6")
    assert_array_equal(scorer.score(sites), scorer.score(sites.sequences()))


def test_blocks_of_sites_score_as_all_do(sites):
    scorer = compile_scorer(fit(network(n_networks=2)))
    blocks = list(iter_sites({"chr1": CHROMOSOME}, LAYOUT, block_size=7))
    assert not all(map(len, blocks))  # a block without a site has no score
    mean, std = zip(*(scorer.score(b, return_std=True) for b in blocks), strict=True)
    expected = scorer.score(sites, return_std=True)
    assert_array_equal(np.concatenate(mean), expected[0])
    assert_array_equal(np.concatenate(std), expected[1])


def test_sites_of_another_length_are_refused():
    scorer = compile_scorer(fit(network()))
    sites = find_sites({"chr1": CHROMOSOME}, "SpCas9")
    with pytest.raises(
        ValueError, match=r"takes sequences of 11 .* 4\+20\+NGG\+3, of 30"
    ):
        scorer.score(sites)
