"""Whether to rank guides by a model, and by which."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.comparison.chance import PermutationTest
from sgrna_estimator.comparison.decision import Benefit, decide, find_benefit
from sgrna_estimator.comparison.scores import MetricScores
from tests.comparison.models import on_sequences

PRIMARY = "spearman"
SPLITS = [(np.arange(100, 500), np.arange(100)) for _ in range(10)]
WOBBLE = np.linspace(-0.02, 0.02, 10)  # of a score, from split to split
PREDICTIONS = pd.DataFrame(
    {"split": np.repeat([0, 1], 20), "y": np.tile(np.arange(20.0), 2)}
)


def scores(means, metric=PRIMARY, spread=1.0):
    """Return scores with these means; those of two models differ by chance, too."""
    rolled = [np.roll(WOBBLE, number) for number in range(len(means))]
    values = np.array(list(means.values()))[:, None] + spread * np.array(rolled)
    return MetricScores(metric, list(means), values, SPLITS)


def decision(ranking, error=None, *, priors=(), permutations=None, spread=1.0):
    """Decide on models with these mean scores; a negative one is a mean error's."""
    names = list(ranking)
    error = error or dict.fromkeys(names, 1.0)
    columns = dict.fromkeys(names, PREDICTIONS["y"])
    return decide(
        {
            PRIMARY: scores(ranking, spread=spread),
            "mse": scores(error, "mse", spread=spread),
        },
        *(PRIMARY, "constant", priors, permutations, PREDICTIONS.assign(**columns)),
    )


def test_of_models_that_cannot_be_told_apart_it_is_the_first():
    found = decision({"simple": 0.399, "best": 0.4, "other": 0.4, "constant": 0.0})
    assert (found.answer, found.model) == ("yes", "simple")
    assert found.headline == "Yes: guides are ranked better than by chance."
    assert found.why == (
        f"Use simple (Spearman 0.399, 95 % interval {found.lower:.3f} to "
        f"{found.upper:.3f}): of 3 models that cannot be told apart it is the simplest; "
        "best, which scores best, differs by 0.001."
    )
    assert found.score == pytest.approx(0.399)
    assert found.lower < found.score < found.upper


def test_a_model_that_is_shown_to_be_worse_is_not_recommended():
    found = decision({"simple": 0.2, "best": 0.4, "constant": 0.0})
    assert found.model == "best"
    assert found.why.endswith(f"{found.upper:.3f}).")  # nothing to explain


def test_one_that_begins_from_a_prior_goes_before_the_simplest():
    means = {"simple": 0.4, "prior": 0.399, "constant": 0.0}
    found = decision(means, priors=["prior"])
    assert found.model == "prior"
    assert "it begins from a prior; simple, which scores best, differs" in found.why
    worse = decision(means | {"prior": 0.2}, priors=["prior"])
    assert worse.model == "simple"


def test_nothing_is_recommended_that_no_test_supports():
    found = decision({"simple": 0.0, "best": 0.005, "constant": 0.0})
    assert (found.answer, found.model, found.benefit) == ("no", None, None)
    assert math.isnan(found.score)
    assert found.headline == (
        "No: no model is shown to rank guides better than chance."
    )
    assert "a beginning from a published screen (a prior)" in found.why
    assert found.sentences == [found.headline, found.why]
    had_one = decision({"best": 0.005, "constant": 0.0}, priors=["best"])
    assert "prior" not in had_one.why


def test_squared_error_alone_is_a_weak_signal():
    ranking = {"simple": 0.0, "best": 0.005, "constant": 0.0}
    error = {"simple": 1.0, "best": 0.5, "constant": 1.0}
    found = decision(ranking, error)
    assert (found.answer, found.model) == ("weakly", "best")
    assert found.headline.endswith(
        "but predictions are nearer than the constant's in squared error."
    )
    assert found.score == pytest.approx(0.005)  # by the primary metric all the same
    worse = decision(ranking, {"simple": 1.0, "best": 1.5, "constant": 1.0})
    assert worse.answer == "no"


@pytest.mark.parametrize(("permuted", "answer"), [(0.0, "weakly"), (0.5, "no")])
def test_permutations_show_a_signal_of_the_models_that_they_fitted(permuted, answer):
    test = PermutationTest(PRIMARY, ["simple"], 0.02, np.full(99, permuted))
    ranking = {"simple": 0.02, "best": 0.03, "constant": 0.0}
    found = decision(ranking, permutations=test, spread=10.0)
    assert found.answer == answer
    assert found.model == ("simple" if answer == "weakly" else None)


def test_the_benefit_is_of_the_best_guides_of_each_gene():
    genes = np.repeat(["a", "b"], 8)
    y = np.tile([1.0, 2, 3, 4, 5, 6, 7, 8], 2)
    table = pd.DataFrame({"split": 0, "group": genes, "y": y, "good": y, "bad": -y})
    assert find_benefit(table, "good") == Benefit(4, 1.0, 0.5)
    assert find_benefit(table, "bad") == Benefit(4, 0.0, 0.5)
    assert find_benefit(table, "good").describe() == (
        "Of the four best-scored guides a gene, 100 % are in the gene's better half; "
        "taken at random, 50 %."
    )
    pairs = table[y > 6]
    assert (
        find_benefit(pairs, "good")
        .describe()
        .startswith("Of the best-scored guides of each gene, 100 % are")
    )
    alone = table[y > 7]
    assert find_benefit(alone, "good") is None


def test_the_benefit_without_genes_is_of_the_best_tenth():
    table = PREDICTIONS.assign(good=PREDICTIONS["y"], none=1.0)
    assert find_benefit(table, "good") == Benefit(None, 1.0, 0.5)
    assert find_benefit(table, "none") == Benefit(None, 0.5, 0.5)
    assert find_benefit(table, "good").describe() == (
        "Of the best-scored tenth of guides, 100 % are in the better half; taken at "
        "random, 50 %."
    )


@pytest.fixture
def shown(screen):
    """A comparison with a signal that nobody could miss."""
    X, _, genes = screen
    models = {"ridge": on_sequences(Ridge()), "none": on_sequences(Lasso(1e6))}
    y = X.str.count("[GC]").astype(float)
    return compare_estimators(models, X, y, groups=genes, cv=4, random_state=0)


def test_a_result_decides_by_its_primary_question(shown):
    found = shown.decision
    assert (found.answer, found.model) == ("yes", "ridge")
    assert found.metric == shown.primary == "within_group_spearman"
    assert found.headline == (
        "Yes: guides are ranked within genes better than by chance."
    )
    assert shown.has_signal
    values = shown.scores_.copy()
    within = values["metric"] == "within_group_spearman"
    values.loc[within, "value"] *= (-1.0) ** values.loc[within, "split"]
    elsewhere = dataclasses.replace(shown, scores_=values)
    assert elsewhere.decision.answer == "weakly"
    assert elsewhere.decision.headline == (
        "Weakly: no model is shown to rank guides within genes better than chance, but "
        "all guides together are ranked better than by chance."
    )


def test_what_cannot_be_told_is_not_answered(shown):
    leaky = dataclasses.replace(shown, leaks_={"groups": 3})
    one = dataclasses.replace(shown, splits_=shown.splits_[:1])
    for result, reason in (
        (leaky, "test guides were known from training"),
        (one, "one split cannot be tested"),
    ):
        assert result.decision.answer == "unknown"
        assert result.decision.model is None
        assert result.decision.sentences == [f"This cannot be told: {reason}."]
        assert not result.has_signal
