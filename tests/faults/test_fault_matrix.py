"""34 faults by 16 operations: what comes of every cell, what it costs, and that it never mutates twice."""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager
from functools import partial

import pytest
from expectations import TABLE, expected
from fault_kinds import FAULTS, LASTS
from fault_server import comparable, undisturbed
from operations import OPERATIONS, Kind
from sampling import sample

OTHERWISE = {
    "company_create_existing": "overwrite",
    "new_company_token_voids_old": True,
    "unshared_user": "forbidden",
    "empty_accounts_accepted": False,
    "inactive_keeps_grants": False,
    "inactive_grants_editable": "refused",
    "post_honours_status": False,
    "emails_case_insensitive": False,
    "hide_foreign_accounts": True,
    "replace_drops_foreign": True,
    "list_limit": 1,
    "read_lag": 1,
    "get_user_carries_status": False,
    "new_login_voids_tokens": True,
    "error_shape": "text",
    "latency_s": 0.001,
}
"""The other position of every switch that an operation with a fault can meet.

Two are left out, since in their other position they are faults of the table themselves: `rate_limit_per_s` answers 429,
and `token_life_s` of nothing answers 401. Two decide what is expected here: `error_shape`, and `new_login_voids_tokens`
with a 401. The others decide what a whole answer says, which a client passes on as it is; what the resources make of
them is the business of the lost answers.
"""
POSITIONS = {"default": {}, "otherwise": OTHERWISE, "error": {"error_shape": "error"}}
_ROWS_OF_REFUSALS = ("trouble", "slow down", "once unauthorised", "unauthorised", "forbidden", "missing", "conflict")


@pytest.fixture(scope="module")
def known():
    """Keep what operations without a fault have done."""
    return {}


@pytest.fixture
def clean(fault_server, known):
    """Give what an operation without a fault does, in some position of the switches."""

    def play(operation, position):
        if (operation.name, position) not in known:
            played = fault_server.play(operation, undisturbed, switches=POSITIONS[position])
            assert (played.error, played.requests, played.naps) == (None, 1, ())
            known[operation.name, position] = played
        return known[operation.name, position]

    return play


def test_the_table_has_34_faults_and_16_operations():
    """Nobody counts less than is promised, and every row of the expectations is used."""
    assert (len(FAULTS), len(OPERATIONS)) == (34, 16)
    assert {fault.row for fault in FAULTS.values()} == set(TABLE)


def test_a_trusted_certificate_is_accepted(fault_server):
    """Only what is wrong with the others makes them fail."""

    def trusted(fault_server, _):
        fault_server.trust_the_authority()
        return _kept_open(fault_server.tls_proxy("good.pem"))

    for name in ("get_company", "list_users"):
        played = fault_server.play(OPERATIONS[name], trusted)
        assert (played.error, played.requests) == (None, 1)


@pytest.mark.parametrize(
    ("fault", "operation"),
    sample(itertools.product(FAULTS.values(), OPERATIONS.values()), 24),
    ids=lambda one: one.name,
)
def test_a_cell_of_the_matrix(fault_server, clean, tried, fault, operation):
    """Error, line, requests, naps and effects are as written down, under either position of the switches."""
    for position, lasting in itertools.product(_positions(fault), _durations(fault)):
        assert_cell(fault_server, fault, operation, POSITIONS[position], clean(operation, position), lasting=lasting)
        tried("runs of the matrix")
    tried("cells of the matrix")


def assert_cell(fault_server, fault, operation, switches, whole, *, lasting):
    """Play one cell once and compare all that came of it."""
    wanted = expected(fault, operation, switches.get("error_shape", "message"), lasting=lasting)
    times = LASTS if lasting else _times(fault)
    played = fault_server.play(
        operation,
        partial(fault.inject, times=times),
        switches=switches,
        is_hasty=fault.is_hasty,
        deadline_s=fault.deadline_s,
    )

    assert (type(played.error), _error_line(played)) == (wanted.error or type(None), wanted.text)
    assert (played.requests, _naps(played, fault, operation), played.logins) == (
        wanted.requests,
        wanted.naps,
        wanted.logins,
    )
    assert not [secret for secret in fault_server.secrets if secret in str(played.error)]
    is_done = fault.has_effect and wanted.requests > 0
    if wanted.error is None:
        assert comparable(played.result) == comparable(whole.result)
        is_done = True
    assert played.remote_state == (whole.remote_state if is_done else fault_server.before)
    if operation.kind is Kind.POST:
        assert played.effects == int(is_done)


def _error_line(played):
    """Return the line of an error without the base URL of the proxy, which differs in every run."""
    return re.sub(r"(?<=_URL) \(https?://[^)]*\)", "", str(played.error or ""))


def _naps(played, fault, operation):
    """Return the waits of an operation; what comes after a login that was slowed down waits for its turn besides."""
    is_followed = operation.kind is Kind.LOGIN and fault.row == "slow down" and played.error is None
    return played.naps[:-1] if is_followed else played.naps


@contextmanager
def _kept_open(proxy):
    yield proxy


def _positions(fault):
    """Return the positions to try; the third shape of an error is for faults that show one."""
    return POSITIONS if fault.row in _ROWS_OF_REFUSALS else ("default", "otherwise")


def _times(fault):
    return 1 if fault.row == "once unauthorised" else 3


def _durations(fault):
    """Return whether to let it last: one that ends an operation at its first request cannot make a difference."""
    if fault.row == "once unauthorised":
        return (False,)
    return (True, False) if fault.row in ("never arrives", "breaks off", "trouble", "slow down") else (True,)
