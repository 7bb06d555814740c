"""A person and what a company needs, as they would have been recorded."""

from typing import Any

from pulumi_conduit.resources.conductor_user.model import ConductorUserState

OPEN: dict[str, Any] = {
    "page_enabled": True,
    "created_at": "2026-01-01T00:00:00Z",
    "on_conflict": "error",
    "on_destroy": "error",
}
ADA = ConductorUserState(
    "ada@acme.example",
    "Ada",
    "Lovelace",
    view="COMPLETE",
    sso_access=False,
    type="READ_ONLY",
    status="ACTIVE",
    initial_accounts=(1,),
    send_email=False,
    on_conflict="reactivate_inactive",
    on_destroy="deactivate",
)
