"""A plan that cannot be reported whole is not reported at all: each way in which a report fails closed."""

import json

import pytest
from corpus import NAMES, steering_of_lines
from plan_builder import STACK, plan, step, urn, user

from pulumi_conduit.cli.report import text
from pulumi_conduit.cli.report.report import read_report
from pulumi_conduit.errors import InvalidInputError

ADA = urn("user", "ada")
MADE = step("create", "user", "ada", new=user())
GIVEN = step("create", "grant", "ada-2", new={"user": "ada@acme.example", "accountId": 2})


def refusal(plan_text):
    """Return why a plan is refused."""
    with pytest.raises(InvalidInputError) as caught:
        read_report(plan_text if isinstance(plan_text, str) else json.dumps(plan_text))
    return str(caught.value)


def without(document, key):
    """Return a document without a key."""
    return {name: value for name, value in document.items() if name != key}


AGAIN = "create the plan again: `pulumi preview --json --show-sames --show-replacement-steps > plan.json`"
REFUSED = {
    "nothing": ("", "the plan is empty: the preview printed nothing; look at its own output"),
    "blanks": (" \n", "the plan is empty: the preview printed nothing; look at its own output"),
    "cut off": (
        '{"steps": [',
        f"the plan is truncated or not JSON (expecting value in line 1); {AGAIN}",
    ),
    "events": (
        '{"sequence":0}\n{"sequence":1}',
        f"the plan is more than one document, as streamed events are (extra data in line 2); {AGAIN}",
    ),
    "a list": ("[]", f"the plan is not a JSON object; {AGAIN}"),
    "too deep": ("[" * 100_000, f"the plan is nested too deeply to be one; {AGAIN}"),
    "another version": (
        plan(MADE, version=2),
        "the plan has a form that this version does not know: version; update pulumi-conduit",
    ),
    "corrupt": (plan(MADE, maybeCorrupt=True), f"the preview reports that it may be corrupt (maybeCorrupt); {AGAIN}"),
    "no steps": (plan() | {"steps": []}, f"the plan has no steps, not even one for the stack; {AGAIN}"),
    "no summary": (
        without(plan(MADE), "changeSummary"),
        f"the plan's steps do not add up to its summary: some are missing; {AGAIN}",
    ),
    "a step too few": (
        plan(MADE) | {"changeSummary": {"create": 2}},
        f"the plan's steps do not add up to its summary: some are missing; {AGAIN}",
    ),
    "an operation too many": (
        plan(MADE) | {"changeSummary": {"create": 1, "destroy": 1}},
        f"the plan's steps do not add up to its summary: some are missing; {AGAIN}",
    ),
    "an unknown step": (
        plan(step("conquer", "user", "ada", new=user())),
        "ada: the plan has a step 'conquer', which is not known; update pulumi-conduit",
    ),
    "steps of another form": (
        plan() | {"steps": ["create"]},
        "the plan's steps are not what this version knows; update pulumi-conduit",
    ),
    "a step without a name": (
        plan() | {"steps": [{"op": "same"}]},
        "the plan has a step that this version cannot read; update pulumi-conduit",
    ),
    "a step without a state": (
        plan(step("create", "user", "ada")),
        "ada: the step 'create' lacks its new state",
    ),
    "an import by the engine": (
        plan(step("import", "user", "ada", new=user())) | {"changeSummary": {"import": 1}},
        "ada: a step 'import' cannot be reported; use import_",
    ),
    "an unknown kind": (
        plan({**MADE, "urn": ADA.replace("ConductorUser", "ConductorTeam")}),
        "pulumi-python:dynamic/conduit:ConductorTeam is not known; use one version of pulumi-conduit",
    ),
    "an error": (
        plan(MADE, said=[("error", ADA, "error: no\n  good\n"), ("error", "", "preview failed")]),
        "the preview failed: ada: no good\nthe preview failed: preview failed",
    ),
    "an unknown severity": (
        plan(MADE, said=[("fatal", ADA, "no")]),
        "the plan has a diagnostic that this version does not know; update pulumi-conduit",
    ),
    "not verified": (
        plan(MADE, said=[("warning", ADA, "warning: CONDUIT-UNVERIFIED: new resources were not compared: no network")]),
        (
            "the plan is not verified: new resources were not compared: no network; use credentials, or pass"
            " --allow-unverified"
        ),
    ),
    "a warning without its resource": (
        plan(MADE, said=[("info#err", STACK, "warning: CONDUIT-ADOPT: user ada@acme.example exists")]),
        "a warning came without its resource: warning: CONDUIT-ADOPT: user ada@acme.example exists",
    ),
    "an unknown code": (
        plan(MADE, said=[("warning", ADA, "CONDUIT-CONQUERS: everything")]),
        "a warning is not known: CONDUIT-CONQUERS: everything; use one version of pulumi-conduit",
    ),
    "accounts of another form": (
        plan(MADE, said=[("warning", ADA, "CONDUIT-REVOKE: all: user ada@acme.example")]),
        (
            "a warning has a form that is not known: CONDUIT-REVOKE: all: user ada@acme.example; use one version of"
            " pulumi-conduit"
        ),
    ),
    "every reason at once": (
        plan(
            step("create", "user", "ada", new=user("[secret]")),
            step("create", "grant", "ada-2", new={"user": "ada@acme.example", "accountId": "[secret]"}),
        ),
        (
            "ada: email is secret, so the plan cannot be reported\n"
            "ada-2: accountId is secret, so the plan cannot be reported"
        ),
    ),
}


