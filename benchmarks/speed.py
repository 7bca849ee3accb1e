"""How long training takes, beside peers in the same run, one thread each.

    python benchmarks/speed.py

Kim 2019, or a simulated table of the same size without it. Ratios are what counts: shared
machines are noisy. PyTorch is compared when it is installed. `epochs.py` compares width 1
with SGDRegressor.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from _common import best_of, describe_machine, screen_of_kim
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from sgrna_estimator import PositionwiseReLURegressor

N_EPOCHS = 30
WINDOWS = {"window_size": 5, "n_units": 16, "alpha": 8, "dropout": 0.2}


def epoch_seconds(make, X, y, n_epochs=N_EPOCHS):
    """Return seconds an epoch of a fit, what it does once (checking its input) included."""
    make(n_epochs).fit(X, y)
    return best_of(lambda: make(n_epochs).fit(X, y), 3) / n_epochs


def report(name, seconds, n_guides, reference=None):
    ratio = "" if reference is None else f"{seconds / reference:9.1f} x"
    print(
        f"{name:58s} {1e3 * seconds:9.2f} ms {n_guides / seconds / 1e6:8.3f} M guides/s"
        f" {ratio}"
    )


def width_1(X, y):
    print("\nOne epoch, width 1")
    ours = epoch_seconds(
        lambda n: PositionwiseReLURegressor(max_iter=n, random_state=0), X, y
    )
    report("network (default: Adam, batch 64)", ours, len(y))
    peer = epoch_seconds(
        lambda n: MLPRegressor(
            hidden_layer_sizes=(40,),
            batch_size=32,
            max_iter=n,
            n_iter_no_change=n + 1,
            random_state=0,
        ),
        X,
        y,
        3,
    )
    report("MLPRegressor(hidden_layer_sizes=(40,), batch_size=32)", peer, len(y), ours)


def windows(X, y):
    for hidden in ((64,), ()):
        print(f"\nOne epoch, windows of 5, 16 units, hidden layers {hidden}, batch 64")
        ours = epoch_seconds(
            lambda n, hidden=hidden: PositionwiseReLURegressor(
                **WINDOWS, hidden_layer_sizes=hidden, max_iter=n, random_state=0
            ),
            X,
            y,
        )
        report("network", ours, len(y))
        if hidden:
            report_share_of_peak(ours, X, len(y), hidden[0])
            peer = epoch_seconds(
                lambda n: MLPRegressor(
                    hidden_layer_sizes=(64,),
                    batch_size=64,
                    max_iter=n,
                    n_iter_no_change=n + 1,
                    random_state=0,
                ),
                X,
                y,
                3,
            )
            report("MLPRegressor((64,), batch_size=64), one-hot", peer, len(y), ours)
        try:
            import torch
        except ImportError:
            print("(PyTorch is not installed)")
            continue
        torch.set_num_threads(1)
        letters = X.reshape(len(X), -1, 4).argmax(axis=2)
        for style in ("embedding_bag", "grouped matmul"):
            peer = torch_epoch_seconds(letters, y, hidden, style)
            report(f"PyTorch, {style}, fused Adam", peer, len(y), ours)


def report_share_of_peak(seconds, X, n_guides, n_hidden):
    """Print what share of a large matrix product's speed the whole epoch reaches."""
    n_units = (X.shape[1] // 4 - 4) * 16
    operations = 6 * n_units * n_hidden * n_guides  # forward, and backward twice
    large = np.random.default_rng(0).random((1024, 1024), dtype=np.float32)
    peak = 2 * 1024**3 / best_of(lambda: large @ large, 5)
    print(
        f"    {operations / seconds / 1e9:.0f} GFLOP/s in the hidden layer alone, "
        f"{100 * operations / seconds / peak:.0f} % of a 1024 x 1024 product's "
        f"{peak / 1e9:.0f} GFLOP/s"
    )


def torch_epoch_seconds(letters, y, hidden, style):
    import torch
    from torch import nn

    k, A, U = 5, 4, 16
    n_windows = letters.shape[1] - k + 1

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.weights = nn.Parameter(
                torch.randn(n_windows, k * A, U) * (2 / k) ** 0.5
            )
            self.intercepts = nn.Parameter(torch.zeros(n_windows * U))
            rows = torch.arange(n_windows)[:, None] * k * A + torch.arange(k) * A
            self.register_buffer("rows", rows)
            self.windows = torch.arange(n_windows)[:, None] + torch.arange(k)
            self.dropout = nn.Dropout(0.2)
            sizes = [n_windows * U, *hidden]
            self.hidden = nn.ModuleList(map(nn.Linear, sizes[:-1], sizes[1:]))
            self.read_out = nn.Linear(sizes[-1], 1)

        def first_layer(self, letters):
            if style == "embedding_bag":
                rows = letters[:, self.windows] + self.rows
                sums = nn.functional.embedding_bag(
                    rows.view(-1, k), self.weights.view(-1, U), mode="sum"
                )
                return sums.view(len(letters), -1)
            one_hot = nn.functional.one_hot(letters, A).to(torch.float32)
            blocks = one_hot.unfold(1, k, 1).permute(1, 0, 3, 2)
            sums = torch.bmm(blocks.reshape(n_windows, len(letters), -1), self.weights)
            return sums.permute(1, 0, 2).reshape(len(letters), -1)

        def forward(self, letters):
            h = self.dropout(torch.relu(self.first_layer(letters) + self.intercepts))
            for layer in self.hidden:
                h = self.dropout(torch.relu(layer(h)))
            return self.read_out(h)[:, 0]

    torch.manual_seed(0)
    network = Network()
    weights = [p for p in network.parameters() if p.ndim > 1]
    intercepts = [p for p in network.parameters() if p.ndim == 1]
    optimizer = torch.optim.Adam(
        [{"params": weights, "weight_decay": 16 / len(y)}, {"params": intercepts}],
        lr=4e-3,
        fused=True,
    )
    letters = torch.from_numpy(letters)
    target = torch.from_numpy(((y - y.mean()) / y.std()).astype(np.float32))

    def epoch():
        order = torch.randperm(len(target))
        for start in range(0, len(target), 64):
            rows = order[start : start + 64]
            optimizer.zero_grad()
            loss = ((network(letters[rows]) - target[rows]) ** 2).mean()
            loss.backward()
            optimizer.step()

    return best_of(epoch, 4)


START = """
import time
begin = time.perf_counter()
from sgrna_estimator import PositionwiseReLURegressor
imported = time.perf_counter()
import numpy as np
rng = np.random.default_rng(0)
X = np.eye(4, dtype=np.float32)[rng.integers(4, size=(100, 20))].reshape(100, -1)
model = PositionwiseReLURegressor(max_iter=1).fit(X, rng.normal(size=100))
print(imported - begin, time.perf_counter() - imported)
"""


def first_fit():
    """Print what a new process waits for: imports, and its first fit."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        for name in ("compiling", "from numba's cache"):
            output = subprocess.run(
                [sys.executable, "-c", START], env=environment, check=True,
                capture_output=True, text=True,
            ).stdout  # fmt: skip
            imports, fit = map(float, output.split())
            print(
                f"first fit of a process, {name}: {fit:.2f} s (imports {imports:.2f} s)"
            )
    times = {}
    for code in (
        "import sklearn.linear_model, pandas",
        "import sgrna_estimator",
    ):
        seconds = best_of(
            lambda code=code: subprocess.run([sys.executable, "-c", code])
        )
        times[code] = seconds
        print(f"`{code}`: {seconds:.2f} s")


if __name__ == "__main__":
    describe_machine()
    started = time.perf_counter()
    X, y = screen_of_kim()
    with threadpool_limits(1):
        width_1(X, y)
        windows(X, y)
    print()
    first_fit()
    print(f"(all in {time.perf_counter() - started:.0f} s)")
