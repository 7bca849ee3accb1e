"""Displays of loss curves, comparisons, predictions and mixtures."""

import subprocess
import sys

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt
from scipy.stats import norm
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    GuideEffectMixture,
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)
from sgrna_estimator.metrics import spearman_score
from sgrna_estimator.plotting import (
    ComparisonDisplay,
    LossCurveDisplay,
    MixtureDisplay,
    ObservedVsPredictedDisplay,
)
from tests.plot_checks import check_texts

WIDTHS = [6.4, 3.3]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def new_axes(width, height=3.2):
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def legend_labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_nothing_that_draws_is_imported_before_it_is_needed():
    code = (
        "import sys, sgrna_estimator.plotting; "
        "print([m for m in ('matplotlib.pyplot', 'seaborn') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# Loss curves --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_hot(small_screen):
    return SequenceOneHotTransformer().fit_transform(small_screen.sequences)


@pytest.fixture(scope="module")
def watched(one_hot, small_screen):
    """A network whose validation loss was followed."""
    network = PositionwiseReLURegressor(max_iter=6, random_state=0)
    y = small_screen.target
    return network.fit(one_hot[:180], y[:180], X_val=one_hot[180:], y_val=y[180:])


@pytest.mark.parametrize("width", WIDTHS)
def test_loss_curves(watched, width):
    display = LossCurveDisplay.from_estimator(
        watched, ax=new_axes(width), name="one unit a position"
    )
    ax = display.ax_
    for line, losses in (
        (display.training_line_, watched.loss_curve_),
        (display.validation_line_, watched.validation_loss_curve_),
    ):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 7))
        np.testing.assert_array_equal(line.get_ydata(), losses)
    best = int(np.argmin(watched.validation_loss_curve_)) + 1
    assert display.lowest_.get_xdata() == [best]
    assert display.lowest_.get_ydata() == [min(watched.validation_loss_curve_)]
    assert sorted(legend_labels(ax)) == sorted(
        ["training", "validation", f"lowest, epoch {best}"]
    )
    assert ax.get_xlabel() == "Epoch"
    assert "squared error" in ax.get_ylabel()
    assert ax.get_legend().get_title().get_text() == "one unit a position"
    check_texts(display.figure_)


@pytest.mark.parametrize("width", WIDTHS)
def test_loss_against_guides(watched, width):
    display = LossCurveDisplay.from_estimator(
        watched, x="guides", n_guides=180, ax=new_axes(width)
    )
    np.testing.assert_array_equal(
        display.validation_line_.get_xdata(), 180 * np.arange(1, 7)
    )
    assert display.lowest_.get_xdata()[0] % 180 == 0
    assert display.ax_.get_xlabel() == "Guides drawn"
    check_texts(display.figure_)


def test_loss_against_guides_needs_their_number(watched):
    with pytest.raises(ValueError, match="needs n_guides"):
        LossCurveDisplay.from_estimator(watched, x="guides")
    with pytest.raises(ValueError, match="x must be 'epochs' or 'guides', got 'steps'"):
        LossCurveDisplay.from_estimator(watched, x="steps")


def test_loss_without_validation_is_one_line(one_hot, small_screen):
    labels = small_screen.target > np.median(small_screen.target)
    network = PositionwiseReLUClassifier(max_iter=1, random_state=0)
    display = LossCurveDisplay.from_estimator(network.fit(one_hot, labels))
    assert display.validation_line_ is None
    assert display.lowest_ is None
    assert "log loss" in display.ax_.get_ylabel()
    assert legend_labels(display.ax_) == ["training"]
    # a line of one epoch is seen, and no tick is at half an epoch
    assert display.training_line_.get_marker() == "o"
    display.figure_.canvas.draw()
    assert all(tick == int(tick) for tick in display.ax_.get_xticks())
    check_texts(display.figure_)


def test_log_loss_of_a_regressor():
    network = PositionwiseReLURegressor(
        output="logistic", loss="log_loss", max_iter=2, random_state=0
    )
    network.fit(np.eye(4), [0.0, 0.2, 0.7, 1.0])
    display = LossCurveDisplay.from_estimator(network)
    assert "log loss" in display.ax_.get_ylabel()


