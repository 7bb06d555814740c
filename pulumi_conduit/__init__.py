"""Companies, people and their account access in Conduit Link and Conductor as Pulumi resources.

Importing this does not load Pulumi, because pytest imports it at every start for the fixtures in `testing`. Each public
name is loaded at its first use, and the API client at its first call.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_conduit.enums import UserStatus, UserType, UserView
    from pulumi_conduit.errors import (
        ApiError,
        ConduitError,
        InvalidInputError,
        NotFoundError,
        RefusedError,
        SettingsError,
    )
    from pulumi_conduit.program.account_access import UserAccountAccess, UserAccountAccessExclusive
    from pulumi_conduit.program.company import Company
    from pulumi_conduit.program.conductor_user import ConductorUser
    from pulumi_conduit.program.functions import (
        GetAccountResult,
        GetCompanyResult,
        GetConductorUserResult,
        get_account,
        get_account_output,
        get_accounts,
        get_accounts_output,
        get_company,
        get_company_output,
        get_company_token_output,
        get_conductor_user,
        get_conductor_user_output,
        get_conductor_users,
        get_conductor_users_output,
    )
    from pulumi_conduit.program.roster import Roster
    from pulumi_conduit.roster.shards import Shard

__all__ = [
    "ApiError",
    "Company",
    "ConductorUser",
    "ConduitError",
    "GetAccountResult",
    "GetCompanyResult",
    "GetConductorUserResult",
    "InvalidInputError",
    "NotFoundError",
    "RefusedError",
    "Roster",
    "SettingsError",
    "Shard",
    "UserAccountAccess",
    "UserAccountAccessExclusive",
    "UserStatus",
    "UserType",
    "UserView",
    "get_account",
    "get_account_output",
    "get_accounts",
    "get_accounts_output",
    "get_company",
    "get_company_output",
    "get_company_token_output",
    "get_conductor_user",
    "get_conductor_user_output",
    "get_conductor_users",
    "get_conductor_users_output",
]

__version__ = "0.1.0"
"""The version of the package; nothing else states it."""

_MODULE_OF = {
    "Company": "program.company",
    "ConductorUser": "program.conductor_user",
    "Roster": "program.roster",
    "Shard": "roster.shards",
    "UserAccountAccess": "program.account_access",
    "UserAccountAccessExclusive": "program.account_access",
    **dict.fromkeys(("UserStatus", "UserType", "UserView"), "enums"),
    **dict.fromkeys(
        ("ApiError", "ConduitError", "InvalidInputError", "NotFoundError", "RefusedError", "SettingsError"), "errors"
    ),
}
"""The modules of public names that are not in `program.functions`."""

_STACK_MODULE = "pulumi.runtime.stack"
"""The module in which the SDK starts programs."""

_MODULES = ("enums", "errors", "provider")
"""Submodules that `import pulumi_conduit` gives access to."""

if not TYPE_CHECKING:  # a type checker would accept any name

    def __getattr__(name: str) -> object:
        """Load a public name, or a module, at its first use."""
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])
        module = import_module(f"{__name__}.{_MODULE_OF.get(name, 'program.functions')}")
        return globals().setdefault(name, getattr(module, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _hook_each_program(stack: Any) -> None:
    """Install the program hooks when a program starts: it may declare other components before ours."""
    begin, this = stack.set_root_resource, sys.modules[__name__]

    def set_root_resource(root: Any) -> None:
        begin(root)
        if sys.modules.get(__name__) is this:  # it may have been reloaded
            _join_program()

    stack.set_root_resource = set_root_resource


def _join_program() -> None:
    from pulumi_conduit.program.program_hooks import join_program  # noqa: PLC0415 - it needs Pulumi

    join_program()


class _PulumiImportHook:
    """An import hook that waits for Pulumi, where this package is imported first."""

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> Any:
        """Find the SDK's stack module, and hook into its loading."""
        if name != _STACK_MODULE:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                load(module)
                _hook_each_program(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if "pulumi" in sys.modules:
    _hook_each_program(sys.modules[_STACK_MODULE])
    _join_program()
else:
    sys.meta_path.insert(0, _PulumiImportHook())
