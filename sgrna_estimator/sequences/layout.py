"""Which positions of a guide's context are the spacer, the PAM and the flanks."""

import re
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Literal, Self, get_args

Numbering = Literal["spacer", "pam"]
_SEED_LENGTH = 10
_PART = re.compile(
    r"\s*(?:(?P<pam>PAM)?\s*(?P<length>\d{1,9})|(?P<letters>[A-Z]+))\s*",
    re.IGNORECASE,
)

# Where nucleases cut, in letters of the spacer. SpCas9: 3 from the PAM (Jinek et al.
# 2012, doi:10.1126/science.1225829). Cas12a: after 18 on the strand of the PAM, and
# after 23 on the other (Zetsche et al. 2015, doi:10.1016/j.cell.2015.09.038).
_CUT_BEFORE_PAM = 3
_CUT_AFTER_FIRST_PAM = 18

# Layouts that have a name.
PRESETS = {
    "SpCas9": "4+20+NGG+3",
    "Cas12a": "4+TTTV+23+3",
    "CRISPRa": "10+20+NGG+10",
}


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
    pam_pattern : str or None, default=None
        The letters of the PAM, 5' to 3' on its strand, in IUPAC codes: ``"NGG"``.
        None if nothing is known of them; then no sites can be searched for.

    Raises
    ------
    ValueError
        If a length is not a whole number, or too small, or the pattern has another
        length than the PAM, or letters that are not IUPAC codes.

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

    With the letters of the PAM, by name or in text:

    >>> str(GuideLayout.parse("Cas12a"))
    '4+TTTV+23+3'
    >>> GuideLayout.parse("4+20+NGG+3") == GuideLayout.parse("4+20+3+3", pam="NGG")
    True
    """

    upstream_length: int
    spacer_length: int
    pam_length: int
    downstream_length: int
    pam_first: bool = False
    pam_pattern: str | None = None

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
        if self.pam_pattern is not None:
            pattern = _check_pattern(self.pam_pattern, self.pam_length)
            object.__setattr__(self, "pam_pattern", pattern)

    @classmethod
    def parse(cls, text: str, *, pam: str | None = None) -> Self:
        """Read a layout as the field writes it.

        Parameters
        ----------
        text : str
            Lengths of upstream, spacer, PAM and downstream, such as ``"4+20+3+3"``.
            Where the PAM is before the spacer it is marked: ``"4+PAM4+23+3"``. The
            letters of the PAM may take the place of its length, on either side:
            ``"4+20+NGG+3"``, ``"4+TTTV+23+3"``. Or a name: ``"SpCas9"``
            (``4+20+NGG+3``), ``"Cas12a"`` (``4+TTTV+23+3``) or ``"CRISPRa"``
            (``10+20+NGG+10``).
        pam : str, default=None
            The letters of the PAM, in IUPAC codes, instead of those in the text.

        Returns
        -------
        GuideLayout

        Raises
        ------
        ValueError
            If it is not written so, or the PAM has another length.
        """
        names = {name.lower(): name for name in PRESETS}
        text = PRESETS.get(names.get(text.strip().lower(), ""), text)
        layout = cls._parse_parts(text)
        return layout if pam is None else replace(layout, pam_pattern=pam)

    @classmethod
    def _parse_parts(cls, text: str) -> Self:
        """Read lengths, and perhaps the letters of the PAM, that "+" separates."""
        parts = [_PART.fullmatch(part) for part in text.split("+")]
        marked = [
            place
            for place, part in enumerate(parts)
            if part and (part["pam"] or part["letters"])
        ]
        if len(parts) != 4 or None in parts or marked not in ([], [1], [2]):
            raise ValueError(
                "a layout is written as upstream+spacer+PAM+downstream, for example "
                "4+20+3+3 or 4+20+NGG+3, or with the PAM first as 4+PAM4+23+3 or "
                f"4+TTTV+23+3; or it is one of {', '.join(PRESETS)}; got {text!r}"
            )
        letters = [part["letters"] for part in parts if part]
        upstream, second, third, downstream = (
            int(part["length"] or len(part["letters"])) for part in parts if part
        )
        if marked == [1]:
            return cls(upstream, third, second, downstream, True, letters[1])
        return cls(upstream, second, third, downstream, False, letters[2])

    def __str__(self) -> str:
        middle = [str(self.spacer_length), self.pam_pattern or str(self.pam_length)]
        if self.pam_first:
            middle = [self.pam_pattern or f"PAM{self.pam_length}", middle[0]]
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
    def cut(self) -> int:
        """Letters of the spacer before the cut, counted from its 5' end.

        With the PAM after the spacer, all but the 3 next to it (SpCas9, which leaves
        blunt ends). With the PAM first, 18 (Cas12a): that is the cut of the strand that
        the PAM is read on. Its cut is staggered, and the other strand is cut after 23.
        A shorter spacer is cut at its end.
        """
        if self.pam_first:
            return min(_CUT_AFTER_FIRST_PAM, self.spacer_length)
        return max(self.spacer_length - _CUT_BEFORE_PAM, 0)

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

    def joined(self, other: Self) -> Self:
        """Return what two descriptions of one layout say together.

        Parameters
        ----------
        other : GuideLayout
            Of which perhaps only one says the letters of the PAM.

        Returns
        -------
        GuideLayout

        Raises
        ------
        ValueError
            If they contradict each other.
        """
        patterns = self.pam_pattern, other.pam_pattern
        same_parts = replace(self, pam_pattern=None) == replace(other, pam_pattern=None)
        if not same_parts or (None not in patterns and patterns[0] != patterns[1]):
            raise ValueError(f"the layout {self} is contradicted by {other}")
        return replace(self, pam_pattern=patterns[1] or patterns[0])

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


def _check_pattern(pattern: str, length: int) -> str:
    """Return the letters of a PAM in upper case, or say what is wrong with them."""
    if not isinstance(pattern, str):
        raise ValueError(f"the PAM must be text such as 'NGG', got {pattern!r}")
    # Here, because the command line shows its help without NumPy.
    from sgrna_estimator.sequences.alphabet import IUPAC_NUCLEOTIDES

    known = "ACGT" + "".join(IUPAC_NUCLEOTIDES)
    letters = pattern.upper().replace("U", "T")
    wrong = [letter for letter in letters if letter not in known]
    if wrong:
        raise ValueError(
            f"the PAM must be written in IUPAC codes ({known}), but {pattern!r} "
            f"has {wrong[0]!r}"
        )
    if len(letters) != length:
        raise ValueError(
            f"the PAM {pattern!r} has {len(letters)} letters, but the layout has "
            f"{length} positions for it"
        )
    return letters


def as_layout(layout: GuideLayout | str | None) -> GuideLayout | None:
    """Return a layout that may be given as text.

    Parameters
    ----------
    layout : GuideLayout, str or None
        Text is read by `GuideLayout.parse`, and so may be a name.

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