def test_loss_of_networks_inside_other_estimators(small_screen):
    network = PositionwiseReLURegressor(max_iter=2, random_state=0)
    pipeline = make_pipeline(SequenceOneHotTransformer(), network)
    search = GridSearchCV(
        TransformedTargetRegressor(pipeline),
        {"regressor__positionwisereluregressor__alpha": [1.0]},
        cv=2,
    )
    X, y = small_screen.sequences, small_screen.target
    nested = search.fit(X, y).best_estimator_.regressor_
    for estimator in (search, search.best_estimator_, nested, nested[-1]):
        display = LossCurveDisplay.from_estimator(estimator)
        assert display.loss_curve == nested[-1].loss_curve_


def test_loss_without_an_epoch_is_refused():
    with pytest.raises(ValueError, match="no epoch was finished"):
        LossCurveDisplay(loss_curve=[]).plot()


def test_loss_of_another_kind_is_called_what_it_is():
    display = LossCurveDisplay(loss_curve=[2.0, 1.0], loss="Huber loss").plot()
    assert display.ax_.get_ylabel() == "Huber loss"


def test_loss_needs_a_fitted_network(one_hot, small_screen):
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(PositionwiseReLURegressor())
    other = make_pipeline(Ridge()).fit(one_hot, small_screen.target)
    with pytest.raises(ValueError, match="must be a PositionwiseReLURegressor"):
        LossCurveDisplay.from_estimator(other)


# Comparisons --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(one_hot, small_screen):
    return compare_estimators(
        {"ridge": Ridge(10), "weak ridge": Ridge(0.1)},
        one_hot,
        small_screen.target,
        groups=small_screen.groups,
        random_state=0,
    )


@pytest.fixture(scope="module")
def crowd(one_hot, small_screen):
    """Fifteen estimators with long names, and the constant predictor."""
    models = {
        f"{kind}, penalty_{10**power} on the {part}": Ridge(10.0**power)
        for power in range(5)
        for kind, part in (
            ("ridge", "one-hot sequence of the guide"),
            ("ridge_regression", "sequence and its_context"),
            ("penalised_least_squares", "same, for $10"),
        )
    }
    return compare_estimators(
        models, one_hot, small_screen.target, groups=small_screen.groups, cv=2
    )


@pytest.mark.parametrize("metric", ["spearman", "within_group_spearman", "mse"])
@pytest.mark.parametrize("width", WIDTHS)
def test_comparison(result, metric, width):
    display = ComparisonDisplay.from_result(result, metric=metric, ax=new_axes(width))
    table = result.summary(metric)
    rows = result.scores_[result.scores_["metric"] == metric]
    for place, row in enumerate(table.to_dict("records")):
        shown = display.points_[place].get_offsets()
        expected = rows.loc[rows["estimator"] == row["estimator"], "value"]
        np.testing.assert_array_equal(shown[:, 0].filled(np.nan), expected)
        np.testing.assert_array_equal(
            display.intervals_[place].get_xdata(),
            [row["lower"], row["mean"], row["upper"]],
        )
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == table["estimator"].tolist()
    assert ("within genes" in display.ax_.get_xlabel()) == ("group" in metric)
    assert (display.constant_line_ is not None) == (metric == "mse")
    check_texts(display.figure_)


@pytest.mark.parametrize("metric", ["within_group_spearman", "mse"])
@pytest.mark.parametrize(("width", "height"), [(6.4, 4.8), (3.3, 7.0)])
def test_comparison_of_many_estimators_with_long_names(crowd, metric, width, height):
    ax = new_axes(width, height)
    display = ComparisonDisplay.from_result(crowd, metric=metric, ax=ax)
    check_texts(display.figure_)
    names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    expected = crowd.summary(metric)["estimator"]
    # a line may also be broken after an underscore or a hyphen
    assert [name.replace(" ", "") for name in names] == [
        name.replace(" ", "") for name in expected
    ]
    assert min(label.get_fontsize() for label in ax.get_yticklabels()) >= 6
    assert ax.get_position().width * width > 1.0
    legend = ax.get_legend().get_window_extent()
    assert legend.y0 >= ax.get_window_extent().y1 - 1


