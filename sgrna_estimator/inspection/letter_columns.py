"""Which columns of a matrix are the letters of one position, for tools that see columns."""

from collections.abc import Iterable
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._unwrap import inside
from sgrna_estimator.sequences.column_names import (
    Name,
    is_sequence_column,
    read_names,
)


def letter_columns(source: Any) -> dict[Name, list[int]]:
    """Return the columns of the letters of each position.

    A position of a one-hot sequence is several columns, which mean something together
    only. Tools that value single columns, such as shap, are read position by position
    with this.

    Parameters
    ----------
    source : estimator or iterable of str
        Names of columns, or something fitted that knows them: a
        :class:`SequenceOneHotTransformer`, alone or in a ColumnTransformer beside
        covariates, a pipeline, whose last step may be a model of any kind, a search
        over pipelines, or a model that was fitted to a DataFrame of named columns.

    Returns
    -------
    dict of {int or str: list of int}
        By the name of the position, in the order of the columns: the numbers of its
        columns, from 0, in the matrix that the model sees. Positions that the encoder
        dropped have none. Columns that are in no list are not a letter of a position:
        covariates, pairs of letters.

    Raises
    ------
    ValueError
        If the names speak of no positions, or of positions that are not whole.

    See Also
    --------
    letter_effects : What each letter does in a model that says so itself.

    Notes
    -----
    Columns are known by their names, such as ``"7_A"``, or ``"sequence__7_A"`` behind a
    ColumnTransformer. Where positions are called by other names than whole numbers,
    there must be no columns but theirs.

    Examples
    --------
    >>> from sgrna_estimator import SequenceOneHotTransformer, letter_columns
    >>> encoder = SequenceOneHotTransformer().fit(["GATC", "GCTA", "GCTA"])
    >>> letter_columns(encoder)
    {2: [0, 1, 2, 3], 4: [4, 5, 6, 7]}
    >>> letter_columns(["tss_distance", "7_A", "7_C", "7_G", "7_T"])
    {7: [1, 2, 3, 4]}
    """
    names = _names_of(source)
    numbers = [i for i, name in enumerate(names) if is_sequence_column(name)]
    numbers = numbers or [*range(len(names))]
    found = read_names([names[i] for i in numbers])
    if found is None:
        raise ValueError(
            "columns of letters have names such as '7_A', but there are only "
            f"{', '.join(map(repr, names[:5]))}{', ...' if len(names) > 5 else ''}"
        )
    width = len(found.letters)
    starts = range(0, len(numbers), width)
    return {
        position: numbers[start : start + width]
        for position, start in zip(found.positions, starts, strict=True)
    }


def _names_of(source: Any) -> list[str]:
    """Return the names of the columns that a model sees, or that a transformer makes."""
    if isinstance(source, str) or not hasattr(source, "fit"):
        return _as_texts(source)
    check_is_fitted(source)
    if isinstance(source, Pipeline) and hasattr(source[-1], "predict"):
        if len(source) > 1:
            return [*source[:-1].get_feature_names_out()]
        return _names_of(source[-1])
    if hasattr(source, "get_feature_names_out"):
        return [*source.get_feature_names_out()]
    held = inside(source)
    if len(held) == 1:
        return _names_of(held[0])
    if not hasattr(source, "feature_names_in_"):
        raise ValueError(
            f"this {type(source).__name__} knows no names of columns: pass the encoder "
            "or the pipeline in front of it, or the names"
        )
    return [*source.feature_names_in_]


def _as_texts(names: Iterable[object]) -> list[str]:
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise ValueError(
            "source must be an estimator or names of columns, got "
            f"{names!r} ({type(names).__name__})"
        )
    return [str(name) for name in names]
