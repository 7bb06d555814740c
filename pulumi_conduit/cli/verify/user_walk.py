"""Every operation on the test user, in an order in which each can be undone by what was found before it.

The user is created INACTIVE, so that an interrupt leaves nobody ACTIVE who was not meant to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from pulumi_conduit.api.records import AccountsResponse, StatusResponse, TypeResponse, UserRecord
from pulumi_conduit.cli.verify.caller import WAITS_S
from pulumi_conduit.cli.verify.results import ForeignError, Verdict
from pulumi_conduit.cli.verify.trial_user import FIRST_NAME, LAST_NAME

if TYPE_CHECKING:
    from pulumi_conduit.cli.verify.conductor_api import ConductorApi, Expected
    from pulumi_conduit.cli.verify.results import Results

__all__ = ["UserWalk"]

_USER = TypeAdapter(UserRecord)
_ACCOUNTS = TypeAdapter(AccountsResponse)
_STATUS = TypeAdapter(StatusResponse)
_TYPE = TypeAdapter(TypeResponse)
_POSSIBLE = "possible"
_OUT_OF_REACH = (
    "the test user is INACTIVE without an account, and this identity does not see it any more: until an Admin gives it"
    " an account in Conductor, use another address"
)
_ACCOUNT_WRITES = (
    "replace_user_accounts",
    "change_user_accounts",
    "update_user_account",
    "add_user_account",
    "remove_user_account",
)
_ADDING, _REMOVING = "removal=false", "removal=true"


class UserWalk:
    """The requests about the test user; `undo` can be called at any time, and leaves it INACTIVE."""

    def __init__(self, api: ConductorApi, results: Results, *, exists: bool) -> None:
        """Take the API with its reads found; `exists` where an earlier run left the user."""
        self._api = api
        self._results = results
        self._exists = exists
        self._may_exist = False
        self._may_hold_more = exists
        self._can_remove_while_inactive = False
        self._is_out_of_reach = False
        self._first, *others = api.user.accounts
        self._second = others[0] if others else None

    def run(self, *, with_last_account: bool) -> None:
        """Try every operation."""
        if self._exists:
            self._may_exist = True
            self._meet()
        elif not self._create():
            return
        self._describe_reads()
        self._try_status_and_type()
        self._try_accounts()
        self._try_inactive()
        if with_last_account:
            self._try_last_account()

    def abandon(self) -> None:
        """Record what is left where no further request may be sent."""
        if self._may_exist:
            seen = self._api.last_seen
            state = f"when last seen it was {_status(seen)} and {seen.type}" if seen else "unseen"
            self._results.left.append(f"the test user may be ACTIVE ({state}): look at it in Conductor")

    def undo(self) -> None:
        """Set back what was changed, leave the user INACTIVE, and record what remains."""
        if not self._may_exist:
            return
        if self._is_out_of_reach:
            self._results.remains.append(_OUT_OF_REACH)
            return
        seen = self._api.look() or self._api.find_user()
        if seen is None:
            self._results.left.append(
                "whether the test user exists is not known: look for it in Conductor, and set it INACTIVE"
            )
            return
        if self._may_hold_more and seen.status == "INACTIVE":
            self._set_status("ACTIVE")
        if seen.type != "READ_ONLY":
            self._set_type("READ_ONLY")
        if self._may_hold_more or seen.status != "INACTIVE":
            self._hold({self._first})
            self._deactivate()
        self._report_remains(self._api.look())

    def _deactivate(self) -> None:
        """Set the user INACTIVE; a list that is a write behind shows that after the same write again."""
        if self._set_status("INACTIVE") and self._api.status_of(self._api.last_seen) == "ACTIVE":
            self._set_status("INACTIVE")

    def _report_remains(self, seen: UserRecord | None) -> None:
        left = []
        status = self._api.status_of(seen) if seen is not None else None
        if seen is None:
            left.append("the test user was not found in the end: look for it in Conductor, and set it INACTIVE")
        elif status == "ACTIVE":
            left.append("the test user is ACTIVE: set it INACTIVE in Conductor")
        elif status is None and "set_user_status" not in self._api.found:
            left.append("no read shows the status of the test user: set it INACTIVE in Conductor")
        if seen is not None and self._second in seen.accounts:
            left.append("the test user holds the second test account, too")
        if seen is not None and seen.type != "READ_ONLY":
            left.append(f"the test user is {seen.type}")
        self._results.left += left
        if not left:
            self._results.remains.append("the test user is INACTIVE; the API deletes nobody")

    def _create(self) -> bool:
        """Create the user; return whether it is there."""
        self._may_exist = True
        self._api.write("create_user", _USER, _is_there, body=self._new_user(), query="send_email=false")
        row = self._results.rows["create_user"]
        if row.verdict in (Verdict.REFUSED, Verdict.NOT_FOUND):
            if row.response.startswith("409"):
                self._may_exist = False
                raise ForeignError("the user exists already, where this identity does not see it")
            self._may_exist = self._api.existing() is not None
            return self._may_exist
        if "create_user" in self._api.found:
            self._create_again()
        return self._api.look() is not None

    def _create_again(self) -> None:
        reply = self._api.send("create_user", body=self._new_user(), query="send_email=false")
        if reply.status != 409:
            self._results.doubt("create_user", f"creating a user that exists returned {reply.status}, not 409")

    def _meet(self) -> None:
        """Find the routes with the user that an earlier run left; creating it again must be a 409."""
        self._api.find_user()
        self._api.write("create_user", _USER, _is_there, body=self._new_user(), query="send_email=false", conflict=True)

    def _new_user(self) -> dict[str, object]:
        return {
            "email": self._api.user.email,
            "firstname": FIRST_NAME,
            "lastname": LAST_NAME,
            "sso_access": False,
            "type": "READ_ONLY",
            "view": "COMPLETE",
            "accounts": [self._first],
            "status": "INACTIVE",
        }

    def _describe_status(self) -> None:
        """Answer by a GET of the new user, or by the list, whether it has the status that it was created with."""
        if self._exists or (status := self._api.status_of(self._api.look())) is None:
            return
        is_honoured = status == "INACTIVE"
        text = "it is: a user created INACTIVE is INACTIVE" if is_honoured else "it is not: the user is ACTIVE"
        self._results.answer("status_honoured", text)

    def _describe_reads(self) -> None:
        record = self._api.look()
        if "get_user" in self._api.found and record is not None:
            self._results.answer("get_status", "it does" if self._api.get_carries_status() else "it does not")
        if "list_users" in self._api.found:
            self._results.answer("list_late", self._describe_list())
        self._describe_status()
        self._api.read("get_user_accounts", _ACCOUNTS)
        self._describe_case()

    def _describe_list(self) -> str:
        for polls, _ in enumerate(self._api.waits()):
            if self._api.list_entry() is not None:
                return f"late: the new user is in list {polls + 1}" if polls else "the new user is in it at once"
        return f"late or paged: the new user is not in it after {sum(WAITS_S):.0f} s"

    def _describe_case(self) -> None:
        name, _, domain = self._api.user.email.partition("@")
        other = f"{name.swapcase()}@{domain}"
        if "get_user" not in self._api.found or other == self._api.user.email:
            return
        reply = self._api.get_as(other)
        record = reply.parse(_USER)
        if isinstance(record, UserRecord):
            self._api.user.require_same(record)
        text = {True: "they are", False: f"they are not: another case is {reply.describe()}"}[reply.is_success]
        self._results.answer("case", text)

    def _try_status_and_type(self) -> None:
        self._find_status_route("ACTIVE")
        if self._find_type_route("STANDARD"):
            self._set_type("READ_ONLY")

    def _find_type_route(self, wanted: str) -> bool:
        return self._api.write("set_user_type", _TYPE, lambda seen: _type(seen) == wanted, body={"type": wanted})

    def _find_status_route(self, status: str) -> bool:
        body = {"status": status}
        return self._api.write("set_user_status", _STATUS, _has_status(status), body=body, status=status)

    def _set_status(self, status: str) -> bool:
        """Set the status; return whether a look does not contradict it."""
        if "set_user_status" not in self._results.rows:
            return self._find_status_route(status)
        if "set_user_status" not in self._api.found:
            return False
        self._api.send("set_user_status", body={"status": status})
        return _has_status(status)(self._api.settle(_has_status(status), status=status))

    def _set_type(self, wanted: str) -> None:
        if "set_user_type" not in self._results.rows:
            self._find_type_route(wanted)
        elif "set_user_type" in self._api.found:
            self._api.send("set_user_type", body={"type": wanted})
            self._api.settle(lambda seen: _type(seen) == wanted)

    def _try_accounts(self) -> None:
        if self._second is None:
            self._api.skip(_ACCOUNT_WRITES, "it takes two accounts, and the identity owns one")
            return
        self._may_hold_more = True
        self._hold({self._first})
        self._try_adding("change_user_accounts", in_body=True)
        self._try_adding("update_user_account")
        self._try_adding("add_user_account")
        self._try_replacing()
        if self._hold({self._first, self._second}):
            self._api.write("remove_user_account", _ACCOUNTS, _holds({self._first}), account=self._second)
        self._hold({self._first})

    def _try_adding(self, name: str, *, in_body: bool = False) -> None:
        """Add the account that the user does not hold, then remove it where the same operation does both."""
        held = self._held()
        if held == set(self._api.user.accounts):
            self._hold({self._first})
            held = self._held()
        account = next((one for one in self._api.user.accounts if one not in held), None)
        if account is None:
            return
        both_ways = name != "add_user_account"
        body = {"accounts": [account]} if in_body else {} if both_ways else None
        named, query = None if in_body else account, _ADDING if both_ways else ""
        more = _holds({*held, account})
        is_done = self._api.write(name, _ACCOUNTS, more, body=body, query=query, account=named)
        if is_done and both_ways:
            self._api.send(name, body=body, query=_REMOVING, account=named)
            if not _holds(held)(self._api.settle(_holds(held))):
                self._results.doubt(name, "with removal=true it did not remove the account")

    def _try_replacing(self) -> None:
        """Replace the list by another one: by the one account that is not the whole list now."""
        held = self._held()
        wanted = next({one} for one in self._api.user.accounts if {one} != held)
        if held:
            body = {"accounts": sorted(wanted)}
            self._api.write("replace_user_accounts", _ACCOUNTS, _holds(wanted), body=body)

    def _held(self) -> set[int]:
        seen = self._api.look()
        return set(seen.accounts) if seen else set()

    def _hold(self, wanted: set[int]) -> bool:
        """Let the user hold exactly these of the two accounts, by routes that were found; return whether it does."""
        seen = self._api.look()
        for account in sorted(wanted - (seen.accounts if seen else set())):
            seen = self._change(account, seen, add=True)
        for account in sorted((seen.accounts if seen else set()) - wanted):
            seen = self._change(account, seen, add=False)
        return _holds(wanted)(seen)

    def _change(self, account: int, seen: UserRecord | None, *, add: bool) -> UserRecord | None:
        """Add or remove one account by a route that was found; return the user as it is then."""
        query = _ADDING if add else _REMOVING
        single = "add_user_account" if add else "remove_user_account"
        held = (seen.accounts if seen else frozenset()) - {account} | ({account} if add else set())
        found = self._api.found
        if "change_user_accounts" not in self._results.rows:
            expected = _holds(set(held))
            body = {"accounts": [account]}
            self._api.write("change_user_accounts", _ACCOUNTS, expected, body=body, query=query)
        elif "change_user_accounts" in found:
            self._api.send("change_user_accounts", body={"accounts": [account]}, query=query)
        elif "update_user_account" in found:
            self._api.send("update_user_account", body={}, query=query, account=account)
        elif single in found:
            self._api.send(single, account=account)
        elif "replace_user_accounts" in found and held:
            self._api.send("replace_user_accounts", body={"accounts": sorted(held)})
        return self._api.settle(lambda seen: seen is not None and (account in seen.accounts) is add)

    def _try_inactive(self) -> None:
        """Find out what becomes of the accounts of an INACTIVE user, and whether they can be changed."""
        if not self._hold({self._first}) or not self._set_status("INACTIVE"):
            return
        hidden = self._api.look()
        self._set_status("ACTIVE")
        seen = self._api.settle(_holds({self._first}))
        if seen is None or hidden is None:
            return
        if self._first not in seen.accounts:
            self._results.answer("inactive_keeps", "it loses them")
        else:
            text = "it keeps them" if self._first in hidden.accounts else "it keeps them, and they are not shown"
            self._results.answer("inactive_keeps", text)
        if self._hold({self._first}) and self._second is not None:
            added = self._change_inactive(self._second, add=True)
            removed = self._change_inactive(self._second, add=False)
            self._results.answer("inactive_editable", f"adding: {added}; removing: {removed}")
            self._can_remove_while_inactive = removed == _POSSIBLE
            self._hold({self._first})
        self._may_hold_more = False

    def _change_inactive(self, account: int, *, add: bool) -> str:
        """Change an account of the INACTIVE user, and return what has come of it once the user is ACTIVE again."""
        if "change_user_accounts" not in self._api.found:
            return "not tried"
        self._hold({self._first} if add else set(self._api.user.accounts))
        self._set_status("INACTIVE")
        reply = self._api.send(
            "change_user_accounts", body={"accounts": [account]}, query=_ADDING if add else _REMOVING
        )
        self._set_status("ACTIVE")
        if not reply.is_success:
            return f"refused with {reply.status}"
        seen = self._api.settle(lambda seen: seen is not None and (account in seen.accounts) is add)
        is_done = seen is not None and (account in seen.accounts) is add
        return _POSSIBLE if is_done else f"{reply.status}, and nothing changed"

    def _try_last_account(self) -> None:
        """Take the last account of the INACTIVE user: it may put the user out of reach, and then it has no access."""
        if not self._can_remove_while_inactive or not self._set_status("INACTIVE"):
            for question in ("empty", "unshared"):
                self._results.answer(question, "not tried: accounts of an INACTIVE user could not be removed")
            return
        if "replace_user_accounts" in self._api.found:
            reply = self._api.send("replace_user_accounts", body={"accounts": []})
            text = "it is" if reply.is_success else f"it is not: {reply.status}"
            self._results.answer("empty", f"{text} (to replace the list of an INACTIVE user)")
        seen = self._api.look()
        if seen is not None and self._first in seen.accounts:
            self._change(self._first, seen, add=False)
        reply = self._api.send("get_user")
        self._results.answer("unshared", f"a GET of a user without any account is {reply.status}")
        if reply.is_success:
            self._hold({self._first})
            return
        self._change(self._first, None, add=True)
        self._is_out_of_reach = self._api.look() is None


def _is_there(seen: UserRecord | None) -> bool:
    return seen is not None


def _status(seen: UserRecord) -> str:
    return seen.status.value if seen.status else "of unknown status"


def _type(seen: UserRecord | None) -> str:
    return seen.type if seen else ""


def _has_status(status: str) -> Expected:
    """Return a test for a status; a look that does not say contradicts none."""
    return lambda seen: seen is not None and seen.status in (None, status)


def _holds(accounts: set[int]) -> Expected:
    return lambda seen: seen is not None and seen.accounts == accounts
