"""The project's first loop beside the network it became: curves, scores and time.

The first loop was a notebook: one ReLU neuron for each position that varies, weights from
N(0, 1), 20,000 guides drawn one by one, a gradient step of 0.05 / sqrt(t + 1) after each,
and the mean squared error on training (80 %) and test guides (20 %) every 10 draws.

    python benchmarks/first_loop.py [--figure docs/figures/first_loop.png]

prints a table over seeds and the time of the same experiment written as the notebook was
(pandas rows, a Python object a neuron), and draws the curves.
"""

import argparse
import time

import numpy as np
import pandas as pd
from _common import print_table, score_constant
from sklearn import config_context
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
from sgrna_estimator.datasets import fetch_crispra_tiling

N_DRAWS = 20_000
EVERY = 10
STEP = 0.05
FIRST_LOOP = {
    "init": "normal",
    "window_bias": False,
    "standardize_target": False,
    "solver": "sgd",
    "learning_rate": "invscaling",
    "learning_rate_init": STEP,
    "power_t": 0.5,
    "batch_size": 1,
    "shuffle": False,
    "alpha": 0,
}


def mse(model, X, y):
    return np.mean((y - model.predict(X)) ** 2)


def run_with_parameters(X, y, X_test, y_test, seed):
    """Run the recipe as parameters of the estimator: the gradients are right."""
    draws = np.random.default_rng(seed).integers(len(y), size=N_DRAWS)
    model = PositionwiseReLURegressor(**FIRST_LOOP, random_state=seed)
    everything, truth = np.vstack([X, X_test]), np.concatenate([y, y_test])
    curve = []
    for start in range(0, N_DRAWS, EVERY):
        rows = draws[start : start + EVERY]
        squares = (truth - model.partial_fit(X[rows], y[rows]).predict(everything)) ** 2
        curve.append(
            (start + EVERY, squares[: len(y)].mean(), squares[len(y) :].mean())
        )
    return np.array(curve), model


def run_as_written(X, y, X_test, y_test, seed):
    """Run the recipe with the two slips that the first loop had.

    Its ReLU derivative looked at the activation after clipping, so that it was 1 for dead
    neurons too, and the gradient passed back to a neuron was ``error * activation`` where
    the chain rule says ``error * beta``.
    """
    rng = np.random.default_rng(seed)
    letters, letters_test = (
        Z.reshape(len(Z), -1, 4).argmax(axis=2) for Z in (X, X_test)
    )
    positions = np.arange(letters.shape[1])
    W = rng.normal(size=(len(positions), 4))
    beta, beta0 = rng.normal(size=len(positions)), 0.0
    curve = []
    for t, row in enumerate(rng.integers(len(y), size=N_DRAWS)):
        chosen = (positions, letters[row])
        h = np.maximum(0, W[chosen])
        error = beta0 + beta @ h - y[row]
        step = STEP / np.sqrt(t + 1)
        W[chosen] -= step * error * h
        beta -= step * error * h
        beta0 -= step * error
        if (t + 1) % EVERY == 0:
            errors = [
                np.mean((v - beta0 - np.maximum(0, W[positions, codes]) @ beta) ** 2)
                for codes, v in ((letters, y), (letters_test, y_test))
            ]
            curve.append((t + 1, *errors))
    return np.array(curve)


class Neuron:
    """A neuron as the notebook had it, for its time only."""

    def __init__(self, rng):
        self.weights = rng.normal(size=4)

    def activate(self, one_hot):
        return max(0.0, float(np.dot(self.weights, one_hot)))

    def learn(self, one_hot, slope, step):
        self.weights = self.weights - step * slope * one_hot


