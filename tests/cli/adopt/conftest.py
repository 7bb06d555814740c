"""What the tests of adoption share: the command in a folder of its own, against a sandbox."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from pulumi_conduit.cli.adopt.people import Choice, PeopleReader
from pulumi_conduit.cli.group import commands
from pulumi_conduit.resources.provider_context import ProviderContext
from pulumi_conduit.settings import Settings


@dataclass
class Adopted:
    """How one call of the command ended, and what it wrote."""

    code: int
    output: str
    folder: Path

    def entries(self, file="import.json"):
        """Return the resources of the import file by name and kind."""
        resources = json.loads(self.text(file))["resources"]
        return {(one["name"], one["type"].rpartition(":")[2]): one for one in resources}

    def text(self, file):
        """Return a file that was written."""
        return (self.folder / file).read_text(encoding="utf-8")

    def files(self):
        """Return the names of all files in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def session(conduit_sandbox):
    """Give the identity of the sandbox."""
    return ProviderContext(Settings(conduit_sandbox.environ(), {})).sessions.conductor(None)


@pytest.fixture
def look(session):
    """Return a function that looks at the people of the sandbox."""

    def looked(choice=None, profile=None):
        people = PeopleReader(session, profile)
        people.read(choice or Choice())
        return people

    return looked


@pytest.fixture
def project(conduit_sandbox, tmp_path, monkeypatch):
    """Work in an empty folder, with the settings of the sandbox in the environment."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name, value in conduit_sandbox.environ().items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def adopt(project):
    """Return a function that runs `adopt` in an empty folder, with the settings of the sandbox."""

    def run(*arguments, stdin=None):
        given = [] if stdin is None else ["--companies", "-"]
        done = CliRunner().invoke(commands, ["adopt", *given, *map(str, arguments)], input=stdin)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Adopted(done.exit_code, done.output, project)

    return run
