"""Whether the APIs take the credentials: one login and one list for Conductor, and for Link only what a company tells.

Nothing is tried twice: a login that is refused again and again locks the account of the person whose name it carries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.api.factory import connect_conductor, connect_link, one_try
from pulumi_conduit.cli.doctor.findings import Code, Finding
from pulumi_conduit.cli.doctor.reach import reached
from pulumi_conduit.errors import AccessDeniedError, ApiError, ConduitError, NotFoundError, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_conduit.api.conductor_client import ConductorClient
    from pulumi_conduit.api.link_client import LinkClient
    from pulumi_conduit.api.records import AccountRecord
    from pulumi_conduit.cli.doctor.subject import Subject

__all__ = ["conductor", "link", "offline"]

_DEADLINE_S = 30
_SHOWN = 20
_REFUSED = "correct the credentials before anything else is run: this was one try, and refusals lock accounts"
_UNANSWERED = "this was one try; once what the line says is mended, try again"
_COMPANY = "give --company ID with the id of a company that exists: one GET, which mints a token for ten minutes"


def offline(subject: Subject) -> Iterator[Finding]:
    """Say that no API is asked where that was wanted."""
    if subject.is_offline:
        yield Finding(Code.OFFLINE, "no API was asked, as --offline wants it", "leave --offline out to try the way")


def conductor(subject: Subject) -> Iterator[Finding]:
    """Try the way to Conductor, then one login, and list the accounts that the identity sees."""
    settings = subject.conductor()
    if settings is None or subject.is_offline or not (yield from reached("Conductor", settings.url)):
        return
    try:
        client = connect_conductor(settings, deadline_s=_DEADLINE_S, workers=1, surroundings=one_try())
    except ConduitError:
        return  # a route file that cannot be used, as another check says
    yield Finding(Code.LOGIN_TRY, f"Conductor: logging in as {escaped(settings.username)}, once")
    try:
        yield from _logged_in(client)
    finally:
        client.close()


def link(subject: Subject) -> Iterator[Finding]:
    """Try the way to Link, and the token where a company was named."""
    settings = subject.link()
    if settings is None or subject.is_offline or not (yield from reached("Conduit Link", settings.url)):
        return
    if subject.company is None:
        text = "Conduit Link: whether the token is accepted cannot be told, since there is no call that does no more"
        yield Finding(Code.TOKEN_UNTRIED, text, _COMPANY)
        return
    client = connect_link(settings, deadline_s=_DEADLINE_S, workers=1, surroundings=one_try())
    try:
        yield from _looked_up(client, subject.company)
    finally:
        client.close()


def _logged_in(client: ConductorClient) -> Iterator[Finding]:
    try:
        client.log_in()
    except ApiError as error:
        yield Finding(Code.LOGIN_FAILS, str(error), _REFUSED if isinstance(error, AccessDeniedError) else _UNANSWERED)
        return
    yield Finding(Code.LOGIN, "Conductor: logged in")
    try:
        yield from _seen(client.list_accounts())
    except ApiError as error:
        advice = "check that the identity is an Admin, and the route table"
        yield Finding(Code.ACCOUNTS_FAIL, str(error), advice)


def _seen(accounts: Sequence[AccountRecord]) -> Iterator[Finding]:
    if not accounts:
        advice = "log in as an Admin who owns the accounts that are to be managed"
        yield Finding(Code.ACCOUNTS_NONE, "Conductor: this identity owns no account, so it can manage nobody", advice)
        return
    by_id = sorted(accounts, key=lambda one: one.account_id)
    shown = ", ".join(f"'{escaped(one.name, 80)}' ({one.account_id})" for one in by_id[:_SHOWN])
    more = f" and {len(by_id) - _SHOWN} more" if len(by_id) > _SHOWN else ""
    yield Finding(Code.ACCOUNTS, f"Conductor: this identity owns {len(by_id)} accounts: {shown}{more}")


def _looked_up(client: LinkClient, company_id: str) -> Iterator[Finding]:
    try:
        record = client.get_company(company_id)
    except NotFoundError:
        text = f"Conduit Link: the token was not refused, but this Link APP has no company '{escaped(company_id, 80)}'"
        yield Finding(Code.COMPANY_UNSEEN, text, "check the id, and whether the token is of the right Link APP")
    except ApiError as error:
        yield Finding(Code.TOKEN_FAILS, str(error), "check CONDUIT_LINK_APP_TOKEN and CONDUIT_LINK_URL")
    else:
        yield Finding(Code.TOKEN, f"Conduit Link: the token opens company '{escaped(record.id, 80)}'")
