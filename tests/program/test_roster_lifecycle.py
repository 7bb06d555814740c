"""A roster's life on the embedded engine."""

import pytest

from pulumi_conduit.testing.stack import OperationFailed


@pytest.fixture
def stack(declare, conduit_stack):
    """Give a stack that declares five people."""
    return conduit_stack(declare())


def people_of(sandbox):
    """Return everybody at the customer, by the part of the address that differs."""
    users = sandbox.conductor.users().items()
    return {email.partition("@")[0]: user for email, user in users if email.endswith("@acme.example")}


def named(result, operation):
    """Return the names of the resources that an operation is done to."""
    return {step.name for step in result.steps if step.op == operation}


def test_five_people_go_up_and_the_second_time_nothing_happens(stack, conduit_sandbox):
    """Everybody has exactly the accounts of the file, and a second run asks for nothing."""
    stack.up()

    users = people_of(conduit_sandbox)
    assert {name: user["accounts"] for name, user in users.items()} == {
        "ada": [1, 2],
        "grace": [1],
        "alan": [1],
        "katherine": [2, 3],
        "edsger": [4],
    }
    assert "STANDARD" == users["ada"]["type"]
    conduit_sandbox.forget_requests()
    assert stack.up().is_unchanged
    assert [] == conduit_sandbox.requests


def test_a_reorder_and_another_spelling_change_nothing(stack, declare, five):
    """Names come from canonical keys, so that neither order nor case nor line ends nor delimiter matters."""
    stack.up()
    header, *rows = five.splitlines()
    edited = "\r\n".join([header, *reversed(rows)]).replace(",", ";").replace("ada@acme.example", "ADA@acme.EXAMPLE")
    declare("\ufeff" + edited)

    assert stack.up().is_unchanged


@pytest.mark.slow
def test_the_same_people_in_yaml_are_the_same_resources(stack, declare, five):
    """Moving from CSV to YAML changes nothing that is declared."""
    stack.up()
    header, *rows = five.splitlines()
    people = []
    for row in rows:
        cells = dict(zip(header.split(","), row.split(","), strict=True))
        accounts = f"[{cells.pop('accounts').replace('|', ', ')}]"
        people.append(
            "{" + ", ".join(f"{key}: {text}" for key, text in cells.items() if text) + f", accounts: {accounts}" + "}"
        )
    declare("people:\n" + "".join(f"- {one}\n" for one in people), file="people.yaml")

    assert stack.up().is_unchanged


def test_who_leaves_the_file_is_deactivated_by_one_call(stack, declare, conduit_sandbox, five):
    """The plan shows the removal; the grants go with their user, without calls of their own."""
    stack.up()
    declare("".join(line for line in five.splitlines(keepends=True) if not line.startswith("ada@")))

    preview = stack.preview()
    assert {"team-ada@acme.example", "team-ada@acme.example-1", "team-ada@acme.example-2"} == named(preview, "delete")
    conduit_sandbox.forget_requests()
    stack.up()

    assert "INACTIVE" == conduit_sandbox.conductor.user("ada@acme.example")["status"]
    assert 1 == len(conduit_sandbox.writes())


def test_an_account_more_and_another_type_change_no_user_else(stack, declare, conduit_sandbox, five):
    """An edit of one row reaches that person only."""
    stack.up()
    declare(five.replace("Turing,,1,", "Turing,STANDARD,1|5,"))

    changed = {step.name for step in stack.up().steps if step.op != "same"}

    assert {"team-alan@acme.example", "team-alan@acme.example-5"} == changed
    assert [1, 5] == conduit_sandbox.conductor.user("alan@acme.example")["accounts"]


@pytest.mark.slow
def test_a_person_may_turn_from_additive_to_exclusive(stack, declare, conduit_sandbox, five):
    """The single grants give way to the list, and what is in both is never taken."""
    stack.up()
    conduit_sandbox.conductor.edit_user("ada@acme.example", accounts=[1, 2, 7])
    declare(five.replace("STANDARD,1|2,", "STANDARD,1|2,exclusive"))

    stack.up()

    assert [1, 2] == conduit_sandbox.conductor.user("ada@acme.example")["accounts"]


