"""Contexts -> what in them the guides of training did not have."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sgrna_estimator.design.annotate import gc_content
from sgrna_estimator.sequences.layout import GuideLayout


def unlike_training(
    contexts: pd.Series, summary: Mapping[str, Any], layout: GuideLayout
) -> pd.Series:
    """Say in what guides are outside of what a model was trained on.

    Parameters
    ----------
    contexts : Series of str of shape (n_guides,)
        In capital letters, of the length of `layout`.
    summary : mapping
        What the training guides were: `FittedModel.summary`.
    layout : GuideLayout
        Where the PAM is in the contexts.

    Returns
    -------
    Series of str of shape (n_guides,)
        ``"length 30"``, ``"PAM AGA"``, ``"letter A at 1"`` (positions as the layout
        numbers them: 1 is the first of the spacer, -1 the one before it) or ``"GC
        0.93"`` (of the context), with commas between; empty for a guide like those
        of training. The PAM and the letters are compared position by position where all
        training guides were of this length.
    """
    reasons: list[list[str]] = [[] for _ in contexts]

    def note(wrong: Any, texts: Any) -> None:
        for row, text in zip(np.flatnonzero(wrong), texts, strict=True):
            reasons[row].append(text)

    lengths = contexts.str.len()
    other_length = ~lengths.between(summary["shortest"], summary["longest"])
    note(other_length, [f"length {length}" for length in lengths[other_length]])
    text = "".join(contexts).encode("ascii", "replace")
    letters = np.frombuffer(text, dtype=np.uint8).reshape(len(contexts), layout.length)
    unseen = ~np.stack(
        [
            np.isin(letters[:, place], list(seen.encode("ascii", "replace")))
            for place, seen in enumerate(_letters_seen(summary, layout.length))
        ],
        axis=1,
    )
    in_pam = np.zeros(layout.length, dtype=bool)
    in_pam[layout.pam] = True
    other_pam = unseen[:, in_pam].any(axis=1)
    note(
        other_pam,
        [f"PAM {context[layout.pam]}" for context in contexts.to_numpy()[other_pam]],
    )
    numbers = layout.position_names()
    for place in np.flatnonzero(~in_pam):
        rows, number = unseen[:, place], numbers[place]
        found = map(chr, letters[rows, place])
        note(rows, [f"letter {each} at {number}" for each in found])
    gc = gc_content(contexts)
    other_gc = ~gc.between(summary["gc_min"], summary["gc_max"])
    note(other_gc, [f"GC {share:.2f}" for share in gc[other_gc]])
    return pd.Series(
        [", ".join(each) for each in reasons], contexts.index, dtype=object
    )


def _letters_seen(summary: Mapping[str, Any], length: int) -> list[str]:
    """Return the letters that training guides had at each position, U as T."""
    seen = summary.get("letters_by_position")
    if seen is None or len(seen) != length:
        seen = [summary["letters"]] * length
    return [letters.replace("U", "T") for letters in seen]
