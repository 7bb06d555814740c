"""`Company` as a program declares it."""

from __future__ import annotations

from typing import Any

import pulumi

from pulumi_conduit import provider
from pulumi_conduit.program.dynamic_resource import ConduitResource, require_plain, with_default_protect

__all__ = ["Company"]

_OUTPUTS = ("link_page_url", "created_at", "tenant")
_ARGUMENTS = ("company_id", "name", "page_enabled", "on_conflict", "on_destroy")


class Company(ConduitResource, module="conduit", name="Company"):
    """A company: a sub-client of a Link APP.

    The API has no delete, so under the default `on_destroy` the resource is protected. The flag is not in the program,
    so Pulumi's advice to remove it does not help: set `on_destroy="retain"` (or `disable_page`), run `pulumi up`, and
    only then remove the resource. Source: Conduit Link API.
    """

    company_id: pulumi.Output[str] = pulumi.property("companyId")
    """The id, 1 to 1024 of A-Z a-z 0-9, compared without case."""
    name: pulumi.Output[str | None]
    """The actual name."""
    page_enabled: pulumi.Output[bool] = pulumi.property("pageEnabled")
    """Whether the page on which the company connects its sources is open."""
    on_conflict: pulumi.Output[str] = pulumi.property("onConflict")
    """What a create does with a company that differs: `error` or `adopt`."""
    on_destroy: pulumi.Output[str] = pulumi.property("onDestroy")
    """What a destroy does: `error`, `retain` or `disable_page`."""
    profile: pulumi.Output[str | None]
    """The profile whose settings are used."""
    link_page_url: pulumi.Output[str | None] = pulumi.property("linkPageUrl")
    """The address of the page; None while it is off."""
    created_at: pulumi.Output[str] = pulumi.property("createdAt")
    """When it was created, ISO 8601."""
    tenant: pulumi.Output[str]
    """The tenant: base URL and identity."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        company_id: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        page_enabled: pulumi.Input[bool] | None = None,
        on_conflict: pulumi.Input[str] | None = None,
        on_destroy: str | None = None,
        profile: pulumi.Input[str] | None = None,
    ) -> None:
        """Declare a company.

        :param resource_name: The name of the resource in the program.
        :param opts: Pulumi's options; `provider` is refused, `import_` reads and never writes.
        :param company_id: 1 to 1024 characters out of A-Z, a-z and 0-9, compared without case. Another one replaces,
            which the default `on_destroy` refuses.
        :param name: 1 to 1024 characters. Undeclared: unchanged.
        :param page_enabled: Whether the page is open. Undeclared: open for a new company, unchanged for others.
        :param on_conflict: `error` (default) or `adopt`, for a company that exists and differs.
        :param on_destroy: `error` (default), `retain` (remove from state only) or `disable_page` (close the page, too).
        :param profile: The profile whose settings are used.
        :raises InvalidInputError: with an explicit provider, or an `on_destroy` that is not a plain value.
        """
        arguments: dict[str, Any] = {
            "company_id": company_id,
            "name": name,
            "page_enabled": page_enabled,
            "on_conflict": on_conflict,
            "on_destroy": on_destroy,
            "profile": profile,
        }
        require_plain(resource_name, "on_destroy", on_destroy, "error")
        super().__init__(
            provider.Company(),
            resource_name,
            arguments,
            _OUTPUTS,
            opts,
            finish=lambda args: with_default_protect(resource_name, args),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - the name that generated SDKs use
        opts: pulumi.ResourceOptions | None = None,
        *,
        profile: pulumi.Input[str] | None = None,
    ) -> Company:
        """Read a company that this program does not manage; a missing one is an error."""
        company = Company.__new__(Company)
        company.register_read(
            provider.Company(), resource_name, id, opts, outputs=(*_ARGUMENTS, *_OUTPUTS), profile=profile
        )
        return company
