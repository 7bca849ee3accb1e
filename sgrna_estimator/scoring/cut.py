"""Candidates that are not cut as the guides of training were: another strand, an offset."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# From so few guides on, one letter at a position says something of how they were cut.
_FEWEST_GUIDES = 20
_MOST_SHIFTED = 3
# Shares of candidates: fewer with the letters of training are doubted, and so many with
# them when read otherwise explain it.
_DOUBTED_BELOW = 0.5
_EXPLAINED_ABOVE = 0.8

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
    seen = summary.get("letters_by_position")
    if seen is None or summary["n_guides"] < _FEWEST_GUIDES:
        return None
    fixed = [place for place, letters in enumerate(seen) if len(letters) == 1]
    wanted = np.frombuffer("".join(seen[p] for p in fixed).encode(), dtype=np.uint8)
    letters = _as_letters(sequences, len(seen))
    if not fixed or not len(letters):
        return None
    share = _share(letters, np.array(fixed), wanted)
    if share >= _DOUBTED_BELOW:
        return None
    places = ", ".join(f"{seen[p]} at position {p + 1}" for p in fixed[:4])
    more = f" and {len(fixed) - 4} more" if len(fixed) > 4 else ""
    doubt = f"{_describe(share)} what all guides of training had, {places}{more}"
    found, how = _explain(letters, np.array(fixed), wanted)
    return f"{doubt}; {found} {how}" if how else doubt


def _as_letters(sequences: Sequence[str], length: int) -> NDArray[np.uint8]:
    text = "".join(s for s in sequences if isinstance(s, str) and len(s) == length)
    text = text.upper().replace("U", "T")
    return np.frombuffer(text.encode("ascii", "replace"), np.uint8).reshape(-1, length)


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
