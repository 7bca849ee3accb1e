"""What a table of guides holds: counts, sequences and measurements, as plain numbers."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgrna_estimator._typing import Floats
from sgrna_estimator.comparison.splits import row_codes

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class DataSummary:
    """What `summarise_data` counts.

    Sequences that differ in case, or in U for T, are the same sequence. Positions are
    counted from 1.

    Attributes
    ----------
    n_guides : int
        Rows of the table.
    lengths : dict of int to int
        Guides of each sequence length, short sequences first.
    n_sequences : int
        Distinct sequences.
    n_repeated : int
        Guides whose sequence another guide has too.
    n_repeated_sequences : int
        Sequences that several guides have.
    n_conflicting_sequences : int
        Of these, the ones whose measurements differ.
    other_letters : dict of str to int
        How often each letter other than A, C, G, T and U occurs, the commonest first.
    n_guides_with_other_letters : int
        Guides that have such a letter.
    constant_positions : dict of int to str, or None
        Positions with one letter in all guides, and this letter. None if lengths
        differ: without an alignment there are no common positions.
    gc : tuple of float
        Least, median and greatest GC content, of the letters A, C, G and T.
    quantiles : dict of float to float
        Of the measurements, at ``QUANTILES``.
    mean, sd : float
        Of the measurements.
    commonest_value : float
        The measurement that most guides share.
    n_of_commonest_value : int
        How many guides share it.
    n_values : int
        Distinct measurements.
    group_sizes : Series or None
        Guides of each gene, the largest gene first.
    """

    n_guides: int
    lengths: dict[int, int]
    n_sequences: int
    n_repeated: int
    n_repeated_sequences: int
    n_conflicting_sequences: int
    other_letters: dict[str, int]
    n_guides_with_other_letters: int
    constant_positions: dict[int, str] | None
    gc: tuple[float, float, float]
    quantiles: dict[float, float]
    mean: float
    sd: float
    commonest_value: float
    n_of_commonest_value: int
    n_values: int
    group_sizes: pd.Series | None


def summarise_data(
    sequences: pd.Series, target: Floats, groups: pd.Series | None = None
) -> DataSummary:
    """Count what a table of guides holds.

    Parameters
    ----------
    sequences : Series of str
        As written.
    target : ndarray of shape (n_guides,)
        Measured activities.
    groups : Series or None, default=None
        Gene of each guide.

    Returns
    -------
    DataSummary

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sgrna_estimator.report.data_summary import summarise_data
    >>> sequences = pd.Series(["GACN", "GATT", "gauu"])
    >>> summary = summarise_data(sequences, np.array([0.1, 0.5, 0.7]))
    >>> summary.constant_positions, summary.other_letters
    ({1: 'G', 2: 'A'}, {'N': 1})
    >>> summary.n_repeated, summary.n_conflicting_sequences
    (2, 1)
    """
    letters = [text.upper().replace("U", "T") for text in sequences]
    lengths = Counter(map(len, letters))
    measured = np.asarray(target, dtype=float)
    by_sequence = pd.Series(measured).groupby(row_codes(sequences))
    guides_of_sequence = by_sequence.size()
    repeated = guides_of_sequence > 1
    counts = Counter("".join(letters))
    others = [(letter, n) for letter, n in counts.most_common() if letter not in "ACGT"]
    values = pd.Series(measured).value_counts()
    return DataSummary(
        n_guides=len(letters),
        lengths=dict(sorted(lengths.items())),
        n_sequences=len(guides_of_sequence),
        n_repeated=int(guides_of_sequence[repeated].sum()),
        n_repeated_sequences=int(repeated.sum()),
        n_conflicting_sequences=int((by_sequence.max() > by_sequence.min()).sum()),
        other_letters=dict(others),
        n_guides_with_other_letters=sum(
            any(letter in text for letter, _ in others) for text in letters
        ),
        constant_positions=_constant_positions(letters) if len(lengths) == 1 else None,
        gc=_gc_content(letters),
        quantiles=dict(
            zip(QUANTILES, np.quantile(measured, QUANTILES).tolist(), strict=True)
        ),
        mean=float(measured.mean()),
        sd=float(measured.std()),
        commonest_value=float(values.index[0]),
        n_of_commonest_value=int(values.iloc[0]),
        n_values=len(values),
        group_sizes=None if groups is None else groups.value_counts(),
    )


def _constant_positions(letters: list[str]) -> dict[int, str]:
    return {
        position: column[0]
        for position, column in enumerate(zip(*letters, strict=True), start=1)
        if len(set(column)) == 1
    }


def _gc_content(letters: list[str]) -> tuple[float, float, float]:
    """Return the least, the median and the greatest GC content; nan if no letter is."""
    gc = np.array([text.count("G") + text.count("C") for text in letters], dtype=float)
    at = np.array([text.count("A") + text.count("T") for text in letters])
    known = gc + at
    content = gc[known > 0] / known[known > 0]
    if not content.size:
        return (np.nan, np.nan, np.nan)
    return (float(content.min()), float(np.median(content)), float(content.max()))
