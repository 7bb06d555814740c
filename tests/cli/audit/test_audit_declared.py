"""Exports that were given more than once, by mistake or by a pattern: no object is declared twice by that."""

import json

from exports import export, grant, user

from pulumi_conduit.cli.audit.findings import FindingKind

ANN, EVE = "ann@acme.example", "eve@acme.example"


def found(audit):
    """Return kind, subject and detail of what is not the ADMIN that each sandbox has."""
    return [(one.kind, one.subject, one.detail) for one in audit.findings if one.kind is not FindingKind.ADMIN]


def test_the_same_export_given_twice_counts_once_and_is_named(sandbox, audited, here):
    """Nothing is to be removed from any state because of it."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    same = export(user(ANN, [1], here))

    done = audited(same, same)

    assert [(FindingKind.EXPORT_GIVEN_TWICE, "proj/dev", "0.json, 1.json")] == found(done)
    assert ([], ("proj/dev",)) == (done.problems(), done.stacks)


def test_another_indentation_is_the_same_export(sandbox, audited, here):
    """As when a tool has written it anew; and an other stack between them changes nothing."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    same = export(user(ANN, [1], here))

    done = audited(same, export(stack="prod"), json.dumps(json.loads(same), indent=4))

    assert [(FindingKind.EXPORT_GIVEN_TWICE, "proj/dev", "0.json, 2.json")] == found(done)


def test_an_old_and_a_new_export_of_one_stack_are_reported_as_that(sandbox, audited, here):
    """The old one would declare what left the stack meanwhile, so it counts; nothing is reported as declared twice."""
    sandbox.conductor.put_user(ANN, accounts=[1])
    sandbox.conductor.put_user(EVE, accounts=[1])
    old = export(user(ANN, [1], here), user(EVE, [1], here))

    done = audited(old, export(user(ANN, [1], here)))

    detail = "0.json, 1.json differ; 1 resources are in both"
    assert [(FindingKind.STACK_GIVEN_TWICE, "proj/dev", detail)] == found(done)
    assert [FindingKind.STACK_GIVEN_TWICE] == [one.kind for one in done.problems()]


def test_two_resources_of_one_stack_stay_declared_twice_however_often_it_is_given(sandbox, audited, here):
    """Another URN is another resource."""
    sandbox.conductor.put_user(ANN, accounts=[1, 2])
    twice = grant(ANN, 2, here)
    stack = [user(ANN, [1], here), twice, {**twice, "urn": twice["urn"] + "-again"}]

    done = audited(export(*stack), export(*stack), export(*stack[:2]))

    assert (FindingKind.DECLARED_TWICE, f"access {ANN}:2") in [one[:2] for one in found(done)]
    assert f"user {ANN}" not in [one[1] for one in found(done)]
    assert next(one.detail for one in done.problems() if one.kind is FindingKind.DECLARED_TWICE).startswith(
        "2 resources at"
    )
