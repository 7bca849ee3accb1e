"""Fitted models in files.

A file holds attributes and arrays, never code: `objects` makes them of a model, `frame`
puts them into a file whose every bit is checked.
"""

import json
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgrna_estimator._version import __version__
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.storage.frame import ModelFileError, pack, unpack
from sgrna_estimator.storage.whole_files import write

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from sgrna_estimator.mixtures.target import MixtureTargetRegressor
    from sgrna_estimator.network.bounded_target import (
        BoundedTargetRegressor,
        Bounds,
    )
    from sgrna_estimator.scoring.calibration import Calibration
    from sgrna_estimator.scoring.predictor import Predictor, WarningsOfParts
    from sgrna_estimator.sequences.alphabet import Unknown
    from sgrna_estimator.sequences.codes import Align


_GUIDES_AT_ONCE = 20_000

# What the unit of a target is that was standardised, after its name.
STANDARDIZED = "in standard deviations from the mean of its table"

# What is used of a model as soon as it is read, or without its pipeline.
_KINDS: dict[str, Any] = {
    "name": str,
    "sequence": str,
    "target": str,
    "covariates": list,
    "tables": list,
    "summary": dict,
    "layout": str | None,
    "versions": dict,
    "is_standardized": bool,
    "categories": dict,
}
_SUMMARY: dict[str, Any] = {
    "n_guides": int,
    "shortest": int,
    "longest": int,
    "letters": str,
    "gc_min": float,
    "gc_max": float,
}


# Fitted models ------------------------------------------------------------------------


