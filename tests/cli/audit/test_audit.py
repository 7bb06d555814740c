"""What an audit finds, over real HTTP; each test is about one kind of finding, and what is not one."""

import pytest
from exports import account_list, company, export, grant, user

from pulumi_conduit.cli.audit.findings import FindingKind
from pulumi_conduit.errors import RefusedError, SettingsError
from pulumi_conduit.resources.tenant import link_tenant

ANN, BOB, EVE = "ann@acme.example", "bob@acme.example", "eve@acme.example"
ADMIN = (FindingKind.ADMIN, "admin@sandbox.example")


def _found(audit):
    """Return kind, subject and account ids of all findings but the ADMIN that each sandbox has."""
    found = [
        (one.kind, one.subject, *([[account.id for account in one.accounts]] if one.accounts else []))
        for one in audit.findings
    ]
    return [one for one in found if one != ADMIN]


def test_what_is_as_declared_is_no_finding(sandbox, audited, here, link_here):
    """People with their access and companies cost a login, two lists and a GET for each company; ADMINs are named."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])
    sandbox.conductor.put_user(BOB, accounts=[3])
    sandbox.link.put_company("ACME")
    dev = export(user(ANN, [1], here), grant(ANN, 2, here), company("ACME", link_here))
    prod = export(user(BOB, [1], here), account_list(BOB, 3, tenant=here), stack="prod")

    done = audited(dev, prod)

    assert [ADMIN] == [(one.kind, one.subject) for one in done.findings]
    assert [] == done.problems()
    assert ("proj/dev", "proj/prod") == done.stacks
    assert {"POST /login": 1, "GET /users": 1, "GET /accounts": 1, "GET /link/company/{id}/": 1} == sandbox.counts()


def test_an_active_person_in_no_stack_is_found_with_the_access(sandbox, audited, here):
    """Accounts are named; whoever was deactivated and holds nothing is where a leaver belongs."""
    sandbox.conductor.put_user(EVE, type="STANDARD", accounts=[1, 99])
    sandbox.conductor.put_user(BOB, status="INACTIVE", accounts=[])

    done = audited(export())

    assert [(FindingKind.UNDECLARED_USER, EVE, [1, 99]), (FindingKind.FOREIGN_ACCOUNT, "99")] == _found(done)
    assert ("STANDARD", [("Retail", 1), (None, 99)]) == (
        done.findings[0].detail,
        [(account.name, account.id) for account in done.findings[0].accounts],
    )


def test_a_person_who_is_known_by_access_only_is_in_no_stack(sandbox, audited, here):
    """A grant declares access, not the person."""
    sandbox.conductor.put_user(EVE, accounts=[2])

    done = audited(export(grant(EVE, 2, here)))

    assert [(FindingKind.UNDECLARED_USER, EVE, [2])] == _found(done)
    assert "READ_ONLY, known to a stack by access only" == done.findings[0].detail


def test_access_that_no_resource_declares_is_found(sandbox, audited, here):
    """Initial accounts and grants of any stack are declared; the rest is not."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2, 3, 4])

    done = audited(export(user(ANN, [1], here)), export(grant(ANN, 2, here), stack="prod"))

    assert [(FindingKind.UNDECLARED_GRANT, ANN, [3, 4])] == _found(done)
    assert ("proj/dev", "proj/prod") == done.findings[0].stacks


def test_an_exclusive_list_declares_all_there_is_to_have(sandbox, audited, here):
    """What a person was created with counts no more beside it."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])

    assert [(FindingKind.UNDECLARED_GRANT, ANN, [1])] == _found(
        audited(export(user(ANN, [1], here), account_list(ANN, 2, tenant=here)))
    )


def test_who_is_inactive_and_still_holds_access_is_found(sandbox, audited, here):
    """In no stack, or beyond what a stack declares; exactly as declared is for information."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[1, 2])
    sandbox.conductor.put_user(BOB, status="INACTIVE", accounts=[1])
    sandbox.conductor.put_user(EVE, status="INACTIVE", accounts=[5])  # whose access is declared, but not she

    done = audited(export(user(ANN, [1], here), user(BOB, [1], here), grant(BOB, 3, here), grant(EVE, 5, here)))

    expected = [
        (FindingKind.INACTIVE_WITH_ACCESS, ANN, [1, 2]),
        (FindingKind.INACTIVE_WITH_ACCESS, EVE, [5]),
        (FindingKind.INACTIVE_AS_DECLARED, BOB, [1]),
    ]
    assert expected == [one for one in _found(done) if one[0] is not FindingKind.DEACTIVATED_OUTSIDE]


