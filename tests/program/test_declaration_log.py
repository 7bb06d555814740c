"""What a program notes of its resources, and what it never does; Pulumi's own mocks stand in for the engine."""

import asyncio
import contextlib
import json
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

import pulumi_conduit as conduit
from pulumi_conduit.program import declaration_log, dynamic_resource, program_hooks

PERSON: dict[str, Any] = {"first_name": "Ada", "last_name": "Lovelace", "initial_accounts": [1]}
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
        urn = entry.pop("urn", entry.get("name", ""))
        lines[urn.removeprefix("urn:pulumi:dev::test::").replace("pulumi-python:dynamic/", "")] = entry
        return True

    mocker.patch.object(declaration_log, "_run_file", return_value=SimpleNamespace(append=note))
    return lines


@pulumi.runtime.test
def test_what_names_an_object_is_noted_at_once_and_nothing_else(noted):
    """The engine does not know the resource then; a name or a status is nobody's business."""
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
def test_a_child_of_an_unrecorded_parent_owns_nothing(noted, mocker):
    """Its name cannot be known, and a wrong one could keep a removal from being made; a grant is noted without it."""
    mocker.patch.object(dynamic_resource, "is_known", return_value=True)  # it is refused where a stack is
    unseen = pulumi.ComponentResource("test:index:Team", "unseen")
    program_hooks._OPTIONS.pop(unseen, None)
    opts = pulumi.ResourceOptions(parent=unseen)
    conduit.Company("child", opts, company_id="ACME")
    conduit.UserAccountAccess("hers", opts, user="eve@example.com", account_id=2)
    conduit.UserAccountAccess("theirs", opts, user="eve@example.com", account_id=pulumi.Output.from_input(2))

    whole = {"name": "hers", "stack": "urn:pulumi:dev::test", "is_whole": True, "unknown": []}
    part = {"name": "theirs", "stack": "urn:pulumi:dev::test", "is_whole": False, "unknown": ["account_id"]}
    assert {
        "hers": {**whole, "nameless": {"user": "eve@example.com", "account_id": 2}},
        "theirs": {**part, "nameless": {"user": "eve@example.com"}},
    } == noted


@pulumi.runtime.test
def test_what_is_only_read_is_not_declared(noted):
    """The program does not manage it."""
    conduit.Company.get("read", "ACME")

    assert {} == noted


def failing():
    """Return an output of something that has failed."""

    async def failed():
        raise ValueError

    output: Any = pulumi.Output.from_input([1, 2])
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
    """A secret is written nowhere; until then, or for ever, a grant is noted as not known."""
    mocker.patch.object(declaration_log, "qualified_type", return_value="list")

    async def program():
        given = {"user": "eve@example.com", "account_ids": account_ids()}
        declaration_log.log_declaration(stack_resource(), "all", given)
        at_once = dict(noted)
        await asyncio.gather(*declaration_log._WAITING)
        return at_once

    at_once = loop.run_until_complete(program())

    named = {"user": "eve@example.com", "account_ids": None, "unknown": ["account_ids"]}
    pending = {**named, "unsettled": "pending", "known": {"user": "eve@example.com"}, "owner": None, "is_list": True}
    known = {"user": "eve@example.com", "account_ids": [1, 2]}
    then = known if is_noted else {**pending, "unsettled": "unknown"}
    assert [{"list::all": pending}, {"list::all": then}] == [at_once, noted]


@pulumi.runtime.test
def test_a_grant_of_a_user_whose_address_is_not_known_is_noted_by_the_users_resource(noted):
    """Whose reactivation it matters to is known all the same."""
    ada = conduit.ConductorUser("ada", email=pulumi.Output.secret("ada@example.com"), **PERSON)
    conduit.UserAccountAccess("hers", user=ada.email, account_id=2)

    owner = "urn:pulumi:dev::test::pulumi-python:dynamic/conduit:ConductorUser::ada"
    grant = {"unsettled": "pending", "known": {"account_id": 2}, "owner": owner, "is_list": False}
    assert {
        "conduit:ConductorUser::ada": {"email": None, "unknown": ["email"]},
        "conduit:UserAccountAccess::hers": {"user": None, "account_id": 2, "unknown": ["user"], **grant},
    } == noted


@pulumi.runtime.test
def test_an_address_that_is_known_later_does_not_wait_for_its_user(noted, loop):
    """A grant is known as soon as the address is that its user was given."""
    ada = conduit.ConductorUser("ada", email=pulumi.Output.from_input("ada@example.com"), **PERSON)
    email: Any = ada.email
    is_registered = asyncio.Event()

    async def registered(with_unknowns=None):
        await is_registered.wait()
        return "ada@example.com"

    email.future = registered
    conduit.UserAccountAccess("hers", user=ada.email, account_id=2)

    def look(_):
        is_registered.set()
        assert {"user": "ada@example.com", "account_id": 2} == noted["conduit:UserAccountAccess::hers"]

    later: Any = asyncio.sleep(0.1)
    return pulumi.Output.from_input(later).apply(look)


