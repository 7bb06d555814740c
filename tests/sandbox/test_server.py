"""The server: loopback only, one port each, and a clean end."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
import requests

from pulumi_conduit.sandbox import MistakeError, Sandbox
from pulumi_conduit.sandbox.sandbox import listen


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "sandbox.example", ""])  # noqa: S104 - refused
def test_other_hosts_than_loopback_are_refused(host):
    """The sandbox has no guard, so that nobody else may reach it."""
    with pytest.raises(MistakeError, match="listens on loopback only"):
        Sandbox.start(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_hosts_are_served(host):
    """Any address of this machine's own will do."""
    with Sandbox.start(host=host) as sandbox:
        assert requests.get(f"{sandbox.link_url}/_sandbox/", timeout=30).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[", ""])
def test_a_host_header_from_elsewhere_is_refused(sandbox, host):
    """A web page that lets its own name resolve to this machine gets nothing."""
    answer = requests.get(f"{sandbox.link_url}/_sandbox/state", headers={"Host": host}, timeout=30)

    assert (answer.status_code, list(answer.json())) == (400, ["message"])


def test_sandboxes_are_apart():
    """Two at once have their own ports and state."""
    with Sandbox.start() as one, Sandbox.start() as two:
        one.conductor.put_user("ann@acme.example")

        assert one.link_url != two.link_url
        assert "ann@acme.example" not in two.conductor.users()


def test_a_taken_port_is_reported(sandbox):
    """The error names the address, in one line."""
    port = int(sandbox.link_url.rpartition(":")[2])

    with pytest.raises(MistakeError, match=f"cannot listen on 127.0.0.1:{port}"):
        Sandbox.start(port=port)


def test_a_stopped_sandbox_leaves_no_thread_and_no_port(sandbox):
    """After the end the port is free, and no thread of it runs."""
    before = threading.active_count()
    with Sandbox.start() as stopped:
        port = int(stopped.link_url.rpartition(":")[2])
        requests.get(f"{stopped.link_url}/_sandbox/", timeout=30)

    assert threading.active_count() == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_sandbox_stops_while_a_request_is_in_flight(sandbox):
    """A client that waits is cut off; the end does not hang."""

    def wait_for_answer():
        with contextlib.suppress(requests.ConnectionError):
            requests.get(f"{slow.link_url}/link/company/A/", timeout=60)

    with Sandbox.start() as slow:
        started = threading.Event()
        fault = slow.faults.add(delay_s=3600, hook=started.set)
        client = threading.Thread(target=wait_for_answer)
        client.start()
        assert started.wait(30)

    client.join(30)
    assert not client.is_alive()
    assert fault.struck == 1


def test_answers_are_not_held_back_by_the_network_stack():
    """Nagle's algorithm is off: with it, every answer on a reused connection is 40 ms late."""
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP
