"""No secret turns up but in a request to its own API: six kinds of canaries, searched for in every disguise."""

from __future__ import annotations

import json
import logging
import pickle
import stat
import traceback
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from canaries import LINK_TOKEN, PASSWORD, Canaries, disguises
from raw_server import RawServer, answered
from recording_proxy import RecordingProxy
from sampling import sample

from pulumi_conduit.api.auth import Logins
from pulumi_conduit.api.deadline import Clock
from pulumi_conduit.api.factory import ClientDependencies, connect_conductor, connect_link
from pulumi_conduit.errors import ConduitError
from pulumi_conduit.sandbox import Sandbox
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret
from pulumi_conduit.testing.engine import ForkLauncher, run

HERE = Path(__file__).parent
IDENTITY = "admin@sandbox.example"
KINDS = {"password", "link", "access", "id", "refresh", "company"}


@pytest.fixture(scope="module")
def debug_launcher():
    """Start children whose every logger speaks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE / "debug_logging"))
        nursery = ForkLauncher("pulumi_conduit.api.factory")
    yield nursery
    nursery.close()


@pytest.fixture
def canaries():
    """Give the canaries that are known from the start."""
    return Canaries(password=PASSWORD, link=LINK_TOKEN)


@pytest.fixture
def sandbox_file(tmp_path_factory):
    """Give the file of the sandbox."""
    return tmp_path_factory.mktemp("sandbox") / "sandbox.db"


@pytest.fixture
def recording_proxy(sandbox_file, canaries):
    """Give a sandbox that keeps a file and knows the canaries, behind what learns its tokens."""
    with Sandbox.start(file=sandbox_file) as sandbox:
        sandbox.conductor.edit_identity(IDENTITY, password=PASSWORD)
        sandbox.link.add_app("canary", LINK_TOKEN)
        with closing(RecordingProxy(sandbox, canaries, link_app="canary")) as front:
            yield front


@pytest.fixture
def operate(recording_proxy, debug_launcher, tmp_path):
    """Give a way to run an operation with everything at its most talkative."""

    def run_one(operation, **environ):
        return run(
            operation,
            program=HERE / "all_resources",
            state=tmp_path / "state.json",
            environ={
                **recording_proxy.environ(),
                "CONDUIT_DEBUG": "1",
                "HOSTILE_LOG": str(tmp_path / "debug.log"),
                **environ,
            },
            launcher=debug_launcher,
        )

    return run_one


def left_behind(folder):
    """Return the bytes of every file."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


LIFE: tuple[tuple[str, dict[str, str]], ...] = (
    ("preview", {}),
    ("up", {}),
    ("refresh", {}),
    ("up", {"HOSTILE_NAME": "New", "HOSTILE_STATUS": "INACTIVE"}),
)
FAULTS = (
    {"status": 401},
    {"status": 403},
    {"status": 404},
    {"status": 409},
    {"status": 500, "handled": True},
    {"drop": "after"},
    {"garbage": "html"},
    {"garbage": "wrong_shape"},
    {"garbage": "truncated"},
)


def test_a_whole_life_leaves_no_secret_behind(recording_proxy, operate, canaries, tmp_path, capfd, tried):
    """State, outputs, messages, debug logs of both processes, standard streams and the sandbox's log are clean."""
    results = [operate(operation, **environ) for operation, environ in (*LIFE, ("destroy", {}))]

    assert [[], [], [], []] == [result.errors for result in results[:4]]
    assert KINDS == canaries.kinds
    assert "urllib3.connectionpool" in (tmp_path / "debug.log").read_text(encoding="utf-8")
    printed = capfd.readouterr()
    everything = [*map(repr, results), *left_behind(tmp_path), printed.out, printed.err]
    assert [] == canaries.hits(
        *everything, repr(recording_proxy._sandbox.requests), json.dumps(recording_proxy._sandbox.dump())
    )
    tried("places searched for canaries", len(everything) + 2)


@pytest.mark.parametrize("fault", sample(FAULTS, 6), ids=str)
def test_a_run_that_fails_leaves_no_secret_behind(recording_proxy, operate, canaries, tmp_path, capfd, tried, fault):
    """Tracebacks are asked for, and show none either."""
    armed = recording_proxy._sandbox.faults.add("POST /users", times=None, **fault)

    result = operate("up", CONDUIT_DEADLINE_SECONDS="2")

    assert armed.struck
    assert KINDS - {"company"} <= canaries.kinds  # a failure may end the run before the company's turn
    printed = capfd.readouterr()
    everything = [repr(result), *left_behind(tmp_path), printed.out, printed.err]
    assert [] == canaries.hits(*everything, repr(recording_proxy._sandbox.requests))
    tried("places searched for canaries", len(everything) + 1)


def test_a_wrong_password_is_not_shown(recording_proxy, operate, canaries, tmp_path, capfd):
    """The password that was refused is as secret as the right one."""
    wrong = "canary-wrong " + PASSWORD
    canaries.add("password", wrong)

    result = operate("preview", CONDUCTOR_PASSWORD=wrong)

    printed = capfd.readouterr()
    assert "Conductor refused POST /login: 401" in "\n".join(result.errors)
    assert [] == canaries.hits(repr(result), *left_behind(tmp_path), printed.out, printed.err)