def test_a_declared_person_who_is_not_there_is_found(sandbox, audited, here):
    """Once its own GET says so, too; the access goes with the person."""
    done = audited(export(user(ANN, [1], here), grant(ANN, 2, here), user(BOB, [1], here)))

    assert [(FindingKind.MISSING_USER, ANN, [2]), (FindingKind.MISSING_USER, BOB)] == _found(done)
    assert 2 == sandbox.count("GET /users/{userEmail}")


def test_a_short_list_makes_no_user_missing(sandbox, audited, switch, here):
    """Whoever is not listed is asked for, and found."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    sandbox.conductor.put_user(BOB, accounts=[1])
    switch(list_limit=1)

    assert [] == _found(audited(export(user(ANN, [1], here), user(BOB, [1], here))))
    assert 2 == sandbox.count("GET /users/{userEmail}")


def test_access_that_is_declared_and_not_there_is_found(sandbox, audited, here):
    """By the person's own GET, whatever the list said; what initial accounts named may have been taken since."""
    sandbox.conductor.put_user(ANN, accounts=[1])

    done = audited(
        export(user(ANN, [1, 4], here), grant(ANN, 2, here)), export(account_list(ANN, 1, 3, tenant=here), stack="b")
    )

    assert (FindingKind.MISSING_GRANT, ANN, [2, 3]) in _found(done)
    assert 1 == sandbox.count("GET /users/{userEmail}")


def test_a_late_list_makes_no_access_missing(sandbox, audited, here):
    """The list lacks the account, and the person's own GET has it."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])
    late = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    late |= {"view": "COMPLETE", "status": "ACTIVE", "accounts": [1]}
    sandbox.faults.add("GET /users", status=200, body=[late], times=None)

    assert [] == _found(audited(export(user(ANN, [1], here), grant(ANN, 2, here))))


def test_without_an_own_answer_no_access_is_missing(sandbox, audited, here):
    """A person who is listed and 404 for the own GET is a riddle, and the list alone proves nothing."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    sandbox.faults.add("GET /users/{userEmail}", status=404, times=None)

    done = audited(export(user(ANN, [1], here), grant(ANN, 2, here)))

    assert [(FindingKind.UNCLEAR, ANN)] == _found(done)
    assert (
        "the list has this person, but a GET returned 404: whether access is missing is unknown"
        == done.findings[0].detail
    )


def test_who_was_deactivated_since_the_list_misses_no_access(sandbox, audited, here):
    """The own answer is the newer one."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[])
    late = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "READ_ONLY"}
    late |= {"view": "COMPLETE", "status": "ACTIVE", "accounts": [1]}
    sandbox.faults.add("GET /users", status=200, body=[late], times=None)

    assert [] == _found(audited(export(user(ANN, [1], here), grant(ANN, 2, here))))


def test_an_inactive_person_misses_no_access(sandbox, audited, here):
    """Grants come with the return of the person."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[])

    assert [] == _found(audited(export(user(ANN, [1], here, status="INACTIVE"), grant(ANN, 2, here))))


def test_access_to_an_account_that_is_not_owned_cannot_be_judged(sandbox, audited, switch, here):
    """It may be there, and hidden from this identity."""
    sandbox.conductor.put_user(ANN, accounts=[1, 99])
    switch(hide_foreign_accounts=True)

    assert [(FindingKind.UNCLEAR, ANN, [99])] == _found(audited(export(user(ANN, [1], here), grant(ANN, 99, here))))


def test_companies_are_looked_up_each_by_its_own_get(sandbox, audited, link_here):
    """One that is gone is found; --no-companies asks for none."""
    sandbox.link.put_company("ACME")
    stacks = export(company("ACME", link_here), company("Gone", link_here), company("gone2", link_here))

    assert [(FindingKind.MISSING_COMPANY, "gone"), (FindingKind.MISSING_COMPANY, "gone2")] == _found(audited(stacks))
    assert 3 == sandbox.count("GET /link/company/{id}/")

    left_out = audited(stacks, with_companies=False)

    assert ([], 0) == (_found(left_out), sandbox.count("GET /link/company/{id}/"))
    assert "no companies: they were left out" == left_out.compared_with[1]


def test_a_company_whose_answer_is_odd_cannot_be_judged(sandbox, audited, link_here):
    """It is neither there nor missing."""
    sandbox.link.put_company("ACME")
    sandbox.faults.add("GET /link/company/{id}/", garbage="wrong_shape", times=None)

    assert [(FindingKind.UNCLEAR, "acme")] == _found(audited(export(company("ACME", link_here))))


def test_people_can_be_left_out(sandbox, audited, link_here):
    """Who has a Link APP only needs no Conductor."""
    sandbox.link.put_company("ACME")

    done = audited(export(company("ACME", link_here)), environ={"CONDUCTOR_URL": ""}, with_users=False)

    assert () == done.findings
    assert {"GET /link/company/{id}/": 1} == sandbox.counts()