def test_own_figure_of_a_comparison_grows_with_the_estimators(result, crowd):
    few, many = (ComparisonDisplay.from_result(each) for each in (result, crowd))
    assert many.figure_.get_figheight() > 2 * few.figure_.get_figheight()
    check_texts(few.figure_)
    check_texts(many.figure_)


def test_comparison_without_a_metric_says_why(one_hot):
    equal = compare_estimators({"ridge": Ridge()}, one_hot, np.ones(240))
    ax = ComparisonDisplay.from_result(equal).ax_
    notes = {text.get_text() for text in ax.texts}
    assert notes == {"not defined: equal measurements"}
    with pytest.raises(ValueError, match="metric must be one of"):
        ComparisonDisplay.from_result(equal, metric="accuracy")


def test_plot_of_a_result_is_the_display(result):
    ax = new_axes(6.4)
    assert result.plot(ax, metric="mse") is ax
    again = ComparisonDisplay.from_result(result, metric="mse").ax_
    assert ax.get_xlabel() == again.get_xlabel()
    assert len(ax.collections) == len(again.collections)


# Observed against predicted -----------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_points_of_few_guides(width):
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    predicted = y + rng.normal(size=200)
    display = ObservedVsPredictedDisplay.from_predictions(
        y,
        predicted,
        ax=new_axes(width),
        name="ridge",
        target_name="indel frequency (%)",
    )
    np.testing.assert_array_equal(
        display.guides_.get_offsets(), np.column_stack([predicted, y])
    )
    assert display.colorbar_ is None
    assert display.ax_.get_xlabel() == "Predicted indel frequency (%)"
    assert display.ax_.get_ylabel() == "Observed indel frequency (%)"
    title = display.ax_.get_legend().get_title().get_text()
    assert title.replace("\n", " ") == (
        f"ridge Spearman {spearman_score(y, predicted):.3f}, n = 200"
    )
    assert legend_labels(display.ax_) == ["predicted = observed"]
    check_texts(display.figure_)


@pytest.mark.parametrize("width", WIDTHS)
def test_hexagons_of_many_guides(width):
    rng = np.random.default_rng(0)
    y = rng.normal(size=5000)
    display = ObservedVsPredictedDisplay.from_predictions(
        y, 2 * y + rng.normal(size=5000), ax=new_axes(width)
    )
    counts = display.guides_.get_array()
    assert counts.sum() == 5000
    assert counts.min() >= 1
    norm_ = display.guides_.norm
    assert isinstance(norm_, mpl.colors.LogNorm)
    assert (norm_.vmin, norm_.vmax) == (1, counts.max())
    assert display.colorbar_.ax.get_ylabel() == "Guides per hexagon"
    check_texts(display.figure_)
    ticks = [tick.get_text() for tick in display.colorbar_.ax.get_yticklabels()]
    assert {"1", "10"} <= set(ticks)


@pytest.mark.parametrize("width", WIDTHS)
def test_hexagons_are_regular(width):
    y = np.random.default_rng(0).normal(size=5000)
    ax = new_axes(width, 4.2)
    display = ObservedVsPredictedDisplay.from_predictions(y, y, ax=ax)
    display.figure_.canvas.draw()
    corners = ax.transData.transform(display.guides_.get_paths()[0].vertices)
    across, along = np.ptp(corners, axis=0)
    assert across / along == pytest.approx(np.sqrt(3) / 2, rel=0.3)


@pytest.mark.parametrize("n_guides", [2, 30, 3000])
@pytest.mark.parametrize("constant", ["y_true", "y_pred", "both"])
def test_constant_predictions_have_no_rank_correlation(n_guides, constant):
    varying = np.linspace(0, 1, n_guides)
    y_true = np.ones(n_guides) if constant != "y_pred" else varying
    y_pred = np.ones(n_guides) if constant != "y_true" else varying
    display = ObservedVsPredictedDisplay.from_predictions(y_true, y_pred)
    title = display.ax_.get_legend().get_title().get_text()
    assert title == f"Spearman not defined, n = {n_guides:,}"
    check_texts(display.figure_)


