"""A customer's company, a person, and what that person may reach."""

import pulumi

import pulumi_conduit as conduit

config = pulumi.Config()

company = conduit.Company("company", company_id=config.require("companyId"), on_destroy="retain")

person = conduit.ConductorUser(
    "person",
    email=config.require("email"),
    first_name=config.require("firstName"),
    last_name=config.require("lastName"),
    type=conduit.UserType.READ_ONLY,
    initial_accounts=[config.require_int("accountId")],
)

# Each further account of the person is a resource of its own, a `conduit.UserAccountAccess` with `user=person`.

pulumi.export("company", company.id)
pulumi.export("page", company.link_page_url)
