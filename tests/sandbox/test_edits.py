"""Edits that no API call made: they show at once, and a typo fails."""

from __future__ import annotations

import pytest

from pulumi_conduit.sandbox import MistakeError, Sandbox, Switches


def test_the_seed_is_ready_to_use(sandbox):
    """A new sandbox has two Link APPs, two identities with their accounts, and their ADMIN users."""
    state = sandbox.dump()

    assert list(state["apps"]) == ["default", "b"]
    assert state["identities"] == {"admin@sandbox.example": list(range(1, 11)), "other@sandbox.example": [99]}
    assert {email: user["type"] for email, user in state["users"].items()} == {
        "admin@sandbox.example": "ADMIN",
        "other@sandbox.example": "ADMIN",
    }


def test_an_edited_user_shows_through_the_api(sandbox, conductor, ann):
    """Every field can drift, those without an endpoint included."""
    fields = {"first_name": "Anna", "last_name": "Z", "type": "STANDARD", "view": "RESEARCH"}
    sandbox.conductor.edit_user(ann, **fields, sso_access=True, status="INACTIVE", accounts=[7, 5])

    assert conductor("GET", f"/users/{ann}").json() == {
        "email": ann,
        "firstname": "Anna",
        "lastname": "Z",
        "type": "STANDARD",
        "view": "RESEARCH",
        "sso_access": True,
        "status": "INACTIVE",
        "accounts": [5, 7],
    }


def test_an_edit_leaves_the_rest(sandbox, ann):
    """What is not given stays."""
    before = sandbox.conductor.user(ann)

    assert sandbox.conductor.edit_user(ann, status="INACTIVE") == {**before, "status": "INACTIVE"}


def test_a_removed_user_is_not_found(sandbox, conductor, new_user, ann):
    """The API has no trace of it, and would create it anew."""
    sandbox.conductor.remove_user(ann)

    assert conductor("GET", f"/users/{ann}").status_code == 404
    assert conductor("POST", "/users", new_user(ann)).status_code == 201


def test_a_user_put_in_another_case_replaces_the_old_spelling(sandbox, ann):
    """While emails know no case there is one user, spelled as it was put last."""
    sandbox.conductor.put_user("Ann@acme.example")

    assert [email for email in sandbox.conductor.users() if email.lower() == ann] == ["Ann@acme.example"]


def test_companies_drift_vanish_and_come_back(sandbox, link):
    """Name and page change, the company goes, and one put again was created later."""
    born = sandbox.link.put_company("Acme", name="Acme")
    sandbox.link.edit_company("ACME", name="Other", page_enabled=False)

    read = link("GET", "/link/company/acme/").json()
    assert (read["name"], read["link_page"]["enabled"], read["created_at"]) == ("Other", False, born["created_at"])
    sandbox.link.remove_company("acme")
    assert link("GET", "/link/company/acme/").status_code == 404
    assert sandbox.link.put_company("Acme")["created_at"] > born["created_at"]


def test_a_lost_account_hides_its_users(sandbox, conductor, ann):
    """When an identity loses its accounts, the list loses the users at the same moment."""
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[10])

    assert [account["account_id"] for account in conductor("GET", "/accounts").json()] == [10]
    assert ann not in conductor("GET", "/users").text


def test_new_accounts_identities_and_apps_work(sandbox, log_in, connect):
    """What the operator adds is served like the seed."""
    sandbox.conductor.add_account(11, "Eleven")
    sandbox.conductor.add_identity("third@sandbox.example", "pw", [11])
    token = sandbox.link.add_app("c")

    names = [account["name"] for account in log_in("third@sandbox.example")("GET", "/accounts").json()]
    assert names == ["Eleven"]
    assert connect(sandbox.link_url, token)("POST", "/link/company/", {"id": "A"}).status_code == 200
    assert list(sandbox.link.companies("c")) == ["a"]


