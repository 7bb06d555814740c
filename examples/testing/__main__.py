"""Onboards one customer: a company, and two colleagues who may see its accounts."""

import pulumi

import pulumi_conduit as conduit

config = pulumi.Config()
accounts = config.get_object("accounts") or [1]

acme = conduit.Company("acme", company_id="ACME", name="Acme", page_enabled=True, on_destroy="retain")

for name, type_ in {"ada": conduit.UserType.STANDARD, "alan": conduit.UserType.READ_ONLY}.items():
    conduit.ConductorUser(
        name,
        email=f"{name}@acme.example",
        first_name=name.title(),
        last_name="Acme",
        type=type_,
        initial_accounts=accounts,
    )

pulumi.export("company", acme.id)
