"""The engine's face to the program: Pulumi's ResourceMonitor and Engine services over gRPC.

Translates messages and nothing else. A feature that is not declared makes the SDK refuse what needs it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from pulumi_conduit.testing.engine.goals import goal_from_read, goal_from_register
from pulumi_conduit.testing.engine.registrations import ShutDownError
from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.values import from_struct, to_struct

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pulumi_conduit.testing.engine.registrations import Registrations

__all__ = ["LogService", "Monitor"]

# `secrets` is the one that matters most: without it the SDK sends secrets in clear, without a warning.
_FEATURES = {"secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith"}
_SEVERITIES = {1: "info", 2: "warning", 3: "error"}
_CAN_BE_UNKNOWN = "unknown" in resource_pb2.RegisterResourceResponse.DESCRIPTOR.fields_by_name  # not in old SDKs
_USE_CLI = "the embedded engine does not support it, use the Pulumi CLI"


def _answering(handler: Callable[[Monitor, Any, Any], Awaitable[Any]]) -> Callable[[Monitor, Any, Any], Awaitable[Any]]:
    """End a call that the engine refuses, or can no longer serve, with the status that the SDK understands."""

    @functools.wraps(handler)
    async def answered(self: Monitor, request: Any, context: Any) -> Any:
        try:
            return await handler(self, request, context)
        except EngineError as error:
            self.registrations.refuse(error)
            return await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        except ShutDownError:
            return await context.abort(grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")

    return answered


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Takes registrations."""

    def __init__(self, registrations: Registrations) -> None:
        """Hand them on."""
        self.registrations = registrations

    async def SupportsFeature(self, request: Any, context: Any) -> Any:
        """Return whether a feature is supported."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    async def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        """Say what newer SDKs ask for in one go instead."""
        names = [f"RESOURCE_MONITOR_FEATURE_{_upper(feature)}" for feature in sorted(_FEATURES)]
        return resource_pb2.DeploymentInfo(supportedFeatures=[getattr(resource_pb2, name) for name in names])

    @_answering
    async def RegisterResource(self, request: Any, context: Any) -> Any:
        """Create, change or keep a resource."""
        goal = goal_from_register(request)
        state = await self.registrations.register(goal)
        if state is None:
            failed = resource_pb2.Result.Value("FAIL")
            return resource_pb2.RegisterResourceResponse(urn=self.registrations.urn(goal), result=failed)
        outputs = state.outputs if state.custom else {}
        answer = to_struct(outputs, unknowns=True, rich=True)
        missing: Any = {"unknown": True} if self.registrations.is_skipped(state) and _CAN_BE_UNKNOWN else {}
        return resource_pb2.RegisterResourceResponse(urn=state.urn, id=state.id, object=answer, **missing)

    @_answering
    async def ReadResource(self, request: Any, context: Any) -> Any:
        """Look at a resource."""
        goal = goal_from_read(request)
        state = await self.registrations.read(goal)
        answer = to_struct(state.outputs if state else {}, unknowns=True, rich=True)
        return resource_pb2.ReadResourceResponse(urn=self.registrations.urn(goal), properties=answer)

    @_answering
    async def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        """Take the outputs of a component or of the stack."""
        await self.registrations.set_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    @_answering
    async def Invoke(self, request: Any, context: Any) -> Any:
        """Answer the one function that the SDK itself needs."""
        if request.tok != "pulumi:pulumi:getResource":
            raise EngineError(f"the function {request.tok} needs a plugin; {_USE_CLI}")
        urn = from_struct(request.args)["urn"]
        state = self.registrations.find(urn)
        if state is None:
            raise EngineError(f"unknown resource {urn}")
        found = {"urn": state.urn, "id": state.id, "state": state.outputs}
        # Newer SDKs have a message of the monitor's own.
        answer: Any = getattr(resource_pb2, "ResourceInvokeResponse", provider_pb2.InvokeResponse)
        return answer(**{"return": to_struct(found, unknowns=True, rich=True)})

    async def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:
        """Let the program end when everything is done, the deletes included, as Pulumi does."""
        await self.registrations.wait_for_the_end()
        return empty_pb2.Empty()


def _upper(feature: str) -> str:
    return "".join(f"_{sign}" if sign.isupper() else sign.upper() for sign in feature)


def _unsupported(what: str) -> Any:
    @_answering
    async def refuse(_self: Monitor, _request: Any, _context: Any) -> None:
        raise EngineError(f"{what}: {_USE_CLI}")

    return refuse


for _name, _what in {
    "Call": "a method call",
    "RegisterPackage": "a package",
    "RegisterStackTransform": "a stack transform",
    "RegisterStackInvokeTransform": "an invoke transform",
    "RegisterResourceHook": "a resource hook",
    "RegisterErrorHook": "an error hook",
}.items():
    setattr(Monitor, _name, _unsupported(_what))


class LogService(engine_pb2_grpc.EngineServicer):
    """Takes messages of the program and of providers."""

    def __init__(self, registrations: Registrations) -> None:
        """Hand them on."""
        self._registrations = registrations
        self._root = ""

    async def Log(self, request: Any, context: Any) -> Any:
        """Take a message."""
        if request.severity in _SEVERITIES:
            self._registrations.log(_SEVERITIES[request.severity], request.urn, request.message)
        return empty_pb2.Empty()

    async def GetRootResource(self, request: Any, context: Any) -> Any:
        """Return the stack's URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    async def SetRootResource(self, request: Any, context: Any) -> Any:
        """Remember the stack's URN."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    async def RequirePulumiVersion(self, request: Any, context: Any) -> Any:
        """Accept every version: the embedded engine has none."""
        return engine_pb2.RequirePulumiVersionResponse()
