"""The command line on log2 fold changes: `mixture`, and `--score` of other commands."""

from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import pearsonr, spearmanr

from sgrna_estimator import GuideEffectMixture, PositionwiseReLURegressor
from sgrna_estimator.baselines.catalogue import MODELS, make_model
from sgrna_estimator.cli.fitting import cross_validate, fit_to_all
from sgrna_estimator.cli.report import _fit_beside
from sgrna_estimator.cli.screen import read_screen
from sgrna_estimator.datasets import get_data_home, make_guide_screen
from sgrna_estimator.inspection.letter_effects import letter_effects
from sgrna_estimator.network import base
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import assert_interrupted, assert_refused, files

mpl.use("Agg")
import matplotlib.pyplot as plt

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
    null = controls["log2fc"].mean(), controls["log2fc"].std()
    one_word_each = out.replace("null ", "null_").replace("expected ", "")
    heading, row = map(str.split, one_word_each.splitlines()[:2])
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


def read(file, **columns):
    options = dict.fromkeys(["target", "screens", "align"])
    options |= {"sequence": "seq", "score": "log2fc", "groups": "gene"}
    options |= {"covariates": [], "unknown": "error"}
    return read_screen([Path(file)], **options | columns)


@pytest.mark.parametrize("name", ["ridge", "mixture_logistic", "network"])
def test_no_prediction_depends_on_a_log2_fold_change_of_its_fold(
    screen, name, tmp_path
):
    model = make_model(
        name, sequence="seq", through_mixture=True, by_gene=True, random_state=0
    )

    screen = screen[:120].copy()

    def out_of_fold():
        screen.to_csv(tmp_path / "screen.csv", index=False)
        guides = read(tmp_path / "screen.csv")
        result = cross_validate({name: model}, guides, "constant", 3, 1, 0)
        return result.splits_[0][1], result.predictions_[[name, "constant"]].to_numpy()

    test, before = out_of_fold()
    screen.loc[test, "log2fc"] = 5 - 3 * screen.loc[test, "log2fc"]
    again, after = out_of_fold()
    assert_array_equal(again, test)
    assert_array_equal(after[test], before[test])
    # the other folds learn from these guides
    others = np.setdiff1d(np.arange(len(screen)), test)
    assert (after[others] != before[others]).all()


def test_learning_curves_of_a_report_see_no_test_guide(screen, tmp_path):
    model = make_model("network", sequence="seq", through_mixture=True, random_state=0)
    test = np.arange(60)
    split = np.arange(60, len(screen)), test
    networks = []
    for values in (screen["log2fc"], 5 - 3 * screen["log2fc"]):
        screen.loc[test, "log2fc"] = values[test]
        screen.to_csv(tmp_path / "screen.csv", index=False)
        guides = read(tmp_path / "screen.csv")
        networks.append(_fit_beside(model, guides, split, fit_to_all(guides)))
    before, after = networks
    assert before.loss_curve_ == after.loss_curve_
    assert before.validation_loss_curve_ != after.validation_loss_curve_


def test_learning_curves_of_screens_that_are_tested_only(run, screen, monkeypatch):
    """Each gene is a screen, so that no mixture of the training guides is the test's."""
    given = []
    fit = PositionwiseReLURegressor.fit

    def keep(self, X, y, **held_out):
        given.append((y, held_out.get("y_val")))
        return fit(self, X, y, **held_out)

    monkeypatch.setattr(PositionwiseReLURegressor, "fit", keep)
    screen = screen[:80].assign(screen=screen["gene"])
    screen.to_csv("screen.csv", index=False)
    args = ["--model", "network", *QUICK, "--report", "report.html"]
    columns = ["--sequence", "seq", *SCORE, "--screens", "screen"]
    status, _, err = run("compare", "screen.csv", *columns, *args)
    assert status == 0, err
    expected = []
    for gene, guides in screen.groupby("gene"):
        genes = [gene] * len(guides)
        mixture = GuideEffectMixture().fit(guides["log2fc"], groups=genes)
        expected += mixture.predict_proba(guides["log2fc"], groups=genes).tolist()
    [learnt_and_judged] = [each for each in given if each[1] is not None]
    assert_allclose(np.sort(np.concatenate(learnt_and_judged)), np.sort(expected))


