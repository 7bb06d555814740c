"""What a provider process understands of the run file: the access that is declared for one user."""

import json
import sys

import pytest

from pulumi_conduit import run_file
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.declared_access import LoggedAccess, LoggedGrant
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import Tenant
from pulumi_conduit.run_file import RunFile
from pulumi_conduit.server.declared_grants import DeclaredGrants
from pulumi_conduit.settings import Settings

ADDRESS, URL = "127.0.0.1:1", "https://conductor.example"
ENVIRON = {"CONDUCTOR_URL": URL, "CONDUCTOR_USERNAME": "a@b.example", "CONDUCTOR_PASSWORD": "pw"}
ELSEWHERE = {"CONDUCTOR_URL_C": "https://c.example", "CONDUCTOR_USERNAME_C": "a@b", "CONDUCTOR_PASSWORD_C": "pw"}
ADA = Key(Tenant(URL, ""), Kind.USER, "ada@example.com")
URN = "urn:pulumi:dev::test::user::ada"
TWO = "urn:pulumi:dev::test::grant::two"
UNSETTLED = {"urn": TWO, "unsettled": "pending", "is_list": False}
NAMELESS = {"stack": "urn:pulumi:dev::test", "name": "two"}


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Be a program that runs beside this provider process."""
    monkeypatch.setattr(run_file, "run_folders", lambda: [(tmp_path, tmp_path / "runs")])
    monkeypatch.setattr(sys, "argv", ["server", ADDRESS])
    running = RunFile.open(ADDRESS)
    assert running
    yield running
    running.close()


@pytest.fixture
def access():
    """Return what a provider process understands of Ada's access."""
    program = DeclaredGrants(ProviderContext(Settings({**ENVIRON, **ELSEWHERE}, {})))
    return lambda: program.access_of(ADA, URN)


@pytest.mark.parametrize(
    ("note", "grant"),
    [
        ({"urn": TWO, "user": "Ada@example.com", "account_id": 2.0}, (False, {2}, TWO)),
        ({"urn": TWO, "user": "ada@example.com", "account_ids": [3, 2]}, (True, {2, 3}, TWO)),
        ({"urn": TWO, "user": "ada@example.com", "account_id": 2, "ignored": "accounts"}, (False, None, TWO)),
        ({"urn": TWO, "user": "bob@example.com", "account_id": 2, "ignored": "user"}, (False, None, TWO)),
        ({**UNSETTLED, "known": {"user": "Ada@example.com"}, "owner": None}, (False, None, TWO)),
        ({**UNSETTLED, "known": {}, "owner": URN}, (False, None, TWO)),
        ({**UNSETTLED, "known": {}, "owner": None}, (False, None, TWO)),
        ({**NAMELESS, "nameless": {"user": "ada@example.com", "account_id": 2}, "is_whole": True}, (False, {2}, None)),
        ({**NAMELESS, "nameless": {"user": "ada@example.com"}, "is_whole": False}, (False, None, None)),
        ({**NAMELESS, "nameless": {"account_id": 2}, "is_whole": False}, (False, None, None)),
    ],
)
def test_a_grant_is_understood(file, access, note, grant):
    """Known with its accounts, or not known; one that may be anybody's counts for everybody."""
    before = access()
    file.append(json.dumps(note))

    is_list, accounts, urn = grant
    noted = LoggedGrant(
        "two",
        urn,
        is_list,
        accounts and frozenset(accounts),
        is_pending="unsettled" in note,
        has_known_profile="ignored" not in note,
    )
    assert [LoggedAccess(), LoggedAccess((noted,))] == [before, access()]


@pytest.mark.parametrize(
    "note",
    [
        {**UNSETTLED, "known": {"user": "ada@example.com"}, "owner": None, "unknown": ["profile"]},
        {**UNSETTLED, "known": {}, "owner": URN, "unknown": ["profile", "user"]},
        {**NAMELESS, "nameless": {"user": "ada@example.com"}, "is_whole": False, "unknown": ["profile"]},
        {"urn": TWO, "user": "ada@example.com", "account_id": 2, "profile": "c", "ignored": "accounts"},
    ],
)
def test_a_grant_whose_profile_is_not_known_may_be_of_each_tenant(file, note):
    """A reactivation that did not know it would revoke what the program declares."""
    settings = Settings({**ENVIRON, **ELSEWHERE}, {})
    in_c = Key(Tenant("https://c.example", ""), Kind.USER, "ada@example.com")
    file.append(json.dumps(note))

    found = DeclaredGrants(ProviderContext(settings)).access_of(in_c, URN).grants

    assert [("two", None, False)] == [(one.name, one.accounts, one.has_known_profile) for one in found]


@pytest.mark.parametrize(
    "note",
    [
        {"urn": TWO, "user": "bob@example.com", "account_id": 2},
        {"urn": TWO, "user": "bob@example.com", "account_id": 2, "ignored": "accounts"},
        {"urn": TWO, "user": "no address", "account_id": 2},
        {"urn": TWO, "user": "ada@example.com", "account_id": "x"},
        {"urn": TWO, "user": "ada@example.com", "account_id": 2, "profile": ["x"]},
        {"urn": TWO, "user": "ada@example.com", "account_id": 2, "profile": "c"},
        {"urn": TWO.replace("dev", "prod"), "user": "ada@example.com", "account_id": 2},
        {**UNSETTLED, "known": {}, "owner": "urn:pulumi:dev::test::user::bob"},
        {"urn": TWO, "email": "ada@example.com"},
        {"stack": "urn:pulumi:prod::test", "top_level": "has run"},
        [],
    ],
)
def test_what_is_of_another_user_or_refused_is_no_grant(file, access, note):
    """It neither gives nor holds up anything."""
    file.append(json.dumps(note))
    file.append("{")

    assert LoggedAccess() == access()


def test_the_last_entry_of_a_resource_counts_and_the_end_of_the_top_level_is_read(file, access):
    """What was not known at first is known in the end."""
    file.append(json.dumps({**UNSETTLED, "known": {}, "owner": None}))
    file.append(json.dumps({"stack": "urn:pulumi:dev::test", "top_level": "has run"}))
    file.append(json.dumps({"urn": TWO, "user": "ada@example.com", "account_id": 2}))

    assert (
        LoggedAccess((LoggedGrant("two", TWO, is_list=False, accounts=frozenset({2})),), is_complete=True) == access()
    )
