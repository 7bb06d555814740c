"""Text from outside, made safe for where it is shown: it never becomes markup, a link, a mention or a command.

Names come from APIs, programs and files, and a report of them is read by terminals, browsers, spreadsheets and build
servers, each of which takes some text for an order. Knows no report.
"""

from __future__ import annotations

import html as standard_html
import json
import re
from typing import Any

from pulumi_conduit.errors import escaped

__all__ = ["html", "json_text", "markdown", "terminal"]

_LONGEST = 200
# The wide signs count in some locales; others part cells at a semicolon.
_FORMULA = re.compile(r"(\A\s*|;\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_IN_JSON = {"##": "#\\u0023", "<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def terminal(text: str, limit: int = _LONGEST) -> str:
    """Return text on one line, without a control or invisible character, a formula or a build server's command.

    A spreadsheet takes for a formula what begins with its sign, so an apostrophe, its own sign for text, comes first.
    GitHub and Azure find commands that begin with `##` anywhere in a line of a log; those that begin with `::` count
    at its start only, where a report never puts text from outside.
    """
    shown = escaped(text, limit).replace("##", "#\\x23")
    return _FORMULA.sub(lambda found: f"'{found[1]}" if found.start() == 0 else f"{found[1]}'", shown)


def markdown(text: str, limit: int = _LONGEST) -> str:
    """Return text as a code span, good in a table, too.

    Only there are mentions, references to issues and commits, bare addresses, formulas and emoji names left alone: all
    of these GitHub and GitLab look for after Markdown is rendered, where no backslash and no entity is left.
    """
    shown = terminal(text, limit).replace("|", "\\x7c") or '""'
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def html(text: str, limit: int = _LONGEST) -> str:
    """Return text for an element or a quoted attribute."""
    return standard_html.escape(terminal(text, limit))


def json_text(value: Any) -> str:
    """Return a value as JSON in printable ASCII, exact once parsed, and safe inside HTML and a build server's log."""
    text = json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False)
    for risky, harmless in _IN_JSON.items():
        text = text.replace(risky, harmless)
    return text
