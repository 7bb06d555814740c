"""The browser itself: what its fixtures say must be so, or the tests of pages prove nothing."""

from __future__ import annotations


def html(tmp_path, body):
    """Return the URL of a page with this body."""
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><title>t</title>{body}", encoding="utf-8")
    return path.as_uri()


def test_a_request_beyond_the_page_is_reported_and_not_served(page, tmp_path):
    """A picture from elsewhere is listed, and fails: no name but loopback's is known."""
    url = html(tmp_path, '<img src="http://attacker.example/x.png">')

    page.open(url)

    assert [url, "http://attacker.example/x.png"] == page.requested()
    assert any("ERR_NAME_NOT_RESOLVED" in complaint for complaint in page.complaints())


def test_each_test_gets_a_window_as_new(page, tmp_path):
    """The reader prefers light, the window has its size, and dark can be asked for."""
    page.open(html(tmp_path, "<p>text"))

    looks = "return [innerWidth, innerHeight, matchMedia('(prefers-color-scheme: dark)').matches]"
    assert [1280, 800, False] == page.evaluate(looks)
    page.prefer("dark")
    page.resize(400, 300)
    assert [400, 300, True] == page.evaluate(looks)
    assert [] == page.complaints()
