"""
Searching parameters, with genes kept together
==============================================

A grid search over a whole pipeline. Folds by gene, so that the parameters are not chosen for
recognising a gene's guides.
"""

# %%
# One pipeline from text to prediction
# ------------------------------------
# Names of parameters are those of scikit-learn: the step, two underscores, the parameter.

import pandas as pd
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.metrics import spearman_scorer

screen = make_guide_screen(
    n_guides=1200, n_genes=30, interaction_sd=1.0, activity_r2=0.7, random_state=0
)
model = make_pipeline(
    SequenceOneHotTransformer(),
    PositionwiseReLURegressor(
        n_units=16, share_weights=True, max_iter=30, random_state=0
    ),
)
search = GridSearchCV(
    model,
    {
        "positionwisereluregressor__window_size": [1, 3, 5],
        "positionwisereluregressor__alpha": [2, 8, 32],
    },
    scoring=spearman_scorer,
    cv=GroupKFold(4),
).fit(screen.sequences, screen.data["activity"], groups=screen.groups)

# %%
# What was best, and by how much
# ------------------------------
# Look at the spread over folds before believing a difference.

table = pd.DataFrame(search.cv_results_).rename(
    columns=lambda name: name.removeprefix("param_positionwisereluregressor__")
)
columns = ["window_size", "alpha", "mean_test_score", "std_test_score"]
table[columns].sort_values("mean_test_score", ascending=False).round(3)

# %%
# The search is a model itself
# ----------------------------
# It was refitted to all guides with the best parameters, and takes sequences.

search.predict(screen.sequences[:3]).round(2)

# %%
# All of it in one picture
# ------------------------
# The score of the winner flatters it, because it was picked for it. For a clean one, hand the
# search to :func:`~sgrna_estimator.compare_estimators` like any other estimator.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
styles = zip(["o", "s", "D"], [0.94, 1.0, 1.06], strict=True)
for (marker, shift), (size, rows) in zip(
    styles, table.groupby("window_size"), strict=True
):
    ax.errorbar(
        rows["alpha"].astype(float) * shift,
        rows["mean_test_score"],
        rows["std_test_score"],
        marker=marker,
        capsize=3,
        label=f"windows of {size}",
    )
ax.set_xscale("log")
ax.set_xticks([2, 8, 32], ["2", "8", "32"])
ax.minorticks_off()
ax.set_xlabel("alpha")
ax.set_ylabel("Spearman correlation")
figure.legend(loc="outside right upper", title="mean and sd\nof 4 folds", frameon=False)
