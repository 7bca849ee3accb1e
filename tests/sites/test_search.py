"""Every site that a slow search finds, and no other."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sites import Region, RegionError, find_sites, iter_sites
from tests.sites import reference

LAYOUTS = ["SpCas9", "Cas12a", "CRISPRa", "0+3+NG+0", "2+3+NRG+1", "1+TV+4+2"]


def as_rows(sites):
    """Return sites as the reference has them."""
    contexts = [context.decode() for context in sites.sequences()]
    columns = sites.start, sites.strand, sites.cut
    numbers = (column.tolist() for column in columns)
    return list(zip(*numbers, contexts, strict=True))


@st.composite
def layouts(draw):
    """Draw small layouts with any PAM on either side."""
    pam = draw(st.text("ACGTRYSWKMBDHVN", min_size=1, max_size=4))
    upstream, downstream = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    spacer = draw(st.integers(1, 6))
    middle = draw(st.permutations([str(spacer), pam]))
    return GuideLayout.parse("+".join([str(upstream), *middle, str(downstream)]))


# Long stretches of letters, so that there are sites, between what is no letter
sequences = st.lists(
    st.one_of(
        st.text("ACGT", min_size=1, max_size=40),
        st.text("acgtU", min_size=1, max_size=20),
        st.text("NnRY", max_size=6),
    ),
    max_size=6,
).map("".join)


@settings(max_examples=400)
@given(sequence=sequences, layout=layouts(), block_size=st.integers(1, 30))
def test_sites_equal_a_slow_search(sequence, layout, block_size):
    expected, n_near_end, n_ambiguous = reference.find(sequence, layout)
    sites = find_sites({"chr": sequence}, layout)
    assert as_rows(sites) == expected
    assert (sites.n_near_end, sites.n_ambiguous) == (n_near_end, n_ambiguous)
    blocks = list(iter_sites([("chr", sequence)], layout, block_size=block_size))
    assert [row for block in blocks for row in as_rows(block)] == expected
    assert sum(block.n_near_end for block in blocks) == n_near_end
    assert sum(block.n_ambiguous for block in blocks) == n_ambiguous


@settings(max_examples=200)
@given(
    sequence=sequences.filter(bool),
    layout=layouts(),
    data=st.data(),
    size=st.integers(1, 9),
)
def test_sites_of_a_region_have_their_protospacer_in_it(sequence, layout, data, size):
    start = data.draw(st.integers(0, len(sequence) - 1))
    region = Region("chr", start, data.draw(st.integers(start + 1, len(sequence))))
    expected, n_near_end, n_ambiguous = reference.find(
        sequence, layout, region.start, region.end
    )
    blocks = list(
        iter_sites({"chr": sequence}, layout, regions=[region], block_size=size)
    )
    assert [row for block in blocks for row in as_rows(block)] == expected
    assert sum(block.n_near_end for block in blocks) == n_near_end
    assert sum(block.n_ambiguous for block in blocks) == n_ambiguous


@pytest.mark.parametrize("text", LAYOUTS)
def test_layouts_are_found_at_every_offset_of_both_strands(text):
    layout = GuideLayout.parse(text)
    rng = np.random.default_rng(0)
    target = "".join(rng.choice(list("ACGT"), layout.length))
    pam = layout.pam_pattern.replace("N", "A").replace("V", "C").replace("R", "A")
    target = target[: layout.pam.start] + pam + target[layout.pam.stop :]
    for offset in range(layout.length + 2):
        around = "N" * offset
        place = offset + layout.spacer.start
        cut = place + layout.cut
        for strand, sequence in (
            (1, around + target + around),
            (-1, reference.reverse_complement(around + target + around)),
        ):
            sites = find_sites({"chr": sequence.lower()}, layout)
            found = sites[np.asarray(sites.sequences() == target.encode())]
            assert found.strand.tolist() == [strand]
            n = len(sequence)
            start = place if strand > 0 else n - place - layout.spacer_length
            assert found.start.tolist() == [start]
            assert found.end.tolist() == [start + layout.spacer_length]
            assert found.cut.tolist() == [cut if strand > 0 else n - cut]


def test_strands_cut_between_the_same_bases():
    # CCN...NGG: one protospacer for both strands, cut 3 from either PAM
    sequence = "CCA" + "ACGTACGTACGTACGTACGT" + "TGG"
    sites = find_sites({"chr": sequence}, "0+20+NGG+0")
    assert sites.start.tolist() == [3, 3]
    assert sites.strand.tolist() == [1, -1]
    assert sites.cut.tolist() == [20, 6]
    assert sequence[20:26] == "CGTTGG"
    assert sequence[:6] == "CCAACG"


def test_an_ambiguous_letter_is_no_letter_of_a_pam():
    spacer = "ACGTA"
    for pam in ("NGG", "AGN", "ARG"):
        sites = find_sites({"chr": spacer + pam}, "0+5+NGG+0")
        assert len(sites) == sites.n_ambiguous == 0
    sites = find_sites({"chr": "ACNTAAGG"}, "0+5+NGG+0")
    assert (len(sites), sites.n_ambiguous) == (0, 1)


def test_sites_too_near_an_end_are_counted():
    layout = GuideLayout.parse("4+5+NGG+3")
    sequence = "ACTAA" + "AGG" + "TTT"  # no letters before the spacer
    sites = find_sites({"chr": sequence}, layout)
    assert (len(sites), sites.n_near_end) == (0, 1)
    assert len(find_sites({"chr": "TTTT" + sequence}, layout)) == 1
    assert "without 1 too near an end" in repr(sites)


def test_sequences_come_in_order_with_their_names():
    sequences = {"b": "ACTAAAGG", "a": "CC", "none": "", "c": b"actaatgg"}
    sites = find_sites(sequences, "0+5+NGG+0")
    assert sites.chromosome.tolist() == ["b", "c"]
    assert sites.sequences().tolist() == [b"ACTAAAGG", b"ACTAATGG"]


def test_sites_of_several_regions():
    sequences = {"a": "ACTAAAGG" * 3, "b": "ACTAAAGG"}
    regions = [
        Region("b", 0, 5, "last"),
        Region("a", 7, 24, "x"),
        Region("a", 8, 13, "y"),
    ]
    sites = find_sites(sequences, "0+5+NGG+0", regions=regions)
    names = [sites.regions[number].name for number in sites.region]
    assert names == ["x", "x", "y", "last"]
    assert sites.start.tolist() == [8, 16, 8, 0]


def test_what_comes_after_the_last_region_is_not_read():
    def records():
        yield "a", "ACTAAAGG"
        raise AssertionError("read on")

    sites = find_sites(records(), "0+5+NGG+0", regions=[Region("a", 0, 8)])
    assert len(sites) == 1


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (Region("chr2", 0, 5), r"no sequence named 'chr2' \(chr2:1-5\)"),
        (
            Region("chr1", 2, 9),
            r"chr1:3-9 goes beyond the end of chr1, which has 8 bases",
        ),
    ],
)
def test_regions_that_are_not_there_are_refused(region, message):
    with pytest.raises(RegionError, match=message):
        find_sites({"chr1": "ACTAAAGG"}, "0+5+NGG+0", regions=[region])


@pytest.mark.parametrize(
    ("sequence", "message"),
    [
        ("ACGTACGE", "chr1: base 8 is 'E', expected a nucleotide"),
        (b"ACG-ACGT", "chr1: base 4 is '-'"),
        ("ACGTACG é", "chr1: base 8 is ' '"),
        ("éCGTACGT", "chr1: base 1 is 'é'"),
    ],
)
@pytest.mark.parametrize("block_size", [1, 100])
def test_what_is_no_nucleotide_is_named(sequence, message, block_size):
    with pytest.raises(ValueError, match=message):
        list(iter_sites({"chr1": sequence}, "0+2+NGG+0", block_size=block_size))


@pytest.mark.parametrize("layout", ["4+20+3+3", None, "0+20+0+0"])
def test_a_layout_without_letters_of_the_pam_is_refused(layout):
    with pytest.raises(ValueError, match="letters of the PAM, such as 4"):
        find_sites({"chr1": "ACGT"}, layout)


def test_a_block_must_have_a_size():
    with pytest.raises(ValueError, match="block_size must be 1 or more, got 0"):
        list(iter_sites({"chr1": "ACGT"}, "SpCas9", block_size=0))


def test_no_sequence_has_no_site():
    sites = find_sites({}, "SpCas9")
    assert len(sites) == 0
    assert sites.codes.shape == (0, 30)
    assert len(sites.to_frame()) == 0
