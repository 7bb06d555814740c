"""What all resources share in a user's program: stored names, refused options, import, and plain arguments."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from enum import Enum
from typing import Any

import pulumi
from pulumi.dynamic import Resource
from pulumi.runtime import get_root_resource

from pulumi_conduit.errors import InvalidInputError, escaped
from pulumi_conduit.program.declaration_log import log_declaration
from pulumi_conduit.program.program_hooks import join_program
from pulumi_conduit.program.resource_options import Finish, arguments_of, is_seen, names_kept, watched
from pulumi_conduit.resources.serialization import camel_case, snake_case

__all__ = ["ConduitResource", "plain_word", "protected"]


def plain_word(resource_name: str, argument: str, value: Any, default: str) -> str:
    """Return a policy as text; an Output or an awaitable is refused."""
    if isinstance(value, pulumi.Output | asyncio.Future) or inspect.isawaitable(value):
        raise InvalidInputError(f"{escaped(resource_name, 80)}: {argument} must be a plain value, not an Output")
    if value is None:
        return default
    return str(value.value) if isinstance(value, Enum) else str(value)


def protected(resource_name: str, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceOptions:
    """Return options under which the engine itself, in preview, refuses to destroy what cannot be deleted.

    That goes by what the transformations have left. Where the engine may keep an old policy, it may keep this one.
    """
    given = args.opts
    policy = {snake_case(name): value for name, value in args.props.items() if value is not None}.get("on_destroy")
    is_kept = plain_word(resource_name, "on_destroy", policy, "error") == "error"
    is_kept = is_kept or not names_kept(given).isdisjoint({"ondestroy", "*"})
    if given.protect is not None or not is_kept:
        return given
    return pulumi.ResourceOptions.merge(given, pulumi.ResourceOptions(protect=True))


_PACKAGE = "pulumi-python"


class ConduitResource(Resource):
    """A resource whose properties are snake_case in Python and camelCase in the state."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Evaluate the annotations once; the SDK does so for every resource, and compiles those that are text.

        A class of the user's own below one of ours keeps its type: states and reports know it by that.
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

        `finish` returns its options when all transformations have had their say.
        """
        given = opts or pulumi.ResourceOptions()
        refuse_provider(resource_name, self.type_token(), given)
        join_program()  # where the package was imported before the program began
        refuse_unseen(resource_name, given)
        given = watched(self, given, finish)
        properties = {**dict.fromkeys(outputs), **properties}
        if given.import_ is not None:
            # The SDK's server cannot import; the provider does, by looking and never writing.
            properties["import_id"], given.import_ = given.import_, None
        super().__init__(provider, resource_name, properties, given)
        # A transformation may have written a name as the state does.
        self._declared = {snake_case(name): value for name, value in arguments_of(self).items() if value is not None}
        log_declaration(self, resource_name, self._declared)

    def declared(self, argument: str) -> Any:
        """Return what the transformations have left of an argument; None where it is undeclared."""
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
        """Register this object, made without a declaration, as a read of what the program does not manage."""
        refuse_provider(resource_name, self.type_token(), opts or pulumi.ResourceOptions())
        join_program()  # as above
        merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=resource_id))
        super().__init__(provider, resource_name, {**dict.fromkeys(outputs), "profile": profile}, merged)

    def translate_input_property(self, prop: str) -> str:
        """Name a property as the state does."""
        return prop if prop.startswith("__") else camel_case(prop)

    def translate_output_property(self, prop: str) -> str:
        """Name a property as Python does."""
        return prop if prop.startswith("__") else snake_case(prop)


def refuse_unseen(resource_name: str, opts: pulumi.ResourceOptions) -> None:
    """Refuse a parent that was declared before this package was there to see it.

    It may keep a person from being deactivated whose grants would be forgotten, and nobody knows the child's full name.
    """
    if get_root_resource() is not None and not is_seen(opts.parent):
        raise InvalidInputError(
            f"{escaped(resource_name, 80)}: its parent was declared before pulumi_conduit was imported, so that its"
            " options are not known; import pulumi_conduit before anything is declared"
        )


def refuse_provider(resource_name: str, resource_type: str, opts: pulumi.ResourceOptions) -> None:
    """Refuse an explicit provider: it would move the resource to another tenant without a word in the plan."""
    inherited = opts.parent.get_provider(resource_type) if opts.parent is not None else None
    listed = opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers or ()
    if any(provider is not None and provider.package == _PACKAGE for provider in (opts.provider, inherited, *listed)):
        raise InvalidInputError(
            f"{escaped(resource_name, 80)}: an explicit provider is not supported, for state could move between tenants"
            " unseen; use profile= to name other credentials"
        )