def test_a_report_shows_the_mixture_of_each_screen(run, screen):
    screen[:120].to_csv("a.csv", index=False)
    screen[120:].to_csv("b<i>.csv", index=False)
    args = ["--sequence", "seq", *SCORE, "--model", "ridge", *QUICK]
    status, out, err = run("compare", "a.csv", "b<i>.csv", *args, "--report", "r.html")
    assert status == 0, err
    page = Path("r.html").read_text(encoding="utf-8")
    assert "120 guides of a.csv with the fitted mixture" in page
    assert "120 guides of b&lt;i&gt;.csv with the fitted mixture" in page
    assert all(line[2:] in page for line in out.splitlines() if line[:2] == "- ")


def test_ctrl_c_while_a_report_is_made(run, table, monkeypatch):
    def make_report(**content):
        Path("began").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("sgrna_estimator.report.page.make_report", make_report)
    args = ["--sequence", "seq", *SCORE, "--model", "ridge", *QUICK]
    outputs = ["-o", "scores.csv", "--report", "report.html"]
    status, _, err = run("compare", table, *args, *outputs)
    assert status == 130
    assert err.endswith("\nsgrna-estimator: interrupted\n")
    assert files() == ["began", "scores.csv", table]  # the scores are whole


def test_scores_and_report_are_two_files(run, table):
    Path("scores.csv").symlink_to("report.html")
    args = ["--sequence", "seq", *SCORE, "-o", "scores.csv", "--report", "report.html"]
    assert_refused(
        run("compare", table, *args), "--output and --report are the same file"
    )


def test_log2_fold_changes_as_a_target_bring_the_mixture(run, table):
    args = ["compare", table, "--sequence", "seq", "--target", "log2fc", *QUICK]
    status, out, err = run(*args, "--groups", "gene")
    assert status == 0, err
    models = {line.split()[0] for line in out.split("\n\n")[0].splitlines()[1:]}
    unfit = {name for name in MODELS if MODELS[name].needs_probabilities}
    assert models == {*MODELS, "constant"} - unfit


def test_a_mixture_that_was_asked_for_takes_log2_fold_changes(run, table):
    args = ["--sequence", "seq", "--target", "log2fc", "--model", "mixture_logistic"]
    status, _, err = run("fit", table, *args, "--groups", "gene", "-o", "model")
    assert status == 0, err
    assert len(read_model(Path("model")).pipeline[-1].best_estimator_.groups_) == 12


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


@pytest.mark.parametrize("name", ["ridge", "mixture_logistic"])
@pytest.mark.parametrize("sign", [1, -1])
def test_p_active_is_high_for_guides_that_work_whatever_their_sign(run, name, sign):
    data = make_guide_screen(600, 12, position_effect_sd=4, random_state=0).data
    data.assign(log2fc=sign * data["log2fc"]).to_csv("screen.csv", index=False)
    args = ["--sequence", "seq", *SCORE, "--model", name, "-o", "model"]
    run("fit", "screen.csv", *args)
    _, _, err = run("predict", "model", "screen.csv", "-o", "out.csv")
    assert "p_active the probability that the guide is active" in err
    written = pd.read_csv("out.csv")
    assert written["p_active"].between(0, 1).all()
    assert spearmanr(written["p_active"], data["mixture_probs"]).statistic > 0.5
    assert np.sign(spearmanr(written["p_active"], written["prediction"])[0]) == sign
    assert_refused(
        run("predict", "model", "out.csv", "-o", "again.csv"),
        "out.csv: there is a column 'prediction' already",
    )


def test_a_target_that_looks_like_one_for_the_other_option_is_doubted(run, screen):
    screen.assign(log2fc=screen["log2fc"].abs()).to_csv("size.csv", index=False)
    screen.to_csv("both.csv", index=False)
    args = ["--sequence", "seq", "--model", "ridge", "-o", "model"]
    _, _, err = run("fit", "size.csv", *args, "--score", "log2fc")
    assert err.startswith(
        "no value of 'log2fc' is below 0: are these log2 fold changes"
    )
    _, _, err = run("fit", "both.csv", *args, "--target", "log2fc")
    assert err.startswith(
        "'log2fc' has values below and above 0: log2 fold changes are"
    )
    _, _, err = run("fit", "both.csv", *args, "--score", "log2fc")
    assert err.startswith("both.csv: 240 guides")


def test_guides_that_changed_against_the_direction_are_counted(run, screen):
    log2fc = screen["log2fc"].where(screen.index > 2, -12.0)
    screen.assign(log2fc=log2fc).to_csv("screen.csv", index=False)
    _, out, err = run("mixture", "screen.csv", *SCORE, "-o", "out.csv")
    written = pd.read_csv("out.csv")
    against = (written["mixture_probs"] > 0.5) & (written["log2fc"] < 0)
    assert "positive" in out
    assert against.sum() >= 3
    assert f"{against.sum()} guides with a probability above 0.5 changed against" in err


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


