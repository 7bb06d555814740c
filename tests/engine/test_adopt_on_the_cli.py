"""From nothing in code to a stack with nothing to do, by the commands that `adopt` names, on the real engine."""

import json
import os
import subprocess
import sys
from itertools import cycle, islice

import pytest

ADOPT = [sys.executable, "-c", "from pulumi_conduit.cli import main; main()", "adopt"]
KINDS = ("ConductorUser", "UserAccountAccess", "Company")
NOT_COMPARED = {"created", "modified", "sourcePosition", "stackTrace", "provider"}
IMPORT = ("import", "--file", "import.json", "--generate-code=false", "--yes", "--skip-preview")


def adopt(stack, *arguments, companies=""):
    """Run the command as its user does, in the folder of the project."""
    return subprocess.run(  # noqa: S603 - our own command
        [*ADOPT, *arguments, "--companies", "-"],
        cwd=stack.folder,
        env={**os.environ, **stack.environ},
        input=companies,
        capture_output=True,
        text=True,
        check=False,
    )


def fill(sandbox, people, grants, companies):
    """Put a tenant into the sandbox, and return the ids of its companies."""
    accounts = islice(cycle([[1, 2], [2, 3, 4], [5]]), people)
    held = 0
    for number, some in enumerate(accounts):
        rest = people - number - 1
        mine = some[: max(1, min(len(some), grants - held - rest))]
        held += len(mine)
        sandbox.conductor.put_user(
            f"Person{number}@acme.example",
            first_name="Zoë",
            last_name=f"of the {number}",
            type="STANDARD" if number % 3 else "READ_ONLY",
            status="INACTIVE" if number % 17 == 5 else "ACTIVE",
            accounts=mine,
        )
    assert grants == held
    ids = [f"C{number}" for number in range(companies)]
    for one in ids:
        sandbox.link.put_company(one, name=f"Customer {one}", page_enabled=one.endswith("1"))
    return "\n".join(ids)


@pytest.fixture
def nothing(stack):
    """Give a stack whose project has no program yet."""
    (stack.folder / "__main__.py").unlink()
    return stack


def test_a_tenant_of_620_objects_is_under_code_in_three_commands(nothing):
    """200 people, 400 grants and 20 companies: adopt, import, and a preview that expects no changes."""
    ids = fill(nothing.sandbox, people=200, grants=400, companies=20)
    nothing.sandbox.forget_requests()

    adopted = adopt(nothing, "--program", "__main__.py", companies=ids)
    asked = nothing.sandbox.counts()
    imported = nothing.run(*IMPORT)
    previewed = nothing.preview("--expect-no-changes")

    assert (0, "200 people, 400 grants, 20 companies") == (adopted.returncode, adopted.stdout.splitlines()[0])
    assert {"POST /login": 1, "GET /users": 1, "GET /accounts": 1, "GET /link/company/{id}/": 20} == asked
    assert (0, {}) == (imported.code, imported.calls), imported.text
    assert "= 621 imported" in imported.text
    assert (0, {}) == (previewed.code, previewed.calls), previewed.text


@pytest.fixture
def imported(nothing):
    """Bring three people with five grants and a company into the state, and run nothing after it."""
    conductor = nothing.sandbox.conductor
    conductor.put_user("ada@acme.example", type="STANDARD", accounts=[1, 2])
    conductor.put_user("grace@acme.example", accounts=[1, 3])
    conductor.put_user("alan@acme.example", status="INACTIVE", accounts=[4])
    nothing.sandbox.link.put_company("ACME", name="Acme")
    assert adopt(nothing, "--program", "__main__.py", companies="ACME").returncode == 0
    ran = nothing.run(*IMPORT)
    assert (0, {}) == (ran.code, ran.calls), ran.text
    return nothing


def recorded(stack):
    """Return all that the state holds of our resources, but for what no two runs share."""
    return {
        one["urn"].partition("::")[2]: {
            key: json.loads(json.dumps(value).replace("urn:pulumi:two:", "urn:pulumi:dev:"))
            for key, value in one.items()
            if key not in NOT_COMPARED
        }
        for kind in KINDS
        for one in stack.resources(kind)
    }