def _versions() -> dict[str, str]:
    import sklearn

    return {"sgrna_estimator": __version__, "scikit-learn": sklearn.__version__}


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A fitted pipeline, and what one must know to use it.

    Attributes
    ----------
    name : str
        Key of ``MODELS``.
    pipeline : Pipeline, MixtureTargetRegressor or BoundedTargetRegressor
        Made by `make_model`, and fitted.
    sequence, target : str
        Columns that it was fitted to.
    covariates : list of str
        The covariates, as `covariate_names` has them.
    unknown, align : str or None
        How it reads sequences, as in `make_model`.
    random_state : int
        Seed.
    tables : list of str
        Files of the training data.
    summary : dict
        What the training guides were, as `summarise_guides` has it.
    layout : str or None
        Text of the :class:`~sgrna_estimator.GuideLayout` of the guides, if it is known.
    training_guides : ndarray of shape (n_distinct_guides,), uint64, or None
        Hashes of the training guides, sorted: which guides are not held out.
    scores : dict or None
        How well such a model predicted guides that were held out, if it is known.
    calibration : Calibration or None
        Predictions of guides by such models that had not seen them, and what was
        measured: where intervals are from.
    interrupted : str or None
        What the warning said, if Ctrl-C ended the fit before its end.
    is_standardized : bool
        Whether the target of each table was given the mean 0 and the standard deviation
        1 before.
    categories : dict of str to list of str
        The categories of each column of covariates that is text.
    versions : dict of str to str
        Packages whose objects are in the pipeline.
    """

    name: str
    pipeline: "Pipeline | MixtureTargetRegressor | BoundedTargetRegressor"
    sequence: str
    target: str
    covariates: list[str]
    unknown: "Unknown"
    align: "Align"
    random_state: int
    tables: list[str]
    summary: dict[str, Any]
    layout: str | None = None
    training_guides: "NDArray[np.uint64] | None" = None
    scores: dict[str, Any] | None = None
    calibration: "Calibration | None" = None
    interrupted: str | None = None
    is_standardized: bool = False
    categories: dict[str, list[str]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=_versions)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file, whole or not at all.

        What is there only to train on is left out: the optimisers of networks, and the
        model that a network began from.

        Parameters
        ----------
        path : path-like
            The file. It keeps its mode if it is there already.

        Raises
        ------
        OSError
            If it cannot be written. What was there is there still.
        TypeError
            If there is an object in the pipeline that `read_model` would not read.
        """
        from sgrna_estimator.storage.objects import (
            bytes_of,
            describe_arrays,
            take_apart,
        )

        parts = take_apart(
            {each.name: getattr(self, each.name) for each in fields(self)}
        )
        described = {
            "model": parts.value,
            "objects": parts.objects,
            "arrays": describe_arrays(parts.arrays),
        }
        text = json.dumps(described, allow_nan=False, separators=(",", ":")) + "\n"
        content = pack(text.encode(), bytes_of(parts.arrays))
        write(Path(path), lambda file: file.write_bytes(content))

    @property
    def n_guides(self) -> int:
        """Guides in training."""
        return self.summary["n_guides"]

    @property
    def covariate_columns(self) -> list[str]:
        """Columns of a table that the covariates are from."""
        from sgrna_estimator.datasets.covariates import source_columns

        return source_columns(self.covariates, self.categories)

    @property
    def tells_active(self) -> bool:
        """Whether it learnt from log2 fold changes which guides are active."""
        return MODELS[self.name].target == "log2fc" or hasattr(
            self.pipeline, "mixtures_"
        )

    @property
    def unit(self) -> str:
        """What the numbers are that it predicts."""
        if self.is_standardized:
            return f"{self.target} {STANDARDIZED}"
        return self.target

    @property
    def bounds(self) -> "Bounds | None":
        """Between which the target can be, if that was said."""
        return getattr(self.pipeline, "bounds_", None)

    @cached_property
    def predictor(self) -> "Predictor":
        """What predicts: the pipeline, or tables of it that are as good and faster."""
        from sgrna_estimator.scoring.cut import common_letters
        from sgrna_estimator.scoring.predictor import Predictor

        return Predictor(
            self.pipeline,
            self.tells_active,
            self.calibration,
            shortest=self.summary["shortest"] if self.align is not None else 1,
            common=common_letters(self.summary),
        )

    def warn_of_cut(self, sequences: "pd.Series", warned: "WarningsOfParts") -> None:
        """Warn if guides are not cut as those of training were.

        Parameters
        ----------
        sequences : Series of str
            The guides, or the first of them.
        warned : WarningsOfParts
            Of the predictions that follow: single guides with letters that training had
            not are then told of no more.

        Warns
        -----
        UserWarning
        """
        from sgrna_estimator.scoring.cut import doubt_of_cut

        doubt = doubt_of_cut(sequences.tolist(), self.summary)
        if doubt is not None:
            warned.ignore("position .* held .* and was dropped")
            warned.ignore("row .* where all guides of training had")
            warnings.warn(doubt, UserWarning, stacklevel=3)

    def predict(
        self,
        features: "pd.DataFrame",
        progress: Callable[[int, int], object] | None = None,
    ) -> "pd.DataFrame":
        """Predict a number of guides at a time, so that memory does not grow with all.

        Of networks and linear models by `compile_scorer`.

        Parameters
        ----------
        features : DataFrame of shape (n_guides, 1 + n_covariates)
            The sequences, then the covariates (each category of a text one of them),
            whatever their names.
        progress : callable, default=None
            Called as ``progress(done, total)``, in guides.

        Returns
        -------
        DataFrame of shape (n_guides, n_names)
            ``prediction``, in the unit of the target. If the model `tells_active`, that
            is the log2 fold change expected in a new gene, and ``p_active`` the
            probability that the guide is active. Of several networks ``std``, their
            standard deviation. If guides were held out, ``lower`` and ``upper``, between
            which 80 % of the measurements of new guides (of new genes) are.

        Raises
        ------
        SequenceError
            If a sequence does not fit the model, with the rows of `features`.

        Warns
        -----
        UserWarning
            What the pipeline warns of first, and which guide its row numbers count
            from.
        """
        import numpy as np
        import pandas as pd

        from sgrna_estimator.scoring.predictor import WarningsOfParts
        from sgrna_estimator.sequences.codes import SequenceError

        features = features.set_axis([self.sequence, *self.covariates], axis="columns")
        n_guides = len(features)
        predictions = {name: np.empty(n_guides) for name in self.predictor.names}
        warned = WarningsOfParts()
        self.warn_of_cut(features.iloc[:_GUIDES_AT_ONCE, 0], warned)
        for start in range(0, n_guides, _GUIDES_AT_ONCE):
            stop = min(start + _GUIDES_AT_ONCE, n_guides)
            with warned.part(f"guide {start + 1}"):
                try:
                    part = self.predictor.predict(features.iloc[start:stop])
                except SequenceError as error:
                    rows = [start + row for row in error.rows]
                    raise SequenceError(error.expected, error.found, rows) from None
            for name, values in part.items():
                predictions[name][start:stop] = values
            if progress is not None:
                progress(stop, n_guides)
        warned.issue()
        return pd.DataFrame(predictions, index=features.index)