def test_ties_are_drawn_and_ranked():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, 3, (2, 2000))
    display = ObservedVsPredictedDisplay.from_predictions(y_true, y_pred)
    assert display.spearman == spearman_score(y_true, y_pred)
    assert len(display.guides_.get_array()) == 9
    check_texts(display.figure_)


def test_identity_line_is_in_view_or_left_out():
    y = np.linspace(0, 1, 20)
    display = ObservedVsPredictedDisplay.from_predictions(y + 50, y)
    centre = (50.5, 50.5)
    assert display.identity_line_.get_xy1() == pytest.approx(centre)
    assert display.ax_.viewLim.contains(*centre)
    scores = ObservedVsPredictedDisplay.from_predictions(y, y * 40, same_units=False)
    assert scores.identity_line_ is None
    assert not scores.ax_.lines
    assert scores.ax_.get_xlabel() == "Prediction (arbitrary units)"
    assert scores.ax_.get_ylabel() == "Observed activity"
    check_texts(scores.figure_)


def test_predictions_of_an_estimator(one_hot, small_screen):
    y = small_screen.target
    ridge = Ridge().fit(one_hot[:100], y[:100])
    display = ObservedVsPredictedDisplay.from_estimator(ridge, one_hot[100:], y[100:])
    np.testing.assert_array_equal(display.y_pred, ridge.predict(one_hot[100:]))
    np.testing.assert_array_equal(display.y_true, y[100:])
    assert display.name == "Ridge"
    with pytest.raises(ValueError, match=r"y_true must be finite.*row 1"):
        ObservedVsPredictedDisplay.from_predictions([1, np.nan], [1, 2])
    with pytest.raises(ValueError, match="inconsistent"):
        ObservedVsPredictedDisplay.from_predictions([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="y_true is empty"):
        ObservedVsPredictedDisplay.from_predictions([], [])


def test_predictions_of_a_comparison_are_out_of_fold(result):
    display = ObservedVsPredictedDisplay.from_result(result, "ridge")
    np.testing.assert_array_equal(display.y_pred, result.predictions_["ridge"])
    summary = result.summary("spearman").set_index("estimator")
    assert display.spearman == summary.loc["ridge", "mean"]
    title = display.ax_.get_legend().get_title().get_text().replace("\n", " ")
    assert title.startswith("ridge, held-out guides Spearman")
    assert "(mean of 5 splits), n = 240" in title
    check_texts(display.figure_)
    # different constants in different folds still rank nothing
    constant = ObservedVsPredictedDisplay.from_result(result, "constant")
    assert np.ptp(constant.y_pred) > 0
    assert np.isnan(constant.spearman)
    for name in ("lasso", "y"):
        with pytest.raises(ValueError, match=r"must be one of \['constant', 'ridge'"):
            ObservedVsPredictedDisplay.from_result(result, name)


# Mixtures -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guides(small_screen):
    return small_screen.data["log2fc"].to_numpy(), np.asarray(small_screen.groups)


@pytest.fixture(scope="module")
def mixture(guides):
    return GuideEffectMixture().fit(guides[0], groups=guides[1])


@pytest.mark.parametrize("width", WIDTHS)
def test_mixture_of_a_gene(guides, mixture, width):
    log2fc, genes = guides
    display = MixtureDisplay.from_estimator(
        mixture, log2fc, groups=genes, group="gene03", ax=new_axes(width)
    )
    number = mixture.groups_.tolist().index("gene03")
    q, effect = mixture.mixing_[number], mixture.gene_effects_[number]
    scale = np.hypot(mixture.active_scale_, mixture.gene_effect_std_errors_[number])
    null = (1 - q) * norm.pdf(display.grid, mixture.null_mean_, mixture.null_scale_)
    active = q * norm.pdf(display.grid, effect, scale)
    for line, density in (
        (display.null_line_, null),
        (display.active_line_, active),
        (display.sum_line_, null + active),
    ):
        np.testing.assert_allclose(line.get_ydata(), density, rtol=1e-10)
    shown = log2fc[genes == "gene03"]
    np.testing.assert_array_equal(display.log2fc, shown)
    assert len(display.rug_.get_segments()) == len(shown)
    assert sorted(legend_labels(display.ax_)) == sorted(
        [
            f"{len(shown)} guides",
            f"null {100 - 100 * q:.0f} %",
            f"active {100 * q:.0f} %",
            "sum",
        ]
    )
    assert display.ax_.get_legend().get_title().get_text() == "gene03"
    assert display.ax_.get_xlabel() == "Log₂ fold change"
    check_texts(display.figure_)


@pytest.mark.parametrize("width", WIDTHS)
def test_mixture_of_a_screen(guides, mixture, width):
    log2fc, genes = guides
    display = MixtureDisplay.from_estimator(
        mixture, log2fc, groups=genes, ax=new_axes(width), name="a screen"
    )
    density = display.null_density + display.active_density
    # all of the mixture is in view, and the bars have its units
    assert np.trapezoid(density, display.grid) == pytest.approx(1, abs=0.01)
    area = sum(bar.get_width() * bar.get_height() for bar in display.histogram_)
    assert area == pytest.approx(1)
    assert display.rug_ is None
    parts = [
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes, group=gene)
        for gene in mixture.groups_
    ]
    shares = [part.active_share for part in parts]
    sizes = [len(part.log2fc) for part in parts]
    assert display.active_share == pytest.approx(np.average(shares, weights=sizes))
    check_texts(display.figure_)


