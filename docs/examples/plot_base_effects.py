"""
What each base does
===================

Base effects as a heatmap and as a logo, beside the truth that a simulated screen was made
with.
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# A heatmap
# ---------
# The effect of a base at a position is what putting it there adds to the prediction, averaged
# over background guides. ``layout`` names the parts of the context: 10 nt upstream, a spacer
# of 20, a PAM of 3, 10 nt downstream. Positions that hold one letter only in all guides (the
# G that starts the spacer, the GG of the PAM) have no effects.

from sklearn.pipeline import make_pipeline

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.plotting import BaseEffectsDisplay

screen = make_guide_screen(n_guides=3000, n_genes=40, activity_r2=0.7, random_state=0)
model = make_pipeline(
    SequenceOneHotTransformer(), PositionwiseReLURegressor(random_state=0)
).fit(screen.sequences, screen.data["activity"])

BaseEffectsDisplay.from_estimator(model, layout="10+20+3+10", name="network")

# %%
# A logo
# ------
# The same numbers as letters, as tall as their effects; those that lower the activity hang
# below the line. It shows the strongest at a glance, and the weak ones badly.

BaseEffectsDisplay.from_estimator(
    model, kind="logo", layout="10+20+3+10", name="network"
)

# %%
# Counted from the PAM
# --------------------
# Spacers of several lengths, aligned at the PAM, are better numbered from there.

BaseEffectsDisplay.from_estimator(
    model, layout="10+20+3+10", numbering="pam", name="network"
)

# %%
# How near the truth is it?
# -------------------------
# ``base_effects_`` has the numbers, a row a position that varies.

import numpy as np

one_hot, network = model[0], model[-1]
truth = screen.truth.position_effects[one_hot.kept_positions_]
correlation = np.corrcoef(network.base_effects_.ravel(), truth.ravel())[0, 1]
print(f"correlation of learnt and true effects: {correlation:.2f}")
