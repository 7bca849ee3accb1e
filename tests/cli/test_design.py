"""`design`: from a FASTA to the guides to order."""

import gzip
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.design.bed import NAME
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import SUBPROCESS, assert_refused, expect_signals, files
from tests.design.designs import find_by_hand, fit, random_sequences

SPACER, CONTEXT = "sgRNA Sequence", "sgRNA Context Sequence"


def write_fasta(path, sequences):
    lines = (f">{name} a description\n{text}\n" for name, text in sequences.items())
    Path(path).write_text("".join(lines))


@pytest.fixture(scope="module")
def model_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model"
    fit("ridge").write(path)
    return path.read_bytes()


@pytest.fixture
def sequences():
    return random_sequences(3, 700)


@pytest.fixture
def inputs(run, model_bytes, sequences):
    """A model of guides of SpCas9 and a FASTA, in the folder that commands run in."""
    Path("model").write_bytes(model_bytes)
    write_fasta("genes.fa", sequences)
    return "model", "genes.fa"


def environment():
    """Return what a program needs that runs in another folder."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def read(path, **options):
    return pd.read_csv(path, sep="\t", keep_default_na=False, **options)


def test_the_best_four_of_each_sequence(run, inputs, sequences):
    status, out, err = run("design", *inputs, "-o", "guides.tsv")
    assert status == 0, err
    assert out == ""
    expected = find_by_hand(sequences)
    table = read("guides.tsv")
    n = len(expected)
    assert f"{n} guides in 3 regions, 12 of them picked\n" in err
    assert err.endswith("wrote 12 guides to guides.tsv\n")
    assert table["Input"].tolist() == [
        f"region{n}" for n in (1, 2, 3) for _ in range(4)
    ]
    assert table["Pick Order"].tolist() == [1, 2, 3, 4] * 3
    predicted = read_model("model").pipeline.predict(
        table[[CONTEXT]].set_axis(["seq"], axis="columns")
    )
    assert_allclose(table["On-Target Efficacy Score"], predicted, atol=1e-5)
    places = set(
        expected[["chromosome", "start", "strand", "context"]].itertuples(
            index=False, name=None
        )
    )
    columns = ["Reference Sequence", "start", "Strand of sgRNA", CONTEXT]
    assert set(table[columns].itertuples(index=False, name=None)) <= places


def test_all_guides_with_reasons(run, inputs, sequences):
    args = [
        "--all",
        "--top",
        2,
        "--spacing",
        50,
        "--avoid",
        "bsmbi, BbsI",
        "--avoid",
        "HhaI",
    ]
    status, _, err = run("design", *inputs, *args, "-o", "guides.csv.gz")
    assert status == 0, err
    table = pd.read_csv("guides.csv.gz", keep_default_na=False)
    assert len(table) == len(find_by_hand(sequences))
    cut = table[SPACER].str.contains("CGTCTC|GAGACG|GAAGAC|GTCTTC|GCGC")
    assert ((table["restriction_sites"] != "") == cut).all()
    assert (table.loc[cut, "Pick Order"] == "").all()
    notes = table.loc[cut, "Picking Notes"]
    assert notes.str.contains("Restriction site ").all()
    for region, picks in table[table["Pick Order"] != ""].groupby("Input"):
        first, second = picks["sgRNA Cut Position (1-based)"]
        assert abs(first - second) >= 50, region


def test_terminators_are_passed_over_unless_allowed(run, inputs, sequences):
    spacer = find_by_hand(sequences)["spacer"][0]
    sequences["region1"] = sequences["region1"].replace(spacer[8:14], "TTTTTA")
    write_fasta("genes.fa", sequences)
    args = ["design", *inputs, "--top", 1000, "-o", "guides.tsv"]
    run(*args)
    without = read("guides.tsv")[SPACER]
    assert not without.str.contains("TTTT").any()
    run(*args, "--allow-terminators")
    table = read("guides.tsv")
    has = table[SPACER].str.contains("TTTT")
    assert has.any()
    assert table.loc[has, "terminators"].str.startswith("U6:TTTT").all()
    assert len(table) == len(without) + has.sum()


def test_regions_as_text_and_as_bed(run, inputs, sequences):
    Path("exons.bed").write_text("region2\t0\t200\tGENE\nregion2\t300\t600\tGENE\n")
    args = ["--regions", "exons.bed", "--regions", "region1:101-400", "--all"]
    status, _, err = run("design", *inputs, *args, "-o", "guides.tsv")
    assert status == 0, err
    table = read("guides.tsv")
    assert table["Input"].unique().tolist() == ["GENE", "region1:101-400"]
    assert table.loc[table["Input"] != "GENE", "start"].between(100, 380).all()
    ranks = table.loc[table["Input"] == "GENE", "On-Target Rank"]
    assert ranks.tolist() == list(range(1, len(ranks) + 1))


def test_how_often_it_occurs_in_the_genome(run, inputs, sequences):
    genome = {"a": sequences["region1"], "b": sequences["region1"][100:300]}
    write_fasta("genome.fa", genome)
    Path("genome.fa.gz").write_bytes(gzip.compress(Path("genome.fa").read_bytes()))
    args = ["--genome", "genome.fa.gz", "--all", "-o", "guides.tsv"]
    status, _, err = run("design", *inputs, *args)
    assert status == 0, err
    table = read("guides.tsv")
    text = " ".join(genome.values())
    both = text + " " + text[::-1].translate(str.maketrans("ACGT", "TGCA"))
    protospacers = table[SPACER] + table["PAM Sequence"]
    assert table["occurrences"].tolist() == [both.count(each) for each in protospacers]
    assert set(table["occurrences"]) == {0, 1, 2}
    twice = table["occurrences"] == 2
    assert (table.loc[twice, "Pick Order"] == "").all()


def test_bed_is_that_of_guidescan(run, inputs):
    status, _, err = run("design", *inputs, "-o", "guides.bed")
    assert status == 0, err
    bed = read("guides.bed")
    assert list(bed) == ["#chr", "start", "stop", NAME, "context", "strand"]
    assert len(bed) == 12


def test_parquet_is_the_same_table(run, inputs):
    for name in ("guides.tsv", "guides.parquet"):
        assert run("design", *inputs, "--all", "-o", name)[0] == 0
    text, parquet = (
        pd.read_csv("guides.tsv", sep="\t"),
        pd.read_parquet("guides.parquet"),
    )
    assert list(text) == list(parquet)
    for column in ("start", SPACER, "Pick Order", "On-Target Rank"):
        assert text[column].dropna().tolist() == parquet[column].dropna().tolist()


def test_to_standard_output(run, inputs):
    status, out, err = run("design", *inputs)
    assert status == 0
    run("design", *inputs, "-o", "guides.tsv")
    assert out == Path("guides.tsv").read_text()
    assert "wrote" not in err


def test_the_fasta_from_standard_input(model_bytes, sequences, tmp_path):
    (tmp_path / "model").write_bytes(model_bytes)
    write_fasta(tmp_path / "genes.fa", sequences)
    done = [
        subprocess.run(
            [*SUBPROCESS, "design", "model", name],
            input=(tmp_path / "genes.fa").read_text(),
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
        )
        for name in ("-", "genes.fa")
    ]
    assert done[0].returncode == 0, done[0].stderr
    assert done[0].stdout == done[1].stdout
    assert done[0].stdout.count("\n") == 13


def test_a_page(run, inputs):
    status, _, err = run("design", *inputs, "-o", "guides.tsv", "--report", "page.html")
    assert status == 0, err
    assert err.endswith("wrote 12 guides to guides.tsv\nwrote page.html\n")
    page = Path("page.html").read_text()
    assert all(f">{spacer}</td>" in page for spacer in read("guides.tsv")[SPACER])
    assert "sgrna-estimator design model genes.fa" in page


# Spacers ------------------------------------------------------------------------------


@pytest.fixture
def library(inputs, sequences):
    guides = find_by_hand(sequences).sample(20, random_state=0, ignore_index=True)
    table = pd.DataFrame(
        {
            "id": [f"0{number}" for number in range(20)],
            "oligo": guides["spacer"],
            "gene": guides["chromosome"],
        }
    )
    table.loc[4, "oligo"] = "A" * 20
    table.to_csv("library.tsv", sep="\t", index=False)
    return guides


def test_a_library_gets_context_and_coordinates(run, inputs, library):
    args = ["--spacers", "library.tsv", "--sequence", "oligo", "--groups", "gene"]
    status, _, err = run("design", *inputs, *args, "-o", "ranked.tsv")
    assert status == 0, err
    assert "1 spacer not found beside a PAM" in err
    table = read("ranked.tsv", dtype=str)
    assert list(table)[:6] == [
        "id",
        "oligo",
        "gene",
        "Pick Order",
        "On-Target Rank",
        "On-Target Efficacy Score",
    ]
    assert sorted(table["id"]) == sorted(f"0{number}" for number in range(20))
    by_id = table.set_index("id")
    for number, guide in library.iterrows():
        row = by_id.loc[f"0{number}"]
        if number == 4:
            assert row[CONTEXT] == row["start"] == row["On-Target Rank"] == ""
            assert row["Picking Notes"].startswith("Not found")
        else:
            assert row[CONTEXT] == guide["context"]
            assert int(row["start"]) == guide["start"]
            assert row["Strand of sgRNA"] == guide["strand"]
    for _, of_gene in table[table["start"] != ""].groupby("gene"):
        assert of_gene["On-Target Rank"].astype(int).tolist() == list(
            range(1, len(of_gene) + 1)
        )
    # and what predict makes of the contexts is the same
    found = table[table[CONTEXT] != ""]
    found.to_csv("contexts.tsv", sep="\t", index=False)
    assert (
        run("predict", "model", "contexts.tsv", "--sequence", CONTEXT, "-o", "p.tsv")[0]
        == 0
    )
    assert_allclose(
        read("p.tsv")["prediction"],
        found["On-Target Efficacy Score"].astype(float),
        atol=1e-5,
    )


def test_a_library_as_bed_and_page(run, inputs, library):
    args = ["--spacers", "library.tsv", "--sequence", "oligo", "-o", "ranked.bed"]
    status, _, err = run("design", *inputs, *args, "--report", "page.html")
    assert status == 0, err
    assert len(read("ranked.bed")) == 19
    assert "wrote 19 guides to ranked.bed" in err


@pytest.mark.parametrize(
    ("spacer", "message"),
    [
        ("ACGT", "library.tsv, data row 3: in the column 'oligo' every sequence must"),
        ("ACGTACGTACGTACGTACGX", "library.tsv, data row 3: "),
    ],
)
def test_spacers_that_are_none(run, inputs, library, spacer, message):
    table = read("library.tsv", dtype=str)
    table.loc[2, "oligo"] = spacer
    table.to_csv("library.tsv", sep="\t", index=False)
    args = ["--spacers", "library.tsv", "--sequence", "oligo", "-o", "ranked.tsv"]
    status, out, err = run("design", *inputs, *args)
    assert (status, out) == (2, "")
    assert message in err.splitlines()[-1]
    assert not Path("ranked.tsv").exists()


# The page of the documentation --------------------------------------------------------


def commands_of(page):
    """Return the lines of the blocks of shell commands of a page."""
    blocks = re.findall(r"\.\. code-block:: sh\n\n((?:    .*\n|\n)+)", page.read_text())
    lines = "".join(blocks).replace("\\\n", "").splitlines()
    return [line.strip() for line in lines if line.strip() and "#" not in line[:6]]


def test_the_commands_of_the_page_run(run, sequences):
    frame = make_guide_screen(
        120, 10, upstream_length=4, downstream_length=3, random_state=0
    ).data.rename(columns={"activity": "indel"})
    frame.to_csv("screen.tsv", sep="\t", index=False)
    write_fasta("genome.fa", sequences)
    Path("exons.bed").write_text("region1\t0\t300\tA\nregion1\t400\t700\tA\n")
    guides = find_by_hand(sequences).rename(columns={"chromosome": "gene"})
    guides[["spacer", "gene"]].to_csv("library.tsv", sep="\t", index=False)
    commands = commands_of(Path(__file__).parents[2] / "docs" / "designing.rst")
    assert len(commands) == 7
    for command in commands:
        program, *args = shlex.split(command)
        if program == "sgrna-estimator":
            status, _, err = run(*args)
            assert status == 0, err
        else:
            subprocess.run(command, shell=True, check=True)
    assert len(read("guides.tsv")) == 4
    assert len(read("ranked.tsv")) == len(guides)
    assert Path("guides.html").read_text().startswith("<!DOCTYPE html>")
    kmers = pd.read_csv("kmers.csv")
    assert list(kmers) == NAME.split(",")
    assert len(kmers) == 4
    contexts = read("guides.bed")["context"].tolist()
    assert Path("contexts.fa").read_text().splitlines()[1::2] == contexts
    [heading, *lines] = Path("one.fa").read_text().splitlines()
    assert heading == ">guides"
    assert lines == [f"{context}NNNN" for context in contexts]


# Refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (["--avoid", "BsmB1"], ["no restriction enzyme 'BsmB1'", "BsmBI"]),
        (["--layout", "4+20+NAG+3"], ["model: ", "contradicted by 4+20+NAG+3"]),
        (["--layout", "CRISPRa"], ["model: ", "contradicted"]),
        (["--regions", "no.bed"], ["no.bed"]),
        (["-o", "guides.html"], ["guides.html: must end in .bed, .parquet, .csv"]),
        (["-o", "genes.fa"], ["genes.fa: must end in"]),
        (["-o", "a.tsv", "--report", "a.tsv"], ["--output and --report are the same"]),
        (["--report", "genes.fa"], ["genes.fa: is read from"]),
        (["--groups", "gene"], ["--spacers"]),
        (["--spacers", "genes.fa", "--regions", "a:1-2"], ["--regions are for"]),
        (["--top", "0"], ["--top"]),
    ],
)
def test_options_that_cannot_be(run, inputs, args, parts):
    assert_refused(run("design", *inputs, *args), *parts)
    assert files() == ["genes.fa", "model"]


def test_tables_of_spacers_that_cannot_be(run, inputs, library):
    args = ["design", *inputs, "--spacers", "library.tsv"]
    assert_refused(
        run(*args), "--sequence must name a column of library.tsv: 'id', 'oligo'"
    )
    table = read("library.tsv", dtype=str).assign(gc="0.5")
    table.to_csv("library.tsv", sep="\t", index=False)
    assert_refused(
        run(*args, "--sequence", "oligo"), "there is a column 'gc' already: rename it"
    )


def test_a_model_without_a_pam(run, inputs):
    fit("ridge", layout=None).write(Path("none"))
    fit("ridge", layout="4+20+3+3").write(Path("lengths"))
    assert_refused(run("design", "none", "genes.fa"), "none: the model does not know")
    assert_refused(run("design", "lengths", "genes.fa"), "the letters of the PAM")
    for name in ("none", "lengths"):
        status, _, err = run(
            "design", name, "genes.fa", "--layout", "SpCas9", "-o", "a.tsv"
        )
        assert status == 0, err


def test_a_layout_that_is_off_by_a_base_is_doubted(run, inputs):
    fit("ridge", layout=None).write(Path("none"))
    _, _, err = run("design", "none", "genes.fa", "--layout", "5+20+NGG+2")
    assert "as well where 5+20+NGG+2 has letter 3 of the PAM, G: is the layout" in err
    _, _, err = run("design", "none", "genes.fa", "--layout", "SpCas9")
    assert "is the layout right" not in err


def test_a_fasta_that_is_none(run, inputs):
    Path("genes.fa").write_text("ACGT\n")
    status, out, err = run("design", *inputs, "-o", "guides.tsv")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith("sgrna-estimator: error: genes.fa: ")
    Path("genes.fa").write_text(">a\nATATATATATATATATATATATATATATATATATA\n")
    status, _, err = run("design", *inputs, "-o", "guides.tsv")
    assert "there is no guide of the layout 4+20+NGG+3 to choose from" in err
    assert files() == ["genes.fa", "model"]


def test_a_region_that_is_not_in_the_fasta(run, inputs):
    status, out, err = run("design", *inputs, "--regions", "chrX:1-100")
    assert (status, out) == (2, "")
    assert "there is no sequence named 'chrX'" in err


# Whole or not at all ------------------------------------------------------------------


def test_ctrl_c_leaves_the_old_file(model_bytes, tmp_path):
    (tmp_path / "model").write_bytes(model_bytes)
    (tmp_path / "guides.tsv").write_text("old")
    child = subprocess.Popen(
        [*SUBPROCESS, "design", "model", "-", "-o", "guides.tsv"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=expect_signals,
    )
    child.stdin.write(">a\nACGT\n")
    child.stdin.flush()
    assert child.stderr.readline().startswith("searching -")
    child.send_signal(signal.SIGINT)
    child.stdin.close()
    err = child.stderr.read()
    child.stderr.close()
    assert child.wait() == 130
    assert err.splitlines()[-1] == "sgrna-estimator: interrupted"
    assert "Traceback" not in err
    assert (tmp_path / "guides.tsv").read_text() == "old"
    assert files(tmp_path) == ["guides.tsv", "model"]


# Children of a process that has all its imports done are killed while they write two
# tables in turn.
KILLS = """
import os, random, signal, time
from pathlib import Path
from sgrna_estimator.cli.app import main

def design(top):
    try:
        main(["design", "model", "genes.fa", "--top", top, "-o", "guides.tsv"])
    except SystemExit as stop:
        assert not stop.code, stop.code
    return Path("guides.tsv").read_bytes()

tops = ["1", "21"]
whole = [design(top) for top in tops]
start = time.perf_counter()
design("21")
took = time.perf_counter() - start
draw, found = random.Random(0), [1]
for _ in range(50):
    child = os.fork()
    while not child:  # first the other table than that which is there
        design(tops[1 - found[-1]]), design(tops[found[-1]])
    time.sleep(draw.uniform(0, 5 * took))  # a fresh child is slower
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    found.append(whole.index(Path("guides.tsv").read_bytes()))
print(len(found), *sorted(set(found)))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes of POSIX")
def test_a_kill_leaves_the_old_file_or_the_new_one(model_bytes, sequences, tmp_path):
    (tmp_path / "model").write_bytes(model_bytes)
    write_fasta(tmp_path / "genes.fa", sequences)
    done = subprocess.run(
        [sys.executable, "-c", KILLS],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.stdout == "51 0 1\n", done.stderr  # whole each time, and either of them
