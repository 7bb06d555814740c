"""The commands of the pipelines, as the files have them, on the real CLI and a sandbox: a change from review to drift."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from guide_shell import Shell, environment
from pipeline_files import github_steps, gitlab_steps

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
LEFT_ALONE = {"ada@acme.example": "ACTIVE", "grace@acme.example": "ACTIVE"}
AFTERWARDS = {"ada@acme.example": "ACTIVE", "grace@acme.example": "INACTIVE", "alan@acme.example": "ACTIVE"}

# `gh` and `curl` reach the services that tests must not: these fetch the state of the run before, and keep the comment.
GH = """#!/bin/sh
case "$1 $2" in
  "run list") echo 42 ;;
  "run download") mkdir -p .state && cp "$KEPT/state.json" .state/ ;;
  "pr comment") echo "$@" > "$KEPT/comment-command" && cp report.md "$KEPT/comment" ;;
  *) exit 9 ;;
esac
"""
CURL = """#!/bin/sh
cp "$KEPT/state.json" state.json && printf 200
"""


@dataclass(frozen=True)
class Runner:
    """A machine that runs jobs: a fresh copy of the repository for each, and what they leave behind in `kept`."""

    place: Path
    environ: dict[str, str]
    kept: Path

    def write(self, roster):
        """Commit a roster."""
        repository = self.place / "repository"
        repository.mkdir(exist_ok=True)
        (repository / "Pulumi.yaml").write_text("name: team\nruntime: python\n", encoding="utf-8")
        (repository / "requirements.txt").write_text("pulumi-conduit[cli]\n", encoding="utf-8")
        (repository / "__main__.py").write_text(
            'import pulumi_conduit as conduit\n\nconduit.Roster("team", "roster.yaml")\n', encoding="utf-8"
        )
        (repository / "roster.yaml").write_text(roster, encoding="utf-8")

    def workspace(self):
        """Return a fresh checkout."""
        folder = self.place / f"workspace-{len(list(self.place.glob('workspace-*')))}"
        return Path(shutil.copytree(self.place / "repository", folder))

    def play(self, steps, folder):
        """Run the steps of a job; return the first exit code that is not 0, and all that was printed."""
        code, printed = 0, []
        for step in steps:
            if not code or step.is_last_resort:
                environ = {**self.environ, **step.environ, "GITHUB_STEP_SUMMARY": str(self.kept / "summary")}
                ran = Shell(folder, environ).run([(1, step.text)])
                code, printed = code or ran.code, [*printed, ran.text]
        return code, "\n".join(printed)

    def keep(self, folder, *names):
        """Upload artifacts."""
        for name in names:
            shutil.copy(folder / name, self.kept / name)


@pytest.fixture
def runner(tmp_path, conduit_sandbox):
    """Give a runner without any setting of the sandbox, for jobs get only what their pipeline gives them."""
    kept, backend = tmp_path / "kept", tmp_path / "backend"
    kept.mkdir()
    environ = {**environment(tmp_path, {}), "KEPT": str(kept), "GITHUB_REPOSITORY": "acme/team"}
    for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"):
        environ.pop(name)
    for name, text in {"gh": GH, "curl": CURL}.items():
        command = tmp_path / "commands" / name
        command.write_text(text, encoding="utf-8")
        command.chmod(0o700)
    return Runner(tmp_path, environ, kept)


@pytest.fixture
def settings(tmp_path, conduit_sandbox):
    """Give what the secrets and variables of production hold."""
    return {
        **conduit_sandbox.environ(),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "only production knows",
    }


@pytest.fixture
def stack(runner, settings):
    """Make the stack, as somebody has done once by hand; its file is committed."""
    runner.write(ROSTER)
    shell = Shell(runner.place / "repository", {**runner.environ, **settings})
    assert 0 == shell.run([(1, "pulumi stack init prod")]).code
    return shell


def _statuses(sandbox):
    return {email: user["status"] for email, user in sandbox.conductor.users().items() if email in AFTERWARDS}


class GitHub:
    """GitHub's context, with the secrets and variables of production."""

    def __init__(self, settings, sandbox):
        """Take the settings apart, as they are kept there."""
        self.sandbox_url = {"CONDUIT_LINK_URL": sandbox.link_url}  # the pipelines use the default, the real API
        secret = ("CONDUIT_LINK_APP_TOKEN", "CONDUCTOR_PASSWORD", "PULUMI_CONFIG_PASSPHRASE")
        self.context = {f"{'secrets' if name in secret else 'vars'}.{name}": value for name, value in settings.items()}

    def job(self, runner, name, job, folder=None, **inputs):
        """Run a job of a workflow."""
        folder = folder or runner.workspace()
        context = {
            **self.context,
            "github.token": "of the run",
            "github.workspace": str(folder),
            "github.event.pull_request.number": "7",
            **{f"inputs.{name}": value for name, value in inputs.items()},
        }
        steps = [
            replace(step, environ={**self.sandbox_url, **step.environ}) for step in github_steps(name, job, context)
        ]
        return folder, *runner.play(steps, folder)


