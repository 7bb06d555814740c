"""A stack over the handlers: what the engine would do with a program, over handlers and HTTP, one context per phase."""

from __future__ import annotations

import functools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from declarations import PreviewFailedError

from pulumi_conduit.api import factory as connecting
from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock, operation
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.errors import ConduitError
from pulumi_conduit.resources.access_writer import AccessWriter
from pulumi_conduit.resources.account_access import AccountAccessHandler
from pulumi_conduit.resources.account_access_exclusive.handler import AccountAccessExclusiveHandler
from pulumi_conduit.resources.company.handler import CompanyHandler
from pulumi_conduit.resources.conductor_user.handler import ConductorUserHandler
from pulumi_conduit.resources.declared_access import LoggedAccess, LoggedGrant
from pulumi_conduit.resources.fields import is_unknown, to_properties
from pulumi_conduit.resources.lifecycle import Operation
from pulumi_conduit.resources.limits import Missing, MissingGate
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.roster_shard import RosterShardHandler
from pulumi_conduit.settings import Settings

HANDLERS = {
    "company": CompanyHandler,
    "user": ConductorUserHandler,
    "grant": AccountAccessHandler,
    "list": AccountAccessExclusiveHandler,
    "shard": RosterShardHandler,
}


@dataclass
class Held:
    """One resource as the engine keeps it."""

    kind: str
    id: str
    inputs: dict
    outputs: dict


def stored(properties):
    """Return properties as they come back from a state file."""
    return json.loads(json.dumps(properties))


def _noted(name, kind, given):
    """Return what a program notes of a grant or a list: its user, and the grant."""
    urn = f"urn:pulumi:dev::test::{kind}::{name}"
    is_list = kind == "list"
    accounts = given["accountIds"] if is_list else [given["accountId"]]
    known = None if is_unknown(accounts) else frozenset(accounts)
    email = None if is_unknown(given["user"]) else given["user"].lower()
    return email, LoggedGrant(name, urn, is_list, known, given.get("profile"))


