"""What exists comes under this program. While it is as declared nothing is written; what differs is edited.

For a whole tenant, `pulumi-conduit adopt` writes such a program, or a roster, and the file for `pulumi import`.
"""

import pulumi_conduit as conduit

conduit.Company("acme", company_id="ACME", name="Acme Corporation", on_conflict="adopt", on_destroy="retain")

ada = conduit.ConductorUser(
    "ada",
    email="ada@acme.example",
    first_name="Ada",
    last_name="Lovelace",
    type=conduit.UserType.STANDARD,
    initial_accounts=[1],
    on_conflict="adopt",
    on_destroy="retain",  # she was there before this program, and stays after it
)
for account_id in (1, 2):
    conduit.UserAccountAccess(f"ada-{account_id}", user=ada, account_id=account_id)
