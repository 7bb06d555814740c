"""The words of the code and the pages: no invented term, and no class name for two things."""

import ast
import io
import re
import tokenize
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pulumi_conduit"
INVENTED = re.compile(r"\b(lives|brought back|taken over|let go|lost sight|told|aloud|heard|woken)\b", re.IGNORECASE)
NAMES_OF_TESTS = re.compile(r"`[a-z_/]+\.py::\w+`")  # docs/guarantees.md names the tests of each promise
OLD_NAMES = re.compile(r"^\|.*\|$", re.MULTILINE)  # CHANGELOG.md has a table of old names and new ones

MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = ("docs", "examples", "templates")
PAGES = [*sorted(ROOT.glob("*.md")), *(page for name in FOLDERS for page in sorted((ROOT / name).rglob("*.md")))]


def name(path):
    """Return a path as messages show it."""
    return str(path.relative_to(ROOT))


def strings(source):
    """Yield every string literal and comment, docstrings included, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def invented(source):
    """Return the invented terms in a module, with their lines."""
    found = ((line, term) for line, text in strings(source) for term in INVENTED.findall(" ".join(text.split())))
    return sorted(set(found))


def invented_in_page(text):
    """Return the invented terms in a page, without the names of tests."""
    return sorted(INVENTED.findall(" ".join(NAMES_OF_TESTS.sub("", text).split())))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_uses_the_words_of_the_field(path):
    """No message, docstring or comment has an invented term."""
    assert [] == invented(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_uses_the_words_of_the_field(path):
    """No page has an invented term, except the changelog's table of old names."""
    text = path.read_text(encoding="utf-8")

    assert [] == invented_in_page(OLD_NAMES.sub("", text) if path.name == "CHANGELOG.md" else text)


@pytest.mark.parametrize(
    "source",
    [
        '"""Return what lives."""',
        'raise ValueError(f"{name} was taken\\n over")',
        "x = 1  # whoever is told",
        'def f():\n    """Let go of it."""',
    ],
    ids=["docstring", "message", "comment", "capital"],
)
def test_a_planted_term_in_a_module_is_found(source):
    """The check sees docstrings, messages, comments and terms across a line break."""
    assert 1 == len(invented(source))


def test_a_planted_term_in_a_page_is_found():
    """The check sees pages, too, but not the names of tests."""
    page = "It is brought\nback. `docs/test_x.py::test_a_plan_is_told`: exists and is taken over as it is"

    assert ["brought back", "taken over"] == invented_in_page(page)


def test_a_class_name_stands_for_one_thing():
    """Within the provider no two classes have one name, but for those of `provider.py`, named after their resources."""
    left_out = [PACKAGE / "sandbox", PACKAGE / "testing", PACKAGE / "provider.py"]
    own = (path for path in MODULES if not {path, *path.parents} & set(left_out))
    nodes = (node for path in own for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    counts = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))

    assert [] == [name for name, count in counts.items() if count > 1]
