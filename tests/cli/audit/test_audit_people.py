"""What somebody changed by hand about people whom a stack manages: the status and the type."""

import pytest
from exports import account_list, export, grant, user

from pulumi_conduit.cli.audit.findings import FindingKind

ANN = "ann@acme.example"


def found(audit):
    """Return kind, subject and detail of what is not the ADMIN that each sandbox has."""
    return [(one.kind, one.subject, one.detail) for one in audit.findings if one.kind is not FindingKind.ADMIN]


def test_a_user_declared_inactive_who_was_activated_by_hand_is_found(sandbox, audited, here):
    """A leaver with access again is what an audit is for."""
    sandbox.conductor.put_user(ANN, accounts=[1])

    done = audited(export(user(ANN, [1], here, status="INACTIVE")))

    assert [(FindingKind.ACTIVATED_OUTSIDE, ANN, "ACTIVE in Conductor, INACTIVE in the state")] == found(done)
    assert [FindingKind.ACTIVATED_OUTSIDE] == [one.kind for one in done.problems()]
    assert ("proj/dev",) == done.problems()[0].stacks


def test_a_refresh_that_saw_the_activation_does_not_hide_it(sandbox, audited, here):
    """The state then records ACTIVE, and what was declared last beside it."""
    sandbox.conductor.put_user(ANN, accounts=[1])

    done = audited(export(user(ANN, [1], here, status="ACTIVE", last_applied={"status": "INACTIVE"})))

    assert [(FindingKind.ACTIVATED_OUTSIDE, ANN, "ACTIVE in Conductor, INACTIVE in the state")] == found(done)


def test_a_deactivation_by_hand_is_named_and_does_not_count(sandbox, audited, here):
    """The provider leaves it: somebody had a reason."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[])

    for stack in (user(ANN, [1], here), user(ANN, [1], here, status="INACTIVE", last_applied={"status": "ACTIVE"})):
        done = audited(export(stack))

        assert [(FindingKind.DEACTIVATED_OUTSIDE, ANN, "INACTIVE in Conductor, ACTIVE in the state")] == found(done)
        assert [] == done.problems()


@pytest.mark.parametrize(
    ("remote", "recorded", "detail"),
    [
        ("ADMIN", "READ_ONLY", "ADMIN in Conductor, READ_ONLY in the state"),
        ("STANDARD", "READ_ONLY", "STANDARD in Conductor, READ_ONLY in the state"),
        ("READ_ONLY", "STANDARD", "READ_ONLY in Conductor, STANDARD in the state"),
        ("ADMIN", "ADMIN", "ADMIN in Conductor and, since a refresh, in the state"),
    ],
)
def test_a_managed_person_of_another_type_is_found(sandbox, audited, here, remote, recorded, detail):
    """Whoever was made ADMIN reaches everything, and can be managed no more, whatever a refresh recorded."""
    sandbox.conductor.put_user(ANN, type=remote, accounts=[1])

    done = audited(export(user(ANN, [1], here, type=recorded)))

    assert [(FindingKind.TYPE_DIFFERS, ANN, detail)] == found(done)
    assert [FindingKind.TYPE_DIFFERS] == [one.kind for one in done.problems()]


@pytest.mark.parametrize("access", [grant, account_list])
def test_an_admin_whose_access_a_stack_declares_is_found(sandbox, audited, here, access):
    """The next run of that stack is refused."""
    sandbox.conductor.put_user(ANN, type="ADMIN", accounts=[1])

    done = audited(export(access(ANN, 1, tenant=here)))

    assert [(FindingKind.TYPE_DIFFERS, ANN, "ADMIN in Conductor, and a stack declares access")] == found(done)


def test_a_late_list_makes_no_difference_of_type_or_status(sandbox, audited, here):
    """An audit right after an `up` that deactivated and demoted: the person's own answer is the newer one."""
    sandbox.conductor.put_user(ANN, status="INACTIVE", accounts=[])
    late = {"email": ANN, "firstname": "First", "lastname": "Last", "sso_access": False, "type": "STANDARD"}
    late |= {"view": "COMPLETE", "status": "ACTIVE", "accounts": [1]}
    sandbox.faults.add("GET /users", status=200, body=[late], times=None)

    assert [] == found(audited(export(user(ANN, [1], here, status="INACTIVE"))))
    assert 1 == sandbox.count("GET /users/{userEmail}")


def test_two_stacks_that_declare_the_person_differently_are_both_named(sandbox, audited, here):
    """Each difference once, with the stacks that it contradicts."""
    sandbox.conductor.put_user(ANN, type="STANDARD", accounts=[1])
    exports = [export(user(ANN, [1], here), stack=stack) for stack in ("a", "b")]

    done = audited(*exports, export(user(ANN, [1], here, type="STANDARD"), stack="c"))

    assert [("proj/a", "proj/b")] == [one.stacks for one in done.problems() if one.kind is FindingKind.TYPE_DIFFERS]
