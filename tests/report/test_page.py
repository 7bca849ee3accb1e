"""The page: its mark-up, what it says, and that it needs no network."""

import dataclasses
import re

import numpy as np
import pandas as pd

from sgrna_estimator import (
    ComparisonReport,
    __version__,
    compare_estimators,
)
from tests.report.pages import HEADINGS, HOSTILE, Page, additive


def test_headings_are_in_order(page):
    assert Page(page).texts("h1") == [
        "Can the activity of these guides be predicted from their sequence?"
    ]
    assert Page(page).texts("h2") == HEADINGS


def test_the_verdict_comes_first_and_in_full(page, content):
    text = " ".join(Page(page).texts("main"))
    verdict = content["result"].verdict()
    places = [text.index(sentence) for sentence in verdict]
    assert places == sorted(places)
    headline = content["result"].decision.headline
    start = text.index("What was found") + len("What was found ")
    assert text.index(headline) == start < places[0] < text.index("Comparison")


def test_the_first_screen_is_the_answer(page, content):
    result, parsed = content["result"], Page(page)
    answer = dict(zip(parsed.texts("dt"), parsed.texts("dd"), strict=True))
    assert answer["Highest score"] == result.best
    mean = result.summary(result.primary)["mean"].iloc[0]
    score = answer["Mean Spearman correlation within genes"]
    assert score.startswith(f"{mean:.3f} (95 % interval ")
    tags = [element["tag"] for element in parsed.elements]
    assert tags.index("img") < tags.index("table")


def test_the_primary_metric_is_open_and_the_others_are_folded(page, content):
    parsed = Page(page)
    open_table, folded, *_ = parsed.texts("table")
    label = "Mean Spearman correlation within genes"
    assert label in open_table
    assert label not in folded
    (details,) = parsed.texts("details")
    assert folded in details
    (summary,) = parsed.texts("summary")
    assert summary.count(",") == len(content["result"].greater_is_better_) - 2


def test_what_comes_from_tables_is_text(page):
    assert "<script" not in page
    parsed = Page(page)
    assert HOSTILE in parsed.texts("title")[0]
    rows = parsed.rows()
    assert rows["Column of measured activities"] == [f"indel {HOSTILE}"]
    assert rows["Column of genes"] == [f"gene {HOSTILE}"]
    assert rows["Guides of a gene"] == ["20 each"]
    assert any(f"careful: {HOSTILE}" in text for text in parsed.texts("li"))


def test_the_page_needs_no_network(page):
    parsed = Page(page)
    links = [
        value
        for element in parsed.elements
        for name, value in element["attributes"].items()
        if name in ("src", "href", "srcset", "action", "data")
    ]
    assert links
    assert all(re.match(r"#|data:", link) for link in links)
    assert not re.search(r"url\(|@import|https?:", " ".join(parsed.texts("style")))
    policy = next(
        element["attributes"]["content"]
        for element in parsed.all("meta")
        if element["attributes"].get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")


def test_tables_name_themselves_and_their_cells(page):
    parsed = Page(page)
    assert len(parsed.all("table")) == len(parsed.all("caption")) == 5
    assert all(caption for caption in parsed.texts("caption"))
    assert all(
        cell["attributes"]["scope"] in ("col", "row", "rowgroup")
        for cell in parsed.all("th")
    )


def test_the_page_says_how_to_make_it_again(page, content):
    parsed = Page(page)
    rows = parsed.rows()
    assert parsed.texts("code") == [content["command"]]
    assert rows["seed"] == ["12345"]
    assert rows["sgrna_estimator"] == [__version__]
    assert rows["numpy"] == [np.__version__]
    assert rows["pandas"] == [pd.__version__]
    assert set(rows) >= {"python", "scikit-learn", "numba", "written"}


def test_sections_without_content_are_left_out(content):
    result = content["result"]
    no_genes = result.predictions_.drop(columns="group")
    result = dataclasses.replace(result, predictions_=no_genes)
    parsed = Page(ComparisonReport(result, sequences=content["sequences"]).to_html())
    assert parsed.texts("h2") == [
        heading
        for heading in HEADINGS
        if heading
        not in ("The best of a gene", "Loss curves", "Base effects", "To run it again")
    ] + ["What it was made with"]
    anchors = {link["attributes"]["href"] for link in parsed.all("a")}
    ids = {f"#{h2['attributes']['id']}" for h2 in parsed.all("h2")}
    assert anchors == ids
    assert parsed.rows()["Genes"] == ["no column named"]
    assert len(parsed.all("img")) == 3
    assert result.constant_ in parsed.rows()


def test_noise_is_called_noise_beside_the_pictures(page, content):
    assert not content["result"].has_signal
    caution = "No model here is shown to predict better than the mean"
    assert " ".join(Page(page).texts("strong")).count(caution) == 3
    assert "To use it" not in page


def test_what_to_do_with_a_model_that_is_worth_it(content):
    sequences = content["sequences"]
    gc_content = sequences.str.count("[GC]").astype(float)
    result = compare_estimators(
        {"ridge": additive()}, sequences, gc_content, cv=4, random_state=0
    )
    assert result.has_signal
    parsed = Page(ComparisonReport(**{**content, "result": result}).to_html())
    assert parsed.texts("strong") == []
    first, *_ = commands = content["next_commands"]
    # the first one is in the card, too
    assert parsed.texts("code") == [first, *commands, content["command"]]


def test_models_are_explained(page):
    parsed = Page(page)
    assert parsed.texts("dt")[-2:] == ["ridge", "weak"]
    assert parsed.texts("dd")[-2:] == ["ridge regression", HOSTILE]


def test_a_file_name_that_is_not_utf8_can_be_written(content):
    title = b"gu\xeddes.tsv".decode("utf-8", "surrogateescape")
    report = ComparisonReport(
        content["result"], sequences=content["sequences"], title=title
    )
    text = report.to_html()
    assert "gu?des.tsv" in text
    assert text.encode("utf-8")
