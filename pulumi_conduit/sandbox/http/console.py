"""The console: one page of plain files from this package, and the one view that it keeps asking for."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import JSONResponse, Response

from pulumi_conduit.sandbox.http.context import Here
from pulumi_conduit.sandbox.http.middleware import CONSOLE_PATH, PAGE_HEADERS
from pulumi_conduit.sandbox.switches import Switches, as_json

__all__ = ["router"]

_FILES = files("pulumi_conduit.sandbox") / "console"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_ASSETS = {each.name: _TYPES[suffix] for each in _FILES.iterdir() if (suffix := Path(each.name).suffix) in _TYPES}

router = APIRouter(include_in_schema=False)


@router.get(CONSOLE_PATH)
async def page() -> Response:
    """Return the page."""
    return _file("index.html", "text/html")


@router.get(CONSOLE_PATH + "view")
async def view(here: Here, after: Annotated[str, Query()] = "") -> Response:
    """Return everything that the page shows, or nothing if it has this version already."""
    # Read before the state: what changes in between is then asked for again.
    version = f"{here.process_id}.{here.event_log.version}"
    if after == version:
        return Response(status_code=204, headers=PAGE_HEADERS)
    state = here.dump()
    content = {
        "version": version,
        **state,
        "switches": _changed_switches(state["switches"]),
        "events": here.event_log.events(),
    }
    return JSONResponse(content, headers=PAGE_HEADERS)


@router.get(CONSOLE_PATH + "{name}")
async def asset(name: str) -> Response:
    """Return a file that belongs to the page."""
    if name not in _ASSETS:
        raise HTTPException(404)
    return _file(name, _ASSETS[name])


def _file(name: str, media_type: str) -> Response:
    return Response((_FILES / name).read_bytes(), media_type=media_type, headers=PAGE_HEADERS)


def _changed_switches(switches: dict[str, Any]) -> dict[str, Any]:
    kindest = as_json(Switches())
    return {name: value for name, value in switches.items() if value != kindest[name]}
