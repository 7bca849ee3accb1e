"""
How many guides does a prior save?
==================================

A network that begins from another screen's, against the same network from scratch: the score
against the number of own guides says how many a lab has to measure.
"""

# %%
# Two screens with the same effects
# ---------------------------------
# 3,000 guides of one screen, and 750 of another, of other genes. What the second measures has
# to do with the same letters, but is lower where the spacer has many Ts.

import pandas as pd
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
    learning_curve,
    summarise_learning_curve,
)
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.plotting import PriorGainDisplay

both = make_guide_screen(
    n_guides=3750, n_genes=75, interaction_sd=1.0, activity_r2=0.6, random_state=0
)
X, y, genes = both.sequences, both.data["activity"], both.groups
X_source, y_source = X[:3000], y[:3000]
X_own, own_genes = X[3000:], genes[3000:]
n_thymines = both.data["guide"][3000:].str.count("T")
y_own = y[3000:] - 0.4 * n_thymines

# %%
# With the prior, without it, and the prior as it is
# --------------------------------------------------
# Columns of the prior are found by their names, so encoders name the positions. With
# ``max_iter=0`` the prior is only put on the scale of the target.


def network(**parameters):
    encoder = SequenceOneHotTransformer(
        drop_constant=False, position_names=both.layout.position_names()
    )
    return make_pipeline(
        encoder.set_output(transform="pandas"),
        PositionwiseReLURegressor(random_state=0, **parameters),
    )


windows = {"window_size": 3, "n_units": 16}
prior = FrozenEstimator(network(**windows).fit(X_source, y_source))
models = {
    "from scratch": network(**windows),
    "from the prior": network(prior=prior),
    "prior": network(prior=prior, max_iter=0),
}
result = compare_estimators(
    *(models, X_own, y_own),
    groups=own_genes,
    repeats=1,  # a page is built sooner; the usual five tell more
    baseline="from scratch",
    random_state=0,
)
columns = ["estimator", "mean", "difference", "difference_lower", "difference_upper"]
result.summary("spearman")[[*columns, "p_adjusted"]].round(3)

# %%
# With fewer own guides
# ---------------------
# The same folds, with fewer and fewer of their training guides. The prior as it is needs none:
# it is shown at size 0, as a line.

smallest = min(len(train) for train, _ in result.splits_)
as_it_is = learning_curve(
    {"prior": models.pop("prior")},
    X_own,
    y_own,
    splits=result.splits_,
    sizes=[smallest],
)
curve = learning_curve(
    models,
    *(X_own, y_own),
    splits=result.splits_,
    sizes=[75, 150, 300, smallest],
    random_state=0,
)

# %%

rows = pd.concat([as_it_is.assign(size=0), curve])
summary = summarise_learning_curve(rows, splits=result.splits_)
PriorGainDisplay.from_summary(summary)

# %%
# The prior as it is ranks guides about as well as a network from scratch with 150 guides.
# Training from it goes on from there. With all 600 guides its lead is within noise, as the table
# above says: there is little left for a prior to bring.
#
# ``sgrna-estimator compare --prior kim2019 --report report.html`` draws this for a screen of
# yours.
