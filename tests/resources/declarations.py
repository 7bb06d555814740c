"""Declarations as a program makes them, in their stored names, and what refuses them; a test names what it is about."""

from __future__ import annotations

ANN = "ann@acme.example"
BOB = "bob@acme.example"


class PreviewFailedError(Exception):
    """The reasons that `check` gave, one per line."""


def company(company_id="ACME", **properties):
    """Declare a company."""
    return ("company", {"companyId": company_id, **properties})


def user(email=ANN, accounts=(1,), **properties):
    """Declare a user."""
    named = {"firstName": "First", "lastName": "Last", "initialAccounts": list(accounts)}
    return ("user", {"email": email, **named, **properties})


def grant(account, email=ANN, **properties):
    """Declare one account of a user."""
    return ("grant", {"user": email, "accountId": account, **properties})


def account_list(*accounts, email=ANN, **properties):
    """Declare all accounts of a user."""
    return ("list", {"user": email, "accountIds": list(accounts), **properties})


def lines(sandbox):
    """Return the writes that arrived, as method and path with the query that matters."""
    return [_line(request) for request in sandbox.writes()]


def _line(request):
    removal = request["query"].get("removal")
    return f"{request['method']} {request['path']}" + (f" removal={removal}" if removal else "")


OWNED = (
    "it owns 'Retail' (1), 'Travel' (2), 'Finance' (3), 'Health' (4), 'Media' (5), 'Energy' (6), 'Food' (7), 'Sports'"
    " (8), 'Education' (9), 'Insurance' (10) (`pulumi-conduit accounts` lists all)"
)
"""What a refusal says of the accounts that the sandbox's identity owns."""
