"""The command line on log2 fold changes: `mixture`, and `--score` of other commands."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import assert_refused, files
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import pearsonr, spearmanr

from sgrna_estimator import GuideEffectMixture
from sgrna_estimator._models import MODELS, read_model
from sgrna_estimator.datasets import get_data_home, make_guide_screen

ADDED = ["mixture_probs", "gene_effect", "mixing"]
SCORE = ["--score", "log2fc", "--groups", "gene"]
QUICK = ["--cv", 2, "--jobs", 1]


@pytest.fixture
def screen(small_screen):
    """240 guides of 12 genes, with an identifier that must stay as it is."""
    frame = small_screen.data[["seq", "gene", "log2fc"]]
    return frame.assign(name=[f"{number:03d}" for number in range(len(frame))])


@pytest.fixture
def table(screen, tmp_path):
    screen.to_csv(tmp_path / "screen.tsv", sep="\t", index=False)
    return "screen.tsv"


# mixture ------------------------------------------------------------------------------


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
    null = controls["log2fc"].mean(), controls["log2fc"].std()
    heading, row = (
        line.split() for line in out.replace("null ", "null_").split("\n")[:2]
    )
    printed = dict(zip(heading, row, strict=False))
    assert float(printed["null_mean"]) == pytest.approx(null[0], abs=0.001)
    assert float(printed["null_sd"]) == pytest.approx(null[1], abs=0.001)
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
        ({}, [*SCORE, "--q0", 1], "'q0' parameter"),
        ({}, [*SCORE, "--mu1", 1, "--direction", "negative"], "mu1"),
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
    for constants, bound in ((["--mu1", mu1, "--q0", q0], least), ([], 0.98)):
        status, _, _ = run("mixture", table, *SCORE, *constants, "-o", "out.tsv")
        assert status == 0
        found = pd.read_csv("out.tsv", sep="\t")["mixture_probs"]
        assert pearsonr(found, published).statistic > bound


# --score of the other commands --------------------------------------------------------


def test_compare_judges_the_whole_chain(run):
    # effects so strong that 300 guides teach them
    screen = make_guide_screen(600, 12, position_effect_sd=4, random_state=0).data
    screen.to_csv("screen.csv", index=False)
    models = ["ridge", "fractional_logistic", "mixture_logistic", "network_logistic"]
    chosen = [arg for name in models for arg in ("--model", name)]
    args = ["compare", "screen.csv", "--sequence", "seq", *SCORE, *chosen, *QUICK]
    status, out, err = run(*args, "-o", "scores.csv")
    assert status == 0, err
    scores = pd.read_csv("scores.csv")
    assert set(scores["estimator"]) == {*models, "constant"}
    # all are judged in units of the log2 fold changes, also those that learn from 0 to 1
    mse = scores[scores["metric"] == "mse"].groupby("estimator")["value"].mean()
    assert mse["constant"] == pytest.approx(screen["log2fc"].var(), rel=0.2)
    assert mse.max() < 1.5 * mse["constant"]
    assert "active: spearman with the probability that a guide is active" in out
    active = scores[scores["metric"] == "active"].groupby("estimator")["value"].mean()
    assert active.drop("constant").min() > 0.3


def test_the_chain_of_compare_sees_no_test_guide(run, screen):
    """Scores on a gene's log2 fold changes do not depend on their size in any way."""
    test = screen["gene"] == "gene12"
    screen.to_csv("a.csv", index=False)
    screen.assign(
        log2fc=screen["log2fc"].where(~test, 100 + 50 * screen["log2fc"])
    ).to_csv("b.csv", index=False)
    # one fold a gene, and the folds with that gene in training left out below
    args = ["--sequence", "seq", *SCORE, "--model", "ridge", "--cv", 12, "--jobs", 1]
    scores = []
    for name in ("a", "b"):
        run("compare", f"{name}.csv", *args, "-o", f"{name}.scores.csv")
        frame = pd.read_csv(f"{name}.scores.csv")
        frame = frame[(frame["estimator"] == "ridge") & (frame["metric"] == "spearman")]
        scores.append(frame["value"].to_numpy())
    # the rank correlation within the gene's own fold is the same to the last bit,
    # because its model is; the folds that trained on the gene differ
    same = scores[0] == scores[1]
    assert same.any()
    assert not same.all()


def test_log2_fold_changes_as_a_target_bring_the_mixture(run, table):
    args = ["compare", table, "--sequence", "seq", "--target", "log2fc", *QUICK]
    status, out, err = run(*args, "--groups", "gene")
    assert status == 0, err
    models = {line.split()[0] for line in out.split("\n\n")[0].splitlines()[1:]}
    unfit = {name for name in MODELS if MODELS[name].needs_probabilities}
    assert models == {*MODELS, "constant"} - unfit


def test_the_mixture_refuses_what_is_no_log2_fold_change(run, screen):
    screen.assign(log2fc=screen["log2fc"].abs()).to_csv("screen.csv", index=False)
    args = ["compare", "screen.csv", "--sequence", "seq", "--target", "log2fc"]
    assert_refused(
        run(*args, "--model", "mixture_logistic", *QUICK),
        "screen.csv: the target in column 'log2fc' must be log2 fold changes, some below "
        "0 and some above, for mixture_logistic, but it is from ",
    )


def test_target_and_score_exclude_each_other(run, table):
    for command in (["compare", table], ["fit", table, "-o", "model"]):
        args = [
            *command,
            "--sequence",
            "seq",
            "--score",
            "log2fc",
            "--target",
            "log2fc",
        ]
        assert_refused(
            run(*args), "--target or --score must name a column of the table, "
        )


@pytest.mark.parametrize("name", ["ridge", "mixture_logistic", "network_logistic"])
def test_fit_and_predict_through_the_mixture(run, table, screen, name):
    args = ["--sequence", "seq", *SCORE, "--model", name, "-o", "model"]
    status, _, err = run("fit", table, *args)
    assert status == 0, err
    status, _, err = run("predict", "model", table, "-o", "out.csv")
    assert status == 0, err
    predicted = pd.read_csv("out.csv")["prediction"]
    assert spearmanr(predicted, screen["log2fc"]).statistic > 0.3
    model = read_model(Path("model"))
    assert_allclose(predicted, model.pipeline.predict(screen[["seq"]]))
