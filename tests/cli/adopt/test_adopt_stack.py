"""`adopt` into a stack that has some of them already, and into files that are links."""

import json
from pathlib import Path

import pytest
from exports import account_list, company, export, grant, user

from pulumi_conduit.resources.tenant import link_tenant

ADA, BOB, EVE = "ada@acme.example", "bob@acme.example", "eve@acme.example"
ROSTER = {"urn": "urn:pulumi:dev::proj::conduit:index:Roster::team", "type": "conduit:index:Roster", "custom": False}


@pytest.fixture
def sandbox(conduit_sandbox, project):
    """Run a sandbox with three people and a company, whose settings are in the environment, in a folder of its own."""
    for email in (ADA, BOB, EVE):
        conduit_sandbox.conductor.put_user(email, accounts=[1, 2])
    conduit_sandbox.link.put_company("ACME", name="Acme")
    return conduit_sandbox


def left_out(result):
    """Return what was left out and why, without the ADMIN that each sandbox has."""
    return [
        (one["what"], one["reason"], one["expected"])
        for one in json.loads(result.stdout)["left_out"]
        if "sandbox.example" not in one["what"]
    ]


def test_what_the_stack_has_already_is_left_out(call, sandbox, here, pulumi_says):
    """Of a person whom it has with all access, nobody needs to do anything."""
    app = str(link_tenant(sandbox.link_url, sandbox.link.app_token()))
    has = [user(ADA, [1], here), grant(ADA, 2, here), user(BOB, [1, 2], here), company("ACME", app)]
    arguments = pulumi_says(export(*has))

    result = call("adopt", "--json", "--stack", "dev", "--companies", "-", input="ACME\n")

    assert "stack export --stack=dev --non-interactive" in arguments.read_text(encoding="utf-8")
    already = "is in stack proj/dev already"
    expected = [(f"user {ADA}", already, True), (f"user {BOB}", already, True), ("company 'acme'", already, True)]
    assert expected == left_out(result)
    assert (0, "proj/dev") == (result.exit_code, json.loads(result.stdout)["stack"])
    text = Path("roster.yaml").read_text(encoding="utf-8")
    assert (True, False, False) == tuple(one in text for one in (EVE, ADA, "ACME"))


@pytest.mark.parametrize("as_json", [True, False])
def test_the_next_steps_name_the_stack_and_the_folder_that_were_given(call, sandbox, here, pulumi_says, as_json):
    """Pasted as they are, they must not import into the selected stack, or into another project."""
    pulumi_says(export(user(ADA, [1, 2], here)))
    Path("my infra").mkdir()

    result = call("adopt", "--stack", "prod", "--cwd", "my infra", *(["--json"] if as_json else []))

    where = " --stack prod --cwd 'my infra'"
    steps = [
        f"pulumi import --file {Path.cwd() / 'import.json'} --generate-code=false --yes{where}",
        f"pulumi preview --expect-no-changes{where}",
        f"pulumi up{where}",
    ]
    printed = [line.strip() for line in result.stdout.splitlines()[-3:]]
    assert steps == (json.loads(result.stdout)["next"] if as_json else printed)


def test_a_person_whom_the_stack_has_in_part_is_left_out_and_reported(call, sandbox, here, pulumi_says):
    """Another resource for the person is refused, so the rest is for the stack's own program."""
    pulumi_says(
        export(user(ADA, [1], here), grant(BOB, 1, here), user(EVE, [1], here), account_list(EVE, 1, 2, tenant=here))
    )

    result = call("adopt", "--json", "--stack", "dev")

    declares = "stack proj/dev declares access of this person and not the person: declare the person there"
    assert 3 == result.exit_code
    lines = [
        f"user {ADA}: is in stack proj/dev already, without access to accounts 2: declare it there",
        f"user {BOB}: {declares}",
        f"user {EVE}: is in stack proj/dev already",
    ]
    assert lines == result.output.splitlines()[2:]
    assert [] == sorted(path.name for path in Path().iterdir())


