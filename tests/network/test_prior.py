"""Begin from a fitted network: the same function on other columns, then no farther."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    GuideLayout,
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.datasets import make_guide_screen
from sgrna_estimator.exceptions import (
    ConstantPredictionsWarning,
    PriorSetAsideWarning,
)
from sgrna_estimator.metrics import spearman_score
from sgrna_estimator.network import kernels
from sgrna_estimator.network.columns import group_columns
from sgrna_estimator.network.prior import match_columns
from sgrna_estimator.sequences.column_names import write_names
from tests.network.kernel_runs import draw_problem, draw_theta, run

# A source that has learnt something
LEARNT = {"alpha": 0.1, "dropout": 0, "max_iter": 60}
# Windows, and what they lead to
KINDS = {
    "additive": {},
    "windows": {"window_size": 3, "n_units": 4},
    "hidden": {"window_size": 3, "n_units": 4, "hidden_layer_sizes": (6,)},
    "shared": {
        "window_size": 2,
        "n_units": 5,
        "share_weights": True,
        "hidden_layer_sizes": (8, 8),
    },
}


def encoder(layout, **options):
    names = layout.position_names()
    options = {"position_names": names, "drop_constant": False} | options
    return SequenceOneHotTransformer(**options).set_output(transform="pandas")


def model(layout, **options):
    options = {"random_state": 0, "max_iter": 5, "dropout": 0} | options
    return make_pipeline(encoder(layout), PositionwiseReLURegressor(**options))


@pytest.fixture(scope="module")
def guides():
    """A screen of 43 nt, its layout, and the 30 nt in the middle with theirs."""
    screen = make_guide_screen(
        n_guides=300, n_genes=10, activity_r2=0.9, random_state=0
    )
    return (
        screen.sequences,
        screen.data["activity"],
        GuideLayout.parse("10+20+3+10"),
        screen.sequences.str[6:36],
        GuideLayout.parse("4+20+3+3"),
    )


@pytest.fixture(scope="module", params=KINDS)
def source(request, guides):
    long, y, layout, *_ = guides
    return model(layout, **KINDS[request.param], **LEARNT).fit(long, y)


def test_with_no_epoch_it_is_the_prior_on_the_scale_of_the_target(guides, source):
    long, y, layout, *_ = guides
    target = -3 * y + 5
    fitted = model(layout, prior=FrozenEstimator(source), max_iter=0).fit(long, target)
    z = source.predict(long)[:, None]
    line = LinearRegression().fit(z, target)
    assert_allclose(fitted.predict(long), line.predict(z), atol=2e-4)
    assert fitted[-1].prior_scale_[0] < 0
    assert fitted[-1].n_positions_from_prior_ == 43


def test_a_weighted_line_is_that_of_repeated_guides(guides, source):
    long, y, layout, *_ = guides
    prior, weight = FrozenEstimator(source), np.arange(len(y)) % 3
    weighted = model(layout, prior=prior, max_iter=0)
    weighted.fit(long, y, positionwisereluregressor__sample_weight=weight)
    rows = np.repeat(np.arange(len(y)), weight)
    repeated = model(layout, prior=prior, max_iter=0).fit(long.iloc[rows], y.iloc[rows])
    assert_allclose(
        weighted.predict(long), repeated.predict(long), rtol=1e-4, atol=1e-4
    )


def test_alpha_without_end_ranks_like_the_prior(guides, source):
    long, y, layout, *_ = guides
    prior = FrozenEstimator(source)
    fitted = model(layout, prior=prior, alpha=1e9, max_iter=20).fit(long[:100], y[:100])
    assert spearman_score(source.predict(long), fitted.predict(long)) > 0.9999


def test_balanced_layers_have_scales_of_one_size(guides, source):
    long, y, layout, *_ = guides
    fitted = model(layout, prior=FrozenEstimator(source), max_iter=0).fit(long, y / 7)
    (old,), (new,) = source[-1].networks_, fitted[-1].networks_
    n_layers = 2 + len(old.architecture.hidden_layer_sizes)
    factor = fitted[-1].prior_scale_[0] ** (1 / n_layers)
    before, after = old.parameters, new.parameters
    for old_weights, new_weights in [
        (before.window_weights, after.window_weights),
        *zip(before.hidden_weights, after.hidden_weights, strict=True),
        (before.readout_weights, after.readout_weights),
    ]:
        assert_allclose(new_weights, factor * old_weights, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("longer_first", [True, False])
def test_another_layout_is_what_both_have(guides, longer_first):
    long, y, long_layout, short, short_layout = guides
    pairs = [(long, long_layout), (short, short_layout)]
    (a, a_layout), (b, b_layout) = pairs if longer_first else pairs[::-1]
    source = model(a_layout, **KINDS["hidden"], **LEARNT).fit(a, y)
    fitted = model(b_layout, prior=FrozenEstimator(source), max_iter=0).fit(b, y)
    assert fitted[-1].n_positions_from_prior_ == 30
    # in place of what was left out stands its mean; what is new counts for nothing
    least = 0.9 if longer_first else 0.9999
    assert spearman_score(source.predict(a), fitted.predict(b)) > least


@pytest.mark.parametrize("kind", KINDS)
def test_longer_contexts_are_those_that_the_prior_knows(guides, kind):
    """With no epoch, cutting 43 nt to 30 by hand is no different."""
    long, y, long_layout, short, short_layout = guides
    options = KINDS[kind] | LEARNT
    prior = FrozenEstimator(model(short_layout, **options).fit(short, y))
    cut = model(short_layout, prior=prior, max_iter=0).fit(short, -2 * y)
    whole = model(long_layout, prior=prior, max_iter=0).fit(long, -2 * y)
    assert_allclose(whole.predict(long), cut.predict(short), rtol=1e-5, atol=1e-6)


def test_windows_that_are_left_out_add_their_mean(guides):
    long, y, long_layout, short, short_layout = guides
    source = model(long_layout, **KINDS["windows"]).fit(long, y)
    fitted = model(short_layout, prior=FrozenEstimator(source), max_iter=0)
    fitted.fit(short, source.predict(long))
    # without a hidden layer the mean of what is left out is exact: the line has slope 1
    assert_allclose(
        fitted.predict(short).mean(), source.predict(long).mean(), rtol=1e-5
    )
    (old,), (new,) = source[-1].networks_, fitted[-1].networks_
    units = np.abs(new.parameters.readout_weights).reshape(-1, 4)
    kept = np.abs(old.parameters.readout_weights).reshape(-1, 4)[6:34]
    assert_allclose(units / units.sum(), kept / kept.sum(), rtol=1e-4)


@settings(max_examples=10)
@given(st.integers(-30, 30))
def test_positions_renamed_consistently_change_nothing(shift):
    screen = make_guide_screen(n_guides=60, n_genes=4, random_state=1)
    predictions = []
    for moved in (0, shift):
        names = [place + moved for place in range(43)]
        encode = SequenceOneHotTransformer(
            position_names=names, drop_constant=False
        ).set_output(transform="pandas")
        options = {"random_state": 0, "max_iter": 2, **KINDS["hidden"]}
        source = make_pipeline(encode, PositionwiseReLURegressor(**options))
        source.fit(screen.sequences, screen.data["activity"])
        target = make_pipeline(
            encode,
            PositionwiseReLURegressor(
                prior=FrozenEstimator(source), random_state=0, max_iter=2
            ),
        ).fit(screen.sequences[:20], screen.data["log2fc"][:20])
        predictions.append(target.predict(screen.sequences))
    assert_array_equal(*predictions)


def test_letters_are_matched_by_letter(guides):
    long, y, layout, *_ = guides
    source = make_pipeline(
        encoder(layout, alphabet="TGCA"),
        PositionwiseReLURegressor(random_state=0, max_iter=5, **KINDS["hidden"]),
    ).fit(long, y)
    fitted = model(layout, prior=FrozenEstimator(source), max_iter=0).fit(long, y)
    assert spearman_score(source.predict(long), fitted.predict(long)) > 0.9999


def test_covariates_are_matched_by_name(guides):
    long, y, layout, *_ = guides
    X = encoder(layout).fit_transform(long)
    rng = np.random.default_rng(0)
    X["tss"], X["gc"] = rng.normal(100, 20, len(X)), rng.normal(size=len(X))
    y = y + 0.1 * X["tss"]
    options = {"random_state": 0, "max_iter": 10, **KINDS["hidden"]}
    source = PositionwiseReLURegressor(covariates=["tss", "gc"], **options).fit(X, y)
    prior = FrozenEstimator(source)
    # another order and another mean, and one that the prior does not know
    Z = X[[*X.columns[:-2], "gc", "tss"]].assign(new=rng.normal(size=len(X)))
    Z = Z[50:]
    fitted = PositionwiseReLURegressor(
        covariates=["new", "gc", "tss"], prior=prior, max_iter=0
    ).fit(Z, y[50:])
    assert spearman_score(source.predict(X[50:]), fitted.predict(Z)) > 0.9999
    without = PositionwiseReLURegressor(covariates=["new"], prior=prior, max_iter=0)
    without.fit(Z.drop(columns=["gc", "tss"]), y[50:])
    assert (
        spearman_score(
            source.predict(X[50:]), without.predict(Z.iloc[:, [*range(172), 174]])
        )
        < 0.99
    )


def test_new_windows_count_for_nothing_and_can_learn(guides):
    long, y, long_layout, short, short_layout = guides
    source = model(short_layout, **KINDS["hidden"], **LEARNT).fit(short, y)
    options = {"prior": FrozenEstimator(source), "random_state": 0}
    before = model(long_layout, **options, max_iter=0).fit(long, y)
    after = model(long_layout, **options, max_iter=5, alpha=0).fit(long, y)
    U = KINDS["hidden"]["n_units"]
    for fitted, learnt in ((before, False), (after, True)):
        (network,) = fitted[-1].networks_
        flank = network.parameters.hidden_weights[0][: 6 * U]
        assert bool(flank.any()) is learnt
        assert network.parameters.window_weights[:6].any()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_members_begin_from_members(guides, n_jobs):
    long, y, layout, *_ = guides
    source = model(layout, n_networks=2, **KINDS["hidden"]).fit(long, y)
    prior = FrozenEstimator(source)
    options = {"n_networks": 3, "max_iter": 0, "n_jobs": n_jobs}
    fitted = model(layout, prior=prior, **options).fit(long, y)
    X = encoder(layout).fit_transform(long)
    z = [network.read_out(X.to_numpy()) for network in source[-1].networks_]
    for number, network in enumerate(fitted[-1].networks_):
        line = LinearRegression().fit(z[number % 2][:, None], y)
        expected = line.predict(z[number % 2][:, None])
        assert_allclose(network.read_out(X.to_numpy()), expected, atol=2e-4)


def test_classes_take_the_log_odds(guides):
    long, y, layout, *_ = guides
    source = model(layout, **KINDS["hidden"], **LEARNT).fit(long, y)
    labels = y < y.median()  # the other way round
    fitted = make_pipeline(
        encoder(layout),
        PositionwiseReLUClassifier(prior=FrozenEstimator(source), max_iter=0),
    ).fit(long, labels)
    z = source.predict(long)[:, None]
    line = LogisticRegression(C=1e4).fit(z, labels)
    assert fitted[-1].prior_scale_[0] < 0
    assert_allclose(fitted.predict_proba(long), line.predict_proba(z), atol=0.02)


@pytest.mark.parametrize("loss", ["squared_error", "log_loss"])
def test_a_logistic_output_takes_the_log_odds(guides, loss):
    long, y, layout, *_ = guides
    source = model(layout, **KINDS["hidden"], **LEARNT).fit(long, y)
    z = source.predict(long)
    shares = expit(2 * (z - z.mean()) / z.std() - 1)
    fitted = model(
        layout, prior=FrozenEstimator(source), output="logistic", loss=loss, max_iter=0
    ).fit(long, shares)
    assert_allclose(fitted.predict(long), shares, atol=0.02)


@pytest.mark.parametrize(
    "options", [{"early_stopping": True}, {"warm_start": True}, {"solver": "sgd"}]
)
def test_a_prior_goes_with_other_options(guides, source, options):
    long, y, layout, *_ = guides
    fitted = model(layout, prior=FrozenEstimator(source), **options).fit(long, y)
    if "warm_start" in options:
        before = fitted[-1].loss_curve_[-1]
        assert fitted.fit(long, y)[-1].loss_curve_[0] < 2 * before
    assert spearman_score(fitted.predict(long), source.predict(long)) > 0.9


def test_partial_fit_begins_from_a_prior_and_is_held_by_it(guides, source):
    long, y, layout, *_ = guides
    X = encoder(layout).fit_transform(long)
    network = PositionwiseReLURegressor(
        prior=FrozenEstimator(source), alpha=1e9, dropout=0, random_state=0
    )
    for _ in range(3):
        network.partial_fit(X, y)
    assert spearman_score(network.predict(X), source.predict(long)) > 0.99


def test_a_prior_may_come_out_of_a_search_and_into_one(guides):
    long, y, layout, *_ = guides
    grid = {"positionwisereluregressor__alpha": [1, 8]}
    learner = model(layout, **KINDS["windows"], **LEARNT)
    source = GridSearchCV(learner, grid, cv=2).fit(long, y)
    target = model(layout, prior=FrozenEstimator(source))
    search = GridSearchCV(target, grid, cv=2).fit(long, y)
    assert search.best_estimator_[-1].n_positions_from_prior_ == 43


# A prior that says nothing ---------------------------------------------------------------


@pytest.fixture(scope="module")
def useless(guides):
    """A network that has learnt shuffled activities, with a covariate."""
    long, y, layout, *_ = guides
    rng = np.random.default_rng(0)
    X = encoder(layout).fit_transform(long).assign(gc=rng.normal(5, 1, len(y)))
    shuffled = rng.permutation(y)
    network = PositionwiseReLURegressor(
        covariates=["gc"], random_state=0, **KINDS["shared"], **LEARNT
    )
    return X, y, network.fit(X, shuffled)


@pytest.mark.parametrize(
    "kind", [PositionwiseReLURegressor, PositionwiseReLUClassifier]
)
def test_a_prior_that_knows_nothing_is_set_aside(useless, kind):
    X, y, source = useless
    X = X.assign(gc=X["gc"] * 100)  # not on the scale of the prior's either
    target = y if kind is PositionwiseReLURegressor else y > y.median()
    options = {"covariates": ["gc"], "random_state": 0, "max_iter": 3, "n_networks": 2}
    begun = kind(prior=FrozenEstimator(source), **options)
    said = "the network begins from nothing"
    with pytest.warns(PriorSetAsideWarning, match=said) as caught:
        begun.fit(X, target)
    assert caught[0].filename == __file__
    from_nothing = kind(**options, **KINDS["shared"]).fit(X, target)
    for one, other in zip(begun.networks_, from_nothing.networks_, strict=True):
        assert_array_equal(one.theta, other.theta)
    assert_array_equal(begun.prior_scale_, [0, 0])
    assert begun.n_positions_from_prior_ == 0


def test_a_prior_that_knows_nothing_is_kept_where_it_is_asked_for(useless):
    X, y, source = useless
    prior = FrozenEstimator(source)
    as_it_is = PositionwiseReLURegressor(covariates=["gc"], prior=prior, max_iter=0)
    as_it_is.fit(X, y)  # no warning
    assert as_it_is.n_positions_from_prior_ == 43
    assert abs(spearman_score(source.predict(X), as_it_is.predict(X))) > 0.9999


def test_few_guides_are_too_few_to_set_a_prior_aside(useless):
    X, y, source = useless
    begun = PositionwiseReLURegressor(
        covariates=["gc"], prior=FrozenEstimator(source), max_iter=1
    ).fit(X[:20], y[:20])
    assert begun.n_positions_from_prior_ == 43


# What is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (PositionwiseReLURegressor(), "must be in a FrozenEstimator, got Positionwise"),
        (FrozenEstimator(PositionwiseReLURegressor()), "is not fitted: fit it"),
        (FrozenEstimator(Ridge().fit([[0.0], [1.0]], [0, 1])), "it is a Ridge"),
    ],
)
def test_what_is_no_prior(guides, prior, message):
    long, y, layout, *_ = guides
    with pytest.raises(ValueError, match=message):
        model(layout, prior=prior).fit(long, y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_size": 4}, "window_size=4 contradicts the prior, which has 3"),
        ({"n_units": 2}, "n_units=2 contradicts"),
        ({"share_weights": True}, "share_weights=True contradicts"),
        ({"hidden_layer_sizes": (7,)}, r"hidden_layer_sizes=\(7,\) contradicts"),
    ],
)
def test_sizes_that_contradict_the_prior(guides, options, message):
    long, y, layout, *_ = guides
    source = model(layout, **KINDS["hidden"], **LEARNT).fit(long, y)
    with pytest.raises(ValueError, match=message):
        model(layout, prior=FrozenEstimator(source), **options).fit(long, y)
    same = model(layout, prior=FrozenEstimator(source), **KINDS["hidden"])
    assert same.fit(long, y)[-1].n_positions_from_prior_ == 43


def test_columns_without_names_are_refused(guides):
    long, y, layout, *_ = guides
    source = model(layout, **KINDS["hidden"]).fit(long, y)
    bare = PositionwiseReLURegressor(prior=FrozenEstimator(source))
    with pytest.raises(ValueError, match=r"X has no columns named.*set_output"):
        bare.fit(SequenceOneHotTransformer(drop_constant=False).fit_transform(long), y)
    nameless = PositionwiseReLURegressor(max_iter=1).fit(np.eye(8), np.arange(8))
    with pytest.raises(ValueError, match="what the prior was fitted to has no columns"):
        model(layout, prior=FrozenEstimator(nameless)).fit(long, y)


def columns_of(positions, letters="ACGT"):
    names = np.array(write_names(positions, letters), dtype=object)
    return group_columns(len(names), names, "auto", None, 1)


@pytest.mark.parametrize(
    ("target", "source", "message"),
    [
        (columns_of(range(1, 6)), columns_of(range(10, 20)), "no 2 neighbouring"),
        (columns_of([1, 3, 5]), columns_of(range(1, 6)), "no 2 neighbouring"),
        (columns_of([1, 2]), columns_of([1, 2], "ACGU"), "knows the letters ACGU"),
    ],
)
def test_columns_that_have_nothing_in_common(target, source, message):
    with pytest.raises(ValueError, match=message):
        match_columns(target, source, 2)


def test_a_prior_that_says_nothing_about_these_guides(guides):
    long, y, layout, *_ = guides
    with pytest.warns(ConstantPredictionsWarning):
        source = model(layout, **KINDS["hidden"], alpha=1e6, max_iter=60).fit(long, y)
    with pytest.raises(ValueError, match="predicts the same value for all"):
        model(layout, prior=FrozenEstimator(source)).fit(long, y)


# The penalty ---------------------------------------------------------------------------


@pytest.mark.parametrize("solver", [kernels.SGD, kernels.ADAM])
def test_the_penalty_pulls_towards_the_anchor(solver):
    letters, problem, rng = draw_problem(
        0, (3, 2, 4, 3, 1, 0), [4], "identity", "squared_error", penalty=0.3
    )
    theta, anchor = draw_theta(rng, problem), draw_theta(rng, problem)
    pulled, _ = run(problem, letters, theta, [1e-3], solver=kernels.SGD, anchor=anchor)
    free, _ = run(problem._replace(penalty=0.0), letters, theta, [1e-3])
    # all but the intercept of the read-out are held
    expected = free - 1e-3 * 0.3 * (theta - anchor)
    expected[-1] = free[-1]
    assert_allclose(pulled, expected, rtol=1e-10, atol=1e-12)
    moments = (np.zeros((2, theta.size if solver else 0)), np.zeros(1, np.int64))
    at_rest, _ = run(
        problem._replace(weight=np.zeros_like(problem.weight)),
        letters,
        anchor,
        [0.1],
        solver=solver,
        anchor=anchor,
        state=(*moments, np.zeros(1, np.uint64)),
    )
    assert_array_equal(at_rest, anchor)
