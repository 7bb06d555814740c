"""Whole runs with mutated answers: nothing is forgotten, nothing unseen is called done, every error is one line."""

from __future__ import annotations

import json
import random
import re
import threading
from contextlib import closing

import documented_responses
import pytest
from corpus import steering
from fault_proxy import FaultProxy
from handler_stack import PreviewFailedError, Stack, account_list, company, grant, user
from mutations import mutated_content
from sampling import amount, seeds

from pulumi_conduit.errors import ConduitError

RUNS = amount(20, 100, "SOAK_RUNS")
_FORMS = (
    (re.compile(r"(GET|POST) /link/company/.*"), documented_responses.company),
    (re.compile(r"GET /accounts"), documented_responses.accounts),
    (re.compile(r"GET /users"), documented_responses.users),
    (re.compile(r"POST /users|GET /users/[^/]+"), documented_responses.user),
    (re.compile(r"[A-Z]+ /users/[^/]+/accounts.*"), documented_responses.held),
    (re.compile(r"PUT /users/[^/]+/status"), documented_responses.status),
    (re.compile(r"PUT /users/[^/]+/type"), documented_responses.type_),
)
_ANN = {"ann": user(accounts=[1])}
_OFF = {"ann": user(accounts=[1], status="INACTIVE")}
_GRANT = {**_ANN, "travel": grant(2)}
SCENARIOS = {
    "create a company": ({}, {"acme": company(name="Acme")}),
    "edit a company": ({"acme": company(name="Old")}, {"acme": company(name="New", pageEnabled=False)}),
    "let go of a company": ({"acme": company(name="Acme", onDestroy="disable_page")}, {}),
    "create a user": ({}, _ANN),
    "promote a user": (_ANN, {"ann": user(accounts=[1], type="STANDARD")}),
    "deactivate a user": (_ANN, _OFF),
    "bring a user back": (_OFF, {"ann": user(accounts=[1, 2])}),
    "destroy a user": (_ANN, {}),
    "grant an account": (_ANN, _GRANT),
    "revoke an account": (_GRANT, _ANN),
    "make a list": (_ANN, {**_ANN, "list": account_list(1, 2, 3)}),
    "change a list": ({**_ANN, "list": account_list(1, 2)}, {**_ANN, "list": account_list(1, 3)}),
}
EVERYTHING = {
    "acme": company(name="Acme"),
    **_GRANT,
    "bob": user("bob@acme.example", accounts=[3]),
    "bobs": account_list(3, 4, email="bob@acme.example"),
}


def form_of(line):
    """Return the documented form of the answer to a request line, or None for the login and the handshake."""
    return next((form for pattern, form in _FORMS if pattern.fullmatch(line)), None)


def lies(form, whole, mutated):
    """Return whether mutated bytes are in the documented form all the same, so that no client can detect them."""
    said = documented_responses.says(form, mutated)
    if form is not documented_responses.users or said is None:
        return said is not None
    return any(one is not None and one not in form(json.loads(whole)) for one in said)


class MutatingProxy(FaultProxy):
    """A front of the sandbox that mutates the answers to one request line from one request on."""

    answers_spoilt = 0

    def spoil(self, draw, line, *, swallows):
        """Spoil with what `draw` gives for a body; where it `swallows`, the request has no effect."""
        self._draw, self._spoilt_line, self._swallows = draw, line, swallows
        self._drawing = threading.Lock()

    def _drawn(self, line):
        self.lines[line] += 1
        return self._spoil if line == getattr(self, "_spoilt_line", None) else self._pass

    def _pass(self, exchange):
        return exchange.say(*exchange.handled())

    def _spoil(self, exchange):
        is_write = exchange.request.method != "GET"
        status, body = (200, b"{}") if is_write and self._swallows else exchange.handled()
        if not 200 <= status < 300:
            return exchange.say(status, body)
        with self._drawing:
            self.answers_spoilt += 1
            return exchange.say(status, self._draw(form_of(exchange.request.line), body))


@pytest.fixture(scope="module")
def proxy(running_sandbox):
    """Give the proxy; it is opened once."""
    with closing(MutatingProxy(running_sandbox)) as proxy:
        yield proxy


