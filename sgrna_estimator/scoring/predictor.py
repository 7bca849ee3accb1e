"""What any fitted model predicts of guides: by tables, where it has them."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sgrna_estimator._typing import Floats
from sgrna_estimator.scoring.calibration import Calibration
from sgrna_estimator.scoring.cut import warn_of_letters
from sgrna_estimator.scoring.front import first_encoding
from sgrna_estimator.scoring.scorer import GuideScorer, compile_scorer
from sgrna_estimator.sequences.codes import SequenceError, read_texts
from sgrna_estimator.sequences.encoding import Encoding

# Guides whose one-hot matrix is made at once, by models that have no tables.
_GUIDES_AT_ONCE = 20_000


class Predictor:
    """A fitted model that predicts as fast as it can.

    Parameters
    ----------
    model : estimator
        Fitted to a DataFrame of sequences and covariates.
    tells_active : bool, default=False
        Whether it knows the probability that a guide is active.
    calibration : Calibration, default=None
        What intervals are made from, if it is known.
    shortest : int, default=1
        Letters of the shortest sequence in training: shorter ones are refused, of which
        an encoder that aligns sequences would see the ends only.
    common : mapping of int to str, default={}
        The letters that all guides of training had, by position, as `common_letters` has
        them: guides with others are warned of. What the encoder dropped it warns of
        itself.

    Attributes
    ----------
    names : list of str
        What it predicts: ``prediction``; perhaps ``p_active``; of several networks that
        are compiled ``std``, their standard deviation; and with a calibration ``lower``
        and ``upper``, between which 80 % of the measurements of new guides are.
    """

    def __init__(
        self,
        model: Any,
        tells_active: bool = False,
        calibration: Calibration | None = None,
        shortest: int = 1,
        common: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        self._model = model
        self._shortest = shortest
        self._encoding = first_encoding(model)
        dropped = self._encoding.dropped_letters
        self._common = {
            place: letter for place, letter in common.items() if place not in dropped
        }
        self._calibration = calibration
        self._methods = {"prediction": model.predict}
        if tells_active:
            self._methods["p_active"] = model.predict_proba
        self._scorer = None if tells_active else _compile(model)
        self._several = self._scorer is not None and len(self._scorer.parts) > 1
        self.names = [
            *self._methods,
            *(["std"] if self._several else []),
            *(["lower", "upper"] if calibration is not None else []),
        ]

    @property
    def is_compiled(self) -> bool:
        """Whether it is tables, whose scores equal the model's but for rounding."""
        return self._scorer is not None

    def predict(self, features: pd.DataFrame) -> dict[str, Floats]:
        """Predict guides.

        Parameters
        ----------
        features : DataFrame of shape (n_guides, 1 + n_covariates)
            The sequences, then the covariates, as in training.

        Returns
        -------
        dict of str to ndarray of shape (n_guides,)
            By `names`.

        Raises
        ------
        SequenceError
            If a sequence does not fit the model, with the rows of `features`.

        Warns
        -----
        UserWarning
            Of guides with letters where all guides of training had another.
        """
        self._check_lengths(features.iloc[:, 0])
        if self._scorer is not None:
            predictions = self._score(self._scorer, features)
        else:
            predictions = self._predict(features)
        if self._calibration is not None:
            bounds = self._calibration.interval(predictions["prediction"])
            predictions["lower"], predictions["upper"] = bounds
        if self._common:
            texts = features.iloc[:, 0].tolist()
            warn_of_letters(texts, self._encoding.length, self._common)
        return predictions

    def _check_lengths(self, sequences: pd.Series) -> None:
        """Refuse sequences that are shorter than any in training; not missing ones."""
        if self._shortest <= 1:
            return
        short = [
            row
            for row, text in enumerate(sequences)
            if isinstance(text, str) and 0 < len(text) < self._shortest
        ]
        if short:
            raise SequenceError(
                "no sequence may be shorter than the shortest in training, "
                f"{self._shortest}",
                f"there is one of length {len(sequences.iloc[short[0]])}",
                short,
            )

    def _score(self, scorer: GuideScorer, features: pd.DataFrame) -> dict[str, Floats]:
        covariates = features.iloc[:, 1:] if features.shape[1] > 1 else None
        found: Any = scorer.score(
            features.iloc[:, 0], covariates=covariates, return_std=self._several
        )
        return dict(
            zip(
                ["prediction", "std"], found if self._several else [found], strict=False
            )
        )

    def _predict(self, features: pd.DataFrame) -> dict[str, Floats]:
        predictions = {name: np.empty(len(features)) for name in self._methods}
        for start in range(0, len(features), _GUIDES_AT_ONCE):
            rows = slice(start, start + _GUIDES_AT_ONCE)
            try:
                for name, method in self._methods.items():
                    predictions[name][rows] = method(features.iloc[rows])
            except SequenceError as error:
                numbers = [start + row for row in error.rows]
                raise SequenceError(error.expected, error.found, numbers) from None
        return predictions

    def refused(self, sequences: pd.Series) -> dict[int, str]:
        """Find the sequences that do not fit the model.

        Parameters
        ----------
        sequences : Series

        Returns
        -------
        dict of int to str
            Why each of them does not, by its row, counting from 0.
        """
        encoding = self._encoding
        refused: dict[int, str] = {}
        rows = np.arange(len(sequences))
        try:
            self._check_lengths(sequences)
        except SequenceError as error:
            for row in error.rows:
                found = f"it has {len(sequences.iloc[row])}"
                refused[row] = f"{error.expected}, but {found}"
            rows = np.delete(rows, error.rows)
        while len(rows):
            try:
                encoding.encode(read_texts(sequences.iloc[rows]))
            except SequenceError as error:
                refused |= {
                    int(row): _reason(sequences.iloc[row], encoding)
                    for row in rows[error.rows]
                }
                rows = np.delete(rows, error.rows)
            else:
                break
        return refused


def _compile(model: Any) -> GuideScorer | None:
    try:
        return compile_scorer(model)
    except ValueError:  # it is a model of another kind
        return None


def _reason(sequence: Any, encoding: Encoding) -> str:
    """Say why a sequence that cannot be read cannot."""
    try:
        encoding.encode(read_texts([sequence]))
    except SequenceError as error:
        return f"{error.expected}, but {error.found}"
    raise AssertionError(sequence)


class WarningsOfParts:
    """Warnings about parts of the guides, of which each kind is issued once."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, int], tuple[warnings.WarningMessage, str]] = {}
        self._ignored: list[str] = []
        self._repeated: set[tuple[str, int]] = set()

    def ignore(self, pattern: str) -> None:
        """Keep no warning that begins like this regular expression."""
        self._ignored.append(pattern)

    @contextmanager
    def part(self, first: str) -> Iterator[None]:
        """Keep the warnings about a part.

        Parameters
        ----------
        first : str
            Which guide the row 1 is that they count from.
        """
        with warnings.catch_warnings(record=True) as caught:
            for pattern in self._ignored:
                warnings.filterwarnings("ignore", pattern)
            yield
        for warning in caught:
            kind = warning.filename, warning.lineno
            if kind in self._kinds:
                self._repeated.add(kind)
            else:
                self._kinds[kind] = warning, first

    def issue(self) -> None:
        """Issue what was kept, and say which guide its row numbers count from."""
        for kind, (warning, first) in self._kinds.items():
            repeated = kind in self._repeated
            more = "; there are more among later guides" if repeated else ""
            warnings.warn(
                f"{warning.message} (row 1 is {first}{more})",
                warning.category,
                stacklevel=3,
            )
