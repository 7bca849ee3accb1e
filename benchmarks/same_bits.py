"""Whether fits of one seed give the same bits in every process.

    python benchmarks/same_bits.py

The models are fitted in 20 processes, one after the other: with ``n_jobs`` 1 and 2, one and
two threads of BLAS, and compiled code that the first process makes and the others find. The
table has how many different answers there were.
"""

import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from _common import describe_machine
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    FractionalLogisticRegression,
    GuideEffectMixture,
    MixtureLogisticRegression,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
    compile_scorer,
)
from sgrna_estimator.datasets import make_guide_screen

N_PROCESSES = 20
THREADS = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"
HIDDEN = {"window_size": 3, "n_units": 8, "hidden_layer_sizes": (32,)}
NETWORKS = {
    "additive": {},
    "additive, from least squares": {"init": "least_squares"},
    "additive, a guide a step": {"solver": "sgd", "batch_size": 1},
    "early stopping": {"early_stopping": True},
    "windows, 32 hidden units": HIDDEN,
    "windows, 256 hidden units": HIDDEN | {"hidden_layer_sizes": (256,)},
    "three networks": HIDDEN | {"n_networks": 3},
}


def answers(n_jobs):
    """Yield the name of each model, and numbers that it gives."""
    screen = make_guide_screen(n_guides=1500, n_genes=30, random_state=0)
    guides, sequences, genes = screen.data, screen.sequences, screen.groups
    one_hot = SequenceOneHotTransformer()
    for name, options in NETWORKS.items():
        network = PositionwiseReLURegressor(
            max_iter=5, random_state=0, n_jobs=n_jobs, **options
        )
        model = make_pipeline(one_hot, network).fit(sequences, guides["activity"])
        scores = compile_scorer(model).score(sequences, n_jobs=n_jobs)
        yield name, np.r_[model.predict(sequences), scores]
    X = one_hot.fit_transform(sequences)
    model = FractionalLogisticRegression().fit(X, guides["mixture_probs"])
    yield "FractionalLogisticRegression", model.predict(X)
    effects = GuideEffectMixture().fit(guides["log2fc"], groups=genes)
    probabilities = effects.predict_proba(guides["log2fc"], groups=genes)
    yield "GuideEffectMixture", probabilities
    model = MixtureLogisticRegression(max_iter=20, standard_errors=False)
    yield (
        "MixtureLogisticRegression",
        model.fit(X, guides["log2fc"], groups=genes).coef_,
    )
    network = PositionwiseReLURegressor(max_iter=2, random_state=0)
    result = compare_estimators(
        {
            "network": make_pipeline(one_hot, network),
            "ridge": make_pipeline(one_hot, RidgeCV()),
        },
        sequences,
        guides["activity"],
        groups=genes,
        n_jobs=n_jobs,
        random_state=0,
    )
    yield "compare_estimators", result.predictions_[["network", "ridge"]].to_numpy()


def fit(n_jobs):
    """Print a hash of what each model gives."""
    warnings.simplefilter("ignore")  # few epochs and few steps
    print(
        json.dumps(
            {
                name: hashlib.sha256(
                    np.ascontiguousarray(numbers).tobytes()
                ).hexdigest()
                for name, numbers in answers(n_jobs)
            }
        )
    )


def main():
    describe_machine()
    found = []
    ways = itertools.cycle(itertools.product("12", "12"))
    with tempfile.TemporaryDirectory() as cache:
        for n_jobs, n_threads in itertools.islice(ways, N_PROCESSES):
            done = subprocess.run(
                [sys.executable, __file__, n_jobs],
                env=os.environ
                | dict.fromkeys(THREADS, n_threads)
                | {"NUMBA_CACHE_DIR": cache},
                stdout=subprocess.PIPE,
                check=True,
            )
            found.append(json.loads(done.stdout))
    print(f"different answers of {len(found)} processes:")
    for name in found[0]:
        print(f"  {name:30}{len({answer[name] for answer in found}):3}")


if __name__ == "__main__":
    fit(int(sys.argv[1])) if sys.argv[1:] else main()
