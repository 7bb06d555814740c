"""Switches as values: their defaults, their text form, and that none goes untested."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pulumi_conduit.sandbox import MistakeError, Switches
from pulumi_conduit.sandbox.switches import as_json, parse


def test_every_switch_is_tested():
    """A switch without a test of its positions would be a promise only."""
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    names = {field.name for field in dataclasses.fields(Switches)}

    assert {name for name in names if f"switch({name}=" in text} == names


def test_switches_are_read_from_name_and_value():
    """Text becomes the switch's own type; `none` is no limit."""
    parsed = parse(["read_lag=2", "inactive_keeps_grants=false", "list_limit=none", "unshared_user=visible"])

    assert parsed == Switches(read_lag=2, inactive_keeps_grants=False, unshared_user="visible")


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("read_lag", "switch 'read_lag' is not of the form name=value"),
        ("raed_lag=1", "there is no switch 'raed_lag'; there are "),
        ("read_lag=-1", "switch 'read_lag': input should be greater than or equal to 0"),
        ("unshared_user=maybe", "switch 'unshared_user': input should be 'missing', 'forbidden' or 'visible'"),
        ("latency_s=inf", "switch 'latency_s': input should be a finite number"),
    ],
)
def test_a_wrong_switch_is_a_mistake_in_one_line(setting, reason):
    """A typo in a switch is reported by name."""
    with pytest.raises(MistakeError) as caught:
        parse([setting])

    assert str(caught.value).startswith(reason)
    assert "\n" not in str(caught.value)


def test_the_defaults_are_the_kindest_reading():
    """Whoever sets nothing meets APIs that are whole, prompt and forgiving."""
    defaults = as_json(Switches())

    assert defaults == {
        "company_create_existing": "conflict",
        "new_company_token_voids_old": False,
        "unshared_user": "missing",
        "empty_accounts_accepted": True,
        "inactive_keeps_grants": True,
        "inactive_grants_editable": "yes",
        "post_honours_status": True,
        "emails_case_insensitive": True,
        "hide_foreign_accounts": False,
        "replace_drops_foreign": False,
        "list_limit": None,
        "read_lag": 0,
        "list_lag_writes": 0,
        "list_lag_s": 0.0,
        "inactive_accounts_hidden": False,
        "post_leaves_inactive": False,
        "names": "kept",
        "get_user_carries_status": True,
        "new_login_voids_tokens": False,
        "token_life_s": 86400,
        "bearer": "access",
        "error_shape": "message",
        "routes": None,
        "unknown_route": "standard",
        "write_status": None,
        "latency_s": 0.0,
        "rate_limit_per_s": None,
    }
