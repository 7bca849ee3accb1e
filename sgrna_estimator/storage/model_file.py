"""Fitted models in files."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sgrna_estimator._version import __version__
from sgrna_estimator.baselines.catalogue import MODELS

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from sgrna_estimator.mixtures.target import MixtureTargetRegressor
    from sgrna_estimator.sequences.alphabet import Unknown
    from sgrna_estimator.sequences.codes import Align


_FILE_FORMAT = "sgrna_estimator model 1"


_GUIDES_AT_ONCE = 20_000


# Fitted models ------------------------------------------------------------------------


def _versions() -> dict[str, str]:
    import sklearn

    return {"sgrna_estimator": __version__, "scikit-learn": sklearn.__version__}


@dataclass(frozen=True)
class FittedModel:
    """A fitted pipeline, and what one must know to use it.

    Attributes
    ----------
    name : str
        Key of ``MODELS``.
    pipeline : Pipeline or MixtureTargetRegressor
        Made by `make_model`, and fitted.
    sequence, target : str
        Columns that it was fitted to.
    covariates : list of str
        Columns of the covariates.
    unknown, align : str or None
        How it reads sequences, as in `make_model`.
    random_state : int
        Seed.
    tables : list of str
        Files of the training data.
    n_guides : int
        Guides in training.
    layout : str or None
        Where the spacer and the PAM are, if `fit` was told.
    interrupted : str or None
        What the warning said, if Ctrl-C ended the fit before its end.
    versions : dict of str to str
        Packages whose objects are in the pipeline.
    """

    name: str
    pipeline: "Pipeline | MixtureTargetRegressor"
    sequence: str
    target: str
    covariates: list[str]
    unknown: "Unknown"
    align: "Align"
    random_state: int
    tables: list[str]
    n_guides: int
    layout: str | None = None
    interrupted: str | None = None
    versions: dict[str, str] = field(default_factory=_versions)

    def write(self, path: Path) -> None:
        """Write the model to a file: a dict, pickled by joblib.

        Parameters
        ----------
        path : Path
            The file.
        """
        import joblib

        # A dict of plain values beside the pipeline, so that it can be read without
        # this class: joblib.load(path)["pipeline"].
        joblib.dump({"format": _FILE_FORMAT, **vars(self)}, path, compress=3)

    @property
    def tells_active(self) -> bool:
        """Whether it learnt from log2 fold changes which guides are active."""
        return MODELS[self.name].target == "log2fc" or hasattr(
            self.pipeline, "mixtures_"
        )

    def predict(
        self,
        features: "pd.DataFrame",
        progress: Callable[[int, int], object] | None = None,
    ) -> "pd.DataFrame":
        """Predict a number of guides at a time, so that memory does not grow with all.

        Parameters
        ----------
        features : DataFrame of shape (n_guides, 1 + n_covariates)
            The sequences, then the covariates, whatever their names.
        progress : callable, default=None
            Called as ``progress(done, total)``, in guides.

        Returns
        -------
        DataFrame of shape (n_guides, 1 or 2)
            ``prediction``, in the unit of the target. If the model `tells_active`, that
            is the log2 fold change expected in a new gene, and ``p_active`` the
            probability that the guide is active.

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

        from sgrna_estimator.sequences.codes import SequenceError

        features = features.set_axis([self.sequence, *self.covariates], axis="columns")
        columns = {"prediction": self.pipeline.predict}
        if self.tells_active:
            columns["p_active"] = self.pipeline.predict_proba
        predictions = np.empty((len(features), len(columns)))
        issued: list[tuple[int, warnings.WarningMessage]] = []
        for start in range(0, len(features), _GUIDES_AT_ONCE):
            stop = min(start + _GUIDES_AT_ONCE, len(features))
            with warnings.catch_warnings(record=True) as caught:
                try:
                    for number, method in enumerate(columns.values()):
                        part = method(features.iloc[start:stop])
                        predictions[start:stop, number] = part
                except SequenceError as error:
                    rows = [start + row for row in error.rows]
                    raise SequenceError(error.expected, error.found, rows) from None
            issued += [(start, warning) for warning in caught]
            if progress is not None:
                progress(stop, len(features))
        _warn_once(issued)
        return pd.DataFrame(predictions, columns=list(columns), index=features.index)


def _warn_once(issued: list[tuple[int, warnings.WarningMessage]]) -> None:
    """Issue the warnings about parts of a table again, one for each kind.

    Parameters
    ----------
    issued : list of (int, WarningMessage)
        The number of the guide that the part begins with, and the warning.
    """
    kinds: dict[tuple[str, int], list[tuple[int, warnings.WarningMessage]]] = {}
    for start, warning in issued:
        kinds.setdefault((warning.filename, warning.lineno), []).append(
            (start, warning)
        )
    for (start, warning), *others in kinds.values():
        more = "; there are more among later guides" if others else ""
        warnings.warn(
            f"{warning.message} (row 0 is guide {start + 1}{more})",
            warning.category,
            stacklevel=3,
        )


def read_model(path: Path) -> FittedModel:
    """Read a model that `FittedModel.write` wrote.

    Parameters
    ----------
    path : Path
        The file. It is a pickle, which can run any code: it must be trusted.

    Returns
    -------
    FittedModel
        The model.

    Raises
    ------
    ValueError
        If the file is not such a model, or is damaged.

    Warns
    -----
    UserWarning
        If the model is of another version of a package, or of an interrupted fit.
    """
    import joblib

    if not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        raise ValueError(f"{path}: {what}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are compared below
            kept = joblib.load(path)
    except Exception as error:  # a pickle can fail in any way
        raise ValueError(
            f"{path}: cannot be read as a model, which is a file that `sgrna-estimator "
            f"fit` wrote ({type(error).__name__})"
        ) from error
    if not isinstance(kept, dict) or kept.pop("format", None) != _FILE_FORMAT:
        raise ValueError(
            f"{path}: is not a model that `sgrna-estimator fit` of this version wrote"
        )
    model = FittedModel(**kept)
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