class Runs:
    """Runs of the handler stack through the proxy."""

    def __init__(self, sandbox, proxy, monkeypatch):
        """Take both ends."""
        self.sandbox, self.proxy = sandbox, proxy
        self._monkeypatch = monkeypatch

    def begin(self, program):
        """Return a stack that has been brought to a program, undisturbed, on a fresh sandbox."""
        self.sandbox.reset()
        self.proxy.forget()
        self.proxy.spoil(None, None, swallows=False)
        link, conductor = self.sandbox.link_url, self.sandbox.conductor_url
        environ = {
            name: value.replace(link, self.proxy.url) if value in (link, conductor) else value
            for name, value in self.sandbox.environ().items()
        }
        stack = Stack(environ, self._monkeypatch, self.sandbox.advance)
        stack.up(program)
        self.proxy.lines.clear()
        return stack

    def errors_of(self, act):
        """Return the errors of a run."""
        try:
            act()
        except (ConduitError, PreviewFailedError) as error:
            return [error]
        return []

    def lines(self):
        """Return the lines of the run just made whose answers have a documented form."""
        return sorted(line for line in self.proxy.lines if form_of(line))

    def lives(self):
        """Return what the APIs know, but for what every creation makes anew."""
        state = self.sandbox.dump()
        companies = {key: (each["name"], each["page_enabled"]) for key, each in state["apps"]["default"].items()}
        return {"users": state["users"], "companies": companies}


@pytest.fixture
def runs(running_sandbox, proxy, monkeypatch):
    """Give what plays runs."""
    proxy.answers_spoilt = 0
    return Runs(running_sandbox, proxy, monkeypatch)


def assert_clear(errors, warnings):
    """Assert that everything said is in lines that steer nothing."""
    for said in (*map(str, errors), *warnings):
        assert [] == [one for line in said.split("\n") for one in steering(line)]
        assert "Traceback" not in said
    assert all("\n" not in str(error) for error in errors if isinstance(error, ConduitError))


def spoiling(chance):
    """Return what mutates the body of an answer so that no part of it is a lie that nobody could see through."""

    def draw(form, body):
        whole = body if documented_responses.says(form, body) is not None else b"{}"
        while lies(form, whole, mutated := mutated_content(chance, json.loads(whole))):
            pass
        return mutated

    return draw


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_write_whose_answers_are_spoilt_is_an_error_or_was_really_done(runs, tried, name):
    """Whichever line of the run is mutated, with the effect or without it: success means that it is there."""
    before, then = SCENARIOS[name]
    runs.begin(before).up(then)
    lines, expected = runs.lines(), runs.lives()
    for seed in seeds(RUNS // len(SCENARIOS) + 1):
        chance = random.Random(f"{name} {seed}")  # noqa: S311 -- chance, not secrecy
        stack = runs.begin(before)
        runs.proxy.spoil(spoiling(chance), chance.choice(lines), swallows=chance.random() < 0.5)
        errors = runs.errors_of(lambda stack=stack: stack.up(then))
        assert_clear(errors, stack.warnings)
        assert errors or expected == runs.lives(), f"seed {seed}"
    assert runs.proxy.answers_spoilt > 0
    tried("updates with mutated answers", RUNS // len(SCENARIOS) + 1)


def test_a_refresh_that_reads_spoilt_answers_forgets_nothing(runs, tried):
    """Everything that was in the state is still there, as it was, whether or not there is an error beside it."""
    stack = runs.begin(EVERYTHING)
    stack.refresh()
    lines = [*runs.lines(), "GET /users/ann@acme.example", "GET /users/bob@acme.example"]
    kept = dict(stack.held)
    for seed in seeds(RUNS):
        chance = random.Random(seed)  # noqa: S311 -- likewise
        runs.proxy.spoil(spoiling(chance), chance.choice(lines), swallows=False)
        errors = runs.errors_of(stack.refresh)
        assert_clear(errors, stack.warnings)
        assert kept == stack.held, f"seed {seed}"
    assert runs.proxy.answers_spoilt > 0
    tried("refreshes with mutated answers", RUNS)
