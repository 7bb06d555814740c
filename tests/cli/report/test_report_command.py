"""`pulumi-conduit report` as a pipeline calls it: formats, names, limits, exit codes."""

import json
import sys
from pathlib import Path

import pytest

from pulumi_conduit.cli.report import json_data
from pulumi_conduit.sandbox import Sandbox

PREVIEWS = Path(__file__).parent / "previews"
EDIT = PREVIEWS / "roster-edit.json"
ADOPTED = PREVIEWS / "taken-over.json"
OFFLINE = PREVIEWS / "offline.json"
NAMES = [{"account_id": 2, "name": "Travel"}, {"account_id": 5, "name": "Media"}]


@pytest.fixture(autouse=True)
def _at_a_known_time(mocker):
    """Let every report be of one time."""
    mocker.patch("pulumi_conduit.cli.terminal.now", return_value="2026-11-29 12:05 UTC")


def test_a_plan_is_reported_in_plain_lines(call):
    """Without an option the report is for a terminal, and accounts are ids; stack and time stand at the head."""
    ran = call("report", EDIT)

    assert (0, "") == (ran.exit_code, ran.stderr)
    assert ran.stdout.split("\n")[:14] == [
        "Access plan: 1 deactivated, 1 promoted to STANDARD, 1 created, 2 gain accounts, 1 loses accounts",
        "stack onboarding/dev, 2026-11-29 12:05 UTC",
        "",
        "person grace@acme.example Grace Hopper",
        "    deactivated (the API deletes nobody)",
        "    loses everything: account 1, account 2",
        "person ada@acme.example Ada Lovelace",
        "    promoted to STANDARD",
        "    gains account 5",
        "    loses account 2",
        "person joan@acme.example Joan Clarke",
        "    created as READ_ONLY",
        "    gains account 1, account 4",
        (
            "warning: team-ada@acme.example: user ada@acme.example: initial_accounts is stored only; access of a user"
            " that exists is managed by grants"
        ),
    ]


def test_a_plan_comes_from_standard_input(call):
    """`pulumi preview --json | pulumi-conduit report` works, with the byte order mark of a Windows shell, too."""
    expected = call("report", EDIT).stdout

    assert expected == call("report", input=EDIT.read_bytes()).stdout
    assert expected == call("report", "-", input=b"\xef\xbb\xbf" + EDIT.read_bytes()).stdout


def test_names_come_from_a_file(call, tmp_path):
    """An account is reported by name where the file knows it, and by id where not."""
    file = tmp_path / "accounts.json"
    file.write_text(json.dumps(NAMES), encoding="utf-8")

    ran = call("report", EDIT, "--accounts", file)

    assert "loses everything: account 1, Travel (2)" in ran.stdout
    assert "gains Media (5)" in ran.stdout


def test_names_come_from_the_api_and_the_list_for_a_file_does_too(call, monkeypatch, tmp_path):
    """What one command prints with credentials, the other reads without."""
    file = tmp_path / "accounts.json"
    with Sandbox.start() as sandbox:
        for name, value in sandbox.environ().items():
            monkeypatch.setenv(name, value)
        asked = call("report", EDIT, "--ask-names")
        file.write_text(call("accounts", "--json").stdout, encoding="utf-8")
        listed = call("accounts").stdout
    told = call("report", EDIT, "--accounts", file)

    assert "loses everything: Retail (1), Travel (2)" in asked.stdout
    assert asked.stdout == told.stdout
    assert listed.startswith("1\tRetail\n2\tTravel\n")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "not JSON"),
        ("{}", "not a list of accounts with account_id and name"),
        ('[{"account_id": "1", "name": "Retail"}]', "not a list of accounts with account_id and name"),
        ('[{"account_id": true, "name": "Retail"}]', "not a list of accounts with account_id and name"),
        ('[{"account_id": 1}]', "not a list of accounts with account_id and name"),
        ("[1]", "not a list of accounts with account_id and name"),
    ],
)
def test_a_file_of_names_that_is_none_is_an_error(call, tmp_path, content, why):
    """A wrong file is an error, and ids are not shown instead."""
    file = tmp_path / "accounts.json"
    file.write_text(content, encoding="utf-8")

    ran = call("report", EDIT, "--accounts", file)

    assert (3, "") == (ran.exit_code, ran.stdout)
    assert f"Error: {file}: {why}; create it with `pulumi-conduit accounts --json`\n" == ran.stderr


