"""The operator's own endpoints about the sandbox as a whole: handshake, state, switches, log, faults and clock."""

import dataclasses
from typing import Any

from fastapi import APIRouter

from pulumi_conduit.sandbox.faults import Fault
from pulumi_conduit.sandbox.http.admin_models import ClockOrder, FaultOrder
from pulumi_conduit.sandbox.http.context import Here
from pulumi_conduit.sandbox.http.middleware import ADMIN_PREFIX
from pulumi_conduit.sandbox.switches import as_json, changed

__all__ = ["router"]

router = APIRouter(prefix=ADMIN_PREFIX, tags=["Sandbox"])


@router.get("/")
async def handshake(here: Here) -> dict[str, Any]:
    """Say what this is; each start of the process has another `process`."""
    return {"sandbox": "pulumi-conduit", "version": 1, "process": here.process_id}


@router.get("/state")
async def state(here: Here) -> dict[str, Any]:
    """Return the whole state, without tokens and passwords."""
    return here.dump()


@router.post("/reset")
async def reset(here: Here) -> dict[str, Any]:
    """Go back to the seed, and return the state."""
    here.reset()
    return here.dump()


@router.get("/switches")
async def get_switches(here: Here) -> dict[str, Any]:
    """Return every switch."""
    return as_json(here.world.switches)


@router.patch("/switches")
async def set_switches(here: Here, values: dict[str, Any]) -> dict[str, Any]:
    """Set some switches, and return all."""
    here.world.switches = changed(here.world.switches, values)
    return as_json(here.world.switches)


@router.get("/requests")
async def get_requests(here: Here) -> list[dict[str, Any]]:
    """Return the log of requests."""
    return here.request_log.entries()


@router.get("/counts")
async def get_counts(here: Here) -> dict[str, int]:
    """Return how often each route was asked for."""
    return here.request_log.counts()


@router.delete("/requests", status_code=204)
async def forget_requests(here: Here) -> None:
    """Empty the log."""
    here.request_log.forget()


@router.get("/faults")
async def get_faults(here: Here) -> list[dict[str, Any]]:
    """Return every armed fault, and how often it has struck."""
    return [_fault_json(fault) for fault in here.faults.armed()]


@router.post("/faults", status_code=201)
async def add_fault(here: Here, order: FaultOrder) -> dict[str, Any]:
    """Arm a fault."""
    return _fault_json(here.faults.add(**order.given()))


@router.delete("/faults", status_code=204)
async def clear_faults(here: Here) -> None:
    """Disarm every fault."""
    here.faults.clear()


@router.post("/clock", status_code=204)
async def advance_clock(here: Here, order: ClockOrder) -> None:
    """Push the sandbox's time forward, so that tokens expire."""
    here.world.clock.advance(order.advance_s)


def _fault_json(fault: Fault) -> dict[str, Any]:
    names = (each.name for each in dataclasses.fields(fault) if each.name != "hook")
    return {name: getattr(fault, name) for name in names}