@pytest.mark.parametrize(
    ("mistake", "reason"),
    [
        (lambda s: s.conductor.edit_user("nobody@x.example", status="ACTIVE"), "no user 'nobody@x.example'"),
        (lambda s: s.conductor.remove_user("nobody@x.example"), "no user"),
        (lambda s: s.conductor.user("nobody@x.example"), "no user"),
        (lambda s: s.conductor.put_user("nobody"), "'nobody' is not an email address"),
        (lambda s: s.conductor.put_user("a@x.example", type="BOSS"), "type 'BOSS' is not one of"),
        (lambda s: s.conductor.put_user("a@x.example", view="ALL"), "view 'ALL' is not one of"),
        (lambda s: s.conductor.put_user("a@x.example", accounts=[12]), "no account 12"),
        (lambda s: s.conductor.edit_user("admin@sandbox.example", status="OFF"), "status 'OFF' is not one of"),
        (lambda s: s.conductor.edit_user("admin@sandbox.example"), "nothing to edit: give one of first_name"),
        (lambda s: s.conductor.edit_identity("nobody", password="x"), "no identity 'nobody'"),
        (lambda s: s.conductor.add_identity("admin@sandbox.example", "x", []), "already"),
        (lambda s: s.conductor.add_identity("new", "x", [12]), "no account 12"),
        (lambda s: s.conductor.add_account(1, "One"), "exists already"),
        (lambda s: s.link.companies("nope"), "no Link APP 'nope'"),
        (lambda s: s.link.add_app("default"), "already"),
        (lambda s: s.link.add_app("a/b"), "is not a name for a Link APP"),
        (lambda s: s.link.add_app("c", s.link.app_token()), "another Link APP has this token"),
        (lambda s: s.link.put_company("a-b"), "is not a company id"),
        (lambda s: s.link.put_company("A", name="n" * 1025), "at most 1024 characters"),
        (lambda s: s.link.edit_company("NONE", name="x"), "no company 'NONE'"),
        (lambda s: s.link.remove_company("NONE"), "no company 'NONE'"),
        (lambda s: s.environ(link_app="nope"), "no Link APP 'nope'"),
        (lambda s: s.environ(identity="nobody"), "no identity 'nobody'"),
    ],
)
def test_a_typo_in_an_edit_is_a_mistake_and_changes_nothing(sandbox, mistake, reason):
    """An edit of what is not there, or to what cannot be, fails by name."""
    before = sandbox.dump()

    with pytest.raises(MistakeError, match=reason):
        mistake(sandbox)

    assert sandbox.dump() == before


def test_a_reset_goes_back_to_the_start_and_keeps_credentials():
    """Users, switches, faults and log are as at the start; exported credentials stay good."""
    with Sandbox.start(switches=Switches(read_lag=1)) as sandbox:
        before, environ = sandbox.dump(), sandbox.environ()
        sandbox.conductor.put_user("ann@acme.example")
        sandbox.link.put_company("A")
        sandbox.switches = Switches()
        sandbox.faults.add(status=500)

        sandbox.reset()

        assert (sandbox.dump(), sandbox.environ()) == (before, environ)
        assert (sandbox.faults.armed(), sandbox.requests) == ([], [])


def test_the_environment_names_the_profile_and_the_tenant(sandbox):
    """Another Link APP and identity come under the profile's names."""
    environ = sandbox.environ(link_app="b", identity="other@sandbox.example", profile="b")

    assert environ == {
        "CONDUIT_LINK_URL_B": sandbox.link_url,
        "CONDUIT_LINK_APP_TOKEN_B": sandbox.link.app_token("b"),
        "CONDUCTOR_URL_B": f"{sandbox.link_url}/conductor",
        "CONDUCTOR_USERNAME_B": "other@sandbox.example",
        "CONDUCTOR_PASSWORD_B": sandbox.conductor.password("other@sandbox.example"),
    }


def test_an_environment_of_the_sandbox_only_has_no_other_profile(sandbox):
    """Its password would be tried on a real server."""
    mine = {"CONDUCTOR_PASSWORD_B": "real", "CONDUCTOR_URL_B": "https://real.example", "CONDUIT_PREVIEW": "offline"}

    environ = sandbox.only_environ({"PATH": "/bin", **mine})

    assert {"PATH": "/bin", **sandbox.environ()} == environ
