"""The sentences of a report, the same in every format; text from outside goes through the voice of the format.

Knows what is to be said, and no markup.
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

    from pulumi_conduit.cli.report.limits import LimitResult
    from pulumi_conduit.cli.report.report import Report

__all__ = ["Formatter", "Wording", "plural"]

_MOST_NAMED = 10
_BESIDES: tuple[tuple[Callable[[PersonReport], bool], str], ...] = (
    (lambda one: bool(one.may_lose and not one.lost), "may lose accounts"),
    (lambda one: bool(one.kept), "with access that no grant has any more"),
    (lambda one: bool(one.adoptions and PersonChange.TAKEN_OVER not in one.fates), "with access that is taken over"),
    (lambda one: bool(one.taken_while_off), "INACTIVE, with accounts that are taken away"),
)
_LONGEST_WARNING = 1000


@dataclass(frozen=True)
class Formatter:
    """How a format shows text from outside, and how it stresses what matters."""

    outside: Callable[[str, int], str]
    stressed: Callable[[str], str] = str

    def __call__(self, text: str, limit: int = 200) -> str:
        """Return text from outside as this format shows it."""
        return self.outside(text, limit)


@dataclass(frozen=True)
class Wording:
    """What one report says, in one voice."""

    report: Report
    judgements: Sequence[LimitResult]
    voice: Formatter

    def headline(self) -> str:
        """Return the whole plan in one line of counts, the gravest first."""
        people = [
            (len(self.report.people_with(fate)), fate.value)
            for fate in PersonChange
            if fate is not PersonChange.RENAMED
        ]
        gaining, losing = len(self.report.gaining), len(self.report.losing)
        people += [(gaining, f"{_verb('gain', gaining)} accounts"), (losing, f"{_verb('lose', losing)} accounts")]
        people += [(len(self.report.people_who(has)), what) for has, what in _BESIDES]
        companies = [
            (len(self.report.companies_with(fate)), fate.value)
            for fate in CompanyChange
            if fate is not CompanyChange.RENAMED
        ]
        parts = [_counted("", people), _counted("companies: ", companies)]
        return "; ".join(part for part in parts if part) or "nobody's access changes"

    def alarms(self) -> list[str]:
        """Return what stands above everything else: that nothing was verified, and which limits are exceeded."""
        unverified = self.report.unverified
        alarms = [self.exceeded(one) for one in self.judgements if one.is_exceeded]
        if unverified is None:
            return alarms
        unknown = "Who is taken over or brought back, and what a new account list takes away, is not known or counted."
        return [f"{self.voice.stressed('Not verified:')} {self.voice(unverified)}. {unknown}", *alarms]

    def exceeded(self, one: LimitResult) -> str:
        """Say which limit is exceeded, by whom."""
        named = self._list(self.voice(each) for each in one.found)
        count = plural(len(one.found), one.limit.noun)
        return f"{self.voice.stressed(one.option)}: the plan {one.limit.verb} {count}: {named}"

    def who(self, person: PersonReport) -> str:
        """Name a person."""
        return " ".join(self.voice(text) for text in (person.email, person.name) if text) + self._profile(person)

    def what(self, person: PersonReport) -> str:
        """Say what happens to a person, accounts aside."""
        said = [self._fate(person, fate) for fate in person.fates]
        if person.adoptions and (person.found or PersonChange.TAKEN_OVER not in person.fates):
            is_there = f": {self.accounts(person.found)} is there already" if person.found else ""
            said.append(f"access taken over{is_there}")
        return ", ".join([*said, *self._besides(person)]) or "access changes"

    def _besides(self, person: PersonReport) -> Iterator[str]:
        """Say what is neither gained nor lost, and what is not certain."""
        if person.kept:
            yield f"keeps {self.accounts(person.kept)}: the grant leaves the program, the access stays"
        if person.may_lose:
            yield f"may lose {self.accounts(person.may_lose)}, too: it stays only if nothing else is held by then"
        if person.taken_while_off:
            yield f"{self.accounts(person.taken_while_off)} is taken away while INACTIVE"
        if person.gained and not person.is_active and PersonChange.DEACTIVATED not in person.fates:
            yield "is INACTIVE by its state, and is given access"

    def gains(self, person: PersonReport) -> str:
        """List what a person gains."""
        return self.accounts(person.gained)

    def loses(self, person: PersonReport) -> str:
        """List what a person loses."""
        listed = self.accounts(person.lost)
        if PersonChange.DEACTIVATED not in person.fates:
            return listed
        return f"everything: {listed}" if listed else "everything"

    def accounts(self, accounts: Collection[int]) -> str:
        """Name accounts, by name where it is known."""
        return ", ".join(self.account(one) for one in sorted(accounts))

    def account(self, account_id: int) -> str:
        """Name one account."""
        name = self.report.names.get(account_id)
        return f"account {account_id}" if name is None else f"{self.voice(name, 80)} ({account_id})"

    def company(self, company: CompanyReport) -> str:
        """Name a company."""
        name = company.new_name or company.old_name
        return " ".join(self.voice(text) for text in (company.company_id, name) if text) + self._profile(company)

    def company_what(self, company: CompanyReport) -> str:
        """Say what happens to a company."""
        said = [self._company_fate(company, fate) for fate in company.fates]
        return ", ".join(said)

    def notes(self) -> list[str]:
        """Return what is said below everything else."""
        report, notes = self.report, []
        if report.companies_with(CompanyChange.CREATED):
            notes.append("A preview does not look for companies: one that exists as declared is taken over.")
        if report.companies_with(CompanyChange.RENAMED):
            notes.append(
                "A preview does not look for companies: one that is renamed is made as declared, whatever others have"
                " done to it."
            )
        if report.is_part:
            notes.append(
                "This stack has a part of a roster: whoever moves to another stack counts here as gone, and keeps all"
                " access; whoever comes from one counts as taken over, or, if INACTIVE by now, as reactivated."
            )
        if report.only_renamed:
            notes.append(f"{plural(report.only_renamed, 'resource')} renamed in the program only: nothing changes.")
        if report.others:
            counts = ", ".join(f"{count} {op}" for op, count in sorted(report.others.items()))
            notes.append(f"Not told here, for other providers answer for it: {counts}.")
        return notes

    def warnings(self) -> list[str]:
        """Return the warnings of the preview, each with its resource."""
        return [
            f"{self.voice(name_of(one.urn))}: {self.voice(one.message, _LONGEST_WARNING)}"
            for one in self.report.warnings
        ]

    def _fate(self, person: PersonReport, fate: PersonChange) -> str:
        said = self.voice.stressed(fate.value)
        if fate is PersonChange.CREATED:
            is_off = "" if person.is_active else f", {UserStatus.INACTIVE.value}"
            return f"{said} as {person.type}{is_off}"
        if fate is PersonChange.REACTIVATED and person.revoked:
            return f"{said}, after {self.accounts(person.revoked)} is taken away"
        if fate is PersonChange.FORGOTTEN:
            return f"{said}, and keeps {'the rest of its access' if person.lost else 'its access as it is'}"
        return said

    def _company_fate(self, company: CompanyReport, fate: CompanyChange) -> str:
        said = self.voice.stressed(fate.value)
        if fate is CompanyChange.CREATED:
            return f"{said}, page {'open' if company.is_open else 'closed'}"
        if fate is CompanyChange.NAMED:
            return f"{said}, before {self.voice(company.old_name) if company.old_name else 'it had none'}"
        return said

    def _profile(self, one: PersonReport | CompanyReport) -> str:
        return f" (profile {self.voice(one.profile, 40)})" if one.profile else ""

    def _list(self, texts: Iterable[str]) -> str:
        listed = list(texts)
        more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
        return ", ".join(listed[:_MOST_NAMED]) + more


def plural(count: int, word: str) -> str:
    """Return a number of things."""
    many = "people" if word == "person" else f"{word}s"
    return f"{count} {word if count == 1 else many}"


def _counted(what: str, counts: Iterable[tuple[int, str]]) -> str:
    listed = ", ".join(f"{count} {word}" for count, word in counts if count)
    return what + listed if listed else ""


def _verb(verb: str, count: int) -> str:
    return f"{verb}s" if count == 1 else verb
