"""Refuses credentials that stand in stack config unencrypted: the state, its history and backups would hold them."""

from __future__ import annotations

import os
import weakref

import pulumi
from pulumi.runtime import get_root_resource, is_config_secret

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.program.mocks import are_mocks_set

__all__ = ["refuse_plain_credentials"]

_KEYS = ("linkAppToken", "conductorPassword", "profiles")
_CHECKED: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()
"""The roots of the programs that passed: a program's stack config stays as it is, and reading it parses all of it."""


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
