"""No operation outlives its deadline by more than a second, whatever the other side does; here time is real."""

import socket
import threading
import time
from contextlib import closing

import pytest
from sampling import sample
from urllib3.util.connection import create_connection

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.connections import DeadlineAdapter, _limit_timeout
from pulumi_conduit.api.deadline import operation
from pulumi_conduit.api.factory import ClientDependencies
from pulumi_conduit.errors import ApiError, DeadlineExceededError, OutcomeUnknownError

DEADLINE_S = 0.7
GRACE_S = 1.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPS = {
    "status line": (b"", b"HTTP/1.1 200 OK and a reason that has no end"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Drip: " + b"x" * 100),
    "more and more headers": (b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n" * 20),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10),
    "body": (HEAD + b"Content-Length: 1000\r\n\r\n", b"[" * 100),
    "size of a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 100),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n" * 20),
    "trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Drip: " + b"x" * 100),
}


class DrippingServer:
    """Say some bytes at once, and then one every half second."""

    def __init__(self, at_once, slowly):
        """Listen on loopback."""
        self._said = at_once, slowly
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        """Stop dripping."""
        self._over.set()
        self._listener.close()

    def _serve(self):
        try:
            while True:
                threading.Thread(target=self._drip, args=(self._listener.accept()[0],), daemon=True).start()
        except OSError:
            pass

    def _drip(self, connection):
        at_once, slowly = self._said
        with closing(connection):
            try:
                connection.recv(65_536)
                connection.sendall(at_once)
                for byte in slowly:
                    if self._over.wait(0.5):
                        break
                    connection.sendall(bytes([byte]))
            except OSError:
                pass


@pytest.fixture
def dripping():
    """Start servers that drip."""
    servers = []

    def start(at_once, slowly):
        servers.append(DrippingServer(at_once, slowly))
        return servers[-1].url

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def in_time(connect_to_link):
    """Return a Link client in real time with a short deadline, whose single waits are longer than that."""

    def connect(url, deadline_s=DEADLINE_S):
        return connect_to_link(url=url, deadline_s=deadline_s, dependencies=ClientDependencies(logins=Logins()))

    return connect


def overrun_s(ask, deadline_s=DEADLINE_S):
    """Return by how much a failing call outlived its deadline, and its error."""
    began = time.monotonic()
    with pytest.raises(ApiError) as caught:
        ask()
    return time.monotonic() - began - deadline_s, caught.value


@pytest.mark.parametrize("where", DRIPS)
def test_an_answer_that_drips_ends_with_the_deadline(dripping, in_time, where):
    """One byte every half second restarts every timeout of a socket, but not the operation's."""
    client = in_time(dripping(*DRIPS[where]))

    over_s, error = overrun_s(lambda: client.get_company("ACME"))

    assert -0.1 < over_s < GRACE_S
    assert type(error) is DeadlineExceededError
    assert str(error) == (
        "deadline exceeded for GET /link/company/ACME/ of Conduit Link: the response did not arrive in time;"
        " run again, or raise CONDUIT_DEADLINE_SECONDS"
    )


def test_a_write_whose_answer_drips_is_in_doubt_when_the_time_is_over(dripping, in_time):
    """The request has arrived, so only a GET can show."""
    client = in_time(dripping(*DRIPS["headers"]))

    over_s, error = overrun_s(lambda: client.create_company("ACME", None, page_enabled=None))

    assert -0.1 < over_s < GRACE_S
    assert type(error) is OutcomeUnknownError


