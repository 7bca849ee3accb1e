"""Sites as text, as frames and as tables of Arrow."""

import numpy as np
import pyarrow.parquet as pq

from sgrna_estimator.sites import Region, find_sites, iter_sites
from sgrna_estimator.sites.table import concatenate

SEQUENCES = {"a": "GTACTAAAGGCA" + "NNN" + "TGCCTTTAGTAC", "b": "GTACTAATGGCA"}
LAYOUT = "2+5+NGG+2"


def test_columns_are_those_of_the_field():
    frame = find_sites(SEQUENCES, LAYOUT).to_frame()
    expected = {
        "chromosome": ["a", "a", "b"],
        "start": [2, 20, 2],
        "end": [7, 25, 7],
        "strand": ["+", "-", "+"],
        "cut_position": [4, 23, 4],
        "spacer": ["ACTAA", "ACTAA", "ACTAA"],
        "pam": ["AGG", "AGG", "TGG"],
        "context": ["GTACTAAAGGCA", "GTACTAAAGGCA", "GTACTAATGGCA"],
    }
    assert {name: frame[name].tolist() for name in frame} == expected


def test_names_of_regions_are_a_column():
    regions = [Region("a", 0, 12, "x"), Region("a", 2, 7, "y"), Region("b", 0, 12, "x")]
    frame = find_sites(SEQUENCES, LAYOUT, regions=regions).to_frame()
    assert frame["region"].tolist() == ["x", "y", "x"]
    assert frame["chromosome"].tolist() == ["a", "a", "b"]


def test_parts_of_the_context_are_text():
    sites = find_sites(SEQUENCES, LAYOUT)
    assert sites.sequences(sites.layout.pam).tolist() == [b"AGG", b"AGG", b"TGG"]
    assert sites.sequences(slice(0, 0)).tolist() == [b""] * 3


def test_some_of_the_sites_are_sites():
    sites = find_sites(SEQUENCES, LAYOUT)
    for rows in (sites.strand < 0, slice(1, 2), np.array([1])):
        some = sites[rows]
        assert some.to_frame()["start"].tolist() == [20]
        assert some.n_ambiguous == sites.n_ambiguous


def test_blocks_are_one_table_and_one_file(tmp_path):
    whole = find_sites(SEQUENCES, LAYOUT)
    blocks = list(iter_sites(SEQUENCES, LAYOUT, block_size=3))
    assert len(blocks) > 3
    joined = concatenate(blocks)
    assert joined.regions == whole.regions
    assert joined.to_frame().equals(whole.to_frame())
    path = tmp_path / "sites.parquet"
    with pq.ParquetWriter(path, whole.to_arrow().schema) as writer:
        for block in blocks:
            writer.write_table(block.to_arrow())
    assert pq.read_table(path).to_pandas().equals(whole.to_frame())
