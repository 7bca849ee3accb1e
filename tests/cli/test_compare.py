"""`compare`: what it prints and writes, and the options that it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context

from sgrna_estimator import datasets
from sgrna_estimator.baselines.catalogue import make_model
from tests.command_line import (
    COLUMNS,
    QUICK,
    assert_refused,
    cells,
    files,
    without_progress,
)


def test_compare_simulates_a_screen_when_there_is_no_table(run):
    status, out, err = run("compare", "--model", "ridge", *QUICK)
    assert status == 0, err
    assert without_progress(err) == (
        "simulated screen: 2000 guides of 40 genes, 2 folds; ridge and the constant\n"
    )
    printed, below = cells(out)
    assert printed.index.tolist() == ["ridge", "constant"]
    assert below.splitlines()[-1].startswith("Means over 2 folds. ")


@pytest.mark.filterwarnings("ignore:Objective did not converge")
def test_compare_prints_and_writes_what_compare_estimators_finds(run, table, screen):
    from sgrna_estimator import compare_estimators

    status, out, err = run(
        *("compare", table, *COLUMNS, "--groups", "gene", "--cv", 3, "--seed", 7),
        *("--repeats", 2, "--predictions", "predictions.tsv", "--permutations", 0),
        *("--model", "lasso", "--model", "ridge", "--baseline", "ridge", "--jobs", 1),
        *("--covariates", "distance2TSS", "--output", "scores.csv"),
    )
    assert status == 0, err
    assert without_progress(err) == (
        "screen.tsv: 240 guides of 12 genes, 3 folds drawn 2 times; ridge, lasso and the "
        "constant\n"
    )
    columns = ["seq", "distance2TSS"]
    with config_context(enable_metadata_routing=True):
        expected = compare_estimators(
            {
                name: make_model(
                    name,
                    sequence="seq",
                    covariates=columns[1:],
                    by_gene=True,
                    random_state=7,
                )
                for name in ("ridge", "lasso")
            },
            screen[columns],
            screen["y"],
            groups=screen["gene"],
            sequences=screen["seq"],
            cv=3,
            repeats=2,
            baseline="ridge",
            random_state=7,
        )
    scores = pd.read_csv("scores.csv")
    pd.testing.assert_frame_equal(
        scores.drop(columns=["fit_seconds", "score_seconds"]),
        expected.scores_.drop(columns=["fit_seconds", "score_seconds"]),
        check_dtype=False,
    )
    assert files() == ["predictions.tsv", "scores.csv", "screen.tsv"]
    found = pd.read_csv("predictions.tsv", sep="\t")
    pd.testing.assert_frame_equal(
        found.drop(columns=["file", "row", "sequence"]),
        expected.predictions_.reset_index(drop=True),
        check_dtype=False,
    )
    rows = found["row"] - 1
    assert found["file"].eq("screen.tsv").all()
    assert found["sequence"].tolist() == screen["seq"].loc[rows].tolist()
    assert found["y"].tolist() == pytest.approx(screen["y"].loc[rows].tolist())
    assert found.groupby("repeat")["row"].nunique().tolist() == [240, 240]

    printed, below = cells(out)
    assert "\nMeans over 3 folds drawn 2 times. " in below
    within = expected.summary("within_group_spearman").set_index("estimator")
    assert printed.index.tolist() == within.index.tolist()
    assert printed.columns.tolist() == [
        *("spearman", "within", "+/-", "pearson", "r2", "mse", "mse diff", "p"),
        *("mse within", "fit s"),
    ]
    for name in printed.index:
        row = within.loc[name]
        assert printed.loc[name, "within"] == f"{row['mean']:.3f}"
        assert printed.loc[name, "+/-"] == f"{row['upper'] - row['mean']:.3f}"
    mse = expected.summary("mse").set_index("estimator")
    assert float(printed.loc["lasso", "mse"]) == pytest.approx(
        mse.loc["lasso", "mean"], rel=1e-3
    )
    assert float(printed.loc["lasso", "mse diff"]) == pytest.approx(
        mse.loc["lasso", "difference"], rel=1e-2
    )
    assert printed.loc["lasso", "p"] == f"{mse.loc['lasso', 'p_adjusted']:.3f}"
    assert printed.loc["ridge", ["mse diff", "p"]].tolist() == ["-", "-"]
    assert "mse diff: mse less that of ridge; " in below
    for sentence in expected.verdict():
        assert f"- {sentence}\n" in below


def test_compare_puts_tables_one_below_the_other(run, screen):
    screen[:100].to_csv("a.csv", index=False)
    screen[100:].drop(columns="log2fc").to_csv("b.tsv.gz", sep="\t", index=False)
    screen.to_csv("both.csv", index=False)
    results = []
    for tables in (["a.csv", "b.tsv.gz"], ["both.csv"]):
        args = ["--groups", "gene", "--model", "ridge", *QUICK]
        status, out, err = run("compare", *tables, *COLUMNS, *args)
        assert status == 0
        assert err.startswith(f"{', '.join(tables)}: 240 guides of 12 genes")
        results.append(cells(out)[0].drop(columns="fit s"))
    pd.testing.assert_frame_equal(*results)


def test_a_target_without_variation_is_compared_too(run, screen):
    screen.assign(y=0.5).to_csv("flat.csv", index=False)
    args = ["--model", "ridge", *QUICK]
    status, out, _ = run("compare", "flat.csv", *COLUMNS, *args)
    assert status == 0
    assert cells(out)[0]["spearman"].tolist() == ["nan", "nan"]


def of_noise(screen):
    """Return the screen with a target that nothing predicts, and probabilities of it."""
    noise = np.random.default_rng(1).uniform(size=len(screen))
    return screen.assign(y=noise)


def test_where_nothing_is_found_measurements_are_permuted(run, screen):
    of_noise(screen).to_csv("noise.csv", index=False)
    args = ["compare", "noise.csv", *COLUMNS, "--groups", "gene", "--cv", 2]
    args += ["--repeats", 1, "--jobs", 1, "--model", "lasso"]
    status, out, _ = run(*args, "--model", "ridge")
    assert status == 0
    assert out.startswith("No: no model is shown to rank guides within genes better")
    assert "- No signal detected within genes (p = " in out
    assert "of 99 permutations of the measurements within genes); with these" in out
    asked = run(*args, "--permutations", 19)[1]
    assert "of 19 permutations of the measurements within genes)" in asked
    for without in (run(*args), run(*args, "--model", "ridge", "--permutations", 0)):
        assert "\n- No signal detected within genes" in without[1]
        assert "permutations" not in without[1]


def test_a_covariate_that_is_the_target_is_refused(run, screen):
    screen.assign(copy=7 - 2 * screen["y"]).to_csv("copy.csv", index=False)
    args = ["compare", "copy.csv", *COLUMNS, "--covariates", "copy", *QUICK]
    status, out, err = run(*args, "--groups", "gene", "--model", "ridge")
    assert status == 2
    assert out == ""
    assert "error: copy.csv: column 'copy' of X is a copy of the target" in err
    assert "Traceback" not in err
    assert files() == ["copy.csv"]


def test_aligned_sequences_and_unknown_letters(run, screen):
    sequences = screen["seq"].where(screen.index % 2 == 0, screen["seq"].str[1:])
    screen["seq"] = sequences.where(screen.index != 7, "N" + sequences.str[1:])
    screen.to_csv("mixed.csv", index=False)
    args = ["compare", "mixed.csv", *COLUMNS, "--model", "ridge", "--cv", 2]
    args += ["--jobs", 1]
    assert_refused(run(*args), "mixed.csv", "same length")
    assert_refused(run(*args, "--align", "right"), "mixed.csv, data row 8:", "'N'")
    assert run(*args, "--align", "right", "--unknown", "zero")[0] == 0


@pytest.mark.parametrize(
    ("spell", "options"),
    [
        (lambda guide: "G" + guide, ["--align", "right"]),
        (lambda guide: guide + "A", ["--align", "left"]),
        (lambda guide: guide[:-1] + "N", ["--unknown", "zero"]),
    ],
)
def test_noise_is_noise_although_each_guide_is_there_twice(run, spell, options):
    rng = np.random.default_rng(0)
    guides = ["".join(row) for row in rng.choice(list("ACGT"), (200, 20))]
    y = rng.normal(size=200)
    twins = [spell(guide) for guide in guides]
    table = pd.DataFrame({"seq": guides + twins, "y": np.concatenate([y, y])})
    table.to_csv("twins.csv", index=False)
    status, out, err = run(
        *("compare", "twins.csv", *COLUMNS, *options, "--model", "gradient_boosting"),
        *(*QUICK, "--predictions", "predictions.csv"),
    )
    assert status == 0, err
    printed, below = cells(out)
    assert abs(float(printed.loc["gradient_boosting", "spearman"])) < 0.3
    assert "- 400 guides are written differently from another, but no letter" in below
    assert "better than the constant" not in below
    found = pd.read_csv("predictions.csv")
    fold = found.set_index("row")["split"]
    assert fold.loc[1:200].tolist() == fold.loc[201:400].tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sequence", "seq"], "--sequence names a column, but there is no TABLE"),
        (["--target", "y"], "--target names a column, but there is no TABLE"),
        (["--groups", "gene"], "--groups names a column, but there is no TABLE"),
        (["--covariates", "x"], "--covariates names a column, but there is no TABLE"),
        (["--jobs", "0"], "--jobs must not be 0"),
        (["--cv", "1"], "--cv"),
        (["--cv", "five"], "--cv"),
        (["--seed", "-1"], "--seed"),
        (["--repeats", "0"], "--repeats"),
        (["--permutations", "-1"], "--permutations"),
        (["--permutations", "18"], "--permutations must be 0, or 19 or more"),
        (["--predictions", "a.png"], "a.png: must end in .csv, .tsv, .txt"),
        (["--predictions", "no/a.csv"], "no/a.csv: cannot be written"),
        (
            ["--predictions", "a.csv", "-o", "a.csv"],
            "a.csv: --output and --predictions are the same file",
        ),
        (["--model", "forest"], "there is no model 'forest'; there are ridge, "),
        (["--baseline", "forest"], "there is no model 'forest'; there are ridge, "),
        (["--model", "constant"], "there is no model 'constant'"),
        (["--unknown", "maybe"], "--unknown"),
        (["--targte", "y"], "No such option: --targte"),
        (["--sequence"], "--sequence"),
        (["-o", "no/scores.csv"], "no/scores.csv: cannot be written"),
        (["-o", "scores.png"], "scores.png: must end in .csv, .tsv, .txt"),
        (["-o", "scores.csv.rar"], "scores.csv.rar: must end in"),
        (["-o", "folder.csv"], "folder.csv: is a folder, not a file to write to"),
        (["--report", "a.pdf"], "a.pdf: the name of a report must end in .html"),
        (["--report", "no/a.html"], "no/a.html: cannot be written"),
        (["--layout", "4+20+3+3"], "--layout is for --report"),
        (
            ["--report", "a.html", "--layout", "4+20+3+3"],
            "simulated screen: the layout 4+20+3+3 has 30 positions, but",
        ),
    ],
)
def test_options_that_cannot_be_used(run, options, message):
    Path("folder.csv").mkdir()
    assert_refused(run("compare", *options), message)
    assert files() == ["folder.csv"]
    assert files("folder.csv") == []


TWO_MODELS = ["--model", "ridge", "--model", "network", *QUICK]


@pytest.mark.usefixtures("crispra_tiling")
def test_two_published_tables(run):
    folder = datasets.get_data_home().absolute()
    tables = [
        folder / "NeuronTopGeneGuidesMixtureProbs.txt",
        folder / "SelfRenewalTopGeneGuidesMixtureProbs.txt",
    ]
    columns = ["--sequence", "seq", "--target", "mixture_probs", "--groups", "gene"]
    status, out, err = run("compare", *tables, *columns, *TWO_MODELS)
    assert status == 0, err
    assert "2073 guides of 42 genes, 2 folds; ridge, network and the" in err
    assert sorted(cells(out)[0].index) == ["constant", "network", "ridge"]


@pytest.mark.usefixtures("kim2019")
def test_a_published_table_with_line_breaks_in_its_header(run):
    table = datasets.get_data_home().absolute() / "Kim_2019_Train.csv.zip"
    columns = ["--sequence", "Target context sequence (4+20+3+3)"]
    columns += ["--target", "Background subtracted indel (%)"]
    status, out, err = run("compare", table, *columns, *TWO_MODELS)
    assert status == 0, err
    assert "12832 guides, 2 folds; ridge, network and the constant" in err
    assert cells(out)[0]["spearman"].drop("constant").astype(float).min() > 0.5
