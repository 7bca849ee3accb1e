"""What the intervals and tests of a comparison are worth, on screens whose truth is known.

``python benchmarks/comparison_design.py [--simulations 400]``

A screen has guides whose activity is linear in their features, plus a shift of the gene,
plus noise. Four ridge models learn from four sets of features that are alike by symmetry:
they score alike on average over screens, so that any difference that is "shown" is wrong.
Two sets share most of their features, as real models do. A fifth model has all features;
it is better than the others where there is a signal. The true score of a model is its
average over all screens of the cell. Scores are those of the package's primary question:
Spearman within genes, or of all guides where there are no genes. Shares in a cell are
averages over models, or over pairs of models.
"""

import argparse
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from _common import print_table

from sgrna_estimator.comparison.corrected_tests import corrected_t_test, holm
from sgrna_estimator.metrics import spearman_score, within_group_spearman

N_FOLDS, N_REPEATS = 5, 5
PENALTY = 20.0
# Features of the models: eight of their own and, of the first two and of the last two,
# sixteen in common.
N_OWN, N_COMMON = 8, 16
EQUAL = ["a1", "a2", "b1", "b2"]
NAMES = [*EQUAL, "all"]
# Repeats that are looked at, and degrees of freedom for each.
DESIGNS = {
    "1 x 5 folds, 4 degrees": (1, 4),
    "5 x 5 folds, 24 degrees": (5, 24),
    "5 x 5 folds, 9 degrees": (5, 9),
    "5 x 5 folds, 6 degrees": (5, 6),
}


@dataclass(frozen=True)
class Cell:
    """A kind of screen: guides, genes (0: none), share of variance, shift of genes."""

    n_guides: int
    n_genes: int
    signal: float
    gene_shift: float


CELLS = [
    Cell(300, 0, 0.0, 0.0),
    Cell(300, 0, 0.1, 0.0),
    Cell(1000, 0, 0.4, 0.0),
    Cell(300, 10, 0.1, 1.0),
    Cell(300, 20, 0.0, 1.0),
    Cell(300, 60, 0.1, 0.5),
    Cell(700, 20, 0.05, 0.5),
    Cell(1400, 20, 0.0, 1.0),
    Cell(1400, 40, 0.02, 0.5),
    Cell(1400, 40, 0.2, 1.0),
]


