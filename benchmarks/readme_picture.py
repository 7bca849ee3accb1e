"""README's picture and table: SpCas9 indels of Kim 2019, five folds.

python benchmarks/readme_picture.py docs/figures/readme.png
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from sgrna_estimator import compare_estimators
from sgrna_estimator.baselines.catalogue import MODELS, make_model
from sgrna_estimator.datasets import fetch_kim2019
from sgrna_estimator.plotting import BaseEffectsDisplay


def main(path):
    data = fetch_kim2019()
    frame = data.sequences.to_frame("sequence")
    names = [
        name
        for name, model in MODELS.items()
        if model.target == "any" and not model.needs_prior
    ]
    models = {
        name: make_model(name, sequence="sequence", random_state=0) for name in names
    }
    result = compare_estimators(models, frame, data.target, n_jobs=2, random_state=0)
    print(result.summary("spearman").round(3).to_string())
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 3.4), width_ratios=(1, 1.35), layout="constrained"
    )
    result.plot(left)
    BaseEffectsDisplay.from_estimator(
        models["network_windows"].fit(frame, data.target),
        layout="4+20+3+3",
        name="What each base does, network_windows",
        target_name="indels, %",
        ax=right,
    )
    figure.savefig(path, dpi=130)


if __name__ == "__main__":
    main(*sys.argv[1:])
