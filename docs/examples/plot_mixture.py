"""
Which guides are active?
========================

From log2 fold changes, whose size is mostly the gene's, to the probability that a guide works.
"""

# %%
# Two kinds of guides
# -------------------
# Guides that do nothing scatter around zero, and active ones around the effect of their gene.
# :class:`~sgrna_estimator.GuideEffectMixture` finds both from log2 fold changes and genes.

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.plotting import MixtureDisplay

screen = make_guide_screen(n_guides=1500, n_genes=30, random_state=0)
log2fc, gene = screen.data["log2fc"], screen.groups
mixture = GuideEffectMixture().fit(log2fc, groups=gene)

MixtureDisplay.from_estimator(mixture, log2fc, groups=gene, name="all 30 genes")

# %%
# One gene
# --------
# A gene's own effect and its own share of active guides say how to judge its guides.

MixtureDisplay.from_estimator(mixture, log2fc, groups=gene, group="gene03")

# %%
# Probabilities
# -------------
# They are comparable between genes, and are what a model of sequences should learn.

probability = mixture.predict_proba(log2fc, groups=gene)
table = screen.data[["gene", "guide", "log2fc"]].assign(probability=probability)
table.groupby("gene").head(1).head(6).round(2)

# %%
# In a simulation the truth is known:

right = ((probability > 0.5) == screen.truth.active).mean()
print(f"{right:.0%} of the guides are on the right side of 0.5")

# %%
# From there to sequences
# -----------------------
# The probabilities are the target. :doc:`/mixtures` has the model that learns both at once.

from sgrna_estimator import FractionalLogisticRegression, SequenceOneHotTransformer
from sgrna_estimator.metrics import spearman_score

X = SequenceOneHotTransformer().fit_transform(screen.sequences)
train = gene < "gene21"
model = FractionalLogisticRegression(C=0.03).fit(X[train], probability[train])
rank = spearman_score(screen.truth.log_odds[~train], model.predict(X[~train]))
print(f"Spearman correlation with the true log-odds, genes held out: {rank:.2f}")
