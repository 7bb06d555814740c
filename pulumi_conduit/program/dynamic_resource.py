"""The base class of the resources: stored names, refused options and credentials, `import_`, and plain arguments."""

from __future__ import annotations

import asyncio
import inspect
import os
import weakref
from collections.abc import Mapping
from enum import Enum
from typing import Any

import pulumi
from pulumi.dynamic import Resource
from pulumi.runtime import get_root_resource, is_config_secret
from pulumi.runtime.mocks import MockEngine
from pulumi.runtime.settings import get_engine

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.declaration_log import log_declaration
from pulumi_conduit.program.program_hooks import Finish, arguments_of, is_known, join_program, names_kept, watch_options
from pulumi_conduit.resources.fields import camel_case, snake_case
from pulumi_conduit.sdk_hooks import speed_up

__all__ = ["ConduitResource", "are_mocks_set", "refuse_plain_credentials", "require_plain", "with_default_protect"]

_KEYS = ("linkAppToken", "conductorPassword", "profiles")
_CHECKED: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()
"""The roots of the programs that passed: a program's stack config stays as it is, and reading it parses all of it."""


def are_mocks_set() -> bool:
    """Return whether the program runs under mocks."""
    return isinstance(get_engine(), MockEngine)


def refuse_plain_credentials() -> None:
    """Refuse the stack config's credentials that were set without `--secret`, but for loopback URLs.

    Of `conduit:profiles` the engine says only whether any part of it is secret, so that a plain credential beside a
    secret one is not found.

    :raises InvalidInputError: with the commands that encrypt them.
    """
    root = get_root_resource()
    if are_mocks_set() or (root is not None and root in _CHECKED):
        return
    config = pulumi.Config("conduit")
    if any(config.get(key) and not is_config_secret(f"conduit:{key}") for key in _KEYS):
        _refuse(config)
    if root is not None:
        _CHECKED.add(root)


def _refuse(config: pulumi.Config) -> None:
    from pulumi_conduit.settings import Settings  # noqa: PLC0415 - a program with encrypted settings needs none of it
    from pulumi_conduit.settings.sources import set_secret_command, stack_config  # noqa: PLC0415 - likewise

    names = Settings(os.environ, stack_config(config.get)).credentials_in_config()
    if found := [name for name in names if not is_config_secret(name.partition(".")[0])]:
        commands = " and ".join(f"`{set_secret_command(name)}`" for name in found)
        raise InvalidInputError(
            f"{', '.join(found)} in stack config is not encrypted, and would lie in clear in the state, its history and"
            f" its backups; run {commands}, which asks for the value, and change the credential: the old one is in"
            " the file's history"
        )


def require_plain(resource_name: str, argument: str, value: Any, default: str) -> str:
    """Return a policy as text; refuse an Output or an awaitable."""
    if isinstance(value, pulumi.Output | asyncio.Future) or inspect.isawaitable(value):
        raise InvalidInputError(f"{escaped(resource_name, 80)}: {argument} must be a plain value, not an Output")
    if value is None:
        return default
    return str(value.value) if isinstance(value, Enum) else str(value)


def with_default_protect(resource_name: str, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceOptions:
    """Return options with `protect`, so that the engine refuses, in preview, to destroy what cannot be deleted.

    Reads the policy after transformations; with `ignore_changes` the engine may keep this default.
    """
    given = args.opts
    policy = {snake_case(name): value for name, value in args.props.items() if value is not None}.get("on_destroy")
    is_kept = require_plain(resource_name, "on_destroy", policy, "error") == "error"
    is_kept = is_kept or not names_kept(given).isdisjoint({"ondestroy", "*"})
    if given.protect is not None or not is_kept:
        return given
    return pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(protect=True))


_PACKAGE = "pulumi-python"


class ConduitResource(Resource):
    """A resource whose properties are snake_case in Python and camelCase in the state."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Evaluate the annotations once; the SDK does so for every resource, and compiles those that are text.

        A subclass in the user's program keeps our type, by which states and reports identify it.
        """
        inherited = cls._resource_type_name
        super().__init_subclass__(**options)
        if "name" not in options:
            cls._resource_type_name = inherited
        cls.__annotations__ = inspect.get_annotations(cls, eval_str=True)

    def __init__(
        self,
        provider: Any,
        resource_name: str,
        properties: Mapping[str, Any],
        outputs: tuple[str, ...],
        opts: pulumi.ResourceOptions | None,
        *,
        finish: Finish | None = None,
    ) -> None:
        """Register the resource; `outputs` names the attributes that only the provider fills.

        `finish` returns its options after all transformations.
        """
        given = opts or pulumi.ResourceOptions()
        refuse_provider(resource_name, self.type_token(), given)
        join_program()  # where the package was imported before the program began
        speed_up(get_root_resource())
        refuse_plain_credentials()
        refuse_unknown_parent(resource_name, given)
        given = watch_options(self, given, finish)
        properties = {**dict.fromkeys(outputs), **properties}
        if given.import_ is not None:
            # The SDK's server cannot import; the provider does so in a create, which then only reads.
            properties["import_id"], given.import_ = given.import_, None
        super().__init__(provider, resource_name, properties, given)
        # A transformation may have used the stored name.
        self._declared = {snake_case(name): value for name, value in arguments_of(self).items() if value is not None}
        log_declaration(self, resource_name, self._declared)

    def declared(self, argument: str) -> Any:
        """Return an argument after transformations; None if undeclared."""
        return self._declared.get(argument)

    @classmethod
    def type_token(cls) -> str:
        """Return the type token that states hold."""
        return f"{_PACKAGE}:{cls._resource_type_name}"

    def register_read(
        self,
        provider: Any,
        resource_name: str,
        resource_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None,
        *,
        outputs: tuple[str, ...],
        profile: pulumi.Input[str] | None,
    ) -> None:
        """Register this object as a `get` of something that the program does not manage."""
        refuse_provider(resource_name, self.type_token(), opts or pulumi.ResourceOptions())
        join_program()  # as above
        speed_up(get_root_resource())
        refuse_plain_credentials()
        merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=resource_id))
        super().__init__(provider, resource_name, {**dict.fromkeys(outputs), "profile": profile}, merged)

    def translate_input_property(self, prop: str) -> str:
        """Return the stored name of a property."""
        return prop if prop.startswith("__") else camel_case(prop)

    def translate_output_property(self, prop: str) -> str:
        """Return the Python name of a property."""
        return prop if prop.startswith("__") else snake_case(prop)


def refuse_unknown_parent(resource_name: str, opts: pulumi.ResourceOptions) -> None:
    """Refuse a parent that was declared before this package was imported.

    Its options are unknown: they may keep a user from being deactivated while its grants are removed from state. The
    child's URN is unknown, too.
    """
    if get_root_resource() is not None and not is_known(opts.parent):
        raise InvalidInputError(
            f"{escaped(resource_name, 80)}: its parent was declared before pulumi_conduit was imported, so that its"
            " options are not known; import pulumi_conduit before anything is declared"
        )


def refuse_provider(resource_name: str, resource_type: str, opts: pulumi.ResourceOptions) -> None:
    """Refuse an explicit provider: it could move the resource to another tenant without a change in the plan."""
    inherited = opts.parent.get_provider(resource_type) if opts.parent is not None else None
    listed = opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers or ()
    if any(provider is not None and provider.package == _PACKAGE for provider in (opts.provider, inherited, *listed)):
        raise InvalidInputError(
            f"{escaped(resource_name, 80)}: an explicit provider is not supported, because state could move between"
            " tenants unnoticed; use profile= to select other credentials"
        )
