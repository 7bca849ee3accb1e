"""Whether two runs with other seeds pick the same guides.

    python benchmarks/design.py

Networks of the recommended setting are fitted to Kim 2019 with several seeds. Each picks
four guides in each of ten random regions of 2,000 bases, without terminators; counted are
the picks of 40 that two seeds share, over all pairs of seeds and several draws of regions.
"""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd
from _common import describe_machine, print_table

from sgrna_estimator import GuideLayout
from sgrna_estimator.baselines.catalogue import make_model
from sgrna_estimator.datasets import fetch_kim2019
from sgrna_estimator.design.guides import design_guides
from sgrna_estimator.storage import FittedModel
from sgrna_estimator.storage.summary import summarise_guides

LAYOUT = GuideLayout.parse("SpCas9")
N_SEEDS = 6
N_DRAWS = 10
N_REGIONS, REGION_LENGTH, TOP = 10, 2000, 4


def fit(screen, n_networks, seed):
    frame = screen.sequences.to_frame("seq")
    model = make_model(
        "network_windows",
        sequence="seq",
        n_networks=n_networks,
        n_guides=len(frame),
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(frame, screen.target)
    return FittedModel(
        name="network_windows",
        pipeline=model,
        sequence="seq",
        target="indel",
        covariates=[],
        unknown="error",
        align=None,
        random_state=seed,
        tables=[],
        summary=summarise_guides(screen.sequences, screen.target),
    )


def draw_regions(seed):
    rng = np.random.default_rng(seed)
    return {
        f"region{number}": "".join(rng.choice(list("ACGT"), REGION_LENGTH))
        for number in range(N_REGIONS)
    }


def picks_of(fitted, sequences):
    guides = design_guides(fitted, sequences.items(), LAYOUT, top=TOP).guides
    picks = guides[guides["pick"].notna()]
    return set(picks[["region", "start", "strand"]].itertuples(index=False, name=None))


def main():
    describe_machine()
    screen = fetch_kim2019()
    draws = [draw_regions(seed) for seed in range(N_DRAWS)]
    rows = {}
    for n_networks in (1, 5, 8):
        # Networks of an estimator have seeds of their own, drawn from its seed.
        models = [fit(screen, n_networks, seed) for seed in range(N_SEEDS)]
        shared = [
            len(one & other)
            for sequences in draws
            for one, other in combinations(
                [picks_of(model, sequences) for model in models], 2
            )
        ]
        rows[n_networks] = {
            "mean": np.mean(shared),
            "sd": np.std(shared),
            "least": min(shared),
            "most": max(shared),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("networks")
    n_comparisons = N_DRAWS * N_SEEDS * (N_SEEDS - 1) // 2
    print_table(
        table,
        f"Picks of {N_REGIONS * TOP} that two seeds share ({n_comparisons} comparisons)",
    )


if __name__ == "__main__":
    main()
