"""What a program notes of its resources, and what it never does; Pulumi's own mocks stand in for the engine."""

import asyncio
import json
from types import SimpleNamespace

import pulumi
import pytest
from pulumi.runtime import mocks

import pulumi_conduit as conduit
from pulumi_conduit.adapters import declarations, inheritance

PERSON = {"first_name": "Ada", "last_name": "Lovelace", "initial_accounts": [1]}
ADDRESS = b"127.0.0.1:1"


class Echo(mocks.Mocks):
    """Answers every registration with its inputs."""

    def new_resource(self, args):
        """Echo."""
        return args.resource_id or f"{args.name}-id", args.inputs

    def call(self, args):
        """No function of the engine is used."""
        raise AssertionError(args.token)


@pytest.fixture
def noted(mocker):
    """Give what is noted, by the end of each URN."""
    mocks.set_mocks(Echo(), project="test", stack="dev", preview=False)
    lines = {}

    def note(line):
        entry = json.loads(line)
        lines[entry.pop("urn").removeprefix("urn:pulumi:dev::test::").replace("pulumi-python:dynamic/", "")] = entry

    mocker.patch.object(declarations, "_run_file", return_value=SimpleNamespace(note=note))
    return lines


@pulumi.runtime.test
def test_what_names_an_object_is_noted_at_once_and_nothing_else(noted):
    """The engine has not heard of the resource then; a name or a status is nobody's business."""
    ada = conduit.ConductorUser("ada", email="Ada@example.com", profile="b", **PERSON)
    conduit.UserAccountAccess("by-user", user=ada, account_id=2)
    conduit.UserAccountAccess("by-id", user=ada.id, account_id=3)
    conduit.UserAccountAccessExclusive("all", user="eve@example.com", account_ids=[2, 1])
    conduit.Company("acme", company_id="ACME", name="Acme")

    assert {
        "conduit:ConductorUser::ada": {"email": "Ada@example.com", "profile": "b"},
        "conduit:UserAccountAccess::by-user": {"user": "Ada@example.com", "account_id": 2, "profile": "b"},
        "conduit:UserAccountAccess::by-id": {"user": "Ada@example.com", "account_id": 3, "profile": "b"},
        "conduit:UserAccountAccessExclusive::all": {"user": "eve@example.com", "account_ids": [2, 1]},
        "conduit:Company::acme": {"company_id": "ACME"},
    } == noted


@pulumi.runtime.test
def test_a_resource_is_named_as_the_engine_will_name_it(noted):
    """Its URN has the types of all its parents."""
    acme = conduit.Company("acme", company_id="ACME")
    below = conduit.Company("below", company_id="B", opts=pulumi.ResourceOptions(parent=acme))
    conduit.Company("last", company_id="C", opts=pulumi.ResourceOptions(parent=below))

    assert ["conduit:Company::acme", "conduit:Company$conduit:Company::below"] == list(noted)[:2]
    assert "conduit:Company$conduit:Company$conduit:Company::last" == list(noted)[2]


@pulumi.runtime.test
def test_a_child_of_a_parent_that_nobody_saw_is_not_noted(noted):
    """Its name cannot be told, and a wrong one could keep a removal from being made."""
    unseen = pulumi.ComponentResource("test:index:Team", "unseen")
    inheritance._FATES.pop(unseen, None)
    conduit.Company("child", company_id="ACME", opts=pulumi.ResourceOptions(parent=unseen))

    assert {} == noted


@pulumi.runtime.test
def test_what_is_only_read_is_not_declared(noted):
    """The program does not manage it."""
    conduit.Company.get("read", "ACME")

    assert {} == noted


def failing():
    """Return an output of something that has failed."""

    async def failed():
        raise ValueError

    output = pulumi.Output.from_input([1, 2])
    output.future = failed
    return output


@pytest.mark.parametrize(
    ("account_ids", "is_noted"),
    [
        (lambda: pulumi.Output.from_input([1, 2]), True),
        (lambda: [1, pulumi.Output.from_input(2)], True),
        (lambda: pulumi.Output.secret([1, 2]), False),
        (lambda: [1, pulumi.Output.secret(2)], False),
        (lambda: pulumi.Output.from_input([1, object()]), False),
        (lambda: pulumi.Output.from_input([1, pulumi.UNKNOWN]), False),
        (failing, False),
    ],
    ids=["later", "one later", "secret", "one secret", "odd", "unknown", "failed"],
)
def test_what_is_known_later_is_noted_then_unless_it_is_secret(noted, loop, mocker, account_ids, is_noted):
    """A secret is written nowhere; what never comes to be is told by the resource itself, and fails nothing here."""
    mocker.patch.object(declarations, "qualified_type", return_value="list")

    async def program():
        given = {"user": "eve@example.com", "account_ids": account_ids()}
        declarations.note_declaration(SimpleNamespace(), "all", given)
        at_once = dict(noted)
        await asyncio.gather(*declarations._WAITING)
        return at_once

    at_once = loop.run_until_complete(program())

    then = {"list::all": {"user": "eve@example.com", "account_ids": [1, 2]}}
    assert [{}, then if is_noted else {}] == [at_once, noted]


@pytest.fixture
def opened(mocker):
    """Give the run files that are opened, in a program that an engine runs."""
    engine = SimpleNamespace(Log=SimpleNamespace(_target=ADDRESS))
    mocker.patch.object(declarations, "get_engine", return_value=engine)
    mocker.patch.object(declarations, "is_dry_run", return_value=False)
    return mocker.patch.object(declarations.RunFile, "open")


async def run_in_stack():
    """Be the coroutine in which the SDK runs a program."""
    return declarations._opened(Root())


class Root:
    """Stands for the stack's own resource."""


def test_a_program_has_one_file_that_ends_with_it(opened, loop):
    """Where several programs run in one process, none outlives its run."""
    file = loop.run_until_complete(run_in_stack())

    opened.assert_called_once_with(ADDRESS.decode())
    assert file is opened.return_value
    file.close.assert_called()


@pytest.mark.parametrize(
    ("name", "value"),
    [("is_dry_run", True), ("get_engine", None), ("_PROGRAM", "another_coroutine")],
    ids=["preview", "no engine", "unknown SDK"],
)
def test_where_nobody_would_read_it_nothing_is_opened(opened, loop, mocker, name, value):
    """A preview deletes nothing; without an engine's address, or an end, no file can be made."""
    given = {"new": value} if name == "_PROGRAM" else {"return_value": value}
    mocker.patch.object(declarations, name, **given)

    assert loop.run_until_complete(run_in_stack()) is None
    opened.assert_not_called()


def test_outside_a_program_nothing_is_opened(opened):
    """No loop runs there."""
    assert declarations._opened(Root()) is None
    opened.assert_not_called()