def test_the_selected_stack_of_the_project_is_looked_at(call, sandbox, here, pulumi_says):
    """Somebody in part counts as left out."""
    Path("Pulumi.yaml").write_text("name: proj\nruntime: python\n", encoding="utf-8")
    arguments = pulumi_says(export(user(ADA, [1], here)))

    result = call("adopt")

    assert "stack export --non-interactive\n" == arguments.read_text(encoding="utf-8")
    assert 1 == result.exit_code
    assert "\ncompared with: stack proj/dev\n" in result.output


def test_without_a_selected_stack_that_is_said(call, sandbox, pulumi_says):
    """It may be made later."""
    Path("Pulumi.yaml").write_text("name: proj\nruntime: python\n", encoding="utf-8")
    pulumi_says(stderr="error: no stack selected", code=255)

    result = call("adopt")

    assert 0 == result.exit_code
    assert "compared with no stack (the selected stack cannot be read: no stack selected): what it has" in result.output


def test_a_named_stack_that_cannot_be_read_ends_it(call, sandbox, pulumi_says):
    """Somebody counted on it, and nothing is asked of an API."""
    pulumi_says(stderr="error: no stack named 'dev' found", code=255)

    result = call("adopt", "--stack", "dev")

    assert (3, {}) == (result.exit_code, sandbox.counts())
    assert "no stack named 'dev' found" in result.output


def test_people_and_companies_of_other_places_are_taken(call, sandbox, pulumi_says):
    """Another tenant's Ada is somebody else; a company under another token may be the same one."""
    other = f"{sandbox.link_url}#0a1b2c"
    pulumi_says(export(user(ADA, [1, 2], "https://other.example#x"), company("ACME", other)))

    result = call("adopt", "--json", "--stack", "dev", "--companies", "-", input="ACME\n")

    reason = "stack proj/dev has one of this id that another Link token recorded; run `up` there"
    assert (1, [("company 'acme'", reason, False)]) == (result.exit_code, left_out(result))
    assert 3 == json.loads(result.stdout)["people"]


def test_a_roster_of_the_same_name_is_refused_before_anything_is_asked(call, sandbox, pulumi_says):
    """A new file would take everybody out who is in the old one."""
    pulumi_says(export(ROSTER))

    refused = call("adopt", "--stack", "dev", "--force")

    reason = "stack proj/dev has a Roster 'team' already, with a file of its own; give another --name"
    assert (3, {}) == (refused.exit_code, sandbox.counts())
    assert f"Error: {reason}" in refused.output
    assert 0 == call("adopt", "--stack", "dev", "--name", "more").exit_code
    assert 0 == call("adopt", "--stack", "dev", "--format", "program", "--force").exit_code


def test_a_link_stays_a_link_and_its_file_is_written(call, sandbox, tmp_path):
    """A roster that several projects share is one file; its rights stay as they are."""
    shared = tmp_path / "shared.yaml"
    shared.write_text("people: []\n", encoding="utf-8")
    shared.chmod(0o600)
    Path("roster.yaml").symlink_to(shared)

    assert 0 == call("adopt", "--force").exit_code

    assert Path("roster.yaml").is_symlink()
    assert ADA in shared.read_text(encoding="utf-8")
    assert 0o600 == shared.stat().st_mode & 0o777
    assert ["shared.yaml"] == [path.name for path in tmp_path.iterdir() if path.is_file()]


def test_a_link_to_a_file_that_is_not_there_yet_makes_it(call, sandbox, tmp_path):
    """And one into a folder that is not there is an error that names it."""
    Path("roster.yaml").symlink_to(tmp_path / "shared.yaml")
    Path("people.yaml").symlink_to(tmp_path / "nowhere" / "people.yaml")

    assert 0 == call("adopt").exit_code
    failed = call("adopt", "--roster", "people.yaml", "--import-file", "more.json")

    assert Path("roster.yaml").is_symlink()
    assert ADA in (tmp_path / "shared.yaml").read_text(encoding="utf-8")
    assert (3, "Error: people.yaml: there is no such folder\n") == (failed.exit_code, failed.output)


def test_two_names_of_one_file_are_one_name(call, sandbox):
    """A link to the import file cannot hold the roster."""
    Path("roster.yaml").symlink_to("import.json")

    refused = call("adopt")

    assert 2 == refused.exit_code
    assert "two of the files have one name" in refused.output
    assert ["roster.yaml"] == [path.name for path in Path().iterdir()]
