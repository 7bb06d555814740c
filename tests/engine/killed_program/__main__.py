"""Two versions of a program; the update from the first to the second makes every mutating call that a resource can."""

import os

import pulumi_conduit as conduit

second = os.environ["VERSION"] == "2"


def person(name, **more):
    """Declare somebody."""
    fixed = {"email": f"{name}@example.com", "first_name": name, "last_name": "Example", "initial_accounts": [1]}
    return conduit.ConductorUser(name, **{**fixed, **more})


def company(company_id, **more):
    """Declare a company that can be removed from state only."""
    return conduit.Company(company_id.lower(), company_id=company_id, **{"on_destroy": "disable_page", **more})


# What changes in place.
person("typed", type="STANDARD" if second else "READ_ONLY")
person("resting", status="INACTIVE" if second else "ACTIVE")
for name in ("back", "back2", "back3"):
    back = person(name, status="ACTIVE" if second else "INACTIVE")
    conduit.UserAccountAccess(f"{name}-2", user=back, account_id=2)
conduit.UserAccountAccessExclusive("listed", user=person("listed"), account_ids=[1, 3 if second else 2])
company("EDITED", name="After" if second else "Before")
conduit.UserAccountAccess("outsider-2", user="outsider@example.com", account_id=2)

# What is replaced.
conduit.UserAccountAccess("moved", user=person("moved"), account_id=3 if second else 2)

host, guest = person("host"), person("guest")
if second:  # what comes, to somebody who is there already or not
    conduit.UserAccountAccess("fresh-2", user=person("fresh"), account_id=2)
    person("asleep", status="INACTIVE")
    for name in ("left", "left2", "left3"):
        person(name, type="STANDARD", initial_accounts=[2])
    person("adopted", on_conflict="adopt")
    conduit.UserAccountAccessExclusive("visitor", user="visitor@example.com", account_ids=[1, 5])
    company("NEW", name="New")
    company("ADOPTED", name="Ours", page_enabled=False, on_conflict="adopt")
else:  # what goes
    conduit.UserAccountAccess("gone-2", user=person("gone"), account_id=2)
    conduit.UserAccountAccess("host-2", user=host, account_id=2)
    conduit.UserAccountAccessExclusive("guest", user=guest, account_ids=[1, 2, 3])
    company("CLOSED", page_enabled=True)
