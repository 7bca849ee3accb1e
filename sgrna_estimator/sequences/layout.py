"""Which positions of a guide's context are the spacer, the PAM and the flanks."""

import re
from dataclasses import dataclass
from numbers import Integral
from typing import Literal, Self, get_args

Numbering = Literal["spacer", "pam"]
_SEED_LENGTH = 10
_PART = re.compile(r"\s*(?P<pam>PAM)?\s*(?P<length>\d+)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class GuideLayout:
    """Which positions of a context are the spacer, the PAM and the flanks.

    Parameters
    ----------
    upstream_length : int
        Positions before the protospacer and its PAM.
    spacer_length : int
        Positions of the spacer (the protospacer, in the target).
    pam_length : int
        Positions of the PAM; 0 if it is not in the sequences.
    downstream_length : int
        Positions after the protospacer and its PAM.
    pam_first : bool, default=False
        Whether the PAM is before the spacer (Cas12a) rather than after it (Cas9).

    Raises
    ------
    ValueError
        If a length is not a whole number, or too small.

    Examples
    --------
    >>> from sgrna_estimator import GuideLayout
    >>> cas9 = GuideLayout.parse("4+20+3+3")
    >>> cas9.length, cas9.spacer, cas9.pam
    (30, slice(4, 24, None), slice(24, 27, None))
    >>> cas9.position_names()[:6]
    (-4, -3, -2, -1, 1, 2)
    >>> cas9.position_names("pam")[22:26]
    (-2, -1, 1, 2)
    >>> str(GuideLayout.parse("4+PAM4+23+3"))
    '4+PAM4+23+3'
    """

    upstream_length: int
    spacer_length: int
    pam_length: int
    downstream_length: int
    pam_first: bool = False

    def __post_init__(self) -> None:
        for name, least in (
            ("upstream_length", 0),
            ("spacer_length", 1),
            ("pam_length", 0),
            ("downstream_length", 0),
        ):
            length = getattr(self, name)
            if not isinstance(length, Integral) or length < least:
                raise ValueError(
                    f"{name} must be a whole number of at least {least}, got {length!r}"
                )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a layout as the field writes it.

        Parameters
        ----------
        text : str
            Lengths of upstream, spacer, PAM and downstream, such as ``"4+20+3+3"``.
            Where the PAM is before the spacer it is marked: ``"4+PAM4+23+3"``.

        Returns
        -------
        GuideLayout

        Raises
        ------
        ValueError
            If it is not written so.
        """
        parts = [_PART.fullmatch(part) for part in text.split("+")]
        lengths = [int(part["length"]) for part in parts if part]
        marked = [place for place, part in enumerate(parts) if part and part["pam"]]
        if len(parts) != 4 or len(lengths) != 4 or marked not in ([], [1], [2]):
            raise ValueError(
                "a layout is written as upstream+spacer+PAM+downstream, for example "
                "4+20+3+3, or with the PAM first as 4+PAM4+23+3; got "
                f"{text!r}"
            )
        upstream, second, third, downstream = lengths
        if marked == [1]:
            return cls(upstream, third, second, downstream, pam_first=True)
        return cls(upstream, second, third, downstream)

    def __str__(self) -> str:
        middle = [str(self.spacer_length), str(self.pam_length)]
        if self.pam_first:
            middle = [f"PAM{self.pam_length}", str(self.spacer_length)]
        return "+".join(
            [str(self.upstream_length), *middle, str(self.downstream_length)]
        )

    @property
    def length(self) -> int:
        """Number of positions in all."""
        return (
            self.upstream_length
            + self.spacer_length
            + self.pam_length
            + self.downstream_length
        )

    @property
    def spacer(self) -> slice:
        """Where the spacer is in a sequence."""
        start = self.upstream_length + (self.pam_length if self.pam_first else 0)
        return slice(start, start + self.spacer_length)

    @property
    def pam(self) -> slice:
        """Where the PAM is in a sequence."""
        start = self.upstream_length + (0 if self.pam_first else self.spacer_length)
        return slice(start, start + self.pam_length)

    @property
    def seed(self) -> slice:
        """Where the seed is: the ten positions of the spacer that are next to the PAM."""
        spacer, n = self.spacer, min(_SEED_LENGTH, self.spacer_length)
        if self.pam_first:
            return slice(spacer.start, spacer.start + n)
        return slice(spacer.stop - n, spacer.stop)

    def position_names(self, numbering: Numbering = "spacer") -> tuple[int, ...]:
        """Return the numbers of the positions.

        Parameters
        ----------
        numbering : {"spacer", "pam"}, default="spacer"
            Where 1 is: the first position of the spacer, or of the PAM. The position
            before it is -1; there is no 0.

        Returns
        -------
        tuple of int of length `length`

        Raises
        ------
        ValueError
            If there is no such numbering, or no PAM to count from.
        """
        if numbering not in get_args(Numbering):
            raise ValueError(
                f"numbering must be one of {get_args(Numbering)}, got {numbering!r}"
            )
        if numbering == "pam" and not self.pam_length:
            raise ValueError(
                f"the layout {self} has no PAM to number the positions from; use "
                "numbering='spacer'"
            )
        origin = (self.spacer if numbering == "spacer" else self.pam).start
        return tuple(place - origin + (place >= origin) for place in range(self.length))

    def check_length(self, length: int) -> None:
        """Check that sequences are as long as the layout.

        Parameters
        ----------
        length : int
            That of the sequences.

        Raises
        ------
        ValueError
            If it is not the layout's.
        """
        if length != self.length:
            raise ValueError(
                f"the layout {self} has {self.length} positions, but the sequences "
                f"have {length}"
            )


def as_layout(layout: GuideLayout | str | None) -> GuideLayout | None:
    """Return a layout that may be given as text.

    Parameters
    ----------
    layout : GuideLayout, str or None
        Text is read by `GuideLayout.parse`.

    Returns
    -------
    GuideLayout or None

    Raises
    ------
    ValueError
        If it is neither, or the text is no layout.
    """
    if isinstance(layout, str):
        return GuideLayout.parse(layout)
    if layout is not None and not isinstance(layout, GuideLayout):
        raise ValueError(
            f"layout must be a GuideLayout, or text such as '4+20+3+3', got {layout!r}"
        )
    return layout
