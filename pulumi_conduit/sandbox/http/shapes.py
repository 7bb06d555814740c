"""The JSON of both APIs, as their pages show it; knows shapes only, their meaning is in the rules."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, field_validator

from pulumi_conduit.sandbox.rules.conductor import LoginResponse
from pulumi_conduit.sandbox.rules.link import CompanyAnswer
from pulumi_conduit.sandbox.rules.state import Account, User

__all__ = [
    "AccountJson",
    "AccountsJson",
    "CompanyEdit",
    "CompanyJson",
    "Credentials",
    "LoginJson",
    "NewCompany",
    "NewUser",
    "Nothing",
    "StatusJson",
    "TypeJson",
    "UserJson",
]


Value = TypeVar("Value")


class Shape(BaseModel):
    """JSON in which a number is no text and a text no number."""

    model_config = ConfigDict(strict=True)

    @field_validator("*")
    @classmethod
    def _can_be_answered(cls, value: Value) -> Value:
        """Refuse half a surrogate pair: JSON can spell one, and no response could contain it."""
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("text holds half a surrogate pair")
        return value


class CompanyEdit(Shape):
    """What a company can be changed to; a page that is not mentioned opens."""

    name: str | None = None
    page_enabled: bool = True

    @field_validator("name")
    @classmethod
    def _is_text_if_given(cls, name: str | None) -> str:
        """Refuse null: a name can be omitted, and that it can be removed is not documented."""
        if name is None:
            raise ValueError("null is no name")
        return name


class NewCompany(CompanyEdit):
    """A company to create."""

    id: str


class LinkPage(Shape):
    """The page on which a company connects its sources."""

    url: str | None
    enabled: bool


class ApiToken(Shape):
    """A token that opens the company's data."""

    token: str
    expires_at: int


class CompanyJson(Shape):
    """The response to every request about a company."""

    id: str
    name: str | None
    created_at: str
    link_page: LinkPage
    api_token: ApiToken

    @classmethod
    def of(cls, answer: CompanyAnswer) -> "CompanyJson":
        """Return the JSON of a response."""
        company = answer.company
        page = LinkPage(url=company.page_url if company.page_enabled else None, enabled=company.page_enabled)
        token = ApiToken(token=answer.token.token, expires_at=answer.token.expires_at)
        created_at = company.created_at
        return cls(id=company.company_id, name=company.name, created_at=created_at, link_page=page, api_token=token)


class Credentials(Shape):
    """What an identity logs in with."""

    username: str
    password: str


class LoginJson(Shape):
    """The response to a login."""

    accessToken: str  # noqa: N815 - the API's own spelling
    idToken: str  # noqa: N815 - the API's own spelling
    refreshToken: str  # noqa: N815 - the API's own spelling
    expiresIn: int  # noqa: N815 - the API's own spelling

    @classmethod
    def of(cls, login: LoginResponse) -> "LoginJson":
        """Return the JSON of a login."""
        return cls(
            accessToken=login.access_token,
            idToken=login.id_token,
            refreshToken=login.refresh_token,
            expiresIn=login.expires_in,
        )


class AccountJson(Shape):
    """An account that can be assigned."""

    name: str
    account_id: int
    creation_date: str

    @classmethod
    def of(cls, account: Account) -> "AccountJson":
        """Return the JSON of an account."""
        return cls(name=account.name, account_id=account.account_id, creation_date=account.creation_date)


class AccountsJson(Shape):
    """The accounts of a user."""

    accounts: list[int]


class NewUser(Shape):
    """A user to create."""

    accounts: list[int]
    email: str
    firstname: str
    lastname: str
    sso_access: bool
    type: str
    view: str
    status: str = "ACTIVE"

    def record(self) -> User:
        """Return what the rules shall judge."""
        names = (self.email, self.firstname, self.lastname)
        return User(*names, self.type, self.view, self.sso_access, self.status, tuple(self.accounts))


class UserJson(Shape):
    """A user as the API shows it."""

    accounts: list[int]
    email: str
    firstname: str
    lastname: str
    sso_access: bool
    type: str
    view: str
    status: str | None
    """None is left out: a switch can make the API silent about it."""

    @classmethod
    def of(cls, user: User, *, with_status: bool = True) -> "UserJson":
        """Return the JSON of a user."""
        return cls(
            accounts=list(user.accounts),
            email=user.email,
            firstname=user.first_name,
            lastname=user.last_name,
            sso_access=user.sso_access,
            type=user.type,
            view=user.view,
            status=user.status if with_status else None,
        )


class StatusJson(Shape):
    """A status, asked for or set."""

    status: str


class TypeJson(Shape):
    """A type, asked for or set."""

    type: str


class Nothing(Shape):
    """A body without anything in it."""

    model_config = ConfigDict(extra="forbid")
