"""The bodies of the operator's requests; unknown names are refused, to catch typos."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pulumi_conduit.sandbox.faults import Drop, Garbage

__all__ = [
    "AccountOrder",
    "AppOrder",
    "ClockOrder",
    "CompanyChange",
    "CompanyOrder",
    "FaultOrder",
    "IdentityChange",
    "IdentityOrder",
    "Order",
    "UserChange",
]


_TEN_YEARS_S = 10 * 365 * 86400


class Order(BaseModel):
    """JSON in which every name must be known."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> dict[str, Any]:
        """Return the given fields, by name."""
        return self.model_dump(exclude_unset=True)


class AccountOrder(Order):
    """An account to add."""

    name: str


class IdentityOrder(Order):
    """An identity to add."""

    password: str
    accounts: list[int]


class IdentityChange(Order):
    """What to change of an identity."""

    password: str | None = None
    accounts: list[int] | None = None


class AppOrder(Order):
    """A Link APP to add."""

    token: str | None = None


class CompanyOrder(Order):
    """A company to put."""

    name: str | None = None
    page_enabled: bool = True


class CompanyChange(Order):
    """What to change of a company."""

    name: str | None = None
    page_enabled: bool | None = None


class UserChange(Order):
    """A user to put, or what to change of one."""

    first_name: str | None = None
    last_name: str | None = None
    type: str | None = None
    view: str | None = None
    sso_access: bool | None = None
    status: str | None = None
    accounts: list[int] | None = None

    def given(self) -> dict[str, Any]:
        """Return the given fields, by name; null counts as omitted."""
        return self.model_dump(exclude_none=True)


class FaultOrder(Order):
    """A fault to arm; a hook needs Python."""

    route: str | None = None
    path: str | None = Field(default=None, max_length=200)
    after: int = 0
    times: int | None = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    handled: bool = False
    drop: Drop | None = None
    delay_s: float = Field(default=0.0, le=3600, allow_inf_nan=False)
    garbage: Garbage | None = None


class ClockOrder(Order):
    """By how much to push the sandbox's time forward."""

    advance_s: float = Field(ge=0, le=_TEN_YEARS_S, allow_inf_nan=False)
