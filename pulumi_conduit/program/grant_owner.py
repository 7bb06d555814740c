"""Which user a grant belongs to, and whether it goes with that user.

A linked grant depends on its user and is deleted with it: destroying both is one call, and nobody is left ACTIVE with
no account, invisible to the identity. That holds only for a user whose destroy deactivates (measured: a retained or
protected one would keep its access while the grants are dropped from the state), and only where the grant's profile
is the user's: another one may lead to another system, where that user lives on.

The engine and transformations have the last word on both. So nothing is decided by what a program wrote: what the
transformations left of it counts, and the engine's answer to the user, which is there before the grant is registered.
"""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pulumi
from pulumi.runtime import get_root_resource
from pulumi.runtime.mocks import MockEngine
from pulumi.runtime.settings import get_engine, get_monitor

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.resource_options import ignores

if TYPE_CHECKING:
    from pulumi_conduit.program.conductor_user import ConductorUser

__all__ = [
    "GrantOwner",
    "are_same",
    "find_user",
    "known_text",
    "linked",
    "refuse_earlier_grants",
    "register_user",
    "user_email",
]

_WAY_OUT = "declare the user first and pass it as `user=`"


class _Stray(NamedTuple):
    """A grant whose address is no user's of this program so far."""

    grant: str
    profile: Any
    before: int


class _People:
    """Whom one program has declared so far, and which grants name nobody of them."""

    def __init__(self) -> None:
        self.count = 0
        self.by_email: dict[str, list[ConductorUser]] = {}
        self.of_unsure_email: list[ConductorUser] = []
        self.strays: dict[str, list[_Stray]] = {}

    def named(self, email: str, profile: Any) -> ConductorUser | None:
        """Return the user whose address this surely is."""
        return next((user for user in self.by_email.get(email.lower(), ()) if user.has_profile(profile)), None)


class _NoStack:
    """Stands for the program where no stack is, as in unit tests."""


_NO_STACK = _NoStack()
_PEOPLE: weakref.WeakKeyDictionary[Any, _People] = weakref.WeakKeyDictionary()
_OF_OUTPUT: weakref.WeakKeyDictionary[pulumi.Output[Any], weakref.ref[ConductorUser]] = weakref.WeakKeyDictionary()


def register_user(user: ConductorUser) -> None:
    """Remember a user of the program that is running, so that its grants can find it.

    :raises InvalidInputError: where a grant names its address and was declared before.
    """
    people = _people()
    user.number = people.count
    people.count += 1
    for output in (user.email, user.id, user.given_email):
        if isinstance(output, pulumi.Output):
            _OF_OUTPUT[output] = weakref.ref(user)
    if user.is_email_sure:
        people.by_email.setdefault(user.given_email.lower(), []).append(user)
    else:
        people.of_unsure_email.append(user)
    email = user.given_email if user.is_email_sure else user.email
    refuse_earlier_grants(user.given_name, email, user.given_profile, user.number)


def refuse_earlier_grants(resource_name: str, email: Any, profile: Any, number: int | None = None) -> None:
    """Refuse a user whose grants were declared before it by its address: nothing can link them to it.

    Its number is that of the next user, unless it is given.

    :raises InvalidInputError: likewise; as the program's own error, where the address is known later.
    """
    strays = _people().strays
    number = _people().count if number is None else number

    def refuse(known: Any) -> None:
        for stray in strays.get(str(known).lower(), ()):
            if number >= stray.before and are_same(profile, stray.profile):
                raise _declared_too_late(stray.grant, resource_name)

    if isinstance(email, pulumi.Output):
        email.apply(refuse)
    else:
        refuse(email)


def find_user(given: Any, profile: Any) -> ConductorUser | None:
    """Return the user that a grant names: by itself, by one of its outputs, or by its plain address."""
    from pulumi_conduit.program.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

    if isinstance(given, ConductorUser):
        return given
    if isinstance(given, pulumi.Output):
        known = _OF_OUTPUT.get(given)
        return known() if known else None
    return _people().named(given, profile) if isinstance(given, str) else None


def are_same(profile: Any, other: Any) -> bool:
    """Say whether two profiles are surely the same; of two Outputs only the same object is."""
    are_plain = not isinstance(profile, pulumi.Output) and not isinstance(other, pulumi.Output)
    return profile is other or (are_plain and bool(profile == other))


async def known_text(value: Any) -> str | None:
    """Return a text, or None where it is not known, or none."""
    if isinstance(value, pulumi.Output):
        value = await value.future() if await value.is_known() else None
    return value if isinstance(value, str) else None


def user_email(given: Any) -> Any:
    """Return what a grant sends as its user; what can be awaited once only is kept as an Output."""
    from pulumi_conduit.program.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

    if isinstance(given, ConductorUser):
        return given.email
    is_plain = given is None or isinstance(given, str | pulumi.Output)
    return given if is_plain else pulumi.Output.from_input(given)


