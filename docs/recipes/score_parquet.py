"""Score the guides of a Parquet data set, a partition at a time, on a Dask cluster."""

import dask
import dask.dataframe as dd
import numpy as np

from sgrna_estimator import compile_scorer


def score_part(part, scorer, sequence):
    scores = scorer.score(part[sequence]) if len(part) else np.empty(0)
    return part.assign(score=scores)


def score_dataset(model, source, target, sequence="seq"):
    """Write the data set with a column of scores; as many files as it has partitions."""
    guides = dd.read_parquet(source)
    # Compiled by a worker, and sent to each other worker once.
    scorer = dask.delayed(compile_scorer)(model)
    columns = {**guides.dtypes, "score": np.dtype(float)}
    scored = guides.map_partitions(score_part, scorer, sequence, meta=columns)
    scored.to_parquet(target, write_index=False)
