"""Which user a grant belongs to, and whether it is deleted with that user (`deleted_with`).

A linked grant depends on its user and is deleted with it: destroying both is one request, and no user is left ACTIVE
without an account, invisible to the identity. This holds only for a user whose destroy deactivates (measured: a
retained or protected one would keep its access while the grants are removed from state), and only if the grant's
profile is the user's: another profile may be another tenant.

The engine and transformations can change both. So the link uses the arguments after transformations, and the engine's
outputs of the user, which are known before the grant is registered.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pulumi
from pulumi.runtime import get_root_resource
from pulumi.runtime.mocks import MockEngine
from pulumi.runtime.settings import get_engine, get_monitor

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.program_hooks import NO_STACK, ignores

if TYPE_CHECKING:
    from pulumi_conduit.program.conductor_user import ConductorUser

__all__ = [
    "GrantOwner",
    "are_same",
    "find_user",
    "known_text",
    "link_options",
    "refuse_earlier_grants",
    "register_user",
    "user_email",
]

_ADVICE = "declare the user first and pass it as `user=`"


class _Stray(NamedTuple):
    """A grant whose address is of no user of this program so far."""

    grant: str
    profile: Any
    before: int


class _People:
    """The users that one program has declared so far, and the grants of other users."""

    def __init__(self) -> None:
        self.count = 0
        self.by_email: dict[str, list[ConductorUser]] = {}
        self.of_uncertain_email: list[ConductorUser] = []
        self.strays: dict[str, list[_Stray]] = {}

    def named(self, email: str, profile: Any) -> ConductorUser | None:
        """Return the user that certainly has this address."""
        return next((user for user in self.by_email.get(email.lower(), ()) if user.has_profile(profile)), None)


_PEOPLE: weakref.WeakKeyDictionary[Any, _People] = weakref.WeakKeyDictionary()
_OF_OUTPUT: weakref.WeakKeyDictionary[pulumi.Output[Any], list[weakref.ref[ConductorUser]]] = (
    weakref.WeakKeyDictionary()
)
"""The users that an output is an address of: several, if they have it in common and differ in profile."""


def register_user(user: ConductorUser) -> None:
    """Register a user of the running program, so that its grants can find it.

    :raises InvalidInputError: if a grant with its address was declared before it.
    """
    people = _people()
    user.number = people.count
    people.count += 1
    for output in (user.email, user.id, user.given_email):
        if isinstance(output, pulumi.Output):
            _OF_OUTPUT.setdefault(output, []).append(weakref.ref(user))
    if user.is_email_certain:
        people.by_email.setdefault(user.given_email.lower(), []).append(user)
    else:
        people.of_uncertain_email.append(user)
    email = user.given_email if user.is_email_certain else user.email
    refuse_earlier_grants(user.given_name, email, user.given_profile, user.number)


def refuse_earlier_grants(resource_name: str, email: Any, profile: Any, number: int | None = None) -> None:
    """Refuse a user whose grants were declared before it by its address, because they cannot be linked.

    The default `number` is that of the next user.

    :raises InvalidInputError: if there is such a grant; later, as the program's error, if the address is an Output.
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
    """Return the user of a grant: given as a resource, as one of its outputs, or by address."""
    from pulumi_conduit.program.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

    if isinstance(given, ConductorUser):
        return given
    if isinstance(given, pulumi.Output):
        return _of_profile([user for known in _OF_OUTPUT.get(given, ()) if (user := known())], profile)
    return _people().named(given, profile) if isinstance(given, str) else None


def _of_profile(users: list[ConductorUser], profile: Any) -> ConductorUser | None:
    """Return the one user of a profile, or the only one, whose profile a grant may inherit.

    :raises InvalidInputError: if none of several is of it.
    """
    if len(users) < 2:
        return next(iter(users), None)
    own = [user for user in users if user.has_profile(profile)]
    if len(own) == 1:
        return own[0]
    names = ", ".join(sorted(f"'{escaped(one.given_name, 80)}'" for one in users))
    raise InvalidInputError(
        f"the `user` of a grant is the address of several users, {names}, and its `profile` is not that of one of them;"
        f" {_ADVICE}"
    )


def are_same(profile: Any, other: Any) -> bool:
    """Return whether two profiles are certainly the same; two Outputs only if they are one object."""
    are_plain = not isinstance(profile, pulumi.Output) and not isinstance(other, pulumi.Output)
    return profile is other or (are_plain and bool(profile == other))


async def known_text(value: Any) -> str | None:
    """Return a text, or None if it is unknown or not a text."""
    if isinstance(value, pulumi.Output):
        value = await value.future() if await value.is_known() else None
    return value if isinstance(value, str) else None


def user_email(given: Any) -> Any:
    """Return the `user` input of a grant; an awaitable becomes an Output."""
    from pulumi_conduit.program.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

    if isinstance(given, ConductorUser):
        return given.email
    is_plain = given is None or isinstance(given, str | pulumi.Output)
    return given if is_plain else pulumi.Output.from_input(given)


