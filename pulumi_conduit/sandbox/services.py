"""The services of one sandbox, put together: state, rules, edits, logs and faults.

The HTTP shell and the Python handle both stand on this; it knows neither of them.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from pulumi_conduit.sandbox.edits import ConductorEdits, LinkEdits
from pulumi_conduit.sandbox.event_log import EventLog, RequestLog
from pulumi_conduit.sandbox.faults import Faults
from pulumi_conduit.sandbox.rules.conductor import ConductorRules, GrantRules, Sessions
from pulumi_conduit.sandbox.rules.link import CompanyTokens, LinkRules
from pulumi_conduit.sandbox.rules.state import State, seed
from pulumi_conduit.sandbox.switches import as_json

if TYPE_CHECKING:
    from pulumi_conduit.sandbox.store import Store
    from pulumi_conduit.sandbox.switches import Switches

__all__ = ["Services"]


class Services:
    """One sandbox without its HTTP."""

    def __init__(self, store: Store, switches: Switches | None) -> None:
        """Take up what the store has, or the seed; switches that are given win over those of the store."""
        self.process_id = secrets.token_hex(8)
        self.world = State(store)
        self.request_log = RequestLog()
        self.faults = Faults()
        company_tokens = CompanyTokens(self.world)
        self.sessions = Sessions(self.world)
        self.link = LinkRules(self.world, company_tokens)
        self.conductor = ConductorRules(self.world)
        self.grants = GrantRules(self.world)
        self.link_edits = LinkEdits(self.world, company_tokens)
        self.conductor_edits = ConductorEdits(self.world)
        self.world.switches = self._first_switches = switches or self.world.switches
        if not self.conductor_edits.identities():
            seed(self.world)
        self.event_log = EventLog(self.world.clock)
        self.world.on_write = self.event_log.note

    def reset(self) -> None:
        """Go back to the seed and the first switches, without faults and with an empty log."""
        seed(self.world)
        self.world.switches = self._first_switches
        self.faults.clear()
        self.request_log.forget()
        self.event_log.forget()

    def dump(self) -> dict[str, Any]:
        """Return the whole state as plain JSON, without tokens and passwords."""
        with self.world.lock:
            return {
                "switches": as_json(self.world.switches),
                "accounts": {str(key): name for key, name in self.conductor_edits.accounts().items()},
                "identities": self.conductor_edits.identities(),
                "users": self.conductor_edits.users(),
                "apps": {name: self.link_edits.companies(name) for name in self.link_edits.app_names()},
            }
