"""
Comparing models, and when nothing is there to find
===================================================

The same comparison on a screen with signal and on one that is all noise. The second is what
an honest comparison is for.
"""

# %%
# A screen with signal
# --------------------
# Two models on the same folds, with whole genes held out. Points are folds. The bar is a
# confidence interval that allows for training sets that overlap.

from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.plotting import ComparisonDisplay

models = {
    "ridge": make_pipeline(SequenceOneHotTransformer(), RidgeCV([10, 100, 1000])),
    "network": make_pipeline(
        SequenceOneHotTransformer(), PositionwiseReLURegressor(random_state=0)
    ),
}


def compare(screen):
    return compare_estimators(
        models,
        screen.sequences,
        screen.data["activity"],
        groups=screen.groups,
        random_state=0,
    )


clear = compare(make_guide_screen(n_guides=1000, n_genes=25, random_state=0))
ComparisonDisplay.from_result(clear)

# %%

print("\n".join(clear.verdict()))

# %%
# A screen of noise
# -----------------
# ``activity_r2=0`` makes an activity that has nothing to do with the sequence. The squared
# error is the metric in which the constant predictor can be compared: it has no ranking.

noise = compare(
    make_guide_screen(n_guides=1000, n_genes=25, activity_r2=0, random_state=0)
)
ComparisonDisplay.from_result(noise, metric="mse")

# %%

print("\n".join(noise.verdict()))

# %%
# The numbers behind it: the difference to the baseline, its interval and its p value,
# adjusted for the number of models.

columns = ["estimator", "mean", "difference", "difference_lower", "difference_upper"]
noise.summary("mse")[[*columns, "p_adjusted"]].round(3)