class Stack:
    """Resources in state, and the phases that change them; a program is {name: (kind, properties)}."""

    def __init__(self, environ, monkeypatch, sleep):
        """Begin with an empty state; `sleep` passes time where somebody waits."""
        self.environ = dict(environ)
        self.held = {}
        self.warnings, self.messages = [], []
        self.operations = []
        self.errors = []
        self.rosters = None
        self.workers = 16
        self.ignored = {}
        self.program = None
        self.declared_late = set()  # what the program declares after its top level has run, by name
        self._monkeypatch = monkeypatch
        self._sleep = sleep
        self.run = self.new_run()

    def new_run(self):
        """Return what a new provider process begins with; nothing in it really waits."""
        dependencies = ClientDependencies(clock=Clock(sleep=self._sleep), logins=Logins())
        for name, connect in (("connect_link", connect_link), ("connect_conductor", connect_conductor)):
            self._monkeypatch.setattr(connecting, name, functools.partial(connect, dependencies=dependencies))
        run = ProviderContext(Settings(self.environ, {}), workers=self.workers)
        run.sleep = self._sleep
        run.gate = MissingGate(quiet_s=0.2)
        if self.rosters is not None:
            run.registry.ask_rosters(self.rosters)
        run.declaration_log = self
        return run

    def access_of(self, user, urn):
        """Return what the program of the phase has noted for a user, as its run file would have it."""
        if self.program is None or not urn.startswith("urn:pulumi:dev::test::"):
            return LoggedAccess()
        noted = (
            _noted(name, kind, given)
            for name, (kind, given) in self.program.items()
            if "user" in given and name not in self.declared_late
        )
        grants = (grant for email, grant in noted if email in (user.id, None) and self._may_be_at(user, grant.profile))
        return LoggedAccess(tuple(grants), is_complete=True)

    def _may_be_at(self, user, profile):
        has_settings = self.run.settings.has_conductor(profile)
        return not has_settings or self.run.sessions.conductor_tenant(profile).url == user.tenant.url

    def handler(self, kind, name="it"):
        """Return a handler of the phase that is under way."""
        ignored = frozenset(self.ignored.get(name, ()))
        urn = f"urn:pulumi:dev::test::{kind}::{name}"
        operation_ = Operation(self.run, urn, self.warnings.append, self.messages.append, ignored)
        return HANDLERS[kind](operation_)

    def writer(self, email):
        """Return what writes to one user in the phase that is under way."""
        session = self.run.sessions.conductor(None)
        return AccessWriter(self.handler("user").operation, session, email, f"user {email}", None)

    def begin(self):
        """Begin a phase: a new process, nothing said, nothing done."""
        self.run, self.warnings, self.messages, self.operations, self.errors = self.new_run(), [], [], [], []

    def preview(self, program):
        """Check and compare, and return what `up` would do."""
        self.program = program
        self.begin()
        for name, (kind, properties) in program.items():
            self._plan(name, kind, properties)
        for name in self._undeclared(program):
            self.operations.append(("delete", name))
        return self.operations

    def up(self, program, *, keep_going=False, target=None):
        """Create, update, replace, then delete; stop at the first failure, or go on as with --continue-on-error.

        With a target nothing else is checked or changed.
        """
        self.program = program
        self.begin()
        replaced: list[Any] = []
        for name, (kind, properties) in program.items():
            if target in (None, name):
                self._guarded(keep_going, self._apply, name, kind, properties, replaced)
        for name, held in reversed(replaced):
            self._guarded(keep_going, self._delete, name, held)
        self._delete_all([] if target else self._undeclared(program), keep_going=keep_going)
        return self

    def refresh(self, threads=1):
        """Read everything; forget what is gone, even when another read fails; raise the first failure."""
        self.begin()
        keep_going = True
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda name: self._guarded(keep_going, self._read, name), list(self.held)))
        if self.errors:
            raise self.errors[0]
        return self

    def destroy(self, *, keep_going=False):
        """Delete everything, the newest first; nothing is checked."""
        self.begin()
        self._delete_all(list(self.held), keep_going=keep_going)
        return self

    def check(self, kind, properties, name="it"):
        """Return a declaration in normal form, as for a new resource; raise with every reason against it."""
        checked = self.handler(kind, name).check({}, properties)
        if checked.reasons:
            raise PreviewFailedError("\n".join(checked.reasons))
        return checked.inputs

    def get(self, kind, resource_id, profile=None):
        """Read an object that the program does not manage."""
        self.begin()
        return self.handler(kind).get(resource_id, profile)

    def outputs(self, name):
        """Return the recorded outputs of a resource."""
        return self.held[name].outputs

    def _guarded(self, keep_going, act, *arguments):
        try:
            with operation(30):
                act(*arguments)
        except (ConduitError, PreviewFailedError) as error:
            self.errors.append(error)
            if not keep_going:
                raise
            return False
        return True

    def _plan(self, name, kind, properties):
        old, handler = self.held.get(name), self.handler(kind, name)
        properties = self._ignoring(name, old, properties)
        checked = handler.check(old.inputs if old else {}, properties)
        if checked.reasons:
            raise PreviewFailedError("\n".join(checked.reasons))
        found: Any = handler.diff(handler.state(old.outputs), checked.inputs) if old else None
        if found is not None and not found:
            handler.context.registry.succeed(handler.key(handler.spec(checked.inputs)), handler.operation.urn)
        what = "create" if old is None else "replace" if found.replaces else "update" if found else "same"
        self.operations.append((what, name))
        return what, checked.inputs

    def _ignoring(self, name, old, properties):
        """Return a declaration as the engine sends it: what the program ignores is as in the old one."""
        ignored = self.ignored.get(name, ()) if old else ()
        kept = {one: old.inputs[one] for one in ignored if one in old.inputs}
        return {one: value for one, value in properties.items() if one not in ignored} | kept

    def _apply(self, name, kind, properties, replaced):
        old: Any = self.held.get(name)
        what, inputs = self._plan(name, kind, properties)
        if what == "replace":
            inputs = self.check(kind, properties, name)
            replaced.append((name, old))
        if what in ("create", "replace"):
            self._record(name, kind, inputs, lambda handler, spec: handler.create(spec))
        elif what == "update":
            self._record(name, kind, inputs, lambda handler, spec: handler.update(handler.state(old.outputs), spec))
        else:
            self.held[name] = Held(kind, old.id, stored(inputs), old.outputs)

    def _record(self, name, kind, inputs, act):
        assert not is_unknown(inputs)
        handler = self.handler(kind, name)
        spec = handler.spec(stored(inputs))
        state = act(handler, spec)
        handler.context.registry.succeed(handler.key(spec), handler.operation.urn)
        self.held[name] = Held(kind, state.id, stored(inputs), stored(to_properties(state)))

    def _read(self, name):
        old, handler = self.held[name], self.handler(self.held[name].kind, name)
        with handler.context.gate.reading():
            live = handler.read(handler.state(old.outputs))
        if isinstance(live, Missing):
            handler.confirm_missing(live, old.outputs.get("profile"))
            del self.held[name]
            return
        outputs = stored(to_properties(live))
        self.held[name] = Held(old.kind, live.id, stored(live.inputs()), outputs)
        handler.diff(handler.state(outputs), old.inputs)  # the engine shows drift by a diff the other way round

    def _undeclared(self, program):
        return [name for name in self.held if name not in program]

    def _delete_all(self, names, *, keep_going):
        users = {self.outputs(name)["email"] for name in names if self._takes_its_grants_along(name)}
        for name in reversed(names):
            is_linked = self.outputs(name).get("user") in users
            if is_linked or self._guarded(keep_going, self._delete, name, self.held[name]):
                del self.held[name]

    def _takes_its_grants_along(self, name):
        return self.held[name].kind == "user" and self.outputs(name).get("onDestroy") == "deactivate"

    def _delete(self, name, held):
        handler = self.handler(held.kind, name)
        handler.delete(handler.state(held.outputs))
        self.operations.append(("delete", name))


@pytest.fixture
def new_stack(sandbox, monkeypatch):
    """Return a way to make stacks over the sandbox; other settings than its own are given by name."""

    def make(**changes):
        environ = {**sandbox.environ(), **changes}
        return Stack(
            {name: value for name, value in environ.items() if value is not None}, monkeypatch, sandbox.advance
        )

    return make


@pytest.fixture
def stack(new_stack):
    """Return an empty stack over the sandbox."""
    return new_stack()
