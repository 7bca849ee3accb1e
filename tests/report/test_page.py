"""The report: what it says of the data and the scores, and how a browser shows it."""

import dataclasses
import re
import shlex
from html.parser import HTMLParser
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    GuideEffectMixture,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    __version__,
    compare_estimators,
)
from sgrna_estimator.report.data_summary import summarise_data
from sgrna_estimator.report.page import make_report
from sgrna_estimator.report.problems import describe_problems
from sgrna_estimator.report.tables import (
    best_estimator,
    comparison_rows,
    data_rows,
    quantile_cells,
)
from tests import browser
from tests.command_line import files

mpl.use("Agg")

HOSTILE = "<script>alert(1)</script>"
HEADINGS = [
    "What was found",
    "Comparison",
    "Observed and predicted",
    "Base effects",
    "The data",
    "Loss curves",
    "Warnings",
    "To run it again",
]


# ---- a comparison to report ---------------------------------------------------------


def additive():
    return make_pipeline(SequenceOneHotTransformer(), Ridge(30))


def network():
    return PositionwiseReLURegressor(max_iter=5, random_state=0)


@pytest.fixture(scope="module")
def content(small_screen):
    """What `make_report` takes, with a gene that would be a script if it could."""
    sequences, target = small_screen.sequences, small_screen.target
    genes = small_screen.groups.replace(small_screen.groups.iloc[0], HOSTILE)
    result = compare_estimators(
        {
            "ridge": additive(),
            "weak": make_pipeline(SequenceOneHotTransformer(), Ridge(1e4)),
        },
        sequences,
        target,
        groups=genes,
        cv=4,
        random_state=0,
    )
    train, test = result.splits_[0]
    encoder = SequenceOneHotTransformer().fit(sequences.iloc[train])
    X, X_val = (encoder.transform(sequences.iloc[rows]) for rows in (train, test))
    fitted = network().fit(X, target.iloc[train], X_val=X_val, y_val=target.iloc[test])
    return {
        "title": f"{HOSTILE}.tsv",
        "sequences": sequences,
        "target": target.rename(f"indel {HOSTILE}"),
        "groups": genes.rename(f"gene {HOSTILE}"),
        "result": result,
        "curves": {"network": make_pipeline(encoder, fitted)},
        "effects": {
            "ridge": additive().fit(sequences, target),
            "network": make_pipeline(SequenceOneHotTransformer(), network()).fit(
                sequences, target
            ),
        },
        "mixtures": {},
        "layout": "10+20+3+10",
        "messages": [f"careful:\n  {HOSTILE}"],
        "models": {"ridge": "ridge regression", "weak": HOSTILE},
        "next_commands": [f"sgrna-estimator fit '{HOSTILE}.tsv'", "then this"],
        "command": f"sgrna-estimator compare '{HOSTILE}.tsv' --report report.html",
        "seed": 12345,
    }


@pytest.fixture(scope="module")
def page(content):
    return make_report(**content)


