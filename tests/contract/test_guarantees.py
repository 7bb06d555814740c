"""The page of guarantees held to the tests that it names."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS.parent / "docs" / "guarantees.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [row for row in PAGE.splitlines() if row.startswith("| ") and not row.startswith(("| ---", "| promise"))]


@cache
def names_in(path):
    """Return the names of the tests of a file."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_named_test_is_there(path, name):
    """A promise names a test that exists under that name."""
    assert name in names_in(path)


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip()[:40] for row in ROWS])
def test_every_promise_names_a_test(row):
    """No promise stands without a test."""
    assert re.search(r"`[\w/]+\.py::test_\w+`", row)
