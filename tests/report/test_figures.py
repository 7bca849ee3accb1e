"""The figures: they say in numbers what they show."""

import matplotlib.pyplot as plt
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    ComparisonReport,
    GuideEffectMixture,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.plotting import TopGuidesDisplay
from tests.report.pages import HOSTILE, Page


def test_every_figure_says_what_it_shows_in_numbers(page, content):
    alts = [image["attributes"]["alt"] for image in Page(page).all("img")]
    scores, top, observed, histogram, effects, losses = alts
    result = content["result"]
    for row in result.summary(result.primary).dropna(subset="mean").to_dict("records"):
        assert f"{row['estimator']} {row['mean']:.3f}" in scores
    assert "constant not defined" in scores
    display = TopGuidesDisplay.from_result(result, result.best)
    assert f"of each of {len(display.shares)} genes" in top
    for n, mean in display.summary()["mean"].items():
        assert f"of {n} best-scored guide" in top
        assert f", {100 * mean:.3g} %" in top
    plt.close(display.figure_)
    assert f"predicted by {result.best}" in observed
    assert "240 held-out guides" in observed
    fitted = content["curves"]["network"][-1]
    assert f"lowest, {min(fitted.validation_loss_curve_):.4g}, at epoch" in losses
    base_effects = content["effects"]["network"][-1].base_effects_
    assert f"({base_effects.max():+.3g})" in effects
    assert f"({base_effects.min():+.3g})" in effects
    assert f"the mean is {content['result'].predictions_['y'].mean():.4g}" in histogram


def test_mixtures_are_shown_with_their_numbers(content, small_screen):
    log2fc, genes = small_screen.data["log2fc"], small_screen.groups
    mixture = GuideEffectMixture().fit(log2fc, groups=genes)
    mixtures = {HOSTILE: (mixture, log2fc, genes)}
    parsed = Page(ComparisonReport(**{**content, "mixtures": mixtures}).to_html())
    assert "Active guides" in parsed.texts("h2")
    alts = [image["attributes"]["alt"] for image in parsed.all("img")]
    [shown] = [alt for alt in alts if "mixture" in alt]
    assert f"240 guides of {HOSTILE}" in shown
    assert f"around {mixture.null_mean_:.3g} with" in shown
    assert f"effects of {mixture.mu1_:.3g} on" in shown
    captions = " ".join(parsed.texts("figcaption"))
    assert "Loss of network in predicting P(active)" in captions


def test_figures_are_drawn_alike_and_leave_none_open(page, content):
    before = plt.get_fignums()
    again = ComparisonReport(**content).to_html()
    sources = [
        [image["attributes"]["src"] for image in Page(text).all("img")]
        for text in (page, again)
    ]
    assert sources[0] == sources[1]
    assert plt.get_fignums() == before


def test_many_guides_make_a_small_page(kim2019):
    result = compare_estimators(
        {"ridge": make_pipeline(SequenceOneHotTransformer(), Ridge())},
        kim2019.sequences,
        kim2019.target,
        random_state=0,
    )
    model = make_pipeline(SequenceOneHotTransformer(), Ridge())
    text = ComparisonReport(
        result,
        sequences=kim2019.sequences,
        effects={"ridge": model.fit(kim2019.sequences, kim2019.target)},
        layout="4+20+3+3",
    ).to_html()
    assert len(text.encode()) < 1_000_000
    assert Page(text).rows()["Positions with one letter only, from the first"] == [
        "26\N{EN DASH}27 GG"
    ]