def test_settings_that_are_missing_are_an_error_and_no_empty_audit(audited, link_here):
    """A cron job that has lost its variables finds nothing, and must not say so."""
    with pytest.raises(SettingsError, match=r"^CONDUCTOR_URL \(stack config conduit:conductorUrl\) is empty"):
        audited(export(), environ={"CONDUCTOR_URL": ""})
    with pytest.raises(SettingsError, match=r"^CONDUIT_LINK_APP_TOKEN "):
        audited(export(company("ACME", link_here)), environ={"CONDUIT_LINK_APP_TOKEN": ""})


def test_one_object_in_two_stacks_is_found(sandbox, audited, here, link_here):
    """Whatever kind; within one stack, too."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])
    sandbox.link.put_company("ACME")
    dev = export(user(ANN, [1], here), grant(ANN, 2, here), company("ACME", link_here))
    prod = export(
        user(ANN, [1], here), grant(ANN, 2, here), grant(ANN, 2, here), company("acme", link_here), stack="prod"
    )

    done = audited(dev, prod)

    expected = [f"access {ANN}:2", "company acme", f"user {ANN}"]
    assert [(FindingKind.DECLARED_TWICE, one) for one in expected] == _found(done)
    assert {("proj/dev", "proj/prod")} == {one.stacks for one in done.problems()}
    assert done.findings[0].detail.startswith("3 resources at http://127.0.0.1:")


def test_two_kinds_of_access_of_one_person_are_found(sandbox, audited, here):
    """One program is refused that in preview; two stacks take turns in undoing each other."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])

    done = audited(
        export(user(ANN, [1], here), account_list(ANN, 1, tenant=here)), export(grant(ANN, 2, here), stack="b")
    )

    assert [(FindingKind.DECLARED_TWICE, f"access of {ANN}")] == _found(done)
    assert ("proj/b", "proj/dev") == done.findings[0].stacks


def test_exports_of_stacks_of_one_name_are_kept_apart(sandbox, audited, here):
    """Each by the file it came from."""
    sandbox.conductor.put_user(ANN)

    done = audited(export(user(ANN, tenant=here)), export(user(ANN, tenant=here), grant(ANN, 1, here)))

    assert ("proj/dev (0.json)", "proj/dev (1.json)") == done.stacks


def test_state_of_another_base_url_is_named_and_not_compared(sandbox, audited, here):
    """Ann is in a stack, but of another Conductor: here she is undeclared, and Bob there is not missing here."""
    sandbox.conductor.put_user(ANN)
    there = "https://old.example#admin@sandbox.example"
    sandbox.conductor.put_user(EVE)

    done = audited(
        export(user(EVE, tenant=here), user(ANN, tenant=there), user(BOB, tenant=there), grant(BOB, 1, there))
    )

    assert [(FindingKind.UNDECLARED_USER, ANN, [1]), (FindingKind.OTHER_TENANT, there)] == _found(done)
    assert "2 users, 1 grants" == next(one.detail for one in done.findings if one.kind is FindingKind.OTHER_TENANT)


