"""One run: what is read, then one confirmation, then what is written, and in the end, always, what is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES
from pulumi_conduit.cli.verify.company_walk import CompanyWalk
from pulumi_conduit.cli.verify.conductor_run import ConductorRun
from pulumi_conduit.cli.verify.results import ForeignError, Results
from pulumi_conduit.errors import (
    ApiError,
    ConduitError,
    DeadlineExceededError,
    OutcomeUnknownError,
    RefusedError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pulumi_conduit.api.routes import RouteTable
    from pulumi_conduit.cli.verify.order import Order
    from pulumi_conduit.settings import ConductorSettings, LinkSettings

__all__ = ["Run"]

_ONE_IDENTITY = "cannot be tried with one identity"
_IMPOSSIBLE = {
    "foreign_hidden": _ONE_IDENTITY,
    "foreign_dropped": _ONE_IDENTITY,
    "sessions": "cannot be tried: it takes a person who is logged in",
    "company_token": "cannot be tried: the API's page names no request that a company's token opens",
}
_LAST_ACCOUNT = "not tried: --last-account tries it"
_STOPPED: dict[type[ConduitError], str] = {
    RefusedError: "interrupted",
    UnreachableError: "an API could not be reached",
    OutcomeUnknownError: "the response to a write was lost",
    DeadlineExceededError: "a deadline was exceeded",
}


class Run:
    """One run over the APIs that have settings."""

    def __init__(self, order: Order, conductor: ConductorSettings | None, link: LinkSettings | None) -> None:
        """Connect; nothing is sent."""
        self.results = Results(order.is_read_only, order.probes_writes)
        self._order = order
        self._conductor = ConductorRun(order, conductor, self.results) if conductor else None
        self._link = CompanyWalk(order, link, self.results) if link else None
        self._parts = [part for part in (self._conductor, self._link) if part is not None]

    @property
    def routes(self) -> RouteTable:
        """Return the configured routes of Conductor."""
        return self._conductor.configured if self._conductor else CONDUCTOR_ROUTES

    def perform(self, confirm: Callable[[Sequence[str]], None]) -> ConduitError | None:
        """Read, confirm, write and undo; return the error that ended the run early, if one did.

        `confirm` is called with what will be written to, a line for each, and raises where the caller says no.
        """
        error: ConduitError | None = None
        try:
            self._perform(confirm)
        except ForeignError as foreign:
            self.results.stopped = str(foreign)
            self._each("abandon")
            error = RefusedError(f"stopped: {foreign}")
        except (ApiError, KeyboardInterrupt) as ended:
            error = ended if isinstance(ended, ApiError) else RefusedError("interrupted")
            self.results.stopped = _STOPPED.get(type(error), "an API did not respond as it should")
            self._undo()
        self._conclude()
        return error

    def close(self) -> None:
        """Close the idle connections."""
        for part in self._parts:
            part.caller.close()

    def _perform(self, confirm: Callable[[Sequence[str]], None]) -> None:
        self._each("read")
        if plans := [part.describe_plan() for part in self._parts if part.is_ready]:
            confirm(plans)
            self._each("write")
            self._each("undo")

    def _undo(self) -> None:
        """Undo what was written; where an API fails, or at a second interrupt, say what is left."""
        self.results.remains, self.results.left = [], []  # of an undo that was interrupted
        for part in self._parts:
            _undo_or_abandon(part)

    def _each(self, step: str) -> None:
        for part in self._parts:
            getattr(part, step)()

    def _conclude(self) -> None:
        callers = [part.caller for part in self._parts]
        forms = {f"{status} {form}" for one in callers for status, forms in one.refusals.items() for form in forms}
        self.results.answer("errors", "; ".join(sorted(forms)) or "none was seen")
        busy, count = sum(one.busy for one in callers), sum(one.requests for one in callers)
        waits = sum(one.asked_to_wait for one in callers)
        self.results.answer("rate", f"{busy} of {count} requests were answered 429, {waits} of them with Retry-After")
        for question, text in _IMPOSSIBLE.items():
            self.results.answer(question, text)
        if not self._order.with_last_account:
            self.results.answer("unshared", _LAST_ACCOUNT)
            self.results.answer("empty", _LAST_ACCOUNT)
        why = "--read-only" if self._order.is_read_only else self.results.stopped or "it needs what was not found"
        self.results.complete(self.routes, why)


def _undo_or_abandon(part: ConductorRun | CompanyWalk) -> None:
    try:
        part.undo()
    except (ApiError, ForeignError, KeyboardInterrupt):
        part.abandon()
