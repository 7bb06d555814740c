"""Where an operation is looked for, on APIs that say by other means than a 404 that it is not there."""

import pytest

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES

ONLY_USER = ("--user", "you+conduit@corp.example")
BOTH_ACCOUNTS = ("--account", 1, "--account", 2)
LISTS_ELSEWHERE = {"list_accounts": "GET /tenants", "list_users": "POST /search/users"}


def moved(**routes):
    """Return the sandbox's switch that serves these operations elsewhere."""
    return "; ".join(f"{CONDUCTOR_ROUTES[name].verb} {CONDUCTOR_ROUTES[name].path}={at}" for name, at in routes.items())


def below(prefix):
    """Return all operations on users below a prefix, with `user` in their paths."""
    about_users = {name: route for name, route in CONDUCTOR_ROUTES.items() if route.is_about_users}
    return {name: f"{one.verb} {prefix}{one.path.replace('/users', '/user')}" for name, one in about_users.items()}


def found(result):
    """Return the result of each operation."""
    return {row["operation"]: row["result"] for row in result.report["operations"]}


@pytest.mark.parametrize("log_in", ["POST /login", "POST /v2/token"], ids=["beside", "elsewhere"])
@pytest.mark.parametrize("position", ["not_found", "not_implemented"])
def test_a_creation_is_tried_everywhere_where_no_read_says_where_users_are(verify, switch, log_in, position):
    """Before there is a user, the lists alone could say so; the writes are found all the same."""
    routes = {**below("/api/v1"), **LISTS_ELSEWHERE}
    switch(routes=moved(**routes, **({} if log_in == "POST /login" else {"log_in": log_in})), unknown_route=position)

    results = found(verify("--probe-writes", *BOTH_ACCOUNTS, subjects=ONLY_USER))

    assert set(LISTS_ELSEWHERE) == {name for name in CONDUCTOR_ROUTES if results[name] == "not found"}
    assert {"other route"} == {results[name] for name in below("/api/v1")}


def test_accounts_that_are_not_found_are_asked_for(verify, switch, sandbox):
    """Without one no user can be created, and the row says what to do."""
    switch(routes=moved(list_accounts="GET /tenants"))

    result = verify(subjects=ONLY_USER)

    rows = {row["operation"]: (row["result"], row["note"]) for row in result.report["operations"]}
    assert ("not tried", "no account is known: name one by --account") == rows["create_user"]
    assert [] == sandbox.writes()


def test_a_prefix_that_only_some_routes_have_misleads_nobody(verify, switch):
    """The accounts are below another one than the users."""
    switch(routes=moved(**below("/v2"), list_accounts="GET /api/accounts", list_users="POST /search/users"))

    results = found(verify("--probe-writes", subjects=ONLY_USER))

    assert ["list_users"] == [name for name in CONDUCTOR_ROUTES if results[name] not in ("other route", "confirmed")]


@pytest.mark.parametrize("shape", ["html", "empty"])
def test_a_refusal_of_the_path_need_not_be_json(verify, switch, shape):
    """A gateway answers with a page of its own."""
    switch(error_shape=shape, routes=moved(**below("/v1"), list_accounts="GET /v1/account", list_users="GET /v1/user"))

    results = found(verify("--probe-writes", subjects=ONLY_USER))

    assert {"log_in"} == {name for name in CONDUCTOR_ROUTES if results[name] == "confirmed"}
    assert {"other route"} == {results[name] for name in CONDUCTOR_ROUTES if name != "log_in"}


@pytest.mark.parametrize("position", ["bad_request", "forbidden"])
def test_a_read_is_looked_for_after_400_and_403_and_a_write_is_not(sandbox, verify, switch, position):
    """They may be a verdict on the user or the body; a read does no harm."""
    switch(
        unknown_route=position,
        routes=moved(list_accounts="GET /v1/accounts", set_user_type="PATCH /users/{userEmail}/type"),
    )

    results = found(verify("--probe-writes", subjects=ONLY_USER))

    assert ("other route", "refused") == (results["list_accounts"], results["set_user_type"])
    assert {"PUT"} == {one["method"] for one in sandbox.writes() if one["path"].endswith("/type")}


def test_a_verb_that_the_path_does_not_allow_leads_to_the_next(sandbox, verify, switch):
    """The path serves another operation; Allow names its verbs."""
    switch(routes=moved(set_user_status="PATCH /users/{userEmail}/status"))
    fault = sandbox.faults.add(path="/status$", status=405, headers={"Allow": "PATCH"})

    results = found(verify("--probe-writes", subjects=ONLY_USER))

    assert (1, "other route") == (fault.struck, results["set_user_status"])