def test_mixture_of_a_gene_is_near_the_density_of_the_model(guides, mixture):
    log2fc, genes = guides
    for gene in mixture.groups_[:4]:
        display = MixtureDisplay.from_estimator(
            mixture, log2fc, groups=genes, group=gene
        )
        exact = np.exp(
            mixture.score_samples(display.grid, groups=[gene] * len(display.grid))
        )
        drawn = display.null_density + display.active_density
        assert np.trapezoid(np.abs(drawn - exact), display.grid) < 0.05


def test_mixture_without_genes(guides):
    log2fc, genes = guides
    mixture = GuideEffectMixture().fit(log2fc)
    display = MixtureDisplay.from_estimator(mixture, log2fc)
    assert display.active_share == pytest.approx(mixture.mixing_[0])
    with pytest.raises(ValueError, match="not fitted to a gene called 'gene"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes)


def test_genes_that_the_mixture_has_not_seen(guides, mixture):
    log2fc, genes = guides
    with pytest.raises(ValueError, match=r"called 'GENE3'; did you mean '.*gene03'"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes, group="GENE3")
    with pytest.raises(ValueError, match=r"called 'NEUROG2'$"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=genes, group="NEUROG2")
    others = np.where(genes == "gene03", "control", genes)
    with pytest.raises(ValueError, match="called 'control'"):
        MixtureDisplay.from_estimator(mixture, log2fc, groups=others)
    numbered = GuideEffectMixture().fit(
        log2fc, groups=np.unique(genes, return_inverse=True)[1]
    )
    with pytest.raises(ValueError, match="called '3'; did you mean 3"):
        MixtureDisplay.from_estimator(numbered, log2fc, groups=genes, group="3")
    without = genes != "gene03"
    with pytest.raises(ValueError, match="groups has no guide of 'gene03'"):
        MixtureDisplay.from_estimator(
            mixture, log2fc[without], groups=genes[without], group="gene03"
        )


def test_mixture_needs_genes_and_a_fit(guides, mixture):
    log2fc, genes = guides
    for group in (None, "gene03"):
        with pytest.raises(ValueError, match="groups must hold the gene of each guide"):
            MixtureDisplay.from_estimator(mixture, log2fc, group=group)
    with pytest.raises(NotFittedError):
        MixtureDisplay.from_estimator(clone(mixture), log2fc, groups=genes)
    with pytest.raises(ValueError, match="must be a GuideEffectMixture, got Linear"):
        MixtureDisplay.from_estimator(LinearRegression(), log2fc, groups=genes)


# All displays -------------------------------------------------------------------------


