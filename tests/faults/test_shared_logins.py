"""Many threads, one identity: as many logins as there are tokens to replace, and no second try of a refused one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fault_proxy import LOGIN
from sampling import sample

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor
from pulumi_conduit.errors import AccessDeniedError
from pulumi_conduit.sandbox import Switches
from pulumi_conduit.settings import ConductorSettings, Secret

THREADS = 32
RESOURCES = 1_000
ANN = "ann@acme.example"
IDENTITY = "admin@sandbox.example"


@pytest.fixture
def conductor(running_sandbox):
    """Make a client that 32 threads share, and a sandbox that counts its logins."""
    running_sandbox.reset()
    running_sandbox.conductor.put_user(ANN, accounts=[1])
    clients = []

    def connect(password=None, logins=None):
        settings = ConductorSettings(
            running_sandbox.conductor_url, IDENTITY, Secret(password or running_sandbox.conductor.password()), None
        )
        dependencies = ClientDependencies(logins=logins or Logins())
        clients.append(connect_conductor(settings, deadline_s=60, workers=THREADS, dependencies=dependencies))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.mark.parametrize("voids", [False, True], ids=["tokens live side by side", "a login voids earlier tokens"])
@pytest.mark.parametrize("expiries", sample([0, 1, 2, 3], 2))
def test_logins_are_one_and_one_for_each_expiry(running_sandbox, conductor, tried, voids, expiries):
    """All threads meet each expiry at once, and one of them logs in for all."""
    running_sandbox.switches = Switches(new_login_voids_tokens=voids)
    client, expiries_left = conductor(), iter(range(expiries))

    def expire():
        if next(expiries_left, None) is not None:
            _expire(running_sandbox)

    rounds = threading.Barrier(THREADS, action=expire)

    def work(_):
        for _ in range(expiries + 1):
            client.get_user(ANN)
            rounds.wait(30)
        return client.get_user(ANN).email

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(work, range(THREADS))) == {ANN}

    assert running_sandbox.count(LOGIN) == 1 + expiries
    tried("threads that shared a login", THREADS)


@pytest.mark.slow
def test_expiries_in_the_middle_of_the_work_cost_one_login_each(running_sandbox, conductor):
    """Nobody waits for anybody here: tokens are voided while requests are in flight, and late 401s cause no login."""
    client, done = conductor(), [0]
    lock = threading.Lock()

    def work(_):
        client.get_user(ANN)
        with lock:
            done[0] += 1
            if done[0] in (80, 160, 240):
                _expire(running_sandbox)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(320)))

    assert running_sandbox.count(LOGIN) == 1 + 3


@pytest.mark.parametrize("clients", [1, 8], ids=["one client", "clients of several profiles"])
def test_a_wrong_password_is_tried_once_for_a_thousand_resources(running_sandbox, conductor, tried, clients):
    """One login, one failure, shared by all: nobody's account gets locked."""
    logins = Logins()
    connected = [conductor("open sesame", logins) for _ in range(clients)]

    def fails(number):
        with pytest.raises(AccessDeniedError) as caught:
            connected[number % clients].get_user(f"user{number}@acme.example")
        return str(caught.value)

    with ThreadPoolExecutor(THREADS) as pool:
        lines = set(pool.map(fails, range(RESOURCES)))

    assert lines == {
        (
            "Conductor refused POST /login: 401 'The username or the password is wrong.';"
            " check CONDUCTOR_USERNAME and CONDUCTOR_PASSWORD, and what that identity may do"
        )
    }
    assert [entry["route"] for entry in running_sandbox.requests] == [LOGIN]
    tried("resources with a wrong password", RESOURCES)


def _expire(sandbox):
    sandbox.advance(2 * 86_400)
    return True
