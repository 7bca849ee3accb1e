"""`mixture`: which guides of a screen are active."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import pearsonr

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator.datasets import get_data_home
from sgrna_estimator.mixtures.null import fit_null
from tests.command_line import SCORE, assert_refused, files

ADDED = ["mixture_probs", "gene_effect", "mixing"]


@pytest.fixture
def screen(small_screen):
    """240 guides of 12 genes, with an identifier that must stay as it is."""
    frame = small_screen.data[["seq", "gene", "log2fc"]]
    return frame.assign(name=[f"{number:03d}" for number in range(len(frame))])


@pytest.fixture
def table(screen, tmp_path):
    screen.to_csv(tmp_path / "screen.tsv", sep="\t", index=False)
    return "screen.tsv"


def test_mixture_adds_three_columns(run, table, screen):
    status, out, err = run("mixture", table, *SCORE, "-o", "out.csv")
    assert status == 0
    assert err == "wrote 240 guides to out.csv\n"
    written = pd.read_csv("out.csv", dtype={"name": str})
    assert list(written) == [*screen, *ADDED]
    assert_array_equal(written["name"], screen["name"])
    mixture = GuideEffectMixture().fit(screen["log2fc"], groups=screen["gene"])
    assert_allclose(
        written["mixture_probs"],
        mixture.predict_proba(screen["log2fc"], groups=screen["gene"]),
    )
    for column, values in (
        ("gene_effect", mixture.gene_effects_),
        ("mixing", mixture.mixing_),
    ):
        of_gene = dict(zip(mixture.groups_, values, strict=True))
        assert_allclose(written[column], screen["gene"].map(of_gene))
    assert out.splitlines()[1].split()[:3] == ["screen.tsv", "240", "12"]


def test_mixture_writes_genes_with_standard_errors(run, table, screen):
    run("mixture", table, *SCORE, "-o", "out.csv", "--genes", "genes.tsv")
    genes = pd.read_csv("genes.tsv", sep="\t")
    mixture = GuideEffectMixture().fit(screen["log2fc"], groups=screen["gene"])
    assert genes["gene"].tolist() == mixture.groups_.tolist()
    assert set(genes["screen"]) == {"screen.tsv"}
    assert_allclose(genes["gene_effect_std_error"], mixture.gene_effect_std_errors_)
    assert_allclose(genes["mixing_std_error"], mixture.mixing_std_errors_)


def test_mixture_without_genes(run, table, screen):
    assert run("mixture", table, "--score", "log2fc", "-o", "out.csv")[0] == 0
    mixture = GuideEffectMixture().fit(screen["log2fc"])
    written = pd.read_csv("out.csv")
    assert_allclose(
        written["mixture_probs"], mixture.predict_proba(screen["log2fc"]), atol=1e-9
    )
    assert_allclose(written["gene_effect"], mixture.gene_effects_[0])
    assert_allclose(written["mixing"], mixture.mixing_[0])


def test_tables_are_screens_unless_a_column_says(run, screen):
    screen[:100].to_csv("a.csv", index=False)
    screen[100:].to_csv("b.csv", index=False)
    screen.assign(screen=np.where(screen.index < 100, "a.csv", "b.csv")).to_csv(
        "both.csv", index=False
    )
    _, by_file, _ = run("mixture", "a.csv", "b.csv", *SCORE, "-o", "one.tsv")
    _, by_column, _ = run(
        "mixture", "both.csv", *SCORE, "--screens", "screen", "-o", "two.tsv"
    )
    assert by_file == by_column
    one, two = (pd.read_csv(f"{each}.tsv", sep="\t") for each in ("one", "two"))
    assert_array_equal(one[ADDED], two[ADDED])
    _, together, _ = run("mixture", "both.csv", *SCORE, "-o", "three.tsv")
    assert together != by_column


def test_controls_are_the_null_and_have_no_gene(run, screen):
    rng = np.random.default_rng(0)
    controls = pd.DataFrame(
        {"seq": "A", "gene": "none", "log2fc": rng.normal(0.4, 0.6, 50), "name": "c"}
    )
    pd.concat([screen, controls]).to_csv("screen.csv", index=False)
    args = ["mixture", "screen.csv", *SCORE]
    status, out, _ = run(*args, "--controls", "none", "-o", "out.csv")
    assert status == 0
    written = pd.read_csv("out.csv")
    assert written["gene_effect"].isna().tolist() == [False] * 240 + [True] * 50
    assert written["mixing"].isna().sum() == 50
    assert written["mixture_probs"].notna().all()
    null = fit_null(controls["log2fc"].to_numpy(), np.ones(50))
    one_word_each = out.replace("null ", "null_").replace("expected ", "")
    heading, row = map(str.split, one_word_each.splitlines()[:2])
    printed = dict(zip(heading, row, strict=False))
    assert float(printed["null_mean"]) == pytest.approx(null[0], abs=0.001)
    assert float(printed["null_scale"]) == pytest.approx(null[1], abs=0.001)
    assert printed["guides"] == "240"
    assert_refused(
        run(*args, "--controls", "None", "-o", "out.csv"),
        "screen.csv: there is no guide of 'None' (--controls) in column 'gene'",
    )
    assert_refused(
        run(
            "mixture",
            "screen.csv",
            "--score",
            "log2fc",
            "--controls",
            "none",
            "-o",
            "x.csv",
        ),
        "--controls is a label in the column that --groups names",
    )


def test_a_screen_without_controls_is_named(run, screen):
    screen["screen"] = np.where(screen.index < 120, "with", "without")
    screen.loc[:29, "gene"] = "none"
    screen.to_csv("screen.csv", index=False)
    args = [*SCORE, "--screens", "screen", "--controls", "none", "-o", "out.csv"]
    status, _, err = run("mixture", "screen.csv", *args)
    assert status == 0
    assert err.splitlines()[0] == (
        "no negative controls, so that the null is estimated from all guides, in screen "
        "without"
    )
    args[args.index("screen")] = "gene"
    assert_refused(run("mixture", "screen.csv", *args), "two roles")


def test_columns_that_not_all_tables_have_are_named(run, screen):
    screen.assign(x=1).to_csv("a.csv", index=False)
    screen.assign(y=2).to_csv("b.csv", index=False)
    _, _, err = run("mixture", "a.csv", "b.csv", *SCORE, "-o", "out.csv")
    assert err.splitlines()[0] == (
        "left out, because not all tables have them: the columns x, y"
    )
    assert list(pd.read_csv("out.csv")) == [*screen, *ADDED]


def test_depletion_and_constants(run, screen):
    screen.assign(log2fc=-screen["log2fc"]).to_csv("down.csv", index=False)
    screen.to_csv("up.csv", index=False)
    _, up, _ = run("mixture", "up.csv", *SCORE, "-o", "a.csv", "--mu1", 2, "--q0", 0.3)
    _, down, _ = run(
        *("mixture", "down.csv", *SCORE, "-o", "b.csv", "--mu1", -2, "--q0", 0.3),
        *("--direction", "negative"),
    )
    assert "positive" in up
    assert "negative" in down
    a, b = pd.read_csv("a.csv"), pd.read_csv("b.csv")
    assert_allclose(a["mixture_probs"], b["mixture_probs"], atol=1e-6)
    assert_allclose(a["gene_effect"], -b["gene_effect"], atol=1e-6)
    assert up.split("\n")[1].split()[-2:] == ["2.0", "0.3"]


def test_columns_that_are_there_are_written_anew(run, screen):
    screen.assign(mixing="old", mixture_probs=7).to_csv("screen.csv", index=False)
    _, _, err = run("mixture", "screen.csv", *SCORE, "-o", "out.csv")
    assert "the columns mixture_probs, mixing of the tables are written anew" in err
    written = pd.read_csv("out.csv")
    assert list(written) == [*screen, *ADDED]
    assert written["mixture_probs"].max() <= 1
    assert pd.read_csv("screen.csv")["mixing"].tolist() == ["old"] * 240


@pytest.mark.parametrize(
    ("change", "args", "message"),
    [
        ({}, ["--score", "lfc"], "there is no column 'lfc' for the target"),
        ({}, [], "--score must name a column of the table"),
        ({"log2fc": "x"}, SCORE, "screen.csv, data rows 1, 2, 3, 4, 5 and 235 more"),
        ({"gene": ""}, SCORE, "the group in column 'gene' is missing"),
        ({"log2fc": 1.5}, SCORE, "screen.csv: screen screen.csv: guides that are no"),
        ({}, [*SCORE, "--screens", "name"], "screen.csv: screen 000: Found array"),
        ({}, [*SCORE, "--q0", 1], "--q0 must be above 0 and below 1, not 1.0"),
        ({}, [*SCORE, "--mu1", 1, "--direction", "negative"], "mu1"),
        ({}, [*SCORE, "--mu1", "inf"], "--mu1 must be a finite number, not inf"),
        ({}, [*SCORE, "--mu1", "nan"], "--mu1 must be a finite number, not nan"),
    ],
)
def test_bad_input_is_refused(run, screen, change, args, message):
    screen.assign(**change).to_csv("screen.csv", index=False)
    assert_refused(run("mixture", "screen.csv", *args, "-o", "out.csv"), message)
    assert files() == ["screen.csv"]


def test_outputs_are_checked_before_the_work(run, table):
    args = ["mixture", table, *SCORE]
    assert_refused(run(*args, "-o", "out.xlsx"), "out.xlsx: must end in .csv")
    assert_refused(run(*args, "-o", table), "is read from, and would be written over")
    same = ["-o", "out.csv", "--genes", "./out.csv"]
    assert_refused(run(*args, *same), "--output and --genes are the same file")
    assert_refused(
        run(*args, "-o", "out.csv", "--genes", "no/genes.csv"), "no/genes.csv"
    )
    assert files() == [table]


@pytest.mark.parametrize(
    ("file", "mu1", "q0", "least"),
    [
        ("NeuronTopGeneGuidesMixtureProbs.txt", 1.7, 0.2, 0.995),
        ("SelfRenewalTopGeneGuidesMixtureProbs.txt", 4.3, 0.5, 0.999),
    ],
)
def test_published_answers(run, crispra_tiling, file, mu1, q0, least):
    table = get_data_home() / file
    published = pd.read_csv(table, sep="\t")["mixture_probs"]
    constants = ["--mu1", mu1, "--q0", q0]
    for options, bound in (
        ([*constants, "--null", "normal"], least),
        (constants, 0.98),
        ([], 0.98),
    ):
        status, _, _ = run("mixture", table, *SCORE, *options, "-o", "out.tsv")
        assert status == 0
        found = pd.read_csv("out.tsv", sep="\t")["mixture_probs"]
        assert pearsonr(found, published).statistic > bound


@pytest.mark.filterwarnings("default:.*look active")
def test_guides_that_look_active_on_the_wrong_side_are_told(run, screen):
    log2fc = screen["log2fc"].where(screen.index > 7, -12.0)
    screen.assign(log2fc=log2fc).to_csv("screen.csv", index=False)
    args = ["mixture", "screen.csv", *SCORE, "--direction", "positive"]
    _, out, err = run(*args, "--null", "normal", "-o", "normal.csv")
    assert "warning: 8 guides below the null look active" in err
    assert "null df" in out
    assert "inf" in out
    assert (pd.read_csv("normal.csv")["mixture_probs"][:8] > 0.5).all()
    run(*args, "-o", "t.csv")
    assert (pd.read_csv("t.csv")["mixture_probs"][:8] < 0.5).all()
