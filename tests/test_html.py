"""Tables of results in notebooks."""

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator._html import titled_table

TABLE = pd.DataFrame(
    {"<model>": ["a & b", "c"], "mean": [-1.23456, np.nan], "rank": [1, 12345]}
)


@pytest.mark.parametrize("index", [False, True])
def test_a_line_and_a_table_of_three_digits(index):
    page = ElementTree.fromstring(titled_table("2 < 3 models", TABLE, index=index))
    assert page.find("p").text == "2 < 3 models"
    cells = [
        [cell.text or "" for cell in row.iter() if cell.tag in ("th", "td")]
        for row in page.iter("tr")
    ]
    rows = [["<model>", "mean", "rank"], ["a & b", "-1.23", "1"], ["c", "", "12345"]]
    names = ["", "0", "1"]
    assert cells == (
        [[n, *r] for n, r in zip(names, rows, strict=True)] if index else rows
    )
