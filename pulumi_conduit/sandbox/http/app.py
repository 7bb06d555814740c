"""The ASGI app of one sandbox: both APIs, the operator's endpoints, the console, and a page of documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from pulumi_conduit.sandbox.http import admin, conductor, console, link
from pulumi_conduit.sandbox.http.context import answer_refusals
from pulumi_conduit.sandbox.http.middleware import Middleware

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from pulumi_conduit.sandbox.services import Services

__all__ = ["build", "build_apis"]

_ABOUT = "A stand-in of the Conduit Link API and the Conductor User Management API, built from their public pages."


def build_apis(services: Services) -> FastAPI:
    """Return the endpoints, without log, limits and faults."""
    # FastAPI's documentation pages load scripts from a CDN, into an origin with admin rights.
    title = "pulumi-conduit sandbox"
    apis = FastAPI(title=title, description=_ABOUT, redirect_slashes=False, docs_url=None, redoc_url=None)
    apis.state.services = services
    for router in (
        link.router,
        conductor.router,
        conductor.grants_router,
        admin.router,
        admin.edits_router,
        console.router,
    ):
        apis.include_router(router)
    answer_refusals(apis)
    return apis


def build(services: Services, hooks: Executor) -> Middleware:
    """Return the whole app."""
    return Middleware(build_apis(services), services, hooks)
