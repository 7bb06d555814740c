"""Two tenants in one program: the settings without a profile, and those of profile `b` (`CONDUCTOR_URL_B`, …)."""

import pulumi

import pulumi_conduit as conduit

ours = conduit.Company("ours", company_id="ACME", name="Acme, our customer", on_destroy="retain")
theirs = conduit.Company("theirs", company_id="ACME", name="Acme, a partner's", on_destroy="retain", profile="b")

pulumi.export("ours", ours.link_page_url)
pulumi.export("theirs", theirs.link_page_url)
