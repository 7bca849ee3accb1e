"""Fitted models, and guides that they have not seen, for the tests of the room."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer

# Positions 4 and 5 hold a G each in training: the encoder drops them.
LENGTH, DROPPED = 11, [3, 4]
WINDOWS = {"window_size": 3, "n_units": 4}
HIDDEN = WINDOWS | {"hidden_layer_sizes": (6,)}
DEEP = WINDOWS | {"hidden_layer_sizes": (70, 5), "share_weights": True}


def make_guides(n=60, seed=0, letters="ACGT", length=LENGTH):
    rng = np.random.default_rng(seed)
    guides = rng.choice(list(letters), (n, length))
    guides[:, DROPPED] = "G"
    return ["".join(guide) for guide in guides]


GUIDES = make_guides()
ACTIVITY = np.random.default_rng(1).normal(5, 2, len(GUIDES))
NEW = make_guides(200, seed=2)
FRAME = pd.DataFrame(
    {
        "distance": np.random.default_rng(3).normal(1e4, 3e3, len(GUIDES)),
        "seq": GUIDES,
        "gc": np.random.default_rng(4).random(len(GUIDES)),
    }
)
NEW_FRAME = pd.DataFrame(
    {
        "seq": NEW,
        "gc": np.random.default_rng(5).random(len(NEW)),
        "distance": np.random.default_rng(6).normal(1e4, 3e3, len(NEW)),
    }
)


def network(**options):
    return PositionwiseReLURegressor(
        **{"alpha": 0.1, "max_iter": 3, "random_state": 0} | options
    )


def fit(model, guides=GUIDES, y=ACTIVITY, **encoding):
    """Fit a model of guides behind an encoder."""
    return make_pipeline(SequenceOneHotTransformer(**encoding), model).fit(guides, y)


SCALED = ("scaled", StandardScaler(), ["distance"])


def fit_with_covariates(model, others=SCALED, y=ACTIVITY):
    """Fit a model of guides, of a scaled covariate and of one that is passed through."""
    columns = ColumnTransformer(
        [
            others,
            ("sequence", SequenceOneHotTransformer(), "seq"),
            ("as it is", "passthrough", ["gc"]),
        ]
    )
    return make_pipeline(columns, model).fit(FRAME, y)


def check_equal(scores, predictions):
    """Assert that scores are predictions, but for rounding."""
    spread = max(np.std(predictions), 1e-3)
    assert scores.dtype == np.float64
    assert_allclose(scores, predictions, rtol=0, atol=1e-5 * spread)
