"""What is asked, refused and written: usage, the confirmation, the report and the route file."""

import json
import re

import pytest
from sampling import sample

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES, override_routes
from pulumi_conduit.cli.verify import command as module

USER, COMPANY = "you+conduit@corp.example", "CONDUITTEST"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "name a test user with --user, a test company with --company, or both"),
        (("--user", "you"), "must be an email address in ASCII"),
        (("--company", "A-B"), "must be 1 to 1024 characters out of A-Z, a-z and 0-9"),
        (("--user", USER), "it writes to the APIs: without a terminal, pass --yes, or --read-only"),
        (("--user", USER, "--read-only", "--probe-writes"), "--read-only writes nothing, so it excludes"),
        (("--user", USER, "--yes", "--report", "x.txt"), "--report must end with .md or .json"),
        (("--user", USER, "--yes", "--account", 1, "--account", 2, "--account", 3), "two accounts at most"),
        (("--user", "admin@sandbox.example", "--yes"), "--user is the identity that logs in"),
    ],
)
def test_wrong_usage_sends_nothing(sandbox, verify, options, reason):
    """It ends with 2."""
    result = verify(*options, subjects=(), answer=None) if "x.txt" not in options else verify(*options, subjects=())

    assert 2 == result.exit_code
    assert reason in result.stderr
    assert [] == sandbox.requests


def test_an_account_that_the_identity_does_not_own_is_refused(sandbox, verify):
    """Before anything is written."""
    result = verify("--account", 99)

    assert (3, []) == (result.exit_code, sandbox.writes())
    assert "--account 99: this identity does not own it" in result.stderr


@pytest.fixture
def terminal(monkeypatch):
    """Let the command believe that it has one."""
    monkeypatch.setattr(module, "_is_terminal", lambda: True)


@pytest.mark.usefixtures("terminal")
def test_a_no_writes_nothing(sandbox, call, verify):
    """The question names who, where and which accounts."""
    result = call("verify", "--user", USER, "--company", COMPANY, input="n\n")

    assert 3 == result.exit_code
    assert "user you+conduit@corp.example, at http://127.0.0.1:" in result.output
    assert "accounts for a while: 'Retail' (1), 'Travel' (2)" in result.output
    assert "company CONDUITTEST, at http://127.0.0.1:" in result.output
    assert [] == sandbox.writes()


def test_files_that_exist_are_not_overwritten(sandbox, call, verify, tmp_path):
    """Before a request is sent."""
    (tmp_path / "routes.toml").touch()

    result = call("verify", "--user", USER, "--yes", "--routes", tmp_path / "routes.toml")

    assert 3 == result.exit_code
    assert [] == sandbox.requests


def test_the_report_has_no_secret_no_address_and_no_name(sandbox, verify, tmp_path):
    """Neither as JSON nor as Markdown, whatever the API puts into its messages."""
    sandbox.conductor.put_user("ann@acme.example", first_name="Annabel", accounts=[1])
    sandbox.faults.add("PUT /users/{userEmail}/type", status=400, body={"message": f"{USER} of Retail", USER: 1})

    result = verify("--routes", tmp_path / "routes.toml")
    texts = [json.dumps(result.report), (tmp_path / "routes.toml").read_text(encoding="utf-8")]
    verify("--again", "--report", tmp_path / "report.md")
    texts.append((tmp_path / "report.md").read_text(encoding="utf-8"))

    secrets = [sandbox.conductor.password(), sandbox.link.app_token(), "127.0.0.1", "admin@", "acme", "Annabel"]
    for word in (*secrets, USER, COMPANY, "Retail", "Travel"):
        assert not [text for text in texts if word.lower() in text.lower()], word
    assert (
        "| set_user_type | PUT /users/{userEmail}/type | 400, JSON with message | inferred | refused |" not in texts[2]
    )
    assert texts[2].startswith("# pulumi-conduit verify, version ")


def test_json_on_standard_output_is_the_report(verify):
    """And nothing else is printed there."""
    result = verify("--json")

    assert result.report == json.loads(result.stdout)


def test_the_route_file_of_an_api_as_described_changes_nothing(verify, tmp_path):
    """It can be named in CONDUCTOR_ROUTES all the same."""
    verify("--routes", tmp_path / "routes.toml")

    assert override_routes(CONDUCTOR_ROUTES, str(tmp_path / "routes.toml")) == CONDUCTOR_ROUTES


def test_a_configured_route_is_confirmed_by_the_next_run(verify, switch, tmp_path, monkeypatch):
    """So that exit code 0 means: the provider works as it is configured."""
    switch(routes="PUT /users/{userEmail}/type=PATCH /users/{userEmail}/type")
    routes = tmp_path / "routes.toml"
    assert 1 == verify("--probe-writes", "--routes", routes).exit_code

    monkeypatch.setenv("CONDUCTOR_ROUTES", str(routes))

    assert 0 == verify("--again").exit_code
    assert '[set_user_type]\nverb = "PATCH"\npath = "/users/{userEmail}/type"\n' in routes.read_text(encoding="utf-8")


ANSWERS = [
    ({"bearer": "both"}, "which of the login's tokens to send", "accessToken; idToken is accepted, too"),
    ({"bearer": "id"}, "which of the login's tokens to send", "idToken; accessToken, which the provider sends, .*"),
    ({"new_login_voids_tokens": True}, "whether a new login voids earlier tokens", "it does"),
    ({"post_honours_status": False}, "whether creating a user honours `status`", "it is not: the user is ACTIVE"),
    ({"inactive_keeps_grants": False}, "whether an INACTIVE user keeps its grants", "it loses them"),
    ({"inactive_accounts_hidden": True}, "whether an INACTIVE user keeps its grants", "it keeps them, and .*"),
    (
        {"inactive_grants_editable": "refused"},
        "whether grants of an INACTIVE user can be changed",
        "adding: refused with 403; removing: refused with 403",
    ),
    ({"read_lag": 2}, "whether a write is visible at once", "not always: after 3 looks at most"),
    ({"list_limit": 1}, "whether a list is paged or late", "late or paged: the new user is not in it after 8 s"),
    ({"company_create_existing": "refused"}, "what creating a company that exists does", "it is refused with 400"),
    ({"company_create_existing": "ignored"}, "what creating a company that exists does", "it changes nothing, .*"),
    (
        {"rate_limit_per_s": 20},
        "rate limits",
        r"\d+ of \d+ requests were answered 429, \d+ of them with Retry-After",
    ),
]


@pytest.mark.parametrize(
    ("switches", "question", "answer"),
    sample(ANSWERS, 3),
)
def test_an_open_question_is_answered(verify, switch, switches, question, answer):
    """As the tenant has it."""
    switch(**switches)

    assert re.fullmatch(answer, verify().report["answers"][question])


@pytest.mark.parametrize(
    ("unshared", "empty", "answers"),
    sample([("missing", True, ("404", "it is")), ("visible", False, ("200", "it is not: 400"))], 2),
)
def test_the_last_account_is_taken_only_when_asked(sandbox, verify, switch, unshared, empty, answers):
    """While the user is INACTIVE."""
    switch(unshared_user=unshared, empty_accounts_accepted=empty)

    found = verify("--last-account", subjects=("--user", USER)).report["answers"]

    status, accepted = answers
    assert (
        f"a GET of a user without any account is {status}" == found["whether a user without a shared account is a 404"]
    )
    text = f"{accepted} (to replace the list of an INACTIVE user)"
    assert text == found["whether an empty account list is accepted"]
    assert "INACTIVE" == sandbox.conductor.user(USER)["status"]
