"""Who is taken along, who is left out, and that each is said."""

import pytest

from pulumi_conduit.cli.adopt.people import Choice
from pulumi_conduit.errors import RefusedError
from pulumi_conduit.sandbox import Switches

ADMIN = "user admin@sandbox.example: is an ADMIN, which this API cannot manage"


def reasons(people):
    """Return what was said, but for the identity's own user."""
    return [str(one) for one in people.left_out if str(one) != ADMIN]


def user(email):
    """Return a user as the API answers it."""
    return {
        "email": email,
        "firstname": "First",
        "lastname": "Last",
        "sso_access": False,
        "type": "READ_ONLY",
        "view": "COMPLETE",
        "status": "ACTIVE",
        "accounts": [1],
    }


def emails(people):
    """Return who was taken."""
    return [one.email for one in people.found]


def test_people_are_written_as_they_are(look, conduit_sandbox):
    """Names, type, view, single sign-on, status and accounts are the actual ones, under the canonical address."""
    conduit_sandbox.conductor.put_user(
        "Ada@Acme.example",
        first_name="Ada",
        last_name="Lovelace",
        type="STANDARD",
        view="RESEARCH",
        sso_access=True,
        status="INACTIVE",
        accounts=[3, 1],
    )

    (ada,) = look().found

    assert ("ada@acme.example", "Ada", "Lovelace") == (ada.email, ada.first_name, ada.last_name)
    assert ("STANDARD", "RESEARCH", True, "INACTIVE") == (ada.type, ada.view, ada.sso_access, ada.status)
    assert (1, 3) == ada.initial_accounts
    assert f"{conduit_sandbox.conductor_url}#admin@sandbox.example" == ada.tenant


def test_an_admin_is_left_out_and_needs_no_action(look):
    """The identity itself is listed, and cannot be managed."""
    assert [(ADMIN, True)] == [(str(one), one.is_expected) for one in look().left_out]


def test_access_to_accounts_of_others_is_left_alone_and_named(look, conduit_sandbox):
    """A person comes with the accounts that this identity owns, and the others are said."""
    conduit_sandbox.conductor.put_user("ada@acme.example", accounts=[1, 99])

    people = look()

    assert [(1,)] == [one.initial_accounts for one in people.found]
    expected = "access of user ada@acme.example to account 99: not adopted: this identity does not own the account"
    assert [expected] == reasons(people)
    assert all(one.is_expected for one in people.left_out)


def test_a_person_without_an_account_of_ours_is_left_out(look, conduit_sandbox):
    """A declaration needs an account to begin with."""
    conduit_sandbox.faults.add("GET /users", status=200, body=[{**user("ada@acme.example"), "accounts": [99]}])

    people = look()

    expected = "user ada@acme.example: has no account that this identity owns, and initial_accounts needs one"
    assert ([], [expected]) == (emails(people), reasons(people))
    assert not people.left_out[0].is_expected


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (
            "last_name",
            "Love\u202elace",
            "last_name: must not hold control, bidi, zero-width or other invisible characters; it is 'Love\\u202elace'",
        ),
        ("first_name", " ", "first_name: must have 1 to 1024 characters, has 0; it is ' '"),
        (
            "first_name",
            "\x1b[31m",
            "first_name: must not hold control, bidi, zero-width or other invisible characters; it is '\\x1b[31m'",
        ),
    ],
)
def test_what_cannot_be_declared_is_left_out_and_shown_escaped(look, conduit_sandbox, field, value, reason):
    """Text of the API is data: it is never mended, and never printed as it is."""
    conduit_sandbox.conductor.put_user("ada@acme.example", **{field: value})

    people = look()

    assert ([], [f"user ada@acme.example: {reason}"]) == (emails(people), reasons(people))


def test_every_reason_against_a_person_is_given(look, conduit_sandbox):
    """One line each, none hidden by another."""
    conduit_sandbox.conductor.put_user("ada@acme.example", first_name="\u200b", last_name="\u2066")

    assert 2 == len(reasons(look()))


