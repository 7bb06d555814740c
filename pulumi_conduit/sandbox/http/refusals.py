"""How a refusal is answered: one shape for all, by the switch; knows no rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pulumi_conduit.sandbox.rules.refusals import MistakeError, RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

    from pulumi_conduit.sandbox.switches import Switches

__all__ = ["answer_refusals", "refusal"]


def refusal(switches: Switches, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that refuses."""
    if switches.error_shape == "text":
        return PlainTextResponse(message, status, headers)
    return JSONResponse({switches.error_shape: message}, status, headers)


def answer_refusals(app: FastAPI) -> None:
    """Let every refusal, wherever it comes from, be answered in the one shape."""

    async def answer(request: Request, error: Exception) -> Response:
        status, message = _told(error)
        return refusal(request.app.state.rooms.world.switches, status, message)

    for kind in (RefusalError, MistakeError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


def _told(error: Exception) -> tuple[int, str]:
    if isinstance(error, RefusalError):
        return error.status, str(error)
    if isinstance(error, HTTPException):
        return error.status_code, error.detail
    if isinstance(error, RequestValidationError):
        # Place and reason only: the value itself may be a password.
        return 400, "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return 400, str(error)
