"""Hands a state over to the Pulumi CLI: what `pulumi stack import` needs to take it.

Measured on the CLI: secrets without the target's secrets provider make it panic, and pending operations are dropped
with nothing but a warning. So the first are given the target's provider, and the second are refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_conduit.testing.engine import EngineError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["importable"]


def importable(state: Path, target: Path | None) -> str:
    """Return a deployment for `pulumi stack import`.

    `target` is what `pulumi stack export` printed of the stack that shall take it over. It is needed where the state
    holds secrets; the CLI encrypts them at the import.

    Raises:
        EngineError: the state cannot be handed over as it is.

    """
    document = _read(state)
    deployment = document["deployment"]
    if deployment.get("pending_operations"):
        raise EngineError(f"{state} has pending operations, which an import would forget; run `up` or `refresh` first")
    if target is not None:
        providers = _read(target)["deployment"].get("secrets_providers")
        if not providers:
            raise EngineError(f"{target} names no secrets provider; export it from the stack that shall take the state")
        deployment["secrets_providers"] = providers
    elif '"plaintext"' in json.dumps(deployment):
        raise EngineError(
            f"{state} holds secrets; name the target stack's export with --like, so that they get encrypted"
        )
    return json.dumps(document, indent=4) + "\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        document["deployment"]["manifest"]
    except (OSError, ValueError, KeyError, TypeError):
        raise EngineError(f"{path} is not a Pulumi deployment") from None
    return dict(document)
