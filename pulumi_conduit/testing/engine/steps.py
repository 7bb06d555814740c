"""The steps of a plan: each knows its provider call and the state afterwards.

The names and rules are those of Pulumi's `pkg/resource/deploy/step.go`.
"""

from __future__ import annotations

import uuid
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, cast

from pulumi_conduit.testing.engine.providers import CallError
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE, State, now
from pulumi_conduit.testing.engine.values import UNKNOWN_WIRE, Secret, mark_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.testing.engine.goals import Registration
    from pulumi_conduit.testing.engine.providers import Registry
    from pulumi_conduit.testing.engine.states import Snapshot

__all__ = [
    "Create",
    "Delete",
    "ProtectedError",
    "Read",
    "RemovePending",
    "Replace",
    "Same",
    "Skipped",
    "Step",
    "Untargeted",
    "Update",
]


class ProtectedError(Exception):
    """A resource that must not be deleted."""


@dataclass(eq=False)
class Step:
    """One step. `old` and `new` are the states before and after it."""

    op: str
    _: KW_ONLY
    old: State | None = None
    new: State | None = None
    registration: Registration | None = None
    changes: tuple[str, ...] = ()

    pending_kind = ""  # what the state calls the intent while a call is on its way

    @property
    def state(self) -> State:
        """The state that the step is about."""
        return self.new or cast("State", self.old)

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Do it, or pretend to in a preview."""

    def commit(self, snapshot: Snapshot) -> None:
        """Record that it was done."""

    def classify_outputs(self) -> None:
        """Hide the outputs that the program wants hidden, and those that repeat a secret input."""
        if self.new is None:
            return
        outputs = self.new.outputs
        secret_inputs = [name for name, value in self.new.inputs.items() if isinstance(value, Secret)]
        for name in (*self.new.additional_secret_outputs, *secret_inputs):
            if name in outputs:
                outputs[name] = mark_secret(outputs[name])


@dataclass(eq=False)
class Same(Step):
    """Nothing changes but perhaps the program's own bookkeeping."""

    _: KW_ONLY
    old: State
    new: State

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Keep the recorded state of the object."""
        self.new.id, self.new.outputs = self.old.id, dict(self.old.outputs)
        if self.new.type == PROVIDER_TYPE:
            as_before = self.new.copy()
            as_before.inputs = self.old.inputs
            registry.configure(as_before)

    def commit(self, snapshot: Snapshot) -> None:
        """Record it; it can wait, for the next run would find the same again."""
        snapshot.end(self.new, made=self.new, done=[self.old], urgent=False)


@dataclass(eq=False)
class Untargeted(Same):
    """A resource that the operation is not about stays as it was recorded."""

    @classmethod
    def of(cls, old: State, registration: Registration | None = None) -> Untargeted:
        """Return the step of a recorded resource, under the name that it was recorded with."""
        new = old.copy()
        new.id = ""
        return cls("same", old=old, new=new, registration=registration)

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Keep what was recorded; a provider is configured when one of its resources needs it."""
        self.new.id, self.new.outputs = self.old.id, dict(self.old.outputs)


@dataclass(eq=False)
class Skipped(Untargeted):
    """A resource that the program has newly, and that the operation is not about, is not created."""

    def commit(self, snapshot: Snapshot) -> None:
        """Record nothing: the next operation is to create it."""