class Page(HTMLParser):
    """The elements of a page and the text in each."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self._open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "attributes": dict(attributes), "text": ""}
        self.elements.append(element)
        if tag not in ("meta", "link", "img"):
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def all(self, *tags):
        return [element for element in self.elements if element["tag"] in tags]

    def texts(self, *tags):
        return [" ".join(element["text"].split()) for element in self.all(*tags)]

    def rows(self):
        """Return the cells of the table rows, by the text of their first cell."""
        cells = []
        for element in self.elements:
            if element["tag"] == "tr":
                cells.append([])
            elif element["tag"] in ("th", "td"):
                cells[-1].append(" ".join(element["text"].split()))
        return {row[0]: row[1:] for row in cells}


# ---- what the guides are ------------------------------------------------------------


def test_counts_of_a_table_by_hand():
    sequences = pd.Series(["GACN", "GATT", "gauu", "GCGA", "GCGA"])
    target = pd.Series([0.1, 0.5, 0.7, 0.5, 0.5])
    genes = pd.Series(["a", "b", "b", "b", "c"])
    data = summarise_data(sequences, target, genes)
    assert data.n_guides == 5
    assert data.lengths == {4: 5}
    assert data.n_sequences == 3
    assert (data.n_repeated, data.n_repeated_sequences) == (4, 2)
    assert data.n_conflicting_sequences == 1  # GATT; both GCGA have 0.5
    assert data.other_letters == {"N": 1}
    assert data.n_guides_with_other_letters == 1
    assert data.constant_positions == {1: "G"}
    assert data.gc == (0.25, 2 / 3, 0.75)  # N is in no share
    assert data.quantiles[0.0] == 0.1
    assert data.quantiles[0.5] == 0.5
    assert data.quantiles[1.0] == 0.7
    assert (data.mean, data.sd) == (
        pytest.approx(target.mean()),
        pytest.approx(np.std(target)),
    )
    assert (data.commonest_value, data.n_of_commonest_value) == (0.5, 3)
    assert data.n_values == 3
    assert data.group_sizes.to_dict() == {"b": 3, "a": 1, "c": 1}


def test_sequences_of_several_lengths_have_no_common_positions():
    data = summarise_data(pd.Series(["GA", "GAC", "NN"]), pd.Series([0.0, 1.0, 2.0]))
    assert data.lengths == {2: 2, 3: 1}
    assert data.constant_positions is None
    assert data.gc == pytest.approx((0.5, 7 / 12, 2 / 3))  # of two: NN has none
    rows = dict(data_rows(data))
    assert rows["Sequence length"] == "2 nt (2 guides), 3 nt (1 guide)"
    assert (
        rows["Positions with one letter only, from the first"]
        == "not looked for, as lengths differ"
    )
    assert rows["Letters other than A, C, G, T, U"] == "N 2 times, in 1 guide"
    assert rows["Genes"] == "no column named"


def test_sequences_without_a_known_letter_have_no_gc_content():
    data = summarise_data(pd.Series(["NN", "NN"]), pd.Series([0.0, 1.0]))
    assert np.isnan(data.gc).all()
    assert dict(data_rows(data))["GC content"] == "not known"


def test_rows_of_the_data_table():
    sequences = pd.Series(["GACAGG", "GATCGG", "GTTCGG", "GTTCGG"])
    data = summarise_data(
        sequences, pd.Series([1.0, 2.0, 3.0, 4.0]), pd.Series(list("abbb"))
    )
    rows = dict(data_rows(data))
    assert rows["Guides"] == "4"
    assert rows["Guides of a gene"] == "1 to 3, median 2; most for b"
    assert (
        rows["Positions with one letter only, from the first"]
        == "1 G, 5\N{EN DASH}6 GG"
    )
    assert rows["Repeated sequences"] == "1, of 2 guides"
    assert rows["Repeated with different measurements"] == "1"
    assert rows["Letters other than A, C, G, T, U"] == "none"
    assert quantile_cells(data)[0] == ("least", "1")
    assert ("25 %", "1.75") in quantile_cells(data)


# ---- the table of scores ------------------------------------------------------------


def test_cells_are_the_numbers_of_the_summary(content):
    result = content["result"]
    tables = {table["label"]: table for table in comparison_rows(result)}
    assert len(tables) == len(result.greater_is_better_)
    table = tables["Mean squared error"]
    assert (table["better"], table["reference"]) == ("less", "constant")
    summary = result.summary("mse")
    assert [row["name"] for row in table["rows"]] == summary["estimator"].tolist()
    for cells, row in zip(table["rows"], summary.to_dict("records"), strict=True):
        assert float(cells["mean"]) == pytest.approx(row["mean"], rel=1e-3)
        low, high = map(float, cells["interval"].split(" to "))
        assert (low, high) == (
            pytest.approx(row["lower"], rel=5e-3),
            pytest.approx(row["upper"], rel=5e-3),
        )
        assert ("difference" in cells) == (row["estimator"] != "constant")


def test_a_baseline_without_the_score_is_replaced_by_the_best(content):
    result = content["result"]
    tables = {table["label"]: table for table in comparison_rows(result)}
    table = tables["Spearman correlation"]
    assert table["reference"] == best_estimator(result) == table["rows"][0]["name"]
    constant = next(row for row in table["rows"] if row["name"] == "constant")
    assert constant["mean"] == constant["difference"] == constant["p"] == "n/a"
    assert constant["words"] == "not defined"


def scores_of(values, constant_values):
    """Return a result with these errors on its splits, which are all that counts."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.normal(size=60)
    result = compare_estimators(
        {"model": Ridge()}, X, y, cv=len(values), random_state=0
    )
    scores = result.scores_.copy()
    of_error = scores["metric"] == "mse"
    scores.loc[of_error & (scores["estimator"] == "model"), "value"] = values
    scores.loc[of_error & (scores["estimator"] == "constant"), "value"] = (
        constant_values
    )
    return dataclasses.replace(result, scores_=scores)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 1.01, 0.99, 1.0], "better"),
        ([3.0, 3.01, 2.99, 3.0], "worse"),
        ([1.9, 2.11, 2.1, 1.91], "within noise"),
    ],
)
def test_differences_in_words(values, words):
    result = scores_of(values, [2.0, 2.01, 2.02, 1.99])
    table = comparison_rows(result)[-1]
    (row,) = (row for row in table["rows"] if row["name"] == "model")
    assert row["words"] == words
    assert (row["p"] == "<0.001") == (words != "within noise")


