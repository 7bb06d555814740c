"""Values from a resource that is replaced and deleted first: what they identify is neither deleted nor given anew."""

from pathlib import Path
from typing import NamedTuple

import pytest
from upstream_program import with_upstream

from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.testing.stack import Stack

PERSON = 'first_name="Ada", last_name="Lovelace", initial_accounts=[1]'
USER = f'ada = conduit.ConductorUser("ada", email=hr.mail, {PERSON}{{more}})\n'
GRANT = 'conduit.UserAccountAccess("travel", user=ada, account_id=2)\n'
LIST = 'conduit.UserAccountAccessExclusive("all", user=ada, account_ids=[1, 2])\n'


class Project(NamedTuple):
    """A program whose upstream resource can be replaced, its stack, and the sandbox."""

    folder: Path
    stack: Stack
    sandbox: Sandbox

    def up(self, program, size):
        """Run the program, with the upstream resource of this size."""
        (self.folder / "__main__.py").write_text(with_upstream(program, size), encoding="utf-8")
        self.sandbox.forget_requests()
        return self.stack.up()

    def ada(self):
        """Return her status and her accounts."""
        live = self.sandbox.conductor.user("ada@example.com")
        return live["status"], sorted(live["accounts"])


@pytest.fixture
def project(tmp_path, conduit_stack, conduit_sandbox):
    """Give a project with a stack."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: testing\nruntime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text("", encoding="utf-8")
    return Project(folder, conduit_stack(folder), conduit_sandbox)


@pytest.mark.parametrize("more", ["", ', on_destroy="retain"'], ids=["deactivate", "retain"])
@pytest.mark.parametrize("access", [GRANT, LIST], ids=["grant", "list"])
def test_a_person_keeps_status_and_access(project, access, more):
    """The address is the same in the end, so nothing is sent."""
    program = USER.format(more=more) + access
    project.up(program, 1)

    project.up(program, 2)

    assert [] == project.sandbox.writes()
    assert ("ACTIVE", [1, 2]) == project.ada()


@pytest.mark.parametrize("account", ["hr.account", "hr.account.apply(int)"])
def test_a_last_account_is_not_removed(project, account):
    """Without it the API hides the user, and nothing could give it back."""
    project.sandbox.conductor.put_user("ada@example.com", first_name="Ada", last_name="Lovelace", accounts=[2])
    program = f'conduit.UserAccountAccess("travel", user="ada@example.com", account_id={account})\n'
    project.up(program, 1)

    project.up(program, 2)

    assert [] == project.sandbox.writes()
    assert ("ACTIVE", [2]) == project.ada()


@pytest.mark.parametrize("on_destroy", ["disable_page", "retain"])
def test_a_company_s_page_stays_open(project, on_destroy):
    """Its id is the same in the end."""
    program = (
        f'conduit.Company("c", company_id=hr.company, name="Acme", on_destroy="{on_destroy}", page_enabled=True)\n'
    )
    project.up(program, 1)

    project.up(program, 2)

    assert [] == project.sandbox.writes()
    assert project.sandbox.link.company("ACME")["page_enabled"] is True


def test_another_address_replaces_the_person(project):
    """A value that did change is acted upon, when it is known."""
    program = USER.format(more="") + GRANT
    project.up(program, 1)

    project.up(program.replace("hr.mail", 'hr.mail.apply(lambda one: one.replace("ada", "eve"))'), 2)

    assert ("INACTIVE", [1, 2]) == project.ada()
    assert "ACTIVE" == project.sandbox.conductor.user("eve@example.com")["status"]


def test_a_preview_shows_that_the_person_may_be_replaced(project):
    """There the address is not known yet."""
    program = USER.format(more="")
    project.up(program, 1)
    (project.folder / "__main__.py").write_text(with_upstream(program, 2), encoding="utf-8")

    plan = project.stack.preview()

    assert plan.replaces("ada")


def test_a_person_who_is_replaced_with_delete_first_keeps_status_and_access(project):
    """The same resource declares the same person: a replacement by itself deletes nothing."""
    program = f"""ada = conduit.ConductorUser("ada", email="ada@example.com", {PERSON},
        opts=pulumi.ResourceOptions(delete_before_replace=True))\n{GRANT}"""
    project.up(program, 1)
    project.sandbox.forget_requests()

    replaced = project.stack.up(replace="**::ada")

    assert [] == project.sandbox.writes()
    assert ("ACTIVE", [1, 2]) == project.ada()
    assert any("not deleted: resource 'ada' declares the same object now" in str(one) for one in replaced.diagnostics)