def link_options(
    link: GrantOwner, user: ConductorUser | None, opts: pulumi.ResourceOptions | None
) -> pulumi.ResourceOptions | None:
    """Return a grant's options, with `depends_on` and `deleted_with` its user."""
    is_free = opts is None or opts.deleted_with is None
    tie = pulumi.ResourceOptions(
        depends_on=[user] if user else link.later(), deleted_with=cast("pulumi.Resource", link) if is_free else None
    )
    return pulumi.ResourceOptions.merge(opts, tie)


class GrantOwner:
    """A stand-in for the user in `deleted_with`, until the engine has registered the user.

    The SDK reads its URN when it registers the grant; an empty one means none.
    """

    def __init__(self, given: Any) -> None:
        """Take the program's argument."""
        self._people = _people()
        self._grant: pulumi.Resource | None = None
        self._name = ""
        self._given = given
        self._profile: Any = None
        self._known: ConductorUser | None = None
        self._before = self._people.count
        self._finding: asyncio.Future[ConductorUser | None] | None = None
        self._uncertain_before = len(self._people.of_uncertain_email)

    @property
    def urn(self) -> GrantOwner:
        """Return itself, which the SDK awaits for the URN."""
        return self

    def later(self) -> list[pulumi.Output[Any]] | None:
        """Return the dependency on the user, if the user is known later only."""
        if not self._uncertain_before and not isinstance(self._given, pulumi.Output):
            return None
        return [pulumi.Output.from_input(asyncio.ensure_future(self._user()))]

    def settle(self, grant: pulumi.Resource, name: str, given: Any, profile: Any) -> None:
        """Take a grant's name, and its arguments after transformations."""
        self._grant, self._name, self._given, self._profile = grant, name, given, profile
        self._known = find_user(given, profile)
        if self._known is None and isinstance(given, str):
            self._stray(given)

    async def future(self) -> str:
        """Return the URN of the user that the grant is deleted with, or an empty text.

        :raises InvalidInputError: if the user is ambiguous.
        """
        user = await self._user()
        if user is None or not user.has_profile(self._profile):
            return ""
        await self._require_same_address(user)
        is_tied = not self._keeps_another_user() and await user.is_deactivated()
        return str(await user.urn.future()) if is_tied else ""

    async def _user(self) -> ConductorUser | None:
        if self._known is None and self._finding is None:
            self._finding = asyncio.ensure_future(self._find())
        return self._known or (await self._finding if self._finding else None)

    def _keeps_another_user(self) -> bool:
        return self._grant is not None and ignores(self._grant, ("user", "profile"))

    async def _find(self) -> ConductorUser | None:
        """Find the user of an address that was an Output, or that the engine has changed."""
        users = await self._depended_on()
        if len(users) > 1:
            names = ", ".join(sorted(f"'{escaped(one.given_name, 80)}'" for one in users))
            raise InvalidInputError(
                f"{escaped(self._name, 80)}: its `user` depends on several users, {names}, so it cannot be linked to"
                f" one of them; {_ADVICE}"
            )
        email = await known_text(self._given)
        if email is None:
            return next(iter(users), None)
        if sure := self._people.named(email, self._profile):
            if sure.number >= self._before:
                raise _declared_too_late(self._name, sure.given_name)
            return sure
        # Those of the grant's profile first: another user may have the same address in another tenant.
        for user in sorted((*users, *self._uncertain()), key=lambda one: not one.has_profile(self._profile)):
            if await user.has_email(email):
                return user
        self._stray(email)
        return None

    def _uncertain(self) -> Iterator[ConductorUser]:
        """Return the users declared before this grant; one that is declared later may depend on it."""
        return islice(self._people.of_uncertain_email, self._uncertain_before)

    async def _depended_on(self) -> set[ConductorUser]:
        from pulumi_conduit.program.conductor_user import ConductorUser  # noqa: PLC0415 - it registers itself here

        on = await self._given.resources() if isinstance(self._given, pulumi.Output) else ()
        return {one for one in on if isinstance(one, ConductorUser)}

    async def _require_same_address(self, user: ConductorUser) -> None:
        """Refuse an address that is the user's in the program, but not in the engine."""
        if self._given is user.email or self._given is user.id:
            return
        given, known = await known_text(self._given), await known_text(user.email)
        if given is not None and known is not None and given.lower() != known.lower():
            raise InvalidInputError(
                f"{escaped(self._name, 80)}: its user '{escaped(user.given_name, 80)}' is {escaped(given, 254)} in the"
                f" program but {escaped(known, 254)} in the engine, probably because of a transform; pass the user"
                " itself as `user=`"
            )

    def _stray(self, email: str) -> None:
        if isinstance(get_engine(), MockEngine):
            return  # unit tests share one program, and destroy nothing
        stray = _Stray(self._name, self._profile, self._before)
        self._people.strays.setdefault(email.lower(), []).append(stray)


def _declared_too_late(grant: str, user: str) -> InvalidInputError:
    return InvalidInputError(
        f"{escaped(grant, 80)}: it has the address of user '{escaped(user, 80)}' and is declared before that user,"
        f" so it cannot be deleted with it; {_ADVICE}"
    )


def _people() -> _People:
    # Unit tests set new mocks and keep the stack: declarations of one test must not reach the next.
    program = get_monitor() if isinstance(get_engine(), MockEngine) else get_root_resource()
    return _PEOPLE.setdefault(program or NO_STACK, _People())
