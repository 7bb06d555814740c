"""What every endpoint needs: the rooms, the bearer token, and a note of who is asking."""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pulumi_conduit.sandbox.rules.records import Identity, LinkApp
from pulumi_conduit.sandbox.services import Rooms

__all__ = ["App", "Here", "Me", "rooms_of"]

# The rules refuse a missing token, so that all refusals look alike.
_link_token = HTTPBearer(auto_error=False, scheme_name="Link APP token")
_access_token = HTTPBearer(auto_error=False, scheme_name="Conductor accessToken")


async def rooms_of(request: Request) -> Rooms:
    """Return the rooms of the sandbox that this request came to."""
    return cast("Rooms", request.app.state.rooms)


Here = Annotated[Rooms, Depends(rooms_of)]


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
