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


def test_config_is_found_where_the_project_keeps_it(project, folder):
    """`stackConfigDir` moves it."""
    (folder / "Pulumi.yaml").write_text("name: team\nruntime: python\nstackConfigDir: conf\n", encoding="utf-8")
    (folder / "conf").mkdir()
    (folder / "Pulumi.s0.yaml").rename(folder / "conf" / "Pulumi.s0.yaml")

    assert {"s0": Shard(0, 2)} == project.configured(["s0", "s1"])


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
