"""A program before and after an edit, and what others did meanwhile: what a recorded plan is the plan of.

Knows what is declared, and neither how it is run nor what is made of the plan.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PlanCase"]

_HEAD = '''
import pulumi
import pulumi_conduit as conduit
from pulumi import Alias, Output, ResourceOptions
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class NumberProvider(ResourceProvider):
    def create(self, props):
        return CreateResult("one", {**props, "answer": "new@acme.example"})


class Number(Resource, module="other", name="Number"):
    """Somebody else's resource."""

    answer: Output[str]

    def __init__(self, name, value=1):
        super().__init__(NumberProvider(), name, {"value": value, "answer": None})


class Team(pulumi.ComponentResource):
    """Somebody's component."""

    def __init__(self, name):
        super().__init__("test:index:Team", name)


def person(key, accounts=(1,), opts=None, first_name="", email="", **more):
    return conduit.ConductorUser(
        key, opts, email=email or f"{key}@acme.example", first_name=first_name or key.title(), last_name="Example",
        initial_accounts=list(accounts), **more
    )


def grant(user, account, name="", opts=None, **more):
    key = name or f"{getattr(user, '_name', user)}-{account}"
    return conduit.UserAccountAccess(key, opts, user=user, account_id=account, **more)


def whole(user, accounts, name="", opts=None):
    key = name or f"{getattr(user, '_name', user)}-accounts"
    return conduit.UserAccountAccessExclusive(key, opts, user=user, account_ids=accounts)
'''


def _nothing(_sandbox: Any) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class PlanCase:
    """One plan: what exists and is declared before, what others do then, and the edit that is previewed.

    With `failed`, an update that meets this comes before the preview.
    """

    after: str
    before: str = ""
    seed: Callable[[Any], None] = _nothing
    outside: Callable[[Any], None] = _nothing
    failed: Callable[[Any], None] | None = None
    command: tuple[str, ...] = ("preview",)
    environ: Mapping[str, str] = field(default_factory=dict)
    files_before: Mapping[str, str] = field(default_factory=dict)
    files_after: Mapping[str, str] = field(default_factory=dict)

    def program(self, body: str) -> str:
        """Return a whole program."""
        return _HEAD + textwrap.dedent(body)
