"""A machine that runs the jobs of a pipeline with the CLI, as GitHub's and GitLab's do: fresh copies, steps, artifacts.

`gh` and `curl` reach the hosted services, which tests must not: stand-ins fetch what the run before has left, and keep
the comment. Must not know what a job is for.
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from guide_shell import Shell
from pipeline_files import github_steps, gitlab_steps

GH = """#!/bin/sh
case "$1 $2" in
  "run list") echo "$@" >> "$KEPT/list-commands"; if [ -e "$KEPT/runs" ]; then cat "$KEPT/runs"; fi ;;
  "run download") cp -R "$KEPT/state-of-$3" state ;;
  "pr comment") echo "$@" > "$KEPT/comment-command" && cp report/report.md "$KEPT/comment" ;;
  *) exit 9 ;;
esac
"""
CURL = """#!/bin/sh
while [ "$1" != --output ]; do shift; done
case "$@" in *"job=$(cat "$KEPT/job")"*) ;; *) printf 404; exit 0 ;; esac
cp "$KEPT/$2" "$2" && printf 200
"""
_SECRETS = ("CONDUIT_LINK_APP_TOKEN", "CONDUCTOR_PASSWORD", "PULUMI_CONFIG_PASSPHRASE")


@dataclass(frozen=True)
class Machine:
    """A place with a repository, what jobs keep, and the environment that every job begins with."""

    place: Path
    environ: dict[str, str]

    @property
    def kept(self):
        """Return where artifacts lie."""
        return self.place / "kept"

    def install(self):
        """Put the stand-ins where commands are found first."""
        self.kept.mkdir()
        for name, text in {"gh": GH, "curl": CURL}.items():
            command = self.place / "commands" / name
            command.write_text(text, encoding="utf-8")
            command.chmod(0o700)

    def commit(self, files):
        """Change files of the repository."""
        (self.place / "repository").mkdir(exist_ok=True)
        for name, text in files.items():
            (self.place / "repository" / name).write_text(text, encoding="utf-8")

    def workspace(self):
        """Return a fresh checkout."""
        folder = self.place / f"workspace-{len(list(self.place.glob('workspace-*')))}"
        return Path(shutil.copytree(self.place / "repository", folder))

    def play(self, steps, folder):
        """Run steps until one fails; return the first exit code that is not 0, and all that was printed."""
        code = 0
        printed: list[str] = []
        for step in steps:
            if not code or step.is_last_resort:
                more = {"KEPT": str(self.kept), "GITHUB_STEP_SUMMARY": str(self.kept / "summary")}
                ran = Shell(folder, {**self.environ, **more, **step.environ}).run([(1, step.text)])
                code, printed = code or ran.code, [*printed, ran.text]
        return code, "\n".join(printed)

    def leave(self, folder, *, run, newer=()):
        """Keep a folder as the artifact of a run; `newer` are runs that have left none."""
        shutil.copytree(folder, self.kept / f"state-of-{run}")
        lines = [*newer, f"2026-01-01T00:00:00Z {run}", ""]
        (self.kept / "runs").write_text("\n".join(lines), encoding="utf-8")

    def keep(self, *paths):
        """Keep files and folders as artifacts."""
        for path in paths:
            if path.is_dir():
                shutil.copytree(path, self.kept / path.name, symlinks=True)
            else:
                shutil.copy(path, self.kept)


@dataclass(frozen=True)
class GitHub:
    """GitHub's side: secrets and variables, which a step sees if its file says so."""

    machine: Machine
    settings: dict[str, str]

    def job(self, workflow, job, folder=None, *, results=None, **inputs):
        """Run a job of a workflow; return its folder, exit code and output; `results` are those of jobs before it."""
        folder = folder or self.machine.workspace()
        kept = {f"{'secrets' if name in _SECRETS else 'vars'}.{name}": it for name, it in self.settings.items()}
        context = {
            **kept,
            "github.token": "of the run",
            "github.workspace": str(folder),
            "github.event.pull_request.number": "7",
            "needs.preview.result": "success",
            **{f"inputs.{name}": value for name, value in inputs.items()},
            **(results or {}),
        }
        always = {"GITHUB_REPOSITORY": "acme/team", "CONDUIT_LINK_URL": self.settings["CONDUIT_LINK_URL"]}
        steps = [replace(step, environ={**always, **step.environ}) for step in github_steps(workflow, job, context)]
        return folder, *self.machine.play(steps, folder)


@dataclass(frozen=True)
class GitLab:
    """GitLab's side: variables, of which a job sees those of production if it has that environment."""

    machine: Machine
    settings: dict[str, str]

    def job(self, job, *, is_protected=True, **inputs):
        """Run a job; return its folder, exit code and output."""
        folder = self.machine.workspace()
        if (self.machine.kept / ".venv").exists():
            shutil.copytree(self.machine.kept / ".venv", folder / ".venv", symlinks=True)
        context = {
            "IMAGE": "pulumi/pulumi-python@sha256:0123",
            "CI_PROJECT_DIR": str(folder),
            "CI_API_V4_URL": "http://gitlab.invalid/api/v4",
            "CI_PROJECT_ID": "1",
            "CI_DEFAULT_BRANCH": "main",
            "CI_JOB_TOKEN": "of the job",
            **(self.settings if is_protected else {}),
            **inputs,
        }
        return folder, *self.machine.play(gitlab_steps(job, context), folder)
