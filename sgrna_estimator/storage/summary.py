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
        ``gc_min`` and ``gc_max``, the least and the largest share of G and C in a
        sequence; ``target_mean``, ``target_sd`` (with ``n_guides`` as divisor),
        ``target_min`` and ``target_max``.
    """
    sequences = sequences.str.upper()
    lengths = sequences.str.len()
    gc = sequences.str.count("[GC]") / lengths
    return {
        "n_guides": len(sequences),
        "shortest": int(lengths.min()),
        "longest": int(lengths.max()),
        "letters": "".join(sorted(set("".join(sequences)))),
        "gc_min": float(gc.min()),
        "gc_max": float(gc.max()),
        "target_mean": float(target.mean()),
        "target_sd": float(target.std(ddof=0)),
        "target_min": float(target.min()),
        "target_max": float(target.max()),
    }
