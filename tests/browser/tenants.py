"""Tenants for pages to show: one person, those of the documentation, and as many as must stay readable."""

from __future__ import annotations

from urllib.parse import quote

import requests

ADA = "ada@acme.example"
PEOPLE = {
    ADA: ("Ada", "Lovelace", "STANDARD", [1, 2, 4]),
    "alan@acme.example": ("Alan", "Turing", "READ_ONLY", [1]),
    "barbara@acme.example": ("Barbara", "Liskov", "STANDARD", [1, 3, 6]),
    "dennis@acme.example": ("Dennis", "Ritchie", "READ_ONLY", [2, 5]),
    "donald@acme.example": ("Donald", "Knuth", "READ_ONLY", [9]),
    "edsger@globex.example": ("Edsger", "Dijkstra", "STANDARD", [3, 10]),
    "frances@globex.example": ("Frances", "Allen", "READ_ONLY", [3]),
    "grace@globex.example": ("Grace", "Hopper", "STANDARD", [3, 4, 7, 8]),
    "hedy@globex.example": ("Hedy", "Lamarr", "READ_ONLY", [8]),
    "john@initech.example": ("John", "Backus", "READ_ONLY", [6, 7]),
    "katherine@initech.example": ("Katherine", "Johnson", "STANDARD", [6, 10]),
    "margaret@initech.example": ("Margaret", "Hamilton", "READ_ONLY", [2, 6]),
    "radia@initech.example": ("Radia", "Perlman", "READ_ONLY", [5]),
}
COMPANIES = {"ACME": "Acme Corporation", "GLOBEX": "Globex", "INITECH": "Initech"}


def ada(sandbox):
    """Put one person who holds two accounts."""
    sandbox.conductor.put_user(ADA, first_name="Ada", last_name="Lovelace", type="STANDARD", accounts=[1, 4])


def documented(sandbox):
    """Onboard three companies through the APIs, and then let somebody meddle."""
    with _identity(sandbox) as conductor, session(sandbox.link.app_token()) as link:
        for company_id, name in COMPANIES.items():
            link.post(f"{sandbox.link_url}/link/company/", json={"id": company_id, "name": name}, timeout=30)
        conductor.get(f"{sandbox.conductor_url}/users", timeout=30)
        for email, (first, last, kind, accounts) in PEOPLE.items():
            body = {"email": email, "firstname": first, "lastname": last, "type": kind, "accounts": accounts[:1]}
            whole = {**body, "view": "COMPLETE", "sso_access": False}
            conductor.post(f"{sandbox.conductor_url}/users", json=whole, timeout=30)
            grants = f"{sandbox.conductor_url}/users/{email}/accounts"
            if accounts[1:]:
                conductor.put(grants, json={"accounts": accounts[1:]}, timeout=30)
        conductor.get(f"{sandbox.conductor_url}/users/nobody@acme.example", timeout=30)
    with session() as operator:
        outside = f"{sandbox.link_url}/_sandbox"
        operator.patch(f"{outside}/users/donald@acme.example", json={"status": "INACTIVE"}, timeout=30)
        operator.put(f"{outside}/users/alan@acme.example/accounts/3", timeout=30)
        operator.patch(f"{outside}/apps/default/companies/GLOBEX", json={"page_enabled": False}, timeout=30)


def large(sandbox, people=200, accounts=40):
    """Put so many people and accounts, each person holding some."""
    for account in range(100, 100 + accounts - len(sandbox.conductor.accounts())):
        sandbox.conductor.add_account(account, f"Market {account}")
    ids = sorted(sandbox.conductor.accounts())
    for index in range(people - len(sandbox.conductor.users())):
        held = [account for account in ids if (index * 7 + account * 3) % 5 == 0]
        sandbox.conductor.put_user(f"person{index:03}@customer{index % 9}.example", accounts=held or ids[:1])


def session(token=None):
    """Return a client that knows nothing of the environment's proxies."""
    made = requests.Session()
    made.trust_env = False
    if token:
        made.headers["Authorization"] = f"Bearer {token}"
    return made


def quoted(text):
    """Return a text as one segment of a path."""
    return quote(text, safe="")


def _identity(sandbox):
    credentials = {"username": "admin@sandbox.example", "password": sandbox.conductor.password()}
    answer = requests.post(f"{sandbox.conductor_url}/login", json=credentials, timeout=30)
    return session(answer.json()["accessToken"])