def test_the_plan_of_a_shard_is_reported_and_warns_that_moves_are_counted():
    """A limit counts a move as a loss, because the plan of one stack cannot distinguish the two."""
    part = {"index": 3, "count": 20}

    report = read_report(json.dumps(plan(MADE, step("update", "shard", "team-shard", old=part, new=part))))

    assert ["ada@acme.example"] == [one.email for one in report.people]
    assert {} == report.others
    note = "note: This stack has one shard of a roster: a person who moves to another stack counts here as removed"
    assert note in text.render(report, [])


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=list(REFUSED))
def test_a_plan_that_cannot_be_reported_is_refused(text, expected):
    """Nothing is reported of a plan that failed, is not whole, or has a form that is not known."""
    assert expected == refusal(text)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"email": "[secret]"}, "email is secret"),
        ({"email": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, "email is not known before the update"),
        ({"email": 5}, "email is missing or not a string"),
        ({"type": "[secret]"}, "type is secret"),
        ({"type": "KING"}, "type is 'KING', which is not known"),
        ({"status": None}, "status is missing or not a string"),
        ({"initialAccounts": "[secret]"}, "initialAccounts is secret"),
        ({"initialAccounts": [1, "[secret]"]}, "initialAccounts is secret"),
        ({"initialAccounts": "1"}, "initialAccounts is not a list"),
        ({"initialAccounts": [True]}, "initialAccounts is not an account id"),
        ({"initialAccounts": [-1]}, "initialAccounts is not an account id"),
        ({"initialAccounts": [1.5]}, "initialAccounts is not an account id"),
    ],
)
def test_what_cannot_be_read_is_never_guessed(given, why):
    """A value that is secret, unknown, missing or strange is an error that names it, and never its value."""
    text = plan(step("create", "user", "ada", new=user(**given) if "email" not in given else {**user(), **given}))

    assert f"ada: {why}, so the plan cannot be reported" == refusal(text)


@pytest.mark.parametrize("given", ["[secret]", "yes"])
def test_a_page_that_cannot_be_read_is_an_error(given):
    """Whether a page opens is never a guess."""
    text = plan(step("create", "company", "acme", new={"companyId": "ACME", "pageEnabled": given}))

    assert refusal(text).startswith("acme: pageEnabled is ")


@pytest.mark.parametrize("name", ["protected", "refused", "broken program", "secret", "secret outputs", "unknown"])
def test_real_plans_of_the_kind_are_refused(recorded, name):
    """What the CLI prints of a failed preview, and of one that hides what it does, is not reported."""
    starts = ("the preview failed: ", "ada: ", "acme: ", "grace-accounts: ", "ada-2: ")

    assert all(line.startswith(starts) for line in refusal(recorded(name)).split("\n"))


def test_what_a_refresh_has_found_is_not_taken_for_a_plan(recorded):
    """There the sides are the other way round: what it calls after is the actual state."""
    expected = "this is what a refresh has found, not what an `up` will do; use `pulumi preview`"

    assert expected == refusal(recorded("refreshed"))


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_truncated_plan_is_refused_wherever_it_ends(recorded, cut):
    """However much of a plan is lost on its way, what is left is never reported."""
    text = recorded("roster edit").rstrip()

    assert "the plan is " in refusal(text[: len(text) * cut // 40])


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_errors_never_steer_a_terminal(name):
    """What others said of a failed preview is data, and so are the names in it."""
    said = [("error", urn("user", name), f"error: {name}")]
    steps = [step("conquer", "user", name, new=user())]

    assert [] == steering_of_lines(refusal(plan(MADE, said=said)))
    assert [] == steering_of_lines(refusal(plan(*steps)))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"resources": [{"urn": "u", "type": "t", "name": "n", "op": "create"}]},
        {"resources": [], "permalink": "https://app.example"},
        {"result": "failed", "summary": {}},
    ],
    ids=["without changes", "with changes", "with a link", "of a preview that failed"],
)
def test_the_summary_of_newer_clis_is_named(more):
    """`pulumi preview --output json` prints no values and no warnings; no version could judge it."""
    summary = {"result": "succeeded", "duration": 5_000_000_000, "summary": {"same": 2}, **more}

    with pytest.raises(InvalidInputError, match=r"^this is the summary that `pulumi preview --output json` prints"):
        read_report(json.dumps(summary))


def test_the_end_of_a_long_error_is_shown():
    """A traceback says at its end what was wrong."""
    message = f"Traceback (most recent call last): {'in a frame ' * 100}SyntaxError: '(' was never closed"

    with pytest.raises(InvalidInputError, match=r"Traceback .* … .*SyntaxError: '\(' was never closed$"):
        read_report(json.dumps(plan(said=[("error", "", message)])))
