"""What the contract tests share: a stand-in for either answer to the open questions, and the way to the real APIs."""

from __future__ import annotations

import functools
import os
from collections import Counter
from contextlib import ExitStack

import pytest
from contract_services import Namespace, Service, missing_variables, real_conductor, real_link, token_of

from pulumi_conduit.sandbox import Sandbox, Switches

OURS = Namespace("Contract", "contract.example")
UNKIND = Switches(
    company_create_existing="overwrite",
    new_company_token_voids_old=True,
    unshared_user="forbidden",
    empty_accounts_accepted=False,
    inactive_keeps_grants=False,
    inactive_grants_editable="refused",
    post_honours_status=False,
    emails_case_insensitive=False,
    hide_foreign_accounts=True,
    replace_drops_foreign=True,
    list_limit=3,
    read_lag=2,
    get_user_carries_status=False,
    new_login_voids_tokens=True,
    error_shape="text",
)
TRIED: Counter[str] = Counter()
ANSWERS = {"kind": Switches(), "unkind": UNKIND}


def stand_in(sandbox, api):
    """Return one API of a sandbox, behind the same fence as the real one."""
    url, key = {
        "link": (sandbox.link_url, sandbox.link.app_token),
        "conductor": (sandbox.conductor_url, lambda: token_of(sandbox)),
    }[api]
    service = Service(url, key(), OURS, may_write=True, is_real=False)

    def begin_anew():
        sandbox.reset()
        service.headers["Authorization"] = f"Bearer {key()}"

    service.begin_anew = begin_anew
    return service


def real(api):
    """Return a real API, or skip and say which variables are missing."""
    missing = missing_variables(api)
    if missing:
        pytest.skip(f"the real {api} API is asked only where these are set: {', '.join(missing)}")
    return {"link": real_link, "conductor": real_conductor}[api](os.environ)


@pytest.fixture(scope="session", params=ANSWERS)
def sandbox(request):
    """Start a sandbox for each way in which the open questions may be answered."""
    with Sandbox.start(switches=ANSWERS[request.param]) as running:
        yield running


@pytest.fixture(scope="session", params=[*ANSWERS, "real"])
def somewhere(request):
    """Give a way to reach an API, in a sandbox of either kind or for real."""
    with ExitStack() as stack:
        reach = real
        if request.param != "real":
            reach = functools.partial(stand_in, stack.enter_context(Sandbox.start(switches=ANSWERS[request.param])))
        # Once for each API: a real one is logged in to once.
        yield functools.cache(lambda api: stack.enter_context(reach(api)))


@pytest.fixture(scope="session")
def link(somewhere):
    """Give the Link API."""
    return somewhere("link")


@pytest.fixture(scope="session")
def conductor(somewhere):
    """Give the Conductor API, and leave none of our users ACTIVE; one without an account is not visible any more."""
    service = somewhere("conductor")
    yield service
    for email in service.namespace.emails if service.may_write else ():
        service("PUT", f"/users/{email}/status", {"status": "INACTIVE"})


@pytest.fixture(scope="session")
def tried():
    """Give what counts the cases: the session's, since a case is no test of its own."""
    return TRIED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Note with each test how many cases it tried."""
    before = TRIED["cases"]
    try:
        return (yield)
    finally:
        if cases := TRIED["cases"] - before:
            item.user_properties.append(("tried", (item.path.parent.name, "cases", cases)))
