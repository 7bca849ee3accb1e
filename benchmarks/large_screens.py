"""What tens of thousands of guides allow: DeepHF (Wang et al. 2019), wild-type SpCas9.

    python benchmarks/large_screens.py [--quick] all
    python benchmarks/large_screens.py search sequence sizes noise kim several folds

Needs LightGBM, and ``deephf2019_train.csv.gz`` in the folder that ``SGRNA_ESTIMATOR_DATA``
names: the screen has no licence, so that nothing downloads it. One table each: settings
tried on the first of five folds; what else is read off the sequence, on that fold; from how
many guides on the larger network is better; several penalties with noise added, and on Kim
2019; five networks with weights for each window on Kim 2019; and all five folds, beside
LightGBM. Seconds are processor time, one thread a fit. ``--quick`` takes 400 guides and two
epochs, to see that everything runs: its figures mean nothing.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _common import print_table
from lightgbm import LGBMRegressor
from sklearn.model_selection import KFold

from sgrna_estimator.baselines.catalogue import (
    ACCURATE_SETTINGS,
    MANY_GUIDES_SETTINGS,
    compile_network,
    make_model,
)
from sgrna_estimator.datasets import fetch_kim2019
from sgrna_estimator.metrics import spearman_score

# What the search began with, and what was changed in it.
FIRST = {"window_size": 5, "n_units": 32, "hidden_layer_sizes": (256,), "alpha": 4}
CHANGES = [
    {},
    *({"window_size": size} for size in (4, 6, 7, 8)),
    *({"n_units": units} for units in (16, 48, 64)),
    {"n_units": 64, "share_weights": True},
    *({"hidden_layer_sizes": sizes} for sizes in ((128,), (512,), (128, 64), (256, 64))),
    *({"alpha": alpha} for alpha in (2, 6, 8)),
    *({"dropout": share} for share in (0.1, 0.3)),
    *({"learning_rate_init": step} for step in (0.002, 0.003, 0.006)),
    {"batch_size": 16, "learning_rate_init": 0.001},
    {"batch_size": 32},
    {"batch_size": 32, "learning_rate_init": 0.002},
    {"batch_size": 128, "learning_rate_init": 0.006},
    {"max_iter": 60},
    {"output": "logistic", "loss": "log_loss"},
    {"n_units": 64, "learning_rate_init": 0.002},
    {"n_units": 64, "learning_rate_init": 0.003},
    {"n_units": 64, "learning_rate_init": 0.002, "batch_size": 32},
    {"n_units": 64, "learning_rate_init": 0.002, "alpha": 8},
    {"n_units": 64, "learning_rate_init": 0.002, "alpha": 16},
]  # fmt: skip

SETTINGS = {
    "below 20,000 guides": ACCURATE_SETTINGS,
    "from 20,000 guides": MANY_GUIDES_SETTINGS,
}
PENALTIES = {
    f"from 20,000 guides, alpha {alpha}": {**MANY_GUIDES_SETTINGS, "alpha": alpha}
    for alpha in (4, 16)
}

# Weights for each window, five networks: tried on the first two folds of Kim 2019.
WIDER = {"n_units": 32, "hidden_layer_sizes": (128,), "learning_rate_init": 0.002}
UNSHARED = {
    "16 units, 64 hidden": {"n_units": 16, "hidden_layer_sizes": (64,)},
    **{f"32 units, 128 hidden, alpha {a}": {**WIDER, "alpha": a} for a in (4, 8, 16)},
}
QUICK = {"n_guides": None, "max_iter": {}}

# What the sequence says beyond its letters ------------------------------------------------

LETTERS = "ACGT"

# Enthalpy (kcal/mol) and entropy (cal/mol/K) of DNA steps: SantaLucia 1998, table 1.
DNA_STEPS = {
    "AA": (-7.9, -22.2), "AT": (-7.2, -20.4), "TA": (-7.2, -21.3), "CA": (-8.5, -22.7),
    "GT": (-8.4, -22.4), "CT": (-7.8, -21.0), "GA": (-8.2, -22.2), "CG": (-10.6, -27.2),
    "GC": (-9.8, -24.4), "GG": (-8.0, -19.9),
}  # fmt: skip
DNA_ENDS = {"A": (2.3, 4.1), "C": (0.1, -2.8), "G": (0.1, -2.8), "T": (2.3, 4.1)}

# Energy (kcal/mol) of RNA pairs on top of each other, in letters of DNA: 5'-AC-3' on
# 3'-TG-5' is "AC/TG". Xia et al. 1998, table 4. Steps with a G-U pair differ little.
RNA_STEPS = {
    "AA/TT": -0.93, "AT/TA": -1.10, "TA/AT": -1.33, "CT/GA": -2.08, "CA/GT": -2.11,
    "GT/CA": -2.24, "GA/CT": -2.35, "CG/GC": -2.36, "GG/CC": -3.26, "GC/CG": -3.42,
}  # fmt: skip
WOBBLE_STEP = -1.0
HAIRPIN_LOOPS = {3: 5.4, 4: 5.6, 5: 5.7, 6: 5.4, 7: 6.0, 8: 5.5, 9: 6.4}
LONG_LOOP = 1.75 * 0.616  # times the logarithm of the length over 9
MISMATCH = -0.8  # of the letters beside the pair that closes a loop of 4 or more
END_PENALTY = 0.45  # of a helix that ends in A-U or G-U
BULGE, SMALL_LOOP = 3.8, 1.5  # of one letter; of one letter on each side

# The guide RNA's first letters after the spacer.
SCAFFOLD = "GTTTTAGAGCTAGAAATAGC"


def as_codes(sequences):
    """Return the letters as numbers, (n_guides, length)."""
    lookup = np.zeros(256, dtype=np.intp)
    lookup[list(LETTERS.encode())] = range(4)
    return lookup[np.array([list(text.encode()) for text in sequences])]


def melting_temperature(codes):
    """Return the nearest-neighbour melting temperature of the spacers on DNA, in C."""
    steps = np.zeros((4, 4, 2))
    for step, values in DNA_STEPS.items():
        first, second = map(LETTERS.index, step)
        steps[first, second] = steps[3 - second, 3 - first] = values
    ends = np.array([DNA_ENDS[letter] for letter in LETTERS])
    enthalpy, entropy = (
        steps[codes[:, :-1], codes[:, 1:]].sum(axis=1)
        + ends[codes[:, 0]] + ends[codes[:, -1]]
    ).T  # fmt: skip
    return 1000 * enthalpy / (entropy + 1.987 * np.log(2.5e-7 / 4)) - 273.15


def rna_steps():
    """Return energies of steps, and of helix ends (infinite where two do not pair).

    Returns
    -------
    steps : ndarray of shape (4, 4, 4, 4)
        By the outer pair, 5' then 3', and the inner pair.
    ends : ndarray of shape (4, 4)
    """
    steps = np.full((4, 4, 4, 4), WOBBLE_STEP)
    for names, energy in RNA_STEPS.items():
        a, b, _, c, d = map(("/" + LETTERS).index, names)
        steps[a - 1, c - 1, b - 1, d - 1] = energy
        steps[d - 1, b - 1, c - 1, a - 1] = (
            energy  # the same, read from the other strand
        )
    ends = np.full((4, 4), np.inf)
    for five, three in ("AT", "TA", "GT", "TG"):
        ends[LETTERS.index(five), LETTERS.index(three)] = END_PENALTY
    for five, three in ("CG", "GC"):
        ends[LETTERS.index(five), LETTERS.index(three)] = 0
    return steps, ends


def hairpin_energy(codes):
    """Return the energy of each guide's most stable hairpin, 0 without any.

    A helix may have bulges of one letter and loops of one letter on each side; there are
    no branches. ``energy[i, j]`` is the lowest of those in which i pairs with j.
    """
    steps, ends = rna_steps()
    n, length = codes.shape
    energy = np.full((length, length, n), np.inf, dtype=np.float32)
    lowest = np.zeros(n, dtype=np.float32)
    for span in range(4, length):
        loop = span - 1
        opened = HAIRPIN_LOOPS.get(loop) or 6.4 + LONG_LOOP * np.log(loop / 9)
        for i in range(length - span):
            j = i + span
            pair = codes[:, i], codes[:, j]
            best = opened + ends[pair] + (MISMATCH if loop > 3 else 0)
            for left, right, extra in ((1, 1, 0), (2, 1, BULGE), (1, 2, BULGE)):
                a, b = i + left, j - right
                if b - a >= 4:
                    stacked = steps[*pair, codes[:, a], codes[:, b]] + extra
                    best = np.minimum(best, energy[a, b] + stacked)
            if span >= 8:
                best = np.minimum(best, energy[i + 2, j - 2] + SMALL_LOOP)
            energy[i, j] = np.where(np.isfinite(ends[pair]), best, np.inf)
            lowest = np.minimum(lowest, energy[i, j] + ends[pair])
    return lowest


def add_covariates(frame):
    """Add what is read off the sequence, in columns."""
    spacer = as_codes(frame["21mer"].str[:20])
    scaffold = np.broadcast_to(as_codes([SCAFFOLD]), (len(spacer), len(SCAFFOLD)))
    frame["GC"] = np.isin(spacer, [1, 2]).mean(axis=1)
    frame["Tm"] = melting_temperature(spacer)
    frame["hairpin"] = hairpin_energy(spacer)
    frame["hairpin with scaffold"] = hairpin_energy(np.hstack([spacer, scaffold]))


HAIRPINS = ["hairpin", "hairpin with scaffold"]
COVARIATES = [["GC", "Tm"], ["hairpin"], ["hairpin with scaffold"], HAIRPINS]


# Measuring ------------------------------------------------------------------------------


def deephf():
    """Return the screen's table, its indel frequencies and five folds."""
    folder = Path(os.environ["SGRNA_ESTIMATOR_DATA"])
    frame = pd.read_csv(folder / "deephf2019_train.csv.gz").dropna(subset="WT")
    assert frame["21mer"].is_unique  # or folds would share guides
    frame = frame[: QUICK["n_guides"]].copy()
    folds = KFold(5, shuffle=True, random_state=0).split(frame)
    return frame, frame["WT"].to_numpy(), list(folds)


