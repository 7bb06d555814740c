"""The results as text, Markdown and JSON, and the file for CONDUCTOR_ROUTES; knows no request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_conduit import __version__
from pulumi_conduit.api.routes import CONDUCTOR_ROUTES
from pulumi_conduit.cli.escaping import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pulumi_conduit.cli.verify.results import Results, Row

__all__ = ["as_json", "as_lines", "as_markdown", "routes_file"]

_COLUMNS = ("operation", "request", "response", "verb and path", "result")


def as_lines(results: Results) -> list[str]:
    """Return the table and the answers for a terminal."""
    table = [_COLUMNS, *map(_cells, results.rows.values())]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    answers = [f"  {question}: {answer}" for question, answer in results.answers.items()]
    return [*lines, "", "What the APIs' pages do not say:", *answers, *_remains(results)]


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


def _cells(row: Row) -> tuple[str, ...]:
    note = f": {row.note}" if row.note else ""
    return (row.operation, row.request, row.response, row.source, f"{row.verdict.value}{note}")


def _data(row: Row) -> dict[str, Any]:
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


def _yes(is_true: bool) -> str:  # noqa: FBT001 -- it is the only argument
    return "yes" if is_true else "no"
