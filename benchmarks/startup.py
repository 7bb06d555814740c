"""What a start costs: the import in a program, and the provider process beside a bare one. Repetitions interleaved.

The bare provider is that of the engine's floor, in the SDK's own server. `listens` is when the server prints its port,
`answers` when it has answered its first check.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.runners import as_users

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["import_times", "provider_times"]

ROOT = Path(__file__).resolve().parent.parent
_USED = "[getattr(pulumi_conduit, name) for name in pulumi_conduit.__all__]"
_IMPORTS = {
    "import pulumi": "import pulumi",
    "import pulumi and pulumi_conduit": "import pulumi, pulumi_conduit",
    "import pulumi and pulumi_conduit, every name used": f"import pulumi, pulumi_conduit; {_USED}",
}
_TIMEOUT_S = 60
_OURS = {
    "email": "ada@acme.example",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "initialAccounts": [1],
}


def import_times(repetitions: int) -> dict[str, list[float]]:
    """Return the wall clock of interpreters that import and end."""
    times: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    for _ in range(repetitions):
        for name, code in _IMPORTS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=as_users(os.environ))  # noqa: S603 - our own interpreter
            times[name].append(time.perf_counter() - started)
    return times


def provider_times(repetitions: int, settings: Mapping[str, str]) -> dict[str, list[float]]:
    """Return how long the server takes to listen, and to answer its first check, without ours and with it."""
    from benchmarks.peers.floor import Nothing  # noqa: PLC0415 - a benchmark without this part does without it
    from pulumi_conduit.provider import ConductorUser  # noqa: PLC0415 - likewise

    providers: dict[str, tuple[Any, dict[str, Any]]] = {
        "bare": (Nothing(), {"key": "x"}),
        "our": (ConductorUser(), _OURS),
    }
    times: dict[str, list[float]] = {
        f"{who} provider {what}": [] for who in providers for what in ("listens", "answers")
    }
    for _ in range(repetitions):
        for who, (provider, properties) in providers.items():
            listens_s, answers_s = _started(provider, properties, settings)
            times[f"{who} provider listens"].append(listens_s)
            times[f"{who} provider answers"].append(answers_s)
    return times


def _started(provider: Any, properties: Mapping[str, Any], settings: Mapping[str, str]) -> tuple[float, float]:
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    environ = {**as_users(os.environ), **settings, "PULUMI_PROJECT": "bench", "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - the SDK's own server
        try:
            port = int(process.stdout.readline() if process.stdout else "")
            listens_s = time.perf_counter() - started
            _check(port, provider, properties)
            return listens_s, time.perf_counter() - started
        finally:
            process.terminate()


def _check(port: int, provider: Any, properties: Mapping[str, Any]) -> None:
    """Let the server check a resource that has not changed, so that nobody else is asked."""
    import grpc  # noqa: PLC0415 - see above
    from google.protobuf import struct_pb2  # noqa: PLC0415 - likewise
    from pulumi.dynamic.dynamic import serialize_provider  # noqa: PLC0415 - likewise
    from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc  # noqa: PLC0415 - likewise

    given = struct_pb2.Struct()
    given.update({**properties, "__provider": serialize_provider(provider)})
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=struct_pb2.Struct()), timeout=_TIMEOUT_S)
        request = provider_pb2.CheckRequest(urn="urn:pulumi:dev::bench::bench:Thing::x", olds=given, news=given)
        stub.Check(request, timeout=_TIMEOUT_S)
