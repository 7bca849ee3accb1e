"""Train a network on a Parquet data set of which one partition is in memory at a time."""

import dask.dataframe as dd
from sklearn.pipeline import make_pipeline

from sgrna_estimator import SequenceOneHotTransformer


def train_on_partitions(network, source, sequence="seq", target="activity"):
    """Return the encoder and the network, trained in `max_iter` passes."""
    parts = dd.read_parquet(source, columns=[sequence, target]).partitions
    # A letter that never changes in one partition may change in another.
    encoder = SequenceOneHotTransformer(drop_constant=False)
    encoder.fit(parts[0].compute()[sequence])
    for _ in range(network.max_iter):
        for part in parts:
            guides = part.compute()
            X = encoder.transform(guides[sequence])
            network.partial_fit(X, guides[target])
    return make_pipeline(encoder, network)
