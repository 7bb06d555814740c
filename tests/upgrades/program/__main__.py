"""Every kind of resource in every shape that a state can have: what each release must leave alone when it meets it."""

import pulumi

import pulumi_conduit as conduit


class Team(pulumi.ComponentResource):
    """People and what they may see, below a component."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare them."""
        super().__init__("golden:index:Team", name, None, opts)
        ours = pulumi.ResourceOptions(parent=self)
        lead = conduit.ConductorUser(
            f"{name}-lead",
            ours,
            email="Lead@acme.example",
            first_name="Léa",
            last_name="O'Neill-Ångström",
            type=conduit.UserType.STANDARD,
            view=conduit.UserView.RESEARCH,
            sso_access=True,
            initial_accounts=[2, 1],
        )
        conduit.UserAccountAccess(f"{name}-lead-3", ours, user=lead, account_id=3)
        self.register_outputs({"lead": lead.email})


guarded = conduit.Company("guarded", company_id="GUARDED", name="Guarded | <b>&amp;")
conduit.Company("retained", company_id="Retained1", on_destroy="retain", on_conflict="adopt", page_enabled=False)
conduit.Company("closed", company_id="CLOSED", name="Closed", on_destroy="disable_page")
conduit.Company.get("seen", "SEEN")

reader = conduit.ConductorUser(
    "reader",
    email="reader@acme.example",
    first_name="Rea",
    last_name="Der",
    initial_accounts=[1],
    on_conflict="adopt",
    send_email=True,
)
conduit.ConductorUser(
    "kept",
    pulumi.ResourceOptions(protect=True),
    email="kept@acme.example",
    first_name="Kay",
    last_name="Ept",
    initial_accounts=[4],
    on_destroy="retain",
)
conduit.ConductorUser(
    "away", email="away@acme.example", first_name="A", last_name="Way", initial_accounts=[1], status="INACTIVE"
)
conduit.UserAccountAccess("reader-2", user=reader.email, account_id=2)
conduit.UserAccountAccess("known-5", user="Known@acme.example", account_id=5)
conduit.UserAccountAccessExclusive("all", user="listed@acme.example", account_ids=[7, 6, 7])
Team("team")

pulumi.export("page", guarded.link_page_url)
pulumi.export("reader", reader.id)