def test_state_of_another_identity_counts_as_declared_and_is_never_missing(sandbox, audited, here):
    """An email is one person whoever looks, but what this identity does not see may be there."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    theirs = here.replace("admin@", "other@")

    done = audited(export(user(ANN, [1], theirs), grant(ANN, 2, theirs), user(BOB, [1], theirs)))

    assert [(FindingKind.OTHER_TENANT, theirs)] == _found(done)


def test_companies_of_another_link_app_are_named_and_not_looked_up(sandbox, audited, link_here):
    """Their ids mean other companies."""
    sandbox.link.put_company("ACME")
    other = str(link_tenant(sandbox.link_url, sandbox.link.app_token("b")))

    done = audited(export(company("ACME", link_here), company("Other", other)))

    assert ([(FindingKind.OTHER_TENANT, other)], 1) == (_found(done), sandbox.count("GET /link/company/{id}/"))


def test_a_move_that_is_allowed_counts(sandbox, audited):
    """State of the old URL is compared at the new one."""
    sandbox.conductor.put_user(ANN)
    old = "https://old.example#admin@sandbox.example"
    move = {"CONDUIT_ALLOW_MOVE": f"https://old.example=>{sandbox.conductor_url}"}

    assert [] == _found(audited(export(user(ANN, tenant=old)), environ=move))


@pytest.mark.parametrize(
    "made", [lambda: user(ANN, tenant="https://old.example#x"), lambda: company("ACME", "https://old.example#x")]
)
def test_when_nothing_can_be_compared_there_is_no_audit(sandbox, audited, made):
    """With the wrong settings all would look undeclared, or nothing missing."""
    with pytest.raises(
        RefusedError, match=r"^none of the 1 .* in these stacks is recorded at http://127.*, but at https:"
    ):
        audited(export(made()))


def test_a_user_who_cannot_be_read_cannot_be_compared(sandbox, audited, here):
    """One is named with the reason; the others are compared as ever."""
    sandbox.faults.add("GET /users", status=200, body=[{"email": ANN}], times=None)

    done = audited(export(user(ANN, tenant=here)))

    assert [(FindingKind.UNCLEAR, ANN)] == _found(done)
    assert "lacks `firstname`" in done.findings[0].detail


def test_beside_a_user_without_an_address_no_user_is_missing(sandbox, audited, here):
    """That one may be whoever is missed."""
    sandbox.faults.add("GET /users", status=200, body=[{"firstname": "Nobody"}], times=None)

    assert [(FindingKind.UNCLEAR, "a user in the list"), (FindingKind.UNCLEAR, ANN)] == _found(
        audited(export(user(ANN, tenant=here)))
    )


def test_two_people_who_differ_in_case_only_cannot_be_judged(sandbox, audited, switch, here):
    """Nobody picks one of them."""
    switch(emails_case_insensitive=False)
    sandbox.conductor.put_user(ANN)
    sandbox.conductor.put_user(ANN.title())

    done = audited(export(user(ANN, tenant=here)))

    assert [(FindingKind.UNCLEAR, ANN)] == _found(done)
    assert "two users that differ in case only" in done.findings[0].detail


def test_an_unknown_status_is_no_finding(sandbox, audited, here):
    """It is asked for once more, and never guessed."""
    body = {
        "email": ANN,
        "firstname": "A",
        "lastname": "B",
        "sso_access": False,
        "type": "READ_ONLY",
        "view": "COMPLETE",
        "accounts": [1],
    }
    sandbox.faults.add("GET /users", status=200, body=[body], times=None)
    sandbox.faults.add("GET /users/{userEmail}", status=200, body=body, times=None)

    assert [(FindingKind.UNCLEAR, ANN)] == _found(audited(export(user(ANN, tenant=here))))


def test_a_foreign_account_is_one_finding_for_all_who_hold_it(sandbox, audited, here):
    """For information, with five names; what a stack declares is not among them."""
    people = [f"p{n}@acme.example" for n in range(7)]
    for email in people:
        sandbox.conductor.put_user(email, accounts=[1, 99])
    stack = export(*(user(email, tenant=here) for email in people), grant(people[0], 99, here))

    done = audited(stack)

    assert [(FindingKind.FOREIGN_ACCOUNT, "99")] == _found(done)
    expected = f"held, and not declared, by {', '.join(people[1:6])} and 1 more"
    assert (expected, []) == (done.findings[1].detail, done.problems())


def test_an_active_person_without_an_account_is_found(sandbox, audited, here):
    """Such a person is about to become invisible to this identity."""
    sandbox.conductor.put_user(ANN, accounts=[])

    assert [(FindingKind.NO_ACCESS, ANN)] == _found(audited(export(user(ANN, [1], here))))


@pytest.mark.parametrize(("missing", "limit", "expected"), [(4, "3", True), (4, "4", False), (3, "3", False)])
def test_many_missing_users_may_be_missing_permissions(audited, here, missing, limit, expected):
    """More than CONDUIT_MAX_MISSING is likelier to be a wrong URL than people who left."""
    stack = export(*(user(f"p{n}@acme.example", tenant=here) for n in range(missing)))

    kinds = {one.kind for one in audited(stack, environ={"CONDUIT_MAX_MISSING": limit}).findings}

    assert expected is (FindingKind.TOO_MANY_MISSING in kinds)


def test_what_stacks_have_still_to_do_is_named(sandbox, audited, here):
    """For information: a pending delete declares nothing, and a run that did not end may have made something."""
    sandbox.conductor.put_user(ANN)
    stack = export(
        user(ANN, tenant=here),
        user(BOB, tenant=here, delete=True),
        pending=[{"type": "creating", "resource": user(EVE)}],
    )

    done = audited(stack)

    assert [FindingKind.PENDING, FindingKind.PENDING] == [one[0] for one in _found(done)]
    assert [] == done.problems()


def test_an_audit_never_writes(sandbox, audited, here, link_here):
    """Whatever it finds."""
    sandbox.conductor.put_user(EVE, accounts=[1, 99])

    audited(export(user(ANN, tenant=here), company("ACME", link_here)))

    assert [] == sandbox.writes()
