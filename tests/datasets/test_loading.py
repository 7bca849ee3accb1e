import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.datasets import GuideTable, load_table
from tests.datasets.tables import TEXT, refused


def test_parts_of_a_table(write):
    path = write(TEXT)
    table = load_table(path, sequence="seq", target="score", groups="gene")
    assert isinstance(table, GuideTable)
    assert table.sequences.tolist() == ["ACGT", "ACGA"]
    assert table.target.tolist() == [0.5, -1.0]
    assert table.target.dtype == np.float64
    assert table.groups.tolist() == ["TP53", "NA"]
    assert table.covariates is None
    assert table.source["file"].tolist() == [str(path)] * 2
    assert table.source["row"].tolist() == [1, 2]
    assert list(table.frame) == ["seq", "gene", "score"]
    assert table.locate([1]) == f"{path}, data row 2"


def test_roles_that_are_not_asked_for(write):
    table = load_table(write(TEXT), sequence=None, covariates=["score"])
    assert table.sequences is None
    assert table.target is None
    assert table.groups is None
    pd.testing.assert_frame_equal(
        table.covariates, pd.DataFrame({"score": [0.5, -1.0]})
    )


def test_one_covariate_may_be_a_string(write):
    table = load_table(write(TEXT), sequence="seq", covariates="score")
    assert list(table.covariates) == ["score"]


