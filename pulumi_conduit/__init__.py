"""Companies, people and their account access in Conduit Link and Conductor as Pulumi resources.

Importing this costs next to nothing and does not load Pulumi, for pytest imports it at every start, on behalf of the
fixtures in `testing`. Each public name is loaded at its first use; what talks to the APIs, at its first call.
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

_HOMES = {
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
"""Where public names live, unless in `program.functions`."""

_BEGINNING = "pulumi.runtime.stack"
"""The module in which the SDK begins programs."""

_MODULES = ("enums", "errors", "provider")
"""What `import pulumi_conduit` alone gives access to as well."""

if not TYPE_CHECKING:  # a type checker would take any name for a public one

    def __getattr__(name: str) -> object:
        """Load a public name, or a module, at its first use."""
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])
        home = import_module(f"{__name__}.{_HOMES.get(name, 'program.functions')}")
        return globals().setdefault(name, getattr(home, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _join_each_program(stack: Any) -> None:
    """Join a program when it begins: a process may import this first, and declare components before ours then."""
    begin, this = stack.set_root_resource, sys.modules[__name__]

    def set_root_resource(root: Any) -> None:
        begin(root)
        if sys.modules.get(__name__) is this:  # it may have been loaded anew
            _join_program()

    stack.set_root_resource = set_root_resource


def _join_program() -> None:
    from pulumi_conduit.program.program_hooks import join_program  # noqa: PLC0415 - it needs Pulumi

    join_program()


class _Arrival:
    """Waits for Pulumi where this package is imported first; it loads what it would load, and nothing sooner."""

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> Any:
        """Find the module in which programs begin, and add to its loading."""
        if name != _BEGINNING:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                load(module)
                _join_each_program(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if "pulumi" in sys.modules:
    _join_each_program(sys.modules[_BEGINNING])
    _join_program()
else:
    sys.meta_path.insert(0, _Arrival())
