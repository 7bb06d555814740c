"""One account of one user, additively: what is declared and recorded, and how it is added and removed.

It never replaces the list. Source: Conductor User Management API, "accounts".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_conduit.enums import UserType
from pulumi_conduit.errors import InvalidInputError, RefusedError, shown
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.batching import BatchedAccess, BatchOutcome
from pulumi_conduit.resources.conductor_handler import ConductorHandler, admin_reason
from pulumi_conduit.resources.conductor_user.model import is_active, status_of
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.fields import (
    Field,
    Properties,
    canonical_email,
    from_properties,
    is_unknown,
    stored,
    to_properties,
)
from pulumi_conduit.resources.lifecycle import Diff, changed_names, profile_moves
from pulumi_conduit.resources.limits import Missing
from pulumi_conduit.warnings import ADOPT, CodedWarning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.api.records import UserRecord
    from pulumi_conduit.resources.provider_context import ConductorSession
    from pulumi_conduit.resources.tenant import Tenant

__all__ = [
    "PROPERTIES",
    "AccountAccessHandler",
    "AccountAccessSpec",
    "AccountAccessState",
    "grant_key",
    "parsed_grant_id",
]

PROPERTIES: Mapping[str, Field] = {
    "user": Field(fields.email, required=True),
    "accountId": Field(fields.account_id, required=True),
    "profile": Field(fields.profile),
    "importId": Field(fields.text()),
}
"""Every property that a declaration may have, by its stored name."""


@stored
@dataclass(frozen=True)
class AccountAccessSpec:
    """A grant as declared."""

    user: str
    account_id: int
    profile: str | None = None
    import_id: str | None = None

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return _id(self.user, self.account_id)

    @property
    def user_email(self) -> str:
        """Return the canonical email of its user."""
        return self.user

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.user, self.account_id)


@stored
@dataclass(frozen=True)
class AccountAccessState:
    """A grant as recorded; `remote_email` is the user's address as the API spells it, where it is not canonical."""

    user: str
    account_id: int
    profile: str | None = None
    tenant: str | None = None
    remote_email: str | None = None

    @property
    def id(self) -> str:
        """Return the id under which the engine knows it."""
        return _id(self.user, self.account_id)

    @property
    def user_email(self) -> str:
        """Return the canonical email of its user."""
        return self.user

    @property
    def what(self) -> str:
        """Name it in messages."""
        return _what(self.user, self.account_id)

    def inputs(self) -> dict[str, Any]:
        """Return the declaration that this state is the result of."""
        return {name: value for name, value in to_properties(self).items() if name in PROPERTIES}


def _id(email: str, account_id: int) -> str:
    return f"{email}:{account_id}"


def _what(email: str, account_id: int) -> str:
    return f"access of user {email} to account {account_id}"


def grant_key(tenant: Tenant, email: str, account_id: int) -> Key:
    """Return the key of one account of one user."""
    return Key(tenant, Kind.GRANT, _id(email, account_id))


def parsed_grant_id(resource_id: str) -> tuple[str, int]:
    """Return the email and the account that a grant's id is made of; ValueError where it is not."""
    email, _, account = resource_id.rpartition(":")
    if not (account.isascii() and account.isdecimal() and len(account) <= len(str(fields.MAX_ACCOUNT_ID))):
        raise ValueError("must be an email address, a colon and an account id")
    return fields.email(email), fields.account_id(int(account))


