"""Companies: each declared one is looked up, since the Link API has no list; one that is in no stack cannot be found.

Every look mints a token that opens the company's data for ten minutes; it is dropped unseen.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pulumi_conduit.cli.audit.declared import Declaration, stacks_of
from pulumi_conduit.cli.audit.findings import Finding, Kind
from pulumi_conduit.errors import NotFoundError, UnexpectedResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_conduit.api.link_client import LinkClient

__all__ = ["company_findings"]


def company_findings(client: LinkClient, declared: Mapping[str, list[Declaration]], workers: int) -> list[Finding]:
    """Look every declared company up, with at most so many requests in flight."""
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda company_id: _judged(client, company_id, declared[company_id]), sorted(declared))
        return [finding for finding in found if finding]


def _judged(client: LinkClient, company_id: str, declarations: list[Declaration]) -> Finding | None:
    try:
        client.get_company(company_id)
    except NotFoundError:
        return Finding(Kind.MISSING_COMPANY, company_id, stacks=stacks_of(declarations))
    except UnexpectedResponseError as error:
        return Finding(Kind.UNCLEAR, company_id, str(error), stacks=stacks_of(declarations))
    return None
