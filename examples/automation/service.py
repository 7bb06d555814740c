"""A service that onboards a customer when somebody fills in its form: an inline program of Pulumi's Automation API.

It needs the Pulumi CLI on PATH, a backend (`PULUMI_BACKEND_URL`) and the settings in its environment, which the program
and the provider both read.
"""

import sys

import pulumi
from pulumi import automation

import pulumi_conduit as conduit


def onboard(company_id: str, email: str, first_name: str, last_name: str) -> dict[str, object]:
    """Bring the customer's own stack up to date, and return its outputs; called again, it changes nothing."""

    def program() -> None:
        company = conduit.Company("company", company_id=company_id, on_destroy="retain")
        conduit.ConductorUser("person", email=email, first_name=first_name, last_name=last_name, initial_accounts=[1])
        pulumi.export("page", company.link_page_url)

    stack = automation.create_or_select_stack(company_id.lower(), project_name="customers", program=program)
    done = stack.up()
    return {"changes": done.summary.resource_changes, "page": done.outputs["page"].value}


if __name__ == "__main__":
    sys.stdout.write(f"{onboard(*sys.argv[1:])}\n")