def network(sequence, covariates=(), **settings):
    model = make_model(
        "network_windows", sequence=sequence, covariates=covariates, random_state=0
    )
    last = model.steps[-1][0]
    # no setting is left over from the one that the model has by default
    settings = {"share_weights": False, **settings, **QUICK["max_iter"]}
    return model.set_params(**{f"{last}__{name}": settings[name] for name in settings})


def lightgbm(sequence, **settings):
    model = make_model("gradient_boosting", sequence=sequence)
    boosting = LGBMRegressor(random_state=0, n_jobs=1, verbosity=-1, **settings)
    return model.set_params(**{model.steps[-1][0]: boosting})


def fit_and_score(model, frame, y, train, test, truth=None):
    """Return the correlation on the test guides and the seconds of the fit.

    With noise added to `y`, `truth` is the target without.
    """
    start = time.process_time()
    model.fit(frame.iloc[train], y[train])
    seconds = time.process_time() - start
    truth = y if truth is None else truth
    predictions = model.predict(frame.iloc[test])
    return {"Spearman": spearman_score(truth[test], predictions), "seconds": seconds}


def print_rows(rows, title):
    print_table(pd.DataFrame(rows).T, title)


def search():
    frame, y, folds = deephf()
    rows = {}
    for changes in CHANGES:
        model = network("21mer", **FIRST | changes)
        rows[str(changes)] = fit_and_score(model, frame, y, *folds[0])
    print_rows(rows, f"DeepHF, first fold: changes of {FIRST}")