@dataclass(eq=False)
class Create(Step):
    """A new object; as a part of a replacement that creates first, it condemns the old one."""

    _: KW_ONLY
    new: State
    condemns_old: bool = False
    pending_kind = "creating"

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Create it."""
        if self.new.type == PROVIDER_TYPE:
            self.new.id = UNKNOWN_WIRE if preview else str(uuid.uuid4())
            self.new.outputs = _provider_outputs(self.new)
            registry.configure(self.new)
        elif self.new.custom:
            await self._create(self.new, registry, preview=preview)
        self.new.created = self.new.modified = now()
        if self.old is not None and self.condemns_old:
            self.old.delete = True

    async def _create(self, new: State, registry: Registry, *, preview: bool) -> None:
        provider = registry.get(new.provider)
        if preview:
            new.outputs = dict(new.inputs) if provider.is_known else {}
        else:
            new.id, new.outputs = await provider.create(new)

    def commit(self, snapshot: Snapshot) -> None:
        """Record the new object, and what happens to the one that it replaces."""
        replaced = [self.old] if self.old is not None and self.old.pending_replacement else []
        condemned = [self.old] if self.old is not None and self.condemns_old else []
        snapshot.end(self.new, made=self.new, done=replaced, rewritten=condemned)


@dataclass(eq=False)
class Replace(Step):
    """A replacement as a whole; its halves do the work."""


@dataclass(eq=False)
class Update(Step):
    """A change in place."""

    _: KW_ONLY
    old: State
    new: State
    pending_kind = "updating"

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Change it."""
        self.new.id, self.new.created, self.new.modified = self.old.id, self.old.created, self.old.modified
        if self.new.type == PROVIDER_TYPE:
            self.new.outputs = _provider_outputs(self.new)
            registry.configure(self.new)
        elif self.new.custom:
            provider = registry.get(self.new.provider)
            if preview:
                self.new.outputs = dict(self.new.inputs) if provider.is_known else {}
            else:
                self.new.outputs = await provider.update(self.old, self.new)
        self.new.modified = now()

    def commit(self, snapshot: Snapshot) -> None:
        """Record the new state instead of the old one."""
        snapshot.end(self.new, made=self.new, done=[self.old])


@dataclass(eq=False)
class Delete(Step):
    """An object goes; as the first half of a replacement its record stays until the second half is done."""

    _: KW_ONLY
    old: State
    others: Mapping[str, bool] = field(default_factory=dict)  # what else goes, for `deleted_with`
    is_replacing: bool = False
    leaves_record: bool = False
    pending_kind = "deleting"

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Delete it, where the program has not asked to leave it."""
        if not self.is_replacing and self.old.protect:
            raise ProtectedError(
                f'resource "{self.old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource,'
                " remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
            )
        if not preview and self._reaches_provider(self.old):
            await registry.get(self.old.provider).delete(self.old)
        if self.leaves_record:
            self.old.pending_replacement = True

    def _reaches_provider(self, old: State) -> bool:
        kept = old.external or old.retain_on_delete or self.others.get(old.deleted_with, False)
        return old.custom and old.type != PROVIDER_TYPE and not kept

    def commit(self, snapshot: Snapshot) -> None:
        """Record that it was deleted."""
        kept = [self.old] if self.old.pending_replacement else []
        snapshot.end(self.old, done=[] if kept else [self.old], rewritten=kept)


@dataclass(eq=False)
class RemovePending(Step):
    """What was deleted for a replacement that the program no longer wants leaves the state."""

    _: KW_ONLY
    old: State

    def commit(self, snapshot: Snapshot) -> None:
        """Forget it."""
        snapshot.end(self.old, done=[self.old])


@dataclass(eq=False)
class Read(Step):
    """Reads an external resource, in previews too."""

    _: KW_ONLY
    new: State
    condemns_old: bool = False
    pending_kind = "reading"

    async def apply(self, registry: Registry, *, preview: bool) -> None:
        """Read it."""
        if self.new.id != UNKNOWN_WIRE:
            found = await registry.get(self.new.provider).read(self.new, self.new.inputs, self.new.inputs)
            if not found.outputs and not found.id:
                raise CallError(f"resource '{self.new.id}' does not exist")
            self.new.outputs, self.new.id = found.outputs, found.id or self.new.id
        if self.old is not None:
            self.old.delete = self.old.delete or self.condemns_old
            self.new.created, self.new.modified = self.old.created, self.old.modified

    def commit(self, snapshot: Snapshot) -> None:
        """Record what was found."""
        if self.old is None or self.condemns_old:
            snapshot.end(self.new, made=self.new, rewritten=[self.old] if self.old else [])
        else:
            snapshot.end(self.new, made=self.new, done=[self.old])


def _provider_outputs(state: State) -> dict[str, object]:
    return {name: value for name, value in state.inputs.items() if name not in {"version", "__internal"}}
