"""Scores of a fitted model: what they are, what their intervals hold, and in words."""

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.comparison.evaluation import (
    CONSTANT,
    describe_evaluation,
    evaluate_predictions,
    score_groups,
)
from sgrna_estimator.metrics import (
    pearson_score,
    spearman_score,
    within_group_spearman,
)
from sgrna_estimator.metrics.reported import reported_scores
from tests.comparison.simulated import predictions_of_genes

FEW = {"n_resamples": 40, "random_state": 0}


def test_values_are_those_of_the_metrics():
    y, predicted, genes = predictions_of_genes()
    value = evaluate_predictions(y, predicted, genes, **FEW).scores["value"]
    mse = np.mean((y - predicted) ** 2)
    expected = {
        "spearman": spearman_score(y, predicted),
        "within_group_spearman": within_group_spearman(y, predicted, genes),
        "pearson": pearson_score(y, predicted),
        "r2": 1 - mse / np.var(y),
        "mse": mse,
        "within_group_mse": reported_scores(True)["within_group_mse"](
            y, predicted, genes
        ),
        CONSTANT: np.mean((y - y.mean()) ** 2),
    }
    assert value.to_dict() == pytest.approx(expected)
    alone = evaluate_predictions(y, predicted, **FEW).scores["value"]
    del expected["within_group_spearman"], expected["within_group_mse"]
    assert alone.to_dict() == pytest.approx(expected)


def test_intervals_are_of_whole_genes_drawn_with_replacement():
    y, predicted, genes = predictions_of_genes(n_genes=8)
    table = pd.DataFrame({"y": y, "predicted": predicted, "gene": genes})
    random = np.random.RandomState(0)
    spearman, within = [], []
    for _ in range(40):
        drawn = [
            table[table["gene"] == f"gene{number}"].assign(gene=place)
            for place, number in enumerate(random.randint(8, size=8))
        ]
        sample = pd.concat(drawn)
        spearman.append(sample["y"].corr(sample["predicted"], method="spearman"))
        each = [one["y"].corr(one["predicted"], method="spearman") for one in drawn]
        within.append(np.mean(each))
    found = evaluate_predictions(y, predicted, genes, **FEW)
    assert (found.by_group, found.n_resampled) == (True, 8)
    for name, values in {"spearman": spearman, "within_group_spearman": within}.items():
        # 2.3646 = t of 0.025 for 7 degrees, times sqrt(8 / 7), is 2.5279 on a normal
        ends = np.quantile(values, [0.0057374, 1 - 0.0057374])
        np.testing.assert_allclose(
            found.scores.loc[name, ["lower", "upper"]].astype(float), ends, rtol=1e-5
        )


def test_guides_are_drawn_where_genes_are_too_few_or_unknown():
    y, predicted, genes = predictions_of_genes(n_genes=4, n_guides=25)
    for groups in (None, genes):
        found = evaluate_predictions(y, predicted, groups, **FEW)
        assert (found.by_group, found.n_resampled) == (False, 100)
    assert {"within_group_spearman"} < set(found.scores.index)
    assert found.scores.notna().all(axis=None)


def test_what_guides_of_a_gene_share_widens_the_interval():
    y, predicted, genes = predictions_of_genes(n_genes=10, gene_sd=3.0)
    how = {"n_resamples": 200, "random_state": 0}
    width = [
        evaluate_predictions(y, predicted, groups, **how).scores.eval("upper - lower")
        for groups in (None, genes)
    ]
    assert width[1]["mse"] > 1.5 * width[0]["mse"]


def test_the_seed_makes_the_interval():
    y, predicted, _ = predictions_of_genes()
    one, same, other = (
        evaluate_predictions(y, predicted, n_resamples=20, random_state=seed).scores
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, same)
    assert not one["lower"].equals(other["lower"])
    assert one["value"].equals(other["value"])


def test_progress_counts_bootstrap_samples():
    told = []
    y, predicted, _ = predictions_of_genes()
    evaluate_predictions(
        y, predicted, n_resamples=3, progress=lambda *counts: told.append(counts)
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("n_guides", [1, 6])
def test_what_is_not_defined_is_nan(n_guides):
    y = np.arange(float(n_guides))
    found = evaluate_predictions(y, np.full(n_guides, 2.0), **FEW).scores
    assert found.loc[["spearman", "pearson"]].isna().all(axis=None)
    assert found.loc[["mse", CONSTANT]].notna().all(axis=None)
    assert describe_evaluation(found)[0].startswith("There is no rank correlation")


def test_samples_without_a_score_are_left_out_of_its_interval():
    y, predicted = np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.1, 1.0])
    found = evaluate_predictions(y, predicted, **FEW).scores
    assert found.notna().all(axis=None)


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        evaluate_predictions([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match=r"y_true must be finite, .* in row 2"):
        evaluate_predictions([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(ValueError, match="groups is missing in row 2"):
        evaluate_predictions([1.0, 2.0], [1.0, 2.0], ["a", None])


def test_each_gene_has_a_score():
    y, predicted, genes = predictions_of_genes(n_genes=3)
    found = score_groups([*y, 1.0], [*predicted, 1.0], [*genes, "single"])
    assert found["group"].tolist() == ["gene0", "gene1", "gene2", "single"]
    assert found["n_guides"].tolist() == [20, 20, 20, 1]
    mean = within_group_spearman(y, predicted, genes)
    assert found["spearman"].mean() == pytest.approx(mean)
    assert np.isnan(found["spearman"].iloc[-1])


def scores(spearman, r2):
    rows = {"spearman": spearman, "r2": r2}
    return pd.DataFrame(rows, index=["value", "lower", "upper"]).T


UNDEFINED = (np.nan, np.nan, np.nan)


@pytest.mark.parametrize(
    ("spearman", "r2", "words"),
    [
        ((0.3, 0.1, 0.5), (0.1, 0.05, 0.2), ["ranks these guides better", "nearer"]),
        ((0.1, -0.1, 0.3), (0.0, -0.1, 0.1), ["No rank correlation", "not shown"]),
        ((0.0, 0.0, 0.1), (0.0, 0.0, 0.1), ["No rank correlation", "not shown"]),
        ((-0.3, -0.5, -0.1), (-3, -4, -2), ["wrong way round", "not on the scale"]),
        (UNDEFINED, (-3, -4, -2), ["do not vary", "not on the scale"]),
        (UNDEFINED, UNDEFINED, ["do not vary"]),
    ],
)
def test_sentences(spearman, r2, words):
    told = describe_evaluation(scores(spearman, r2))
    for sentence, part in zip(told, words, strict=True):
        assert part in sentence
