"""The configured providers of one operation, by the references that resources have of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pulumi_conduit.testing.engine.providers import CallError, Configured, Provider
from pulumi_conduit.testing.engine.states import PROVIDER_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_conduit.testing.engine.states import Snapshot, State

__all__ = ["Registry"]


class Registry:
    """Starts a process for each provider resource, when the first of its resources needs it."""

    def __init__(self, launch: Callable[[], Provider], snapshot: Snapshot) -> None:
        """Start the first process at once: it takes as long as the program, and nearly every program needs one."""
        self._launch, self._snapshot = launch, snapshot
        self._spare: Provider | None = launch()
        self._running: list[Provider] = [self._spare]
        self._configured: dict[str, Configured] = {}

    def configure(self, state: State) -> None:
        """Make a provider resource usable; one whose inputs are as before keeps its process."""
        reference = f"{state.urn}::{state.id}"
        known = self._configured.get(reference)
        if known is None or known.inputs != state.inputs:
            self._configured[reference] = Configured(self._process, state.inputs)

    def get(self, reference: str) -> Configured:
        """Return a provider; one that the program has not registered comes from the state.

        Raises:
            CallError: there is none of that reference.

        """
        if reference not in self._configured:
            recorded = (one for one in self._snapshot.base if one.type == PROVIDER_TYPE)
            found = next((one for one in recorded if f"{one.urn}::{one.id}" == reference), None)
            if found is None:
                raise CallError(f"could not find provider {reference}")
            self.configure(found)
        return self._configured[reference]

    def has(self, reference: str) -> bool:
        """Return whether a provider was registered, or used before."""
        return reference in self._configured

    def _process(self) -> Provider:
        if self._spare is not None:
            provider, self._spare = self._spare, None
            return provider
        self._running.append(self._launch())
        return self._running[-1]

    async def end(self) -> None:
        """End all processes."""
        await asyncio.gather(*(provider.end() for provider in self._running))
