"""What a user's test gets: a stack of a folder or of a function, results to ask, failures that say why."""

import pulumi
import pytest
from sampling import sample

import pulumi_conduit as conduit
from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.engine import EngineError, Secret, run
from pulumi_conduit.testing.stack import OperationFailed, Stack

ADA = "ada@acme.example"


def onboard():
    """Declare one person, whose first name is configuration."""
    ada = conduit.ConductorUser(
        "ada",
        email=ADA,
        first_name=pulumi.Config().get("first") or "Ada",
        last_name="Lovelace",
        type="STANDARD",
        initial_accounts=[1],
    )
    pulumi.export("email", ada.email)
    pulumi.export("token", pulumi.Config().get_secret("token"))


def declare_an_unknown_account():
    """Declare what the provider refuses."""
    conduit.ConductorUser("ada", email=ADA, first_name="Ada", last_name="Lovelace", initial_accounts=[4711])


def declare_a_company():
    """Declare a company under a name from configuration."""
    conduit.Company(pulumi.Config("test").require("name"), company_id="ACME", on_destroy="retain")


def print_hooks():
    """Print the setting of the SDK hooks."""
    import os  # noqa: PLC0415 - part of the program

    print("hooks:", os.environ["CONDUIT_SDK_HOOKS"])  # noqa: T201


def print_settings():
    """Show which settings the program sees."""
    import os  # noqa: PLC0415 - part of the program

    print("person:", os.environ["CONDUCTOR_USERNAME"], os.environ["CONDUIT_LINK_APP_TOKEN_B"])  # noqa: T201


@pytest.mark.parametrize("name", sample(["hr::ada", ":ada", "a$b::pulumi:pulumi:Stack::c"], 3))
def test_a_step_has_name_and_type_whatever_the_name_is(conduit_stack, name):
    """A name may hold what separates the parts of a URN, and can be asked for and aimed at."""
    stack = conduit_stack(declare_a_company, config={"test:name": name})

    planned = stack.preview(target=name)

    assert planned.creates(name)
    assert {"pulumi-python:dynamic/conduit:Company"} == {one.type for one in planned.steps if one.name == name}
    assert stack.up().creates(name)


@pytest.mark.slow
def test_a_function_is_a_program(conduit_stack, conduit_sandbox):
    """What a function declares is planned, made, looked at and taken down, and each result says what happened."""
    stack = conduit_stack(onboard)

    assert (True, False) == (stack.preview().creates("ada"), stack.preview().creates("grace"))
    assert {"create": 2} == stack.up().summary
    assert stack.up().keeps("ada")
    conduit_sandbox.conductor.edit_user(ADA, type="READ_ONLY")
    drifted = stack.refresh()
    assert (True, ("type",)) == (drifted.updates("ada"), drifted.steps[-1].changes)
    assert stack.up().updates("ada")
    assert stack.destroy().deletes("ada")
    assert "INACTIVE" == conduit_sandbox.conductor.user(ADA)["status"]


def test_configuration_reaches_the_program(conduit_stack, conduit_sandbox):
    """Plain and secret configuration is the program's, and a secret stays one in the outputs."""
    stack = conduit_stack(onboard, config={"first": "Augusta", "token": Secret("canary")})

    up = stack.up()

    assert "Augusta" == conduit_sandbox.conductor.user(ADA)["first_name"]
    assert {"email": ADA, "token": Secret("canary")} == up.outputs
    assert "canary" not in repr(up)


def declare_two():
    """Declare two people."""
    for name in ("ada", "grace"):
        conduit.ConductorUser(
            name, email=f"{name}@acme.example", first_name=name.title(), last_name="Hopper", initial_accounts=[1]
        )


@pytest.mark.parametrize(
    "selection",
    sample([{"target": "ada"}, {"target": ["**:ConductorUser::a*"]}, {"exclude": "grace"}, {"exclude": ["**e"]}], 2),
)
def test_an_operation_can_be_confined_to_some_resources(conduit_stack, selection):
    """Names and patterns choose what is previewed, made, looked at and taken down; the rest is left alone."""
    stack = conduit_stack(declare_two)

    planned = stack.preview(**selection)
    assert (True, False) == (planned.creates("ada"), planned.creates("grace"))
    assert {"create": 2} == {key: count for key, count in stack.up(**selection).summary.items() if key == "create"}
    assert stack.up().creates("grace")
    looked_at = {step.name for step in stack.refresh(**selection).steps}
    assert {"ada"} == looked_at & {"ada", "grace"}
    destroyed = stack.destroy(**selection)
    assert (True, False) == (destroyed.deletes("ada"), destroyed.deletes("grace"))