def test_parquet(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame(
        {
            "seq": ["ACGT", "ACGA"],
            "gene": pd.Categorical(["NA", "TP53"]),
            "score": [1, 2],
            "day": pd.to_datetime(["2020-01-01", "2020-01-02"]),
        },
        index=pd.Index([7, 8], name="guide"),
    ).to_parquet(path)
    table = load_table(path, sequence="seq", target="score", groups="gene")
    assert table.groups.tolist() == ["NA", "TP53"]
    assert table.target.tolist() == [1.0, 2.0]
    assert table.frame["guide"].tolist() == [7, 8]
    assert refused(path, target="day").endswith("but it is '2020-01-01 00:00:00'")


def test_several_tables(write):
    first = write("seq\tscore\textra\nACGT\t1\tx\nACGA\t2\ty\n", "first.tsv")
    second = write("score,other,seq\n3,z,ACGC\n", "second.csv")
    table = load_table([first, second], sequence="seq", target="score")
    assert table.frame.to_dict("list") == {
        "seq": ["ACGT", "ACGA", "ACGC"],
        "score": [1.0, 2.0, 3.0],
    }
    assert table.frame.index.tolist() == [0, 1, 2]
    assert table.source["file"].tolist() == [str(first), str(first), str(second)]
    assert table.source["row"].tolist() == [1, 2, 1]
    assert table.locate([2]) == f"{second}, data row 1"
    assert table.locate([1, 2]) == f"{first}, data row 2"


def test_text_and_parquet_together(write, tmp_path):
    first = write("seq\tgene\tscore\nACGT\t1\t1\n", "first.tsv")
    second = tmp_path / "second.parquet"
    pd.DataFrame({"seq": ["ACGA"], "gene": ["TP53"], "score": [0.5]}).to_parquet(second)
    third = tmp_path / "third.parquet"
    pd.DataFrame({"seq": ["ACGC"], "gene": [3], "score": [2]}).to_parquet(third)
    table = load_table(
        [first, second, third], sequence="seq", target="score", groups="gene"
    )
    assert table.groups.tolist() == ["1", "TP53", "3"]
    assert table.target.tolist() == [1.0, 0.5, 2.0]


def test_tables_with_different_columns(write):
    first = write(TEXT, "first.tsv")
    second = write("guide\tgene\nACGT\tA\n", "second.tsv")
    message = refused([first, second])
    assert message == (
        f"{second}: there is no column 'seq' for the sequence; the columns are 'guide', "
        "'gene'"
    )


def test_lengths_are_compared_across_tables(write):
    first = write("seq\nACGT\nACGA\n", "first.tsv")
    second = write("seq\nACG\n", "second.tsv")
    assert refused([first, second]) == (
        f"{second}, data row 1: in the sequence column 'seq' every sequence must have "
        "the same length (the commonest is 4; for "
        "several lengths set align, on the command line --align), but "
        "there is one of length 3"
    )
    load_table([first, second], sequence="seq", align="right")


@pytest.mark.parametrize(
    ("text", "name", "separator"),
    [
        ("seq;y\nACGT;1.5\n", "table.csv", ";"),
        ("seq;y\nACGT;1,5\n", "table.csv", ";"),
        ("seq,y\nACGT,1.5\n", "table.tsv", ","),
    ],
)
def test_other_separators_are_recognised(write, text, name, separator):
    message = refused(write(text, name))
    assert "there is no column 'seq' for the sequence" in message
    assert f"the header has {separator!r} in it: fields must be separated by" in message


def test_column_that_does_not_exist(write):
    path = write(TEXT)
    assert refused(path, target="Scores") == (
        f"{path}: there is no column 'Scores' for the target; the columns are 'seq', "
        "'gene', 'score'; did you mean 'score'?"
    )
    assert refused(path, groups="zzz").endswith("are 'seq', 'gene', 'score'")
    assert "for the covariate" in refused(path, covariates=["zzz"])


def test_many_columns_are_not_all_named(write):
    names = [f"column{i}" for i in range(25)] + ["n" * 100]
    path = write(",".join(names) + "\n" + ",".join("1" * 26) + "\n", "table.csv")
    message = refused(path)
    assert "'column19' and 6 more" in message
    assert "column20" not in message


def test_column_with_two_roles(write):
    assert refused(write(TEXT), target="score", covariates=["score"]) == (
        "the column 'score' has two roles"
    )


def test_sequences_follow_the_settings_of_the_transformer(write):
    path = write("seq\nACGN\nacgu\n")
    for unknown in ("zero", "spread"):
        table = load_table(path, sequence="seq", unknown=unknown)
        assert table.sequences.tolist() == ["ACGN", "acgu"]  # as they are written
    with pytest.raises(ValueError, match="alphabet must be"):
        load_table(path, sequence="seq", alphabet="A")


def test_all_columns_at_fault_are_named(write):
    first = write("seq\tgene\ty\tgc\nACGT\tA\t1\t0.5\nACGA\t\tNA\t0.5\n", "first.tsv")
    second = write("seq\tgene\ty\tgc\nACG\tB\tx\t\n", "second.tsv")
    message = refused([first, second], groups="gene", target="y", covariates=["gc"])
    assert message == (
        f"{second}, data row 1: in the sequence column 'seq' every sequence must have the "
        "same length (the commonest is 4; for "
        "several lengths set align, on the command line --align), but "
        "there is one of length 3; "
        f"{first}, data row 2: the target in column 'y' must be a finite number, but it "
        "is missing; data row 2: the group in column 'gene' is missing; "
        f"{second}, data row 1: the covariate in column 'gc' must be a finite number, "
        "but it is missing"
    )


def test_incomplete_rows_are_left_out_and_counted(write):
    path = write(
        "seq\tgene\ty\tgc\tnote\nACGT\tNA\t1\t0.5\t\nACGA\t \t2\t0.5\ta\n"
        "\tA\t3\t0.5\ta\nACGC\tA\tNA\t0.5\ta\nACGG\tB\t5\t\ta\nACTT\tB\t6\t1\ta\n"
    )
    columns = {"groups": "gene", "target": "y", "covariates": ["gc"]}
    table = load_table(path, sequence="seq", drop_incomplete=True, **columns)
    assert table.sequences.tolist() == ["ACGT", "ACTT"]
    assert table.groups.tolist() == ["NA", "B"]  # a gene may have that name
    assert table.n_incomplete == 4
    assert table.locate([1]) == f"{path}, data row 6"
    assert (
        load_table(
            path, sequence=None, screens="note", drop_incomplete=True
        ).n_incomplete
        == 1
    )
    empty = write("seq\ty\nACGT\t\nACGA\tNA\n", "empty.tsv")
    assert refused(empty, target="y", drop_incomplete=True) == (
        f"{empty}: a cell is missing in each of 2 rows"
    )


@pytest.mark.parametrize("other", ["tp53", "TP53 ", "TP53\u00a0"])
def test_a_gene_is_written_in_one_way(write, other):
    path = write(f"seq\tgene\nACGT\tTP53\nACGA\t{other}\n")
    assert refused(path, groups="gene").startswith(
        f"{path}: the group in column 'gene' must be written in one way, but 'TP53' and "
    )
