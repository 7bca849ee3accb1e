"""Whole commands, on files of any bytes."""

import contextlib
import io
import tempfile
from functools import cache
from pathlib import Path

from sgrna_estimator.cli.app import main
from tests.baselines.small_models import fit_model, make_guides
from tests.fuzzing.mutations import Choices
from tests.storage.models import fitted_model

BAD_INPUT = 2
LAYOUT = "0+9+NGG+0"  # of the guides of `make_guides`, which are 12 letters long
FASTA = (
    b">one\n"
    + b"ACGTTGCAATGGCCAGTTACGGAACGTNNCCATGCA" * 3
    + b"\n>two x\nACGTACGTAAGG\n"
)
SPACERS = b"spacer\tgene\nACGTTGCAA\tTP53\nGTTACGGAA\tMYC\n"
BED = b"one\t0\t60\tTP53\ntwo\t0\t12\tMYC\n"
SCREEN = (
    b"seq\tactivity\tcell\tdist\n"
    b"ACGTACGTACGT\t0.5\tK562\t1\nCCGTACGAACGT\t-1e3\tHEK 293\t2\n"
    b"GCGTACGTACGA\t0.2\tK562\t5\nTCGTAAGAACGT\t1\tHEK 293\t7\n"
)
CANDIDATES = b"seq\tcell\tdist\nACGTACGTACGT\tK562\t1\nAAGTACGTACGT\tHEK 293\t3\n"


class Refused(Exception):
    """What a command says of bad input."""


def run(*args):
    """Run a command, and raise what it says if it refuses its input.

    Any other end than that and a result is a finding.
    """
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()) as said,
    ):
        try:
            main(list(map(str, args)))
        except SystemExit as end:
            status = end.code or 0
    if status == BAD_INPUT:
        _, error, what = said.getvalue().partition("sgrna-estimator: error: ")
        assert error
        raise Refused(what.removesuffix("\n"))
    assert status == 0, (status, said.getvalue())


@cache
def _model():
    guides = make_guides()
    pipeline = fit_model(guides, covariates=())
    return fitted_model(guides, pipeline=pipeline, covariates=[])


def design(data):
    """The first byte chooses options; a FASTA and another file, between ``|``, follow."""
    choices = Choices(data[:1])
    first, _, second = data[1:].partition(b"|")
    with _files(first, second) as (fasta, other):
        folder = fasta.parent
        _model().write(folder / "model")
        options = choices.of(
            [
                ["--regions", other],
                ["--spacers", other, "--sequence", "spacer", "--groups", "gene"],
                ["--genome", other, "--all"],
                ["--avoid", "BsmBI", "--spacing", 3],
            ]
        )
        ending = choices.of(["tsv", "bed", "parquet"])
        outputs = ["-o", folder / f"out.{ending}", "--report", folder / "out.html"]
        run("design", folder / "model", fasta, "--layout", LAYOUT, *options, *outputs)


def fit_and_predict(data):
    """Two tables between ``|``: guides with a category, and candidates."""
    first, _, second = data.partition(b"|")
    with _files(first, second) as (screen, candidates):
        model = screen.parent / "model"
        columns = ["--sequence", "seq", "--target", "activity", "--covariates", "cell"]
        columns += ["--covariates", "dist", "--model", "ridge", "--cv", 0]
        run("fit", screen, *columns, "-o", model)
        run("predict", model, candidates, "-o", screen.parent / "out.tsv")


@contextlib.contextmanager
def _files(*contents):
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"input{i}.tsv" for i in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        yield paths
