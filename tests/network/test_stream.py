"""What is known of the whole of which partial_fit sees parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from sgrna_estimator.network import defaults
from sgrna_estimator.network.optimizers import step_sizes
from sgrna_estimator.network.rows import CHUNK_ROWS, GuideRows
from sgrna_estimator.network.stream import Stream, fingerprints, in_even_batches
from sgrna_estimator.network.training import Settings


def guide_rows(n, *, seed=0, n_covariates=0):
    rng = np.random.default_rng(seed)
    letters = rng.integers(0, 5, (n, 6), dtype=np.uint8)
    covariates = rng.normal(size=(n, n_covariates)).astype(np.float32)
    return GuideRows(letters, None, covariates)


def after_parts(parts, rows, y, weight):
    stream = Stream.empty()
    for part in parts:
        stream = stream.knowing(rows.subset(part), y[part], weight[part])
    return stream


@given(st.data())
def test_each_guide_counts_once_however_often_it_comes(data):
    n = data.draw(st.integers(1, 12))
    drawn = st.lists(st.integers(0, n - 1), min_size=1, max_size=8, unique=True)
    parts = [np.array(part) for part in data.draw(st.lists(drawn, max_size=10))]
    rows = guide_rows(n, n_covariates=1)
    weight = np.arange(n) / 4
    stream = after_parts(parts, rows, np.zeros(n), weight)
    seen = sorted(set().union(*map(np.ndarray.tolist, parts)))
    assert stream.n_guides == len(seen) == len(stream.known)
    assert stream.total_weight == weight[seen].sum()
    assert (stream.known[:-1] < stream.known[1:]).all()


def test_equal_rows_of_one_part_are_as_many_guides():
    # as in a fit to them
    rows, twice = guide_rows(5), np.repeat(np.arange(5), 2)
    stream = after_parts([twice, twice], rows, np.zeros(5), np.full(5, 3.0))
    assert (stream.n_guides, stream.total_weight) == (10, 30)


def test_a_guide_that_was_measured_twice_is_two():
    rows = guide_rows(5)
    stream = Stream.empty().knowing(rows, np.zeros(5), np.ones(5))
    assert stream.knowing(rows, np.ones(5), np.ones(5)).n_guides == 10


# Fingerprints -------------------------------------------------------------------------


def test_fingerprints_differ_wherever_rows_do():
    n = 20_000  # several blocks of rows
    assert n > 2 * CHUNK_ROWS
    rows, y = guide_rows(n, n_covariates=2), np.random.default_rng(1).normal(size=n)
    found = fingerprints(rows, y)
    assert len(np.unique(found)) == n
    backwards = np.arange(n)[::-1]
    assert_array_equal(fingerprints(rows.subset(backwards), y[::-1]), found[::-1])
    for column in range(6):
        letters = rows.letters.copy()
        letters[:, column] ^= 1
        changed = fingerprints(GuideRows(letters, None, rows.covariates), y)
        assert (changed != found).all()
    covariates = np.nextafter(rows.covariates, np.float32(np.inf))
    assert (fingerprints(GuideRows(rows.letters, None, covariates), y) != found).all()
    assert (fingerprints(rows, np.nextafter(y, np.inf)) != found).all()


def test_fingerprints_of_numbers_are_the_same_dense_and_sparse():
    values = np.random.default_rng(0).normal(size=(50, 7))
    values[:, ::2] = 0
    none, y = np.empty((50, 0), dtype=np.float32), np.zeros(50)
    dense = fingerprints(GuideRows(None, values, none), y)
    assert len(np.unique(dense)) == 50
    assert_array_equal(
        fingerprints(GuideRows(None, sparse.csr_array(values), none), y), dense
    )


# Batches ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_guides", "n_steps"), [(1, 1), (64, 1), (130, 3), (640, 10)]
)
def test_every_guide_of_a_part_counts_like_one_of_a_full_batch(n_guides, n_steps):
    settings = Settings(
        "identity", "squared_error", 1.0, "adam", "cosine", 0.1, 0.5, 64, 8.0, 1000,
        1000.0, 0.0, True, True,
    )  # fmt: skip
    even = in_even_batches(settings, n_guides)
    assert defaults.n_batches(n_guides, even.batch_size) == n_steps
    assert n_guides / n_steps <= even.batch_size < n_guides / n_steps + 1
    assert even.step_share * n_steps == n_guides / 64


# Annealing ----------------------------------------------------------------------------


def steps_of(chunk_sizes, n_passes, n_passes_taken):
    """Return the step sizes of each pass over parts of these sizes, a step a guide."""
    n = sum(chunk_sizes)
    rows, y, weight = guide_rows(n), np.arange(n, dtype=float), np.ones(n)
    ends = np.cumsum(chunk_sizes)
    stream, clock, passes = Stream.empty(), 0, []
    for _ in range(n_passes_taken):
        steps = []
        for end, size in zip(ends, chunk_sizes, strict=True):
            part = slice(end - size, end)
            stream = stream.knowing(rows.subset(part), y[part], weight[part])
            annealing = stream.annealing(size, n_passes, clock, size)
            steps.append(step_sizes("cosine", 1.0, 0.5, clock, size, annealing))
            stream, clock = stream.having_taken(size, n_passes), clock + size
        passes.append(np.concatenate(steps))
    return np.array(passes)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(2, 6))
def test_the_step_falls_with_the_guides_taken_after_the_first_pass(sizes, n_passes):
    first, *others = steps_of(sizes, n_passes, n_passes)
    assert_array_equal(first, 1)
    n = sum(sizes) * (n_passes - 1)
    expected = [(1 + np.cos(np.pi * taken / n)) / 2 for taken in range(n)]
    assert_allclose(np.concatenate(others), expected, atol=1e-6)


@pytest.mark.parametrize("n_passes", [0, 1])
def test_a_single_pass_is_not_annealed(n_passes):
    assert_array_equal(steps_of([3, 4], n_passes, 3), 1)


def test_after_the_last_pass_annealing_begins_again():
    passes = steps_of([3, 4], 3, 7)
    assert_allclose(passes[3:6], passes[:3], atol=1e-6)
    assert_array_equal(passes[6], 1)


def test_guides_that_never_come_again_are_taken_at_the_full_step():
    assert_array_equal(steps_of([5] * 20, 2, 1), 1)


def test_a_restarted_stream_keeps_its_guides():
    rows = guide_rows(8)
    stream = Stream.empty().knowing(rows, np.zeros(8), np.ones(8)).having_taken(8, 3)
    assert stream.n_taken == 8
    restarted = stream.restarted()
    assert restarted.n_taken == 0
    assert restarted.n_guides == restarted.knowing(
        rows, np.zeros(8), np.ones(8)
    ).n_guides == 8  # fmt: skip
