"""Every container of sequences is read as the encoder reads it."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal

from sgrna_estimator import compile_scorer
from sgrna_estimator.scoring import scorer
from sgrna_estimator.scoring.reading import ArrowStrings, NumPyBytes, Strings, as_source
from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import SequenceError, encode_sequences
from tests.scoring.models import (
    FRAME,
    LENGTH,
    NEW,
    NEW_FRAME,
    check_equal,
    fit,
    fit_with_covariates,
    network,
)

MODEL = fit(network(window_size=2))
SCORER = compile_scorer(MODEL)
SCORES = SCORER.score(NEW)
ALIGNED = fit(network(), [*NEW[:-1], NEW[-1][:7]], np.arange(len(NEW)), align="right")

CONTAINERS = {
    "list": (list, Strings),
    "tuple": (tuple, Strings),
    "object": (lambda texts: np.array(texts, dtype=object), Strings),
    "U": (np.array, Strings),
    "S": (lambda texts: np.array(texts, dtype="S"), NumPyBytes),
    "wide S": (lambda texts: np.array(texts, dtype="S30"), NumPyBytes),
    "strided S": (lambda texts: np.repeat(np.array(texts, dtype="S"), 2)[::2], NumPyBytes),
    "bytes": (lambda texts: [text.encode() for text in texts], Strings),
    "column": (lambda texts: np.array(texts, dtype=object)[:, None], Strings),
    "series": (lambda texts: pd.Series(texts, index=range(5, 5 + len(texts))), None),
    "object series": (lambda texts: pd.Series(texts, dtype=object), Strings),
    "python series": (lambda texts: pd.Series(texts, dtype="string[python]"), Strings),
    "arrow series": (
        lambda texts: pd.Series(texts, dtype=pd.ArrowDtype(pa.string())),
        ArrowStrings,
    ),
    "category": (lambda texts: pd.Series(texts, dtype="category"), Strings),
    "frame": (lambda texts: pd.DataFrame({"seq": texts}), Strings),
    "polars": (pl.Series, ArrowStrings),
    "polars frame": (lambda texts: pl.DataFrame({"seq": texts}), Strings),
    "arrow": (pa.array, ArrowStrings),
    "large arrow": (lambda texts: pa.array(texts, pa.large_string()), ArrowStrings),
    "arrow view": (lambda texts: pa.array(texts, pa.string_view()), ArrowStrings),
    "arrow slice": (lambda texts: pa.array(["A", *texts, "CC"])[1:-1], ArrowStrings),
    "arrow chunks": (lambda texts: pa.chunked_array([texts[:5], texts[5:]]), ArrowStrings),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers(name, monkeypatch):
    container, kind = CONTAINERS[name]
    sequences = container(NEW)
    if kind is not None:  # pandas chooses
        assert type(as_source(sequences)) is kind
    monkeypatch.setattr(scorer, "_GUIDES_A_BLOCK", 64)
    assert_array_equal(SCORER.score(sequences), SCORES)


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_of_several_lengths(name):
    container, _ = CONTAINERS[name]
    texts = [text[row % 4 :] for row, text in enumerate(NEW)]
    predictions = ALIGNED.predict(texts)
    check_equal(compile_scorer(ALIGNED).score(container(texts)), predictions)


def test_memory_map(tmp_path):
    path = tmp_path / "guides"
    path.write_bytes("".join(NEW).encode())
    mapped = np.memmap(path, dtype=f"S{LENGTH}", mode="r")
    assert_array_equal(SCORER.score(mapped), SCORES)


def test_no_copy_of_bytes_and_arrow():
    values = np.array(NEW, dtype="S")
    found = as_source(values).bytes_of(slice(10, 20))
    assert np.shares_memory(found.flat, values)
    array = pa.array(NEW, pa.large_string())
    found = as_source(array).bytes_of(slice(10, 20))
    text = np.frombuffer(array.buffers()[2], dtype=np.uint8)
    assert np.shares_memory(found.flat, text)


def test_letter_codes(monkeypatch):
    codes = encode_sequences(NEW, Alphabet("ACGT")).copy()
    monkeypatch.setattr(scorer, "_GUIDES_A_BLOCK", 64)
    assert_array_equal(SCORER.score(codes), SCORES)
    assert_array_equal(SCORER.score(np.asfortranarray(codes)), SCORES)


def test_letter_codes_of_any_symbol():
    texts = [text.replace("A", "R", 1)[row % 4 :] for row, text in enumerate(NEW)]
    model = fit(network(), align="right", unknown="spread")
    codes = encode_sequences(
        texts, Alphabet("ACGT"), unknown="spread", align="right", length=LENGTH
    )
    check_equal(compile_scorer(model).score(codes), model.predict(texts))


@pytest.mark.parametrize(
    ("unknown", "code"), [("error", 14), ("zero", 15), ("zero", 99)]
)
def test_letter_codes_that_there_are_not(unknown, code):
    codes = encode_sequences(NEW, Alphabet("ACGT")).copy()
    codes[[3, 8], 5] = code
    found = compile_scorer(fit(network(), unknown=unknown))
    with pytest.raises(
        SequenceError, match=f"first {code}, at position 6.*rows 4, 9$"
    ) as error:
        found.score(codes)
    assert error.value.rows == [3, 8]


@pytest.mark.parametrize("shape", [(3, 10), (0, LENGTH)])
def test_letter_codes_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"shape \(n_guides, 11\)"):
        SCORER.score(np.zeros(shape, dtype=np.uint8))


# Bad input -----------------------------------------------------------------------------


def with_some(**at):
    """Return the guides with others in some rows."""
    texts = list(NEW)
    for row, text in at.items():
        texts[int(row[1:])] = text
    return texts


G = NEW[0]
BAD = {
    "letter": with_some(_3=G[:5] + "X" + G[6:], _9=G[:-1] + "N"),
    "dropped letter": with_some(_3=G[:3] + "N" + G[4:]),
    "not ASCII": with_some(_4="é" + G[1:]),
    "NUL": with_some(_4=G[:-1] + "\0"),
    "NUL after the end": with_some(_4=G + "\0"),
    "line": with_some(_4=G[:4] + "\n" + G[5:]),
    "two lines": with_some(_4=G[:4] + "\n", _5=G + G[:6]),
    "two guides in one": with_some(_4=G + "\n" + G),
    "lines that make up for others": [G + "\n" + G, G[1:], G],
    "short": with_some(_4=G[:-1], _5=G[:-1]),
    "short and long": with_some(_4=G[:-1], _5=G + "A"),
    "long and short": with_some(_4=G + "A", _5=G[:-1]),
    "all long": [text + "A" for text in NEW],
    "all NUL after the end": [text + "\0" for text in NEW],
    "empty": with_some(_4=""),
    "all empty": [""] * 5,
    "missing": with_some(_4=None, _7=float("nan")),
    "number": with_some(_4=5),
    "no sequence": [],
    "numbers": np.arange(5),
    "one string": "ACGT",
    "two columns": FRAME,
    "no order": set(NEW),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_as_by_the_encoder(name):
    with pytest.raises((ValueError, TypeError)) as expected:
        MODEL.predict(BAD[name])
    with pytest.raises(type(expected.value)) as found:
        SCORER.score(BAD[name])
    assert str(found.value) == str(expected.value)


BAD_STRINGS = [
    texts
    for texts in BAD.values()
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts)
]


@pytest.mark.parametrize("texts", BAD_STRINGS)
@pytest.mark.parametrize("container", [pl.Series, pa.array], ids=["polars", "arrow"])
def test_bad_arrow_is_refused_as_by_the_encoder(texts, container):
    with pytest.raises((ValueError, TypeError)) as expected:
        MODEL.predict(texts)
    with pytest.raises(type(expected.value)) as found:
        SCORER.score(container(texts))
    assert str(found.value).split("(")[0] == str(expected.value).split("(")[0]


def test_missing_values_of_arrow():
    with pytest.raises(SequenceError, match=r"missing value in row 3$"):
        SCORER.score(pa.array([*NEW[:2], None, NEW[3]]))


def test_rows_are_those_of_the_whole(monkeypatch):
    monkeypatch.setattr(scorer, "_GUIDES_A_BLOCK", 50)
    texts = with_some(_3=G, _120=G[:2] + "N" + G[3:])
    for sequences in (texts, np.array(texts, dtype="S")):
        with pytest.raises(SequenceError, match=r"'N', at position 3.* in row 121$"):
            SCORER.score(sequences)
    with pytest.raises(SequenceError, match=r"missing value in row 151$"):
        SCORER.score(with_some(_150=None))


# Covariates ----------------------------------------------------------------------------

WITH_COVARIATES = compile_scorer(fit_with_covariates(network(covariates=[0, -1])))
ARRAY = NEW_FRAME[["distance", "gc"]].to_numpy()
SPOILT = NEW_FRAME.assign(gc=NEW_FRAME["gc"].where(NEW_FRAME.index != 7))


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        (None, r"needs 2 covariates \(distance, gc\): give covariates="),
        (NEW_FRAME[["gc"]], "has no column 'distance'"),
        (NEW_FRAME[:5], r"for each of 200 sequences, but .* shape \(5, 2\)"),
        (ARRAY[:, :1], r"shape \(200, 1\)"),
        (ARRAY[:, 0], r"shape \(200,\)"),
        (SPOILT, r"column 'gc' is missing \(NaN\) or infinite \(inf\) in row 8"),
        (NEW_FRAME.assign(gc="high"), "must be numbers"),
    ],
)
def test_bad_covariates(covariates, message):
    with pytest.raises(ValueError, match=message):
        WITH_COVARIATES.score(NEW, covariates=covariates)


def test_covariates_that_nobody_asked_for():
    with pytest.raises(ValueError, match="has no covariates"):
        SCORER.score(NEW, covariates=ARRAY)
