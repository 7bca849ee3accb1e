"""``--prior``: begin from a published screen, or from a model that fit wrote."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator import GuideLayout
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.sequences.spacer_hashes import hash_texts
from sgrna_estimator.storage import published_network as module
from sgrna_estimator.storage import read_model
from tests.command_line import QUICK, SCORE, assert_refused, cells
from tests.report.pages import Page

LONG = ["--layout", "10+20+3+10"]
ARGS = ["--sequence", "seq", "--target", "y", "--groups", "gene"]


def published(seed=0):
    return make_guide_screen(
        n_guides=80,
        n_genes=4,
        upstream_length=4,
        downstream_length=3,
        random_state=seed,
    )


@pytest.fixture(autouse=True)
def _small_sources(monkeypatch, tmp_path_factory):
    for seed, name in enumerate(module.SOURCES):
        monkeypatch.setitem(module.SOURCES, name, lambda seed=seed: published(seed))
    monkeypatch.setenv("SGRNA_ESTIMATOR_DATA", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setitem(module.ACCURATE_SETTINGS, "n_units", 4)


@pytest.fixture
def with_known(screen):
    """The table, 20 of whose guides are in a published screen."""
    known = "CCCCCC" + published().sequences[:20] + "TTTTTTT"
    rows = screen.copy()
    rows.loc[rows.index[:20], "seq"] = known.to_numpy()
    rows.to_csv("known.csv", index=False)
    return rows


def test_compare_has_two_rows_more(run, with_known):
    args = [*ARGS, "--model", "ridge", "--model", "prior", "--model", "network_prior"]
    status, out, err = run(
        *("compare", "known.csv", *args, "--prior", "kim2019", *LONG),
        *(*QUICK, "-o", "scores.csv"),
    )
    assert status == 0, err
    assert set(cells(out)[0].index) == {"ridge", "prior", "network_prior", "constant"}
    assert "taking a network of kim2019, fitted now unless kept" in err
    assert "without 20 guides of these tables that are in kim2019" in err
    # the prior does not know them, so that all guides are tested on
    scores = pd.read_csv("scores.csv")
    one = scores[(scores["estimator"] == "prior") & (scores["metric"] == "mse")]
    assert one["n_test"].sum() == len(with_known)


@pytest.fixture
def _quick_networks(monkeypatch):
    for name in ("network_windows", "network_prior"):
        model = MODELS[name]

        def few_epochs(setting, steps=model.make_steps):
            return [network.set_params(max_iter=2) for network in steps(setting)]

        monkeypatch.setitem(MODELS, name, replace(model, make_steps=few_epochs))


BOTH = ["--model", "network_windows", "--model", "network_prior", "--model", "prior"]


@pytest.mark.usefixtures("_quick_networks", "table")
@pytest.mark.parametrize(
    ("columns", "where"), [(ARGS, "within genes"), (["--sequence", "seq", *SCORE], "")]
)
def test_a_report_says_what_the_prior_brought(run, columns, where):
    status, _, err = run(
        *("compare", "screen.tsv", *columns, *BOTH, "--prior", "kim2019", *LONG),
        *(*QUICK, "--report", "r.html"),
    )
    assert status == 0, err
    assert "fitting to fewer guides, to see what the prior brought" in err
    page = Page(Path("r.html").read_text(encoding="utf-8"))
    assert "What the prior brought" in page.texts("h2")
    [said] = [text for text in page.texts("p") if text.startswith("Beginning from")]
    assert f"Spearman correlation {where}" in said
    alts = [image["attributes"]["alt"] for image in page.all("img")]
    [curve] = [alt for alt in alts if "number of own training guides" in alt]
    for name in ("network_windows", "network_prior"):
        assert f"{name}: 30 guides" in curve
    assert "prior: as it is" in curve
    assert "120 guides" in curve


@pytest.mark.usefixtures("_quick_networks", "table")
def test_a_curve_that_cannot_be_fitted_leaves_the_rest_of_the_report(run, monkeypatch):
    def fails(*args, **options):
        raise RuntimeError("estimator 'network_prior with 30 guides' failed")

    monkeypatch.setattr("sgrna_estimator.report.prior_gain.learning_curve", fails)
    status, _, err = run(
        *("compare", "screen.tsv", *ARGS, *BOTH, "--prior", "kim2019", *LONG),
        *(*QUICK, "--report", "r.html"),
    )
    assert status == 0, err
    assert (
        "the report will not say what the prior brought: estimator 'network_prior with "
        "30 guides' failed\n"
    ) in err
    page = Page(Path("r.html").read_text(encoding="utf-8"))
    assert "What the prior brought" not in page.texts("h2")
    assert "Comparison" in page.texts("h2")


@pytest.mark.usefixtures("_quick_networks", "table")
def test_ctrl_c_while_the_curve_is_fitted(run, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("sgrna_estimator.report.prior_gain.learning_curve", interrupted)
    status, _, err = run(
        *("compare", "screen.tsv", *ARGS, *BOTH, "--prior", "kim2019", *LONG),
        *(*QUICK, "--report", "r.html"),
    )
    assert status == 130
    assert err.endswith("\nsgrna-estimator: interrupted\n")
    assert not Path("r.html").exists()


def test_fit_begins_from_a_screen_and_says_what_it_has_seen(run, table, screen):
    args = ["fit", "screen.tsv", "--sequence", "seq", "--target", "y", *LONG]
    status, _, err = run(*args, "--prior", "kim2019", "--networks", 2, "-o", "model")
    assert status == 0, err
    model = read_model(Path("model"))
    assert model.name == "network_prior"
    assert model.layout == "10+20+3+10"
    network = model.pipeline[-1]
    assert len(network.networks_) == 2
    assert network.n_positions_from_prior_ == 30
    own = np.unique(hash_texts(screen["seq"], GuideLayout.parse(model.layout)))
    np.testing.assert_array_equal(model.training_guides, own)
    assert set(own) < set(network.networks_[0].seen)
    assert run("predict", "model", "screen.tsv", "-o", "out.csv")[0] == 0
    assert run("effects", "model", "-o", "effects.csv")[0] == 0


def test_a_fitted_model_is_a_prior_and_is_judged_on_other_guides(run, screen):
    screen[:120].to_csv("a.csv", index=False)
    screen[60:].to_csv("b.csv", index=False)
    fit = ["fit", "a.csv", "--sequence", "seq", "--target", "y", *LONG]
    assert run(*fit, "--networks", 1, "-o", "model")[0] == 0
    compare = ["compare", "b.csv", "--sequence", "seq", "--target", "y", *QUICK]
    args = ["--model", "prior", "--prior", "model", "-o", "scores.csv"]
    status, out, err = run(*compare, *args)
    assert status == 0, err
    assert "60 guides that a prior has learnt from are in training only" in out
    scores = pd.read_csv("scores.csv")
    one = scores[(scores["estimator"] == "prior") & (scores["metric"] == "mse")]
    assert one["n_test"].sum() == 120


def test_a_model_without_a_layout_is_no_prior(run, table, screen):
    fit = ["fit", "screen.tsv", "--sequence", "seq", "--target", "y"]
    assert run(*fit, "--model", "network", "--networks", 1, "-o", "model")[0] == 0
    args = [*fit, "--prior", "model", "-o", "other"]
    assert_refused(run(*args), "model: a model can be a prior if fit was told --layout")


def test_guides_of_the_usual_layout_need_no_layout(run, screen):
    screen.assign(seq=published(1).sequences.iloc[0]).assign(
        seq=screen["seq"].str[6:36]
    ).to_csv("short.csv", index=False)
    args = ["fit", "short.csv", *ARGS, "--prior", "kim2019", "--networks", 1, "--cv", 0]
    status, _, err = run(*args, "-o", "model")
    assert status == 0, err
    assert "taking the guides for 4+20+NGG+3, which --layout can change" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--prior", "kim"],
            "--prior must name one or several of kim2019, crispron2021",
        ),
        (
            ["--prior", "kim2019"],
            "--prior needs --layout, for guides that are not 4+20",
        ),
        (["--prior", "kim2019", "--layout", "4+20+3+3"], "has 30 positions, but"),
        (["--model", "network_prior"], "network_prior needs --prior"),
        (
            ["--prior", "kim2019", "--model", "ridge", *LONG],
            "--prior is for network_prior",
        ),
    ],
)
def test_what_cannot_be_begun_from(run, table, options, message):
    args = ["--sequence", "seq", "--target", "y", *options, "-o", "model"]
    assert_refused(run("fit", "screen.tsv", *args), message)


def test_guides_that_do_not_look_like_the_layout(run, screen):
    screen.assign(seq=screen["seq"].str[:30]).to_csv("cut.csv", index=False)
    args = [
        "fit",
        "cut.csv",
        "--sequence",
        "seq",
        "--target",
        "y",
        "--prior",
        "kim2019",
    ]
    assert_refused(run(*args, "-o", "model"), "--prior needs --layout: ", "have no GG")
