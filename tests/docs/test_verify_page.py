"""The page of `verify` held to its candidates, and its questions to those that the APIs leave open."""

import re
from pathlib import Path

from pulumi_conduit.cli.verify.candidates import COLLECTIONS, ENDINGS, PREFIXES, VARIANTS
from pulumi_conduit.cli.verify.results import QUESTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")


def rows(text, header):
    """Return the rows of the table whose header begins with this word, each as its cells."""
    body = text.partition(f"\n| {header} |")[2].split("\n\n")[0].split("\n")[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in body]


def test_the_page_has_every_candidate():
    """Verbs and paths of each operation, no more and no less."""
    listed = {
        name.strip("`"): (tuple(verbs.split(", ")), tuple(re.findall("`([^`]+)`", paths)))
        for name, verbs, paths in rows(PAGE, "operation")
    }

    assert {name: (one.verbs, one.paths) for name, one in VARIANTS.items()} == listed


def test_the_page_has_what_the_candidates_are_combined_with():
    """Prefixes, first words and endings."""
    text = " ".join(PAGE.split())

    assert [] == [word for word in (*filter(None, PREFIXES), *COLLECTIONS) if f"`{word}`" not in text]
    assert ("", "/") == ENDINGS
    assert "with or without a slash at the end" in text


def test_every_write_is_about_the_test_user_by_its_path():
    """Only a creation has it in the body; so no candidate can be about another user."""
    writes = {name: one for name, one in VARIANTS.items() if one.verbs != ("GET",) and name != "log_in"}

    assert [] == [
        path
        for name, one in writes.items()
        for path in one.paths
        if not path.startswith("/users/{userEmail}/") and (name, path) != ("create_user", "/users")
    ]


def test_the_questions_are_those_that_the_apis_leave_open():
    """In the same order, so that each has an answer."""
    page = (ROOT / "docs" / "undocumented.md").read_text(encoding="utf-8")

    assert list(QUESTIONS.values()) == [cells[0] for cells in rows(page, "not documented")]