@pytest.mark.parametrize("outcome", ["a socket", "an error"])
def test_a_silent_name_server_ends_with_the_deadline(in_time, mocker, outcome):
    """Nothing interrupts the lookup of a name, so it is left behind; a connection that comes late is closed."""
    let_go, late = threading.Event(), mocker.Mock()

    def stuck(*_, **__):
        assert let_go.wait(30)
        if outcome == "an error":
            raise OSError
        return late

    mocker.patch("urllib3.util.connection.create_connection", side_effect=stuck)

    over_s, error = overrun_s(lambda: in_time("http://silent.example").get_company("ACME"))
    let_go.set()
    while any(thread.name == "conduit-connect" for thread in threading.enumerate()):
        time.sleep(0.01)

    assert -0.1 < over_s < GRACE_S
    assert str(error) == (
        "deadline exceeded for GET /link/company/ACME/ of Conduit Link: the connection timed out or was refused;"
        " run again, or raise CONDUIT_DEADLINE_SECONDS"
    )
    assert late.close.call_count == (outcome == "a socket")


def test_many_addresses_that_swallow_packets_end_with_the_deadline(in_time, mocker):
    """Each address of a name may take the whole timeout of a connection; their sum may not."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.settimeout(0)
            filler.connect_ex(full.getsockname())
        address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", full.getsockname())
        mocker.patch("socket.getaddrinfo", return_value=[address] * 5)

        over_s, error = overrun_s(lambda: in_time("http://swallowing.example").get_company("ACME"))

    assert -0.1 < over_s < GRACE_S
    assert type(error) is DeadlineExceededError


def test_a_connection_that_comes_too_late_is_not_written_to(link, server, fake_time, mocker):
    """Time that ran out while connecting leaves nothing for the request."""

    def slowly(*arguments, **named):
        fake_time.now += 1_000
        return connect(*arguments, **named)

    connect = create_connection
    mocker.patch("urllib3.util.connection.create_connection", side_effect=slowly)

    with pytest.raises(DeadlineExceededError, match="the connection timed out or was refused; run again"):
        link.edit_company("ACME", None, page_enabled=True)

    assert server.seen == []


def test_a_request_that_begins_too_late_is_not_written(link, server, company, fake_time, mocker):
    """Nor does a connection that is kept open take a request when the time is over."""
    server.will(company)
    link.get_company("ACME")

    def late(*_, **__):
        fake_time.now += 1_000

    mocker.patch("urllib3.connection.HTTPConnection.putrequest", side_effect=late, autospec=True)
    mocker.patch("urllib3.connection.HTTPConnection.putheader")
    mocker.patch("urllib3.connection.HTTPConnection.endheaders", lambda self, *_, **__: self.send(b"late"))
    with pytest.raises(DeadlineExceededError, match="the response did not arrive in time"):
        link.get_company("ACME")

    assert len(server.seen) == 1


def test_a_connection_through_a_proxy_is_punctual_too():
    """The pools of a proxy make the same connections as the direct ones."""
    adapter = DeadlineAdapter()

    assert adapter.proxy_manager_for("http://proxy.example").pool_classes_by_scheme == (
        adapter.poolmanager.pool_classes_by_scheme
    )


@pytest.mark.parametrize(("longest_s", "left_s", "expected"), [(None, None, None), (2.0, None, 2.0), (None, 3.0, 3.0)])
def test_a_wait_is_as_long_as_the_shorter_of_what_is_known(mocker, longest_s, left_s, expected):
    """Outside an operation only the socket's own timeout counts, if it has one."""
    mocker.patch("pulumi_conduit.api.connections.remaining_s", return_value=left_s)
    with socket.socket() as sock:
        _limit_timeout(sock, longest_s)

        assert sock.gettimeout() == expected


LONG_S = 30


@pytest.mark.parametrize("lasts_s", sample([None, LONG_S * 4], 2))
def test_a_silent_server_is_asked_again_while_it_is_still_silent(link, server, company, lasts_s):
    """The first answer comes only when the question has been asked a second time, so somebody must lose patience."""
    asked_again = threading.Event()
    server.will(company, before=lambda: asked_again.wait(LONG_S))
    server.will(company, before=asked_again.set, times=5)

    if lasts_s is None:
        link.get_company("ACME")
    else:
        with operation(lasts_s):
            link.get_company("ACME")

    assert asked_again.is_set()
    assert len(server.lines) >= 2