def sequence():
    frame, y, folds = deephf()
    add_covariates(frame)
    rows = {}
    for covariates in ([], *COVARIATES):
        model = network("21mer", covariates, **FIRST)
        rows[", ".join(covariates)] = fit_and_score(model, frame, y, *folds[0])
    print_rows(rows, f"DeepHF, first fold: covariates of {FIRST}")


def sizes():
    frame, y, folds = deephf()
    train, test = folds[0]
    train = np.random.default_rng(0).permutation(train)  # the table is in order
    added = np.random.default_rng(0).normal(scale=y.std(), size=len(y))
    rows = {
        (scale, size, name): fit_and_score(
            network("21mer", **settings),
            frame,
            y + scale * added,
            train[:size],
            test,
            y,
        )
        for scale in (0, 2)
        for size in (5_000, 10_000, 20_000, len(train))
        for name, settings in SETTINGS.items()
    }
    print_rows(rows, "DeepHF, first fold: noise, guides to learn from")


def noise():
    frame, y, folds = deephf()
    rng = np.random.default_rng(0)
    rows = {}
    for scale in (1, 2, 4):
        noisy = y + rng.normal(scale=scale * y.std(), size=len(y))
        reliability = spearman_score(y, noisy)
        for name, settings in (SETTINGS | PENALTIES).items():
            rows[scale, f"{reliability:.2f}", name] = fit_and_score(
                network("21mer", **settings), frame, noisy, *folds[0], y
            )
    print_rows(
        rows,
        "DeepHF, first fold: noise in standard deviations of the target, correlation of "
        "the target with and without it, and of predictions with the one without",
    )


