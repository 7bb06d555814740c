"""Program and provider reach the sandbox and nothing else, unless configured otherwise."""

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from thing_program import HEAD

from pulumi_conduit.testing.children import guard


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


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n"], ids=["nothing", "a part"])
def test_a_server_that_is_slow_is_not_called_another_one(monkeypatch, said):
    """On a busy machine even the sandbox may take its time."""
    monkeypatch.setattr(guard, "_HANDSHAKE_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as ours:
        threading.Thread(target=lambda: _say(server, said), daemon=True).start()
        address = server.getsockname()

        with pytest.raises(guard.SandboxOnlyError, match=r"it has not said within 0\.2 s whether it is the sandbox"):
            guard._Fence()("socket.connect", (ours, address))  # an audit hook of this process could not be taken away


def _say(server, text):
    connection, _ = server.accept()
    connection.sendall(text)
    connection.recv(10_000)
    threading.Event().wait(1)
    connection.close()
