"""Text, Markdown, JSON and HTML of one report say the same, whatever the report."""

import json
import re
from dataclasses import replace

from format_parsers import read_markdown, read_page, read_text
from hypothesis import given
from hypothesis import strategies as st

from pulumi_conduit.cli import escaping
from pulumi_conduit.cli.report import json_data, markdown, page, text
from pulumi_conduit.cli.report.companies import CompanyChange, CompanyReport
from pulumi_conduit.cli.report.person import PersonChange, PersonReport
from pulumi_conduit.cli.report.plan import PlanDiagnostic
from pulumi_conduit.cli.report.report import LIMITS, PROMOTIONS, Report, evaluate_limits

COUNTED = {
    "deactivations": "deactivated",
    "reactivations": "reactivated",
    "promotions": "promoted",
    "demotions": "set to READ_ONLY",
    "created": "created",
    "gaining": "gains? accounts",
    "losing": "loses? accounts",
}
BESIDES = (
    "keeps ((?:(?!keeps ).)*): the grant leaves",
    "may lose (.*), too: it stays only",
    "access adopted: ((?:(?! already).)*) already exists",
)
_ACCOUNT = re.compile(r"account (\d+)|\((\d+)\)")

names = st.text("abé :'\"`|<&*_\n\t#@", min_size=1, max_size=12).map(lambda one: f"x{one}x")
profiles = st.sampled_from(["", "b"])
accounts = st.frozensets(st.integers(0, 6), max_size=4)


def _some(kinds):
    """Return a strategy of what happens to one of a kind, in the order in which a report has it."""
    return st.sets(st.sampled_from(list(kinds)), max_size=3).map(
        lambda some: tuple(one for one in kinds if one in some)
    )


people = st.builds(
    PersonReport,
    names,
    profiles,
    name=st.just("") | names,
    type=st.sampled_from(["READ_ONLY", "STANDARD"]),
    is_active=st.booleans(),
    effects=_some(PersonChange),
    before=accounts,
    after=accounts,
    revoked=accounts,
    kept=accounts,
    was_active=st.booleans(),
    found=accounts,
).map(lambda one: replace(one, adoptions=len(one.found)))
stories = st.builds(
    CompanyReport,
    names,
    profiles,
    _some(CompanyChange).filter(bool),
    st.none() | st.booleans(),
    st.none() | names,
    st.none() | names,
)
warnings = st.builds(lambda name, said: PlanDiagnostic("warning", f"urn:pulumi:dev::a::b::{name}", said), names, names)
reports = st.builds(
    Report,
    st.lists(people, max_size=4).map(tuple),
    st.lists(stories, max_size=3).map(tuple),
    st.lists(warnings, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(["create", "update"]), st.integers(1, 9)),
    st.none() | names,
    is_part=st.booleans(),
    names=st.dictionaries(st.integers(0, 3), names),
)
allowed = st.dictionaries(st.sampled_from(list(LIMITS)), st.integers(0, 2)).map(
    lambda some: some | ({"promotions": 0} if "promotions" in some else {})
)


@given(reports, allowed)
def test_text_markdown_and_page_say_the_same(report, limits):
    """Whoever reads one of them has read them all: the same people, accounts, companies, limits, notes and warnings."""
    judgements = evaluate_limits(report, limits)

    plain = read_text(text.render(report, judgements))

    assert plain == read_markdown(markdown.render(report, judgements))
    assert plain == read_page(page.render(report, judgements))


@given(reports, allowed)
def test_json_says_what_the_text_says(report, limits):
    """A program gets the same people, what happens to them, the same accounts, companies, limits and warnings."""
    judgements = evaluate_limits(report, limits)
    told = json.loads(json_data.render(report, judgements))
    plain = read_text(text.render(report, judgements))

    people = sorted(_person(one) for one in told["people"] if one["is_changed"])
    companies = sorted(_company(one) for one in told["companies"] if one["is_changed"])
    assert people == sorted(map(_read_person, plain.people))
    assert companies == sorted((which, _words(CompanyChange, what)) for which, what in plain.companies)
    assert [_exceeded(one) for one in told["limits"] if one["is_exceeded"]] == [
        one.partition(": the plan")[0] for one in plain.alarms if one.startswith("--")
    ]
    assert [_warning(one) for one in told["warnings"]] == plain.warnings
    assert {key: told["counts"][key] for key in COUNTED} == _headline_counts(plain.headline)


def _person(one):
    who = _who(one["email"], one["name"], one["profile"])
    happens = sorted(PersonChange[what.upper()].value for what in one["happens"])
    accounts = [_ids(one[key]) for key in ("gains", "loses", "keeps_without_grant", "may_lose")]
    return who, happens, [*accounts, one["found"]]


def _read_person(row):
    who, what, gains, loses = row
    besides = [re.search(rf"(?:^|, ){form}", what) for form in BESIDES]
    return (
        who,
        _words(PersonChange, what),
        [*map(_read_ids, (gains, loses, *(one[1] if one else "" for one in besides)))],
    )


def _company(one):
    name = one["name_after"] or one["name_before"]
    happens = sorted(CompanyChange[what.upper()].value for what in one["happens"])
    return _who(one["company_id"], name, one["profile"]), happens


def _exceeded(one):
    return one["option"] if one["option"] == PROMOTIONS.option else f"{one['option']} {one['allowed']}"


def _warning(one):
    return f"{_shown(one['resource'].split('::', 3)[3])}: {_shown(one['message'])}"


def _who(key, name, profile):
    return " ".join(_shown(one) for one in (key, name) if one) + (f" (profile {profile})" if profile else "")


def _shown(outside):
    return escaping.terminal(outside).replace("|", "\\x7c")


def _ids(listed):
    return [one["account_id"] for one in listed]


def _read_ids(listed):
    return sorted(int(one or other) for one, other in _ACCOUNT.findall(listed))


def _words(kinds, what):
    """Return everything that a sentence says to happen."""
    return sorted(one.value for one in kinds if re.search(rf"(?:^|, ){re.escape(one.value)}", what))


def _headline_counts(headline):
    of_people = headline.partition("companies: ")[0]
    found = {key: re.search(rf"(\d+) {words}", of_people) for key, words in COUNTED.items()}
    return {key: int(one[1]) if one else 0 for key, one in found.items()}
