"""What guides have that those of training did not."""

import pandas as pd
import pytest

from sgrna_estimator import GuideLayout
from sgrna_estimator.design.unlike import unlike_training
from sgrna_estimator.storage.summary import summarise_guides

LAYOUT = GuideLayout.parse("1+4+3+1")
TRAINING = ["ACATATGGA", "AAATATGGA", "CGATCAGGT", "TTACACGGA", "GACCGTGGG"]


def reasons(contexts, training=TRAINING, layout=LAYOUT):
    summary = summarise_guides(pd.Series(training), pd.Series([0.0] * len(training)))
    return unlike_training(pd.Series(contexts), summary, layout).tolist()


def test_training_guides_are_like_training_guides():
    assert reasons(TRAINING) == [""] * len(TRAINING)


def test_each_reason():
    assert reasons(
        [
            "ACATATGAA",  # an A in the PAM
            "ACATAAGGA",  # the first letter of the PAM may be any that was seen
            "CGCCGCGGG",  # no guide of training has so much G and C
            "ACATTTGGA",  # nor a T there
            "ACGTTTGGA",
        ]
    ) == [
        "PAM TGA",
        "",
        "GC 1.00",
        "letter T at 4",
        "letter G at 2, letter T at 4",
    ]


def test_a_table_whose_lengths_differ_is_compared_by_letters_alone():
    training = [*TRAINING, "ACGTATGG"]
    assert reasons(["ACGTATGAC"], training) == [""]
    assert reasons(["ACGTNTGAC"], training) == ["letter N at 4"]
    assert reasons(["ACGTANGAC"], training) == ["PAM NGA"]


def test_another_length():
    summary = summarise_guides(pd.Series(["ACGTAGG", "CGTTCGG"]), pd.Series([0.0, 1]))
    [found] = unlike_training(pd.Series(["ACGTATGGC"]), summary, LAYOUT)
    assert found.startswith("length 9")


def test_rna_is_like_dna():
    training = [each.replace("T", "U") for each in TRAINING]
    assert reasons(TRAINING, training) == [""] * len(TRAINING)


@pytest.mark.parametrize("index", [[5], ["a"]])
def test_the_index_stays(index):
    summary = summarise_guides(pd.Series(TRAINING), pd.Series([0.0] * len(TRAINING)))
    found = unlike_training(pd.Series(TRAINING[:1], index=index), summary, LAYOUT)
    assert found.index.tolist() == index