@pytest.mark.parametrize(
    ("ignored", "is_marked"),
    [(["user"], "user"), (["account_id"], "accounts"), (["accountId"], "accounts"), (["*"], "user"), (["else"], None)],
)
def test_what_the_engine_may_keep_is_marked(noted, ignored, is_marked):
    """Under `ignore_changes` the old value counts, which the program does not know."""
    opts = pulumi.ResourceOptions(ignore_changes=ignored)
    conduit.UserAccountAccess("two", opts, user="eve@example.com", account_id=2)

    assert is_marked == noted["conduit:UserAccountAccess::two"].get("ignored")


def test_the_address_of_a_user_that_ignores_it_is_not_known(noted):
    """The engine keeps the old one."""
    opts = pulumi.ResourceOptions(ignore_changes=["email"])
    ada = conduit.ConductorUser("ada", opts, email="ada@example.com", **PERSON)
    conduit.UserAccountAccess("hers", user=ada, account_id=2)

    assert "pending" == noted["conduit:UserAccountAccess::hers"]["unsettled"]
    assert {"email": "ada@example.com", "ignored": "user"} == noted["conduit:ConductorUser::ada"]


@pytest.fixture
def opened(mocker):
    """Give the run files that are opened, in a program that an engine runs."""
    engine = SimpleNamespace(Log=SimpleNamespace(_target=ADDRESS))
    mocker.patch("pulumi.runtime.settings.get_engine", return_value=engine)
    return mocker.patch("pulumi_conduit.program.declaration_log.RunFile.open")


async def run_in_stack():
    """Be the coroutine in which the SDK runs a program."""
    return declaration_log._open_file(stack_resource())


def stack_resource():
    """Return what stands for the stack's own resource."""
    return Root()


class Root:
    """Stands for the stack's own resource."""

    def register_outputs(self, outputs):
        """Register nothing."""


@pytest.mark.parametrize("error", [None, ValueError])
def test_the_end_of_the_top_level_is_noted_unless_it_failed(opened, loop, error):
    """A program that breaks off has not declared all."""

    async def run_in_stack():
        root = stack_resource()
        program_hooks.watch_top_level(root)
        program_hooks.watch_top_level(root)
        file: Any = declaration_log._open_file(root)
        file.append.assert_not_called()
        with contextlib.suppress(ValueError):
            try:
                if error:
                    raise error
            finally:
                root.register_outputs({})
        return file, root

    file, root = loop.run_until_complete(run_in_stack())

    notes = [json.loads(call.args[0]) for call in file.append.call_args_list]
    assert ([] if error else [{"stack": "urn:pulumi:dev::test", "top_level": "has run"}]) == notes
    acted = []
    program_hooks.when_top_level_has_run(root, lambda: acted.append(1))
    assert ([] if error else [1]) == acted


def test_a_program_has_one_file_that_ends_with_it(opened, loop):
    """Where several programs run in one process, none outlives its run."""
    file = loop.run_until_complete(run_in_stack())

    opened.assert_called_once_with(ADDRESS.decode())
    assert file is opened.return_value
    file.close.assert_called()


@pytest.mark.parametrize(
    ("name", "value"),
    [("pulumi.runtime.settings.get_engine", None), ("pulumi_conduit.sdk_internals._PROGRAM", "another_coroutine")],
    ids=["no engine", "unknown SDK"],
)
def test_where_no_process_would_read_it_no_file_is_opened(opened, loop, mocker, name, value):
    """Without an engine's address, or an end, no file can be made."""
    given = {"new": value} if name.endswith("_PROGRAM") else {"return_value": value}
    mocker.patch(name, **given)

    assert loop.run_until_complete(run_in_stack()) is None
    opened.assert_not_called()


def test_outside_a_program_nothing_is_opened(opened):
    """No loop runs there."""
    assert declaration_log._open_file(stack_resource()) is None
    opened.assert_not_called()


def test_a_program_that_can_note_nothing_fails_at_once(opened, loop):
    """A run that leaves a part of it out would take access from people whom it declares."""
    opened.return_value = None

    with pytest.raises(
        conduit.InvalidInputError, match=r"^this program: the run file for its declarations cannot be written.* folders"
    ):
        loop.run_until_complete(run_in_stack())


@pulumi.runtime.test
def test_a_resource_that_cannot_be_noted_is_not_declared(noted, mocker):
    """The disk is full."""
    mocker.patch.object(declaration_log, "_run_file", return_value=SimpleNamespace(append=lambda _: False))

    with pytest.raises(conduit.InvalidInputError, match=r"^acme: the run file for its declarations cannot be written"):
        conduit.Company("acme", company_id="ACME")
