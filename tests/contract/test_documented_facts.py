"""What the pages say and no schema can: true of the stand-in, whichever way it answers open questions, and for real."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

READS = 6  # how often a read is repeated until a write is seen: whether it is seen at once is not documented


@pytest.fixture
def company(link):
    """Make sure that one company of ours is there, and return it."""
    if not link.may_write:
        pytest.skip("a real service is written to only with CONTRACT_WRITES=1")
    link.begin_anew()
    name = link.namespace.company_ids[0]
    link("POST", "/link/company/", {"id": name, "name": "Contract", "page_enabled": True})
    return link("POST", f"/link/company/{name}/", {"name": "Contract", "page_enabled": True}).json()


@pytest.fixture
def accounts(conductor):
    """Return three accounts that the identity owns."""
    conductor.begin_anew()
    owned = [account["account_id"] for account in conductor("GET", "/accounts").json()]
    if len(owned) < 3:
        pytest.skip("the identity owns fewer than three accounts")
    return owned[:3]


@pytest.fixture
def person(conductor, accounts):
    """Make sure that one person of ours is there, ACTIVE, with the first two accounts."""
    if not conductor.may_write:
        pytest.skip("a real service is written to only with CONTRACT_WRITES=1")
    email = conductor.namespace.emails[0]
    conductor("POST", "/users", new_user(email, accounts[:2]))
    conductor("PUT", f"/users/{email}/status", {"status": "ACTIVE"})
    conductor("POST", f"/users/{email}/accounts", {"accounts": accounts[:2]})
    yield email
    conductor("PUT", f"/users/{email}/status", {"status": "INACTIVE"})


def new_user(email, accounts):
    """Return the body of a user to create."""
    names = {"email": email, "firstname": "Contract", "lastname": "Test"}
    return {**names, "sso_access": False, "type": "READ_ONLY", "view": "COMPLETE", "accounts": accounts}


def shown(service, path, **wanted):
    """Return what is read once it shows what is wanted, for a read may be late; at last, whatever it shows."""
    for _ in range(READS):
        answer = service("GET", path)
        if answer.ok and wanted.items() <= answer.json().items():
            break
    return answer.json()


def test_a_company_is_one_in_every_case(link, company):
    """Company ids know no case: the other spelling is the same company."""
    other = shown(link, f"/link/company/{company['id'].swapcase()}/")

    assert (company["created_at"], company["id"].lower()) == (other["created_at"], other["id"].lower())


def test_an_edit_keeps_id_and_creation(link, company):
    """An edit changes the name and the page, never the id and the time of creation."""
    edited = link("POST", f"/link/company/{company['id']}/", {"name": "Contract 2", "page_enabled": False}).json()

    assert {"name": "Contract 2", "link_page": {"url": None, "enabled": False}} == {
        key: edited[key] for key in ("name", "link_page")
    }
    assert (company["id"], company["created_at"]) == (edited["id"], edited["created_at"])


def test_an_edit_that_omits_the_page_opens_it(link, company):
    """`page_enabled` is true by default, in an edit as well."""
    path = f"/link/company/{company['id']}/"
    link("POST", path, {"name": "Contract", "page_enabled": False})

    page = link("POST", path, {"name": "Contract"}).json()["link_page"]

    assert page["enabled"] is True
    assert page["url"].startswith("http")


def test_every_answer_about_a_company_mints_a_token_for_ten_minutes(link, company):
    """No two answers carry the same token, and each expires in about ten minutes."""
    read = shown(link, f"/link/company/{company['id']}/")

    assert company["api_token"]["token"] != read["api_token"]["token"]
    assert 500 < read["api_token"]["expires_at"] - time.time() < 700


def test_a_company_knows_when_it_was_made(company):
    """`created_at` is a time in ISO 8601, with its zone."""
    assert datetime.fromisoformat(company["created_at"].replace("Z", "+00:00")).tzinfo is not None


def test_making_a_person_again_is_a_conflict(conductor, accounts, person):
    """An existing user cannot be created again, INACTIVE or not."""
    assert 409 == conductor("POST", "/users", new_user(person, accounts[:1])).status_code
    conductor("PUT", f"/users/{person}/status", {"status": "INACTIVE"})
    assert 409 == conductor("POST", "/users", new_user(person, accounts[:1])).status_code


def test_adding_and_removing_follow_the_examples_of_the_page(conductor, accounts, person):
    """1 and 2, with 2 and 3 added, are 1 and 2 and 3; those, with 2 and 3 removed, are 1."""
    path = f"/users/{person}/accounts"
    added = conductor("PUT", path, {"accounts": accounts[1:]}).json()
    removed = conductor("PUT", path, {"accounts": accounts[1:]}, removal="true").json()

    assert [sorted(accounts), accounts[:1]] == [sorted(added["accounts"]), removed["accounts"]]


def test_adding_what_is_there_and_removing_what_is_not_have_no_effect(conductor, accounts, person):
    """Neither is an error, and neither changes anything."""
    path = f"/users/{person}/accounts"
    added = conductor("POST", f"{path}/{accounts[0]}").json()
    removed = conductor("DELETE", f"{path}/{accounts[2]}").json()

    assert [sorted(accounts[:2])] * 2 == [sorted(added["accounts"]), sorted(removed["accounts"])]


def test_an_inactive_user_can_be_reactivated(conductor, person):
    """The status endpoint deactivates and reactivates, and says what it set."""
    path = f"/users/{person}/status"

    assert [{"status": "INACTIVE"}, {"status": "ACTIVE"}] == [
        conductor("PUT", path, {"status": status}).json() for status in ("INACTIVE", "ACTIVE")
    ]


def test_a_type_is_set_for_all_accounts(conductor, person):
    """STANDARD and READ_ONLY can be set, and a read shows it sooner or later."""
    answer = conductor("PUT", f"/users/{person}/type", {"type": "STANDARD"})

    assert {"type": "STANDARD"} == answer.json()
    assert "STANDARD" == shown(conductor, f"/users/{person}", type="STANDARD")["type"]
    conductor("PUT", f"/users/{person}/type", {"type": "READ_ONLY"})


def test_an_admin_cannot_be_made(conductor, accounts):
    """ADMIN is listed among the types, and creating one is refused."""
    if not conductor.may_write:
        pytest.skip("a real service is written to only with CONTRACT_WRITES=1")
    body = {**new_user(conductor.namespace.emails[2], accounts[:1]), "type": "ADMIN"}

    assert conductor("POST", "/users", body).status_code in {400, 403, 409}
