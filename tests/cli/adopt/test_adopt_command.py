"""`pulumi-conduit adopt` as its users call it: files, words and exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

NEXT = [
    "pulumi import --file import.json --generate-code=false --yes",
    "pulumi preview --expect-no-changes",
    "pulumi up",
]
ADMIN = {
    "what": "user admin@sandbox.example",
    "reason": "is an ADMIN, which this API cannot manage",
    "expected": True,
}


@pytest.fixture
def sandbox(conduit_sandbox, project):
    """Run a sandbox with one person and one company, whose settings are in the environment, in an empty folder."""
    conduit_sandbox.conductor.put_user("ada@acme.example", first_name="Ada", last_name="Lovelace", accounts=[1, 2])
    conduit_sandbox.link.put_company("ACME", name="Acme")
    return conduit_sandbox


def files():
    """Return the names of the files in the project."""
    return sorted(path.name for path in Path().iterdir())


def text(file):
    """Return a file that was written."""
    return Path(file).read_text(encoding="utf-8")


def test_it_says_what_it_found_what_it_wrote_and_what_comes_next(call, sandbox):
    """Without --program the line that declares the roster is shown."""
    result = call("adopt")

    assert (0, ["import.json", "roster.yaml"]) == (result.exit_code, files())
    expected = """\
1 people, 2 grants, 0 companies
left out: user admin@sandbox.example: is an ADMIN, which this API cannot manage
compared with no stack (there is no Pulumi project here): what it has already must not be declared again; name it with \
--stack, and its project with --cwd
written: roster.yaml, import.json

The program is:

\"\"\"People, their access, and companies, as `pulumi-conduit adopt` found them.\"\"\"

import pulumi_conduit as conduit

conduit.Roster('team', 'roster.yaml')


Next:
  pulumi import --file import.json --generate-code=false --yes
  pulumi preview --expect-no-changes
  pulumi up
