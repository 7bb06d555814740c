"""The Conduit Link API as its page describes it."""

from __future__ import annotations

from datetime import datetime

import pytest


def test_a_created_company_answers_every_documented_field(link):
    """A create answers what the page shows: id, name, time, page and a token."""
    answer = link("POST", "/link/company/", {"id": "Acme1", "name": "Acme", "page_enabled": False})

    body = answer.json()
    assert answer.status_code == 200
    assert body.keys() == {"id", "name", "created_at", "link_page", "api_token"}
    assert (body["id"], body["name"], body["link_page"]) == ("Acme1", "Acme", {"url": None, "enabled": False})
    assert body["api_token"].keys() == {"token", "expires_at"}


def test_name_and_page_are_optional_on_create(link):
    """A company without a name has none, and its page is on."""
    body = link("POST", "/link/company/", {"id": "1"}).json()

    assert body["name"] is None
    assert body["link_page"]["enabled"] is True
    assert body["link_page"]["url"].startswith("https://")


def test_every_company_has_a_page_of_its_own(link):
    """Page URLs are unique to each company."""
    urls = {link("POST", "/link/company/", {"id": name}).json()["link_page"]["url"] for name in "ABC"}

    assert len(urls) == 3


def test_an_edit_keeps_id_and_creation_time(link):
    """An edit changes name and page only, and the next read shows it."""
    before = link("POST", "/link/company/", {"id": "A", "name": "old"}).json()

    edited = link("POST", "/link/company/A/", {"name": "new", "page_enabled": False}).json()

    read = link("GET", "/link/company/A/").json()
    for after in (edited, read):
        assert (after["id"], after["created_at"]) == ("A", before["created_at"])
        assert (after["name"], after["link_page"]) == ("new", {"url": None, "enabled": False})


def test_an_edit_that_omits_the_page_opens_it(link):
    """The page's default is true in an edit, too, whatever the company had."""
    link("POST", "/link/company/", {"id": "A", "page_enabled": False})

    edited = link("POST", "/link/company/A/", {"name": "new"}).json()

    assert edited["link_page"]["enabled"] is True


def test_an_edit_that_omits_the_name_keeps_it(link):
    """A name is changed when one is sent."""
    link("POST", "/link/company/", {"id": "A", "name": "kept"})

    assert link("POST", "/link/company/A/", {"page_enabled": True}).json()["name"] == "kept"


def test_company_ids_know_no_case(link):
    """One company answers to its id in any case, and shows it as it was created."""
    link("POST", "/link/company/", {"id": "AbC"})

    assert link("GET", "/link/company/aBc/").json()["id"] == "AbC"
    assert link("POST", "/link/company/", {"id": "ABC"}).status_code == 409


@pytest.mark.parametrize("company_id", ["", "a-b", "ä", "a b", "A" * 1025, "\u0661"])
def test_an_id_outside_the_alphabet_is_refused(sandbox, link, company_id):
    """An id is 1 to 1024 of A-Z and 0-9; anything else is a 400 that creates nothing."""
    assert link("POST", "/link/company/", {"id": company_id}).status_code == 400
    assert sandbox.link.companies() == {}


def test_the_longest_id_and_name_are_taken(link):
    """1024 characters are within the limit, for both."""
    created = link("POST", "/link/company/", {"id": "A" * 1024, "name": "n" * 1024})

    assert created.status_code == 200
    assert link("GET", f"/link/company/{'a' * 1024}/").status_code == 200


def test_a_longer_name_is_refused(link):
    """1025 characters are a 400, on create and on edit."""
    link("POST", "/link/company/", {"id": "A"})

    assert link("POST", "/link/company/", {"id": "B", "name": "n" * 1025}).status_code == 400
    assert link("POST", "/link/company/A/", {"name": "n" * 1025}).status_code == 400


@pytest.mark.parametrize("body", [{}, {"id": 1}, {"id": "A", "name": 1}, {"id": "A", "page_enabled": "yes"}, []])
def test_a_body_of_another_shape_is_refused(link, body):
    """Types are not guessed: a bad body is a 400 with a message in JSON."""
    answer = link("POST", "/link/company/", body)

    assert answer.status_code == 400
    assert answer.json().keys() == {"message"}


def test_a_missing_company_is_a_404_in_json(link):
    """Reading and editing what is not there is a 404 with a message."""
    for answer in (link("GET", "/link/company/NONE/"), link("POST", "/link/company/NONE/", {"name": "x"})):
        assert (answer.status_code, list(answer.json())) == (404, ["message"])


def test_two_link_apps_never_collide(sandbox, link, connect):
    """The same id in another Link APP is another company."""
    other = connect(sandbox.link_url, sandbox.link.app_token("b"))

    link("POST", "/link/company/", {"id": "A", "name": "mine"})
    other("POST", "/link/company/", {"id": "A", "name": "theirs"})

    assert link("GET", "/link/company/A/").json()["name"] == "mine"
    assert other("GET", "/link/company/A/").json()["name"] == "theirs"


@pytest.mark.parametrize("token", [None, "wrong", "ünknown".encode("latin-1").decode("latin-1")])
def test_a_missing_or_wrong_token_is_a_401(sandbox, connect, token):
    """Without a Link APP's token nothing is shown."""
    assert connect(sandbox.link_url, token)("GET", "/link/company/A/").status_code == 401


def test_a_rotated_token_voids_the_old_one_and_keeps_the_companies(sandbox, link, connect):
    """After a rotation the new token opens the same namespace."""
    created = link("POST", "/link/company/", {"id": "A"}).json()

    renewed = connect(sandbox.link_url, sandbox.link.rotate_token())

    assert link("GET", "/link/company/A/").status_code == 401
    assert renewed("GET", "/link/company/A/").json()["created_at"] == created["created_at"]


def test_every_request_mints_a_token_that_expires_in_ten_minutes(sandbox, link):
    """Each answer has a token of its own, which opens that company until it expires."""
    link("POST", "/link/company/", {"id": "A"})

    company, again = (link("GET", "/link/company/A/").json() for _ in range(2))
    first, second = company["api_token"], again["api_token"]
    # The sandbox's clock may be ahead of this process's, so that it is compared with itself.
    created = datetime.fromisoformat(company["created_at"].replace("Z", "+00:00")).timestamp()

    assert first["token"] != second["token"]
    assert abs(first["expires_at"] - created - 600) < 30
    assert sandbox.link.token_opens(first["token"]) == "default/a"
    sandbox.advance(601)
    assert sandbox.link.token_opens(first["token"]) is None
    assert sandbox.link.token_opens(second["token"]) is None
