"""What a model remembers of its guides, and what is said beside it -> where to look."""

from collections.abc import Mapping
from typing import Any

from sgrna_estimator.sequences.alphabet import IUPAC_NUCLEOTIDES
from sgrna_estimator.sequences.layout import GuideLayout, as_layout


def layout_of_sites(
    remembered: GuideLayout | str | None,
    given: GuideLayout | str | None,
    length: int,
) -> GuideLayout:
    """Return the layout of the sites that a model can be asked about.

    Parameters
    ----------
    remembered : GuideLayout, str or None
        That of the model's guides, if it knows it.
    given : GuideLayout, str or None
        What is said of it, if anything.
    length : int
        Letters of the sequences that the model takes.

    Returns
    -------
    GuideLayout
        With the letters of the PAM.

    Raises
    ------
    ValueError
        If the two contradict each other, or do not say the letters of the PAM, or if the
        layout is of another length.
    """
    own, other = as_layout(remembered), as_layout(given)
    layout = other or own
    if layout is None:
        raise ValueError(
            "the model does not know the layout of its guides: say it, for example "
            "--layout SpCas9, which is 4+20+NGG+3 (or fit the model with --layout)"
        )
    if own is not None and other is not None:
        try:
            layout = own.joined(other)
        except ValueError as error:
            raise ValueError(f"of the model's guides, {error}") from None
    if layout.pam_pattern is None:
        raise ValueError(
            f"the layout {layout} does not say the letters of the PAM: say it as in "
            "--layout 4+20+NGG+3"
        )
    if layout.length != length:
        raise ValueError(
            f"the layout {layout} has {layout.length} positions, but the sequences that "
            f"the model was fitted to have {length}"
        )
    return layout


def doubt_of_layout(layout: GuideLayout, summary: Mapping[str, Any]) -> str | None:
    """Say if training guides had letters where the PAM allows none of them.

    A layout that is off by a base finds sites, and a model predicts them, without any
    error: what training guides had in the place of the PAM shows it.

    Parameters
    ----------
    layout : GuideLayout
        With the letters of the PAM.
    summary : mapping
        What the training guides were: `FittedModel.summary`.

    Returns
    -------
    str or None
        A sentence, or None if nothing speaks against the layout.
    """
    seen = summary.get("letters_by_position")
    if seen is None:
        return None
    for number, (symbol, letters) in enumerate(
        zip(layout.pam_pattern or "", seen[layout.pam], strict=True), 1
    ):
        allowed = IUPAC_NUCLEOTIDES.get(symbol, symbol)
        others = [
            letter for letter in letters.replace("U", "T") if letter not in allowed
        ]
        if others:
            return (
                f"training guides had {', '.join(others)} as well where {layout} has "
                f"letter {number} of the PAM, {symbol}: is the layout right?"
            )
    return None