def seconds_of_notebook(X, y, n_draws=300, n_scored=300):
    """Time draws and scored guides written as the notebook was, and extrapolate."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(X)
    n_positions = X.shape[1] // 4
    neurons = [Neuron(rng) for _ in range(n_positions)]
    beta = rng.normal(size=n_positions)

    def activations(row):
        return [
            neuron.activate(table.iloc[row, 4 * p : 4 * p + 4])
            for p, neuron in enumerate(neurons)
        ]

    start = time.perf_counter()
    for t in range(n_draws):
        row = int(rng.integers(len(y)))
        h = activations(row)
        error = float(np.dot(beta, h)) - y[row]
        step = STEP / np.sqrt(t + 1)
        for p, neuron in enumerate(neurons):
            if h[p] > 0:
                neuron.learn(
                    table.iloc[row, 4 * p : 4 * p + 4].to_numpy(), error * beta[p], step
                )
            beta[p] -= step * error * h[p]
    a_draw = (time.perf_counter() - start) / n_draws
    start = time.perf_counter()
    for row in range(n_scored):
        np.dot(beta, activations(row))
    a_guide = (time.perf_counter() - start) / n_scored
    n_guides = int(len(y) / 0.8)  # both sets are scored
    return N_DRAWS * a_draw, N_DRAWS / EVERY * n_guides * a_guide


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--figure", help="draw the curves here")
    parser.add_argument("--seeds", type=int, default=10)
    arguments = parser.parse_args()
    screens = fetch_crispra_tiling()
    X = SequenceOneHotTransformer().fit_transform(screens.sequences)
    y = screens.target.to_numpy()
    # compile before anything is timed
    run_with_parameters(X[:50], y[:50], X[:50], y[:50], 0)

    rows, curves = [], {}
    for seed in range(arguments.seeds):
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, test_size=0.2, random_state=seed
        )
        split = (X_train, y_train, X_test, y_test)
        optimum = mse(LinearRegression().fit(X_train, y_train), X_train, y_train)
        constant = score_constant(y_train, y_test)
        as_written = run_as_written(*split, seed)
        # without checks of every call, which the notebook had none of either
        with config_context(assume_finite=True, skip_parameter_validation=True):
            start = time.perf_counter()
            corrected, model = run_with_parameters(*split, seed)
            seconds = time.perf_counter() - start
        codes = X_train.reshape(len(X_train), -1, 4).argmax(axis=2)
        fired = model.window_weights_[np.arange(codes.shape[1]), 0, codes, 0] > 0
        ours = PositionwiseReLURegressor(random_state=seed).fit(
            X_train, y_train, X_val=X_test, y_val=y_test
        )
        rows.append(
            {
                "constant, test": constant,
                "as written, train / optimum": as_written[-1, 1] / optimum,
                "as written, test / constant": as_written[-1, 2] / constant,
                "corrected, train / optimum": corrected[-1, 1] / optimum,
                "corrected, test / constant": corrected[-1, 2] / constant,
                "default, train / optimum": mse(ours, X_train, y_train) / optimum,
                "default, test / constant": mse(ours, X_test, y_test) / constant,
                "corrected, share of inactive neurons": 1 - fired.mean(),
                "corrected, seconds": seconds,
            }
        )
        if seed == 0:
            curves = {"as written": as_written, "gradients corrected": corrected}
            n_steps = len(y_train) / 64
            draws = 64 * n_steps * np.arange(1, ours.n_iter_ + 1)
            default = np.column_stack(
                [draws, ours.loss_curve_, ours.validation_loss_curve_]
            )
            curves["default of today"] = default
            levels = {"optimum": optimum, "mean": constant}
    table = pd.DataFrame(rows)
    summary = table.agg(["mean", "min", "max"]).T
    print_table(summary, f"{arguments.seeds} random 80/20 splits, mean squared errors")

    seconds = table["corrected, seconds"].median()
    draws, scoring = seconds_of_notebook(X_train, y_train)
    print(
        f"\nThe experiment ({N_DRAWS} draws, {N_DRAWS // EVERY} times the error on all "
        f"guides)\n  as a notebook, extrapolated: {draws:.0f} s for the draws, "
        f"{scoring:.0f} s for the errors\n  as parameters: {seconds:.2f} s, "
        f"{(draws + scoring) / seconds:.0f} times faster"
    )
    if arguments.figure:
        draw(curves, levels, arguments.figure)


def draw(curves, levels, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    colours = dict(zip(curves, ("#999999", "#D55E00", "#0072B2"), strict=True))
    figure, axes = plt.subplots(
        1, 2, figsize=(8.5, 3.6), sharey=True, layout="constrained"
    )
    for column, (ax, title) in enumerate(
        zip(axes, ("Training guides", "Test guides"), strict=True), start=1
    ):
        for name, curve in curves.items():
            ax.plot(
                curve[:, 0], curve[:, column], color=colours[name], label=name, lw=1.5
            )
        level = "optimum" if column == 1 else "mean"
        label = "least squares" if column == 1 else "predicting the mean"
        ax.axhline(levels[level], color="black", ls="--", lw=1)
        ax.annotate(
            label,
            (0.02, levels[level]),
            xycoords=("axes fraction", "data"),
            xytext=(0, -4),
            textcoords="offset points",
            va="top",
            fontsize="small",
        )
        ax.set(title=title, xlabel="guides drawn", xscale="log", yscale="log")
        ax.set_ylim(0.08, None)
        ax.grid(color="0.9")
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("mean squared error")
    axes[1].legend(frameon=False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
