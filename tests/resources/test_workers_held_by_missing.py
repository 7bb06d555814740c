"""As many 'gone' answers as the process has workers would leave nobody to say that one more is gone."""

import pytest
from declarations import ANN, BOB, user

from pulumi_conduit.errors import RefusedError
from pulumi_conduit.resources.declaration_registry import Key, Kind
from pulumi_conduit.resources.missing import Missing, MissingGate
from pulumi_conduit.resources.tenant import Tenant


def user_gone(number):
    """Return the verdict over one user."""
    return Missing(f"user {number}", Key(Tenant("https://here.example", ""), Kind.USER, f"{number}{ANN}"))


def refusal_after(stack, workers, allowed, profile=None):
    """Forget as many as are allowed in a process of so many workers, and return why one more is refused."""
    stack.begin()
    stack.run.workers, stack.run.gate = workers, MissingGate(quiet_s=0.0)
    handler = stack.handler("user")
    for number in range(allowed):
        handler.confirm_missing(user_gone(number), profile)
    with pytest.raises(RefusedError) as caught:
        handler.confirm_missing(user_gone(allowed), profile)
    return str(caught.value)


@pytest.mark.parametrize(("workers", "allowed"), [(1, 1), (2, 1), (3, 2), (4, 3), (20, 19)])
def test_one_worker_less_than_there_are_may_be_taken_by_the_gone(stack, workers, allowed):
    """A process of few workers forgets fewer objects than CONDUIT_MAX_MISSING would let it, and blames its workers."""
    stack.environ |= {"CONDUIT_MAX_MISSING": "50", "CONDUIT_WORKERS": str(workers)}

    assert refusal_after(stack, workers, allowed) == (
        f"user {allowed}: one of {allowed + 1} objects not found in this run, more than the {allowed} that a provider"
        f" with {workers} workers can hold back: state is unchanged; check the credentials and the URL, or raise"
        " CONDUIT_WORKERS"
    )


def test_where_the_sdk_serves_fewer_than_were_asked_for_no_setting_is_named(stack):
    """More workers were asked for already, so to raise CONDUIT_WORKERS would change nothing."""
    stack.environ |= {"CONDUIT_MAX_MISSING": "50", "CONDUIT_WORKERS": "16"}

    said = refusal_after(stack, 4, 3)

    assert "the 3 that a provider with 4 workers can hold back" in said
    assert said.endswith("or refresh fewer at once with --target")


@pytest.mark.parametrize(("workers", "max_missing"), [(4, "3"), (1, "1"), (2, "1"), (1, "0"), (2, "0"), (16, "3")])
def test_where_both_allow_as_many_the_limit_that_was_asked_for_is_named(stack, workers, max_missing):
    """More workers would not help there."""
    stack.environ["CONDUIT_MAX_MISSING"] = max_missing

    said = refusal_after(stack, workers, int(max_missing))

    assert f"more than maxMissing ({max_missing}) allows: " in said
    assert said.endswith("or raise CONDUIT_MAX_MISSING")


@pytest.mark.parametrize(
    ("environ", "name"), [({"CONDUIT_MAX_MISSING_B": "2"}, "CONDUIT_MAX_MISSING_B"), ({}, "CONDUIT_MAX_MISSING_B")]
)
def test_the_limit_of_a_profile_is_named_as_the_profile_has_it(stack, environ, name):
    """To raise the limit without a profile would change nothing."""
    stack.environ |= environ

    assert refusal_after(stack, 16, int(environ.get(name, 3)), "b").endswith(f"or raise {name}")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_with_one_worker_one_user_may_be_gone(sandbox, stack, workers):
    """A refresh forgets one that is gone, whatever the number of workers."""
    stack.up({"ann": user(), "bob": user(BOB)})
    stack.environ |= {"CONDUIT_WORKERS": workers, "CONDUIT_MAX_MISSING": "50"}
    stack.workers = int(workers)
    sandbox.conductor.remove_user(ANN)

    assert set(stack.refresh(threads=int(workers)).held) == {"bob"}
