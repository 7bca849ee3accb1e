"""A headless Chromium that looks at a page as a reader would."""

import base64
import shutil
from contextlib import contextmanager

import pytest

_SWITCHES = [
    "--headless=new",
    "--no-sandbox",  # root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def open_browser(profile):
    """Yield a driver of a fresh browser, or skip the test where there is none.

    The driver's own path is given, so that selenium looks for none in the network.
    """
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver_path = shutil.which("chromedriver")
    if browser is None or driver_path is None:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for switch in [*_SWITCHES, f"--user-data-dir={profile}"]:
        options.add_argument(switch)
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        yield driver
    finally:
        driver.quit()


def show(driver, path, width, height=900):
    """Open a file at a width in pixels, and return what the console says."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    driver.get_log("browser")  # empties it
    driver.get(path.as_uri())
    return [entry["message"] for entry in driver.get_log("browser")]


def screenshot(driver):
    """Return the whole page as a PNG."""
    picture = driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"captureBeyondViewport": True}
    )
    return base64.b64decode(picture["data"])


def print_to_pdf(driver):
    """Return the page as it prints on A4, the bytes of a PDF."""
    printed = driver.execute_cdp_cmd(
        "Page.printToPDF",
        {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True},
    )
    return base64.b64decode(printed["data"])


def accessibility_violations(driver):
    """Return what axe-core has against the page by WCAG 2, levels A and AA."""
    from importlib.resources import files

    axe = files(pytest.importorskip("axe_core_python")) / "axe.min.js"
    driver.execute_script(axe.read_text("utf-8"))
    report = driver.execute_async_script(
        """
        const done = arguments[0];
        const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
        axe.run(document, {runOnly: {type: "tag", values: tags}}).then(done);
        """
    )
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]
