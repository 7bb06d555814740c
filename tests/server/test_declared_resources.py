"""What a provider process understands of the run file: which resource declares which object, and where."""

import json
import sys

import pytest

from pulumi_conduit import run_file
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.resources.tenant import Tenant, conductor_tenant, link_tenant
from pulumi_conduit.run_file import RunFile
from pulumi_conduit.server.declared_resources import DeclaredResources
from pulumi_conduit.server.engine_process import Selection
from pulumi_conduit.settings import Settings

ADDRESS, URL, LINK_URL = "127.0.0.1:1", "https://conductor.example", "https://link.example"
IDENTITY = conductor_tenant(URL, "a@b.example")
HERE, LINK_HERE = Tenant(URL, ""), link_tenant(LINK_URL, "token")
ENVIRON = {
    "CONDUCTOR_URL": URL,
    "CONDUCTOR_USERNAME": "a@b.example",
    "CONDUCTOR_PASSWORD": "pw",
    "CONDUCTOR_URL_B": URL,
    "CONDUCTOR_USERNAME_B": "c@d.example",
    "CONDUCTOR_PASSWORD_B": "pw",
    "CONDUCTOR_URL_C": "https://other.example",
    "CONDUCTOR_USERNAME_C": "a@b.example",
    "CONDUCTOR_PASSWORD_C": "pw",
    "CONDUIT_LINK_URL": LINK_URL,
    "CONDUIT_LINK_APP_TOKEN": "token",
    "CONDUIT_LINK_URL_B": LINK_URL,
    "CONDUIT_LINK_APP_TOKEN_B": "another",
    "CONDUCTOR_URL_MIXED": URL,
    "CONDUCTOR_USERNAME_MIXED": "a@b.example",
}
URN = "urn:pulumi:dev::test::kind::new"
MINE = "urn:pulumi:dev::test::kind::old"
ADA = Key(HERE, Kind.USER, "ada@example.com")


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
def keys():
    """Be a provider process."""
    return DeclaredResources(ProviderContext(Settings(ENVIRON, {"conductorUsername_mixed": "x"})))


def noted(file, urn=URN, **naming):
    """Note what a resource declares."""
    file.append(json.dumps({**naming, "urn": urn}))


@pytest.mark.parametrize(
    ("naming", "key"),
    [
        ({"email": "Ada@Example.com"}, ADA),
        ({"company_id": "ACME"}, Key(LINK_HERE, Kind.COMPANY, "acme")),
        ({"user": "Ada@example.com", "account_id": 2}, Key(HERE, Kind.GRANT, "ada@example.com:2")),
        ({"user": "Ada@example.com", "account_id": 2.0}, Key(HERE, Kind.GRANT, "ada@example.com:2")),
        ({"user": "ada@example.com", "account_ids": [3, 2]}, Key(HERE, Kind.GRANT_LIST, "ada@example.com")),
        ({"user": "ada@example.com", "account_ids": [3, 2]}, Key(HERE, Kind.GRANT, "ada@example.com:2")),
    ],
)
def test_every_kind_is_known_by_its_canonical_id(file, keys, naming, key):
    """A list declares each of its accounts, too."""
    before = keys.declarers(key, MINE)
    noted(file, **naming)

    assert [[], [URN]] == [before, keys.declarers(key, MINE)]


@pytest.mark.parametrize(
    ("key", "profile", "is_declared"),
    [
        (ADA, "b", True),
        (ADA, "c", False),
        (ADA, "unconfigured", True),
        (ADA, "mixed", True),
        (ADA, "NO PROFILE", True),
        (ADA, 7, True),
        (Key(LINK_HERE, Kind.COMPANY, "acme"), "b", False),
        (Key(LINK_HERE, Kind.COMPANY, "acme"), "unconfigured", True),
    ],
)
def test_a_profile_counts_by_where_it_leads(file, keys, key, profile, is_declared):
    """One that cannot be followed counts as leading here: a delete that was refused can be made later."""
    naming = {"company_id": "ACME"} if key.kind is Kind.COMPANY else {"email": "ada@example.com"}
    noted(file, **naming, profile=profile)

    assert is_declared is bool(keys.declarers(key, MINE))


