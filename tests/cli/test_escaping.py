"""Text from outside stays text, wherever a report is read."""

import html as standard_html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from corpus import NAMES, steering, steering_of_lines

from pulumi_conduit.cli import escaping

every_name = pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))


def code_span(text):
    """Return what CommonMark makes of a text that is one code span, or None where it is not (spec 0.31, 6.1)."""
    found = re.fullmatch(r"(?s)(`+)(?!`)(.*?)(?<!`)\1(?!`)", text)
    if not found:
        return None
    inner = found.group(2)
    is_padded = inner.startswith(" ") and inner.endswith(" ") and inner.strip(" ")
    return inner[1:-1] if is_padded else inner


@every_name
def test_a_terminal_is_never_steered(name):
    """No name holds a control, bidi or invisible character when it is shown, nor more than one line."""
    assert [] == steering(escaping.terminal(name))


@every_name
def test_markdown_is_one_code_span_without_a_pipe(name):
    """Every name is one code span from end to end, in a table, too, and shows what the terminal would."""
    shown = escaping.markdown(name)

    assert escaping.terminal(name).replace("|", "\\x7c") == code_span(shown)
    assert "|" not in shown


@every_name
def test_html_is_text_and_nothing_else(name):
    """A parser finds text only, in an element and in an attribute, and it is what the terminal would show."""
    found: list[Any] = []
    parser: Any = HTMLParser(convert_charrefs=True)
    parser.handle_starttag = lambda tag, attributes: found.append((tag, attributes))
    parser.handle_data = found.append

    parser.feed(f'<p title="{escaping.html(name)}">{escaping.html(name)}</p>')
    parser.close()

    shown = escaping.terminal(name)
    assert [("p", [("title", shown)]), shown] == [found[0], "".join(found[1:])]


@every_name
def test_json_is_exact_and_printable(name):
    """A machine reads the very name, and neither a terminal nor a page that embeds it is steered by it."""
    text = escaping.json_text({name: [name]})

    assert {name: [name]} == json.loads(text)
    assert [] == steering_of_lines(text)
    assert text.isascii()
    assert not set(text) & set("<>&")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", " ="])
def test_a_formula_is_marked_as_text(sign):
    """What a spreadsheet would compute when a report is pasted begins with its own sign for text."""
    formula = f'{sign}HYPERLINK("http://attacker.example")'

    assert f"'{formula}" == escaping.terminal(formula)
    assert f"`'{formula}`" == escaping.markdown(formula)
    assert f"'{formula}" == standard_html.unescape(escaping.html(formula))


def test_a_build_server_finds_no_command():
    """Commands that count anywhere in a line of a log are broken up in every format, and JSON still parses to them."""
    command = "a ##[error]b ##vso[task.setvariable variable=x]y ###"

    every_format = (escaping.terminal, escaping.markdown, escaping.html, escaping.json_text)
    assert [] == [one.__name__ for one in every_format if "##" in one(command)]
    assert command == json.loads(escaping.json_text(command))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '`""`'),
        ("Travel", "`Travel`"),
        ("a`b", "``a`b``"),
        ("`a``", "``` `a`` ```"),
        (" a", "`  a `"),
        ("  ", "`    `"),
        ("a\\", "`a\\`"),
        ("a|b", "`a\\x7cb`"),
    ],
)
def test_code_spans_keep_backticks_and_spaces(text, expected):
    """A fence is longer than any run of backticks within, and spaces at the edges are padded."""
    assert expected == escaping.markdown(text)


def test_a_long_text_is_cut():
    """A name of any length takes a bounded tenant, and a cut is seen."""
    assert "W" * 200 + "…" == escaping.terminal("W" * 1024)
