"""The responses of the candidates for one read, until one has the documented form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pulumi_conduit.api.records import Flaw
from pulumi_conduit.cli.verify.results import Verdict

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from pulumi_conduit.api.routes import Route
    from pulumi_conduit.cli.verify.caller import Reply
    from pulumi_conduit.cli.verify.results import Results

__all__ = ["Search"]

T = TypeVar("T")


@dataclass
class Search:
    """One search: the routes to try, and what came of those that were."""

    routes: list[Route]
    replies: list[Reply] = field(default_factory=list)
    flaw: Flaw | None = None

    @property
    def last(self) -> Reply:
        """Return the latest response."""
        return self.replies[-1]

    @property
    def is_elsewhere(self) -> bool:
        """Return whether the latest response is from no API: no such path, or a web page."""
        return self.last.is_unknown_route or (self.last.is_success and not self.last.is_json)

    @property
    def is_final(self) -> bool:
        """Return whether the latest response is what another path would get, too: of the token, or a broken server."""
        return self.last.status == 401 or (self.last.status >= 500 and not self.last.is_unknown_route)

    def add(self, reply: Reply, schema: TypeAdapter[T]) -> T | Flaw:
        """Add a response, and return the record in it."""
        self.replies.append(reply)
        record = reply.parse(schema)
        if isinstance(record, Flaw):
            self.flaw = self.flaw or record
        return record

    def record_missing(self, results: Results) -> None:
        """Record that none of the candidates was right."""
        refused = next((reply for reply in self.replies if _is_refusal(reply)), None)
        reply = self.last if self.is_final else refused or self.replies[0]
        route = reply.request.route
        if _is_refusal(reply):
            note = f"none of {len(self.replies)} candidates" if len(self.replies) > 1 and not self.is_final else ""
            results.add(route, reply.describe(), Verdict.REFUSED, note)
        elif reply.is_success and self.flaw:
            note = f"the response {self.flaw.reason}; none of {len(self.replies)} candidates"
            results.add(route, reply.describe(), Verdict.DIFFERENT, note)
        else:
            results.add(route, reply.describe(), Verdict.NOT_FOUND, f"none of {len(self.replies)} candidates")


def _is_refusal(reply: Reply) -> bool:
    return reply.status >= 400 and not reply.is_unknown_route
