"""Keep a fitted pipeline in a file that holds no code."""

import skops.io

from sgrna_estimator.storage import TRUSTED_TYPES


def keep(model, path):
    skops.io.dump(model, path)


def read(path):
    return skops.io.load(path, trusted=list(TRUSTED_TYPES))
