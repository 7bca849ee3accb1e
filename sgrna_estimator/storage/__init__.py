"""Fitted models <-> files, whole or not at all."""

from sgrna_estimator.storage.frame import ModelFileError
from sgrna_estimator.storage.model_file import FittedModel, read_model
from sgrna_estimator.storage.trusted import TRUSTED_TYPES

__all__ = ["TRUSTED_TYPES", "FittedModel", "ModelFileError", "read_model"]
