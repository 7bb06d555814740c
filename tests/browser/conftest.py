"""One Chromium for all tests of pages here: started once per process, as new for each test."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

HERE = Path(__file__).parent
IMAGES = HERE.parents[1] / "docs" / "images"
_LARGEST = 150_000


def pytest_collection_modifyitems(items):
    """Mark everything here: it wants Chromium."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_driver(tmp_path_factory):
    """Start the browser; imported here, for where there is none Selenium need not be, either."""
    from chromium import started  # noqa: PLC0415

    driver = started(tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()


@pytest.fixture
def page(chromium_driver):
    """Return the browser's window: blank, light, 1280 by 800, nothing asked and nothing said."""
    from chromium import Page  # noqa: PLC0415 - likewise

    return Page(chromium_driver)


@pytest.fixture
def pictured(page):
    """Give a way to hold a picture in docs/images: rewritten on demand only, and its size held to the page's."""

    def hold(name):
        path, taken = IMAGES / f"{name}.png", page.picture()
        if os.environ.get("UPDATE_SCREENSHOTS") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(taken)
        kept = path.read_bytes()
        assert _pixels(taken) == _pixels(kept)
        assert len(kept) < _LARGEST

    return hold


def _pixels(png):
    # Fonts differ between machines, so that no two need draw the same.
    return struct.unpack(">II", png[16:24])
