"""What the pipelines of examples/ci run: GitHub's steps and GitLab's scripts, as commands with their environment.

Actions (`uses:`) are not run. Must not know what the commands do.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

CI = Path(__file__).resolve().parents[2] / "examples" / "ci"
GITHUB = sorted((CI / "github").glob("*.yml"))
GITLAB = CI / "gitlab" / ".gitlab-ci.yml"
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_VARIABLE = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Step:
    """Commands that run in one shell."""

    text: str
    environ: dict[str, str] = field(default_factory=dict)
    is_last_resort: bool = False
    """Whether it runs even if a step before it has failed."""


def parsed(path):
    """Return a pipeline as data; `on` is no boolean here."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - all scalars stay text


def github_steps(name, job, context):
    """Return the steps of a job, with `${{ … }}` looked up in the context; KeyError for what it lacks."""
    made = parsed(CI / "github" / name)["jobs"][job]
    return [
        Step(
            step["run"],
            _filled({**made.get("env", {}), **step.get("env", {})}, context),
            is_last_resort=any(word in step.get("if", "") for word in ("!cancelled()", "always()")),
        )
        for step in made["steps"]
        if "run" in step
    ]


def gitlab_steps(job, context):
    """Return what a job runs, and what it runs after that whatever came of it, with its variables."""
    whole = parsed(GITLAB)
    made = whole[job]
    given = {name: one["value"] if isinstance(one, dict) else one for name, one in whole["variables"].items()}
    known = {**given, **context}
    own = {name: _VARIABLE.sub(lambda found: known[found[1]], text) for name, text in made.get("variables", {}).items()}
    script, after = "\n".join(made["script"]), "\n".join(made.get("after_script", ()))
    return [
        Step(text, {**known, **own}, is_last_resort=is_last)
        for text, is_last in ((script, False), (after, True))
        if text
    ]


def _filled(environ, context):
    return {name: _EXPRESSION.sub(lambda found: _value(found[1], context), text) for name, text in environ.items()}


def _value(expression, context):
    """Return the value of `name` or of `name || 'default'`."""
    name, _, default = expression.partition(" || ")
    return (context.get(name) or default.strip("'")) if default else context[name]