def over_folds(models, frame, y, folds, title):
    """Print the mean over folds, and over the single networks of several."""
    rows = {}
    for name, model in models.items():
        scores, members = [], []
        for train, test in folds:
            scores.append(fit_and_score(model, frame, y, train, test))
            X = model[:-1].transform(frame.iloc[test])
            networks = getattr(model[-1], "networks_", ())
            members += [spearman_score(y[test], net.read_out(X)) for net in networks]
            print(f"  {name}: {scores[-1]}", file=sys.stderr, flush=True)
        mean = pd.DataFrame(scores).mean()
        if len(members) > len(folds):
            per_fold = len(members) // len(folds)
            rows[f"{name}, one of {per_fold}"] = {
                "Spearman": np.mean(members), "seconds": mean["seconds"] / per_fold,
            }  # fmt: skip
            name = f"{name}, mean of {per_fold}"
        rows[name] = mean
    print_rows(rows, title)


def kim_folds():
    """Return the table of Kim 2019, its columns of sequences and indels, and five folds."""
    data = fetch_kim2019()
    frame = data.frame[: QUICK["n_guides"]]
    folds = list(KFold(5, shuffle=True, random_state=0).split(frame))
    return frame, data.sequences.name, data.target[: len(frame)].to_numpy(), folds


def kim():
    frame, sequence, y, folds = kim_folds()
    models = {
        name: network(sequence, **settings)
        for name, settings in (SETTINGS | PENALTIES).items()
    }
    over_folds(models, frame, y, folds, "Kim 2019, five folds")


def several():
    frame, sequence, y, folds = kim_folds()
    models = {
        name: network(sequence, **{"window_size": 5, "n_networks": 5, **settings})
        for name, settings in {"shared": ACCURATE_SETTINGS, **UNSHARED}.items()
    }
    over_folds(models, frame, y, folds[:2], "Kim 2019, first two folds")
    chosen = "shared", "16 units, 64 hidden", "32 units, 128 hidden, alpha 4"
    rest = {name: models[name] for name in chosen}
    over_folds(rest, frame, y, folds[2:], "Kim 2019, the other three folds")


def folds():
    frame, y, splits = deephf()
    add_covariates(frame)
    five = {"n_networks": 5, "n_jobs": 2}
    models = {
        "LightGBM": lightgbm("21mer"),
        "LightGBM, 1,000 trees of 63 leaves": lightgbm(
            "21mer", n_estimators=1000, num_leaves=63
        ),
        "below 20,000 guides": network("21mer", **ACCURATE_SETTINGS),
        "from 20,000 guides, with hairpins": network(
            "21mer", HAIRPINS, **MANY_GUIDES_SETTINGS
        ),
        "from 20,000 guides": network("21mer", **MANY_GUIDES_SETTINGS, **five),
    }
    over_folds(models, frame, y, splits, "DeepHF, five folds")


SETS = {
    "search": search, "sequence": sequence, "sizes": sizes, "noise": noise, "kim": kim,
    "several": several, "folds": folds,
}  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", choices=[*SETS, "all"], nargs="+")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    if given.quick:
        QUICK = {"n_guides": 400, "max_iter": {"max_iter": 2}}
    compile_network()
    for chosen in SETS if "all" in given.parts else given.parts:
        SETS[chosen]()
