"""Every question that the APIs' pages leave open, as a switch; the defaults are the kindest reading.

The provider must stay correct whichever way each one turns out, so tests set each of them both ways.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pulumi_conduit.sandbox.routes import parse_moves
from pulumi_conduit.sandbox.rules.words import MistakeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Switches", "as_json", "changed", "parse"]


def _checked_moves(text: str | None) -> str | None:
    parse_moves(text)
    return text


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class Switches:
    """The behaviour of the sandbox where the APIs are not documented."""

    company_create_existing: Literal["conflict", "overwrite", "refused", "ignored"] = "conflict"
    """Creating a company whose id exists: a 409, its name and page are overwritten, a 400, or a 200 and no change."""
    new_company_token_voids_old: bool = False
    """Whether minting a company's token (every call does) voids the one before."""
    unshared_user: Literal["missing", "forbidden", "visible"] = "missing"
    """A user that shares no account with the identity: a 404, a 403, or readable yet not manageable (403)."""
    empty_accounts_accepted: bool = True
    """Whether a user can be created with, or its list replaced by, no account at all; otherwise 400."""
    inactive_keeps_grants: bool = True
    """Whether a deactivated user keeps its grants; otherwise they are removed, also after a reactivation."""
    inactive_grants_editable: Literal["yes", "refused", "removal_ignored"] = "yes"
    """Changing the grants of an INACTIVE user: possible, a 403, or removals return 200 and change nothing."""
    post_honours_status: bool = True
    """Whether creating a user honours `status`; otherwise every new user is ACTIVE."""
    emails_case_insensitive: bool = True
    """Whether emails that differ in case only are one user."""
    hide_foreign_accounts: bool = False
    """Whether responses omit accounts that the identity does not own."""
    replace_drops_foreign: bool = False
    """Whether replacing a user's accounts also takes those that the identity does not own."""
    list_limit: int | None = Field(default=None, ge=0)
    """Lists end after this many items, without saying so; None: they are whole."""
    read_lag: int = Field(default=0, ge=0)
    """After a write through the API, this many reads of that object still return the old value."""
    list_lag_writes: int = Field(default=0, ge=0)
    """The list of users shows each user as before its last so many writes through the API, until more are made."""
    list_lag_s: float = Field(default=0.0, ge=0)
    """The list of users shows each user as it was so many seconds ago, as far as the API has written to it since."""
    inactive_accounts_hidden: bool = False
    """Whether responses omit every account of an INACTIVE user, who keeps them."""
    post_leaves_inactive: bool = False
    """Whether a user is INACTIVE after its creation, whatever was asked for."""
    names: Literal["kept", "trimmed", "composed", "decomposed"] = "kept"
    """Names of users and companies: as sent, without space at either end, or in Unicode's form NFC or NFD."""
    get_user_carries_status: bool = True
    """Whether GET of one user carries `status`."""
    new_login_voids_tokens: bool = False
    """Whether a login voids the tokens of that identity's earlier ones."""
    token_life_s: int = Field(default=86400, ge=0)
    """The lifetime of an access token."""
    bearer: Literal["access", "id", "both"] = "access"
    """Which of the login's tokens opens the API."""
    error_shape: Literal["message", "error", "nested", "text", "html", "empty"] = "message"
    """A refusal is JSON with `message` or `error` or with `message` in `error`, plain text, a web page, or empty."""
    routes: Annotated[str | None, AfterValidator(_checked_moves)] = None
    """Other verbs and paths of Conductor, as `PUT /users/{userEmail}/type=PATCH /v1/users/{userEmail}/type; …`."""
    unknown_route: Literal[
        "standard", "not_found", "not_allowed", "not_implemented", "bad_request", "forbidden", "page"
    ] = "standard"
    """A path that Conductor lacks: 404, and 405 where only the verb is wrong; or one status, or a web page, for all."""
    write_status: int | None = Field(default=None, ge=200, le=299)
    """The status of a write that succeeded; None: 201 for a new user, else 200. A 204 has no body."""
    latency_s: float = Field(default=0.0, ge=0)
    """How long every call takes at least."""
    rate_limit_per_s: int | None = Field(default=None, ge=1)
    """More calls than this within a second get a 429 with Retry-After; None: no limit."""


_SWITCHES = TypeAdapter(Switches)


def as_json(switches: Switches) -> dict[str, Any]:
    """Return every switch by name."""
    return dataclasses.asdict(switches)


def changed(switches: Switches, values: Mapping[str, Any]) -> Switches:
    """Return the switches with some of them set; a wrong name or value is a mistake."""
    try:
        return _SWITCHES.validate_python({**as_json(switches), **values})
    except ValidationError as error:
        raise MistakeError("; ".join(_reasons(error))) from None


def parse(settings: Iterable[str]) -> Switches:
    """Return the defaults with each `name=value` applied."""
    return changed(Switches(), dict(map(_name_and_value, settings)))


def _name_and_value(setting: str) -> tuple[str, str | None]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise MistakeError(f"switch {setting!r} is not of the form name=value")
    return name, None if value == "none" else value


def _reasons(error: ValidationError) -> Iterable[str]:
    for reason in error.errors():
        name = ".".join(map(str, reason["loc"]))
        if reason["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
            known = ", ".join(sorted(one.name for one in dataclasses.fields(Switches)))
            yield f"there is no switch {name!r}; there are {known}"
        else:
            yield f"switch {name!r}: {reason['msg'][0].lower()}{reason['msg'][1:]}"
