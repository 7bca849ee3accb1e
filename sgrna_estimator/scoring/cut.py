"""Candidates that are not cut as the guides of training were: another strand, an offset."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Ints
from sgrna_estimator._validation import name_rows

# From so few guides on, one letter at a position says something of how they were cut.
_FEWEST_GUIDES = 20
_MOST_SHIFTED = 3
# Shares of candidates: fewer with the letters of training are doubted, and so many with
# them when read otherwise explain it.
_DOUBTED_BELOW = 0.5
_EXPLAINED_ABOVE = 0.8

_IS_NUCLEOTIDE = np.isin(np.arange(256), list(b"ACGT"))
_AS_DNA = np.frombuffer(bytes(range(256)).upper().replace(b"U", b"T"), np.uint8)
_COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")


def doubt_of_cut(sequences: Sequence[str], summary: Mapping[str, Any]) -> str | None:
    """Say if most candidates lack the letters that all guides of training had.

    Parameters
    ----------
    sequences : sequence of str
        Candidates. Those of another length than the guides of training do not count.
    summary : mapping
        What the guides of training were: `FittedModel.summary`.

    Returns
    -------
    str or None
        Which letters, and whether the candidates have them on the other strand, or some
        letters further on or back. None if there is no doubt, or if training guides had
        no letter in common, or not one length.

    Examples
    --------
    >>> from sgrna_estimator.scoring.cut import doubt_of_cut
    >>> summary = {"n_guides": 900, "letters_by_position": ["ACGT"] * 4 + ["G", "G"]}
    >>> doubt_of_cut(["CCTGAA", "CCATAT"], summary)
    'none of the guides has what all guides of training had, G at position 5, G at \
position 6; all have on the other strand'
    >>> doubt_of_cut(["ACCTGG", "GGATGG"], summary)
    """
    common = common_letters(summary)
    if not common:
        return None
    fixed = np.array(list(common))
    wanted = np.frombuffer("".join(common.values()).encode(), dtype=np.uint8)
    _, letters = _as_letters(sequences, len(summary["letters_by_position"]))
    if not len(letters):
        return None
    letters = _AS_DNA[letters]
    share = _share(letters, fixed, wanted)
    if share >= _DOUBTED_BELOW:
        return None
    places = ", ".join(f"{common[p]} at position {p + 1}" for p in [*common][:4])
    more = f" and {len(fixed) - 4} more" if len(fixed) > 4 else ""
    doubt = f"{_describe(share)} what all guides of training had, {places}{more}"
    found, how = _explain(letters, fixed, wanted)
    return f"{doubt}; {found} {how}" if how else doubt


def common_letters(summary: Mapping[str, Any]) -> dict[int, str]:
    """Return the letters that all guides of training had.

    Parameters
    ----------
    summary : mapping
        What the guides of training were: `FittedModel.summary`.

    Returns
    -------
    dict of int to str
        The letter of each position, counting from 0, that had one only, U as T. Empty
        if training guides had not one length, or were too few to say.

    Examples
    --------
    >>> from sgrna_estimator.scoring.cut import common_letters
    >>> common_letters({"n_guides": 900, "letters_by_position": ["ACG", "A", "U"]})
    {1: 'A', 2: 'T'}
    """
    seen = summary.get("letters_by_position")
    if seen is None or summary["n_guides"] < _FEWEST_GUIDES:
        return {}
    return {
        place: letters.replace("U", "T")
        for place, letters in enumerate(seen)
        if len(letters) == 1
    }


def warn_of_letters(
    sequences: Sequence[str], length: int, common: Mapping[int, str]
) -> None:
    """Warn of candidates without a letter that all guides of training had.

    Parameters
    ----------
    sequences : sequence of str
        Candidates. Those of another length do not count.
    length : int
        Letters of a guide of training.
    common : mapping of int to str
        As `common_letters` has them. Letters other than A, C, G, T and U are unknown,
        and may be these.

    Warns
    -----
    UserWarning
        With the first position at which a candidate differs, and the rows of all.
    """
    rows, letters = _as_letters(sequences, length)
    if not common or not len(letters):
        return
    places = np.array(list(common))
    wanted = np.frombuffer("".join(common.values()).encode(), dtype=np.uint8)
    found = _AS_DNA[letters[:, places]]
    others = _IS_NUCLEOTIDE[found] & (found != wanted)
    differ = np.flatnonzero(others.any(axis=1))
    if not len(differ):
        return
    first = others[differ[0]].argmax()
    place = int(places[first])
    warnings.warn(
        f"{name_rows(rows[differ[:1]])} has {chr(found[differ[0], first])!r} at position "
        f"{place + 1}, where all guides of training had {common[place]!r}: the model has "
        "learnt nothing about such guides; letters that training never had are in "
        f"{name_rows(rows[differ])}",
        UserWarning,
        stacklevel=2,
    )


def _as_letters(
    sequences: Sequence[str], length: int
) -> tuple[Ints, NDArray[np.uint8]]:
    """Return the rows of the sequences of this length, and their letters as written."""
    lengths = [len(text) if isinstance(text, str) else -1 for text in sequences]
    rows = np.flatnonzero(np.array(lengths) == length)
    if len(rows) < len(lengths):
        sequences = [sequences[int(row)] for row in rows]
    letters = np.frombuffer("".join(sequences).encode("ascii", "replace"), np.uint8)
    return rows, letters.reshape(-1, length)


def _share(
    letters: NDArray[np.uint8], places: NDArray[np.intp], wanted: NDArray[np.uint8]
) -> float:
    """Return the share of candidates that have the wanted letters at these places."""
    return float((letters[:, places] == wanted).all(axis=1).mean())


def _describe(share: float) -> str:
    if share == 0:
        return "none of the guides has"
    return f"only {100 * share:.0f} % of the guides have"


def _explain(
    letters: NDArray[np.uint8], places: NDArray[np.intp], wanted: NDArray[np.uint8]
) -> tuple[str, str]:
    """Return how many candidates have the letters when they are read otherwise, and how."""
    complement = np.frombuffer(_COMPLEMENT, dtype=np.uint8)
    other_strand = complement[letters[:, ::-1]]
    shares = {"on the other strand": _share(other_strand, places, wanted)}
    for shift in range(1, _MOST_SHIFTED + 1):
        n_letters = f"{shift} letter{'s' if shift > 1 else ''}"
        if places.max() + shift < letters.shape[1]:
            how = f"{n_letters} further on: was the context cut too early?"
            shares[how] = _share(letters, places + shift, wanted)
        if places.min() >= shift:
            how = f"{n_letters} before: was the context cut too late?"
            shares[how] = _share(letters, places - shift, wanted)
    how, share = max(shares.items(), key=lambda item: item[1])
    if share < _EXPLAINED_ABOVE:
        return "", ""
    return ("all have" if share == 1 else f"{100 * share:.0f} % have"), how
