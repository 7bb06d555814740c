"""`pulumi-conduit doctor` as people and scripts call it: what it prints, how it ends, and that no secret is in it."""

import json
from importlib.metadata import version

import pytest
from canaries import LINK_TOKEN, PASSWORD, Canaries

from pulumi_conduit.cli.doctor.findings import Code

CANARIES = Canaries(password=PASSWORD, token=LINK_TOKEN)


@pytest.fixture
def project(monkeypatch, pulumi_says, tmp_path):
    """Stand in a project whose CLI and Python are fine, and quick: what a real Python says is tested elsewhere."""
    folder = pulumi_says("v3.260.0\n").parent
    told: dict[str, object] = {"python": "3.12.1", "pulumi": "3.260.0", "ours": version("pulumi-conduit")}
    told |= {"is_importable": True, "can_set_worker_threads": True}
    (folder / "python3").write_text(f"#!/bin/sh\necho '{json.dumps(told)}'\n", encoding="utf-8")
    (folder / "python3").chmod(0o700)
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n", encoding="utf-8")
    monkeypatch.delenv("PULUMI_PYTHON_CMD", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sandbox(sandbox, monkeypatch, project):
    """Return the sandbox, reset, with its settings in the environment."""
    for name, value in sandbox.environ().items():
        monkeypatch.setenv(name, value)
    return sandbox


def test_all_is_well(call, sandbox):
    """Notes are no findings, and the exit code says so."""
    result = call("doctor")

    assert (0, "") == (result.exit_code, result.stderr)
    assert ["Settings", "Program", "APIs"] == [line for line in result.output.splitlines() if not line.startswith(" ")]
    assert "  ok       CONDUCTOR_PASSWORD is set, in the environment\n" in result.output
    assert (
        "  note     Conductor: logging in as admin@sandbox.example, once\n  ok       Conductor: logged in\n"
        in result.output
    )
    assert {"POST /login": 1, "GET /accounts": 1} == sandbox.counts()


def test_something_is_wrong(call, sandbox, monkeypatch):
    """The finding stands with what to do, and the exit code is 1."""
    monkeypatch.setenv("CONDUIT_LINK_TOKEN", "x")

    result = call("doctor", "--offline")

    assert 1 == result.exit_code
    expected = "  warning  CONDUIT_LINK_TOKEN in the environment is not a setting and has no effect\n"
    assert f"{expected}             did you mean CONDUIT_LINK_APP_TOKEN?\n" in result.output
    assert {} == sandbox.counts()


def test_json_has_every_finding_with_its_code(call, sandbox):
    """For a script."""
    sandbox.link.put_company("ACME")

    found = json.loads(call("doctor", "--json", "--company", "acme").output)

    assert {"section", "code", "level", "text", "advice"} == set(found[0])
    assert {one["code"] for one in found} <= {code.code for code in Code}
    assert {"code": "token", "level": "ok"}.items() <= found[-1].items()


def test_colours_are_for_a_terminal(call, sandbox):
    """A level has one, where there is one."""
    assert "\x1b[32mok     \x1b[0m" in call("doctor", "--offline", color=True).output
    assert "\x1b" not in call("doctor", "--offline").output


def test_without_settings_and_network_it_names_what_is_missing(call, project):
    """All at once, with what to do after the last of an API, and sends nothing."""
    result = call("doctor")

    assert 1 == result.exit_code
    lines = result.output.splitlines()
    names = [line.split()[2] for line in lines if line.startswith("  problem  Conductor: ")]
    assert ["CONDUCTOR_URL", "CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD"] == names
    assert 2 == result.output.count(
        "             set all of one API: Conduit Link for companies, Conductor for people;"
    )
    assert "APIs" not in lines


def test_a_company_id_that_is_none_is_wrong_usage(call):
    """Before anything is asked."""
    result = call("doctor", "--company", "../x")

    assert 2 == result.exit_code
    assert "must be 1 to 1024 characters out of A-Z, a-z and 0-9" in result.output


def test_a_stack_whose_config_cannot_be_read_ends_with_3(call, pulumi_says):
    """Its settings are not known, so that all else would be beside the point."""
    pulumi_says(stderr="error: no stack named 'dev' found\n", code=255)

    result = call("doctor", "--stack", "dev")

    assert (3, "Error: stack dev: its config cannot be read: no stack named 'dev' found\n") == (
        result.exit_code,
        result.output,
    )


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("status", [None, 401, 500])
def test_no_secret_is_shown(call, sandbox, monkeypatch, caplog, form, status):
    """Whatever the APIs answer, an API that quotes the credential included."""
    caplog.set_level("DEBUG")
    sandbox.conductor.edit_identity("admin@sandbox.example", password=PASSWORD)
    monkeypatch.setenv("CONDUCTOR_PASSWORD", PASSWORD)
    monkeypatch.setenv("CONDUIT_LINK_APP_TOKEN", LINK_TOKEN)
    if status:
        for route, secret in (("POST /login", PASSWORD), ("GET /link/company/{id}/", LINK_TOKEN)):
            sandbox.faults.add(route, status=status, body={"message": f"not {secret}"}, times=None)

    result = call("doctor", "--company", "ACME", *form)

    assert (1, []) == (result.exit_code, CANARIES.hits(result.output, caplog.text))


@pytest.mark.parametrize("name", ["CONDUCTOR_URL", "CONDUIT_LINK_URL", "CONDUIT_ALLOW_MOVE", "CONDUIT_WORKERS_X"])
def test_a_secret_in_the_wrong_place_is_not_shown_either(call, sandbox, monkeypatch, name):
    """In a URL it may stand by mistake."""
    monkeypatch.setenv(name, f"https://user:{LINK_TOKEN}@x.example=>https://y.example")

    result = call("doctor", "--offline")

    assert (1, []) == (result.exit_code, CANARIES.hits(result.output))
