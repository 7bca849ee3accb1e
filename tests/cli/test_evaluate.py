"""`evaluate`: scores of guides that a model has not seen, and what it refuses."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.metrics import spearman_score, within_group_spearman
from sgrna_estimator.storage import read_model
from tests.command_line import COLUMNS, SCORE, assert_refused, change, files

LAYOUT = ["--layout", "10+20+3+10"]
CANNOT = "whether the model has seen these guides cannot be told, because "
TOO_GOOD = ": scores may be too good\n"


@pytest.fixture(autouse=True)
def _few_samples(monkeypatch):
    monkeypatch.setattr("sgrna_estimator.cli.evaluate._N_RESAMPLES", 50)


@pytest.fixture
def ridge(run, screen):
    """A ridge model of the first 160 guides, in the file ``ridge``."""
    screen[:160].to_csv("first.csv", index=False)
    args = [*COLUMNS, *LAYOUT, "--model", "ridge", "-o", "ridge"]
    assert run("fit", "first.csv", *args)[0] == 0
    return "ridge"


@pytest.fixture
def mixed(screen, ridge):
    """The last 140 guides, of which ``ridge`` has learnt from 60."""
    screen[100:].to_csv("mixed.csv", index=False)
    return "mixed.csv"


def printed(out):
    """Return the cells of the first table, and the paragraphs below it."""
    lines, _, below = out.partition("\n\n")
    heading, *rows = [re.split(r" {2,}", line) for line in lines.split("\n")]
    return pd.DataFrame(rows, columns=heading).set_index("metric"), below


def expected(model, guides):
    return read_model(model).predict(guides[["seq"]])["prediction"].to_numpy()


def test_guides_of_training_are_left_out_and_counted(run, ridge, mixed, screen):
    args = ["--groups", "gene", "-o", "out.csv"]
    status, out, err = run("evaluate", ridge, mixed, *args)
    assert status == 0, err
    assert err == (
        "60 of 140 guides left out, because the model or its prior has learnt from them\n"
        "wrote 140 predictions to out.csv\n"
    )
    fresh = screen[160:]
    y, predicted = fresh["y"], expected(ridge, fresh)
    errors = pd.Series(y - predicted).groupby(np.asarray(fresh["gene"]))
    mse = np.mean((y - predicted) ** 2)
    within = (errors.var() * (errors.size() - 1)).sum() / (errors.size() - 1).sum()
    cells, below = printed(out)
    assert cells["value"].to_dict() == {
        "Spearman correlation": f"{spearman_score(y, predicted):.3f}",
        "Mean Spearman correlation within genes": (
            f"{within_group_spearman(y, predicted, fresh['gene']):.3f}"
        ),
        "Pearson correlation": f"{np.corrcoef(y, predicted)[0, 1]:.3f}",
        "R²": f"{1 - mse / np.var(y):.3f}",
        "Mean squared error": f"{mse:#.4g}",
        "Mean squared error within genes": f"{within:#.4g}",
        "Mean squared error of the mean of these guides": f"{np.var(y):#.4g}",
    }
    bounds = cells[["lower", "upper"]].astype(float)
    assert (bounds["lower"] < bounds["upper"]).all()
    assert "80 guides. lower and upper: 95 % interval, 50 bootstrap samples" in below
    assert "\n- " in below

    written = pd.read_csv("out.csv")
    assert written["in_training"].tolist() == [True] * 60 + [False] * 80
    np.testing.assert_allclose(written["prediction"], expected(ridge, screen[100:]))
    pd.testing.assert_frame_equal(
        written[list(screen)], screen[100:].reset_index(drop=True)
    )


def test_genes_are_printed_and_written(run, ridge, mixed, screen):
    args = ["--groups", "gene", "--per-gene", "genes.tsv"]
    status, out, err = run("evaluate", ridge, mixed, *args)
    assert status == 0
    fresh = screen[160:].assign(predicted=expected(ridge, screen[160:]))
    counts = fresh["gene"].value_counts().sort_index()
    rows = [line.split() for line in out.rpartition("\n\n")[2].splitlines()]
    assert rows[0] == ["gene", "guides", "spearman"]
    assert [row[:2] for row in rows[1:]] == [
        [gene, str(count)] for gene, count in counts.items()
    ]
    first = fresh[fresh["gene"] == counts.index[0]]
    value = spearman_score(first["y"], first["predicted"])
    assert rows[1][2] == f"{value:.3f}"
    assert f"wrote {len(counts)} genes to genes.tsv" in err
    written = pd.read_csv("genes.tsv", sep="\t")
    assert written["group"].tolist() == counts.index.tolist()
    assert written["spearman"][0] == pytest.approx(value)


def test_many_genes_are_only_written(run, ridge, mixed, screen):
    many = screen[160:].assign(gene=[f"g{number // 2}" for number in range(80)])
    many.to_csv("many.csv", index=False)
    args = ["--groups", "gene", "--per-gene", "genes.csv"]
    status, out, err = run("evaluate", ridge, "many.csv", *args)
    assert status == 0, err
    assert "g3 " not in out
    assert "samples of the 40 genes." in out
    assert err.startswith("the model has learnt from none of these 80 guides\n")
    assert len(pd.read_csv("genes.csv")) == 40


def test_what_intervals_rest_on(run, ridge, mixed, screen):
    _, out, _ = run("evaluate", ridge, mixed)
    assert "samples of the 80 guides, each on its own: with --groups whole" in out
    six = screen[160:].assign(gene=[f"g{number % 6}" for number in range(80)])
    six.to_csv("six.csv", index=False)
    _, out, _ = run("evaluate", ridge, "six.csv", "--groups", "gene")
    assert "samples of the 6 genes: few, so that the interval is somewhat too" in out
    screen[160:].assign(gene="one").to_csv("one.csv", index=False)
    _, out, _ = run("evaluate", ridge, "one.csv", "--groups", "gene")
    assert "samples of the 80 guides, for 1 gene is too few to draw: caution" in out


def test_the_seed_draws_the_intervals(run, ridge, mixed):
    first, again, other = (
        run("evaluate", ridge, mixed, "--seed", seed)[1] for seed in (0, 0, 1)
    )
    assert first == again != other


def test_nothing_is_left(run, ridge):
    result = run("evaluate", ridge, "first.csv", "-o", "out.csv")
    assert_refused(result, "first.csv: the model or its prior has learnt from all 160")
    assert "out.csv" not in files()


def test_it_cannot_be_told_what_the_model_has_seen(run, model, table):
    status, out, err = run("evaluate", model, table, "-o", "out.csv")
    assert status == 0
    assert err.startswith(
        f"{CANNOT}its file does not say which guides it was fitted to"
    )
    assert TOO_GOOD in err
    assert "\n240 guides. " in out
    assert "in_training" not in pd.read_csv("out.csv")


def test_a_layout_for_a_file_that_has_none(run, ridge, mixed):
    replace(read_model(ridge), layout=None).write(Path("bare"))
    status, _, err = run("evaluate", "bare", mixed)
    assert status == 0
    assert err == (
        f"{CANNOT}it is not known where the spacers are in the sequences, which --layout "
        f"says{TOO_GOOD}"
    )
    status, _, err = run("evaluate", "bare", mixed, *LAYOUT)
    assert (status, err.startswith("60 of 140 guides left out")) == (0, True)
    assert run("evaluate", ridge, mixed, *LAYOUT)[0] == 0
    other = run("evaluate", ridge, mixed, "--layout", "9+20+3+11")
    assert_refused(other, "ridge: the layout 10+20+3+10 is contradicted by 9+20+3+11")
    assert run("evaluate", ridge, mixed, "--layout", "10+20+NGG+10")[0] == 0


def test_guides_of_the_prior_are_left_out(run, screen):
    screen[:60].to_csv("a.csv", index=False)
    screen[60:120].to_csv("b.csv", index=False)
    fit = ["--sequence", "seq", "--target", "y", *LAYOUT, "--networks", 1]
    assert run("fit", "a.csv", *fit, "--model", "network", "-o", "first")[0] == 0
    begun = ["--model", "prior", "--prior", "first", "-o", "model"]
    assert run("fit", "b.csv", *fit, *begun)[0] == 0
    screen[30:].to_csv("c.csv", index=False)
    status, out, err = run("evaluate", "model", "c.csv")
    assert status == 0, err
    assert err.startswith("90 of 210 guides left out")
    assert "\n120 guides. " in out


def test_a_model_of_log2_fold_changes_is_scored_on_them(run, screen):
    screen[:160].to_csv("first.csv", index=False)
    fit = ["--sequence", "seq", *SCORE, *LAYOUT, "--model", "ridge", "-o", "model"]
    assert run("fit", "first.csv", *fit)[0] == 0
    fresh = screen[160:].rename(columns={"log2fc": "lfc"})
    fresh.to_csv("fresh.csv", index=False)
    args = ["evaluate", "model", "fresh.csv", "--target"]
    status, out, err = run(*args, "lfc", "-o", "out.tsv")
    assert status == 0, err
    written = pd.read_csv("out.tsv", sep="\t")
    assert written["p_active"].between(0, 1).all()
    value = spearman_score(written["lfc"], written["prediction"])
    assert printed(out)[0].loc["Spearman correlation", "value"] == f"{value:.3f}"
    _, _, err = run(*args, "y")
    assert "no value of 'y' is below 0: are these log2 fold changes" in err


def test_several_tables_and_other_names(run, ridge, screen):
    fresh = screen[160:].rename(columns={"seq": "spacer", "y": "indel"})
    fresh[:40].to_csv("a.csv", index=False)
    fresh[40:].to_csv("b.csv", index=False)
    args = ["--sequence", "spacer", "--target", "indel"]
    status, out, err = run("evaluate", ridge, "a.csv", "b.csv", *args)
    assert status == 0, err
    value = spearman_score(screen["y"][160:], expected(ridge, screen[160:]))
    assert printed(out)[0].loc["Spearman correlation", "value"] == f"{value:.3f}"


def test_what_it_refuses(run, ridge, mixed, screen):
    def refused(frame, options, *parts):
        frame.to_csv("new.csv", index=False)
        before = files()
        assert_refused(run("evaluate", ridge, "new.csv", *options), *parts)
        assert files() == before

    refused(screen, ["--per-gene", "g.csv"], "--per-gene needs --groups")
    refused(screen, ["-o", "out.xlsx"], "out.xlsx: must end in .csv, .tsv")
    refused(screen, ["-o", "new.csv"], "new.csv: is read from")
    refused(
        screen,
        ["--groups", "gene", "-o", "x.csv", "--per-gene", "x.csv"],
        "x.csv: --output and --per-gene are the same file",
    )
    refused(screen.drop(columns="y"), [], "there is no column 'y' for the target")
    refused(change(screen, [2], "y", "high"), [], "new.csv, data row 3: the target in")
    refused(
        screen.assign(seq=screen["seq"].str[:30]),
        [],
        "in the sequence column 'seq' every sequence must have the length seen in fit",
    )
    refused(
        screen.assign(in_training=0),
        ["-o", "out.csv"],
        "new.csv: there is a column 'in_training' already: rename it",
    )
    refused(screen, ["--layout", "20"], "a layout is written as upstream+spacer")