LIMITS = [
    (EDIT, "--max-deactivations=0", "--max-deactivations 0: the plan deactivates 1 person: grace@acme.example"),
    (EDIT, "--max-revocations=0", "--max-revocations 0: the plan revokes 1 account: ada@acme.example:2"),
    (
        EDIT,
        "--forbid-promotions",
        "--forbid-promotions: the plan gives type STANDARD to 1 person: ada@acme.example",
    ),
    (ADOPTED, "--max-reactivations=0", "--max-reactivations 0: the plan reactivates 1 person: alan@acme.example"),
    (
        ADOPTED,
        "--max-adoptions=4",
        (
            "--max-adoptions 4: the plan adopts 5 objects: ada@acme.example, ada@acme.example, edsger@acme.example,"
            " joan@acme.example, joan@acme.example"
        ),
    ),
]


@pytest.mark.parametrize(("plan", "option", "line"), LIMITS, ids=[option for _, option, _ in LIMITS])
@pytest.mark.parametrize("form", ["text", "markdown", "json", "html"])
def test_a_limit_that_is_exceeded_fails_and_says_which(call, plan, option, line, form):
    """The report is printed all the same, in every format, and standard error names the limit and whom it is about."""
    ran = call("report", plan, "--format", form, option)

    assert (1, f"limit exceeded: {line}\n") == (ran.exit_code, ran.stderr)
    assert option.partition("=")[0] in ran.stdout


@pytest.mark.parametrize(
    ("plan", "options"),
    [
        (EDIT, ["--max-deactivations=1", "--max-revocations=1", "--max-reactivations=0", "--max-adoptions=0"]),
        (ADOPTED, ["--max-adoptions=5", "--max-reactivations=1", "--max-revocations=3", "--max-deactivations=0"]),
    ],
)
def test_what_a_limit_allows_passes(call, plan, options):
    """As many as allowed are fine."""
    ran = call("report", plan, *options)

    assert (0, "") == (ran.exit_code, ran.stderr)


def test_every_limit_is_judged_before_the_end(call):
    """Whoever raises one limit must not meet the next one in the next run."""
    ran = call("report", EDIT, "--max-deactivations=0", "--max-revocations=0", "--forbid-promotions")

    assert (1, 3) == (ran.exit_code, ran.stderr.count("limit exceeded: "))


def test_a_plan_made_offline_fails_unless_that_is_allowed(call):
    """What was not compared with the actual state is reported on demand only, and that is said at the head."""
    refused, allowed = call("report", OFFLINE), call("report", OFFLINE, "--allow-unverified")

    assert (3, "") == (refused.exit_code, refused.stdout)
    assert refused.stderr == (
        "Error: the plan is not verified: new resources were not compared with the remote state: CONDUIT_PREVIEW is"
        " offline; use credentials, or pass --allow-unverified\n"
    )
    assert 0 == allowed.exit_code
    assert allowed.stdout.split("\n")[2] == (
        "! Not verified: new resources were not compared with the remote state: CONDUIT_PREVIEW is offline."
        " Adoptions, reactivations and revocations by a new account list are not known and not counted."
    )


@pytest.mark.parametrize("content", [b"", b"\xff", EDIT.read_bytes()[:-3]], ids=["empty", "not UTF-8", "truncated"])
def test_no_plan_is_an_error_and_no_report(call, content):
    """A broken pipe before this step must not look like a plan without changes."""
    ran = call("report", input=content)

    assert (3, "") == (ran.exit_code, ran.stdout)
    assert ran.stderr.startswith("Error: the plan is ")


def test_wrong_usage_differs_from_failure(call):
    """An option that cannot be is no plan that cannot be read."""
    codes = [call("report", *options).exit_code for options in ([EDIT, "--max-adoptions=-1"], ["/no/such/file"])]

    assert [2, 3] == codes


def test_json_is_for_machines_and_has_a_version(call):
    """`--json` is the same as `--format json`, and its counts are those of the limits."""
    ran = call("report", EDIT, "--json", "--max-revocations=0")
    told = json.loads(ran.stdout)

    assert ran.stdout == call("report", EDIT, "--format", "json", "--max-revocations=0").stdout
    assert json_data.FORMAT == told["format"]
    assert {"deactivations": 1, "revocations": 1, "reactivations": 0, "adoptions": 0, "promotions": 1}.items() <= told[
        "counts"
    ].items()
    assert told["limits"] == [
        {"option": "--max-revocations", "allowed": 0, "found": ["ada@acme.example:2"], "is_exceeded": True}
    ]
    grace = next(one for one in told["people"] if one["email"] == "grace@acme.example")
    assert (["deactivated"], [1, 2], []) == (grace["happens"], grace["before"], grace["after"])


def test_a_page_without_its_library_says_what_to_install(call, monkeypatch):
    """The base install has no templates, and the other formats need none."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "pulumi_conduit.cli.report.page", raising=False)

    ran = call("report", EDIT, "--format", "html")

    assert 3 == ran.exit_code
    assert "Error: the HTML report needs its extra: pip install 'pulumi-conduit[cli]'\n" == ran.stderr
    assert 0 == call("report", EDIT).exit_code