def read_model(path: str | os.PathLike[str]) -> FittedModel:
    """Read a model that `FittedModel.write` wrote.

    No code in the file runs, whoever wrote it: it holds attributes and arrays of the
    types of ``TRUSTED_TYPES``. A file of which a bit was changed is not read, nor is one
    that was made up and whose model cannot predict: it is asked for a few guides first.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    FittedModel
        The model. It predicts, and shows what it learnt, to the bit as it did when it
        was written. A network in it is not trained on (``partial_fit``, ``warm_start``),
        but `fit` and `sklearn.base.clone` begin anew.

    Raises
    ------
    ValueError
        If the file is not such a model, is a pickle, was written in a later format, is
        not whole, or is damaged.
    OSError
        If it cannot be read at all.

    Warns
    -----
    UserWarning
        If the model is of another version of a package, or of an interrupted fit.

    Examples
    --------
    >>> from sgrna_estimator.storage import read_model
    >>> model = read_model("model.sgrna")  # doctest: +SKIP
    >>> model.pipeline.predict(candidates)  # doctest: +SKIP
    """
    path = Path(path)
    text, arrays = unpack(path)
    try:
        model = _make_model(text, arrays)
    except Exception as error:  # whoever made this file can have put anything into it
        problem = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ModelFileError(
            f"{path}: is a model file that sgrna_estimator {__version__} cannot read: a "
            f"later version wrote it, or it was made up ({problem})"
        ) from error
    for package, version in _versions().items():
        if model.versions.get(package) != version:
            warnings.warn(
                f"{path}: was fitted with {package} {model.versions.get(package)}, but "
                f"this is {version}: predictions may differ; fit the model again to be "
                "sure",
                UserWarning,
                stacklevel=2,
            )
    if model.interrupted is not None:
        warnings.warn(
            f"{path}: the model was not fitted to the end: {model.interrupted}",
            UserWarning,
            stacklevel=2,
        )
    return model


def _make_model(text: bytes, arrays: bytes) -> FittedModel:
    """Return the model of a file's parts; raise anything if they are not of one."""
    from sgrna_estimator.storage.checks import check_objects
    from sgrna_estimator.storage.objects import Parts, put_together, read_arrays
    from sgrna_estimator.storage.trial import try_to_predict

    described = json.loads(text)
    objects = described["objects"]
    parts = Parts(described["model"], objects, read_arrays(described["arrays"], arrays))
    fields, made = put_together(parts)
    check_objects(made)
    model = FittedModel(**fields)
    _check_model(model)
    try_to_predict(model)
    return model


def _check_model(model: FittedModel) -> None:
    """Check what is used of a model whatever it is; raise anything if it is not so."""
    import numpy as np

    from sgrna_estimator.network.bounded_target import check_bounds
    from sgrna_estimator.scoring.calibration import Calibration

    kinds: dict[str, Any] = {
        **_KINDS,
        "calibration": Calibration | None,
        "training_guides": np.ndarray | None,
    }
    for field_name, kind in kinds.items():
        if not isinstance(getattr(model, field_name), kind):
            raise TypeError(f"{field_name} of another type than {kind}")
    for key, kind in _SUMMARY.items():
        if not isinstance(model.summary.get(key), kind):
            raise TypeError(f"a summary without {key}, or of another type than {kind}")
    for column, categories in model.categories.items():
        if not (
            isinstance(categories, list)
            and all(isinstance(each, str) for each in categories)
        ):
            raise TypeError(f"categories of {column} that are no list of texts")
    if model.name not in MODELS:
        raise ValueError(f"the model {model.name!r}")
    if model.bounds is not None:
        check_bounds(model.bounds)
    if not hasattr(model.pipeline, "predict"):
        raise TypeError("a pipeline that does not predict")
