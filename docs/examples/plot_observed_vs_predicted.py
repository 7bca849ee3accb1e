"""
Observed against predicted activity
===================================

What a correlation looks like, for guides of genes that the model has not seen.
"""

# %%
# Out-of-fold predictions
# -----------------------
# Every guide is predicted by a model that was not trained on it, nor on other guides of its
# gene.

from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.plotting import ObservedVsPredictedDisplay

screen = make_guide_screen(n_guides=900, n_genes=30, activity_r2=0.7, random_state=0)
model = make_pipeline(
    SequenceOneHotTransformer(), PositionwiseReLURegressor(random_state=0)
)
result = compare_estimators(
    {"network": model},
    screen.sequences,
    screen.data["activity"],
    groups=screen.groups,
    random_state=0,
)
ObservedVsPredictedDisplay.from_result(result, "network")

# %%
# Against the truth
# -----------------
# In a simulation the log-odds that the sequence makes are known. They are in other units than
# the activity, so there is no line of equality: only the order can be compared. The same seed
# makes a larger screen with the same effects, whose later guides are new.

model.fit(screen.sequences, screen.data["activity"])
new = make_guide_screen(n_guides=3000, n_genes=30, random_state=0)
ObservedVsPredictedDisplay.from_predictions(
    new.truth.log_odds[900:],
    model.predict(new.sequences[900:]),
    same_units=False,
    target_name="log-odds",
    name="guides that were not in the screen",
)
