"""Scores of millions of guides, from the tables of a fitted model."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import is_regressor
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_sums
from sgrna_estimator.baselines.fractional_logistic import FractionalLogisticRegression
from sgrna_estimator.inspection.unwrap import (
    SequenceModel,
    is_network,
    sequence_models,
)
from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression
from sgrna_estimator.network.bounded_target import Bounds, from_share
from sgrna_estimator.network.fitted import Network
from sgrna_estimator.network.threads import one_blas_thread
from sgrna_estimator.scoring.blocks import Block, BlockReader
from sgrna_estimator.scoring.front import Covariates, bounds_of, front_of
from sgrna_estimator.scoring.parts import Part, linear_part, network_part
from sgrna_estimator.scoring.reading import LetterCodes, Source, as_source
from sgrna_estimator.sequences.encoding import Encoding
from sgrna_estimator.sites.table import Sites

# Guides scored at once: enough to hide the calls, few enough for the cache.
_GUIDES_A_BLOCK = 32_768


@dataclass(frozen=True, eq=False, repr=False)
class GuideScorer:
    """A fitted model as tables, which scores guides at the speed of memory.

    Made by `compile_scorer`.

    Parameters
    ----------
    encoding : Encoding
        How letters are read.
    covariates : Covariates
        What else the model needs, and how that is scaled.
    parts : tuple of Part
        The models whose predictions are averaged.
    bounds : (float, float) or None, default=None
        What these predictions are shares of, if they are.
    """

    encoding: Encoding
    covariates: Covariates
    parts: tuple[Part, ...]
    bounds: Bounds | None = None

    def score(
        self,
        sequences: Any,
        *,
        covariates: Any = None,
        n_jobs: int | None = None,
        return_std: bool = False,
    ) -> Floats | tuple[Floats, Floats]:
        """Score guides.

        Parameters
        ----------
        sequences : Series, list, ndarray, Arrow array, one-column DataFrame or Sites
            As the encoder takes them; or letter codes, a uint8 array of shape
            (n_guides, n_positions), of which 0 is the first letter of the alphabet; or
            the sites of a genome, of which there may be none.
        covariates : DataFrame or array-like of shape (n_guides, n_covariates), \
                default=None
            As the model was fitted to them, before scaling. Of a data frame columns are
            taken by name, of an array in the order of ``covariates.names``.
        n_jobs : int or None, default=None
            Threads. None is one, -1 all processors.
        return_std : bool, default=False
            Whether to return the standard deviation over the networks as well.

        Returns
        -------
        mean : ndarray of shape (n_guides,)
            What the model predicts; of a classifier the probability of its second
            class.
        std : ndarray of shape (n_guides,)
            Only with ``return_std``.

        Raises
        ------
        SequenceError
            If a sequence cannot be read, as the encoder says it.
        ValueError
            If covariates do not fit or are so large that sums overflow, or the standard
            deviation of one model is asked for.

        Warns
        -----
        UserWarning
            As the encoder, of letters at positions that it dropped.
        """
        if return_std and len(self.parts) == 1:
            raise ValueError(
                "return_std=True needs several networks: fit with n_networks=5, say"
            )
        source = self._as_source(sequences)
        n_guides = len(source)
        columns = self.covariates.check(covariates, n_guides)
        scores = np.empty((2 if return_std else 1, n_guides))
        blocks = [
            slice(start, min(start + _GUIDES_A_BLOCK, n_guides))
            for start in range(0, n_guides, _GUIDES_A_BLOCK)
        ]
        n_threads = max(1, min(effective_n_jobs(n_jobs), len(blocks)))
        with one_blas_thread():
            differing = Parallel(n_threads, prefer="threads", require="sharedmem")(
                delayed(self._score_blocks)(
                    source, columns, blocks[number::n_threads], scores
                )
                for number in range(n_threads)
            )
        check_sums(scores[0], "the model overflow", "covariates hold")
        found = sorted(
            chain(*differing), key=lambda rows_and_codes: rows_and_codes[0][0]
        )
        if found:
            rows = np.concatenate([rows for rows, _ in found])
            self.encoding.warn_of_dropped(rows, found[0][1])
        if self.bounds is not None:
            low, high = self.bounds
            scores[0] = from_share(scores[0], self.bounds)
            scores[1:] *= high - low
        return (scores[0], scores[1]) if return_std else scores[0]

    def __repr__(self) -> str:
        tables = [part.tables for part in self.parts if part.tables is not None]
        size = sum(each.n_bytes for each in tables) / 2**20
        return (
            f"GuideScorer({self.encoding.length} positions, {len(self.parts)} "
            f"model{'s' if len(self.parts) > 1 else ''}, {len(tables)} of them as "
            f"tables of {size:.1f} MiB)"
        )

    def _as_source(self, sequences: Any) -> Source:
        if isinstance(sequences, Sites):
            return self._source_of_sites(sequences)
        is_codes = isinstance(sequences, np.ndarray) and (
            sequences.dtype == np.uint8 and sequences.ndim == 2
        )
        if not is_codes:
            return as_source(sequences)
        if not len(sequences) or sequences.shape[1] != self.encoding.length:
            raise ValueError(
                "letter codes must have the shape (n_guides, "
                f"{self.encoding.length}), with one guide or more, got "
                f"{sequences.shape}"
            )
        return LetterCodes(sequences)

    def _source_of_sites(self, sites: Sites) -> Source:
        encoding, layout = self.encoding, sites.layout
        is_as_long = layout.length == encoding.length
        if not is_as_long and encoding.align is None:
            raise ValueError(
                f"the model takes sequences of {encoding.length} positions, but the "
                f"sites have the layout {layout}, of {layout.length}"
            )
        has_their_codes = encoding.alphabet.letters.startswith(("ACGT", "ACGU"))
        if not len(sites) or (is_as_long and has_their_codes):
            return LetterCodes(sites.codes)
        return as_source(sites.sequences())

    def _score_blocks(
        self,
        source: Source,
        covariates: Floats,
        blocks: list[slice],
        scores: Floats,
    ) -> list[tuple[Ints, NDArray[np.uint8]]]:
        """Score blocks of guides.

        Returns, of each block that has some, the guides that differ where none did in
        training, and the letter codes of the first.
        """
        reader = BlockReader(self.encoding, source)
        differing = []
        for rows in blocks:
            block = reader.read(rows)
            with np.errstate(over="ignore", invalid="ignore"):  # `score` looks at it
                predictions = [
                    self._predict(part, block, covariates[rows]) for part in self.parts
                ]
            np.mean(predictions, axis=0, out=scores[0, rows])
            if len(scores) > 1:
                scores[1, rows] = np.std(predictions, axis=0)
            if len(block.differing):
                differing.append((block.differing, block.first_differing))
        return differing

    def _predict(self, part: Part, block: Block, covariates: Floats) -> Floats:
        """Return what one model predicts."""
        kept, special = self.encoding.kept, block.special
        if part.tables is None:
            z = part.model.predict(block.all_codes(kept), covariates)
        else:
            z = part.tables.predict(block.codes, covariates)
            if len(special):
                codes = block.special_codes[:, kept]
                z[special] = part.model.predict(codes, covariates[special])
        if part.output == "identity":
            return z
        if covariates.shape[1]:
            z[np.isinf(z)] = np.nan  # an overflow is no probability of 0 or 1
        return expit(z)


def compile_scorer(model: Any, *, max_table_bytes: int = 2**28) -> GuideScorer:
    """Turn a fitted model into tables that score guides fast.

    Parameters
    ----------
    model : estimator
        Fitted: a network or a linear model (RidgeCV, LassoCV, LogisticRegression,
        FractionalLogisticRegression) in a pipeline after a
        :class:`SequenceOneHotTransformer`, which may be in a ColumnTransformer beside
        covariates that are passed through or scaled by a StandardScaler; perhaps in a
        GridSearchCV, a BoundedTargetRegressor, or bagged.
    max_table_bytes : int, default=2**28
        Memory that tables may take. A model whose tables would be larger computes each
        guide instead, with the same result.

    Returns
    -------
    GuideScorer

    Raises
    ------
    ValueError
        If it is another model.

    See Also
    --------
    letter_effects : What each letter does at each position.

    Notes
    -----
    Scores equal ``model.predict`` (of a classifier, the second column of
    ``predict_proba``) but for rounding in single precision. Guides with unknown or
    absent letters are scored by the model as it is, and so are slower.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import (
    ...     PositionwiseReLURegressor,
    ...     SequenceOneHotTransformer,
    ...     compile_scorer,
    ... )
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=100, random_state=0)
    >>> model = make_pipeline(
    ...     SequenceOneHotTransformer(), PositionwiseReLURegressor(random_state=0)
    ... ).fit(screen.sequences, screen.data["activity"])
    >>> scorer = compile_scorer(model)
    >>> scores = scorer.score(screen.sequences)
    >>> np.allclose(scores, model.predict(screen.sequences), atol=1e-5)
    True
    """
    check_is_fitted(model)
    encoding, covariates = front_of(model)
    try:
        found = list(sequence_models(model))
    except ValueError as error:
        raise ValueError(f"the model cannot be compiled: {error}") from None
    n_parts = sum(len(_networks_of(one.model)) or 1 for one in found)
    parts = [
        part
        for one in found
        for part in _parts_of(one, encoding, max_table_bytes // n_parts, n_parts)
    ]
    bounds = bounds_of(model)
    if bounds is not None and any(part.output != "logistic" for part in parts):
        # The mean of shares beyond 0 and 1 is not that of shares cut off there.
        raise ValueError(
            "the model cannot be compiled: a BoundedTargetRegressor sets bounds to what "
            "its model predicts, which has no logistic output"
        )
    return GuideScorer(encoding, covariates, tuple(parts), bounds)


def _networks_of(model: Any) -> list[Network]:
    return model.networks_ if is_network(model) else []


def _parts_of(
    found: SequenceModel, encoding: Encoding, most_bytes: int, n_parts: int
) -> list[Part]:
    """Return the networks of an estimator, or the one linear model that it is."""
    model, numbers = found.model, found.columns.numbers
    others = np.setdiff1d(np.arange(model.n_features_in_), numbers)
    if is_network(model):
        covariates = np.searchsorted(others, model.columns_.covariates)
        return [
            network_part(network, covariates, encoding.weights, most_bytes, n_parts)
            for network in _networks_of(model)
        ]
    output = _output_of(model)
    coefficients = np.ravel(model.coef_).astype(np.float64)
    part = linear_part(
        coefficients[numbers],
        coefficients[others],
        float(np.ravel(model.intercept_)[0]),
        encoding.weights,
        output,
        most_bytes,
    )
    return [part]


def _output_of(model: Any) -> str:
    """Return what a linear model makes of its sum."""
    if isinstance(model, LogisticRegression | FractionalLogisticRegression):
        return "logistic"
    if not is_regressor(model) or isinstance(model, MixtureLogisticRegression):
        raise ValueError(
            f"the model cannot be compiled: what {type(model).__name__} predicts is not "
            "the sum of its coefficients"
        )
    return "identity"
