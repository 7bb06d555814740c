"""A delete that comes before other resources are checked, on the embedded engine."""

import textwrap

import pytest

from pulumi_conduit.testing.stack import OperationFailed

PERSON = 'first_name="Ada", last_name="Lovelace", initial_accounts=[1]'
FIRST = "opts=pulumi.ResourceOptions(delete_before_replace=True)"
AFTER = "opts=pulumi.ResourceOptions(depends_on=[{}])"
TWO = f"""
    ada = conduit.ConductorUser("ada", email="ada@example.com", {PERSON})
    bob = conduit.ConductorUser("bob", email="bob@example.com", {PERSON})
"""
SWAPPED = f"""
    ada = conduit.ConductorUser("ada", email="bob@example.com", {PERSON}, {{}})
    bob = conduit.ConductorUser("bob", email="ada@example.com", {PERSON}, {AFTER.format("ada")})
"""
GRANT = """
    travel = conduit.UserAccountAccess("travel", user=ada, account_id={}, {})
"""
TAKEN = f"""
    conduit.UserAccountAccess("flights", user=bob.email.apply(lambda _: "ada@example.com"), account_id=2,
        {AFTER.format("travel")})
"""


class Project:
    """A folder whose program can be replaced."""

    def __init__(self, folder):
        """Begin with an empty folder."""
        self.folder = folder
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: testing\nruntime: python\n", encoding="utf-8")

    def program(self, text):
        """Replace the program."""
        header = "import pulumi\nimport pulumi_conduit as conduit\n"
        (self.folder / "__main__.py").write_text(header + textwrap.dedent(text), encoding="utf-8")


@pytest.fixture
def project(tmp_path):
    """Give a program that can be replaced."""
    return Project(tmp_path / "project")


@pytest.fixture
def stack(conduit_stack, project):
    """Give a stack of that program."""
    return conduit_stack(project.folder)


def held(sandbox, name):
    """Return what a user holds: its status and its accounts."""
    live = sandbox.conductor.user(f"{name}@example.com")
    return live["status"], sorted(live["accounts"])


def test_swapped_people_are_not_deactivated_first(stack, project, conduit_sandbox):
    """The other resource takes the person over in the same run, if nothing is deleted before."""
    project.program(TWO)
    stack.up()
    project.program(SWAPPED.format(FIRST))
    conduit_sandbox.forget_requests()

    refusal = r"user ada@example\.com: not deleted: resource 'bob' declares the same object and is not part of this run"
    with pytest.raises(OperationFailed, match=refusal):
        stack.up()
    project.program(SWAPPED.format(""))
    stack.up()

    assert [] == conduit_sandbox.writes()
    assert [("ACTIVE", [1])] * 2 == [held(conduit_sandbox, name) for name in ("ada", "bob")]


def test_an_account_is_not_revoked_first_that_another_grant_declares_later(stack, project, conduit_sandbox):
    """That grant says whose account it is only when another resource is there."""
    project.program(TWO + GRANT.format(2, ""))
    stack.up()
    project.program(TWO + GRANT.format(3, FIRST) + TAKEN)

    with pytest.raises(
        OperationFailed, match=r"to account 2: not deleted: resource 'flights' declares the same object"
    ):
        stack.up()

    assert ("ACTIVE", [1, 2]) == held(conduit_sandbox, "ada")


def test_what_no_other_resource_declares_is_deleted_first(stack, project, conduit_sandbox):
    """That is what was asked for, and no other declaration of the program is in its way."""
    project.program(TWO + GRANT.format(2, ""))
    stack.up()
    project.program(TWO + GRANT.format(3, FIRST))
    conduit_sandbox.forget_requests()

    stack.up()

    removal, addition = conduit_sandbox.writes()
    assert ["true", "false"] == [removal["query"].get("removal"), addition["query"].get("removal", "false")]
    assert ("ACTIVE", [1, 3]) == held(conduit_sandbox, "ada")


def test_a_program_that_fails_leaves_nothing_behind(project, stack, tmp_path):
    """Whatever ends it, what it noted goes with it."""
    listed = tmp_path / "listed"
    looking = f"""
    from pathlib import Path
    from pulumi_conduit import run_file
    home = Path({str(tmp_path)!r})
    run_file.run_folders = lambda: [(home, home / "runs")]
{TWO}
    Path({str(listed)!r}).write_text(str(len(list((home / "runs").iterdir()))))
    raise ValueError
"""
    project.program(looking)

    with pytest.raises(OperationFailed, match="ValueError"):
        stack.up()

    assert ["1", []] == [listed.read_text(), list((tmp_path / "runs").iterdir())]
