"""Renders a report as one self-contained HTML file: the effects, and a matrix of people and accounts.

It loads nothing, and its content security policy allows its own script only, by digest. Without the script the page
loses its search only.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report.wording import Formatter, Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pulumi_conduit.cli.report.person import PersonReport
    from pulumi_conduit.cli.report.report import LimitResult, Report

__all__ = ["render"]

_FORMATTER = Formatter(escaping.html, lambda text: f"<strong>{text}</strong>")
_STATES = {(True, True): "kept", (False, True): "gained", (True, False): "lost"}


@dataclass(frozen=True)
class MatrixRow:
    """One person's row of the matrix: the effect on each account, in order, or an empty text."""

    email: str
    name: str
    what: Markup
    is_changed: bool
    cells: tuple[str, ...]


def render(report: Report, results: Sequence[LimitResult]) -> str:
    """Return the report as a page."""
    words = Wording(report, results, _FORMATTER)
    accounts = sorted(frozenset().union(*(one.before | one.after | one.revoked for one in report.people)))
    style, script = _asset("page.css"), _asset("page.js")
    return _template().render(
        words=_Marked(words),
        report=report,
        accounts=[(one, escaping.terminal(report.names.get(one, ""), 80)) for one in accounts],
        rows=_rows(report, words, accounts),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - likewise
        style_digest=_digest(style),
        script_digest=_digest(script),
    )


class _Marked:
    """Wraps the wording, whose texts are escaped already, for the template."""

    def __init__(self, words: Wording) -> None:
        self._words = words

    def __getattr__(self, name: str) -> Callable[..., Markup | list[Markup]]:
        return partial(self._said, name)

    def _said(self, name: str, *about: object) -> Markup | list[Markup]:
        texts = getattr(self._words, name)(*about)
        return [Markup(one) for one in texts] if isinstance(texts, list) else Markup(texts)  # noqa: S704 - see above


def _rows(report: Report, words: Wording, accounts: Sequence[int]) -> list[MatrixRow]:
    changed = report.changed_people
    others = [one for one in report.people if not one.is_changed]
    return [_row(one, words, accounts) for one in (*changed, *others)]


def _row(person: PersonReport, words: Wording, accounts: Sequence[int]) -> MatrixRow:
    before = person.before | person.lost
    return MatrixRow(
        escaping.terminal(person.email),
        escaping.terminal(person.name),
        Markup(words.format_effects(person)) if person.is_changed else Markup(""),  # noqa: S704 - see above
        person.is_changed,
        tuple(_STATES.get((one in before, one in person.after), "") for one in accounts),
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_asset("page.html.j2"))


def _asset(name: str) -> str:
    return resources.files("pulumi_conduit.cli.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
