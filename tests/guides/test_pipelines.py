"""The commands of the pipelines, as the files have them, on the CLI and a sandbox: a change from review to drift."""

import shutil

import pytest
from guide_shell import Shell, environment
from pipeline_runner import GitHub, GitLab, Machine

pytestmark = pytest.mark.engine

ROSTER = """\
defaults:
  people: {accounts: [1, 2]}
people:
  - {email: ada@acme.example, first_name: Ada, last_name: Lovelace}
  - {email: grace@acme.example, first_name: Grace, last_name: Hopper}
companies:
  - {company_id: ACME, name: Acme Corporation, on_destroy: retain}
"""
CHANGED = ROSTER.replace("grace@acme.example, first_name: Grace", "alan@acme.example, first_name: Alan")
BEFORE = {"ada@acme.example": "ACTIVE", "grace@acme.example": "ACTIVE"}
AFTERWARDS = {"ada@acme.example": "ACTIVE", "grace@acme.example": "INACTIVE", "alan@acme.example": "ACTIVE"}
FILES = {
    "Pulumi.yaml": "name: team\nruntime: python\n",
    "requirements.txt": "pulumi-conduit[cli]\n",
    "__main__.py": 'import pulumi_conduit as conduit\n\nconduit.Roster("team", "roster.yaml")\n',
}


@pytest.fixture
def settings(tmp_path, conduit_sandbox):
    """Give what the secrets and variables of production hold."""
    (tmp_path / "backend").mkdir()
    backend = {"PULUMI_BACKEND_URL": (tmp_path / "backend").as_uri(), "PULUMI_CONFIG_PASSPHRASE": "known to production"}
    return {**conduit_sandbox.environ(), **backend}


@pytest.fixture
def machine(tmp_path, settings):
    """Give a machine without a setting, and a repository whose stack somebody has made once, by hand."""
    environ = {name: value for name, value in environment(tmp_path, {}).items() if name not in settings}
    made = Machine(tmp_path, environ)
    made.install()
    made.commit({**FILES, "roster.yaml": ROSTER})
    ran = Shell(tmp_path / "repository", {**environ, **settings}).run([(1, "pulumi stack init prod")])
    assert 0 == ran.code, ran.text
    return made


def _statuses(sandbox):
    return {email: user["status"] for email, user in sandbox.conductor.users().items() if email in AFTERWARDS}


def _proposed(github, machine, *, results=None):
    """Run the jobs of a pull request, each with what the one before has left; return exit codes and all output."""
    folder, previewed, text = github.job("pull-request.yml", "preview")
    base = machine.workspace()
    if (folder / "plan").exists():
        shutil.copytree(folder / "plan", base / "plan")
    _, limits, more = github.job("pull-request.yml", "limits", base, results=results)
    (machine.place / "comment").mkdir()
    if (base / "report").exists():
        shutil.copytree(base / "report", machine.place / "comment" / "report")
    _, commented, last = github.job("pull-request.yml", "comment", machine.place / "comment")
    return (previewed, limits, commented), text + more + last


def test_a_change_goes_through_github(machine, settings, conduit_sandbox):
    """Reviewed without a credential, stopped by a limit, allowed by hand, and looked after at night."""
    github = GitHub(machine, settings)
    folder, code, text = github.job("up.yml", "up", max_adoptions="0")
    assert (0, BEFORE) == (code, _statuses(conduit_sandbox)), text
    machine.leave(folder / "state", run=42)

    machine.commit({"roster.yaml": CHANGED})
    conduit_sandbox.forget_requests()
    codes, text = _proposed(github, machine)
    assert (0, 0, 0) == codes, text
    assert "grace@acme.example" in (machine.kept / "comment").read_text(encoding="utf-8")
    assert "pr comment 7 --repo acme/team" in (machine.kept / "comment-command").read_text(encoding="utf-8")
    assert [] == conduit_sandbox.requests

    folder, code, text = github.job("up.yml", "up", max_deactivations="0")
    assert (1, BEFORE) == (code, _statuses(conduit_sandbox)), text
    assert ["accounts.json", "state.json"] == sorted(path.name for path in (folder / "state").iterdir()), text

    _, code, text = github.job("up.yml", "up")
    assert (0, AFTERWARDS) == (code, _statuses(conduit_sandbox)), text

    assert 0 == github.job("drift.yml", "drift")[1]
    conduit_sandbox.conductor.edit_user("ada@acme.example", type="STANDARD")
    folder, code, text = github.job("drift.yml", "drift")
    assert (7, True) == (code, (folder / "state" / "state.json").exists()), text


