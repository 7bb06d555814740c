"""What the embedded engine does not do ends in one clear line."""

import json
import os

import pytest
from thing_program import HEAD

from pulumi_conduit.testing.engine import EngineError, Secret
from pulumi_conduit.testing.engine.files import StateFile
from pulumi_conduit.testing.engine.values import SECRET, SIGNATURE

PLUGIN = "needs a plugin; the embedded engine runs dynamic resources only, use the Pulumi CLI"
NOT_DONE = "which the embedded engine does not support; use the Pulumi CLI"

REFUSED = {
    "a resource of a plugin": ("pulumi.CustomResource('aws:s3:Bucket', 'b')", PLUGIN),
    "a stack reference": ("pulumi.StackReference('org/proj/dev')", PLUGIN),
    "a remote component": ("pulumi.ComponentResource('my:index:Team', 'team', remote=True)", "uses a remote component"),
    "an import": ("Thing('a', pulumi.ResourceOptions(import_='id'))", f"uses import_, {NOT_DONE}"),
    "a version": ("Thing('a', pulumi.ResourceOptions(version='1.2.3'))", f"uses version, {NOT_DONE}"),
    "a plugin's address": (
        "Thing('a', pulumi.ResourceOptions(plugin_download_url='https://x'))",
        f"uses plugin_download_url, {NOT_DONE}",
    ),
    "an asset": ("Thing('a', file=pulumi.StringAsset('x'))", "assets and archives are not supported by the embedded"),
    "an archive": (
        "Thing('a', file=pulumi.AssetArchive({'x': pulumi.StringAsset('x')}))",
        "assets and archives are not supported by the embedded engine",
    ),
    "a function of a plugin": (
        "pulumi.runtime.invoke('aws:s3:getBucket', {})",
        "the function aws:s3:getBucket needs a",
    ),
    "a method of a plugin": (
        "pulumi.runtime.call('my:index:Team/greet', {}, Thing('a')).apply(print)",
        "a method call: the embedded engine does not support it, use the Pulumi CLI",
    ),
    "a transform": (
        "Thing('a', pulumi.ResourceOptions(transforms=[lambda args: None]))",
        "does not support transforms",
    ),
    "a stack transform": (
        "pulumi.runtime.register_resource_transform(lambda args: None)",
        "does not support transforms",
    ),
    "a hook": (
        "Thing('a', pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_create=[HOOK])))".replace(
            "HOOK", "pulumi.ResourceHook('h', print)"
        ),
        "does not support resource hooks",
    ),
    "a replacement with others": (
        "Thing('b', pulumi.ResourceOptions(replace_with=[Thing('a')]))",
        "does not support the ReplaceWith option",
    ),
}
NEWER = {"a hook": "ResourceHook", "a replacement with others": "replace_with"}


def _is_there(name):
    import inspect  # noqa: PLC0415 - only here

    import pulumi  # noqa: PLC0415 - the SDK is loaded by processes of their own

    known = inspect.signature(pulumi.ResourceOptions.__init__).parameters
    return name not in NEWER or hasattr(pulumi, NEWER[name]) or NEWER[name] in known


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_supported_fails_with_a_line_that_says_so(runner, name):
    """Nothing is left out in silence: the operation fails, and the error names what it was."""
    if not _is_there(name):
        pytest.skip(f"this SDK does not know {NEWER[name]}")
    body, expected = REFUSED[name]
    runner.program(HEAD + body)

    ran = runner("up")

    assert not ran.succeeded
    lines = [line for error in ran.errors for line in error.splitlines() if expected in line]
    assert lines, ran.errors


def test_a_secret_is_nowhere_in_the_state_without_its_mark(runner):
    """Secrets of the configuration, of inputs, of echoed outputs and of stack outputs all carry the signature."""
    runner.program(
        HEAD
        + """
        thing = Thing("a", token=pulumi.Config().require_secret("token"), shown="plain")
        pulumi.export("token", thing.token if hasattr(thing, "token") else pulumi.Config().require_secret("token"))
        Thing("b", pulumi.ResourceOptions(additional_secret_outputs=["made"]))
        """.replace("\n        ", "\n")
    )

    ran = runner("up", config={"token": Secret("s3cr3t")})

    assert ran.succeeded, ran.errors
    assert {"token": Secret("s3cr3t")} == ran.outputs
    text = runner.state.read_text(encoding="utf-8")
    resources = {one["urn"].split("::")[-1]: one for one in json.loads(text)["deployment"]["resources"]}
    marked = {SIGNATURE: SECRET, "plaintext": '"s3cr3t"'}
    assert (marked, marked) == (resources["a"]["inputs"]["token"], resources["a"]["outputs"]["token"])
    assert "plain" == resources["a"]["outputs"]["shown"]
    assert {SIGNATURE: SECRET, "plaintext": '"at-home"'} == resources["b"]["outputs"]["made"]
    assert text.count("s3cr3t") == text.count('"plaintext": "\\"s3cr3t\\""')
    assert "s3cr3t" not in repr(ran)


def test_an_operation_is_refused_while_another_runs_on_the_state(runner):
    """The second one does nothing at all, and says why in one line."""
    running = StateFile(runner.state)
    try:
        with pytest.raises(EngineError, match="another operation runs on this state"):
            runner("up")
    finally:
        running.close()

    assert runner("up").succeeded


def test_a_preview_writes_nothing(runner):
    """Neither a state nor a journal stays behind a preview."""
    runner.program(HEAD + "Thing('a')")

    assert {"create": 2} == runner("preview").summary
    assert {"Pulumi.yaml", "__main__.py"} == {one.name for one in runner.folder.iterdir() if one.suffix}


def test_the_program_finds_its_standard_input_empty(runner):
    """Under the CLI a program has no input; here its input is the tether, which it must not see or cut."""
    runner.program(HEAD + "import sys\npulumi.export('read', sys.stdin.read())\nThing('a')")

    ran = runner("up")

    assert [] == ran.errors
    assert {"read": ""} == ran.outputs


def test_what_a_program_prints_is_captured(runner):
    """Prints of the program are messages of the result."""
    runner.program(HEAD + "print('hello')")

    assert "hello" in [one.message for one in runner("up").diagnostics]


def test_the_environment_of_the_caller_is_left_alone(runner):
    """What the children get does not stay in this process."""
    before = dict(os.environ)
    runner.program(HEAD + "import os\npulumi.export('told', os.environ['TOLD'])")

    assert {"told": "so"} == runner("up", environ={"TOLD": "so"}).outputs
    assert before == dict(os.environ)
