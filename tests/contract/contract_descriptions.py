"""The two descriptions, as they are and narrowed to a namespace, and how schemathesis shall use them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemathesis
import yaml
from sampling import IS_FULL, amount
from schemathesis.specs.openapi.checks import negative_data_rejection

if TYPE_CHECKING:
    from contract_services import Namespace

__all__ = ["CASES", "OPERATIONS", "asked_of", "described", "loaded", "narrowed"]

HERE = Path(__file__).parent
OPERATIONS = 16
CASES = 5_000 if "SOAK_RUNS" in os.environ else amount(64, 320)

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[a-z0-9-]{1,30}\.example")
"""What `Email` allows in the descriptions: which other addresses are refused is unknown."""

# What the pages do not promise, so that nobody may demand it.
_NOT_PROMISED = {
    "unsupported_method": {"enabled": False},  # no page says 405
    "use_after_free": {"enabled": False},  # an account that was taken from a user can be given again
    "ensure_resource_availability": {"enabled": False},  # a write may be late to be seen
}


def described(name: str) -> dict[str, Any]:
    """Return a description as it is written."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


def narrowed(name: str, namespace: Namespace, accounts: list[int]) -> dict[str, Any]:
    """Return a description that knows the companies and people of a namespace only, and these accounts."""
    raw = described(name)
    schemas = raw["components"]["schemas"]
    if name == "link":
        schemas["CompanyId"] = {"type": "string", "enum": namespace.company_ids}
        # The answer may spell an id in another case.
        schemas["Company"]["properties"]["id"] = {"type": "string"}
    else:
        schemas["Email"] = {"type": "string", "enum": namespace.emails}
        schemas["AccountsToHold"]["items"] = {"type": "integer", "enum": accounts}
        raw["components"]["parameters"]["AccountId"]["schema"] = {"type": "integer", "enum": accounts}
        # Nobody's mailbox is ours, and a wrong password could lock the account.
        raw["paths"]["/users"]["post"]["parameters"] = []
        del raw["paths"]["/login"]
    return raw


def loaded(raw: dict[str, Any], *, cases: int, is_hostile: bool) -> Any:
    """Return what schemathesis makes of a description; hostile cases break it on purpose."""
    is_covered = is_hostile and (IS_FULL or "SOAK_RUNS" in os.environ)  # made in each collection of tests
    phases = ("examples", "fuzzing", "coverage") if is_covered else ("examples", "fuzzing")
    config = schemathesis.Config.from_dict(
        {
            "checks": _NOT_PROMISED,
            "generation": {
                "mode": "all" if is_hostile else "positive",
                "max-examples": cases,
                # What no page names, no page forbids either.
                "allow-extra-parameters": False,
                "deterministic": not IS_FULL and "SOAK_RUNS" not in os.environ,
            },
            "phases": {
                **{name: {"enabled": name in phases} for name in ("examples", "fuzzing", "coverage")},
                # Only the links that are written down: what a list answers, such as a stranger's email, is not ours.
                "stateful": {"inference": {"algorithms": []}},
            },
        }
    )
    return schemathesis.openapi.from_dict(raw, config=config)


def asked_of(case: Any, base_url: str, **options: Any) -> None:
    """Ask one case of a service, and fail if its answer is not allowed."""
    case.call_and_validate(base_url=base_url, excluded_checks=_not_known_to_be_wrong(case), **options)


def _not_known_to_be_wrong(case: Any) -> list[Any]:
    """Return the check that odd input is refused where nobody knows that it is odd: neither answer may be demanded."""
    given = case.body if isinstance(case.body, dict) else {}
    lists_nothing = given.get("accounts") == []
    is_odd_address = isinstance(given.get("email"), str) and not _PLAIN_ADDRESS.fullmatch(given["email"])
    return [negative_data_rejection] if lists_nothing or is_odd_address else []
