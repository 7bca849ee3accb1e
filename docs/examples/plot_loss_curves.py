"""
Is it trained enough, or too much?
==================================

Training and validation loss of a network, with guides of other genes as validation set.
"""

# %%
# Validation by gene
# ------------------
# Set whole genes aside, encode both parts with what was learnt from the first, and hand the
# second to ``fit``.

from sklearn.model_selection import GroupShuffleSplit

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.plotting import LossCurveDisplay

screen = make_guide_screen(
    n_guides=2000, n_genes=40, interaction_sd=1.0, activity_r2=0.7, random_state=0
)
y = screen.data["activity"]
splitter = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=0)
train, validation = next(splitter.split(screen.sequences, y, screen.groups))

one_hot = SequenceOneHotTransformer().fit(screen.sequences[train])
X_train = one_hot.transform(screen.sequences[train])
X_val = one_hot.transform(screen.sequences[validation])


def fit(**parameters):
    network = PositionwiseReLURegressor(
        window_size=5, n_units=16, max_iter=40, random_state=0, **parameters
    )
    return network.fit(X_train, y[train], X_val=X_val, y_val=y[validation])


# %%
# With the default penalty and dropout
# ------------------------------------
# The training loss is measured with dropout on, the validation loss without.

LossCurveDisplay.from_estimator(fit(), name="default")

# %%
# Without either
# --------------
# The training loss goes on falling, and that of guides of other genes rises again: the network
# learns its guides by heart.

LossCurveDisplay.from_estimator(fit(alpha=0, dropout=0), name="no penalty, no dropout")

# %%
# Stopping early
# --------------
# ``early_stopping=True`` keeps the weights of the epoch with the lowest validation loss, and ends
# the fit when it has not been lowered for a while.

stopped = fit(alpha=0, dropout=0, early_stopping=True)
print(f"stopped after {stopped.n_iter_} epochs")
