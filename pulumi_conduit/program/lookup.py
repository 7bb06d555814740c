"""The accounts that a program's identity owns, for files that name them.

Where a preview must not ask, a name has no id: an id that is not known could neither name a resource nor be compared,
and leaving the resource out would show as its removal. So that is an error. What talks to the API is imported at the
look-up.
"""

from __future__ import annotations

import os
from typing import Any

import pulumi

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.program.functions import GetAccountResult, get_accounts
from pulumi_conduit.program.static_args import plain_word

__all__ = ["owned_accounts"]


def owned_accounts(resource_name: str, profile: Any) -> list[GetAccountResult]:
    """Return the accounts; InvalidInputError where the profile is not plain or the preview is offline."""
    plain = plain_word(resource_name, "profile", profile, "") or None
    if pulumi.runtime.is_dry_run() and _is_offline(plain):
        raise InvalidInputError(
            "CONDUIT_PREVIEW is offline; write its id, or define a group of that name with the id in it"
        )
    return get_accounts(profile=plain)


def _is_offline(profile: str | None) -> bool:
    from pulumi_conduit.settings import Settings  # noqa: PLC0415 - likewise
    from pulumi_conduit.settings.stack_config import stack_config  # noqa: PLC0415 - see the module

    settings = Settings(os.environ, stack_config(pulumi.Config("conduit").get))
    return settings.preview(profile) == "offline"
