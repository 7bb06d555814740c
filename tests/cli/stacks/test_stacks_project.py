"""A project's stacks and their config: what a preview tries lies beside it, and what cannot be read is named."""

import json

import pytest
import yaml

from pulumi_conduit.cli.stacks.parts import StackPart
from pulumi_conduit.cli.stacks.project import Project
from pulumi_conduit.errors import ConduitError
from pulumi_conduit.roster import Shard

CONFIG = "encryptionsalt: v1:abc\nconfig:\n  conduit:shard: 0/2\n  team:secret:\n    secure: v1:xyz\n"


class Cli:
    """A CLI that notes what it is asked for."""

    command, version = "pulumi", None

    def __init__(self):
        """Know nothing yet."""
        self.asked = []

    def run(self, args, *_):
        """Note it, and make the config file that `stack init` makes."""
        self.asked.append(args)


@pytest.fixture
def cli():
    """Give a CLI."""
    return Cli()


@pytest.fixture
def folder(tmp_path):
    """Give a project with one stack."""
    made = tmp_path / "project"
    made.mkdir()
    (made / "Pulumi.yaml").write_text("name: team\nruntime: python\n", encoding="utf-8")
    (made / "Pulumi.s0.yaml").write_text(CONFIG, encoding="utf-8")
    return made


@pytest.fixture
def project(folder, cli, tmp_path):
    """Give the project with a tenant for rehearsals."""
    (tmp_path / "rehearsals").mkdir()
    return Project(folder, cli, preview_configs=tmp_path / "rehearsals", preview_options=["--json"])


def test_a_rehearsal_leaves_the_config_as_it_is(project, folder, tmp_path):
    """Another split and the consent to it stand in a file of their own, with all that the stack's config has."""
    part = StackPart("s0", Shard(0, 3, None, "2"), Shard(0, 2), exists=True)

    project.configure_preview(part)

    tried = yaml.safe_load((tmp_path / "rehearsals" / "Pulumi.s0.yaml").read_text(encoding="utf-8"))
    shard = {"conduit:shard": "0/3", "conduit:reshardFrom": "2"}
    assert {"encryptionsalt": "v1:abc", "config": {"team:secret": {"secure": "v1:xyz"}, **shard}} == tried
    assert CONFIG == (folder / "Pulumi.s0.yaml").read_text(encoding="utf-8")


def test_a_preview_gets_the_rehearsal_and_nothing_else_does(project, cli, tmp_path):
    """By its own options; an `up` of the same stack goes by the config."""
    project.configure_preview(StackPart("s0", Shard(0, 3), Shard(0, 2), exists=True))
    workspace = project.stack("s0").workspace

    for verb in ("preview", "up"):
        workspace.pulumi_command.run([verb, "--stack", "s0"], "", {})

    file = str(tmp_path / "rehearsals" / "Pulumi.s0.yaml")
    assert [
        ["preview", "--stack", "s0", "--json", "--config-file", file],
        ["up", "--stack", "s0"],
    ] == cli.asked


@pytest.mark.parametrize("had_config", [False, True])
def test_a_stack_that_a_preview_made_goes_again(project, folder, cli, had_config):
    """With its config file, unless that was there before."""
    if had_config:
        (folder / "Pulumi.s1.yaml").write_text(CONFIG, encoding="utf-8")
    part = StackPart("s1", Shard(1, 2))

    project.configure_preview(part)
    project.remove_created(part)
    project.remove_created(StackPart("s0", Shard(0, 2), exists=True))

    keeping = ["--preserve-config"] if had_config else []
    expected = [["stack", "init", "s1", "--no-select"], ["stack", "rm", "--yes", *keeping, "s1"]]
    assert expected == cli.asked


NAMED = "name: team\nruntime: python\n"
JSON_CONFIG = '{\n\t"encryptionsalt": "v1:abc",\n\t"config": {"conduit:shard": "0/2", "team:tag": "<\\/b>"}\n}'