"""
    assert expected == result.output


def test_it_prints_json_for_machines(call, sandbox):
    """Counts, what was left out, files, and the next commands."""
    result = call("adopt", "--program", "__main__.py", "--companies", "-", "--json", input="ACME\n")

    assert {
        "people": 1,
        "grants": 2,
        "companies": 1,
        "resumed": 0,
        "left_out": [ADMIN],
        "stack": None,
        "files": ["roster.yaml", "__main__.py", "import.json"],
        "next": NEXT,
    } == json.loads(result.output)


def test_it_writes_to_no_api(call, sandbox):
    """One login and two lists is all that people cost."""
    call("adopt")

    assert {"POST /login": 1, "GET /accounts": 1, "GET /users": 1} == sandbox.counts()


def test_files_that_are_there_are_all_named_and_nothing_is_asked(call, sandbox):
    """Only --force overwrites."""
    for name in ("roster.yaml", "import.json"):
        Path(name).touch()

    refused = call("adopt")

    lines = [f"{name}: already exists; give another name, or --force" for name in ("roster.yaml", "import.json")]
    assert (3, "Error: " + "\n".join(lines) + "\n") == (refused.exit_code, refused.output)
    assert {} == sandbox.counts()
    assert 0 == call("adopt", "--force").exit_code
    assert "people:\n- email: ada@acme.example" in text("roster.yaml")


def test_a_failed_write_leaves_nothing_half(call, sandbox, mocker):
    """No file appears, and no draft stays."""
    mocker.patch("pathlib.Path.replace", side_effect=OSError(28, "No space left on device"))

    failed = call("adopt")

    assert (3, "Error: [Errno 28] No space left on device\n", []) == (failed.exit_code, failed.output, files())


def test_no_file_holds_a_secret(call, sandbox):
    """Neither the credentials nor the token that comes with every company."""
    result = call("adopt", "--program", "__main__.py", "--companies", "-", input="ACME\n")

    written = "".join(text(name) for name in files()) + result.output
    assert sandbox.conductor.password() not in written
    assert sandbox.link.app_token() not in written
    assert "api_token" not in written
    assert "token" not in json.loads(text("import.json"))["resources"][-1]["outputs"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--format", "program", "--roster", "r.yaml"], "a program that declares every person has no roster"),
        (["--format", "program", "--name", "team"], "a program that declares every person has no roster"),
        (["--no-people"], "a roster needs people; with --no-people, give --format program"),
        (["--roster", "r.csv", "--companies", "-"], "a roster in CSV holds people only; give --roster a name that"),
        (["--roster", "roster.txt"], "the name of a roster ends in .csv, .yaml or .yml"),
        (["--name", "a b"], "--name: letters, digits, '_', '.' and '-', with a letter or digit first"),
        (["--program", "import.json"], "two of the files have one name"),
        (["--profile", "B"], "--profile: must be a lower-case letter followed by lower-case letters or digits"),
        (["--type", "ADMIN"], "'ADMIN' is not one of 'READ_ONLY', 'STANDARD'"),
    ],
)
def test_wrong_usage_ends_with_2_before_anything_is_asked(call, sandbox, arguments, reason):
    """The options are judged first."""
    wrong = call("adopt", *arguments)

    assert (2, True, {}) == (wrong.exit_code, reason in wrong.output, sandbox.counts())


def test_a_list_of_companies_that_cannot_be_read_ends_with_3_before_anything_is_asked(call, sandbox):
    """It is no wrong usage."""
    failed = call("adopt", "--companies", "missing.txt")

    expected = "Error: 'missing.txt' cannot be read: No such file or directory\n"
    assert (3, expected, {}) == (failed.exit_code, failed.output, sandbox.counts())


def test_a_folder_that_is_missing_is_one_line(call, sandbox):
    """Before anything is asked."""
    failed = call("adopt", "--roster", "there/roster.yaml")

    assert (3, "Error: there/roster.yaml: there is no such folder\n") == (failed.exit_code, failed.output)


@pytest.mark.parametrize("name", ["Ame\u0301lie", "Am\u00e9lie "])
def test_a_choice_by_account_takes_its_composed_name(call, sandbox, name):
    """A roster finds the account so, too, whatever form the API has."""
    sandbox.conductor.add_account(11, name)
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 2, 3, 11])
    sandbox.conductor.put_user("grace@acme.example", accounts=[11])

    assert "1 people, 1 grants" in call("adopt", "--account", "Am\u00e9lie").output


def test_a_choice_by_account_takes_ids_and_exact_names(call, sandbox):
    """A word that is neither is an error that names it."""
    sandbox.conductor.put_user("grace@acme.example", accounts=[3])
    sandbox.conductor.add_account(11, "Travel")
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[1, 2, 3, 11])

    assert "1 people, 1 grants" in call("adopt", "--account", "Finance").output
    assert "2 people, 3 grants" in call("adopt", "--force", "--account", "3", "--account", "Retail").output
    wrong = call("adopt", "--force", "--account", "Travel", "--account", "Fin", "--account", "4")
    assert (3, "Error: ") == (wrong.exit_code, wrong.output[:7])
    assert [
        "account 'Travel': is the name of 2 accounts, 2, 11; give the id of one",
        "account 'Fin': is neither the id nor the name of an account that this identity owns",
        "account '4': is neither the id nor the name of an account that this identity owns",
    ] == wrong.output[7:].splitlines()


def test_companies_alone_need_no_credentials_of_conductor(call, sandbox, monkeypatch):
    """A second Link APP, under a program of its own."""
    monkeypatch.delenv("CONDUCTOR_PASSWORD")

    result = call("adopt", "--format", "program", "--no-people", "--companies", "-", input="ACME\n")

    assert (0, ["__main__.py", "import.json"]) == (result.exit_code, files())
    assert "conduit.Company(\n    'acme',\n    company_id='ACME',\n    name='Acme',\n    page_enabled=True,\n)" in text(
        "__main__.py"
    )


def test_nothing_to_adopt_fails_and_says_who_was_left_out(call, sandbox):
    """An empty roster would be refused by its reader."""
    failed = call("adopt", "--email", "nobody@*", "--email", "admin@*")

    expected = f"there is nothing to adopt\n{ADMIN['what']}: {ADMIN['reason']}"
    assert (3, f"Error: {expected}\n", []) == (failed.exit_code, failed.output, files())


def test_missing_settings_are_one_line(call, sandbox, monkeypatch):
    """The variable is named, and nothing is written."""
    monkeypatch.delenv("CONDUIT_LINK_APP_TOKEN")

    failed = call("adopt", "--companies", "-", input="ACME\n")

    assert (3, True) == (failed.exit_code, failed.output.startswith("Error: CONDUIT_LINK_APP_TOKEN (stack config"))
    assert [] == files()


def test_a_roster_elsewhere_is_found_from_the_folder_of_the_program(call, sandbox):
    """The program runs in its own folder."""
    for folder in ("data", "program"):
        Path(folder).mkdir()

    call("adopt", "--roster", "data/people.csv", "--program", "program/__main__.py")

    assert "conduit.Roster('team', '../data/people.csv')" in text("program/__main__.py")


def test_a_bar_is_shown_on_a_terminal_only(call, sandbox, mocker):
    """And on standard error, so that the JSON of standard output stays whole."""
    mocker.patch("pulumi_conduit.cli.terminal.is_terminal", return_value=True)

    result = call("adopt", "--companies", "-", "--json", input="ACME\n")

    assert 1 == json.loads(result.stdout)["companies"]
    assert ["people", "companies"] == result.stderr.splitlines()  # the bars are in test_terminal.py


def test_quiet_leaves_out_progress_and_hints(call, sandbox, mocker):
    """What was found, left out and written is printed."""
    mocker.patch("pulumi_conduit.cli.terminal.is_terminal", return_value=True)

    result = call("adopt", "--quiet")

    assert (0, "") == (result.exit_code, result.stderr)
    assert ["1 people, 2 grants, 0 companies", "left out", "compared with no stack", "written"] == [
        line.partition(":")[0].partition(" (")[0] for line in result.stdout.splitlines()
    ]


def test_its_help_loads_no_http():
    """Help is asked for often, and must come at once."""
    code = "import sys; from pulumi_conduit.cli import main\ntry: main()\nfinally: print('requests' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code, "adopt", "--help"], capture_output=True, text=True, check=True)  # noqa: S603 - our own command

    assert "False" == shown.stdout.splitlines()[-1]


def test_ctrl_c_ends_with_3(call, sandbox, mocker):
    """Ending with 1 would mean that somebody was left out."""
    mocker.patch("pulumi_conduit.cli.adopt.people.PeopleReader.read", side_effect=KeyboardInterrupt)

    interrupted = call("adopt")

    assert (3, "Error: interrupted\n", []) == (interrupted.exit_code, interrupted.output, files())