def test_people_who_differ_in_case_only_are_an_error_that_names_them(look, conduit_sandbox):
    """Which of the two a declaration would mean is ambiguous; a user who leaves both out can go on."""
    conduit_sandbox.switches = Switches(emails_case_insensitive=False)
    for email in ("Ada@acme.example", "ada@acme.example", "grace@acme.example"):
        conduit_sandbox.conductor.put_user(email)

    with pytest.raises(RefusedError) as caught:
        look()

    expected = (
        "users Ada@acme.example and ada@acme.example differ in case only: remove one of them first, or exclude both"
    )
    assert expected == str(caught.value)
    assert ["grace@acme.example"] == emails(look(Choice(not_emails=("ada@*",))))


def test_one_odd_answer_does_not_spoil_the_others(look, conduit_sandbox):
    """Whoever cannot be read is left out with the reason, and so is somebody without an address."""
    odd = {**user("odd@acme.example"), "view": None}
    conduit_sandbox.faults.add("GET /users", status=200, body=[user("ada@acme.example"), odd, {}])

    people = look()

    assert ["ada@acme.example"] == emails(people)
    assert ["user odd@acme.example", "user ?"] == [one.what for one in people.left_out]
    expected = "the response from Conductor to GET /users has `view` in an undocumented form (item 2)"
    assert people.left_out[0].reason.startswith(expected)


def test_a_choice_by_address_leaves_odd_answers_about_others_alone(look, conduit_sandbox):
    """Somebody who is not wanted need not be readable."""
    odd = {**user("odd@acme.example"), "view": None}
    conduit_sandbox.faults.add("GET /users", status=200, body=[user("ada@acme.example"), odd])

    assert [] == reasons(look(Choice(emails=("ada@*",))))


def test_a_user_who_is_listed_twice_is_one(look, conduit_sandbox):
    """A list that is read in pieces may do so, and the last one counts."""
    twice = [user("ada@acme.example"), {**user("ada@acme.example"), "accounts": [1, 2]}]
    conduit_sandbox.faults.add("GET /users", status=200, body=twice)

    assert [(1, 2)] == [one.initial_accounts for one in look().found]


def test_a_status_that_the_list_lacks_is_fetched(look, conduit_sandbox):
    """One look at the one user; who stays without a status is left out."""
    conduit_sandbox.conductor.put_user("ada@acme.example", status="INACTIVE")
    listed = [{name: value for name, value in user("ada@acme.example").items() if name != "status"}]
    conduit_sandbox.faults.add("GET /users", status=200, body=listed, times=None)

    assert [("ada@acme.example", "INACTIVE")] == [(one.email, one.status) for one in look().found]
    assert [] == look(Choice(only_active=True)).found

    conduit_sandbox.switches = Switches(get_user_carries_status=False)
    expected = "user ada@acme.example: neither the list nor a GET returns its status"
    assert [expected] == reasons(look())
    conduit_sandbox.conductor.remove_user("ada@acme.example")
    assert [expected] == reasons(look())


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), ["ada", "alan", "grace"]),
        (Choice(emails=("A*@ACME.example",)), ["ada", "alan"]),
        (Choice(emails=("ada@*", "grace@*")), ["ada", "grace"]),
        (Choice(not_emails=("a*",)), ["grace"]),
        (Choice(emails=("a*",), not_emails=("alan@*",)), ["ada"]),
        (Choice(accounts=frozenset({2, 7})), ["alan"]),
        (Choice(types=frozenset({"STANDARD"})), ["grace"]),
        (Choice(only_active=True), ["ada", "grace"]),
    ],
)
def test_a_choice_is_about_whole_people(look, conduit_sandbox, choice, expected):
    """By address, account, type and status; whoever is taken comes with every account."""
    conduit_sandbox.conductor.put_user("ada@acme.example", accounts=[1])
    conduit_sandbox.conductor.put_user("alan@acme.example", accounts=[1, 2], status="INACTIVE")
    conduit_sandbox.conductor.put_user("grace@acme.example", accounts=[1, 3], type="STANDARD")

    people = look(choice)

    assert expected == [one.email.partition("@")[0] for one in people.found]
    live = conduit_sandbox.conductor.users()
    assert [live[one.email]["accounts"] for one in people.found] == [list(one.initial_accounts) for one in people.found]
