"""The site: each page has one place in it, it is built without a warning, and it asks no other host for anything."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
FOLDERS = ("docs", "examples", "templates")
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
    if find_spec("mkdocs") is None or find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed: `make docs` installs it")
    folder = tmp_path_factory.mktemp("site")
    taken = [*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "tests" / "pairs" / "outcomes.md"]
    taken += [path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file()]
    for path in taken:
        copy = folder / "source" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    made = {**SETTINGS, "docs_dir": "source", "site_dir": "site"}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(made), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # its advertisement
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (0, "") == (done.returncode, done.stderr)
    return folder / "site"


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
