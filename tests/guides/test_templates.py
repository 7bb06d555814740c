"""The templates, as `pulumi new` makes projects of them: up, and then a preview without a change, on both engines."""

import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_conduit.settings.sources import Names

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(folder.name for folder in TEMPLATES.iterdir() if folder.is_dir())
SECRETS = {"linkAppToken", "conductorPassword"}

templates = pytest.mark.parametrize("name", NAMES)


def template(name):
    """Return what a template asks for and prints."""
    return yaml.safe_load((TEMPLATES / name / "Pulumi.yaml").read_text(encoding="utf-8"))["template"]


@pytest.fixture
def project(name, tmp_path):
    """Give a copy of a template with its name filled in, as `pulumi new` makes it."""
    folder = Path(shutil.copytree(TEMPLATES / name, tmp_path / "project"))
    text = (folder / "Pulumi.yaml").read_text(encoding="utf-8")
    filled = text.partition("template:")[0].replace("${PROJECT}", "team").replace("${DESCRIPTION}", "A team")
    (folder / "Pulumi.yaml").write_text(filled, encoding="utf-8")
    return folder


@pytest.mark.engine
@templates
def test_pulumi_new_makes_a_project_that_runs(name, shell):
    """With the settings of the environment, all other questions at their defaults."""
    ran = shell.run(
        [
            (1, f"pulumi new {TEMPLATES / name} --yes --name team --stack dev"),
            (2, "pulumi up --yes"),
            (3, "pulumi preview --expect-no-changes"),
            (4, "pulumi destroy --yes"),
        ]
    )

    assert 0 == ran.code, ran.text
    assert "CONDUCTOR_PASSWORD" in ran.printed[1]


@templates
def test_a_template_runs_on_the_embedded_engine(name, project, conduit_stack):
    """The defaults of its questions make a first update, and nothing changes after that."""
    asked = template(name)["config"]
    stack = conduit_stack(project, config={key: one["default"] for key, one in asked.items() if "default" in one})

    assert not stack.up().is_unchanged
    assert stack.preview().is_unchanged


@templates
def test_a_template_asks_for_settings_that_exist_and_hides_the_secret_ones(name):
    """A credential is typed unseen and stored encrypted; an empty answer leaves the setting to the environment."""
    asked = {key.removeprefix("conduit:"): one for key, one in template(name)["config"].items() if ":" in key}
    settings: list[Any] = [field.default for field in fields(Names)]
    known = {one.key for one in settings}

    assert set() == asked.keys() - known
    assert SECRETS & asked.keys() == {key for key, one in asked.items() if one.get("secret")}
    assert [] == [key for key, one in asked.items() if "default" in one]