class GitLab:
    """GitLab's variables; a job sees those of production if it has an environment."""

    def __init__(self, settings, sandbox):
        """Keep the settings."""
        self.settings, self.sandbox_url = settings, {"CONDUIT_LINK_URL": sandbox.link_url}

    def job(self, runner, job, **inputs):
        """Run a job."""
        folder = runner.workspace()
        context = {
            "CI_PROJECT_DIR": str(folder),
            "CI_API_V4_URL": "http://gitlab.invalid/api/v4",
            "CI_PROJECT_ID": "1",
            "CI_DEFAULT_BRANCH": "main",
            "CI_JOB_TOKEN": "of the job",
            **self.sandbox_url,
            **({} if job == "preview" else self.settings),
            **inputs,
        }
        return folder, *runner.play(gitlab_steps(job, context), folder)


def test_a_change_goes_through_github(runner, stack, settings, conduit_sandbox):
    """Merged, reviewed without a credential, stopped by a limit, allowed by hand, and looked after at night."""
    github = GitHub(settings, conduit_sandbox)

    folder, code, text = github.job(runner, "up.yml", "up")
    assert (0, LEFT_ALONE) == (code, _statuses(conduit_sandbox)), text
    runner.keep(folder, "state.json")

    runner.write(CHANGED)
    conduit_sandbox.forget_requests()
    folder, code, text = github.job(runner, "pull-request.yml", "preview")
    assert 0 == code, text
    plan = runner.place / "comment"
    (plan / "plan").mkdir(parents=True)
    shutil.copy(folder / "preview.json", plan / "plan")
    _, code, text = github.job(runner, "pull-request.yml", "comment", plan)
    assert 0 == code, text
    assert "grace@acme.example" in (runner.kept / "comment").read_text(encoding="utf-8")
    assert "pr comment 7 --repo acme/team" in (runner.kept / "comment-command").read_text(encoding="utf-8")
    assert [] == conduit_sandbox.requests

    _, code, text = github.job(runner, "up.yml", "up", max_deactivations="0")
    assert (1, LEFT_ALONE) == (code, _statuses(conduit_sandbox)), text

    _, code, text = github.job(runner, "up.yml", "up")
    assert (0, AFTERWARDS) == (code, _statuses(conduit_sandbox)), text

    assert 0 == github.job(runner, "drift.yml", "drift")[1]
    conduit_sandbox.conductor.edit_user("ada@acme.example", type="STANDARD")
    assert 7 == github.job(runner, "drift.yml", "drift")[1]


def test_an_approved_preview_in_github_asks_the_apis(runner, stack, settings, conduit_sandbox):
    """With credentials, a preview knows who is there already."""
    conduit_sandbox.conductor.put_user("grace@acme.example", first_name="Grace", last_name="Hopper", accounts=[1, 2])

    _, code, text = GitHub(settings, conduit_sandbox).job(runner, "pull-request-online.yml", "preview")

    assert 0 == code, text
    assert "grace@acme.example" in (runner.kept / "summary").read_text(encoding="utf-8")
    assert 1 == conduit_sandbox.counts()["POST /login"]


def test_a_change_goes_through_gitlab(runner, stack, settings, conduit_sandbox):
    """The same, with a page as the report."""
    gitlab = GitLab(settings, conduit_sandbox)

    folder, code, text = gitlab.job(runner, "up")
    assert (0, LEFT_ALONE) == (code, _statuses(conduit_sandbox)), text
    runner.keep(folder, "state.json")

    runner.write(CHANGED)
    conduit_sandbox.forget_requests()
    folder, code, text = gitlab.job(runner, "preview")
    assert 0 == code, text
    assert "grace@acme.example" in (folder / "report.html").read_text(encoding="utf-8")
    assert [] == conduit_sandbox.requests

    folder, code, text = gitlab.job(runner, "up", MAX_DEACTIVATIONS="0")
    assert (1, LEFT_ALONE) == (code, _statuses(conduit_sandbox)), text

    folder, code, text = gitlab.job(runner, "up")
    assert (0, AFTERWARDS) == (code, _statuses(conduit_sandbox)), text

    assert 0 == gitlab.job(runner, "drift")[1]
    conduit_sandbox.conductor.edit_user("ada@acme.example", type="STANDARD")
    assert 7 == gitlab.job(runner, "drift")[1]
