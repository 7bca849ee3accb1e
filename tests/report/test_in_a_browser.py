"""How a browser shows the report."""

import re
from itertools import pairwise

import pytest

from sgrna_estimator import ComparisonReport
from tests import browser


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
    assert len(images) == 6
    assert all(natural > 0 and shown > 0 for natural, shown in images)
    levels = driver.execute_script(
        "return Array.from(document.querySelectorAll('h1, h2, h3, h4, h5, h6'),"
        " heading => Number(heading.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_frame_in_a_notebook_shows_it_and_its_links_stay_inside(
    driver, content, tmp_path
):
    cell = ComparisonReport(**content)._repr_html_()
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><h1>Notebook</h1>{cell}", encoding="utf-8")
    browser.show(driver, path, 1280)
    driver.switch_to.frame(0)
    driver.execute_script("document.querySelector('a[href=\"#data\"]').click()")
    assert driver.execute_script("return document.location.href") == "about:srcdoc#data"
    assert driver.execute_script("return document.images.length") == 6
    driver.switch_to.default_content()
    assert driver.execute_script("return document.querySelector('h1').innerText") == (
        "Notebook"
    )


@pytest.mark.parametrize("width", [1280, 400])
def test_it_is_accessible(driver, report, width):
    browser.show(driver, report, width)
    assert browser.accessibility_violations(driver) == []


def test_a_telephone_shows_the_useful_columns(driver, report):
    browser.show(driver, report, 400)
    ends = driver.execute_script(
        "const cells = document.querySelectorAll('.scores tbody tr:nth-child(2) > *');"
        "return Array.from(cells, cell => cell.getBoundingClientRect().right)"
    )
    name, mean, words, *_ = ends
    assert name < mean < words <= 400


def test_wide_tables_scroll_in_their_own_place(driver, report):
    browser.show(driver, report, 400)
    inside, outside = driver.execute_script(
        "const place = document.querySelector('.scores').parentElement;"
        "return [place.scrollWidth, place.clientWidth]"
    )
    assert inside > outside


def test_the_answer_is_on_the_first_screen(driver, report):
    browser.show(driver, report, 1280, 900)
    card, plot = driver.execute_script(
        "const box = each => document.querySelector(each).getBoundingClientRect();"
        "return [box('.verdict'), box('.first img')]"
    )
    assert card["bottom"] < 900
    assert plot["bottom"] < 900
    assert plot["left"] > card["right"]


def test_it_prints(driver, report):
    browser.show(driver, report, 1280)
    pdf = browser.print_to_pdf(driver)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
