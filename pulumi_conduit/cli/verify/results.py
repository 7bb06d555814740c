"""What a run has found: a row for each operation, an answer to each open question, what remains; and how it is written.

Nothing in it comes from a response: it has operations, templates of paths, statuses and words of ours, so that it can
be attached to an issue as it is. Written, it is text, Markdown or JSON, and the file for CONDUCTOR_ROUTES.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from pulumi_conduit import __version__
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, LINK_ROUTES, Route, RouteTable
from pulumi_conduit.cli.escaping import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "QUESTIONS",
    "ForeignError",
    "OperationResult",
    "Results",
    "Verdict",
    "as_json",
    "as_lines",
    "as_markdown",
    "routes_file",
]


_DOCUMENTED = {"create_company", "get_company", "edit_company"}


QUESTIONS = {
    "existing_company": "what creating a company that exists does",
    "errors": "what errors look like",
    "rate": "rate limits",
    "token": "which of the login's tokens to send",
    "unshared": "whether a user without a shared account is a 404",
    "empty": "whether an empty account list is accepted",
    "inactive_keeps": "whether an INACTIVE user keeps its grants",
    "inactive_editable": "whether grants of an INACTIVE user can be changed",
    "status_honoured": "whether creating a user honours `status`",
    "case": "whether emails are case-insensitive",
    "foreign_hidden": "whether responses hide accounts that the identity does not own",
    "foreign_dropped": "whether replacing a list drops such accounts",
    "list_late": "whether a list is paged or late",
    "visible": "whether a write is visible at once",
    "get_status": "whether a GET of one user carries `status`",
    "login_voids": "whether a new login voids earlier tokens",
    "sessions": "how long open sessions outlive a deactivation",
    "company_token": "whether minting a company token voids the one before",
}
"""What the APIs' pages do not say, in the words of docs/undocumented.md, which has what the provider does about it."""


class ForeignError(Exception):
    """A sign of something else than the test user or the test company: no further request may be sent."""


class Verdict(str, Enum):
    """What was found of an operation."""

    CONFIRMED = "confirmed"
    ELSEWHERE = "other route"
    DIFFERENT = "different"
    REFUSED = "refused"
    NOT_FOUND = "not found"
    NOT_TRIED = "not tried"

    @property
    def is_fine(self) -> bool:
        """Return whether the provider can use the operation as it is configured."""
        return self is Verdict.CONFIRMED


@dataclass(frozen=True)
class OperationResult:
    """One operation: its request, the response, and what that means."""

    operation: str
    request: str
    response: str
    verdict: Verdict
    note: str = ""

    @property
    def source(self) -> str:
        """Return whether the API's page shows verb and path."""
        return "documented" if self.operation in _DOCUMENTED else "inferred"


@dataclass
class Results:
    """All rows and answers of a run."""

    is_read_only: bool
    probes_writes: bool
    rows: dict[str, OperationResult] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    routes: RouteTable = field(default_factory=dict)
    remains: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """What could not be undone, or not be checked."""
    stopped: str = ""
    """Why the run ended early, in words of ours."""

    def add(self, route: Route, response: str, verdict: Verdict, note: str = "") -> None:
        """Record what was found of an operation; a later finding replaces an earlier one."""
        self.rows[route.name] = OperationResult(route.name, f"{route.verb} {route.path}", response, verdict, note)

    def doubt(self, name: str, note: str) -> None:
        """Record that an operation that was found is not as documented."""
        row = self.rows[name]
        notes = "; ".join(filter(None, (row.note, note)))
        self.rows[name] = OperationResult(name, row.request, row.response, Verdict.DIFFERENT, notes)

    def answer(self, question: str, text: str) -> None:
        """Record what this tenant does."""
        self.answers[QUESTIONS[question]] = text

    def complete(self, configured: RouteTable, why: str) -> None:
        """Add a row for each operation, and an answer to each question, that there is none of; and order them."""
        found = self.rows
        self.rows = {}
        for name, route in {**LINK_ROUTES, **CONDUCTOR_ROUTES, **configured}.items():
            missing = OperationResult(name, f"{route.verb} {route.path}", "-", Verdict.NOT_TRIED, why)
            self.rows[name] = found.get(name, missing)
        self.answers = {text: self.answers.get(text, f"not tried: {why}") for text in QUESTIONS.values()}

    @property
    def is_fine(self) -> bool:
        """Return whether the provider works with these APIs as it is configured."""
        tried = [row for row in self.rows.values() if row.verdict is not Verdict.NOT_TRIED]
        return not self.stopped and not self.left and all(row.verdict.is_fine for row in tried)


