"""Log2 fold changes: `--score` of `compare`, `fit` and `predict`."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import spearmanr

from sgrna_estimator.baselines.catalogue import MODELS, make_model
from sgrna_estimator.cli.fitting import cross_validate
from sgrna_estimator.cli.screen import read_screen
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.network import base
from sgrna_estimator.storage.model_file import read_model
from tests.command_line import QUICK, SCORE, assert_interrupted, assert_refused, cells


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


@pytest.mark.filterwarnings("ignore:.* guides below the null look active")
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
        result = cross_validate(
            {name: model}, guides, cv=3, repeats=1, n_jobs=1, random_state=0
        )
        return result.splits_[0][1], result.predictions_[[name, "constant"]].to_numpy()

    test, before = out_of_fold()
    screen.loc[test, "log2fc"] = 5 - 3 * screen.loc[test, "log2fc"]
    again, after = out_of_fold()
    assert_array_equal(again, test)
    assert_array_equal(after[test], before[test])
    # the other folds learn from these guides
    others = np.setdiff1d(np.arange(len(screen)), test)
    assert (after[others] != before[others]).all()


def test_log2_fold_changes_as_a_target_bring_the_mixture(run, table):
    args = ["compare", table, "--sequence", "seq", "--target", "log2fc", *QUICK]
    status, out, err = run(*args, "--groups", "gene")
    assert status == 0, err
    models = set(cells(out)[0].index)
    unfit = {name for name in MODELS if MODELS[name].target == "probability"}
    unfit |= {"prior", "network_prior"}
    assert models == {*MODELS, "constant"} - unfit


def test_a_mixture_that_was_asked_for_takes_log2_fold_changes(run, table):
    args = ["--sequence", "seq", "--target", "log2fc", "--model", "mixture_logistic"]
    args += ["--groups", "gene", "--cv", 0]
    status, _, err = run("fit", table, *args, "-o", "model")
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
    run("fit", "screen.csv", *args, "--cv", 0)
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


@pytest.mark.parametrize("name", ["ridge", "mixture_logistic", "network_logistic"])
def test_fit_and_predict_through_the_mixture(run, table, screen, name):
    args = ["--sequence", "seq", *SCORE, "--model", name, "-o", "model"]
    status, _, err = run("fit", table, *args, "--cv", 2)
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


def test_options_that_make_no_difference_are_told(run, table):
    args = ["--sequence", "seq", "--target", "log2fc", "--model", "ridge"]
    _, _, err = run("fit", table, *args, "--screens", "gene", "-o", "model")
    assert "--screens is for mixtures: it makes no difference to ridge" in err
    _, _, err = run("compare", table, *args, "--screens", "gene", *QUICK)
    assert "--screens is for mixtures, of which there is none here" in err
    _, _, err = run("fit", table, "--sequence", "seq", *SCORE, "-o", "model")
    assert "no difference" not in err
