"""What a program logs is no code of the provider's."""

from types import SimpleNamespace

import pulumi
import pytest

import pulumi_conduit as conduit
from pulumi_conduit.program.program_hooks import reserve_codes

ADA = "ada@acme.example"


@pytest.fixture
def engine(monkeypatch):
    """Let the program log to an engine that keeps the messages."""
    messages = []
    engine = SimpleNamespace(messages=messages, Log=lambda request: messages.append(request.message))
    monkeypatch.setattr(pulumi.log, "_log", pulumi.log._log)
    monkeypatch.setattr(pulumi.log, "get_engine", lambda: engine)
    reserve_codes()
    return engine


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("CONDUIT-ADOPT: x", "conduit-ADOPT: x"),
        ("CON<{%reset%}>DUIT-REACTIVATE[accounts=1]: x", "conduit-REACTIVATE[accounts=1]: x"),
        ("\nCONDUIT-UNVERIFIED: x", "\nconduit-UNVERIFIED: x"),
        ("hello <{%fg 1%}>you", "hello <{%fg 1%}>you"),
        ("CONDUIT_DEBUG is on", "CONDUIT_DEBUG is on"),
    ],
)
def test_codes_of_the_program_are_shown_in_small_letters(engine, message, shown):
    """Whatever the severity, and however it is coloured; other messages are left as they are."""
    pulumi.log.warn(message)
    pulumi.log.info(message)

    assert [shown, shown] == engine.messages


def test_it_is_done_once(engine):
    """A program that is joined twice logs as before."""
    first = pulumi.log._log
    reserve_codes()

    assert first is pulumi.log._log


def test_an_sdk_of_another_form_is_left_alone(monkeypatch):
    """Where messages go another way, nothing is touched."""
    monkeypatch.delattr(pulumi.log, "_log")

    reserve_codes()

    assert not hasattr(pulumi.log, "_log")


def declare():
    """Declare a person with a grant, and pretend that the provider has seen them."""
    ada = conduit.ConductorUser("ada", email=ADA, first_name="Ada", last_name="Lovelace", initial_accounts=[1])
    grant = conduit.UserAccountAccess("ada-2", user=ada, account_id=2)
    pulumi.log.warn("CONDUIT-ADOPT: x", grant)
    pulumi.log.warn("CONDUIT-REACTIVATE: x", ada)


def test_a_program_cannot_speak_for_the_provider(conduit_stack):
    """On an engine, too, what it prints under a resource is only shown."""
    messages = [one.message for one in conduit_stack(declare).preview().diagnostics]

    assert {"conduit-ADOPT: x", "conduit-REACTIVATE: x"} == {one for one in messages if one.endswith(": x")}
