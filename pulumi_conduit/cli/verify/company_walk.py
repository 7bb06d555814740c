"""Every operation on the test company; the Link API's page shows verbs and paths, so no others are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from pulumi_conduit.api.records import CompanyRecord, Flaw
from pulumi_conduit.api.request import ApiRequest
from pulumi_conduit.api.routes import LINK_ROUTES, prefix_routes
from pulumi_conduit.cli.verify.caller import Caller
from pulumi_conduit.cli.verify.order import LEFT_BEFORE
from pulumi_conduit.cli.verify.results import ForeignError, Results, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.cli.verify.caller import Reply
    from pulumi_conduit.cli.verify.order import Order
    from pulumi_conduit.settings import LinkSettings

__all__ = ["COMPANY_NAME", "CompanyWalk"]

COMPANY_NAME = "pulumi-conduit verify"
_OTHER_NAME = f"{COMPANY_NAME} 2"
_COMPANY = TypeAdapter(CompanyRecord)
_NO_PROOF = (
    "a 404 that is not JSON does not say that there is no such company, so neither this nor the provider makes one"
)


class CompanyWalk:
    """The requests about the test company; `undo` can be called at any time, and leaves its page closed."""

    def __init__(self, order: Order, settings: LinkSettings, results: Results) -> None:
        """Connect; nothing is sent."""
        self.caller = Caller(settings.url, (settings.token,))
        self.caller.token = settings.token
        self._order = order
        self._routes = prefix_routes(settings.url, LINK_ROUTES)
        self._url = settings.url
        self._id = order.company or ""
        self._exists = False
        self._results = results
        self._created_at: str | None = None
        self._is_known = False
        self._may_exist = False

    def read(self) -> None:
        """Look whether the company is there, and refuse one that this run may not touch."""
        reply = self._send("get_company")
        record = self._judge("get_company", reply)
        if record is None and reply.status == 404:
            self._results.add(self._routes["get_company"], reply.describe(), Verdict.CONFIRMED, "no such company")
            if not reply.is_json:
                self._results.doubt("get_company", _NO_PROOF)
        elif record is None and not reply.is_success:
            self._results.add(self._routes["get_company"], reply.describe(), Verdict.REFUSED)
        self._exists = record is not None
        self._is_known = record is not None or (reply.status == 404 and reply.is_json)
        if self._exists and not self._order.is_read_only and not self._order.again:
            raise ForeignError(f"the test company exists already; {LEFT_BEFORE}")

    @property
    def is_ready(self) -> bool:
        """Return whether it is known that the company exists, or that it does not."""
        return self._is_known and not self._order.is_read_only

    def describe_plan(self) -> str:
        """Return what will be done, for the confirmation."""
        begin = "renamed" if self._exists else "created, renamed"
        return f"company {self._id}, at {self._url}: will be {begin}, and its page opened and closed"

    def write(self) -> None:
        """Try every operation."""
        if not self.is_ready:
            return
        self._may_exist = True
        if not self._exists and self._write("create_company", COMPANY_NAME, is_open=False) is None:
            self._may_exist = self._results.rows["create_company"].verdict is Verdict.DIFFERENT
            return
        if self._look(COMPANY_NAME, is_open=False) is None:
            return
        self._create_again()
        if self._write("edit_company", _OTHER_NAME, is_open=False) is not None:
            self._look(_OTHER_NAME, is_open=False)
            self._open_by_omission()

    def abandon(self) -> None:
        """Record what is left where no further request may be sent."""
        if self._may_exist:
            self._results.left.append("the test company may exist with an open page: look at it in Conduit")

    def undo(self) -> None:
        """Set name and page back, and record what remains."""
        if not self._may_exist:
            return
        seen = self._look(COMPANY_NAME, is_open=False)
        if seen is not None and (seen.name, seen.link_page.enabled) != (COMPANY_NAME, False):
            self._send("edit_company", {"name": COMPANY_NAME, "page_enabled": False})
            seen = self._look(COMPANY_NAME, is_open=False)
        if seen is None or seen.link_page.enabled:
            self.abandon()
        else:
            self._results.remains.append("the test company exists, its page is closed; the API deletes no company")

    def _create_again(self) -> None:
        """Create the company that exists, with another name, and see what comes of it."""
        reply = self._send("create_company", {"id": self._id, "name": _OTHER_NAME, "page_enabled": False})
        if self._exists:
            self._results.add(self._routes["create_company"], reply.describe(), Verdict.CONFIRMED, "the company exists")
        if not reply.is_success:
            self._results.answer("existing_company", f"it is refused with {reply.status}")
            return
        seen = self._look(_OTHER_NAME, is_open=False)
        text = "it overwrites the company" if seen and seen.name == _OTHER_NAME else "it changes nothing"
        self._results.answer("existing_company", f"{text}, with {reply.status}")

    def _open_by_omission(self) -> None:
        """Edit the company without saying anything of its page, which opens it, as the API's page says."""
        record = self._judge("edit_company", self._send("edit_company", {"name": COMPANY_NAME}))
        if record is not None and not record.link_page.enabled:
            self._results.doubt("edit_company", "an edit without page_enabled did not open the page")

    def _write(self, name: str, company_name: str, *, is_open: bool) -> CompanyRecord | None:
        body = {"name": company_name, "page_enabled": is_open}
        reply = self._send(name, {"id": self._id, **body} if name == "create_company" else body)
        record = self._judge(name, reply)
        if record is not None and (record.name, record.link_page.enabled) != (company_name, is_open):
            self._results.doubt(name, "the response does not have the name and the page that were sent")
        return record

    def _look(self, name: str, *, is_open: bool) -> CompanyRecord | None:
        """Return the company, once a GET shows it with this name and page, or after all waits."""
        record = None
        for _ in self.caller.waits():
            record = self._judge("get_company", self._send("get_company"))
            if record is not None and (record.name, record.link_page.enabled) == (name, is_open):
                break
        return record

    def _judge(self, name: str, reply: Reply) -> CompanyRecord | None:
        record = reply.parse(_COMPANY)
        route = self._routes[name]
        if not isinstance(record, Flaw):
            if name not in self._results.rows or self._results.rows[name].verdict is Verdict.CONFIRMED:
                self._results.add(route, reply.describe(), Verdict.CONFIRMED)
            return self._require_same(record)
        if reply.is_success:
            self._results.add(route, reply.describe(), Verdict.DIFFERENT, f"the response {record.reason}")
        elif name != "get_company":
            verdict = Verdict.NOT_FOUND if reply.is_unknown_route else Verdict.REFUSED
            self._results.add(route, reply.describe(), verdict)
        return None

    def _require_same(self, record: CompanyRecord) -> CompanyRecord:
        if record.id.encode().lower() != self._id.encode().lower():
            raise ForeignError("a response about the test company has another id")
        if record.name not in (COMPANY_NAME, _OTHER_NAME):
            raise ForeignError(f"the company is not named '{COMPANY_NAME}', so it is not the test's")
        if record.created_at != (self._created_at or record.created_at):
            raise ForeignError("the test company has become another one: its created_at has changed")
        self._created_at = record.created_at
        return record

    def _send(self, name: str, body: Mapping[str, Any] | None = None) -> Reply:
        route = self._routes[name]
        return self.caller.send(ApiRequest(route, dict.fromkeys(route.placeholders, self._id), body=body))