def test_every_problem_comes_in_one_error(declare, conduit_stack, conduit_sandbox, five):
    """The program ends with a line for each, before anything is declared or asked."""
    bad = five.replace("STANDARD", "ADMIN").replace("grace@acme.example", "ALAN@acme.example").replace("|3", "|x")
    stack = conduit_stack(declare(bad))

    with pytest.raises(OperationFailed) as caught:
        stack.up()

    text = str(caught.value)
    assert "people.csv:2:31: type: an ADMIN can neither be created nor managed" in text
    assert "people.csv:4:1: email: 'alan@acme.example' is declared twice; first at people.csv:3:1" in text
    assert "people.csv:5:43: accounts: 'x' is neither a group nor an account" in text
    assert [] == conduit_sandbox.writes()
    assert "Traceback" not in text


def test_accounts_by_name_are_those_of_the_ids(stack, declare, conduit_sandbox, five):
    """A name is looked up, with one login and one list, and names nothing: nothing changes."""
    stack.up()
    declare(five.replace("1|2", "Retail|Travel"))
    conduit_sandbox.forget_requests()

    assert stack.up().is_unchanged
    assert {"POST /login": 1, "GET /accounts": 1} == conduit_sandbox.counts()


def test_an_offline_preview_refuses_names_that_only_an_api_knows(declare, conduit_stack, conduit_sandbox, five):
    """It asks nobody, and says what to write instead."""
    stack = conduit_stack(declare(five.replace("1|2", "Retail|Travel")), config={"conduit:preview": "offline"})

    with pytest.raises(
        OperationFailed, match=r"people\.csv:2:40: accounts: the account .Retail. cannot be looked up: CONDUIT_P"
    ):
        stack.preview()

    assert [] == conduit_sandbox.requests
    stack.up()
    assert [1, 2] == conduit_sandbox.conductor.user("ada@acme.example")["accounts"]


def test_an_offline_preview_takes_names_that_the_file_gives_ids(declare, conduit_stack, conduit_sandbox):
    """A group of one account is a name that needs no look-up."""
    roster = """\
        groups: {Travel: [2]}
        people:
        - {email: ada@acme.example, first_name: Ada, last_name: Lovelace, accounts: [Travel]}
        """
    stack = conduit_stack(declare(roster, file="roster.yaml"), config={"conduit:preview": "offline"})

    assert stack.preview().creates("team-ada@acme.example-2")
    assert [] == conduit_sandbox.requests


@pytest.mark.slow
def test_a_renamed_roster_with_an_alias_keeps_its_children(stack, declare):
    """The children's names begin with the component's, so that Pulumi finds them under the old one."""
    stack.up()
    declare(name="crew", more='opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="team")])')

    assert stack.up().is_unchanged


@pytest.mark.slow
def test_a_protected_roster_protects_everybody(declare, conduit_stack, five):
    """The engine refuses the removal of a row."""
    stack = conduit_stack(declare(more="opts=pulumi.ResourceOptions(protect=True)"))
    stack.up()
    declare("".join(five.splitlines(keepends=True)[:-1]), more="opts=pulumi.ResourceOptions(protect=True)")

    with pytest.raises(OperationFailed, match="protect"):
        stack.up()


def test_a_destroy_deactivates_everybody_and_forgets_the_companies_that_may_be(declare, conduit_stack, conduit_sandbox):
    """Companies go by their own on_destroy."""
    roster = """\
        defaults:
          people: {accounts: [1]}
          companies: {on_destroy: disable_page}
        people:
        - {email: ada@acme.example, first_name: Ada, last_name: Lovelace}
        companies:
        - {company_id: ACME, name: Acme}
        """
    stack = conduit_stack(declare(roster, file="roster.yml"))
    stack.up()

    stack.destroy()

    assert "INACTIVE" == conduit_sandbox.conductor.user("ada@acme.example")["status"]
    assert conduit_sandbox.link.company("acme")["page_enabled"] is False
