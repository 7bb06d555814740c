"""The user's project as the engine needs it: `Pulumi.yaml` and the stack's file beside it.

Encrypted values cannot be read: there is no key. Plain ones can, and `--config` or the fixture give the rest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from pulumi_conduit.testing.engine.results import EngineError
from pulumi_conduit.testing.engine.values import Secret, plain

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

__all__ = ["Project"]


@dataclass(frozen=True)
class Project:
    """A program, its name and its configuration."""

    name: str
    stack: str
    root: Path
    folder: Path
    main: str
    config: Mapping[str, str | Secret]

    @classmethod
    def load(cls, root: Path, stack: str, config: Mapping[str, str | Secret]) -> Project:
        """Read a project; `config` goes before its files, and a key without a namespace is the project's own.

        Raises:
            EngineError: there is none, or it asks for what the embedded engine does not do.

        """
        root = root.resolve()
        document = _read(_file(root, "Pulumi"))
        name = document.get("name")
        if not isinstance(name, str) or not name:
            raise EngineError(f"{root}: the project has no name")
        runtime = document.get("runtime")
        if (runtime.get("name") if isinstance(runtime, dict) else runtime) != "python":
            raise EngineError(f"{root}: the embedded engine runs Python programs only")
        folder, main = _place(root, str(document.get("main") or "."))
        found = {
            **_defaults(root, document),
            **_stack_config(root, stack, {f"{name}:{key}" if ":" not in key else key for key in config}),
            **config,
        }
        qualified = {key if ":" in key else f"{name}:{key}": value for key, value in found.items()}
        return cls(name, stack, root, folder, main, qualified)

    @property
    def environ(self) -> dict[str, str]:
        """The variables in which programs expect their configuration."""
        config = {key: plain(value) for key, value in self.config.items()}
        secrets = [key for key, value in self.config.items() if isinstance(value, Secret)]
        return {"PULUMI_CONFIG": json.dumps(config), "PULUMI_CONFIG_SECRET_KEYS": json.dumps(secrets)}


def _file(root: Path, stem: str) -> Path:
    for suffix in (".yaml", ".yml"):
        if (root / f"{stem}{suffix}").is_file():
            return root / f"{stem}{suffix}"
    if not root.is_dir():
        raise EngineError(f"{root} is no folder")
    raise EngineError(f"{root} holds no {stem}.yaml")


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise EngineError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise EngineError(f"{path} is not a mapping")
    return document


def _place(root: Path, main: str) -> tuple[Path, str]:
    """Return the folder that the program runs in, and what to run there."""
    path = (root / main).resolve()
    if path.is_dir():
        return path, "."
    if not path.is_file():
        raise EngineError(f"project 'main' could not be read: {path}")
    return path.parent, path.name


def _config(path: Path, document: Mapping[str, Any]) -> dict[str, Any]:
    config = document.get("config") or {}
    if not isinstance(config, dict):
        raise EngineError(f"{path}: config is not a mapping")
    return config


def _defaults(root: Path, document: Mapping[str, Any]) -> dict[str, str | Secret]:
    """Return the configuration that the project gives to every stack."""
    found: dict[str, str | Secret] = {}
    for key, given in _config(root, document).items():
        value = given.get("value", given.get("default")) if isinstance(given, dict) else given
        if value is not None:
            is_secret = isinstance(given, dict) and given.get("secret", False)
            found[key] = Secret(_text(value)) if is_secret else _text(value)
    return found


def _stack_config(root: Path, stack: str, given: Container[str]) -> dict[str, str | Secret]:
    try:
        path = _file(root, f"Pulumi.{stack}")
    except EngineError:
        return {}
    document = _read(path)
    if document.get("environment"):
        raise EngineError(f"{path} uses an environment, which the embedded engine does not support")
    config = {key: value for key, value in _config(path, document).items() if key not in given}
    for key, value in config.items():
        if _is_encrypted(value):
            raise EngineError(
                f"{path}: {key} is encrypted, and the embedded engine has no key; give it by --secret or config="
            )
    return {key: _text(value) for key, value in config.items()}


def _is_encrypted(value: Any) -> bool:
    """Return whether a value is encrypted, or a part of it."""
    if isinstance(value, dict):
        return "secure" in value or any(map(_is_encrypted, value.values()))
    return isinstance(value, list) and any(map(_is_encrypted, value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
