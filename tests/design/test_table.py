"""The columns of the files that are written."""

import pandas as pd

from sgrna_estimator.design.guides import design_guides
from sgrna_estimator.design.table import HEADINGS, to_table
from tests.design.designs import LAYOUT, random_sequences


def test_columns_are_called_as_crispick_calls_them(ridge):
    sequences = random_sequences(1, 500)
    found = design_guides(ridge, sequences.items(), LAYOUT, genome=sequences.items())
    table = to_table(found.guides)
    expected = [HEADINGS[name] for name in HEADINGS if name in found.guides]
    assert list(table) == expected
    assert {"sgRNA Sequence", "PAM Sequence", "sgRNA Context Sequence"} < set(table)
    first = table.iloc[0]
    guide = found.guides.iloc[0]
    assert first["Input"] == "region1"
    assert first["On-Target Efficacy Score"] == guide["prediction"]
    assert first["sgRNA Context Sequence"] == guide["context"]
    # the base behind the cut on the forward strand, counted from 1
    cut = first["sgRNA Cut Position (1-based)"]
    assert cut == guide["cut_position"] + 1
    sequence = sequences["region1"]
    if first["Strand of sgRNA"] == "+":
        assert sequence[first["start"] : cut - 1] == guide["spacer"][:17]
    else:
        assert len(sequence[first["start"] : cut - 1]) == 3


def test_a_table_reads_back_from_text(ridge, tmp_path):
    found = design_guides(ridge, random_sequences(1, 500).items(), LAYOUT)
    table = to_table(found.guides)
    table.to_csv(tmp_path / "guides.tsv", sep="\t", index=False)
    read = pd.read_csv(tmp_path / "guides.tsv", sep="\t", keep_default_na=False)
    assert read["start"].tolist() == table["start"].tolist()
    assert read["Pick Order"].iloc[0] == "1"