class AccountAccessHandler(ConductorHandler[AccountAccessSpec, AccountAccessState]):
    """The operations on one grant."""

    properties: ClassVar = PROPERTIES

    def spec(self, inputs: Properties) -> AccountAccessSpec:
        """Return typed inputs."""
        return from_properties(AccountAccessSpec, inputs, "grant")

    def state(self, outputs: Properties) -> AccountAccessState:
        """Return typed outputs."""
        return from_properties(AccountAccessState, outputs, "grant")

    def key(self, declared: AccountAccessSpec) -> Key:
        """Return (tenant, grant, email and account)."""
        return grant_key(self.context.sessions.conductor_tenant(declared.profile), declared.user, declared.account_id)

    def validate(self, old: Properties, new: dict[str, Any]) -> list[str]:
        """Refuse a second declaration of either kind, and for a new grant an account or a user that is not found."""
        if is_unknown(new):
            return []
        spec = self.spec(new)
        key = self.key(spec)
        reasons = self.declare(key, spec.what, [spec.account_id], profile=spec.profile)
        if self.context.registry.is_declared(Key(key.tenant, Kind.GRANT_LIST, spec.user)):
            reasons.append(f"{spec.what}: this program also declares an exclusive list for the user; use one kind")
        if (old.get("user"), old.get("accountId")) == (spec.user, spec.account_id):
            return reasons
        return reasons + self.compare_with_conductor(spec.profile, lambda: self._compare_and_warn(spec))

    def diff(self, state: AccountAccessState, new: Properties) -> Diff:
        """Compare: any change replaces, and a grant that a reactivation has left out must be added again."""
        self.guard_diff(state)
        replaces = changed_names(state.inputs(), new, ("user", "accountId"))
        if profile_moves(state, new, self.context.sessions.conductor_tenant):
            replaces.append("profile")
        if replaces:
            return Diff(replaces, replaces)
        changed = ["profile"] if state.profile != new.get("profile") else []
        return Diff(changed, is_stale=self._is_owed(state))

    def create(self, spec: AccountAccessSpec) -> AccountAccessState:
        """Add the account, unless the user has it."""
        session = self.context.sessions.conductor(spec.profile)
        self._require_import(spec)
        if spec.import_id is not None:
            self._require_held(session, spec)
        elif self._is_made(spec, self._batched(session, spec).add()):
            self._warn_of_adoption(session, spec)
        elif session.cache.is_listed_with(spec.user, spec.account_id):
            self.warn(f"{spec.what}: the list of users shows it, but the user's own GET does not, so it was added")
        return self._recorded(session, spec)

    def get(self, resource_id: str, profile: str | None) -> AccountAccessState:
        """Return a grant that this program does not manage."""
        email, account_id = fields.resource_id(parsed_grant_id, resource_id, "a grant")
        spec = AccountAccessSpec(email, account_id, profile)
        session = self.context.sessions.conductor(profile)
        record = session.cache.find(spec.user)
        if record is not None and spec.account_id not in record.accounts:
            record = session.cache.fetch_once(spec.user)  # a list may be late
        if record is None or spec.account_id not in record.accounts:
            raise RefusedError(f"{spec.what}: this identity sees no such access")
        return self._recorded(session, spec)

    def read(self, state: AccountAccessState) -> AccountAccessState | Missing:
        """Return the grant, or Missing when the user's own list lacks it; an INACTIVE user's grants are never drift."""
        session = self.session_of(state)
        record = session.cache.find(state.user, session.address)
        if record is None:
            return self.missing_user(state, session)
        if is_active(status_of(record)) and state.account_id not in record.accounts:
            record = session.cache.fetch_once(state.user, session.address) or record
        if state.account_id in record.accounts or not is_active(status_of(record)):
            return replace(state, tenant=str(session.tenant), remote_email=fields.noncanonical(record.email))
        self._refuse_unowned(state, session)
        return Missing(state.what)

    def update(self, state: AccountAccessState, spec: AccountAccessSpec) -> AccountAccessState:
        """Add the account again where a reactivation has removed it; store the profile."""
        if state.profile != spec.profile and not self._is_owed(spec):
            return replace(state, profile=spec.profile)
        session = self.session_of(replace(state, profile=spec.profile))
        self._is_made(spec, self._batched(session, spec).add(after_reset=True))
        return self._recorded(session, spec)

    def delete(self, state: AccountAccessState) -> None:
        """Remove the account, shown or not, unless another resource declares it now."""
        self.guard_delete(state)
        tenant = self.tenant_of(state)
        if self._is_listed(tenant, state) or self.is_wanted(
            grant_key(tenant, state.user, state.account_id), state.what
        ):
            return
        session = self.delete_session_of(state)
        writer = self.writer(session, state)
        with self.context.gate.reading():
            outcome = BatchedAccess(writer, state.account_id).remove()
        if not outcome.has_shown(state.account_id):
            writer.require_owned(frozenset({state.account_id}))
        if outcome.after is None:
            self.confirm_not_found(state, session)
        else:
            writer.require_removed(frozenset({state.account_id}), outcome.after)
            self._say_removed(state, outcome)

    def _batched(self, session: ConductorSession, spec: AccountAccessSpec) -> BatchedAccess:
        return BatchedAccess(self.writer(session, spec), spec.account_id)

    def _compare_and_warn(self, spec: AccountAccessSpec) -> list[str]:
        """Return the reasons that Conductor gives against a new grant; warn of what it adopts."""
        self._require_import(spec)
        session = self.context.sessions.conductor(spec.profile)
        if spec.account_id not in session.cache.accounts():
            return [session.cache.not_owned("account_id", spec.account_id)]
        record = session.cache.from_list(spec.user)
        if record is not None and record.type == UserType.ADMIN.value:
            return [admin_reason(spec.user)]
        if record is not None and spec.account_id in record.accounts:
            self._warn_of_adoption(session, spec)
            return []
        if spec.import_id is not None:
            return [f"{spec.what}: import_ names it, but the user does not hold the account"]
        if record is None and not self.context.registry.is_declared(session.user_key(spec.user)):
            return self._require_user_of(session, spec)
        return []

    def _require_user_of(self, session: ConductorSession, spec: AccountAccessSpec) -> list[str]:
        if session.cache.fetch(spec.user) is not None:
            return []
        why = f"user: {spec.user} is not found in Conductor and not declared before this"
        return [f"{why}; declare the user first and pass it as `user=`"]

    def _require_import(self, spec: AccountAccessSpec) -> None:
        if spec.import_id is not None and canonical_email(spec.import_id) != spec.id:
            raise InvalidInputError(
                f"{spec.what}: import_={shown(spec.import_id)} does not match the declared user and account_id,"
                f" '{spec.id}'"
            )

    def _require_held(self, session: ConductorSession, spec: AccountAccessSpec) -> None:
        record = self.writer(session, spec).require_user(polls=1)  # a list is no proof that it is there
        if spec.account_id not in record.accounts:
            raise RefusedError(f"{spec.what}: import_ names it, but the user does not hold the account")

    def _is_made(self, spec: AccountAccessSpec, outcome: BatchOutcome) -> bool:
        """Say whether the grant was there before; one that is not there now is an error, or waits for its user."""
        if outcome.has_shown(spec.account_id):
            return True
        if spec.account_id not in (outcome.after or ()):
            self._judge_hidden(spec, outcome.before)
        return False

    def _judge_hidden(self, spec: AccountAccessSpec, record: UserRecord | None) -> None:
        if record is None or is_active(status_of(record)):
            raise RefusedError(f"{spec.what}: the API accepted the grant but does not show it; run again, later")
        self.warn(
            f"{spec.what}: the user is INACTIVE and does not show the grant; it is added when the user is reactivated"
        )

    def _say_removed(self, state: AccountAccessState, outcome: BatchOutcome) -> None:
        """Say, after a delete, what was done; warn, with one grant of several, where the user has no account left."""
        held = outcome.before.accounts if outcome.before else frozenset[int]()
        if not outcome.after and state.account_id == max(held, default=None):
            self.warn(
                f"{state.what}: removed, and it was the user's last account; without one this identity may not see the"
                " user any more, who stays as ACTIVE as before"
            )
        elif state.account_id in held:
            self.inform(f"{state.what}: removed")
        else:
            self.inform(f"{state.what}: the user did not show it; its removal was sent all the same")

    def _warn_of_adoption(self, session: ConductorSession, spec: AccountAccessSpec) -> None:
        is_expected = spec.import_id is not None or session.cache.is_own_addition(spec.user, spec.account_id)
        if not is_expected and self.operation.is_first(f"{spec.id}"):
            text = f"{spec.what} exists and is adopted without a write"
            self.warn(str(CodedWarning(ADOPT, text, url=self.context.sessions.conductor_url(spec.profile))))

    def _recorded(self, session: ConductorSession, spec: AccountAccessSpec) -> AccountAccessState:
        address = fields.noncanonical(session.address or session.cache.spelling(spec.user))
        return AccountAccessState(
            spec.user, spec.account_id, spec.profile, tenant=str(session.tenant), remote_email=address
        )

    def _is_owed(self, grant: AccountAccessSpec | AccountAccessState) -> bool:
        """Say whether a reactivation in this run has left the account out."""
        left = self.left_by_reset(grant.user, grant.profile)
        return left is not None and grant.account_id not in left

    def _is_listed(self, tenant: Tenant, state: AccountAccessState) -> bool:
        """Say whether an exclusive list of this run holds the account; if that list failed, so does this delete."""
        key = Key(tenant, Kind.GRANT_LIST, state.user)
        return state.account_id in (self.context.registry.accounts(key) or ()) and self.is_wanted(key, state.what)

    def _refuse_unowned(self, state: AccountAccessState, session: ConductorSession) -> None:
        if state.account_id not in session.cache.accounts():
            raise RefusedError(
                f"{state.what}: not shown to this identity, which does not own the account, so state is unchanged; use"
                " the identity that owns the account"
            )
