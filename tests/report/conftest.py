"""A comparison to report, and its page."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    ComparisonReport,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.report.data_summary import summarise_data
from tests.report.pages import HOSTILE, additive, network


@pytest.fixture(scope="session")
def content(small_screen):
    """What `ComparisonReport` takes, with a gene that would be a script if it could."""
    sequences, target = small_screen.sequences, small_screen.target
    genes = small_screen.groups.replace(small_screen.groups.iloc[0], HOSTILE)
    result = compare_estimators(
        {
            "ridge": additive(),
            "weak": make_pipeline(SequenceOneHotTransformer(), Ridge(1e4)),
        },
        sequences,
        target,
        groups=genes,
        cv=4,
        random_state=0,
    )
    train, test = result.splits_[0]
    encoder = SequenceOneHotTransformer().fit(sequences.iloc[train])
    X, X_val = (encoder.transform(sequences.iloc[rows]) for rows in (train, test))
    fitted = network().fit(X, target.iloc[train], X_val=X_val, y_val=target.iloc[test])
    return {
        "title": f"{HOSTILE}.tsv",
        "sequences": sequences,
        "columns": {
            "measured activities": f"indel {HOSTILE}",
            "genes": f"gene {HOSTILE}",
        },
        "result": result,
        "curves": {"network": make_pipeline(encoder, fitted)},
        "effects": {
            "ridge": additive().fit(sequences, target),
            "network": make_pipeline(SequenceOneHotTransformer(), network()).fit(
                sequences, target
            ),
        },
        "mixtures": {},
        "layout": "10+20+3+10",
        "messages": [f"careful:\n  {HOSTILE}"],
        "descriptions": {"ridge": "ridge regression", "weak": HOSTILE},
        "next_commands": [f"sgrna-estimator fit '{HOSTILE}.tsv'", "then this"],
        "command": f"sgrna-estimator compare '{HOSTILE}.tsv' --report report.html",
        "seed": 12345,
    }


@pytest.fixture(scope="session")
def page(content):
    return ComparisonReport(**content).to_html()


@pytest.fixture(scope="session")
def sound():
    """A table and a comparison with nothing to warn of."""
    rng = np.random.default_rng(0)
    letters = rng.choice(list("ACGT"), size=(400, 12))
    sequences = pd.Series(["".join(row) for row in letters])
    target = pd.Series((letters[:, :6] == "G").sum(axis=1) + rng.normal(size=400) / 4)
    genes = pd.Series(np.repeat(np.arange(40), 10)).astype(str)
    result = compare_estimators(
        {"ridge": make_pipeline(SequenceOneHotTransformer(), Ridge())},
        sequences,
        target,
        groups=genes,
        random_state=0,
    )
    return summarise_data(sequences, target, genes), result
