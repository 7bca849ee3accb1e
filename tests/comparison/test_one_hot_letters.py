"""Letters are read off one-hot columns, named or not, and off nothing else."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from sgrna_estimator import AdjacentPairsTransformer, SequenceOneHotTransformer
from sgrna_estimator.comparison.one_hot_letters import read_letters

RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 4, (60, 8)).astype(np.uint8)
TEXTS = ["".join("ACGT"[code] for code in row) for row in CODES]
COVARIATES = RNG.normal(size=(60, 3))


def encode(texts=TEXTS, **options):
    encoder = SequenceOneHotTransformer(drop_constant=False, **options)
    return encoder.fit_transform(texts)


@pytest.mark.parametrize(
    "beside",
    [
        lambda X: X,
        lambda X: X.astype(bool),
        lambda X: np.hstack([X, COVARIATES]),
        lambda X: np.hstack([COVARIATES, X]),
        lambda X: np.hstack([COVARIATES[:, :1] > 0, X, COVARIATES > 0]),
        sparse.csr_array,
        lambda X: sparse.csc_matrix(np.hstack([X, COVARIATES])),
        lambda X: pd.DataFrame(np.hstack([X, COVARIATES])),
    ],
)
def test_blocks_of_four_columns_are_found_beside_covariates(beside):
    codes, n_letters = read_letters(beside(encode()))
    assert n_letters == 4
    assert_array_equal(codes, CODES)


def test_names_say_which_columns_are_sequence():
    encoder = SequenceOneHotTransformer(unknown="spread", drop_constant=False)
    encoder.set_output(transform="pandas")
    X = encoder.fit_transform([*TEXTS[:-1], "N" + TEXTS[-1][1:]])
    table = pd.DataFrame({"dose": COVARIATES[:, 0]}).join(X).assign(gene="a")
    codes, n_letters = read_letters(table)
    expected = CODES.copy()
    expected[-1, 0] = 4
    assert n_letters == 4
    assert_array_equal(codes, expected)
    assert read_letters(table.drop(columns="3_C")) is None


@pytest.mark.parametrize(
    "X",
    [
        TEXTS,
        pd.DataFrame({"seq": TEXTS}),
        COVARIATES,
        encode()[:, :8],  # two positions of a guide
        AdjacentPairsTransformer().fit_transform(encode()),
        RNG.integers(0, 2, (60, 40)),
        sparse.csr_array(RNG.normal(size=(60, 40)) > 2),
    ],
)
def test_other_columns_are_no_letters(X):
    assert read_letters(X) is None
