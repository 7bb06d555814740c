"""Companies, people and their account access in Conduit Link and Conductor as Pulumi resources.

Importing this in a program costs little: what talks to the APIs is loaded only where it is used.
"""

from __future__ import annotations

from pulumi_conduit.adapters.account_access import UserAccountAccess, UserAccountAccessExclusive
from pulumi_conduit.adapters.company import Company
from pulumi_conduit.adapters.conductor_user import ConductorUser
from pulumi_conduit.adapters.functions import (
    Account,
    CompanyInfo,
    UserInfo,
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
from pulumi_conduit.adapters.inheritance import watch_program
from pulumi_conduit.adapters.program import exit_quietly
from pulumi_conduit.adapters.server import is_server
from pulumi_conduit.enums import UserStatus, UserType, UserView
from pulumi_conduit.errors import (
    ApiError,
    ConduitError,
    InvalidDeclaration,
    NotFound,
    RefusedError,
    SettingsError,
)

__all__ = [
    "Account",
    "ApiError",
    "Company",
    "CompanyInfo",
    "ConductorUser",
    "ConduitError",
    "InvalidDeclaration",
    "NotFound",
    "RefusedError",
    "SettingsError",
    "UserAccountAccess",
    "UserAccountAccessExclusive",
    "UserInfo",
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

if not is_server():
    exit_quietly()
    watch_program()
