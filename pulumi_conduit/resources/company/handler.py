"""A company: check, diff, create, read, update, and what is done instead of a delete.

The API can create, read and edit; it cannot delete and has no list. An edit that leaves out `page_enabled` opens the
page, so every edit sends both fields. The create of an id that exists is undocumented, so a create begins with a GET.
"""

from __future__ import annotations

from operator import eq
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_conduit.enums import CompanyConflict, CompanyDestroy
from pulumi_conduit.errors import (
    AlreadyExistsError,
    InvalidInputError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    escaped,
    shown,
)
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.company.model import (
    PROPERTIES,
    CompanySpec,
    CompanyState,
    differences,
    is_same,
    recorded_company,
    require_same,
)
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.fields import from_properties, is_form_of, is_same_text, is_unknown, snake_case
from pulumi_conduit.resources.lifecycle import Diff, Handler, changed_names, profile_moves
from pulumi_conduit.resources.limits import Missing
from pulumi_conduit.resources.tenant import Tenant, guard_delete, guard_url
from pulumi_conduit.warnings import ADOPT, CodedWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.api.records import CompanyRecord
    from pulumi_conduit.resources.fields import Properties
    from pulumi_conduit.resources.provider_context import LinkSession

__all__ = ["CompanyHandler"]

_COMPARED = tuple(name for name in PROPERTIES if name not in {"companyId", "importId"})
_EDIT_TRIES = 6  # as often as every other idempotent write is sent
_WAITS_FOR_AN_EDIT_S = (0.1, 0.2, 0.4)


