"""All sites of a real genome: E. coli 536, which Debian's bowtie-examples carries."""

import re
from pathlib import Path

import pytest

from sgrna_estimator import datasets
from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sites import find_sites, read_fasta
from tests.sites import reference

NAME = "NC_008253.fna.gz"
DEBIAN = Path("/usr/share/doc/bowtie/examples/genomes")


@pytest.fixture(scope="module")
def genome():
    folders = DEBIAN, datasets.get_data_home()
    for folder in folders:
        if (folder / NAME).exists():
            return folder / NAME
    pytest.skip(f"{NAME} is not in {' or '.join(map(str, folders))}")


def find_with_patterns(sequence, layout):
    """Find sites as regular expressions do, all that overlap included."""
    pam = "".join(f"[{reference.LETTERS_OF[symbol]}]" for symbol in layout.pam_pattern)
    before, after = layout.pam.start, layout.length - layout.pam.stop
    pattern = re.compile(f"(?=([ACGT]{{{before}}}{pam}[ACGT]{{{after}}}))")
    n, spacer = len(sequence), layout.spacer
    for found in pattern.finditer(sequence):
        yield found.start() + spacer.start, 1, found[1]
    for found in pattern.finditer(reference.reverse_complement(sequence)):
        yield n - found.start() - spacer.stop, -1, found[1]


@pytest.mark.parametrize("text", ["SpCas9", "Cas12a", "CRISPRa"])
def test_sites_of_a_genome_are_those_of_regular_expressions(genome, text):
    layout = GuideLayout.parse(text)
    [(name, sequence)] = read_fasta(genome)
    assert len(sequence) == 4_938_920
    expected = sorted(
        find_with_patterns(sequence.upper(), layout),
        key=lambda site: (site[0], -site[1]),
    )
    sites = find_sites(genome, layout)
    assert sites.regions[0].chromosome == name
    contexts = (context.decode() for context in sites.sequences())
    found = zip(sites.start.tolist(), sites.strand.tolist(), contexts, strict=True)
    assert list(found) == expected
