"""Where a command's settings come from: the environment, and with `--stack` a stack's config."""

import click
import pytest
from click.testing import CliRunner

from pulumi_conduit.cli.connection import stack_config, with_connection
from pulumi_conduit.cli.group import LazyGroup

CONFIG = {
    "conduit:conductorUrl": {"value": "https://conductor.example", "secret": False},
    "conduit:conductorUsername": {"value": "admin@acme.example", "secret": False},
    "conduit:conductorPassword": {"value": "hunter2", "secret": True},
    "conduit:profiles": {"value": '{"b":{"linkUrl":"https://b.example","linkAppToken":"b-token"}}', "secret": True},
    "aws:region": {"value": "eu-west-1", "secret": False},
}


class OnlyUrl(LazyGroup):
    """Has none of the commands but this one."""

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """Return it by its name."""
        return url if cmd_name == "url" else None


@click.group(cls=OnlyUrl)
def ours():
    """Stand for the command line."""


@ours.command("url")
@with_connection
def url(connection):
    """Print the address of Conductor, or with a profile that of Link."""
    settings = connection.settings
    click.echo(settings.link(connection.profile).url if connection.profile else settings.conductor(None).url)


def _url(*arguments):
    return CliRunner().invoke(ours, ["url", *map(str, arguments)])


def test_settings_come_from_the_environment(monkeypatch):
    """Without --stack the environment is all there is."""
    monkeypatch.setenv("CONDUCTOR_URL", "https://from.environment")
    monkeypatch.setenv("CONDUCTOR_USERNAME", "somebody")
    monkeypatch.setenv("CONDUCTOR_PASSWORD", "secret")

    assert _url().output == "https://from.environment\n"


def test_settings_come_from_the_config_of_a_stack(pulumi_says, tmp_path):
    """With --stack the config is asked for by `pulumi config`, decrypted, and a profile is found in it."""
    arguments = pulumi_says(CONFIG)

    assert _url("--stack", "dev", "--cwd", tmp_path).output == "https://conductor.example\n"
    assert _url("--stack", "dev", "--profile", "b").output == "https://b.example\n"
    expected = "config --json --show-secrets --stack=dev --non-interactive"
    assert arguments.read_text(encoding="utf-8").splitlines() == [expected, expected]


def test_both_sources_for_one_api_are_refused(pulumi_says, monkeypatch):
    """A stack file must not receive the environment's password, here either."""
    pulumi_says(CONFIG)
    monkeypatch.setenv("CONDUCTOR_PASSWORD", "secret")

    result = _url("--stack", "dev")

    assert result.exit_code == 3
    assert result.output.startswith("Error: CONDUCTOR_PASSWORD is set in the environment and conduit:conductorUrl")
    assert "hunter2" not in result.output


def test_a_missing_setting_is_one_line():
    """What the settings lack is said by their names, and the command has failed."""
    result = _url()

    expected = (
        "CONDUCTOR_URL (stack config conduit:conductorUrl) is not set, and this program needs it; set one of the two"
    )
    assert (result.exit_code, result.output) == (3, f"Error: {expected}\n")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {"stderr": "error: no stack named 'dev' found\n", "code": 255},
            "stack dev: its config cannot be read: no stack named 'dev' found",
        ),
        ({"stdout": "[1]"}, "stack dev: `pulumi config` printed no JSON config"),
        ({"stdout": "hunter2"}, "stack dev: `pulumi config` printed no JSON config"),
        ({"stdout": '{"conduit:linkUrl": 1}'}, "stack dev: `pulumi config` printed no JSON config"),
    ],
)
def test_config_that_cannot_be_read_is_one_line(pulumi_says, told, expected):
    """What `pulumi config` says of a stack is passed on; what it prints instead of config is not."""
    pulumi_says(**told)

    result = _url("--stack", "dev")

    assert (result.exit_code, result.output) == (3, f"Error: {expected}\n")


def test_without_the_cli_a_stack_cannot_be_asked(monkeypatch, tmp_path):
    """Where there is no `pulumi`, --stack says so."""
    monkeypatch.setenv("PATH", str(tmp_path))

    expected = "stack dev: its config: there is no `pulumi` on PATH to read it; use the environment"
    assert _url("--stack", "dev").output == f"Error: {expected}\n"


def test_what_stands_in_clear_is_known(pulumi_says, tmp_path):
    """By its key, so that a credential there can be warned of; another namespace's is none of our business."""
    pulumi_says(CONFIG)

    assert {"conduit:conductorUrl", "conduit:conductorUsername"} == stack_config("dev", tmp_path).plain