@pytest.mark.parametrize(
    "naming",
    [
        {"email": "bob@example.com"},
        {"email": "no address"},
        {"user": "ada@example.com", "account_id": 2},
        {"user": "ada@example.com"},
        {"user": "ada@example.com", "account_ids": "2"},
        {"company_id": "ada@example.com"},
        {},
    ],
)
def test_what_is_something_else_or_nothing_declares_no_user(file, keys, naming):
    """A declaration that no check would pass is no reason to keep anything."""
    noted(file, **naming)

    assert [] == keys.declarers(ADA, MINE)


def test_the_last_word_of_a_resource_counts(file, keys):
    """A transformation may have changed what was noted first."""
    noted(file, email="ada@example.com")
    noted(file, email="bob@example.com")

    assert [] == keys.declarers(ADA, MINE)


def test_a_program_of_another_stack_is_not_read(file, keys):
    """Two containers may share a folder, and the address of an engine is one within a container only."""
    noted(file, urn="urn:pulumi:prod::test::kind::new", email="ada@example.com")
    noted(file, urn="urn:pulumi:dev::other::kind::new", email="ada@example.com")

    assert [] == keys.declarers(ADA, MINE)


@pytest.mark.parametrize("line", ["", "{", "[]", "7", '{"email": "ada@example.com"}', '{"urn": 7}'])
def test_a_line_that_cannot_be_read_is_passed_over(file, keys, line):
    """A disk may have been full."""
    file.append(line)
    noted(file, email="ada@example.com")

    assert [URN] == keys.declarers(ADA, MINE)


GRANT = Key(HERE, Kind.GRANT, "ada@example.com:2")
LIST = Key(HERE, Kind.GRANT_LIST, "ada@example.com")


@pytest.mark.parametrize(
    ("key", "naming", "unknown", "is_declared"),
    [
        (ADA, {"email": None}, ["email"], True),
        (ADA, {"email": "Ada@example.com", "profile": None}, ["profile"], True),
        (ADA, {"email": "bob@example.com", "profile": None}, ["profile"], False),
        (ADA, {"user": None, "account_id": 2}, ["user"], False),
        (GRANT, {"user": None, "account_id": 2}, ["user"], True),
        (GRANT, {"user": None, "account_id": 3}, ["user"], False),
        (GRANT, {"user": "ada@example.com", "account_id": None}, ["account_id"], True),
        (GRANT, {"user": "bob@example.com", "account_id": None}, ["account_id"], False),
        (GRANT, {"user": "ada@example.com", "account_ids": None}, ["account_ids"], True),
        (GRANT, {"user": None, "account_ids": [3, 2]}, ["user"], True),
        (GRANT, {"email": None}, ["email"], False),
        (LIST, {"user": None, "account_ids": [3, 2]}, ["user"], True),
        (LIST, {"user": None, "account_id": 2}, ["user"], False),
        (Key(LINK_HERE, Kind.COMPANY, "acme"), {"company_id": None}, ["company_id"], True),
        (Key(LINK_HERE, Kind.COMPANY, "acme"), {"email": None}, ["email"], False),
    ],
)
def test_an_unknown_value_may_be_anything_that_it_can_be(file, keys, key, naming, unknown, is_declared):
    """An address may be a secret, or may never come to be known in a run that leaves a part of the program out."""
    noted(file, **naming, unknown=unknown)

    assert is_declared is bool(keys.declarers(key, MINE))


@pytest.mark.parametrize(
    ("naming", "is_found"),
    [
        ({"user": "Ada@example.com", "account_id": 2}, True),
        ({"user": "ada@example.com", "account_ids": [2, 3]}, True),
        ({"user": None, "account_id": 2, "unknown": ["user"]}, True),
        ({"user": "bob@example.com", "account_id": 2}, False),
        ({"user": "ada@example.com", "account_id": 2, "profile": "c"}, False),
        ({"email": "ada@example.com"}, False),
    ],
)
def test_grants_are_left_out_where_the_engine_is_confined(file, keys, mocker, naming, is_found):
    """Of the user's own, of this stack, and of either kind."""
    noted(file, **naming)
    whole = keys.grants_left_out(ADA, MINE)
    mocker.patch("pulumi_conduit.server.declared_resources.selection", return_value=Selection((MINE,)))

    assert [[], [URN] if is_found else []] == [whole, keys.grants_left_out(ADA, MINE)]


