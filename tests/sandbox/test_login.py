"""Logging in to Conductor, and what its tokens are good for."""

from __future__ import annotations

import pytest


def _credentials(sandbox, username="admin@sandbox.example"):
    return {"username": username, "password": sandbox.conductor.password(username)}


def test_a_login_answers_three_distinct_tokens_for_a_day(sandbox, connect):
    """The answer has the documented fields; the tokens look like JWTs and differ."""
    answer = connect(sandbox.conductor_url)("POST", "/login", _credentials(sandbox))

    body = answer.json()
    assert answer.status_code == 200
    assert body.keys() == {"accessToken", "idToken", "refreshToken", "expiresIn"}
    tokens = {body["accessToken"], body["idToken"], body["refreshToken"]}
    assert (len(tokens), {token.count(".") for token in tokens}, body["expiresIn"]) == (3, {2}, 86400)


@pytest.mark.parametrize("which", ["idToken", "refreshToken"])
def test_only_the_access_token_opens_the_api(sandbox, connect, which):
    """The other two tokens of a login are refused."""
    token = connect(sandbox.conductor_url)("POST", "/login", _credentials(sandbox)).json()[which]

    assert connect(sandbox.conductor_url, token)("GET", "/users").status_code == 401


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"username": "nobody@sandbox.example"}])
def test_wrong_credentials_are_a_401(sandbox, connect, change):
    """Neither an unknown user nor a wrong password gets a token."""
    answer = connect(sandbox.conductor_url)("POST", "/login", {**_credentials(sandbox), **change})

    assert (answer.status_code, list(answer.json())) == (401, ["message"])


def test_a_malformed_login_is_a_400_that_does_not_echo_it(sandbox, connect):
    """A body of another shape is refused without repeating what may be a password."""
    answer = connect(sandbox.conductor_url)("POST", "/login", {"username": "x", "password": ["hunter2"]})

    assert answer.status_code == 400
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("path", ["/users", "/accounts", "/users/ann@acme.example"])
def test_no_token_is_a_401(sandbox, connect, path):
    """Everything but the login wants a token."""
    assert connect(sandbox.conductor_url)("GET", path).status_code == 401


def test_a_token_expires_after_its_life(sandbox, conductor):
    """A token works for expiresIn seconds and not longer."""
    sandbox.advance(86390)
    assert conductor("GET", "/users").status_code == 200

    sandbox.advance(20)
    assert conductor("GET", "/users").status_code == 401


def test_the_life_of_a_token_can_be_set(sandbox, switch, log_in):
    """A shorter life is announced in expiresIn, and kept."""
    switch(token_life_s=60)
    client = log_in()

    assert client("GET", "/users").status_code == 200
    sandbox.advance(61)
    assert client("GET", "/users").status_code == 401


def test_voided_tokens_need_a_new_login(sandbox, conductor, log_in):
    """The operator can void every token; a new login works."""
    sandbox.conductor.void_tokens()

    assert conductor("GET", "/users").status_code == 401
    assert log_in()("GET", "/users").status_code == 200


def test_a_changed_password_is_the_only_one(sandbox, connect):
    """After a change of password the old one is refused."""
    old = _credentials(sandbox)
    sandbox.conductor.edit_identity(old["username"], password="another password")
    login = connect(sandbox.conductor_url)

    assert login("POST", "/login", old).status_code == 401
    assert login("POST", "/login", {**old, "password": "another password"}).status_code == 200


@pytest.mark.parametrize(("voids", "status"), [(False, 200), (True, 401)])
def test_switch_new_login_voids_tokens(switch, conductor, log_in, voids, status):
    """A new login leaves earlier tokens of its identity alone, or voids them."""
    switch(new_login_voids_tokens=voids)
    latest = log_in()
    log_in("other@sandbox.example")

    assert conductor("GET", "/users").status_code == status
    assert latest("GET", "/users").status_code == 200
