"""What every endpoint needs: the services, the bearer token, and how a refusal is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from pulumi_conduit.sandbox.rules.state import Identity, LinkApp
from pulumi_conduit.sandbox.rules.words import MistakeError, RefusalError
from pulumi_conduit.sandbox.services import Services

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

    from pulumi_conduit.sandbox.switches import Switches

__all__ = ["App", "Here", "Me", "answer_refusals", "refusal"]


def refusal(switches: Switches, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error response."""
    shape = switches.error_shape
    if shape == "text":
        return PlainTextResponse(message, status, headers)
    if shape == "html":
        return HTMLResponse(f"<!doctype html><title>{status}</title><h1>Error {status}</h1>", status, headers)
    if shape == "empty":
        return Response(b"", status, headers)
    content = {"error": {"code": status, "message": message}} if shape == "nested" else {shape: message}
    return JSONResponse(content, status, headers)


def answer_refusals(app: FastAPI) -> None:
    """Return every error in the same form, wherever it is raised."""

    async def answer(request: Request, error: Exception) -> Response:
        status, message = _status_and_reason(error)
        return refusal(request.state.services.world.switches, status, message)

    for kind in (RefusalError, MistakeError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


def _status_and_reason(error: Exception) -> tuple[int, str]:
    if isinstance(error, RefusalError):
        return error.status, str(error)
    if isinstance(error, HTTPException):
        return error.status_code, error.detail
    if isinstance(error, RequestValidationError):
        # Place and reason only: the value itself may be a password.
        return 400, "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return 400, str(error)


# The rules refuse a missing token, so that all errors have one form.
_link_token = HTTPBearer(auto_error=False, scheme_name="Link APP token")
_access_token = HTTPBearer(auto_error=False, scheme_name="Conductor accessToken")


async def services_of(request: Request) -> Services:
    """Return the services of the sandbox that this request came to."""
    return cast("Services", request.state.services)


Here = Annotated[Services, Depends(services_of)]


async def _app(
    request: Request,
    here: Here,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_link_token)],
) -> LinkApp:
    app = here.link.app(bearer.credentials if bearer else None)
    request.state.who = app.name
    return app


async def _me(
    request: Request,
    here: Here,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_access_token)],
) -> Identity:
    me = here.sessions.identity(bearer.credentials if bearer else None)
    request.state.who = me.username
    return me


App = Annotated[LinkApp, Depends(_app)]
Me = Annotated[Identity, Depends(_me)]
