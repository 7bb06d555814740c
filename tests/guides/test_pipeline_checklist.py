"""The checklist of docs/ci.md: what it says to type gives every job of the pipelines what it reads."""

import re
import subprocess
from pathlib import Path

from pipeline_files import GITHUB, parsed

_PAGE = Path(__file__).parents[2] / "docs" / "ci.md"
_GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$GH_LOG"
"""


def test_the_checklist_sets_what_the_workflows_read(tmp_path):
    """Each secret and variable, in the environment of the job that reads it: what docs/ci.md says to type is run."""
    block = _PAGE.read_text(encoding="utf-8").partition("### Type this: GitHub")[2].partition("```sh\n")[2]
    commands = tmp_path / "gh"
    commands.write_text(_GH, encoding="utf-8")
    commands.chmod(0o700)
    log = tmp_path / "log"
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GH_LOG": str(log)}
    ran = subprocess.run(  # noqa: S603 - the page under test
        ["bash", "-e", "-c", block.partition("```")[0]],  # noqa: S607 - as its readers do
        env=environ,
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (ran.returncode, ran.stderr)

    typed = set(re.findall(r"^(secret|variable) set (\w+) --env (\w+)", log.read_text(encoding="utf-8"), re.MULTILINE))

    assert set(_read_by_jobs()) - typed == set()


def _read_by_jobs():
    """Yield each secret and variable that a job of an environment reads, but what is for AWS or is off at first."""
    kinds = {"secrets": "secret", "vars": "variable"}
    for path in GITHUB:
        for job in parsed(path)["jobs"].values():
            if environment := job.get("environment"):
                for kind, name in re.findall(r"\$\{\{ (secrets|vars)\.(\w+)", str(job)):
                    if not name.startswith("AWS_") and name != "AUDIT":
                        yield kinds[kind], name, environment
