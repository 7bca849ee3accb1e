"""README's picture and table: SpCas9 indels of Kim 2019, five folds.

python benchmarks/readme_picture.py docs/figures/readme.png
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from sgrna_estimator import (
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator._models import ACCURATE_SETTINGS, MODELS, make_model
from sgrna_estimator.datasets import fetch_kim2019

N_UPSTREAM, SPACER = 4, 20


def draw_effects(ax, sequences, y):
    encoder = SequenceOneHotTransformer(drop_constant=False)
    network = PositionwiseReLURegressor(**ACCURATE_SETTINGS, random_state=0)
    effects = network.fit(encoder.fit_transform(sequences), y).base_effects_
    # A letter that no guide has at a position (the PAM's) has no effect to show
    seen = encoder.transform(sequences).reshape(len(sequences), -1, 4).any(axis=0)
    shown = np.where(seen, effects, np.nan).T
    limit = np.nanmax(np.abs(shown))
    ax.set_facecolor("0.85")
    image = ax.imshow(shown, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    ax.set_yticks(range(4), list("ACGT"))
    # 1 to 20 is the spacer, so the position before it is -1, and after it comes the PAM
    names = [*range(-N_UPSTREAM, 0), *range(1, len(effects) - N_UPSTREAM + 1)]
    ticks = [i for i, name in enumerate(names) if name in (-4, 1, 5, 10, 15, 20, 26)]
    ax.set_xticks(ticks, [names[i] for i in ticks])
    for edge in (N_UPSTREAM, N_UPSTREAM + SPACER, N_UPSTREAM + SPACER + 3):
        ax.axvline(edge - 0.5, color="black", lw=0.8)
    for centre, text in ((N_UPSTREAM + SPACER / 2, "spacer"), (25.5, "PAM")):
        ax.text(centre - 0.5, -0.62, text, ha="center", va="bottom", fontsize="small")
    ax.set_xlabel("position (1 to 20 is the spacer)")
    ax.figure.colorbar(image, ax=ax, label="effect on indels, %", shrink=0.9)


def main(path):
    data = fetch_kim2019()
    frame = data.sequences.to_frame("sequence")
    names = [name for name, model in MODELS.items() if not model.needs_probabilities]
    models = {
        name: make_model(name, sequence="sequence", random_state=0) for name in names
    }
    result = compare_estimators(models, frame, data.target, n_jobs=2, random_state=0)
    print(result.summary("spearman").round(3).to_string())
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 3.4), width_ratios=(1, 1.35), layout="constrained"
    )
    result.plot(left)
    draw_effects(right, data.sequences, data.target)
    right.set_title("What each base does, network_windows\n", fontsize="medium")
    figure.savefig(path, dpi=130)


if __name__ == "__main__":
    main(*sys.argv[1:])