def test_large_and_tiny_scores_keep_four_digits():
    def mean_of(scale):
        values = np.array([1.0, 1.01, 0.99, 1.0]) * scale
        (row,) = (
            row
            for row in comparison_rows(scores_of(values, values * 2))[-1]["rows"]
            if row["name"] == "model"
        )
        return row["mean"]

    assert mean_of(123_456) == "123,456"
    assert mean_of(1.5) == "1.500"
    assert mean_of(2e20) == "2.000e+20"
    assert mean_of(0) == "0.000"
    assert mean_of(2e-5) == "0.00002000"


def test_without_any_rank_correlation_the_least_error_is_best():
    rng = np.random.default_rng(0)
    result = compare_estimators(
        {"median": DummyRegressor(strategy="median")},
        rng.normal(size=(20, 2)),
        rng.normal(size=20),
        random_state=0,
    )
    assert best_estimator(result) == "median"


# ---- warnings -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound():
    """A table and a comparison with nothing to warn of."""
    rng = np.random.default_rng(0)
    letters = rng.choice(list("ACGT"), size=(400, 12))
    sequences = pd.Series(["".join(row) for row in letters])
    target = pd.Series((letters[:, :6] == "G").sum(axis=1) + rng.normal(size=400) / 4)
    genes = pd.Series(np.repeat(np.arange(40), 10)).astype(str)
    result = compare_estimators(
        {"ridge": make_pipeline(SequenceOneHotTransformer(), Ridge())},
        sequences,
        target,
        groups=genes,
        random_state=0,
    )
    return summarise_data(sequences, target, genes), result


def test_nothing_to_warn_of(sound):
    assert describe_problems(*sound) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_guides": 299}, "There are 299 guides only"),
        ({"group_sizes": None}, "No column of genes was named"),
        ({"group_sizes": pd.Series([45] * 9)}, "of 9 genes only, for 5 folds"),
        (
            {"group_sizes": pd.Series([201, *[10] * 20], index=[*"abcdefghijklmnopqrstu"])},
            "The gene a has 50.2 % of the guides",
        ),
        ({"n_repeated": 1234}, "1,234 guides share their sequence"),
        ({"n_conflicting_sequences": 7}, "7 sequences with several measurements"),
        (
            {"n_of_commonest_value": 41, "commonest_value": 0.0},
            "10.2 % of the guides have the same measurement, 0.",
        ),
    ],
)  # fmt: skip
def test_each_problem_of_the_data_is_said_once(sound, change, said):
    data, result = sound
    (problem,) = describe_problems(dataclasses.replace(data, **change), result)
    assert said in problem


@pytest.mark.parametrize(
    "change",
    [
        {"n_guides": 300},
        {"group_sizes": pd.Series([40] * 10)},
        {"group_sizes": pd.Series([200, *[10] * 20])},
        {"n_of_commonest_value": 40},
    ],
)
def test_at_the_threshold_there_is_no_problem(sound, change):
    data, result = sound
    assert describe_problems(dataclasses.replace(data, **change), result) == []


def test_differences_within_noise_are_warned_of(sound):
    data, _ = sound
    result = scores_of([1.9, 2.11, 2.1, 1.91], [2.0, 2.01, 2.02, 1.99])
    (problem,) = describe_problems(data, result)
    assert problem.startswith("Within noise: the squared error of model against that")


def test_a_lead_within_noise_is_warned_of(content, sound):
    data, _ = sound
    problems = describe_problems(data, content["result"])
    assert any("the lead of" in each and "Spearman" in each for each in problems)


def test_leaks_and_single_splits_are_warned_of(sound):
    data, _ = sound
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), rng.normal(size=40)
    with pytest.warns(UserWarning, match="share their group"):
        result = compare_estimators(
            {"ridge": Ridge()},
            X,
            y,
            groups=np.repeat(np.arange(4), 10),
            cv=ShuffleSplit(1, random_state=0),
        )
    leak, single = describe_problems(data, result)
    assert "share their group with a training guide" in leak
    assert single.startswith("There is one split only")
    words = {row.get("words") for row in comparison_rows(result)[-1]["rows"]}
    assert words == {None, "cannot be tested"}


