"""Functions for programs: accounts, users, companies, and a company's short-lived token.

Each function has an `_output` variant that takes inputs and returns an Output. All calls in a process share one login,
and all calls in one run of a program share the lists. The API client is imported at the first call.

Under `pulumi.runtime.set_mocks` no API is used: each function calls `Mocks.call` with the token `conduit:index:` plus
its name in camelCase, and with its arguments. The result may use Python names or stored names.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi
from pulumi.runtime import get_root_resource
from pulumi.runtime.mocks import MockCallArgs
from pulumi.runtime.settings import get_monitor

from pulumi_conduit.errors import InvalidInputError, NotFoundError, SettingsError, escaped
from pulumi_conduit.program.dynamic_resource import are_mocks_set, refuse_plain_credentials
from pulumi_conduit.program.program_hooks import NO_STACK, is_inline
from pulumi_conduit.resources.fields import camel_case, composed, snake_case

if TYPE_CHECKING:
    from pulumi_conduit.api.conductor_client import ConductorClient
    from pulumi_conduit.api.records import CompanyRecord, UserRecord
    from pulumi_conduit.resources.provider_context import ProviderContext
    from pulumi_conduit.resources.user_cache import UserCache

__all__ = [
    "GetAccountResult",
    "GetCompanyResult",
    "GetConductorUserResult",
    "call_mock",
    "call_mock_list",
    "call_mock_record",
    "get_account",
    "get_account_output",
    "get_accounts",
    "get_accounts_output",
    "get_company",
    "get_company_output",
    "get_company_token_output",
    "get_conductor_user",
    "get_conductor_user_output",
    "get_conductor_users",
    "get_conductor_users_output",
]

T = TypeVar("T")


def call_mock(function: str, **arguments: Any) -> Mapping[str, Any]:
    """Return the mocks' result of a function.

    :raises InvalidInputError: if they return none.
    """
    token = f"conduit:index:{camel_case(function)}"
    mocks = getattr(get_monitor(), "mocks", None)
    given = {camel_case(name): value for name, value in arguments.items() if value is not None}
    response = mocks.call(MockCallArgs(token=token, args=given, provider="")) if mocks else None
    found = response[0] if isinstance(response, tuple) else response
    if not isinstance(found, Mapping) or not found:
        raise InvalidInputError(
            f"{function}: under pulumi.runtime.set_mocks no API is used, and Mocks.call returned nothing for"
            f" {token}; see docs/functions.md for what it must return"
        )
    return found


def call_mock_record(record: type[T], function: str, response: Any) -> T:
    """Return a record from a mock's result.

    :raises InvalidInputError: if the result lacks a field.
    """
    known = {snake_case(str(name)): value for name, value in response.items()} if isinstance(response, Mapping) else {}
    names = [field.name for field in dataclasses.fields(record)]  # type: ignore[arg-type]  # each is a dataclass
    if missing := [name for name in names if name not in known]:
        raise InvalidInputError(f"{function}: the result of Mocks.call lacks {', '.join(missing)}")
    return record(**{name: _frozen(known[name]) for name in names})


def call_mock_list(record: type[T], function: str, within: str, **arguments: Any) -> list[T]:
    """Return the records in a list of a mock's result.

    :raises InvalidInputError: if the list is missing, or a record lacks a field.
    """
    listed = call_mock(function, **arguments).get(within)
    if not isinstance(listed, list | tuple):
        raise InvalidInputError(f"{function}: the result of Mocks.call lacks the list '{within}'")
    return [call_mock_record(record, function, one) for one in listed]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_LOCK = threading.Lock()
_RUNS: dict[Any, ProviderContext] = {}
_VIEWS: weakref.WeakKeyDictionary[Any, dict[ConductorClient, UserCache]] = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class GetAccountResult:
    """An account that the identity owns and may assign."""

    account_id: int
    name: str
    created_at: str


@dataclass(frozen=True)
class GetConductorUserResult:
    """The actual user; `status` is None if the response lacks it."""

    email: str
    first_name: str
    last_name: str
    view: str
    sso_access: bool
    type: str
    status: str | None
    accounts: tuple[int, ...]


@dataclass(frozen=True)
class GetCompanyResult:
    """The actual company; `link_page_url` is None while its page is off."""

    company_id: str
    name: str | None
    page_enabled: bool
    link_page_url: str | None
    created_at: str


def get_accounts(*, profile: str | None = None) -> list[GetAccountResult]:
    """Return the accounts that the identity owns, by ascending id.

    :param profile: The profile whose settings are used.
    """
    if are_mocks_set():
        return call_mock_list(GetAccountResult, "get_accounts", "accounts", profile=profile)
    accounts = _cache(profile).accounts()
    return [GetAccountResult(one.account_id, one.name, one.creation_date) for _, one in sorted(accounts.items())]


def get_account(*, name: str, profile: str | None = None) -> GetAccountResult:
    """Return the one account of this name; InvalidInputError if there is none, or more than one.

    :param name: The exact name of the account.
    :param profile: The profile whose settings are used.
    """
    accounts = get_accounts(profile=profile)
    wanted = composed(name)
    found = [account for account in accounts if composed(account.name) == wanted]
    if len(found) != 1:
        count = "no account" if not found else f"{len(found)} accounts"
        near = _nearest(name, {account.name for account in accounts}) if not found else []
        advice = f"; the nearest are {', '.join(repr(escaped(one, 80)) for one in near)}" if near else ""
        raise InvalidInputError(
            f"get_account: this identity owns {count} named '{escaped(name, 80)}', not exactly one{advice}"
        )
    return found[0]


def _nearest(name: str, names: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - a name that is found does without

    return get_close_matches(name, names)


def get_conductor_users(*, profile: str | None = None) -> list[GetConductorUserResult]:
    """Return the users that share an account with the identity, INACTIVE and ADMIN ones included, by email.

    :param profile: The profile whose settings are used.
    """
    if are_mocks_set():
        return call_mock_list(GetConductorUserResult, "get_conductor_users", "users", profile=profile)
    return [_user(record) for _, record in sorted(_cache(profile).users().items())]


def get_conductor_user(email: str, *, profile: str | None = None) -> GetConductorUserResult:
    """Return one user; NotFoundError if none with this address is visible to the identity.

    :param email: The address, in any case.
    :param profile: The profile whose settings are used.
    """
    if are_mocks_set():
        response = call_mock("get_conductor_user", email=email, profile=profile)
        return call_mock_record(GetConductorUserResult, "get_conductor_user", response)
    from pulumi_conduit.resources import fields  # noqa: PLC0415 - see the module

    record = _cache(profile).fetch(fields.canonical_email(email))
    if record is None:
        raise NotFoundError(f"get_conductor_user: no user '{escaped(email, 80)}' is visible to this identity", 404)
    return _user(record)


def get_company(company_id: str, *, profile: str | None = None) -> GetCompanyResult:
    """Return one company; NotFoundError if the Link APP has none with this id.

    :param company_id: The id of the company, in any case.
    :param profile: The profile whose settings are used.
    """
    if are_mocks_set():
        response = call_mock("get_company", company_id=company_id, profile=profile)
        return call_mock_record(GetCompanyResult, "get_company", response)
    return _company(_get_client(lambda run: run.sessions.link(profile).client).get_company(company_id))


def get_accounts_output(*, profile: pulumi.Input[str | None] = None) -> pulumi.Output[list[GetAccountResult]]:
    """Return the accounts, once the inputs are known.

    :param profile: The profile whose settings are used.
    """
    return _later(get_accounts, profile=profile)


def get_account_output(
    *, name: pulumi.Input[str], profile: pulumi.Input[str | None] = None
) -> pulumi.Output[GetAccountResult]:
    """Return the one account of this name, once the inputs are known.

    :param name: The exact name of the account.
    :param profile: The profile whose settings are used.
    """
    return _later(get_account, name=name, profile=profile)


def get_conductor_users_output(
    *, profile: pulumi.Input[str | None] = None
) -> pulumi.Output[list[GetConductorUserResult]]:
    """Return the users, once the inputs are known.

    :param profile: The profile whose settings are used.
    """
    return _later(get_conductor_users, profile=profile)


def get_conductor_user_output(
    email: pulumi.Input[str], *, profile: pulumi.Input[str | None] = None
) -> pulumi.Output[GetConductorUserResult]:
    """Return one user, once the inputs are known.

    :param email: The address, in any case.
    :param profile: The profile whose settings are used.
    """
    return _later(get_conductor_user, email=email, profile=profile)


def get_company_output(
    company_id: pulumi.Input[str], *, profile: pulumi.Input[str | None] = None
) -> pulumi.Output[GetCompanyResult]:
    """Return one company, once the inputs are known.

    :param company_id: The id of the company, in any case.
    :param profile: The profile whose settings are used.
    """
    return _later(get_company, company_id=company_id, profile=profile)


def get_company_token_output(
    company_id: pulumi.Input[str], *, profile: pulumi.Input[str | None] = None
) -> pulumi.Output[str]:
    """Return a token that opens a company's data for 10 minutes, as a secret.

    It is minted in an update only, and unknown in a preview. An exported token is stored, encrypted. Whether a new
    token revokes the previous one is not documented. Source: Conduit Link API.

    :param company_id: The id of the company, in any case.
    :param profile: The profile whose settings are used.
    """

    def token(company_id: str, profile: str | None = None) -> str:
        if are_mocks_set():
            return _mocked_token(company_id, profile)
        client = _get_client(lambda run: run.sessions.link(profile).client)
        try:
            return client.get_company_token(company_id).token.reveal()
        except NotFoundError as error:
            raise NotFoundError(
                f"{error}; if this program creates the company, pass its `company_id` output, so that the token waits"
                " for it",
                error.status,
            ) from error

    if pulumi.runtime.is_dry_run():
        return pulumi.Output.secret(_unknown())
    return pulumi.Output.secret(_later(token, company_id=company_id, profile=profile))


def _mocked_token(company_id: str, profile: str | None) -> str:
    found = call_mock("get_company_token", company_id=company_id, profile=profile)
    if not found.get("token"):
        raise InvalidInputError("get_company_token: the result of Mocks.call lacks token")
    return str(found["token"])


def _later(function: Callable[..., T], **arguments: Any) -> pulumi.Output[T]:
    """Call a function in a thread once its arguments are known, because it blocks on HTTP."""
    return pulumi.Output.all(**arguments).apply(lambda known: asyncio.to_thread(function, **known))


def _unknown() -> pulumi.Output[str]:
    loop = asyncio.get_event_loop()
    nothing: asyncio.Future[Any] = loop.create_future()
    nothing.set_result(None)
    is_known: asyncio.Future[bool] = loop.create_future()
    is_known.set_result(False)
    return pulumi.Output(set(), nothing, is_known)


def _cache(profile: str | None) -> UserCache:
    """Return the cache of the running program; a later program in this process has another."""
    from pulumi_conduit.resources.user_cache import UserCache  # noqa: PLC0415 - see the module

    client = _get_client(lambda run: run.sessions.conductor(profile).client)
    with _LOCK:
        views = _VIEWS.setdefault(get_root_resource() or NO_STACK, {})
        return views.setdefault(client, UserCache(client))


def _get_client(client_of: Callable[[ProviderContext], T]) -> T:
    """Return a client.

    :raises SettingsError: with a hint for inline programs, if settings are missing.
    """
    try:
        return client_of(_run())
    except SettingsError as error:
        if not is_inline():
            raise
        raise SettingsError(
            f"{error}. An inline program of the Automation API runs in its host's process, which does not have"
            " the env_vars of its workspace: set them in os.environ, or use stack config"
        ) from None


def _run() -> ProviderContext:
    """Return the provider context for the settings of the running program."""
    from pulumi_conduit.resources.provider_context import ProviderContext  # noqa: PLC0415 - likewise
    from pulumi_conduit.settings import Settings  # noqa: PLC0415 - likewise
    from pulumi_conduit.settings.sources import stack_config  # noqa: PLC0415 - see the module

    refuse_plain_credentials()
    config = stack_config(pulumi.Config("conduit").get)
    environ = {name: value for name, value in os.environ.items() if name.startswith(("CONDUIT_", "CONDUCTOR_"))}
    known_by = (frozenset(config.items()), frozenset(environ.items()))
    with _LOCK:
        if known_by not in _RUNS:
            _RUNS[known_by] = ProviderContext(Settings(environ, config))
        return _RUNS[known_by]


def _user(record: UserRecord) -> GetConductorUserResult:
    return GetConductorUserResult(
        email=record.email,
        first_name=record.first_name,
        last_name=record.last_name,
        view=record.view,
        sso_access=record.sso_access,
        type=record.type,
        status=record.status.value if record.status else None,
        accounts=tuple(sorted(record.accounts)),
    )


def _company(record: CompanyRecord) -> GetCompanyResult:
    page = record.link_page
    return GetCompanyResult(record.id, record.name, page.enabled, page.url, record.created_at)
