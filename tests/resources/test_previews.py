"""What a preview may ask, and what it says when it cannot."""

import secrets
import socket

import pytest
from declarations import ANN, PreviewFailedError, account_list, company, grant, user

PROGRAM = {f"{number}": user(f"p{number}@acme.example") for number in range(4)}
NEW = {**PROGRAM, "two": grant(2, "p0@acme.example"), "all": account_list(1, email="p1@acme.example")}


@pytest.fixture
def closed_port():
    """Return the URL of a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_preview_of_new_people_costs_one_login_two_lists_and_one_get_for_each_that_the_list_lacks(sandbox, stack):
    """The lists serve all of them; whoever is listed needs no GET."""
    sandbox.conductor.put_user("p3@acme.example", accounts=[1])

    stack.preview(NEW)

    counts = {"POST /login": 1, "GET /accounts": 1, "GET /users": 1, "GET /users/{userEmail}": 3}
    assert sandbox.counts() == counts
    assert [] == [one for one in stack.warnings if "p3@" not in one]


def test_a_preview_of_a_new_company_sends_no_request(sandbox, stack):
    """There is no list of companies, so a taken id shows at create."""
    assert stack.preview({"acme": company()}) == [("create", "acme")]
    assert sandbox.counts() == {}


def test_offline_previews_send_no_request_and_say_so_once(sandbox, stack):
    """CONDUIT_PREVIEW=offline turns the looks off."""
    stack.environ["CONDUIT_PREVIEW"] = "offline"

    stack.preview(NEW)

    assert sandbox.counts() == {}
    assert stack.warnings == [
        "CONDUIT-UNVERIFIED: new resources were not compared with the remote state: CONDUIT_PREVIEW is offline"
    ]


@pytest.mark.parametrize("program", [NEW, {"acme": company(importId="ACME"), "b": company("B", importId="B")}])
def test_without_credentials_a_preview_passes_and_says_so_once(new_stack, program):
    """Who may not have the credentials may still look at the plan."""
    names = ("CONDUIT_LINK_APP_TOKEN", "CONDUCTOR_URL", "CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD")
    stack = new_stack(**dict.fromkeys(names))

    assert {what for what, _ in stack.preview(program)} == {"create"}
    assert stack.warnings == [
        "CONDUIT-UNVERIFIED: new resources were not compared with the remote state: no credentials are configured"
    ]


def test_without_credentials_a_plan_over_state_passes(stack):
    """Nothing is compared with a tenant that is not known, and nothing changes."""
    program = {"acme": company(), "ann": user(), "two": grant(2), "bob": user("bob@acme.example")}
    program["all"] = account_list(1, email="bob@acme.example")
    stack.up(program)
    for name in ("CONDUIT_LINK_APP_TOKEN", "CONDUCTOR_URL", "CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD"):
        del stack.environ[name]

    assert {what for what, _ in stack.preview(program)} == {"same"}


def test_without_network_a_preview_passes_says_so_once_and_does_not_try_again(stack, closed_port):
    """One look that reaches nobody is enough for the whole process."""
    stack.environ["CONDUCTOR_URL"] = closed_port

    assert {what for what, _ in stack.preview(NEW)} == {"create"}
    assert len(stack.warnings) == 1
    assert stack.warnings[0].startswith("CONDUIT-UNVERIFIED: new resources were not compared with the remote state: ")


def test_a_server_in_trouble_leaves_a_preview_unverified(sandbox, stack):
    """A 5xx is no reason against a declaration."""
    sandbox.faults.add("GET /accounts", status=503, times=None)

    assert {what for what, _ in stack.preview(PROGRAM)} == {"create"}
    assert len(stack.warnings) == 1


def test_a_refusal_of_the_api_fails_the_preview(sandbox, stack):
    """A 4xx other than a refused identity is shown as it is."""
    sandbox.faults.add("GET /accounts", status=400)

    with pytest.raises(PreviewFailedError, match=r"GET /accounts: 400"):
        stack.preview({"ann": user()})


def test_an_answer_of_another_form_fails_the_preview(sandbox, stack):
    """Nothing is concluded from what is not documented."""
    sandbox.faults.add("GET /accounts", garbage="wrong_shape")

    with pytest.raises(PreviewFailedError, match=r"GET /accounts"):
        stack.preview({"ann": user()})


def test_one_profile_without_visible_users_does_not_affect_another(sandbox, stack, closed_port):
    """A conflict that can be seen is seen, whatever another profile cannot see."""
    stack.environ |= {"CONDUCTOR_URL_B": closed_port, "CONDUCTOR_USERNAME_B": "b", "CONDUCTOR_PASSWORD_B": "b"}
    sandbox.conductor.put_user(ANN, type="ADMIN")

    with pytest.raises(PreviewFailedError, match="it exists as an ADMIN"):
        stack.preview({"b": user("b@acme.example", profile="b"), "ann": user()})


def test_refused_credentials_fail_once_with_one_login(sandbox, stack):
    """A wrong password is tried once, whatever the number of resources, and reported once."""
    stack.environ["CONDUCTOR_PASSWORD"] = secrets.token_hex(8)
    stack.begin()

    reasons = []
    for name, (kind, properties) in PROGRAM.items():
        reasons += stack.handler(kind, name).check({}, properties).reasons

    assert len(reasons) == 1
    assert "401" in reasons[0]
    assert sandbox.counts() == {"POST /login": 1}


def test_an_update_without_preview_fails_before_that_resource_writes(sandbox, stack):
    """The checks of the update look, too."""
    sandbox.conductor.put_user(ANN, type="ADMIN")

    with pytest.raises(PreviewFailedError, match="it exists as an ADMIN"):
        stack.up({"ann": user()})

    assert sandbox.writes() == []


def test_a_change_of_a_known_user_looks_at_nothing(sandbox, stack):
    """A preview of an edit needs no access to the APIs."""
    stack.up({"ann": user()})
    sandbox.forget_requests()

    stack.preview({"ann": user(type="STANDARD")})

    assert sandbox.counts() == {}
