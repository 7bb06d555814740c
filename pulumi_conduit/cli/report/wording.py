"""The texts of a report, shared by all formats; a formatter escapes untrusted text.

Must not know markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_conduit.cli.report.companies import CompanyChange, CompanyReport
from pulumi_conduit.cli.report.person import PersonChange, PersonReport
from pulumi_conduit.enums import UserStatus
from pulumi_conduit.urns import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from pulumi_conduit.cli.report.report import LimitResult, Report

__all__ = ["Formatter", "Wording", "plural"]

_MOST_NAMED = 10
_BESIDES: tuple[tuple[Callable[[PersonReport], bool], str], ...] = (
    (lambda one: bool(one.may_lose and not one.lost), "may lose accounts"),
    (lambda one: bool(one.kept), "with access that no grant declares any more"),
    (lambda one: bool(one.adoptions and PersonChange.ADOPTED not in one.effects), "with adopted access"),
    (lambda one: bool(one.revoked_while_inactive), "INACTIVE, with revoked accounts"),
)
_LONGEST_WARNING = 1000


@dataclass(frozen=True)
class Formatter:
    """How a format escapes untrusted text, how it emphasizes, and how many accounts it names at a time."""

    outside: Callable[[str, int], str]
    stressed: Callable[[str], str] = str
    most_accounts: int | None = None

    def __call__(self, text: str, limit: int = 200) -> str:
        """Return untrusted text, escaped for this format."""
        return self.outside(text, limit)


@dataclass(frozen=True)
class Wording:
    """The texts of one report in one format."""

    report: Report
    results: Sequence[LimitResult]
    formatter: Formatter

    def headline(self) -> str:
        """Return the plan as one line of counts, most important first."""
        people = [
            (len(self.report.people_with(effect)), effect.value)
            for effect in PersonChange
            if effect is not PersonChange.RENAMED
        ]
        gaining, losing = len(self.report.gaining), len(self.report.losing)
        people += [(gaining, f"{_verb('gain', gaining)} accounts"), (losing, f"{_verb('lose', losing)} accounts")]
        people += [(len(self.report.people_who(has)), what) for has, what in _BESIDES]
        companies = [
            (len(self.report.companies_with(effect)), effect.value)
            for effect in CompanyChange
            if effect is not CompanyChange.RENAMED
        ]
        parts = [_format_counts("", people), _format_counts("companies: ", companies)]
        return "; ".join(part for part in parts if part) or "no access changes"

    def origin(self) -> str:
        """Return whose plan it is, and when it was reported."""
        stacks = self._list(self.formatter(one) for one in self.report.stacks)
        named = f"{'stacks' if len(self.report.stacks) > 1 else 'stack'} {stacks}" if stacks else ""
        return ", ".join(part for part in (named, self.report.reported_at) if part)

    def alarms(self) -> list[str]:
        """Return the texts at the top: whether the plan is unverified, and exceeded limits."""
        unverified = self.report.unverified
        alarms = [self.exceeded(one) for one in self.results if one.is_exceeded]
        if unverified is None:
            return alarms
        unknown = "Adoptions, reactivations and revocations by a new account list are not known and not counted."
        return [f"{self.formatter.stressed('Not verified:')} {self.formatter(unverified)}. {unknown}", *alarms]

    def exceeded(self, one: LimitResult) -> str:
        """Return the text about an exceeded limit."""
        named = self._list(self.formatter(each) for each in one.found)
        count = plural(len(one.found), one.limit.noun)
        return f"{self.formatter.stressed(one.option)}: the plan {one.limit.verb} {count}: {named}"

    def format_person(self, person: PersonReport) -> str:
        """Return a person's email, name and profile."""
        return " ".join(self.formatter(text) for text in (person.email, person.name) if text) + self._profile(person)

    def format_effects(self, person: PersonReport) -> str:
        """Return the effects on a person, without the accounts."""
        texts = [self._format_effect(person, effect) for effect in person.effects]
        if person.found or (person.adoptions and PersonChange.ADOPTED not in person.effects):
            is_there = f": {self.accounts(person.found)} already exists" if person.found else ""
            texts.append(f"access adopted{is_there}")
        return ", ".join([*texts, *self._besides(person)]) or "access changes"

    def _besides(self, person: PersonReport) -> Iterator[str]:
        """Yield what is neither gained nor lost, and what is not certain."""
        if person.kept:
            yield f"keeps {self.accounts(person.kept)}: the grant leaves the program, the access stays"
        if person.may_lose:
            yield f"may lose {self.accounts(person.may_lose)}, too: it stays only if nothing else is held by then"
        if person.revoked_while_inactive:
            yield f"{self.accounts(person.revoked_while_inactive)} is revoked while INACTIVE"
        if person.gained and not person.is_active and PersonChange.DEACTIVATED not in person.effects:
            yield "is INACTIVE in the state, and gains access"

    def gains(self, person: PersonReport) -> str:
        """List what a person gains."""
        return self.accounts(person.gained)

    def loses(self, person: PersonReport) -> str:
        """List what a person loses."""
        listed = self.accounts(person.lost)
        if PersonChange.DEACTIVATED not in person.effects:
            return listed
        return f"everything: {listed}" if listed else "everything"

    def accounts(self, accounts: Collection[int]) -> str:
        """Return accounts, by name if known; a format without room for all counts the rest."""
        listed = sorted(accounts)
        named = listed[: self.formatter.most_accounts]
        rest = [f"and {len(listed) - len(named)} more"] if len(named) < len(listed) else []
        return ", ".join([*map(self.account, named), *rest])

    def account(self, account_id: int) -> str:
        """Return an account, by name if known."""
        name = self.report.names.get(account_id)
        return f"account {account_id}" if name is None else f"{self.formatter(name, 80)} ({account_id})"

    def format_company(self, company: CompanyReport) -> str:
        """Return a company's id, name and profile."""
        name = company.new_name or company.old_name
        return " ".join(self.formatter(text) for text in (company.company_id, name) if text) + self._profile(company)

    def format_company_effects(self, company: CompanyReport) -> str:
        """Return the effects on a company."""
        texts = [self._format_company_effect(company, effect) for effect in company.effects]
        return ", ".join(texts)

    def notes(self) -> list[str]:
        """Return the notes at the end."""
        report, notes = self.report, []
        if report.companies_with(CompanyChange.CREATED):
            notes.append("A preview does not read companies: one that exists as declared is adopted.")
        if report.companies_with(CompanyChange.RENAMED):
            notes.append(
                "A preview does not read companies: one that is renamed is set to the declared values, including"
                " values that were changed outside Pulumi."
            )
        if report.is_part:
            notes.append(
                "This stack has one shard of a roster: a person who moves to another stack counts here as removed, and"
                " keeps all access; one who moves here counts as adopted or, if INACTIVE, as reactivated."
            )
        removed = [one for one in report.people_with(PersonChange.DEACTIVATED) if one.is_removed]
        if adopted := [one for one in removed if one.was_adopted]:
            verb = "was" if len(adopted) == 1 else "were"
            notes.append(
                f"{plural(len(adopted), 'person')} {verb} found by this stack, not created (adopted, renamed without an"
                " alias, or replaced), and will be deactivated: on_destroy='retain' on users and retain_on_delete"
                " on grants keep them."
            )
        if report.only_renamed:
            notes.append(
                f"{plural(report.only_renamed, 'resource')} renamed or replaced in the state only: nothing changes."
            )
        if report.others:
            counts = ", ".join(f"{count} {op}" for op, count in sorted(report.others.items()))
            notes.append(f"Not covered, because other providers manage it: {counts}.")
        return notes

    def warnings(self) -> list[str]:
        """Return the warnings of the preview, each with its resource."""
        return [
            f"{self.formatter(name_of(one.urn))}: {self.formatter(one.message, _LONGEST_WARNING)}"
            for one in self.report.warnings
        ]

    def _format_effect(self, person: PersonReport, effect: PersonChange) -> str:
        text = self.formatter.stressed(effect.value)
        if effect is PersonChange.CREATED:
            is_off = "" if person.is_active else f", {UserStatus.INACTIVE.value}"
            return f"{text} as {person.type}{is_off}"
        if effect is PersonChange.REACTIVATED and person.revoked:
            return f"{text}, after {self.accounts(person.revoked)} is revoked"
        if effect is PersonChange.UNMANAGED:
            return f"{text}, and keeps {self._kept_access(person)}"
        if effect is PersonChange.DEACTIVATED and person.is_removed:
            return f"{text} (the API deletes nobody)"
        return text

    def _kept_access(self, person: PersonReport) -> str:
        kept = "the rest of its access" if person.lost else "its access as it is"
        return f"{kept}: {self.accounts(person.after)}" if person.after else kept

    def _format_company_effect(self, company: CompanyReport, effect: CompanyChange) -> str:
        text = self.formatter.stressed(effect.value)
        if effect is CompanyChange.CREATED:
            return f"{text}, page {'open' if company.is_open else 'closed'}"
        if effect is CompanyChange.NAMED:
            return f"{text}, before {self.formatter(company.old_name) if company.old_name else 'it had none'}"
        if effect is CompanyChange.UNMANAGED and CompanyChange.PAGE_CLOSES not in company.effects:
            return f"{text}, its page stays {'open' if company.is_open else 'closed'}"
        return text

    def _profile(self, one: PersonReport | CompanyReport) -> str:
        return f" (profile {self.formatter(one.profile, 40)})" if one.profile else ""

    def _list(self, texts: Iterable[str]) -> str:
        listed = list(texts)
        more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
        return ", ".join(listed[:_MOST_NAMED]) + more


def plural(count: int, word: str) -> str:
    """Return a count with its noun."""
    many = "people" if word == "person" else f"{word}s"
    return f"{count} {word if count == 1 else many}"


def _format_counts(what: str, counts: Iterable[tuple[int, str]]) -> str:
    listed = ", ".join(f"{count} {word}" for count, word in counts if count)
    return what + listed if listed else ""


def _verb(verb: str, count: int) -> str:
    return f"{verb}s" if count == 1 else verb