def test_the_file_of_the_sandbox_is_its_owners_and_holds_what_it_must(sandbox_file, operate, canaries):
    """By design it holds the password, the Link token and the sessions; only its owner can read it."""
    operate("up")

    files = list(sandbox_file.parent.iterdir())
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in files}
    assert {"access", "link", "password"} == canaries.kinds_in(sandbox_file.read_bytes())


ECHOES: dict[str, Any] = {
    "as it is": str,
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in a URL": lambda text: quote(text, safe=""),
    "in base64": lambda text: b64encode(text.encode()).decode(),
}


def echoing(canaries, disguise):
    """Return what answers every request but logins with a refusal that quotes all that was sent."""

    def answer(received):
        if received.line == "POST /login":
            tokens = {name: f"canary-{name}+/=-{len(received.content)}-token" for name in ("access", "id", "refresh")}
            for name, token in tokens.items():
                canaries.add(name, token)
            login = {f"{name}Token": token for name, token in tokens.items()}
            return answered(json.dumps({**login, "expiresIn": 86400}).encode())
        credential = next(line for line in received.head.decode("latin-1").split("\r\n") if "uthorization" in line)
        said = f"cannot read {ECHOES[disguise](credential.partition('Bearer ')[2])}"
        return answered(json.dumps({"message": said}).encode(), 400)

    return answer


def client_pair(url):
    """Return both clients, with the canaries as credentials."""
    dependencies = ClientDependencies(clock=Clock(sleep=lambda _: None), logins=Logins())
    common: dict[str, Any] = {"deadline_s": 20, "workers": 1, "dependencies": dependencies}
    link = connect_link(LinkSettings(url, Secret(LINK_TOKEN)), **common)
    return link, connect_conductor(ConductorSettings(url, IDENTITY, Secret(PASSWORD), None), **common)


def failure(ask):
    """Return the error of a call."""
    with pytest.raises(ConduitError) as caught:
        ask()
    return caught.value


def shown(error):
    """Return all that a program or a log could make of an error."""
    chain = "".join(traceback.format_exception(error))
    return [str(error), repr(error), chain, pickle.dumps(str(error)), repr(vars(error)), repr(error.args)]


@pytest.mark.parametrize(
    "disguise",
    [
        "as it is",
        "in JSON",
        "in a URL",
        "in base64",
    ],
)
def test_an_api_that_quotes_a_token_in_its_refusal_is_not_repeated(canaries, caplog, disguise):
    """What is sent may come back in an error; the messages of an API are redacted."""
    caplog.set_level(logging.DEBUG)
    with closing(RawServer(echoing(canaries, disguise))) as listener:
        link, conductor = client_pair(listener.url)
        with closing(link), closing(conductor):
            errors = [failure(lambda: link.get_company("ACME")), failure(conductor.list_users)]

    assert ["cannot read ***" in str(error) for error in errors] == [True, True]
    assert [] == canaries.hits(*[text for error in errors for text in shown(error)], caplog.text)


def test_a_login_that_quotes_the_password_is_not_repeated(canaries, caplog):
    """Neither is the password, whatever the status of the refusal."""
    caplog.set_level(logging.DEBUG)
    for status in (400, 401, 403, 404, 500):
        quoting = answered(json.dumps({"message": f"bad: {PASSWORD}"}).encode(), status)
        with closing(RawServer(lambda _, quoting=quoting: quoting)) as listener:
            link, conductor = client_pair(listener.url)
            with closing(link), closing(conductor):
                error = failure(conductor.list_users)

        assert "bad: ***" in str(error)
        assert [] == canaries.hits(*shown(error), caplog.text)


def test_a_login_that_quotes_its_whole_body_is_not_repeated(canaries):
    """In JSON a password with a quote or an umlaut is spelled otherwise than by its owner."""
    with closing(
        RawServer(lambda received: answered(json.dumps({"message": received.content.decode()}).encode(), 400))
    ) as it:
        link, conductor = client_pair(it.url)
        with closing(link), closing(conductor):
            error = failure(conductor.list_users)

    assert [] == canaries.hits(*shown(error))


@pytest.mark.parametrize("disguise", ["plain text", "base64", "URL", "JSON", "hex"])
def test_the_search_finds_each_disguise(canaries, disguise):
    """A search that finds nothing anywhere would prove nothing."""
    for name, secret in (("password", PASSWORD), ("link", LINK_TOKEN)):
        for needle in (needle for how, needle in disguises(secret) if how == disguise):
            hits = canaries.hits(b"before " + needle + b" after")
            assert any(hit.startswith(name) for hit in hits)


def test_the_search_finds_base64_of_a_longer_text(canaries):
    """A header of user name and password shifts what base64 makes of the password."""
    for before in ("", "a", "ab", "admin:"):
        assert "password as base64" in canaries.hits(b64encode(f"{before}{PASSWORD} and more".encode()))
