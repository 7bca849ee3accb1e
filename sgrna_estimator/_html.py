"""How results show themselves in a notebook: a line, and a table under it."""

from html import escape

import pandas as pd


def titled_table(title: str, table: pd.DataFrame, *, index: bool = False) -> str:
    """Return HTML of a table that scrolls where it is wider than the page.

    Parameters
    ----------
    title : str
        Plain text above the table.
    table : DataFrame
        Numbers are shown with three digits, and missing ones as empty cells.
    index : bool, default=False
        Whether to show the names of the rows.

    Returns
    -------
    str
    """
    rows = table.to_html(
        index=index, border=0, na_rep="", float_format=lambda number: f"{number:.3g}"
    )
    return f'<div style="overflow-x: auto"><p>{escape(title)}</p>{rows}</div>'