@pytest.mark.parametrize(
    ("naming", "is_found"),
    [
        ({"email": "Ada@Example.com"}, True),
        ({"email": "ada@example.com", "profile": "mixed"}, False),
        ({"email": "ada@example.com", "profile": "b"}, False),
        ({"email": "ada@example.com", "profile": 7}, False),
        ({"email": "ada@example.com", "ignored": "user"}, False),
        ({"email": None, "unknown": ["email"]}, False),
        ({"email": "ada@example.com", "profile": None, "unknown": ["profile"]}, False),
        ({"email": "no address"}, False),
        ({"user": "ada@example.com", "account_id": 2}, False),
        ({"company_id": "ada@example.com"}, False),
    ],
)
def test_the_users_of_an_identity_are_those_that_are_known_to_be_its_own(file, keys, naming, is_found):
    """Another identity may not see them, and a value that is not known yet may be any."""
    noted(file, **naming)

    assert keys.users(IDENTITY, MINE) == (["ada@example.com"] if is_found else [])


@pytest.mark.parametrize(
    ("selected", "emails"),
    [(Selection(), ["bob@example.com", "ada@example.com"]), (Selection((URN,)), ["ada@example.com"])],
)
def test_the_users_of_a_run_are_those_of_its_stack_that_it_includes(file, keys, mocker, selected, emails):
    """In the order of the program, which the engine's checks mostly have."""
    found = mocker.patch("pulumi_conduit.server.declared_resources.selection", return_value=selected)
    noted(file, urn="urn:pulumi:prod::test::kind::new", email="prod@example.com")
    noted(file, urn=f"{URN}-2", email="bob@example.com")
    noted(file, email="ada@example.com")

    assert [emails, emails] == [keys.users(IDENTITY, MINE), keys.users(IDENTITY, MINE)]
    assert 1 == found.call_count  # it costs up to eight processes where there is no /proc


def test_without_a_program_no_user_is_known(tmp_path, monkeypatch, keys):
    """Nothing can be read ahead in a run that has no run file."""
    monkeypatch.setattr(run_file, "run_folders", lambda: [(tmp_path, tmp_path / "runs")])
    monkeypatch.setattr(sys, "argv", ["server", ADDRESS])

    assert [] == keys.users(IDENTITY, MINE)


@pytest.mark.parametrize(
    ("naming", "ignored", "is_declared"),
    [
        ({"user": "bob@example.com", "account_id": 2}, "user", True),
        ({"user": "bob@example.com", "account_id": 2}, "accounts", False),
        ({"user": "ada@example.com", "account_id": 3}, "accounts", True),
        ({"user": "ada@example.com", "account_ids": [3]}, "accounts", True),
    ],
)
def test_what_the_engine_may_keep_is_not_known(file, keys, naming, ignored, is_declared):
    """Under `ignore_changes` the old value counts, which only the state has."""
    noted(file, **naming, ignored=ignored)

    assert is_declared is bool(keys.declarers(GRANT, MINE))


def test_what_comes_to_be_known_is_no_longer_unknown(file, keys):
    """The last word of a resource counts here, too."""
    noted(file, email=None, unknown=["email"])
    noted(file, email="bob@example.com")

    assert [] == keys.declarers(ADA, MINE)


def test_a_program_that_was_read_is_known_to_the_end_of_the_run(file, keys):
    """Whatever ends it, what it declared is as true as before."""
    noted(file, email="ada@example.com")
    keys.open_run_file()
    file.close()

    assert [URN] == keys.declarers(ADA, MINE)


def test_without_a_program_every_delete_is_real(tmp_path, monkeypatch, keys):
    """A destroy asks for no check."""
    monkeypatch.setattr(run_file, "run_folders", lambda: [(tmp_path, tmp_path / "runs")])

    assert [] == keys.declarers(ADA, MINE)


@pytest.mark.parametrize("is_noted", [False, True], ids=["not found", "incomplete"])
def test_a_running_program_without_a_log_keeps_everything(file, keys, tmp_path, monkeypatch, mocker, is_noted):
    """Nobody knows what it declares under another name."""
    if is_noted:
        mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))
        file.append("lost")
    else:
        monkeypatch.setattr(run_file, "run_folders", lambda: [(tmp_path, tmp_path / "other")])
    keys.open_run_file()

    with pytest.raises(RefusedError, match=r"^user ada@example\.com: not deleted: the program's run file cannot be"):
        keys.declarers(ADA, MINE)
