"""Onboard a team: one customer company, three people, and what each of them may reach.

Settings come from the environment (see docs/settings.md); against the sandbox `make demo` sets them.
"""

import pulumi

import pulumi_conduit as conduit

TEAM = {
    "ada": ("Ada", "Lovelace", conduit.UserType.STANDARD),
    "grace": ("Grace", "Hopper", conduit.UserType.READ_ONLY),
    "alan": ("Alan", "Turing", conduit.UserType.READ_ONLY),
}
RETAIL, TRAVEL = 1, 2

acme = conduit.Company("acme", company_id="ACME", name="Acme Corporation", page_enabled=False, on_destroy="retain")

for key, (first_name, last_name, user_type) in TEAM.items():
    person = conduit.ConductorUser(
        key,
        email=f"{key}@acme.example",
        first_name=first_name,
        last_name=last_name,
        type=user_type,
        initial_accounts=[RETAIL],
    )
    conduit.UserAccountAccess(f"{key}-travel", user=person, account_id=TRAVEL)
    pulumi.export(key, person.status)

pulumi.export("company", acme.id)
