"""Tables that tests write, and why they are refused."""

import io
import zipfile

import pytest

from sgrna_estimator.datasets import TableError, load_table

TEXT = "seq\tgene\tscore\nACGT\tTP53\t0.5\nACGA\tNA\t-1\n"


def zipped(text, *names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, text)
    return buffer.getvalue()


def refused(paths, **roles):
    """Return the one line that says why a table is refused."""
    with pytest.raises(TableError) as caught:
        load_table(paths, **{"sequence": "seq", **roles})
    message = str(caught.value)
    assert "\n" not in message
    assert "\r" not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return message
