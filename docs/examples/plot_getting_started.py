"""
A first model of a screen
=========================

From a table of guides to a comparison with baselines, a fitted model, a picture of what it
has learnt, and scores for new guides.
"""

# %%
# The table
# ---------
# One row a guide: its sequence with context, what was measured, and the gene it is made for.
# This one is simulated; :func:`~sgrna_estimator.datasets.load_table` reads your own.

from sgrna_estimator.datasets import make_guide_screen

screen = make_guide_screen(
    n_guides=1200, n_genes=30, interaction_sd=1.0, activity_r2=0.7, random_state=0
)
guides = screen.data[["seq", "gene", "activity"]]
guides.head()

# %%
# Is there anything to learn?
# ---------------------------
# Compare models on the same folds, with whole genes held out. The constant predictor is
# always among them. The network is a small one, for speed; :doc:`/settings` has the setting to
# use.

from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    AdjacentPairsTransformer,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)

network = make_pipeline(
    SequenceOneHotTransformer(),
    PositionwiseReLURegressor(window_size=3, n_units=16, random_state=0),
)
alphas = [10, 100, 1000]
models = {
    "ridge": make_pipeline(SequenceOneHotTransformer(), RidgeCV(alphas)),
    "ridge, dinucleotides": make_pipeline(
        SequenceOneHotTransformer(drop_constant=False),
        AdjacentPairsTransformer(),
        RidgeCV(alphas),
    ),
    "network": network,
}
result = compare_estimators(
    models, guides["seq"], guides["activity"], groups=guides["gene"], random_state=0
)
result.summary("spearman")[["estimator", "rank", "mean", "lower", "upper"]]

# %%
# In words:

print("\n".join(result.verdict()))

# %%
# Ridge regression on pairs of letters is the right model here: the simulated screen was made of
# letters and pairs of neighbours. As a picture:

from sgrna_estimator.plotting import ComparisonDisplay

ComparisonDisplay.from_result(result)

# %%
# What does the model look at?
# ----------------------------
# Fit it to all guides, and draw what each base adds at each position. The layout says which
# positions are the spacer and the PAM.

from sgrna_estimator.plotting import BaseEffectsDisplay

network.fit(guides["seq"], guides["activity"])
BaseEffectsDisplay.from_estimator(network, layout="10+20+3+10")

# %%
# Scores for guides that were not measured
# ----------------------------------------

candidates = make_guide_screen(n_guides=5, n_genes=1, random_state=1).sequences
network.predict(candidates).round(2)
