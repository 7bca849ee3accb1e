import pickle

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.datasets import load_table, make_guide_screen

PARTS = ("frame", "sequences", "target", "groups", "screens", "covariates", "source")


@pytest.fixture
def table(write):
    """Six guides of two files with all roles."""
    header = "gene\tseq\tgc\ty\tday\tx\n"
    first = write(
        header + "A\tACGT\t0.1\t1\td1\tu\nB\tACGA\t0.2\t2\td1\tv\n", "first.tsv"
    )
    second = write(
        header
        + "".join(
            f"C\tACG{a}\t0.{n}\t{n}\td2\tw\n" for n, a in enumerate("ACGT", start=3)
        ),
        "second.tsv",
    )
    return load_table(
        [first, second],
        sequence="seq",
        target="y",
        groups="gene",
        screens="day",
        covariates=["gc"],
    )


def test_features_are_sequences_and_covariates(table):
    pd.testing.assert_frame_equal(table.features, table.frame[["seq", "gc"]])
    assert table.data is table.frame
    assert len(table) == 6


def test_features_of_what_was_asked_for(write):
    path = write("seq\ty\nACGT\t1\nACGA\t2\n")
    assert list(load_table(path, sequence="seq").features) == ["seq"]
    assert list(load_table(path, sequence=None, covariates=["y"]).features) == ["y"]
    nothing = load_table(path, sequence=None)
    assert nothing.features.shape == (2, 0)


def test_names_of_files(table):
    first, second = table.source["file"].unique()
    assert table.name == f"{first}, {second}"
    assert table.take([4, 5]).name == second
    assert make_guide_screen(20, 2, random_state=0).name == "simulated screen"


@pytest.mark.parametrize(
    "rows",
    [[4, 1, 1], np.array([0, 5]), np.arange(6) % 2 == 0, []],
    ids=["list", "array", "mask", "none"],
)
def test_rows_that_are_taken(table, rows):
    some = table.take(rows)
    numbers = np.arange(6)[np.array(rows, dtype=None if len(rows) else int)]
    for name in PARTS:
        part = getattr(some, name)
        expected = getattr(table, name).iloc[numbers].reset_index(drop=True)
        assert part.equals(expected), name
    assert len(table) == 6


def test_taken_rows_know_where_they_come_from(table):
    second = table.source["file"].iloc[-1]
    assert table.take([5, 3, 0]).locate([0, 1]) == f"{second}, data rows 4, 2"


def test_taken_rows_keep_their_truth():
    screen = make_guide_screen(60, 3, random_state=0)
    some = screen.take([40, 2])
    for name in ("log_odds", "activity_probability", "active"):
        np.testing.assert_array_equal(some.truth[name], screen.truth[name][[40, 2]])
    assert some.truth.genes is screen.truth.genes
    assert screen.take([]).truth.active.shape == (0,)
    assert len(screen.truth.active) == 60
    assert (some.layout, some.DESCR) == (screen.layout, screen.DESCR)


def test_how_it_is_shown(table, write):
    assert repr(table) == (
        "GuideTable of 6 guides, 3 groups\nsequences 'seq', target 'y', groups 'gene', "
        "screens 'day', covariates 'gc'"
    )
    path = write("seq\tx\nACGT\t1\n")
    assert repr(load_table(path, sequence=None)) == "GuideTable of 1 guide"


def test_it_survives_pickling(table, small_screen):
    for original in (table, small_screen):
        copy = pickle.loads(pickle.dumps(original))
        assert repr(copy) == repr(original)
        pd.testing.assert_frame_equal(copy.frame, original.frame)
        pd.testing.assert_frame_equal(copy.source, original.source)
        assert copy.layout == original.layout
    assert copy.truth.intercept == small_screen.truth.intercept
