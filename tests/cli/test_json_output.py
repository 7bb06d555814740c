"""What `--json` prints is what the schemas of docs/schemas say, no more and no less; nothing else goes to stdout."""

import json
import subprocess
import sys
from pathlib import Path

import click
import jsonschema_rs
import pytest
from exports import company, export, user
from json_schemas import FOLDER, errors, schema

from pulumi_conduit.cli.doctor.command import SECTIONS
from pulumi_conduit.cli.doctor.findings import Level
from pulumi_conduit.cli.group import commands
from pulumi_conduit.cli.report.companies import CompanyChange
from pulumi_conduit.cli.report.person import PersonChange
from pulumi_conduit.cli.stacks.runner import OPERATIONS, Ending
from pulumi_conduit.cli.verify.results import Verdict

NAMES = commands.list_commands(click.Context(commands))
REFUSED = {"broken-program", "protected", "refreshed", "refused", "secret", "secret-outputs", "unknown"}
PREVIEWS = [
    path for path in sorted((Path(__file__).parent / "report" / "previews").glob("*.json")) if path.stem not in REFUSED
]
COMMAND = [sys.executable, "-c", "from pulumi_conduit.cli import main; main()"]


@pytest.fixture
def tenant(sandbox, monkeypatch, tmp_path):
    """Run a sandbox with people and a company, whose settings are in the environment, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name, value in sandbox.environ().items():
        monkeypatch.setenv(name, value)
    sandbox.conductor.put_user("ada@acme.example", first_name="Ada", last_name="Lovelace", accounts=[1, 99])
    sandbox.conductor.put_user("eve@acme.example", first_name="Eve", last_name="", accounts=[2])
    sandbox.link.put_company("ACME", name="Acme")
    return sandbox


def printed(result, code=0):
    """Return the JSON that a command printed; nothing went to standard error."""
    assert (code, "") == (result.exit_code, result.stderr), result.output
    return json.loads(result.stdout)


def test_every_command_has_a_schema():
    """And there is no other one."""
    assert NAMES == sorted(path.name.removesuffix(".schema.json") for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_a_schema(name):
    """It obeys the draft that it names, and its title is the command."""
    assert jsonschema_rs.meta.is_valid(schema(name))
    assert f"pulumi-conduit {name} --json" == schema(name)["title"]


def test_accounts(call, tenant):
    """All that the identity owns."""
    data = printed(call("accounts", "--json"))

    assert ([], 10) == (errors("accounts", data), len(data))


def test_adopt(call, tenant):
    """With what is left out: one that could be managed, and others."""
    data = printed(call("adopt", "--companies", "-", "--json", input="ACME\nLOST\n"), code=1)

    assert [] == errors("adopt", data)
    assert {True, False} == {one["expected"] for one in data["left_out"]}


def test_audit(call, tenant, here, link_here, tmp_path):
    """With findings that have accounts and stacks, and some that are accepted."""
    text = export(
        user("ada@acme.example", tenant=here), user("lost@x.example", tenant=here), company("LOST", link_here)
    )
    (tmp_path / "dev.json").write_text(text, encoding="utf-8")

    data = printed(call("audit", "dev.json", "--json", "--accept", "missing-user"), code=1)

    assert [] == errors("audit", data)
    assert {"undeclared-user", "missing-user", "missing-company", "foreign-account"} <= {
        one["kind"] for one in data["findings"]
    }


def test_doctor(call, tenant, monkeypatch, tmp_path):
    """With the checks of the APIs, and a warning: there is no `pulumi`."""
    monkeypatch.setenv("PATH", str(tmp_path))

    data = printed(call("doctor", "--json", "--company", "acme"), code=1)

    assert [] == errors("doctor", data)
    assert {"Settings", "Program", "APIs"} == {one["section"] for one in data}


@pytest.mark.parametrize("preview", PREVIEWS, ids=lambda path: path.stem)
def test_report(call, preview):
    """Of every recorded plan that can be reported, with limits."""
    limits = [f"--max-{name}" for name in ("deactivations", "revocations", "reactivations", "adoptions")]
    given = [word for limit in limits for word in (limit, 999)]

    data = printed(call("report", preview, "--json", "--allow-unverified", *given))

    assert ([], 4) == (errors("report", data), len(data["limits"]))


@pytest.mark.slow
def test_sandbox():
    """One line, before it runs on."""
    with subprocess.Popen([*COMMAND, "sandbox", "--port", "0", "--json"], stdout=subprocess.PIPE) as process:  # noqa: S603 - ours
        assert process.stdout
        line = process.stdout.readline()
        process.terminate()

    assert [] == errors("sandbox", json.loads(line))


def happens(kind):
    """Return what the schema of the report says that can happen to each of a list."""
    return set(schema("report")["properties"][kind]["items"]["properties"]["happens"]["items"]["enum"])


def test_the_values_in_a_schema_are_those_of_the_code():
    """A new level, ending, result or effect cannot be forgotten."""
    doctor = schema("doctor")["items"]["properties"]
    stacks = schema("stacks")["properties"]
    verify = schema("verify")["properties"]["operations"]["items"]["properties"]

    assert [list(SECTIONS), [one.value for one in Level]] == [doctor["section"]["enum"], doctor["level"]["enum"]]
    assert list(OPERATIONS) == stacks["operation"]["enum"]
    assert [one.value for one in Ending] == stacks["stacks"]["items"]["properties"]["ending"]["enum"]
    assert [one.value for one in Verdict] == verify["result"]["enum"]
    assert {one.name.lower() for one in PersonChange} == happens("people")
    assert {one.name.lower() for one in CompanyChange} == happens("companies")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ([{"account_id": 1}], '"name" is a required property'),
        ([{"account_id": "1", "name": "Retail"}], '"1" is not of type "integer"'),
        ([{"account_id": 1, "name": "Retail", "x": 1}], "Additional properties are not allowed ('x' was unexpected)"),
    ],
    ids=["missing", "of another type", "not documented"],
)
def test_a_planted_difference_is_found(data, error):
    """The check sees keys that are missing and ones that no schema documents."""
    assert [error] == errors("accounts", data)