@pytest.mark.slow
def test_a_resource_can_be_replaced_on_request(conduit_stack):
    """What is replaced is the same person, who keeps the access."""
    stack = conduit_stack(onboard)
    stack.up()

    assert stack.preview(replace="ada").replaces("ada")
    assert stack.up(replace=["ada"]).replaces("ada")
    assert "ACTIVE" == stack.sandbox.conductor.user(ADA)["status"]


def test_a_target_that_is_not_there_is_an_error(conduit_stack):
    """A URN in full must be one of the stack's."""
    stack = conduit_stack(onboard)

    with pytest.raises(OperationFailed, match="could not be found in the stack"):
        stack.up(target="urn:pulumi:test::test::pulumi-python:dynamic/conduit:ConductorUser::bob")
    with pytest.raises(OperationFailed, match="could not be found in the stack"):
        stack.up(replace="urn:pulumi:test::test::pulumi-python:dynamic/conduit:ConductorUser::bob")
    with pytest.raises(OperationFailed, match="could not be found in the stack"):
        stack.refresh(exclude="urn:pulumi:test::test::pulumi-python:dynamic/conduit:ConductorUser::bob")


def test_options_that_exclude_each_other_are_refused(conduit_stack, tmp_path):
    """As on Pulumi's command line, there is either a target or an exclusion, and only an update replaces."""
    stack = conduit_stack(onboard)

    with pytest.raises(EngineError, match="target and exclude cannot be given together"):
        stack.up(target="ada", exclude="bob")
    with pytest.raises(EngineError, match="replace is an option of preview and up, not of refresh"):
        run("refresh", program=tmp_path, state=tmp_path / "state.json", replace="ada")


def test_settings_of_the_one_who_tests_are_hidden(conduit_stack, conduit_sandbox, monkeypatch):
    """A program under test never sees credentials from outside, not even of profiles."""
    monkeypatch.setenv("CONDUCTOR_USERNAME", "somebody@real.example")
    monkeypatch.setenv("CONDUIT_LINK_APP_TOKEN_B", "canary")

    printed = [one.message for one in conduit_stack(print_settings).preview().diagnostics]

    assert [f"person: {conduit_sandbox.environ()['CONDUCTOR_USERNAME']} "] == printed


@pytest.mark.parametrize("mode", ["auto", "off"])
def test_the_sdk_hooks_of_the_one_who_tests_are_kept(conduit_stack, monkeypatch, mode):
    """A program is tested with the hooks on or off, as the tests are run."""
    monkeypatch.setenv("CONDUIT_SDK_HOOKS", mode)

    assert [f"hooks: {mode}"] == [one.message.strip() for one in conduit_stack(print_hooks).preview().diagnostics]


def test_a_failure_shows_the_providers_line(conduit_stack):
    """The error of a failed operation is the provider's own, and the result comes with it."""
    stack = conduit_stack(declare_an_unknown_account)

    with pytest.raises(OperationFailed) as failure:
        stack.up()

    first, second = str(failure.value).splitlines()
    assert "up failed:" == first
    assert second.startswith("pulumi-python:dynamic/conduit:ConductorUser (ada): ")
    assert "4711" in second
    assert [second.split(": ", 1)[1]] == failure.value.result.errors


@pytest.mark.slow
def test_two_stacks_of_one_test_share_the_sandbox_and_nothing_else(conduit_stack):
    """Each stack has a state of its own."""
    one, other = conduit_stack(onboard), conduit_stack(onboard, name="other")

    one.up()

    assert (True, []) == (len(one.resources()) > 0, other.resources())


@pytest.mark.parametrize("program", [lambda: None, print], ids=["lambda", "builtin"])
def test_what_no_other_process_can_call_is_refused(program, tmp_path):
    """Only a function at the top of a module can be the program of another process."""
    with Sandbox.start() as sandbox, pytest.raises(EngineError, match="is no function at the top of a module"):
        Stack(program, sandbox, tmp_path / "stack")
