"""`pulumi-conduit doctor` and `audit` beside the real CLI: its config, its exports, its answers."""

import json
import os
import subprocess
import sys

COMMAND = [sys.executable, "-c", "from pulumi_conduit.cli import main; main()"]
PROGRAM = """
    ada = conduit.ConductorUser(
        "ada", email="ada@acme.example", first_name="Ada", last_name="Lovelace", initial_accounts=[1]
    )
    conduit.UserAccountAccess("ada-travel", user=ada, account_id=2)
    conduit.Company("acme", company_id="ACME", on_destroy="retain")
"""


def _run(stack, *arguments, without=()):
    environ = {**os.environ, **stack.environ}
    return subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        cwd=stack.folder,
        env={name: value for name, value in environ.items() if name not in without},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _kinds(done):
    return {one["kind"]: one["subject"] for one in json.loads(done.stdout)["findings"] if one["is_problem"]}


def test_an_audit_of_a_real_stack_finds_what_is_in_it_and_what_is_not(stack):
    """Nothing right after `up`, from a file and by name; then somebody unknown, and a grant that was taken."""
    stack.program(PROGRAM)
    assert stack.up().code == 0
    export = stack.folder / "dev.json"
    export.write_text(stack.run("stack", "export").text, encoding="utf-8")

    for arguments in ([str(export)], ["--stack", "dev"]):
        done = _run(stack, "audit", *arguments)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert done.stdout.startswith("Compared onboarding/dev at ")
        assert done.stdout.endswith("Nothing found.\n")

    stack.sandbox.conductor.put_user("eve@acme.example")
    stack.sandbox.conductor.edit_user("ada@acme.example", accounts=[1])
    stack.sandbox.link.remove_company("ACME")

    done = _run(stack, "audit", str(export), "--json")

    expected = {"undeclared-user": "eve@acme.example", "missing-grant": "ada@acme.example", "missing-company": "acme"}
    assert (done.returncode, _kinds(done)) == (1, expected)


def test_a_doctor_reads_the_config_and_the_size_of_a_real_stack(stack):
    """A password in clear is found, the stack is counted, and the Python that the CLI would start is asked."""
    keys = {"CONDUCTOR_URL": "conductorUrl", "CONDUCTOR_USERNAME": "conductorUsername"}
    keys |= {"CONDUCTOR_PASSWORD": "conductorPassword"}
    for variable, key in keys.items():
        plain = ["--plaintext"] if key == "conductorPassword" else []  # else the CLI warns of what looks like a secret
        assert stack.run("config", "set", f"conduit:{key}", stack.environ[variable], *plain).code == 0
    stack.program(PROGRAM)
    assert stack.up(CONDUCTOR_URL="", CONDUCTOR_USERNAME="", CONDUCTOR_PASSWORD="").code == 0

    done = _run(stack, "doctor", "--stack", "dev", "--company", "ACME", "--json", without=keys)

    found = {one["code"]: one["text"] for one in json.loads(done.stdout)}
    problems = [one["code"] for one in json.loads(done.stdout) if one["level"] in ("warning", "problem")]
    assert (done.returncode, problems) == (1, ["secret-in-clear"]), done.stdout + done.stderr
    assert found["secret-in-clear"] == "conduit:conductorPassword is stored in stack config unencrypted"
    assert found["size"].startswith(
        "onboarding/dev has 3 resources of ours (1 of kind company, 1 of kind grant, 1 of kind"
    )
    assert found["size"].endswith(" and 0 of others; its backend is file")
    assert found["interpreter"].startswith(f"{sys.executable} (PULUMI_PYTHON_CMD) has Python 3.")
    assert {"cli", "checkpoints-skipped", "workers", "login", "accounts", "token"} <= found.keys()
    assert stack.environ["CONDUCTOR_PASSWORD"] not in done.stdout + done.stderr


def test_a_program_refuses_a_password_in_clear(stack):
    """Nothing is declared and nothing is asked; with `--secret` the same program runs."""
    url = stack.environ["CONDUCTOR_URL"].replace("http://127.0.0.1", "https://conductor.example")
    for key, value in {"conductorUrl": url, "conductorUsername": "u"}.items():
        assert stack.run("config", "set", f"conduit:{key}", value).code == 0
    assert stack.run("config", "set", "conduit:conductorPassword", "hunter2-hunter2", "--plaintext").code == 0
    stack.program(PROGRAM)
    unset = dict.fromkeys(("CONDUCTOR_URL", "CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD"), "")

    refused = stack.preview(**unset)

    assert refused.code != 0
    assert "conduit:conductorPassword in stack config is not encrypted" in refused.text
    assert "hunter2" not in refused.text
    assert stack.run("config", "set", "conduit:conductorPassword", "hunter2-hunter2", "--secret").code == 0
    assert "is not encrypted" not in stack.preview(**unset).text
