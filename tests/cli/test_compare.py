"""`compare`: what it prints and writes, and the options that it refuses."""

from pathlib import Path

import pandas as pd
import pytest

from sgrna_estimator import datasets
from sgrna_estimator.baselines.catalogue import make_model
from tests.command_line import COLUMNS, assert_refused, cells, files


def test_compare_simulates_a_screen_when_there_is_no_table(run):
    status, out, err = run("compare", "--model", "ridge", "--cv", 2, "--jobs", 1)
    assert status == 0
    assert err == (
        "simulated screen: 2000 guides of 40 genes, 2 folds; ridge and the constant\n"
    )
    printed, below = cells(out)
    assert printed.index.tolist() == ["ridge", "constant"]
    assert below.startswith("Means over 2 folds. ")


def test_compare_prints_and_writes_what_compare_estimators_finds(run, table, screen):
    from sgrna_estimator import compare_estimators

    status, out, err = run(
        *("compare", table, *COLUMNS, "--groups", "gene", "--cv", 3, "--seed", 7),
        *("--model", "lasso", "--model", "ridge", "--baseline", "ridge", "--jobs", 1),
        *("--covariates", "distance2TSS", "--output", "scores.csv"),
    )
    assert status == 0
    assert err == (
        "screen.tsv: 240 guides of 12 genes, 3 folds; ridge, lasso and the constant\n"
    )
    columns = ["seq", "distance2TSS"]
    expected = compare_estimators(
        {
            name: make_model(
                name, sequence="seq", covariates=columns[1:], random_state=7
            )
            for name in ("ridge", "lasso")
        },
        screen[columns],
        screen["y"],
        groups=screen["gene"],
        sequences=screen["seq"],
        cv=3,
        baseline="ridge",
        random_state=7,
    )
    scores = pd.read_csv("scores.csv")
    pd.testing.assert_frame_equal(
        scores.drop(columns=["fit_seconds", "score_seconds"]),
        expected.scores_.drop(columns=["fit_seconds", "score_seconds"]),
        check_dtype=False,
    )
    assert files() == ["scores.csv", "screen.tsv"]

    printed, below = cells(out)
    spearman = expected.summary("spearman").set_index("estimator")
    assert printed.index.tolist() == spearman.index.tolist()
    assert printed.columns.tolist() == [
        *("spearman", "+/-", "within", "pearson", "r2", "mse", "mse diff", "p"),
        "fit s",
    ]
    for name in printed.index:
        row = spearman.loc[name]
        assert printed.loc[name, "spearman"] == f"{row['mean']:.3f}"
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
        assert f"\n- {sentence}\n" in below


def test_compare_puts_tables_one_below_the_other(run, screen):
    screen[:100].to_csv("a.csv", index=False)
    screen[100:].drop(columns="log2fc").to_csv("b.tsv.gz", sep="\t", index=False)
    screen.to_csv("both.csv", index=False)
    results = []
    for tables in (["a.csv", "b.tsv.gz"], ["both.csv"]):
        args = ["--groups", "gene", "--model", "ridge", "--cv", 2, "--jobs", 1]
        status, out, err = run("compare", *tables, *COLUMNS, *args)
        assert status == 0
        assert err.startswith(f"{', '.join(tables)}: 240 guides of 12 genes")
        results.append(cells(out)[0].drop(columns="fit s"))
    pd.testing.assert_frame_equal(*results)


def test_a_target_without_variation_is_compared_too(run, screen):
    screen.assign(y=0.5).to_csv("flat.csv", index=False)
    args = ["--model", "ridge", "--cv", 2, "--jobs", 1]
    status, out, _ = run("compare", "flat.csv", *COLUMNS, *args)
    assert status == 0
    assert cells(out)[0]["spearman"].tolist() == ["nan", "nan"]


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


QUICK = ["--model", "ridge", "--model", "network", "--cv", "2", "--jobs", "1"]


@pytest.mark.usefixtures("crispra_tiling")
def test_two_published_tables(run):
    folder = datasets.get_data_home().absolute()
    tables = [
        folder / "NeuronTopGeneGuidesMixtureProbs.txt",
        folder / "SelfRenewalTopGeneGuidesMixtureProbs.txt",
    ]
    columns = ["--sequence", "seq", "--target", "mixture_probs", "--groups", "gene"]
    status, out, err = run("compare", *tables, *columns, *QUICK)
    assert status == 0
    assert "2073 guides of 42 genes, 2 folds; ridge, network and the" in err
    assert sorted(cells(out)[0].index) == ["constant", "network", "ridge"]


@pytest.mark.usefixtures("kim2019")
def test_a_published_table_with_line_breaks_in_its_header(run):
    table = datasets.get_data_home().absolute() / "Kim_2019_Train.csv.zip"
    columns = ["--sequence", "Target context sequence (4+20+3+3)"]
    columns += ["--target", "Background subtracted indel (%)"]
    status, out, err = run("compare", table, *columns, *QUICK)
    assert status == 0
    assert "12832 guides, 2 folds; ridge, network and the constant" in err
    assert cells(out)[0]["spearman"].drop("constant").astype(float).min() > 0.5
