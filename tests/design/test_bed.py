"""BED as CRISPRware and GuideScan2 read it."""

import io

import pandas as pd
import pytest

from sgrna_estimator import GuideLayout
from sgrna_estimator.design.bed import NAME, to_bed
from tests.design.designs import (
    LAYOUT,
    find_by_hand,
    random_sequences,
    reverse_complement,
)


@pytest.mark.parametrize("layout", [LAYOUT, GuideLayout.parse("4+TTTV+23+3")])
def test_positions_lead_back_to_spacer_and_pam(layout):
    sequences = random_sequences(2, 1500)
    guides = find_by_hand(sequences, layout)
    assert set(guides["strand"]) == {"+", "-"}
    bed = pd.read_csv(io.StringIO(to_bed(guides, layout)), sep="\t")
    assert list(bed) == ["#chr", "start", "stop", NAME, "context", "strand"]
    size = layout.spacer_length + layout.pam_length
    for line, guide in zip(
        bed.to_dict("records"), guides.to_dict("records"), strict=True
    ):
        sequence = sequences[line["#chr"]]
        on_strand = str if line["strand"] == "+" else reverse_complement
        assert on_strand(sequence[line["start"] : line["stop"]]) == guide["spacer"]
        fields = dict(zip(NAME.split(","), line[NAME].split(","), strict=True))
        position = int(fields.pop("position"))
        target = on_strand(sequence[position - 1 : position - 1 + size])
        parts = [guide["spacer"], guide["pam"]]
        assert target == "".join(reversed(parts) if layout.pam_first else parts)
        assert fields == {
            "id": f"{line['#chr']}:{position}:{line['strand']}",
            "sequence": guide["spacer"],
            "pam": layout.pam_pattern,
            "chromosome": line["#chr"],
            "sense": line["strand"],
        }
        assert line["context"] == guide["context"]


def test_a_line_as_crispware_shows_it():
    """The example of its documentation, of C. elegans' chromosome III."""
    context = "TGTTGGAATGTACTTCTTCCCAAAAGGTTC"
    guide = {
        "chromosome": "chrIII",
        "start": 1482,
        "end": 1502,
        "strand": "+",
        "spacer": context[4:24],
        "context": context,
    }
    _, line, end = to_bed(pd.DataFrame([guide]), LAYOUT).split("\n")
    name = "chrIII:1483:+,GGAATGTACTTCTTCCCAAA,NGG,chrIII,1483,+"
    assert line == f"chrIII\t1482\t1502\t{name}\t{context}\t+"
    assert end == ""


def test_a_comma_in_a_name_is_refused():
    guides = find_by_hand({"a,b": random_sequences(1, 200)["region1"]})
    with pytest.raises(ValueError, match="'a,b' has a comma"):
        to_bed(guides, LAYOUT)
