"""What the contract tests found wrong in the stand-in, each mended and held here."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("text", [r"\ud800", r"half \udfff a pair"])
def test_half_a_surrogate_pair_is_refused(conductor, new_user, text):
    """JSON can spell text that no answer can carry: it is refused, and does not break every later list."""
    body = json.dumps(new_user(firstname="FIRST")).replace("FIRST", text)
    answer = conductor("POST", "/users", data=body, headers={"Content-Type": "application/json"})

    assert (400, {"message": "body.firstname: Value error, text holds half a surrogate pair"}) == (
        answer.status_code,
        answer.json(),
    )
    assert 200 == conductor("GET", "/users").status_code


@pytest.mark.parametrize("path", ["/link/company/", "/link/company/ACME/"])
def test_null_is_no_name_of_a_company(sandbox, link, path):
    """A name can be left out; null is nothing that the page knows, on creation and on edit alike."""
    sandbox.link.put_company("ACME", name="Acme")

    answer = link("POST", path, {"id": "NEW", "name": None})

    assert (400, {"message": "body.name: Value error, null is no name"}) == (answer.status_code, answer.json())
    assert "Acme" == sandbox.link.company("ACME")["name"]


@pytest.mark.parametrize("slash", ["%2F", "%2f"])
def test_a_slash_within_an_email_ends_no_segment(sandbox, conductor, ann, slash):
    """An encoded slash belongs to the email: it never reaches another endpoint, let alone another person."""
    answer = conductor("PUT", f"/users/{ann}{slash}status", {"status": "INACTIVE"})

    assert 405 == answer.status_code
    assert "ACTIVE" == sandbox.conductor.user(ann)["status"]
    assert 404 == conductor("GET", f"/users/{ann}{slash}accounts").status_code


def test_a_slash_within_a_company_id_ends_no_segment(sandbox, link):
    """An encoded slash belongs to the company id, which knows none: there is no such company."""
    sandbox.link.put_company("ACME")

    assert 404 == link("GET", "/link/company/x%2F..%2FACME/").status_code