@pytest.mark.filterwarnings("always:.*not fitted to the end")
def test_an_interrupted_fit_through_the_mixture_is_kept(run, table, monkeypatch):
    train_epoch = base.train_epoch

    def train(trainee, *args):
        if trainee.n_iter == 2:
            raise KeyboardInterrupt
        train_epoch(trainee, *args)

    monkeypatch.setattr(base, "train_epoch", train)
    args = ["--sequence", "seq", *SCORE, "--model", "network", "-o", "model"]
    assert_interrupted(
        run("fit", table, *args), "after 2 epochs; what was learnt is in model\n"
    )
    status, _, err = run("effects", "model", "-o", "effects.csv")
    assert status == 0
    warning, wrote = err.splitlines()
    assert warning.startswith("warning: model: the model was not fitted to the end")
    assert wrote == "wrote effects.csv"


# effects ------------------------------------------------------------------------------


@pytest.fixture
def model(run, table):
    """A ridge model of the probability of being active, in the file ``model``."""
    args = ["--sequence", "seq", *SCORE, "--model", "ridge", "-o", "model"]
    assert run("fit", table, *args)[0] == 0
    return "model"


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.PDF", b"%PDF")],
)
@pytest.mark.parametrize("kind", ["heatmap", "logo"])
def test_effects_are_drawn(run, model, name, begins, kind):
    args = ["--kind", kind, "--layout", "10+20+3+10", "-o", name]
    assert run("effects", model, *args) == (0, "", f"wrote {name}\n")
    assert Path(name).read_bytes().startswith(begins)
    plt.close("all")


def test_effects_are_written(run, model):
    args = ["--layout", "10+20+3+10", "--numbering", "pam", "-o", "effects.tsv.gz"]
    assert run("effects", model, *args) == (0, "", "wrote effects.tsv.gz\n")
    written = pd.read_csv("effects.tsv.gz", sep="\t")
    fitted = read_model(Path(model)).pipeline
    expected = letter_effects(fitted, layout="10+20+3+10", numbering="pam").to_frame()
    assert_allclose(written["effect"], expected["effect"])
    assert written["position"].tolist() == expected["position"].tolist()
    assert written["position"].min() == -30


def test_effects_have_the_layout_that_the_model_remembers(run, model):
    replace(read_model(model), layout="10+20+3+10").write(model)
    assert run("effects", model, "-o", "own.csv")[0] == 0
    own = pd.read_csv("own.csv")
    assert own["position"].min() == -10
    assert run("effects", model, "--layout", "5+25+3+10", "-o", "other.csv")[0] == 0
    assert pd.read_csv("other.csv")["position"].min() == -5


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-o", "a.jpg"], "a.jpg: must end in .png, .svg, .pdf, .csv"),
        (["-o", "a.csv", "--kind", "logo"], "a.csv: --kind logo is for .png, .svg"),
        (["-o", "a.png", "--layout", "4+20+3+3"], "model: the layout 4+20+3+3 has 30"),
        (["-o", "a.png", "--layout", "4+x"], "model: a layout is written as"),
        (["-o", "a.csv", "--numbering", "pam"], "needs a layout"),
        (["-o", "no/a.png"], "no/a.png: cannot be written"),
    ],
)
def test_effects_that_cannot_be_shown(run, model, args, message):
    assert_refused(run("effects", model, *args), message)
    assert files() == ["model", "screen.tsv"]


def test_effects_of_what_has_none(run, table):
    args = ["--sequence", "seq", *SCORE, "--model", "gradient_boosting", "-o", "model"]
    run("fit", table, *args)
    assert_refused(
        run("effects", "model", "-o", "a.csv"),
        "model: HistGradientBoostingRegressor has no effect of each letter",
    )
    assert_refused(
        run("effects", table, "-o", "a.csv"), "screen.tsv: is not a model file"
    )
    assert files() == ["model", "screen.tsv"]


def test_options_that_make_no_difference_are_told(run, table):
    args = ["--sequence", "seq", "--target", "log2fc", "--model", "ridge"]
    _, _, err = run("fit", table, *args, "--groups", "gene", "-o", "model")
    assert "--groups and --screens are for mixtures: they make no difference" in err
    _, _, err = run("compare", table, *args, "--screens", "name", *QUICK)
    assert "--screens is for mixtures, of which there is none here" in err
    _, _, err = run("fit", table, "--sequence", "seq", *SCORE, "-o", "model")
    assert "no difference" not in err