@pytest.mark.parametrize(
    ("project_file", "text", "config_file"),
    [
        ("Pulumi.yaml", NAMED + "stackConfigDir: conf\n", "conf/Pulumi.s0.yaml"),
        ("Pulumi.yaml", NAMED + "config: conf\n", "conf/Pulumi.s0.yaml"),
        ("Pulumi.yaml", NAMED + "stackConfigDir: /conf\n", "conf/Pulumi.s0.yaml"),
        ("Pulumi.yaml", NAMED + "config: {team:colour: red}\n", "Pulumi.s0.yaml"),
        ("Pulumi.yml", NAMED, "Pulumi.s0.yml"),
        ("Pulumi.yml", NAMED + "stackConfigDir: conf\n", "conf/Pulumi.s0.yml"),
        ("Pulumi.json", '{"name": "team", "runtime": "python", "stackConfigDir": "conf"}', "conf/Pulumi.s0.json"),
    ],
)
def test_config_is_found_where_the_cli_has_it(project, folder, tmp_path, project_file, text, config_file):
    """In the folder that the project's file names, under the suffix of that file; a preview gets what it has."""
    for file in ("Pulumi.yaml", "Pulumi.s0.yaml"):
        (folder / file).unlink()
    (folder / project_file).write_text(text, encoding="utf-8")
    (folder / config_file).parent.mkdir(exist_ok=True)
    config = JSON_CONFIG if config_file.endswith(".json") else CONFIG
    (folder / config_file).write_text(config, encoding="utf-8")

    assert {"s0": Shard(0, 2)} == project.configured(["s0", "s1"])
    project.configure_preview(StackPart("s0", Shard(0, 3), Shard(0, 2), exists=True))
    tried = yaml.safe_load((tmp_path / "rehearsals" / "Pulumi.s0.yaml").read_text(encoding="utf-8"))
    assert (yaml.safe_load(CONFIG)["encryptionsalt"], "0/3", 2) == (
        tried["encryptionsalt"],
        tried["config"]["conduit:shard"],
        len(tried["config"]),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: @team\n", "is not YAML, line 1: found character '@' that cannot start any token"),
        ("name: team\n", "lacks runtime"),
    ],
)
def test_a_project_file_that_cannot_be_read_is_an_error(project, folder, text, reason):
    """It may name another folder of config: a preview without that would show no change."""
    (folder / "Pulumi.yaml").write_text(text, encoding="utf-8")
    part = StackPart("s0", Shard(0, 2), exists=True)

    for call in (lambda: project.configured(["s0"]), lambda: project.configure_preview(part)):
        with pytest.raises(ConduitError) as caught:
            call()
        advice = "fix it: it names the folders of the program and of the stacks' config"
        assert f"Pulumi.yaml {reason}; {advice}" == str(caught.value)


VALUES = """\
  team:time: 12:30
  team:switch: yes
  team:mode: 0o17
  team:number: 1_000
  team:text: "yes"
  team:date: 2024-01-02
  team:none:
  team:list:
  - no
  - 1:20
  team:map:
    deep: off
  team:name: Zoë
  team:lines: |
    a
    b
"""


def test_a_preview_has_the_other_values_as_they_are_written(project, folder, tmp_path):
    """The CLI reads 12:30, yes and 0o17 by other rules than PyYAML."""
    (folder / "Pulumi.s0.yaml").write_text(f"config:\n  conduit:shard: 0/2\n{VALUES}", encoding="utf-8")

    project.configure_preview(StackPart("s0", Shard(0, 3, None, "2"), Shard(0, 2), exists=True))

    tried = (tmp_path / "rehearsals" / "Pulumi.s0.yaml").read_text(encoding="utf-8")
    assert f"config:\n  conduit:shard: 0/3\n{VALUES}  conduit:reshardFrom: '2'\n" == tried


