"""Numbers as the page shows them."""

import math

NOT_DEFINED = "n/a"
_TOO_WIDE = 1e7  # for a column: the R² of predictions far off


def number(value: float, decimals: int) -> str:
    """Return a number as the page shows it."""
    if math.isnan(value):
        return NOT_DEFINED
    if abs(value) >= _TOO_WIDE:
        return f"{value:.3e}"
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"  # no -0.000


def interval(lower: float, upper: float, decimals: int) -> str:
    """Return ``"0.1 to 0.2"``."""
    if math.isnan(lower):
        return NOT_DEFINED
    return f"{number(lower, decimals)} to {number(upper, decimals)}"


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.3g} %"


def counted(n: int, noun: str) -> str:
    """Return ``"1 gene"`` or ``"2 genes"``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