class CompanyHandler(Handler[CompanySpec, CompanyState]):
    """The operations on a company."""

    properties: ClassVar = PROPERTIES

    def spec(self, inputs: Properties) -> CompanySpec:
        """Return typed inputs."""
        return from_properties(CompanySpec, inputs, "company")

    def state(self, outputs: Properties) -> CompanyState:
        """Return typed outputs."""
        return from_properties(CompanyState, outputs, "company")

    def key(self, declared: CompanySpec) -> Key:
        """Return (tenant, company, lower-cased id)."""
        return Key(self.context.sessions.link_tenant(declared.profile), Kind.COMPANY, declared.company_id.lower())

    def validate(self, old: Properties, new: dict[str, Any]) -> list[str]:
        """Refuse a second declaration, and an import that is not what is declared."""
        if is_unknown(new["companyId"]) or is_unknown(new.get("profile")):
            return []
        spec = self.spec(new)
        reasons = self.declare(self.key(spec), spec.what)
        is_import = spec.import_id is not None
        if old or is_unknown(new) or not (is_import or self.only_found(new)):
            return reasons
        is_configured = self.context.settings.has_link(spec.profile)
        return reasons + self.compare_if_possible(
            spec.profile,
            is_configured=is_configured,
            compare=lambda: self._import_reasons(spec) if is_import else self._impossible(spec),
        )

    def diff(self, state: CompanyState, new: Properties) -> Diff:
        """Compare; a replacement is refused while on_destroy in the state forbids it."""
        if self.context.settings.has_link(state.profile):
            self._guard(state, self.context.sessions.link(state.profile))
        self._record(state)
        self._refuse_name(state, new)
        replaces = self._replaces(state, new)
        changed = changed_names(state.inputs(), new, _COMPARED)
        # What was left as it was seen differs from the state although the declaration is the old one.
        left = [name for name in changed if name in state.drifted]
        is_stale = any(not self.operation.ignores(name) for name in left)
        changed = replaces + [name for name in changed if name not in (*replaces, *left)]
        if state.on_destroy != CompanyDestroy.ERROR.value:
            return Diff(changed, replaces, is_stale)
        self._refuse_replacement(state, [name for name in replaces if not is_unknown(new.get(name))])
        return Diff(changed, is_stale=is_stale)  # what is unknown may well be the same; the update judges it

    def create(self, spec: CompanySpec) -> CompanyState:
        """Create the company, or adopt the one that has the id."""
        state = self._made(spec)
        self._record(state)
        return state

    def _made(self, spec: CompanySpec) -> CompanyState:
        session = self.context.sessions.link(spec.profile)
        record = _find(session, spec.company_id)
        if spec.import_id is not None:
            return recorded_company(spec, self._imported(spec, record), session.tenant)
        self._require_possible(spec, record)
        if record is not None:
            return recorded_company(spec, self._adopted(session, spec, record), session.tenant)
        return recorded_company(spec, self._created(session, spec), session.tenant)

    def get(self, resource_id: str, profile: str | None) -> CompanyState:
        """Return a company that this program does not manage."""
        session = self.context.sessions.link(profile)
        record = session.client.get_company(fields.resource_id(fields.company_id, resource_id, "a company"))
        empty = CompanyState(record.id, record.link_page.enabled, record.created_at, profile=profile)
        return empty.seen_as(record, session.tenant)

    def read(self, state: CompanyState) -> CompanyState | Missing:
        """Return the remote company; another tenant's 404 proves nothing."""
        session = self.context.sessions.link(state.profile)
        self._guard(state, session)
        record = _find(session, state.company_id)
        if record is not None:
            require_same(state, session.tenant, record)
            return state.seen_as(record, session.tenant)
        if state.tenant != str(session.tenant):
            raise RefusedError(
                f"{state.what}: not found (404) with this token, but another token recorded it, so state is unchanged;"
                " use the token of its own Link APP"
            )
        return Missing(state.what, Key(session.tenant, Kind.COMPANY, state.id))

    def update(self, state: CompanyState, spec: CompanySpec) -> CompanyState:
        """Edit what the declaration changes of name and page; store the rest without a request.

        An edit sends both: the other one as it is at that moment, because the page may have been closed meanwhile.
        """
        session = self.context.sessions.link(spec.profile)
        stored = state.declared_as(spec)
        edited = self._edited_names(state, spec)
        if not edited:
            return stored.left_as_seen(spec)
        self._guard(state, session)
        record = _find(session, state.company_id)
        if record is None:
            raise RefusedError(f"{state.what}: it is not found any more; run `pulumi refresh`, then review the plan")
        require_same(state, session.tenant, record)
        self._require_possible(spec.only(edited), record)
        seen = stored.written_as(spec, self._edited(session, spec.only(edited), record), session.tenant)
        self._warn_of_drift(seen.left_as_seen(spec), spec)
        return seen.left_as_seen(spec)

    def _edited_names(self, state: CompanyState, spec: CompanySpec) -> set[str]:
        """Return the stored names of what is declared otherwise than recorded, and not by an ignored change."""
        changed = {name for name, value in spec.declared.items() if value != state.editable[name]}
        return {name for name in changed if not (name in state.drifted and self.operation.ignores(name))}

    def _warn_of_drift(self, seen: CompanyState, spec: CompanySpec) -> None:
        """Warn of what an edit found changed and left; the next plan shows it."""
        remote = {"name": seen.name, "pageEnabled": seen.page_enabled}
        for name in seen.drifted:
            if not self.operation.ignores(name):
                self.warn(
                    f"{spec.what}: {snake_case(name)} is {shown(remote[name])} in Conduit Link but"
                    f" {shown(spec.declared[name])} in the program; this edit of something else leaves it, the next"
                    " `up` sets it"
                )

    def delete(self, state: CompanyState) -> None:
        """Remove the company from state only, or close its page first, as declared; by default refuse."""
        if self.context.settings.has_link(state.profile):
            self._guard_delete(state)
        if self.is_wanted(Key(self.context.sessions.link_tenant(state.profile), Kind.COMPANY, state.id), state.what):
            return
        if state.on_destroy == CompanyDestroy.RETAIN.value:
            self.warn(f"{state.what}: removed from state only (on_destroy='retain'), with its page as it is")
        elif state.on_destroy == CompanyDestroy.DISABLE_PAGE.value:
            self._disable_page(state)
        else:
            raise RefusedError(
                f"{state.what}: a company cannot be deleted; keep it in the program, or set on_destroy='retain' (remove"
                " it from state only) or 'disable_page' (close its page, then remove it from state) in an `up` of its"
                " own first; after a rename, add an alias"
            )

    def _guard_delete(self, state: CompanyState) -> None:
        """Refuse a delete over state of another base URL, or of a Link APP that another company of the id is in."""
        session = self.context.sessions.link(state.profile)
        guard_delete(state.what, state.tenant, session.tenant)
        key = Key(session.tenant, Kind.COMPANY, state.id)
        if state.tenant != str(session.tenant) and self.context.registry.is_declared(key):
            # Same id, other token: a rotated one shows the same company, another Link APP's shows another.
            require_same(state, session.tenant, self._required(session, state))

    def _refuse_name(self, state: CompanyState, new: Properties) -> None:
        """Refuse in a plan a name that cannot be set, unless the company has it or the program ignores the name."""
        if new.get("name") == state.name or self.operation.ignores("name"):
            return
        if odd := self.only_found(new):
            raise InvalidInputError(
                f"{state.what}: its name is {shown(state.name)}, and the declared name cannot be set: {'; '.join(odd)}"
            )

    def _refuse_replacement(self, state: CompanyState, known: list[str]) -> None:
        if known:
            raise RefusedError(
                f"{state.what}: a change of {' and '.join(map(snake_case, known))} would replace it, and its state"
                " says on_destroy='error', because a company cannot be deleted; declare the new company beside it, or"
                " set on_destroy='retain' in an `up` of its own first"
            )

    def _replaces(self, state: CompanyState, new: Properties) -> list[str]:
        is_other = is_unknown(new["companyId"]) or new["companyId"].lower() != state.id
        is_elsewhere = profile_moves(state, new, self.context.sessions.link_tenant)
        return [*(["companyId"] if is_other else []), *(["profile"] if is_elsewhere else [])]

    def _guard(self, state: CompanyState, session: LinkSession) -> None:
        guard_url(state.what, state.tenant, session.tenant, self.context.settings.allow_move())

    def _import_reasons(self, spec: CompanySpec) -> list[str]:
        self._imported(spec, _find(self.context.sessions.link(spec.profile), spec.company_id))
        return []

    def _impossible(self, spec: CompanySpec) -> list[str]:
        self._require_possible(spec, _find(self.context.sessions.link(spec.profile), spec.company_id))
        return []

    def _require_possible(self, spec: CompanySpec, record: CompanyRecord | None) -> None:
        """Refuse a name that only a company that exists may have, unless it has it."""
        odd = self.only_found(spec.declared)
        if odd and (record is None or record.name != spec.name):
            found = "it is not found" if record is None else f"its name is {shown(record.name)}"
            raise InvalidInputError(f"{spec.what}: {found}, and the declared name cannot be set: {'; '.join(odd)}")

    def _imported(self, spec: CompanySpec, record: CompanyRecord | None) -> CompanyRecord:
        what = spec.what
        if (spec.import_id or "").lower() != spec.company_id.lower():
            raise InvalidInputError(
                f"{what}: import_={shown(spec.import_id)} does not match the declared company_id '{spec.company_id}'"
            )
        if record is None:
            raise RefusedError(f"{what}: import_ names it, but it is not found; remove import_ to create it")
        if found := differences(spec, record):
            raise RefusedError(
                f"{what}: import_ never writes, and {'; '.join(found)}: set each to the value in Conduit Link"
            )
        return record

    def _created(self, session: LinkSession, spec: CompanySpec) -> CompanyRecord:
        """Create the company; where one exists (a 409), or the outcome is unknown, adopt that one."""
        try:
            record = session.client.create_company(
                spec.company_id, spec.name, page_enabled=spec.page_enabled is not False
            )
        except (AlreadyExistsError, OutcomeUnknownError) as error:
            found = _find(session, spec.company_id)
            if found is None:
                raise OutcomeUnknownError(
                    f"{error}; a GET finds no company '{spec.company_id}' yet: run again"
                ) from error
            return self._adopted(session, spec, found)
        return self._edited(session, spec, record, is_response=True)

    def _adopted(self, session: LinkSession, spec: CompanySpec, record: CompanyRecord) -> CompanyRecord:
        what, found = spec.what, differences(spec, record, is_same_text)
        if found and spec.on_conflict != CompanyConflict.ADOPT.value:
            raise RefusedError(
                f"{what}: exists, and {'; '.join(found)}: set each to the value in Conduit Link, or set"
                " on_conflict='adopt'"
            )
        how = f"and edited: {'; '.join(found)}" if found else "without a write"
        self.warn(str(CodedWarning(ADOPT, f"{what} exists and is adopted {how}")))
        if found:
            return self._edited(session, spec, record)
        self._warn_of_name(spec, record)
        return record

    def _edited(
        self, session: LinkSession, spec: CompanySpec, record: CompanyRecord, *, is_response: bool = False
    ) -> CompanyRecord:
        """Return the company with the declared name and page, edited only where it differs.

        A name that the API keeps in a form of its own, as the response to a write shows, is not written again.
        """
        is_same_name: Callable[[str | None, str | None], bool] = is_form_of if is_response else eq
        tries = 0
        while found := differences(spec, record, is_same_name):
            if tries == _EDIT_TRIES:
                raise RefusedError(f"{spec.what}: edited, yet {'; '.join(found)}; run `up` again, later")
            tries += 1
            name = record.name if spec.name is None else spec.name
            page_enabled = record.link_page.enabled if spec.page_enabled is None else spec.page_enabled
            try:
                record = session.client.edit_company(spec.company_id, name, page_enabled=page_enabled)
                is_same_name = is_form_of
            except OutcomeUnknownError:
                # Never sent again blindly: the remote state decides whether the edit is still wanted.
                record = self._seen_after_loss(session, spec)
        self._warn_of_name(spec, record)
        return record

    def _warn_of_name(self, spec: CompanySpec, record: CompanyRecord) -> None:
        if spec.name is not None and not is_same_text(spec.name, record.name):
            self.warn(
                f"{spec.what}: the name is '{escaped(record.name or '', 80)}' in Conduit Link but"
                f" '{escaped(spec.name, 80)}' in the program: the API keeps another form of it, which is no drift. Set"
                " it to that form to be rid of this warning"
            )

    def _seen_after_loss(self, session: LinkSession, spec: CompanySpec) -> CompanyRecord:
        """Return the company from the first of a few GETs that shows a lost edit, else from the last."""
        for wait_s in _WAITS_FOR_AN_EDIT_S:
            record = session.client.get_company(spec.company_id)
            if not differences(spec, record, is_same_text):
                return record
            self.context.sleep(wait_s)
        return session.client.get_company(spec.company_id)

    def _required(self, session: LinkSession, state: CompanyState) -> CompanyRecord:
        """Return the company that a delete is about; RefusedError when it is not found."""
        record = _find(session, state.company_id)
        if record is not None:
            return record
        if state.tenant != str(session.tenant):
            raise RefusedError(
                f"{state.what}: not deleted: not found (404) with this token, but another one recorded it; use the"
                " token of its own Link APP"
            )
        raise RefusedError(
            f"{state.what}: not deleted: it is not found (404), so its page cannot be closed; run `pulumi refresh`,"
            " which removes from the state what is not found, then run this again"
        )

    def _record(self, state: CompanyState) -> None:
        """Keep a state of this run by the token that recorded it."""
        self.context.planned_companies[_recorded_key(state)] = state

    def _is_declared_with_another_token(self, state: CompanyState) -> bool:
        """Say whether this run manages the very same company with another token of its Link APP."""
        here = _recorded_key(state)
        return any(
            key != here
            and (key.tenant.url, key.id) == (here.tenant.url, here.id)
            and is_same(state, other)
            and self.context.registry.is_declared(key)
            for key, other in self.context.planned_companies.copy().items()
        )

    def _disable_page(self, state: CompanyState) -> None:
        session = self.context.sessions.link(state.profile)
        record = self._required(session, state)
        require_same(state, session.tenant, record)
        if self._is_declared_with_another_token(state):
            self.inform(f"{state.what}: its page is left as it is, because another resource manages the same company")
            return
        closed = CompanySpec(
            state.company_id, CompanyConflict.ADOPT.value, CompanyDestroy.RETAIN.value, page_enabled=False
        )
        self._edited(session, closed, record)
        page = "page closed" if record.link_page.enabled else "its page was closed already"
        self.inform(f"{state.what}: {page}; removed from state only, because the API cannot delete a company")


def _recorded_key(state: CompanyState) -> Key:
    return Key(Tenant.parse(state.tenant or ""), Kind.COMPANY, state.id)


def _find(session: LinkSession, company_id: str) -> CompanyRecord | None:
    try:
        return session.client.get_company(company_id)
    except NotFoundError:
        return None