def linked(
    link: GrantOwner, user: ConductorUser | None, opts: pulumi.ResourceOptions | None
) -> pulumi.ResourceOptions | None:
    """Return a grant's options, tied to its user where that user's destroy takes away what the grant gave."""
    is_free = opts is None or opts.deleted_with is None
    tie = pulumi.ResourceOptions(
        depends_on=[user] if user else link.later(), deleted_with=cast("pulumi.Resource", link) if is_free else None
    )
    return pulumi.ResourceOptions.merge(opts, tie)


class GrantOwner:
    """Stands in for a grant's user as what it is deleted with, until the engine has answered to that user.

    The SDK asks it for its URN when it registers the grant; an empty one is none.
    """

    def __init__(self, given: Any) -> None:
        """Know no more than what the program wrote."""
        self._people = _people()
        self._grant: pulumi.Resource | None = None
        self._name = ""
        self._given = given
        self._profile: Any = None
        self._known: ConductorUser | None = None
        self._before = self._people.count
        self._finding: asyncio.Future[ConductorUser | None] | None = None
        self._unsure = [*self._people.of_unsure_email]  # one that is declared later may wait for this grant

    @property
    def urn(self) -> GrantOwner:
        """Return what the SDK asks for the URN."""
        return self

    def later(self) -> list[pulumi.Output[Any]] | None:
        """Return the user as what the grant depends on, where that is found only when more is known."""
        if not self._unsure and not isinstance(self._given, pulumi.Output):
            return None
        return [pulumi.Output.from_input(asyncio.ensure_future(self._user()))]

    def settle(self, grant: pulumi.Resource, name: str, given: Any, profile: Any) -> None:
        """Take the name of a grant, and what the transformations have left of its arguments."""
        self._grant, self._name, self._given, self._profile = grant, name, given, profile
        self._known = find_user(given, profile)
        if self._known is None and isinstance(given, str):
            self._stray(given)

    async def future(self) -> str:
        """Return the URN of the user that takes the grant along, or nothing.

        :raises InvalidInputError: where nobody can tell whose grant it is.
        """
        user = await self._user()
        if user is None or not user.has_profile(self._profile):
            return ""
        await self._require_same_address(user)
        is_tied = not self._keeps_another_user() and await user.is_deactivated()
        return str(await user.urn.future()) if is_tied else ""

    async def _user(self) -> ConductorUser | None:
        if self._known is None and self._finding is None:
            self._finding = asyncio.ensure_future(self._found())
        return self._known or (await self._finding if self._finding else None)

    def _keeps_another_user(self) -> bool:
        return self._grant is not None and ignores(self._grant, ("user", "profile"))

    async def _found(self) -> ConductorUser | None:
        """Find the user of an address that is known only now, or that the engine knows better."""
        users = await self._depended_on()
        if len(users) > 1:
            names = ", ".join(sorted(f"'{escaped(one.given_name, 80)}'" for one in users))
            raise InvalidInputError(
                f"{escaped(self._name, 80)}: its user depends on several users, {names}, and nobody can tell with which"
                f" of them it goes; {_WAY_OUT}"
            )
        email = await known_text(self._given)
        if email is None:
            return next(iter(users), None)
        if sure := self._people.named(email, self._profile):
            if sure.number >= self._before:
                raise _declared_too_late(self._name, sure.given_name)
            return sure
        for user in (*users, *self._unsure):
            if await user.has_email(email):
                return user
        self._stray(email)
        return None

    async def _depended_on(self) -> set[ConductorUser]:
        from pulumi_conduit.program.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

        on = await self._given.resources() if isinstance(self._given, pulumi.Output) else ()
        return {one for one in on if isinstance(one, ConductorUser)}

    async def _require_same_address(self, user: ConductorUser) -> None:
        """Refuse an address that is the user's in the program, and another in the engine."""
        if self._given is user.email or self._given is user.id:
            return
        given, known = await known_text(self._given), await known_text(user.email)
        if given is not None and known is not None and given.lower() != known.lower():
            raise InvalidInputError(
                f"{escaped(self._name, 80)}: it names the user '{escaped(user.given_name, 80)}' by the address"
                f" {escaped(given, 254)}, which the engine has as {escaped(known, 254)}, likely by a transform; pass"
                " the user itself as `user=`"
            )

    def _stray(self, email: str) -> None:
        if isinstance(get_engine(), MockEngine):
            return  # the tests of a program share one, and destroy nothing
        stray = _Stray(self._name, self._profile, self._before)
        self._people.strays.setdefault(email.lower(), []).append(stray)


def _declared_too_late(grant: str, user: str) -> InvalidInputError:
    return InvalidInputError(
        f"{escaped(grant, 80)}: it names the user '{escaped(user, 80)}' by its address and is declared before it, so"
        f" that it cannot go with it; {_WAY_OUT}"
    )


def _people() -> _People:
    # Tests set new mocks and keep the stack: what one of them declares is nothing to the next.
    program = get_monitor() if isinstance(get_engine(), MockEngine) else get_root_resource()
    return _PEOPLE.setdefault(program or _NO_STACK, _People())