def test_messages_are_repeated_once_and_last(sound):
    data, result = sound
    tied = dataclasses.replace(data, n_of_commonest_value=100)
    problems = describe_problems(tied, result, ["b\n  c", "a", "b c", " "])
    assert problems[1:] == ["b c", "a"]


# ---- the page -----------------------------------------------------------------------


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
    assert places[0] == text.index("What was found") + len("What was found ")


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
    assert len(parsed.all("table")) == len(parsed.all("caption")) == 4
    assert all(caption for caption in parsed.texts("caption"))
    assert all(
        cell["attributes"]["scope"] in ("col", "row", "rowgroup")
        for cell in parsed.all("th")
    )


def test_every_figure_says_what_it_shows_in_numbers(page, content):
    alts = [image["attributes"]["alt"] for image in Page(page).all("img")]
    scores, observed, effects, histogram, losses = alts
    result = content["result"]
    for row in result.summary("spearman").dropna(subset="mean").to_dict("records"):
        assert f"{row['estimator']} {row['mean']:.3f}" in scores
    assert "constant not defined" in scores
    assert f"predicted by {best_estimator(result)}" in observed
    assert "240 held-out guides" in observed
    fitted = content["curves"]["network"][-1]
    assert f"lowest, {min(fitted.validation_loss_curve_):.4g}, at epoch" in losses
    base_effects = content["effects"]["network"][-1].base_effects_
    assert f"({base_effects.max():+.3g})" in effects
    assert f"({base_effects.min():+.3g})" in effects
    assert f"the mean is {content['target'].mean():.4g}" in histogram


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
    text = make_report(**{**content, "groups": None, "curves": {}, "effects": {}})
    parsed = Page(text)
    assert parsed.texts("h2") == [
        heading
        for heading in HEADINGS
        if heading not in ("Loss curves", "Base effects")
    ]
    anchors = {link["attributes"]["href"] for link in parsed.all("a")}
    ids = {f"#{h2['attributes']['id']}" for h2 in parsed.all("h2")}
    assert anchors == ids
    assert parsed.rows()["Genes"] == ["no column named"]
    assert len(parsed.all("img")) == 3
    assert result.constant_ in parsed.rows()


def test_noise_is_called_noise_beside_the_pictures(page, content):
    assert not content["result"].has_signal
    caution = "No model here is shown to predict better than the mean"
    assert " ".join(Page(page).texts("strong")).count(caution) == 2
    assert "To use it" not in page


def test_what_to_do_with_a_model_that_is_worth_it(content):
    sequences = content["sequences"]
    gc_content = sequences.str.count("[GC]").astype(float)
    result = compare_estimators(
        {"ridge": additive()}, sequences, gc_content, cv=4, random_state=0
    )
    assert result.has_signal
    parsed = Page(make_report(**{**content, "result": result}))
    assert parsed.texts("strong") == []
    assert parsed.texts("code") == [*content["next_commands"], content["command"]]


def test_models_are_explained(page):
    parsed = Page(page)
    assert parsed.texts("dt") == ["ridge", "weak"]
    assert parsed.texts("dd") == ["ridge regression", HOSTILE]


def test_mixtures_are_shown_with_their_numbers(content, small_screen):
    log2fc, genes = small_screen.data["log2fc"], small_screen.groups
    mixture = GuideEffectMixture().fit(log2fc, groups=genes)
    mixtures = {HOSTILE: (mixture, log2fc, genes)}
    parsed = Page(make_report(**{**content, "mixtures": mixtures}))
    assert "Active guides" in parsed.texts("h2")
    alts = [image["attributes"]["alt"] for image in parsed.all("img")]
    [shown] = [alt for alt in alts if "mixture" in alt]
    assert f"240 guides of {HOSTILE}" in shown
    assert f"around {mixture.null_mean_:.3g} with" in shown
    assert f"effects of {mixture.mu1_:.3g} on" in shown
    captions = " ".join(parsed.texts("figcaption"))
    assert "Loss of network in predicting P(active)" in captions


def test_figures_are_drawn_alike_and_leave_none_open(page, content):
    import matplotlib.pyplot as plt

    again = make_report(**content)
    sources = [
        [image["attributes"]["src"] for image in Page(text).all("img")]
        for text in (page, again)
    ]
    assert sources[0] == sources[1]
    assert plt.get_fignums() == []


