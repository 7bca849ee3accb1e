"""What the guides were that a model learnt from, in a few plain values."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def summarise_guides(sequences: "pd.Series", target: "pd.Series") -> dict[str, Any]:
    """Return what guides are like.

    Parameters
    ----------
    sequences : Series of str, of shape (n_guides,)
        Read by `load_table`.
    target : Series of float64, of shape (n_guides,)
        What was measured.

    Returns
    -------
    dict
        ``n_guides``; ``shortest`` and ``longest`` sequence; ``letters``, sorted;
        ``letters_by_position``, a list of those at each position, None if the sequences
        are not of one length; ``gc_min`` and ``gc_max``, the least and the largest share
        of G and C in a sequence; ``target_mean``, ``target_sd`` (with ``n_guides`` as
        divisor), ``target_min`` and ``target_max``.
    """
    sequences = sequences.str.upper()
    lengths = sequences.str.len()
    gc = sequences.str.count("[GC]") / lengths
    return {
        "n_guides": len(sequences),
        "shortest": int(lengths.min()),
        "longest": int(lengths.max()),
        "letters": _letters_of("".join(sequences)),
        "letters_by_position": _letters_by_position(sequences)
        if lengths.min() == lengths.max()
        else None,
        "gc_min": float(gc.min()),
        "gc_max": float(gc.max()),
        "target_mean": float(target.mean()),
        "target_sd": float(target.std(ddof=0)),
        "target_min": float(target.min()),
        "target_max": float(target.max()),
    }


def _letters_of(text: str) -> str:
    return "".join(sorted(set(text)))


def _letters_by_position(sequences: "pd.Series") -> list[str]:
    columns = zip(*sequences, strict=True)
    return [_letters_of("".join(column)) for column in columns]
