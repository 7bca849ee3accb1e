"""The page of a design: what it holds, and how a browser shows it."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.design.guides import design_guides
from sgrna_estimator.design.page import assign_lanes, draw_region, render_design
from tests import browser
from tests.design.designs import LAYOUT, random_sequences
from tests.report.pages import HOSTILE

INTERVALS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 40)), min_size=1, max_size=40
)


@pytest.fixture(scope="module")
def guides(ridge):
    sequences = random_sequences(3, 1200)
    return design_guides(ridge, sequences.items(), LAYOUT, spacing=20).guides


@pytest.fixture(scope="module")
def page(guides):
    return render_design(
        guides,
        unit="activity",
        title=f"genes{HOSTILE}.fa",
        notes=["3 sites left out"],
        command="sgrna-estimator design model genes.fa",
    )


@given(INTERVALS)
def test_arrows_in_a_lane_do_not_touch(intervals):
    intervals = sorted(intervals)
    left = np.array([begin for begin, _ in intervals], dtype=float)
    right = left + [size for _, size in intervals]
    lanes = assign_lanes(left, right)
    for lane in set(lanes.tolist()):
        ends = right[lanes == lane][:-1]
        assert (left[lanes == lane][1:] > ends).all()
    # and no lane is without need: whatever is in it was kept out of those before
    assert set(lanes.tolist()) == set(range(max(lanes) + 1))


def test_every_guide_is_drawn_on_its_strand(guides):
    region = guides[guides["region"] == "region2"]
    drawing = draw_region(region, 0.0, 1.0)
    assert len(drawing.arrows) == len(region)
    assert drawing.n_left_out == 0
    above = sum(arrow.y < drawing.axis for arrow in drawing.arrows)
    assert above == (region["strand"] == "+").sum()
    assert sorted(a.pick for a in drawing.arrows if a.pick) == [1, 2, 3, 4]
    assert all(0 < arrow.y < drawing.height for arrow in drawing.arrows)
    for arrow in drawing.arrows:
        corners = np.array([c.split(",") for c in arrow.points.split()], dtype=float)
        assert (corners >= 0).all()
        assert (corners[:, 0] <= drawing.width).all()
        # the point is on the right for the forward strand
        point = corners[2, 0]
        is_right = point == corners[:, 0].max()
        assert is_right == (arrow.y < drawing.axis)


def test_ticks_count_from_one(guides):
    region = guides[guides["region"] == "region1"]
    drawing = draw_region(region, 0.0, 1.0)
    first = region["start"].min()
    places = [(x, int(number.replace(",", ""))) for x, number in drawing.ticks]
    assert len(places) >= 3
    [a, b, *_] = places
    per_base = (b[0] - a[0]) / (b[1] - a[1])
    assert a[0] - per_base * (a[1] - 0.5 - first) == pytest.approx(24, abs=0.2)


def test_of_very_many_guides_the_best_are_drawn(guides):
    region = guides[guides["region"] == "region1"]
    many = pd.concat([region] * 6, ignore_index=True)
    many["rank"] = np.arange(1, len(many) + 1)
    many["pick"] = pd.array([pd.NA] * (len(many) - 1) + [1], dtype="Int64")
    drawing = draw_region(many, 0.0, 1.0)
    assert len(drawing.arrows) == 401  # with the pick, which is last
    assert drawing.n_left_out == len(many) - 401


def test_one_guide_of_one_prediction(guides):
    drawing = draw_region(guides.head(1), 2.0, 2.0)
    assert len(drawing.arrows) == 1


def test_a_page_lists_the_picks_of_each_region(guides, page):
    picks = guides[guides["pick"].notna()]
    for spacer in picks["spacer"]:
        assert f">{spacer}</td>" in page
    assert page.count("<svg viewBox") == 4  # with the legend
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page)[:3] == [
        "region1",
        "region2",
        "region3",
    ]
    assert "<li>3 sites left out</li>" in page
    assert HOSTILE not in page
    assert "nan" not in page
    assert "<NA>" not in page


def test_guides_without_a_place_are_not_shown(guides):
    nowhere = pd.DataFrame({"region": ["region1"], "spacer": ["A" * 20]})
    page = render_design(
        pd.concat([guides, nowhere], ignore_index=True), unit="y", title=""
    )
    assert "A" * 20 not in page


def test_a_region_without_picks_says_so(guides):
    none = guides.assign(pick=pd.array([pd.NA] * len(guides), dtype="Int64"))
    assert "No guide of this region was picked" in render_design(
        none, unit="y", title=""
    )


@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_shows_it_whole(driver, page, tmp_path, width):
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    assert browser.show(driver, path, width) == []  # on the console
    scroll, client = driver.execute_script(
        "const root = document.documentElement;"
        "return [root.scrollWidth, root.clientWidth]"
    )
    assert scroll <= client <= width
    sizes = driver.execute_script(
        "return Array.from(document.querySelectorAll('figure svg'), "
        "svg => [svg.getBoundingClientRect().width,"
        " svg.querySelectorAll('polygon').length])"
    )
    assert len(sizes) == 3
    assert all(shown > 300 and n > 50 for shown, n in sizes)
    assert browser.accessibility_violations(driver) == []


def test_it_prints(driver, page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    browser.show(driver, path, 1280)
    pdf = browser.print_to_pdf(driver)
    assert pdf.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 4
