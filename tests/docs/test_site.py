"""The site: each page has one place in it, it is built without a warning, and it asks no other host for anything."""

import re

import click
import pytest
from site_build import FOLDERS, ROOT, SETTINGS, build

import pulumi_conduit as conduit
from pulumi_conduit.cli.group import commands

_LOADED = re.compile(
    r'<(?:script|img|iframe|source)\b[^>]*?\bsrc(?:set)?="?([^"\s>]+)'
    r'|<link\b[^>]*?\bhref="?([^"\s>]+)'
)


def places(nav):
    """Yield the pages of a navigation."""
    for one in nav:
        value = next(iter(one.values())) if isinstance(one, dict) else one
        yield from places(value) if isinstance(value, list) else [value]


def test_every_page_has_one_place_in_the_navigation():
    """A page that is forgotten cannot be found by a reader of the site."""
    pages = [*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))]

    assert sorted(page.relative_to(ROOT).as_posix() for page in pages) == sorted(places(SETTINGS["nav"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site from the files that `make docs` takes."""
    return build(tmp_path_factory.mktemp("site"))


@pytest.mark.slow
def test_no_page_of_the_site_loads_anything_from_another_host(site):
    """Neither scripts nor fonts nor pictures: it can be read without a network, and tells nobody who reads it."""
    pages = list(site.rglob("*.html"))
    loaded = {a or b for page in pages for a, b in _LOADED.findall(page.read_text(encoding="utf-8"))}

    assert len(pages) > len(list((ROOT / "docs").rglob("*.md")))
    assert set() == {one for one in loaded if re.match(r"(?:\w+:)?//", one)}


@pytest.mark.slow
def test_the_search_of_the_site_knows_what_readers_look_for(site):
    """Its index is a file of the site."""
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")

    assert [] == [word for word in ("import_", "rename", "CONDUIT_MAX_DEACTIVATIONS") if word not in index]


@pytest.mark.slow
def test_the_reference_has_every_public_name_with_its_text_and_every_command(site):
    """What the generator finds in the code is in the page: names, what their arguments mean, commands, options."""
    page = (site / "docs" / "reference.html").read_text(encoding="utf-8")

    assert [] == [name for name in conduit.__all__ if f'id="pulumi_conduit.{name}"' not in page]
    names = commands.list_commands(click.Context(commands))
    assert [] == [name for name in names if f"pulumi-conduit {name} [OPTIONS]" not in page]
    assert [] == [text for text in ("Another one replaces", "on_conflict", "--max-deactivations") if text not in page]
