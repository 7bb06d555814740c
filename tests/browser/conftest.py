"""One Chromium for all tests of pages here, started once per process and as new for each test; the console in it."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from chromium import Page, started
from PIL import Image

HERE = Path(__file__).parent
IMAGES = HERE.parents[1] / "docs" / "images"
_LARGEST = 150_000


@pytest.fixture(scope="session")
def chromium_driver(tmp_path_factory):
    """Start the browser."""
    driver = started(tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()


@pytest.fixture
def page(chromium_driver):
    """Return the browser's window: blank, light, 1280 by 800, nothing asked and nothing said."""
    return Page(chromium_driver)


@pytest.fixture
def pictured(page):
    """Give a way to hold a picture in docs/images: rewritten on demand only, and its size held to the page's."""

    def hold(name):
        path, taken = IMAGES / f"{name}.png", Image.open(io.BytesIO(page.picture()))
        if os.environ.get("UPDATE_SCREENSHOTS") == "1":
            path.parent.mkdir(exist_ok=True)
            # A third of the size, and no eye sees it.
            drawn = taken.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            drawn.save(path, optimize=True)
        with Image.open(path) as kept:
            # Fonts differ between machines, so that no two need draw the same.
            assert taken.size == kept.size
        assert path.stat().st_size < _LARGEST

    return hold


@pytest.fixture
def console(page, sandbox):
    """Return a way to open the console, which then shows what is there."""

    def show(prepare=None):
        if prepare:
            prepare(sandbox)
        page.open(f"{sandbox.link_url}/")
        page.find("#people tbody tr")
        page.until(lambda: page.find("#pulse").text == "live", "live")
        return page

    return show
