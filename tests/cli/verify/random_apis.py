"""Random APIs as positions of the sandbox's switches: verbs, paths, statuses, error shapes and open questions.

Up to two operations are at no candidate: `outside` has where they are instead, as a route file would say it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from pulumi_conduit.api.routes import CONDUCTOR_ROUTES
from pulumi_conduit.cli.verify.candidates import COLLECTIONS, ENDINGS, PREFIXES, VARIANTS

OPERATIONS = tuple(CONDUCTOR_ROUTES)
_ELSEWHERE = {
    "list_accounts": "GET /tenants",
    "list_users": "POST /search/users",
    "create_user": "POST /invitations",
    "get_user": "GET /people/{userEmail}",
    "get_user_accounts": "GET /users/{userEmail}/grants",
    "replace_user_accounts": "PUT /users/{userEmail}/grants",
    "change_user_accounts": "PATCH /users/{userEmail}/grants",
    "update_user_account": "PUT /users/{userEmail}/grants/{accountId}",
    "add_user_account": "POST /users/{userEmail}/grants/{accountId}",
    "remove_user_account": "POST /users/{userEmail}/revocations/{accountId}",
    "set_user_status": "PUT /users/{userEmail}/activation",
    "set_user_type": "PUT /users/{userEmail}/role",
}


@dataclass
class RandomApi:
    """One API: its switches, the routes by operation, and which of them are at no candidate."""

    switches: dict
    routes: dict
    outside: dict = field(default_factory=dict)

    @property
    def options(self):
        """Return the options that a user would give on this API."""
        accounts = ("--account", 1, "--account", 2) if "list_accounts" in self.outside else ()
        return (*accounts, *(("--again",) if "create_user" in self.outside else ()))


def draw(seed):
    """Return the API of a seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    outside = _draw_outside(chance)
    routes = _draw_routes(chance)
    switches = _draw_switches(chance, outside)
    routes = _with_other_prefixes(chance, routes) | outside
    moved = [
        f"{one.verb} {one.path}={routes[name]}"
        for name, one in CONDUCTOR_ROUTES.items()
        if f"{one.verb} {one.path}" != routes[name]
    ]
    return RandomApi({**switches, "routes": "; ".join(moved) or None}, routes, outside)


def _draw_outside(chance):
    names = chance.sample(sorted(_ELSEWHERE), chance.choice((0, 0, 0, 1, 1, 2)))
    if {"get_user", "list_users"} <= set(names):
        names.remove("list_users")  # no read would show the test user
    return {name: _ELSEWHERE[name] for name in names}


def _draw_routes(chance):
    prefix, ending = chance.choice(PREFIXES), chance.choice(ENDINGS)
    listed, single = chance.choice(COLLECTIONS), chance.choice(COLLECTIONS)
    routes = {}
    for name in OPERATIONS:
        variants = VARIANTS[name]
        word = single if "{userEmail}" in variants.paths[0] else listed
        path = chance.choice(variants.paths).replace("/users", f"/{word}", 1)
        routes[name] = f"{chance.choice(variants.verbs)} {prefix}{path}{ending}"
    if chance.random() < 0.3:
        routes["log_in"] = f"POST {chance.choice(PREFIXES)}{chance.choice(VARIANTS['log_in'].paths)}"
    return routes


def _with_other_prefixes(chance, routes):
    """Return the routes with the list of accounts under a prefix of its own, in one API of four."""
    if chance.random() < 0.25:
        path = chance.choice(VARIANTS["list_accounts"].paths)
        routes = {**routes, "list_accounts": f"GET {chance.choice(PREFIXES)}{path}{chance.choice(ENDINGS)}"}
    return routes


def _draw_switches(chance, outside):
    positions = {
        "company_create_existing": ("conflict", "overwrite", "refused", "ignored"),
        "new_company_token_voids_old": (False, True),
        "unshared_user": ("missing", "forbidden", "visible"),
        "empty_accounts_accepted": (True, False),
        "inactive_keeps_grants": (True, False),
        "inactive_grants_editable": ("yes", "refused", "removal_ignored"),
        "post_honours_status": (True, False),
        "emails_case_insensitive": (True, False),
        "hide_foreign_accounts": (False, True),
        "replace_drops_foreign": (False, True),
        "list_limit": (None, None, 2, 3),
        "read_lag": (0, 0, 1, 2, 3),
        "list_lag_writes": (0, 0, 1),
        "list_lag_s": (0.0, 0.0, 3.0),
        "inactive_accounts_hidden": (False, True),
        "post_leaves_inactive": (False, True),
        "get_user_carries_status": (True, False),
        "new_login_voids_tokens": (False, True),
        "bearer": ("access", "both"),
        "error_shape": ("message", "error", "nested", "text", "html", "empty"),
        "unknown_route": ("standard", "not_found", "not_allowed", "not_implemented"),
        "write_status": (None, 200, 201, 202),
        "rate_limit_per_s": (None, None, 50),
    }
    drawn = {name: chance.choice(values) for name, values in positions.items()}
    if "get_user" in outside:  # the list is all that shows the user, so it must be whole and current
        drawn |= {"list_limit": None, "list_lag_writes": 0, "list_lag_s": 0.0}
    if "set_user_status" in outside:  # the user stays INACTIVE, and its accounts can be tried all the same
        drawn |= {"inactive_grants_editable": "yes", "inactive_accounts_hidden": False}
    return drawn