def test_plot_draws_again_on_other_axes(watched, result, guides, mixture):
    displays = [
        LossCurveDisplay.from_estimator(watched),
        ComparisonDisplay.from_result(result),
        ObservedVsPredictedDisplay.from_result(result, "ridge"),
        MixtureDisplay.from_estimator(mixture, guides[0], groups=guides[1]),
    ]
    figure, axes = plt.subplots(2, 2, figsize=(9, 7), layout="constrained")
    for display, ax in zip(displays, axes.flat, strict=True):
        first = display.ax_
        assert display.plot(ax) is display
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert ax.get_xlabel().split() == first.get_xlabel().split()
        assert ax.get_legend() is not None
    check_texts(figure)


def test_pictures_follow_the_settings_of_matplotlib(watched, result, guides, mixture):
    for size in (8, 14):
        with plt.rc_context({"font.size": size, "text.color": "darkcyan"}):
            loss = LossCurveDisplay.from_estimator(watched, name="network")
            comparison = ComparisonDisplay.from_result(result)
            predictions = ObservedVsPredictedDisplay.from_result(result, "ridge")
            mixed = MixtureDisplay.from_estimator(mixture, guides[0], groups=guides[1])
        for display in (loss, comparison, predictions, mixed):
            check_texts(display.figure_)
        names = comparison.ax_.get_yticklabels()
        assert {name.get_fontsize() for name in names} == {size}
        assert comparison.intervals_[0].get_color() == "darkcyan"
        assert mixed.sum_line_.get_color() == "darkcyan"


def test_figures_in_parts_are_known_whole(watched, result, guides, mixture):
    figure = plt.figure(figsize=(9, 7), layout="constrained")
    parts = figure.subfigures(2, 2).flat
    axes = [part.subplots() for part in parts]
    for display in (
        LossCurveDisplay.from_estimator(watched, ax=axes[0]),
        ComparisonDisplay.from_result(result, ax=axes[1]),
        ObservedVsPredictedDisplay.from_result(result, "ridge", ax=axes[2]),
        MixtureDisplay.from_estimator(mixture, guides[0], groups=guides[1], ax=axes[3]),
    ):
        assert display.figure_ is figure
    check_texts(figure)


def test_options_reach_the_artists(watched, result, guides, mixture):
    loss = LossCurveDisplay.from_estimator(
        watched, training_kwargs={"color": "k"}, validation_kwargs={"label": "held"}
    )
    assert loss.training_line_.get_color() == "k"
    assert "held" in legend_labels(loss.ax_)
    comparison = ComparisonDisplay.from_result(
        result, points_kwargs={"alpha": 1.0}, intervals_kwargs={"color": "red"}
    )
    assert comparison.points_[0].get_alpha() == 1
    assert comparison.intervals_[0].get_color() == "red"
    few = ObservedVsPredictedDisplay.from_result(
        result, "ridge", points_kwargs={"alpha": 0.25}
    )
    assert few.guides_.get_alpha() == 0.25
    y = np.arange(1500.0)
    many = ObservedVsPredictedDisplay.from_predictions(
        y, y, hexbin_kwargs={"cmap": "magma"}
    )
    assert many.guides_.get_cmap().name == "magma"
    mixed = MixtureDisplay.from_estimator(
        mixture,
        guides[0],
        groups=guides[1],
        histogram_kwargs={"bins": 7},
        line_kwargs={"linewidth": 3},
    )
    assert len(mixed.histogram_) == 7
    assert mixed.sum_line_.get_linewidth() == 3


# Real screens -------------------------------------------------------------------------


def test_mixtures_of_the_tiling_screens(crispra_tiling):
    table = crispra_tiling.frame
    for screen, constants in (
        ("neuron", {"mu1": 1.7, "q0": 0.2}),
        ("self_renewal", {"mu1": 4.3, "q0": 0.5}),
    ):
        guides = table[table["screen"] == screen]
        log2fc, genes = guides["log2fc"], guides["gene"]
        mixture = GuideEffectMixture(**constants).fit(log2fc, groups=genes)
        for gene in (None, mixture.groups_[0], mixture.groups_[-1]):
            display = MixtureDisplay.from_estimator(
                mixture, log2fc, groups=genes, group=gene, ax=new_axes(3.3)
            )
            check_texts(display.figure_)
