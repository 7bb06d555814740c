"""What the APIs' pages do not say, in the words of docs/undocumented.md, which has what the provider does about it."""

from __future__ import annotations

__all__ = ["QUESTIONS"]

QUESTIONS = {
    "existing_company": "what creating a company that exists does",
    "errors": "what errors look like",
    "rate": "rate limits",
    "token": "which of the login's tokens to send",
    "unshared": "whether a user without a shared account is a 404",
    "empty": "whether an empty account list is accepted",
    "inactive_keeps": "whether an INACTIVE user keeps its grants",
    "inactive_editable": "whether grants of an INACTIVE user can be changed",
    "status_honoured": "whether creating a user honours `status`",
    "case": "whether emails are case-insensitive",
    "foreign_hidden": "whether responses hide accounts that the identity does not own",
    "foreign_dropped": "whether replacing a list drops such accounts",
    "list_late": "whether a list is paged or late",
    "visible": "whether a write is visible at once",
    "get_status": "whether a GET of one user carries `status`",
    "login_voids": "whether a new login voids earlier tokens",
    "sessions": "how long open sessions outlive a deactivation",
    "company_token": "whether minting a company token voids the one before",
}
