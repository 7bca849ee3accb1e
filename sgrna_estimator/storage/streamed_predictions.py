"""A fitted model and a stream of guides -> their predictions, a batch at a time."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from sgrna_estimator._typing import Floats
from sgrna_estimator.datasets.columns import CellError
from sgrna_estimator.datasets.opening import TableError
from sgrna_estimator.datasets.streams import GuideBatch, GuideStream, Rejected
from sgrna_estimator.scoring.predictor import Predictor, WarningsOfParts
from sgrna_estimator.sequences.codes import SequenceError
from sgrna_estimator.storage.model_file import FittedModel

# Guides that show how the others are cut.
_FIRST = 20_000


class PredictedBatch(NamedTuple):
    """Guides and what is predicted of them.

    Attributes
    ----------
    guides : GuideBatch
        Perhaps none, if all were rejected.
    predictions : dict of str to ndarray of shape (n_guides,)
        By the names of `Predictor.names`.
    """

    guides: GuideBatch
    predictions: dict[str, Floats]


def predict_stream(
    model: FittedModel,
    stream: GuideStream,
    reject: Callable[[Rejected], object] | None = None,
) -> Iterator[PredictedBatch]:
    """Predict guides a batch at a time, in order.

    Parameters
    ----------
    model : FittedModel
    stream : GuideStream
        With the columns that the model needs.
    reject : callable, default=None
        Called with each guide that cannot be predicted, which is then left out. By
        default such a guide is an error.

    Yields
    ------
    PredictedBatch

    Raises
    ------
    TableError
        If a table cannot be read further, or a guide cannot be predicted. One line that
        names the rows at fault of the first batch that has some.

    Warns
    -----
    UserWarning
        First, if the guides are not cut as those of training were. In the end: what the
        model warned of first, and which row its numbers count from.
    """
    predictor, warned = model.predictor, WarningsOfParts()
    for number, batch in enumerate(stream):
        if number == 0:
            model.warn_of_cut(batch.sequences[:_FIRST], warned)
        try:
            predictions = _predict(batch, model, warned)
        except (CellError, SequenceError) as error:
            if reject is None:
                raise TableError(
                    f"{batch.locate(error.rows)}: {_problem(error, batch)}"
                ) from None
            refused = _refused(batch, predictor)
            for row, reason in refused.items():
                reject(batch.reject(row, reason))
            batch = batch.take(np.setdiff1d(np.arange(len(batch)), list(refused)))
            predictions = _predict(batch, model, warned, "; rejected rows do not count")
        yield PredictedBatch(batch, predictions)
    warned.issue()


def _predict(
    batch: GuideBatch, model: FittedModel, warned: WarningsOfParts, note: str = ""
) -> dict[str, Floats]:
    if not len(batch):
        return {name: np.empty(0) for name in model.predictor.names}
    covariates = batch.read_covariates()
    covariates.insert(0, batch.sequence, batch.sequences)
    features = covariates.set_axis([model.sequence, *model.covariates], axis="columns")
    with warned.part(f"data row {batch.numbers[0]} of {batch.file}{note}"):
        return model.predictor.predict(features)


def _problem(error: CellError | SequenceError, batch: GuideBatch) -> str:
    if isinstance(error, CellError):
        return error.problem
    return (
        f"in the sequence column {batch.sequence!r} {error.expected}, but {error.found}"
    )


def _refused(batch: GuideBatch, predictor: Predictor) -> dict[int, str]:
    """Return why each guide that cannot be predicted cannot, by its row from 0."""
    found = [predictor.refused(batch.sequences)]
    found += batch.find_wrong_covariates()
    rows = sorted(set().union(*found))
    return {
        row: "; ".join(reasons[row] for reasons in found if row in reasons)
        for row in rows
    }
