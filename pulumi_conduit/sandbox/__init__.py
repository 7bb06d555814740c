"""A local stand-in for both APIs over HTTP on loopback, for development, tests and demonstrations.

It is built from the APIs' pages alone and shares nothing with the provider's client, so that it cannot agree with the
client's mistakes. Needs the extra `sandbox`.
"""

from __future__ import annotations

from importlib.util import find_spec

if any(find_spec(needed) is None for needed in ("fastapi", "uvicorn")):
    raise ModuleNotFoundError("the sandbox needs its extra: pip install 'pulumi-conduit[sandbox]'", name="fastapi")

from pulumi_conduit.sandbox.faults import Fault
from pulumi_conduit.sandbox.rules.words import MistakeError
from pulumi_conduit.sandbox.sandbox import Sandbox
from pulumi_conduit.sandbox.switches import Switches

__all__ = ["Fault", "MistakeError", "Sandbox", "Switches"]
