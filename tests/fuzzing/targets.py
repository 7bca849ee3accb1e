"""What is tried: functions of bytes, the errors that they document, and valid inputs."""

import bz2
import gzip
import io
import lzma
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from sgrna_estimator import GuideLayout, SequenceOneHotTransformer, letter_effects
from sgrna_estimator.cli.decision_file import read_best
from sgrna_estimator.cli.terminal import Stop
from sgrna_estimator.datasets import load_table
from sgrna_estimator.datasets.files import read_table
from sgrna_estimator.datasets.opening import STANDARD_INPUT, TableError
from sgrna_estimator.datasets.streams import GuideStream
from sgrna_estimator.sites import (
    FastaError,
    Region,
    RegionError,
    read_fasta,
    read_regions,
)
from sgrna_estimator.storage import ModelFileError, read_model
from sgrna_estimator.storage.streamed_predictions import predict_stream
from tests.fuzzing import commands, models
from tests.fuzzing.mutations import Choices, as_json, with_changes

_ROWS = [("ACGTACGTACGT", "TP53", "0.5", "120"), ("CCGTACGAACGT", "NA", "-1e3", "7")]
_HEADER = ("seq", "gene", "activity", "dist")


class Finding(Exception):
    """A documented error that is not told in one line."""


@dataclass(frozen=True)
class Target:
    """A function of bytes.

    Attributes
    ----------
    run : callable
        Takes bytes.
    documented : tuple of type
        The errors that may come out, each of one line.
    make_seeds : callable
        Gives valid inputs to begin from.
    """

    run: Callable[[bytes], object]
    documented: tuple[type[Exception], ...]
    make_seeds: Callable[[], Sequence[bytes]]

    def try_input(self, data):
        """Raise what is no documented error, or is one of several lines.

        Returns
        -------
        bool
            Whether there was no error.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.run(data)
            except self.documented as error:
                if len(str(error).splitlines()) > 1:
                    raise Finding(f"an error of several lines: {error}") from error
                return False
        return True


# Tables -------------------------------------------------------------------------------


def _text(separator="\t", rows=_ROWS, header=_HEADER):
    lines = [header, *rows]
    return "".join(separator.join(line) + "\n" for line in lines).encode()


@contextmanager
def _file(data, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def _read_both_ways(data, ending):
    with _file(data, f"table{ending}") as path:
        try:
            read_table(path)
        finally:  # by the other reader as well, whatever the first says
            _read_stream(path)


def _read_text(data):
    """The first byte says how cells are separated, the others are the table."""
    _read_both_ways(data[1:], Choices(data[:1]).of([".tsv", ".csv", ".txt"]))


def _read_parquet(data):
    _read_both_ways(data, ".parquet")


def _read_stream(path):
    with GuideStream([path], sequence="seq", covariates=["dist"]) as stream:
        for batch in stream:
            batch.find_wrong_covariates()
            batch.sequences.tolist()


def _parquet(rows=_ROWS, index=None):
    frame = pd.DataFrame(rows, columns=_HEADER).astype({"dist": float})
    written = io.BytesIO()
    frame = frame if index is None else frame.set_index(index)
    frame.to_parquet(written)
    return written.getvalue()


def _zip(text):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.tsv", text)
    return written.getvalue()


_COMPRESS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda text: pa.compress(text, "zstd", asbytes=True),
    ".zip": _zip,
}


def _read_compressed(data):
    """The first byte says which compression, the others are the file."""
    _read_both_ways(data[1:], f".tsv{Choices(data[:1]).of(list(_COMPRESS))}")


def _compressed():
    return [
        bytes([number]) + compress(_text())
        for number, compress in enumerate(_COMPRESS.values())
    ]


class _Pipe:
    """Standard input that has these bytes."""

    def __init__(self, data):
        self.buffer = io.BufferedReader(io.BytesIO(data))


def _read_standard_input(data):
    kept, sys.stdin = sys.stdin, _Pipe(data)
    try:
        _read_stream(STANDARD_INPUT)
    finally:
        sys.stdin = kept


def _read_fasta(data):
    with _file(data, "table.fasta") as path:
        try:
            list(read_fasta(path))
        finally:
            with GuideStream([path], sequence="seq") as stream:
                list(stream)


def _load(data):
    """The first bytes choose options, the others are two tables that ``|`` separates."""
    choices = Choices(data[:8])
    options = {
        "alphabet": choices.of(["ACGT", "ACGU-", "AB"]),
        "unknown": choices.of(["error", "zero", "spread"]),
        "align": choices.of([None, "left", "right"]),
        "drop_incomplete": choices.of([False, True]),
    }
    first, bar, second = data[8:].partition(b"|")
    with _file(first, "a.tsv") as a, _file(second, "b.csv") as b:
        load_table(
            [a, b] if bar else [a],
            **{"sequence": "seq", "target": "activity", "groups": "gene"},
            covariates=["dist"],
            **options,
        )


def _predict(data):
    """The first byte says whether rows are rejected, the others are the table."""
    rejected = []
    with _file(data[1:], "candidates.tsv") as path:
        model = models.fitted("ridge")
        reject = rejected.append if data[:1] == b"\1" else None
        with GuideStream(
            [path],
            sequence=model.sequence,
            covariates=model.covariate_columns,
            reject=reject,
        ) as stream:
            list(predict_stream(model, stream, reject))


# Texts --------------------------------------------------------------------------------


def _parse_layout(data):
    text, _, pam = data.decode(errors="replace").partition("|")
    layout = GuideLayout.parse(text, pam=pam or None)
    assert GuideLayout.parse(str(layout)) == layout


def _parse_region(data):
    region = Region.parse(data.decode(errors="replace"))
    assert Region.parse(str(region)) == region


def _read_bed(data):
    with _file(data, "regions.bed") as path:
        read_regions(path)


def _encode(data):
    """The first line is the alphabet, perhaps with options, the others are sequences."""
    head, *texts = data.decode(errors="replace").split("\n")
    alphabet, *options = head.split()
    encoder = SequenceOneHotTransformer(
        alphabet,
        unknown="zero" if "zero" in options else "error",
        align="left" if "left" in options else None,
        drop_constant="all" not in options,
    )
    encoded = encoder.fit(texts[: len(texts) // 2 + 1]).transform(texts)
    encoder.inverse_transform(encoded)


# Files of this package ----------------------------------------------------------------


def _read_model(data):
    with _file(data, "model.sgrna") as path:
        read_model(path)


def _use_forged(data):
    with _file(models.forged(Choices(data)), "model.sgrna") as path:
        try:
            model = read_model(path)
        except ModelFileError:
            raise
        except ValueError as error:
            raise Finding("no ModelFileError") from error
    model.predict(models.candidates(model))
    letter_effects(model.pipeline)


def _recipes():
    return [bytes([0, number, *range(number, 40)]) for number in range(20)]


def _read_decision(data):
    with _file(data, "decision.json") as path:
        read_best(path, models.screen())


def _read_forged_decision(data):
    _read_decision(as_json(with_changes(models.decision(), Choices(data))))


TARGETS = {
    "text": Target(
        _read_text,
        (TableError,),
        lambda: [
            b"\0" + _text(),
            b"\1" + _text(","),
            b"\2" + _text(","),
            b'\0seq\t"dist"\r\n"AC ""G"\t1,5\r\n',
            b"\0seq\tdist\nr1\tAC\t3\n",
        ],
    ),
    "compressed": Target(_read_compressed, (TableError,), _compressed),
    "parquet": Target(
        _read_parquet,
        (TableError,),
        lambda: [_parquet(), _parquet(index="gene")],
    ),
    "fasta": Target(
        _read_fasta,
        (TableError, FastaError),
        lambda: [b">a gene=1\nACGT\nACG\n>b\nAC\r\n", b"\n\n>a\nacgt"],
    ),
    "standard_input": Target(
        _read_standard_input,
        (TableError,),
        lambda: [_text(), b">a\nAC\n", _parquet(), *(c[1:] for c in _compressed())],
    ),
    "load_table": Target(
        _load,
        (TableError,),
        lambda: [
            bytes(8) + _text() + b"|" + _text(","),
            bytes([0, 1, 0, 2, 0, 1, 0, 1]) + _text(rows=[*_ROWS, ("ACN", *"GXA")]),
        ],
    ),
    "predict": Target(
        _predict, (TableError,), lambda: [b"\0" + _text(), b"\1" + _text()]
    ),
    "layout": Target(
        _parse_layout,
        (ValueError,),
        lambda: [b"4+20+NGG+3", b"4+PAM4+23+3|TTTV", b"Cas12a", b"0+1+0+0"],
    ),
    "region": Target(
        _parse_region, (RegionError,), lambda: [b"chr1:1,000-2000", b"X:1-1"]
    ),
    "bed": Target(
        _read_bed,
        (RegionError,),
        lambda: [b"track x\nchr1\t0\t9\tTP53\nchr2 5 6\n", gzip.compress(b"1\t2\t3\n")],
    ),
    "sequences": Target(
        _encode,
        (ValueError,),
        lambda: [
            b"ACGT\nACGT\nACGA\nGGTT",
            b"ACGU- zero left all\nAC\nNN\nG",
            b"AB X\nA",
        ],
    ),
    "model_bytes": Target(_read_model, (ModelFileError,), models.contents),
    "model": Target(_use_forged, (ValueError,), _recipes),
    "design": Target(
        commands.design,
        (commands.Refused,),
        lambda: [
            b"\0" + commands.FASTA + b"|" + commands.BED,
            b"\1" + commands.FASTA + b"|" + commands.SPACERS,
            b"\2" + commands.FASTA + b"|" + commands.FASTA,
            b"\3" + commands.FASTA,
        ],
    ),
    "fit_and_predict": Target(
        commands.fit_and_predict,
        (commands.Refused,),
        lambda: [commands.SCREEN + b"|" + commands.CANDIDATES],
    ),
    "decision_bytes": Target(
        _read_decision, (Stop,), lambda: [as_json(models.decision())]
    ),
    "decision": Target(_read_forged_decision, (Stop,), _recipes),
}