def protected(ran):
    """Count the resources that the engine refused to delete."""
    return len({line for line in ran.lines("`pulumi state unprotect") if line.startswith("`")})


def test_before_the_first_up_the_engine_refuses_every_delete(imported):
    """The import file cannot say what goes with whom, so all of it is protected until the first `up` has said it."""
    before = imported.state()["resources"]

    again = imported.run(*IMPORT)
    refreshed = imported.run("refresh", "--preview-only", "--expect-no-changes")
    destroyed = imported.destroy()
    roster = imported.folder / "roster.yaml"
    roster.write_text(roster.read_text(encoding="utf-8").replace("ada@", "ida@"), encoding="utf-8")
    removed = imported.preview()

    assert (0, {}) == (again.code, again.calls)
    assert before == imported.state()["resources"]
    assert 0 == refreshed.code, refreshed.text
    assert (1, {}, 9) == (destroyed.code, destroyed.calls, protected(destroyed))
    assert (1, 3) == (removed.code, protected(removed)), removed.text


def test_the_first_up_records_the_rest_and_sends_no_request(imported):
    """Then all is as an `up` would have recorded it: a destroy is one call a person, the company stays protected."""
    at_first = recorded(imported)
    up = imported.up("--expect-no-changes")
    in_the_end = recorded(imported)
    assert imported.run("stack", "init", "two").code == 0
    taken_over = imported.up()
    fresh = recorded(imported)
    destroyed = imported.destroy("--stack", "dev", "--exclude", "**::team-acme")
    refused = imported.destroy("--stack", "dev")

    assert (0, {}, {}) == (up.code, up.calls, taken_over.writes()), up.text
    assert fresh == in_the_end
    assert 3 + 5 + 1 == len(fresh)
    parts = ("id", "inputs", "outputs", "type", "parent")
    assert [[one.get(part) for part in parts] for one in fresh.values()] == [
        [at_first[urn].get(part) for part in parts] for urn in fresh
    ]
    assert (0, {"PUT /users/{userEmail}/status": 3}) == (destroyed.code, destroyed.writes()), destroyed.text
    assert (1, 1) == (refused.code, protected(refused))


def test_a_plain_program_is_imported_as_well(nothing):
    """Without a component, under a profile, with a name that Python must be kept from reading."""
    nothing.environ |= nothing.sandbox.environ(profile="b")
    nothing.sandbox.conductor.put_user("ada@acme.example", last_name="O'Hara\\", accounts=[1, 2])
    nothing.sandbox.link.put_company("ACME")

    adopted = adopt(nothing, "--format", "program", "--profile", "b", companies="ACME")
    imported = nothing.run(*IMPORT)
    previewed = nothing.preview("--expect-no-changes")

    assert (0, 0, 0) == (adopted.returncode, imported.code, previewed.code), previewed.text
    assert {} == previewed.calls
    assert {"b"} == {one["inputs"]["profile"] for kind in KINDS for one in nothing.resources(kind)}


def test_a_stack_that_has_some_of_them_takes_the_others_and_ends_without_changes(stack):
    """Whom it has stays with its own program; before, two resources declared the same people."""
    stack.sandbox.conductor.put_user("grace@acme.example", accounts=[1, 3])
    ada = 'conduit.ConductorUser("ada", email="ada@acme.example", first_name="A", last_name="L", initial_accounts=[1])'
    stack.program(f"    {ada}\n")
    assert 0 == stack.up().code

    adopted = adopt(stack, "--stack", "dev")
    stack.program(f"    {ada}\n    conduit.Roster('team', 'roster.yaml')\n")
    imported = stack.run(*IMPORT)
    previewed = stack.preview("--expect-no-changes")

    assert 0 == adopted.returncode, adopted.stdout
    assert "left out: user ada@acme.example: is in stack onboarding/dev already" in adopted.stdout.splitlines()
    assert (0, 0, {}) == (imported.code, previewed.code, previewed.calls), previewed.text