_COLUMNS = ("operation", "request", "response", "verb and path", "result")


def as_lines(results: Results) -> list[str]:
    """Return the table and the answers for a terminal."""
    table = [_COLUMNS, *map(_cells, results.rows.values())]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    answers = [f"  {question}: {answer}" for question, answer in results.answers.items()]
    return [*lines, "", "What the APIs' pages do not say:", *answers, *_remains(results), *_next_step(results)]


def as_markdown(results: Results) -> str:
    """Return a page that can be attached to an issue."""
    rows = [_COLUMNS, *map(_cells, results.rows.values())]
    answers = [("question", "answer"), *results.answers.items()]
    options = f"read-only: {_yes(results.is_read_only)}; writes probed: {_yes(results.probes_writes)}"
    title = f"# pulumi-conduit verify, version {__version__}"
    parts = [title, options, _table(rows), "## What the APIs' pages do not say", _table(answers)]
    return "\n\n".join([*parts, *_remains(results)]) + "\n"


def as_json(results: Results) -> str:
    """Return the same for a machine."""
    return json_text(
        {
            "version": __version__,
            "read_only": results.is_read_only,
            "probe_writes": results.probes_writes,
            "stopped": results.stopped or None,
            "operations": [_data(row) for row in results.rows.values()],
            "answers": results.answers,
            "remains": results.remains,
            "left": results.left,
        }
    )


def routes_file(results: Results) -> str:
    """Return the file for CONDUCTOR_ROUTES: every operation whose route is not the built-in one."""
    head = ["# Found by `pulumi-conduit verify`; name this file in CONDUCTOR_ROUTES."]
    missing = [
        f"# {name}: {row.verdict.value}"
        for name, row in results.rows.items()
        if name in CONDUCTOR_ROUTES and name not in results.routes
    ]
    tables = []
    for name, documented in CONDUCTOR_ROUTES.items():
        route = results.routes.get(name, documented)
        if (route.verb, route.path) != (documented.verb, documented.path):
            tables.append(f'\n[{name}]\nverb = "{route.verb}"\npath = "{route.path}"')
    return "\n".join([*head, *missing, *(tables or ["# Every route that was found is the built-in one."])]) + "\n"


def _cells(row: OperationResult) -> tuple[str, ...]:
    note = f": {row.note}" if row.note else ""
    return (row.operation, row.request, row.response, row.source, f"{row.verdict.value}{note}")


def _data(row: OperationResult) -> dict[str, Any]:
    return {
        "operation": row.operation,
        "request": row.request,
        "response": row.response,
        "route": row.source,
        "result": row.verdict.value,
        "note": row.note,
    }


def _table(rows: Sequence[Iterable[str]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(list(rows[0])), *lines[1:]])


def _remains(results: Results) -> list[str]:
    stopped = [f"Stopped: {results.stopped}."] if results.stopped else []
    return [*stopped, *(f"Left: {text}." for text in results.left), *(f"Remains: {text}." for text in results.remains)]


def _next_step(results: Results) -> list[str]:
    """Return what to do where all that was tried was found, but not at the configured routes."""
    found = {row.verdict for row in results.rows.values()} - {Verdict.NOT_TRIED, Verdict.CONFIRMED}
    if results.stopped or results.left or found != {Verdict.ELSEWHERE}:
        return []
    return [
        "Next: write the other routes to a file (--routes), name it in CONDUCTOR_ROUTES, and run again with --again."
    ]


def _yes(is_true: bool) -> str:  # noqa: FBT001 -- it is the only argument
    return "yes" if is_true else "no"