def test_a_file_name_that_is_not_utf8_can_be_written(content):
    title = b"gu\xeddes.tsv".decode("utf-8", "surrogateescape")
    text = make_report(**{**content, "title": title, "curves": {}, "effects": {}})
    assert "gu?des.tsv" in text
    assert text.encode("utf-8")


def test_many_guides_make_a_small_page(kim2019):
    result = compare_estimators(
        {"ridge": make_pipeline(SequenceOneHotTransformer(), Ridge())},
        kim2019.sequences,
        kim2019.target,
        random_state=0,
    )
    model = make_pipeline(SequenceOneHotTransformer(), Ridge())
    text = make_report(
        title="Kim 2019",
        sequences=kim2019.sequences,
        target=kim2019.target,
        groups=None,
        result=result,
        curves={},
        effects={"ridge": model.fit(kim2019.sequences, kim2019.target)},
        mixtures={},
        layout="4+20+3+3",
        messages=[],
        models={},
        command="",
        next_commands=[],
        seed=0,
    )
    assert len(text.encode()) < 1_000_000
    assert Page(text).rows()["Positions with one letter only, from the first"] == [
        "26\N{EN DASH}27 GG"
    ]


# ---- in a browser -------------------------------------------------------------------


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser.open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def report(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_shows_it_whole(driver, report, width):
    assert browser.show(driver, report, width) == []  # on the console
    assert driver.execute_script("return document.compatMode") == "CSS1Compat"
    scroll, client = driver.execute_script(
        "const root = document.documentElement;"
        "return [root.scrollWidth, root.clientWidth]"
    )
    assert scroll <= client <= width
    images = driver.execute_script(
        "return Array.from(document.images, image => [image.naturalWidth, image.width])"
    )
    assert len(images) == 5
    assert all(natural > 0 and shown > 0 for natural, shown in images)
    levels = driver.execute_script(
        "return Array.from(document.querySelectorAll('h1, h2, h3, h4, h5, h6'),"
        " heading => Number(heading.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("width", [1280, 400])
def test_it_is_accessible(driver, report, width):
    browser.show(driver, report, width)
    assert browser.accessibility_violations(driver) == []


def test_wide_tables_scroll_in_their_own_place(driver, report):
    browser.show(driver, report, 400)
    inside, outside = driver.execute_script(
        "const place = document.querySelector('.scores').parentElement;"
        "return [place.scrollWidth, place.clientWidth]"
    )
    assert inside > outside


def test_it_prints(driver, report):
    browser.show(driver, report, 1280)
    pdf = browser.print_to_pdf(driver)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2


# ---- the whole command --------------------------------------------------------------


def test_the_command_writes_it(run, content, driver, tmp_path):
    table = pd.DataFrame(
        {
            "seq": content["sequences"],
            "y <&>": content["target"],
            "gene": content["groups"],
        }
    )
    table.to_csv(tmp_path / "screen.tsv", sep="\t", index=False)
    arguments = [
        *("compare", "screen.tsv", "--sequence", "seq", "--target", "y <&>"),
        *("--groups", "gene", "--model", "ridge", "--model", "network", "--cv", "3"),
        *(
            "--layout",
            "10+20+3+10",
            "--seed",
            "7",
            "--jobs",
            "1",
            "--report",
            "report.html",
        ),
    ]
    status, out, err = run(*arguments)
    assert status == 0, err
    assert "wrote report.html" in err
    path = tmp_path / "report.html"
    parsed = Page(path.read_text(encoding="utf-8"))
    assert parsed.texts("h2") == [*HEADINGS[:-1], "To use it", HEADINGS[-1]]
    *following, again = map(shlex.split, parsed.texts("code"))
    assert again == ["sgrna-estimator", *arguments]
    verdicts = [line[2:] for line in out.splitlines() if line.startswith("- ")]
    text = parsed.texts("main")[0]
    assert verdicts
    assert all(sentence in text for sentence in verdicts)
    rows = parsed.rows()
    assert rows["Column of measured activities"] == ["y <&>"]
    assert rows["Guides of a gene"] == ["20 each"]
    assert rows["seed"] == ["7"]
    assert browser.show(driver, path, 1280) == []
    assert browser.accessibility_violations(driver) == []

    for _, *args in following:  # fit, effects, predict
        status, _, err = run(*(arg.replace("CANDIDATES", "screen") for arg in args))
        assert status == 0, err
    assert {"model.sgrna", "effects.png", "scores.tsv"} <= set(files(tmp_path))
