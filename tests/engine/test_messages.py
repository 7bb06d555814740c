"""What a user sees when something is wrong: one line per reason, as `docs/errors.md` shows it."""

from pathlib import Path

import pytest

DOCUMENTED = Path(__file__).parents[2].joinpath("docs", "errors.md").read_text(encoding="utf-8")
ADA = """
    conduit.ConductorUser(
        "ada", email="{email}", first_name="{first_name}", last_name="Lovelace", type="{type}", initial_accounts=[1]
    )
"""


def ada(email="ada@example.com", first_name="Ada", kind="READ_ONLY"):
    """Return a program of one user."""
    return ADA.format(email=email, first_name=first_name, type=kind)


def said(ran):
    """Return what the CLI says under a resource, one entry a line; nothing else may stand between its lines."""
    assert "Traceback" not in ran.text
    assert "KeyboardInterrupt" not in ran.text
    diagnostics = ran.text.partition("Diagnostics:")[2].partition("Resources:")[0]
    lines = [line.strip() for line in diagnostics.splitlines() if line.strip()]
    return [line for line in lines if "failed" not in line and not line.startswith("pulumi")]


def assert_documented(heading, lines):
    """Hold the documentation to what was printed."""
    section = DOCUMENTED.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    block = section.partition("```text\n")[2].partition("```")[0]
    assert lines == [line.strip() for line in block.splitlines() if line.strip()]


@pytest.fixture
def onboarded(stack):
    """Bring Ada up."""
    stack.program(ada())
    assert stack.up().code == 0
    return stack


def test_a_bad_email_is_one_line(stack):
    """A declaration that cannot be is refused in preview, without its value."""
    stack.program(ada(email="ada at example.com"))

    ran = stack.preview()

    assert (1, {}) == (ran.code, ran.calls)
    assert_documented("A bad email", said(ran))


def test_a_change_without_an_endpoint_is_one_line(onboarded):
    """A changed name is refused in preview, and says what to do."""
    onboarded.program(ada(first_name="Adele"))

    ran = onboarded.preview()

    assert (1, {}) == (ran.code, ran.calls)
    assert_documented("A refused change", said(ran))


def test_a_wrong_password_is_one_line_and_one_login(onboarded):
    """Every resource meets the same refusal, and the account sees one attempt only."""
    onboarded.program(ada(kind="STANDARD"))

    ran = onboarded.up(CONDUCTOR_PASSWORD="not-the-password")

    assert 1 == ran.code
    assert {"POST /login": 1} == ran.calls
    assert_documented("A wrong password", said(ran))


@pytest.mark.parametrize("path", ["/v9", ""])
def test_a_wrong_base_url_is_one_line_and_one_login(stack, path):
    """Where nothing answers to a login, the line names the URL and the route table, and not the password."""
    stack.program(ada())
    url = stack.sandbox.conductor_url.rpartition("/")[0] + path

    ran = stack.preview(CONDUCTOR_URL=url)

    assert 1 == ran.code
    assert "PASSWORD" not in ran.text
    assert_documented(
        "A wrong base URL", [line.replace(f"({url})", "(https://conductor.example/v9)") for line in said(ran)]
    )


def test_a_403_is_one_line(onboarded):
    """What the API forbids is said with its own reason."""
    onboarded.program(ada(kind="STANDARD"))
    onboarded.sandbox.faults.add(
        "PUT /users/{userEmail}/type", times=None, status=403, body={"message": "This user is managed elsewhere."}
    )

    ran = onboarded.up()

    assert 1 == ran.code
    assert_documented("A 403", said(ran))


def test_an_adoption_is_said_in_preview(stack):
    """A user that is there already is never adopted in silence."""
    stack.sandbox.conductor.put_user("ada@example.com", first_name="Ada", last_name="Lovelace", accounts=[1])
    stack.program(ada())

    ran = stack.preview()

    assert 0 == ran.code
    assert_documented("An adoption", said(ran))


def test_a_stopped_server_is_one_line(onboarded):
    """An API that does not answer is named by the setting that points to it."""
    onboarded.program(ada(kind="STANDARD"))
    onboarded.sandbox.stop()

    ran = onboarded.up(CONDUIT_DEADLINE_SECONDS="30")  # all six tries fit in, however long the pauses are drawn

    assert 1 == ran.code
    assert_documented("A stopped server", said(ran))


def test_a_secret_that_is_refused_is_not_printed(stack):
    """The engine prints the value of a property that a check failure names, so none is named."""
    stack.program(ada().replace('"ada@example.com"', 'pulumi.Output.secret("hunter2 is no email")'))

    ran = stack.preview("--json")

    assert 1 == ran.code
    assert "hunter2" not in ran.text
    assert "email: must be an email address" in ran.text