def test_limits_stop_a_pull_request_of_anybody(machine, settings, conduit_sandbox):
    """A promotion exceeds them, and a preview that failed does not pass, either; the comment needs the report only."""
    github = GitHub(machine, settings)
    folder, code, text = github.job("up.yml", "up")
    assert 0 == code, text
    machine.leave(folder / "state", run=42)
    machine.commit({"roster.yaml": ROSTER.replace("Lovelace}", "Lovelace, type: STANDARD}")})

    (previewed, limits, commented), text = _proposed(github, machine)

    assert (0, 1, 0) == (previewed, limits, commented), text
    assert "--forbid-promotions" in (machine.kept / "comment").read_text(encoding="utf-8")
    _, code, text = github.job("pull-request.yml", "limits", results={"needs.preview.result": "failure"})
    assert (1, True) == (code, "the preview has ended with failure" in text)


def test_a_missing_state_stops_a_pull_request_with_what_to_do(machine, settings):
    """Newer runs without one are passed over; where none is left, no report says that everybody is new."""
    github = GitHub(machine, settings)
    folder, code, text = github.job("up.yml", "up")
    assert 0 == code, text
    machine.leave(folder / "state", run=42, newer=("2026-02-02T00:00:00Z 43",))

    assert 0 == github.job("pull-request.yml", "preview")[1]
    shutil.rmtree(machine.kept / "state-of-42")
    _, code, text = github.job("pull-request.yml", "preview")

    assert (1, True) == (code, "start drift.yml or up.yml by hand" in text)


def test_an_approved_preview_in_github_asks_the_apis(machine, settings, conduit_sandbox):
    """With credentials, a preview knows who is there already, judges by the limits, and changes nothing."""
    conduit_sandbox.conductor.put_user("grace@acme.example", first_name="Grace", last_name="Hopper", accounts=[1, 2])

    _, code, text = GitHub(machine, settings).job("pull-request-online.yml", "preview")

    assert (1, True) == (code, "limit exceeded: --max-adoptions 0: the plan adopts 3 objects" in text), text
    assert "grace@acme.example" in (machine.kept / "summary").read_text(encoding="utf-8")
    assert conduit_sandbox.counts()["POST /login"]
    assert [] == conduit_sandbox.writes()


def test_a_change_goes_through_gitlab(machine, settings, conduit_sandbox):
    """The same, with a page as the report."""
    gitlab = GitLab(machine, settings)
    folder, code, text = gitlab.job("install", is_protected=False)
    assert 0 == code, text
    machine.keep(folder / ".venv")
    folder, code, text = gitlab.job("up")
    assert (0, BEFORE) == (code, _statuses(conduit_sandbox)), text
    machine.keep(folder / "state.json", folder / "accounts.json")
    (machine.kept / "job").write_text("state", encoding="utf-8")  # the last pipeline that succeeded was a `state`

    machine.commit({"roster.yaml": CHANGED})
    conduit_sandbox.forget_requests()
    folder, code, text = gitlab.job("preview", is_protected=False)
    assert 0 == code, text
    assert "grace@acme.example" in (folder / "report.html").read_text(encoding="utf-8")
    assert [] == conduit_sandbox.requests

    folder, code, text = gitlab.job("up", MAX_DEACTIVATIONS="0")
    assert (1, BEFORE) == (code, _statuses(conduit_sandbox)), text
    assert (folder / "state.json").exists(), text

    _, code, text = gitlab.job("up")
    assert (0, AFTERWARDS) == (code, _statuses(conduit_sandbox)), text

    assert 0 == gitlab.job("state")[1]
    assert 1 == gitlab.job("install", is_protected=False, IMAGE="pulumi/pulumi-python:3.216.0")[1]
    assert 0 == gitlab.job("drift")[1]
    conduit_sandbox.conductor.edit_user("ada@acme.example", type="STANDARD")
    assert 7 == gitlab.job("drift")[1]


FAILURES = {
    "wrong password": ({"CONDUCTOR_PASSWORD": "an old one"}, {}, "Conductor refused POST /login: 401"),
    "missing setting": (
        {"CONDUCTOR_PASSWORD": ""},
        {},
        "CONDUCTOR_PASSWORD (stack config conduit:conductorPassword) is empty",
    ),
    "wrong passphrase": ({"PULUMI_CONFIG_PASSPHRASE": "of another stack"}, {}, "incorrect passphrase"),
    "syntax error": ({}, {"__main__.py": "import pulumi_conduit as conduit\n\nconduit.Roster(\n"}, "SyntaxError"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_preview_that_fails_says_why_in_the_log(machine, settings, conduit_sandbox, failure):
    """Though its output goes into a file, in every job that has one; and nothing is done."""
    changed, files, reason = FAILURES[failure]
    machine.commit(files)
    github, gitlab = GitHub(machine, {**settings, **changed}), GitLab(machine, {**settings, **changed})
    (machine.kept / ".venv" / "bin").mkdir(parents=True)
    (machine.kept / "job").write_text("none", encoding="utf-8")
    jobs = [github.job("up.yml", "up"), github.job("pull-request-online.yml", "preview"), gitlab.job("up")]
    if files:
        jobs += [github.job("pull-request.yml", "preview"), gitlab.job("preview", is_protected=False)]

    for _, code, text in jobs:
        assert code, text
        assert reason in text
    assert {} == _statuses(conduit_sandbox)
