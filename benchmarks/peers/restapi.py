"""Terraform with the generic `restapi` provider, as a MODEL: its calls are counted, its time is computed.

Taken from Mastercard/terraform-provider-restapi, `internal/apiclient/object.go` and `docs/index.md`: a create is one
call, and a GET more unless `create_returns_object` or `write_returns_object` is set; an update likewise; a read is one
GET per object; a destroy is one call. From Terraform's `plan` and `apply`: every run first reads every object that is
in the state, destroy included, unless `-refresh=false`; 10 operations at a time (`-parallelism`).

The model is kind to it: tuned to have no GET after a write, one login, companies destroyed without a call, and a floor
whose provider calls nobody and runs within Terraform itself.
"""

from __future__ import annotations

from benchmarks.formulas import CHANGES, COMPANIES, ONCE, USERS, CallTable, total

__all__ = ["CALLS", "FLOORS", "NAME", "modelled_wall_s"]

NAME = "restapi"

FLOORS = ("terraform-count", "terraform-for-each")
"""The peers that the model is put upon."""

PARALLELISM = 10
"""Terraform's default."""

_READS = {"read": 2 * USERS + COMPANIES}
"""A user, its grant and a company are one object each."""

CALLS: CallTable = {
    "up": {"login": ONCE, "create": 2 * USERS + COMPANIES},
    "no-op": {"login": ONCE, **_READS},
    "preview": {"login": ONCE, **_READS},
    "preview-change": {"login": ONCE, **_READS},
    "refresh": {"login": ONCE, **_READS},
    "change": {"login": ONCE, **_READS, "update": CHANGES},
    "destroy": {"login": ONCE, **_READS, "destroy": 2 * USERS},
}


def modelled_wall_s(workload: str, floor_s: float, *, size: int, changes: int, latency_ms: float) -> float:
    """Return the floor, and what the calls take when ten are always on their way."""
    calls = total(CALLS[workload]).at(size, changes)
    return floor_s + calls / PARALLELISM * latency_ms / 1000
