"""Refuses credentials that stand in stack config unencrypted: the state, its history and backups would hold them."""

from __future__ import annotations

import os

import pulumi

from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.program.mocks import are_mocks_set

__all__ = ["refuse_plain_credentials"]

_KEYS = ("linkAppToken", "conductorPassword", "profiles")


def refuse_plain_credentials() -> None:
    """Refuse the stack config's credentials that were set without `--secret`, but for loopback URLs.

    Of `conduit:profiles` the engine says only whether any part of it is secret, so that a plain credential beside a
    secret one is not found.

    :raises InvalidInputError: with the commands that encrypt them.
    """
    config = pulumi.Config("conduit")
    plain = {key: text for key in _KEYS if (text := config.get(key)) and not _is_secret(key)}
    if plain and not are_mocks_set():
        _refuse(plain | {key: text for key in ("linkUrl", "conductorUrl") if (text := config.get(key))})


def _is_secret(key: str) -> bool:
    return pulumi.runtime.is_config_secret(f"conduit:{key}")


def _refuse(config: dict[str, str]) -> None:
    from pulumi_conduit.settings import Settings  # noqa: PLC0415 - a program with encrypted settings needs none of it

    settings = Settings(os.environ, {f"conduit:{key}": text for key, text in config.items()})
    if found := settings.credentials_in_config():
        commands = " and ".join(f"`pulumi config set {_path(name)}--secret {name}`" for name in found)
        raise InvalidInputError(
            f"{', '.join(found)} in stack config is not encrypted, and would lie in clear in the state, its history and"
            f" its backups; run {commands}, which asks for the value, and change the credential: the old one is in"
            " the file's history"
        )


def _path(name: str) -> str:
    return "--path " if "." in name else ""