def feature_sets():
    """Return the columns that each model learns from."""
    own = np.arange(4 * N_OWN).reshape(4, N_OWN)
    common = 4 * N_OWN + np.arange(2 * N_COMMON).reshape(2, N_COMMON)
    sets = [np.r_[own[i], common[i // 2]] for i in range(4)]
    return [*sets, np.arange(4 * N_OWN + 2 * N_COMMON)]


def draw_screen(cell, random):
    """Return features, activities and the gene of each guide (None without genes)."""
    n_features = 4 * N_OWN + 2 * N_COMMON
    X = random.normal(size=(cell.n_guides, n_features))
    # Of the size that makes the models of a cell alike in every screen, up to signs.
    effects = random.choice([-1.0, 1.0], n_features) * np.sqrt(cell.signal / n_features)
    y = X @ effects + np.sqrt(1 - cell.signal) * random.normal(size=cell.n_guides)
    if not cell.n_genes:
        return X, y, None
    genes = np.sort(random.permutation(np.arange(cell.n_guides) % cell.n_genes))
    return X, y + cell.gene_shift * random.normal(size=cell.n_genes)[genes], genes


def draw_folds(n_guides, genes, random):
    """Return the test guides of each fold: of whole genes where there are genes."""
    sets = np.arange(n_guides) if genes is None else genes
    folds = np.array_split(random.permutation(sets.max() + 1), N_FOLDS)
    return [np.flatnonzero(np.isin(sets, fold)) for fold in folds]


def ridge_predictions(X, y, test, sets):
    """Return each model's predictions of the test guides, in closed form."""
    train = np.ones(len(y), dtype=bool)
    train[test] = False
    mean = y[train].mean()
    gram, moment = X[train].T @ X[train], X[train].T @ (y[train] - mean)
    predictions = []
    for columns in sets:
        penalised = gram[np.ix_(columns, columns)] + PENALTY * np.eye(len(columns))
        effects = np.linalg.solve(penalised, moment[columns])
        predictions.append(X[np.ix_(test, columns)] @ effects + mean)
    return predictions


def scores_of_a_screen(cell, random):
    """Return each model's score on each fold of each repeat."""
    X, y, genes = draw_screen(cell, random)
    sets = feature_sets()
    scores = []
    for _ in range(N_REPEATS):
        for test in draw_folds(cell.n_guides, genes, random):
            predictions = ridge_predictions(X, y, test, sets)
            scores.append(
                [spearman_score(y[test], each) for each in predictions]
                if genes is None
                else [
                    within_group_spearman(y[test], p, genes[test]) for p in predictions
                ]
            )
    return np.transpose(scores)


def chosen_on_other_folds(scores):
    """Return the score of the equal model that is best on the other folds, by repeat."""
    by_repeat = scores[: len(EQUAL), :].reshape(len(EQUAL), N_REPEATS, N_FOLDS)
    others = by_repeat.sum(axis=2, keepdims=True) - by_repeat
    chosen = others.argmax(axis=0)
    return np.take_along_axis(by_repeat, chosen[None], axis=0).mean()


def judge(screens, cell, design):
    """Return how often intervals hold the truth, and how often tests err, in a cell."""
    n_repeats, freedom = DESIGNS[design]
    truth = screens.mean(axis=(0, 2))
    truth[: len(EQUAL)] = truth[: len(EQUAL)].mean()
    pairs = np.array(list(combinations(range(len(NAMES)), 2)))
    equal = (pairs < len(EQUAL)).all(axis=1)
    first, second = pairs.T
    rows = []
    for scores in screens[:, :, : n_repeats * N_FOLDS]:
        own = estimate(scores, freedom)
        found = estimate(scores[first] - scores[second], freedom)
        best = scores[: len(EQUAL)].mean(axis=1).argmax()
        of_best = (pairs[equal] == best).any(axis=1)
        p = found.p_value[equal]
        better = (holm(own.p_value[: len(EQUAL)]) < 0.05) & (own.mean[: len(EQUAL)] > 0)
        rows.append(
            {
                "own score": covers(own, truth),
                "difference": covers(found, truth[first] - truth[second]),
                "width": (found.upper - found.lower).mean(),
                "wrong difference": (p < 0.05).mean(),
                "best, Holm over all pairs": (holm(p)[of_best] < 0.05).any(),
                "best, Holm over the rest": (holm(p[of_best]) < 0.05).any(),
                "chance": better.any() if cell.signal == 0 else np.nan,
            }
        )
    return pd.DataFrame(rows).astype(float).mean()


def estimate(values, freedom):
    """Return the corrected test of each row."""
    return corrected_t_test(values, 1 / (N_FOLDS - 1), 0.95, most_freedom=freedom)


def covers(found, truth):
    """Return the share of intervals that hold the truth."""
    return ((found.lower <= truth) & (truth <= found.upper)).mean()


def curse(screens):
    """Return the true score of equal models, that of the best, and of the chosen."""
    equal = screens[:, : len(EQUAL)]
    return {
        "true": equal.mean(),
        "best of four": equal.mean(axis=2).max(axis=1).mean(),
        "chosen on other folds": np.mean(
            [chosen_on_other_folds(each) for each in equal]
        ),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=400, help="a cell")
    n_simulations = parser.parse_args().simulations
    judged, cursed = [], []
    for number, cell in enumerate(CELLS):
        random = np.random.default_rng(number)
        screens = np.array(
            [scores_of_a_screen(cell, random) for _ in range(n_simulations)]
        )
        judged += [
            {"design": design, **vars(cell), **judge(screens, cell, design)}
            for design in DESIGNS
        ]
        cursed.append({**vars(cell), **curse(screens)})
        print(f"{cell}: done", flush=True)
    table = pd.DataFrame(judged)
    print_table(table.set_index("design"), "Shares of screens, by cell")
    shares = table.drop(columns=list(vars(CELLS[0]))).groupby("design", sort=False)
    print_table(shares.agg(["mean", "min", "max"]).T, "Over all cells")
    print_table(pd.DataFrame(cursed), "The winner's curse: four equal models")


if __name__ == "__main__":
    main()
