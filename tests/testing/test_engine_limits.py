"""What the embedded engine does not do ends in one clear line, and what it must not reach it does not reach."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pulumi_conduit.testing.engine import EngineError, Secret
from pulumi_conduit.testing.engine.files import StateFile
from pulumi_conduit.testing.engine.values import SECRET, SIGNATURE

HEAD = """
import asyncio
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    serialize_as_secret_always = False
    def create(self, props):
        return CreateResult("id", {**props, "made": "at-home"})

class Thing(Resource, name="Thing"):
    made: pulumi.Output[str]
    def __init__(self, name, opts=None, **inputs):
        super().__init__(Provider(), name, {**inputs, "made": None}, opts)
"""

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


class _Fake(BaseHTTPRequestHandler):
    """A server on loopback that is not the sandbox."""

    def do_GET(self):
        """Answer everything alike."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def fake():
    """Serve something else on loopback; return its address."""
    with HTTPServer(("127.0.0.1", 0), _Fake) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


ASK = """
import urllib.request
pulumi.export("answer", urllib.request.urlopen({url!r}, timeout=10).status)
"""
ASK_IN_PROVIDER = """
import urllib.request

class Asking(ResourceProvider):
    def create(self, props):
        return CreateResult(str(urllib.request.urlopen(props["url"], timeout=10).status), props)

class Ask(Resource, name="Ask"):
    def __init__(self, name, url):
        super().__init__(Asking(), name, {{"url": url}})

pulumi.export("answer", Ask("ask", {url!r}).id.apply(int))
"""
BOTH = pytest.mark.parametrize("text", [ASK, ASK_IN_PROVIDER], ids=["program", "provider"])


@BOTH
@pytest.mark.parametrize("url", ["http://192.0.2.1:9/", "http://conduit.example/", "http://[2001:db8::1]:9/"])
def test_nothing_beyond_this_machine_is_reached(runner, text, url):
    """Program and provider are stopped before a packet or a question for a name leaves."""
    runner.program(HEAD + text.format(url=url))

    ran = runner("up")

    assert not ran.succeeded
    assert "the embedded engine lets nothing connect to" in "\n".join(ran.errors)
    assert "not on loopback" in "\n".join(ran.errors)


@BOTH
def test_a_server_on_loopback_that_is_not_the_sandbox_is_refused(runner, fake, text):
    """Loopback may lead anywhere, by a tunnel; so the other end has to say who it is."""
    runner.program(HEAD + text.format(url=fake))

    ran = runner("up")

    assert not ran.succeeded
    assert "not the sandbox; CONDUIT_TESTING_ANY_LOOPBACK=1 allows any server on loopback" in "\n".join(ran.errors)


@BOTH
def test_a_variable_opens_loopback_to_other_fakes(runner, fake, text):
    """Who has a stand-in of their own may use it."""
    runner.program(HEAD + text.format(url=fake))

    ran = runner("up", environ={"CONDUIT_TESTING_ANY_LOOPBACK": "1"})

    assert [] == ran.errors
    assert {"answer": 200} == ran.outputs


@BOTH
def test_the_sandbox_is_let_through(runner, conduit_sandbox, text):
    """The handshake opens the way to the sandbox, at any port."""
    runner.program(HEAD + text.format(url=f"{conduit_sandbox.link_url}/_sandbox/"))

    ran = runner("up")

    assert [] == ran.errors
    assert {"answer": 200} == ran.outputs


@pytest.mark.skipif(sys.platform != "linux", reason="this machine has one loopback address only")
def test_an_address_is_asked_for_again_where_only_the_port_is_the_same(runner, conduit_sandbox):
    """The handshake of one loopback address says nothing about another one with the same port."""
    port = conduit_sandbox.link_url.rpartition(":")[2]
    other = HTTPServer(("127.0.0.2", int(port)), _Fake)
    thread = threading.Thread(target=other.serve_forever, args=(0.01,))
    thread.start()
    try:
        runner.program(
            HEAD
            + ASK.format(url=f"{conduit_sandbox.link_url}/_sandbox/")
            + ASK.format(url=f"http://127.0.0.2:{port}/").replace("answer", "other")
        )

        ran = runner("up")
    finally:
        other.shutdown()
        thread.join()
        other.server_close()

    assert "not the sandbox" in "\n".join(ran.errors)


def test_the_program_finds_its_standard_input_empty(runner):
    """Under the CLI a program has no input; here its input is the tether, which it must not see or cut."""
    runner.program(HEAD + "import sys\npulumi.export('read', sys.stdin.read())\nThing('a')")

    ran = runner("up")

    assert [] == ran.errors
    assert {"read": ""} == ran.outputs


def test_what_a_program_prints_is_heard(runner):
    """Prints of the program are messages of the result."""
    runner.program(HEAD + "print('hello')")

    assert "hello" in [one.message for one in runner("up").diagnostics]


def test_the_environment_of_the_caller_is_left_alone(runner):
    """What the children are told does not stay in this process."""
    before = dict(os.environ)
    runner.program(HEAD + "import os\npulumi.export('told', os.environ['TOLD'])")

    assert {"told": "so"} == runner("up", environ={"TOLD": "so"}).outputs
    assert before == dict(os.environ)