def test_a_preview_has_values_that_are_merged_into_its_config(project, folder, tmp_path):
    """The consent to a change is not among them, once the change is made."""
    base = "base: &base {conduit:reshardFrom: 1, team:switch: yes}\n"
    (folder / "Pulumi.s0.yaml").write_text(f"{base}config:\n  <<: *base\n  conduit:shard: 0/2\n", encoding="utf-8")

    project.configure_preview(StackPart("s0", Shard(0, 2), Shard(0, 2, None, 1), exists=True))

    tried = yaml.safe_load((tmp_path / "rehearsals" / "Pulumi.s0.yaml").read_text(encoding="utf-8"))
    assert {"team:switch": True, "conduit:shard": "0/2"} == tried["config"]


def test_a_preview_has_the_values_of_a_list_in_brackets_unquoted(project, folder, tmp_path):
    """A quoted number of another YAML version would be a text."""
    config = "config: {conduit:shard: 0/2, team:list: [no, 1:20], team:empty: []}\n"
    (folder / "Pulumi.s0.yaml").write_text(config, encoding="utf-8")

    project.configure_preview(StackPart("s0", Shard(0, 2), exists=True))

    tried = (tmp_path / "rehearsals" / "Pulumi.s0.yaml").read_text(encoding="utf-8")
    expected = "config:\n  conduit:shard: 0/2\n  team:list:\n  - no\n  - 1:20\n  team:empty: []\n"
    assert expected == tried


@pytest.mark.parametrize("text", ["", "config:\n", "encryptionsalt: v1:abc\n"])
def test_a_stack_without_config_is_previewed_with_its_shard(project, folder, tmp_path, text):
    """An empty file, an empty map and none are the same."""
    (folder / "Pulumi.s0.yaml").write_text(text, encoding="utf-8")

    project.configure_preview(StackPart("s0", Shard(0, 2), exists=True))

    tried = yaml.safe_load((tmp_path / "rehearsals" / "Pulumi.s0.yaml").read_text(encoding="utf-8"))
    assert {"conduit:shard": "0/2"} == tried["config"]


@pytest.mark.parametrize("text", ["config: [1]\n", "config: team\n", "- config\n", "team\n"])
def test_config_that_is_no_map_is_named(project, folder, text):
    """A preview without it would be of another program."""
    (folder / "Pulumi.s0.yaml").write_text(text, encoding="utf-8")

    for call in (
        lambda: project.configured(["s0"]),
        lambda: project.configure_preview(StackPart("s0", Shard(0, 2), exists=True)),
    ):
        with pytest.raises(ConduitError, match=r"Pulumi\.s0\.yaml: has no map of `config`; fix it$"):
            call()


def test_config_that_is_no_yaml_is_named(project, folder):
    """And is never a stack without a part."""
    (folder / "Pulumi.s0.yaml").write_text("{", encoding="utf-8")

    with pytest.raises(ConduitError, match=r"Pulumi\.s0\.yaml: is not valid YAML; fix it$"):
        project.configured(["s0"])


def part(count, label=None, **more):
    """Return the part of a roster as a state has it."""
    outputs = {"index": 0.0, "count": count, **({"label": label} if label else {})}
    return {"type": "pulumi-python:dynamic/conduit:RosterShard", "outputs": outputs, **more}


@pytest.mark.parametrize(
    ("resources", "split"),
    [
        ([part(4)], "4"),
        ([part(4.0, "x_team")], "4 by x_team"),
        ([part(4), part(4), part(2, delete=True)], "4"),
        ([part(4), part(2)], None),
        ([], None),
        (None, None),
    ],
)
def test_the_split_of_a_state_is_read(project, mocker, resources, split):
    """Two rosters with one split have one; where they differ, the config decides."""
    deployment = {} if resources is None else {"resources": resources}
    printed = json.dumps({"version": 3, "deployment": deployment})
    mocker.patch("pulumi_conduit.cli.stacks.project._Workspace.export_json", return_value=printed)

    assert split == project.recorded("s0")
