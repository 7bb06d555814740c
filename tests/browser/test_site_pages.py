"""The site of `make docs` in a real browser: quiet, from this host alone, readable on a phone, and searchable.

`SITE=dist/site` takes a site that is built already.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from site_build import build

SOME = ("index", "docs/resources", "docs/reference", "docs/guides/quickstart")
WIDTHS = "return [document.documentElement.scrollWidth, window.innerWidth]"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Serve the site, and return its folder and its URL."""
    given = os.environ.get("SITE")
    folder = Path(given).resolve() if given else build(tmp_path_factory.mktemp("site"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("scheme", "attribute"), [("light", "default"), ("dark", "slate")])
@pytest.mark.parametrize("name", SOME)
def test_a_page_is_quiet_and_asks_no_other_host(page, site, name, scheme, attribute):
    """In either scheme the console says nothing, and every request goes to the site."""
    page.prefer(scheme)
    page.open(f"{site[1]}{name}.html")
    page.find("h1")

    page.until(lambda: page.find("body").get_attribute("data-md-color-scheme") == attribute, attribute)
    assert [] == page.complaints()
    assert [] == [url for url in page.requested() if not url.startswith((site[1], "data:"))]


@pytest.mark.parametrize("word", ["import", "rename", "CONDUIT_MAX_DEACTIVATIONS"])
def test_the_search_finds_what_readers_look_for(page, site, word):
    """Its first results are pages of the site that have the word."""
    page.open(site[1])
    page.fill(".md-search__input", word)
    page.find(".md-search-result__item a")

    found = page.all(".md-search-result__item")
    assert word.lower() in found[0].get_attribute("textContent").lower()
    assert [] == page.complaints()
    assert [] == [url for url in page.requested() if not url.startswith((site[1], "data:", "blob:"))]


def test_every_page_fits_a_phone(page, site):
    """At 390 px no page scrolls sideways: what is wider, as a table is, scrolls in its own box."""
    folder, url = site
    page.resize(390, 844)
    wide = {}
    for path in sorted(folder.rglob("*.html")):
        page.open(f"{url}{path.relative_to(folder).as_posix()}")
        width, inner = page.evaluate(WIDTHS)
        if width > inner:
            wide[path.relative_to(folder).as_posix()] = width

    assert {} == wide
