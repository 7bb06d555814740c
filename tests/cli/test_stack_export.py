"""What of an export is read, and that nothing of ours in it is ever passed over."""

import json

import pytest
from exports import HERE, LINK, PREFIX, SECRET, account_list, bucket, company, export, grant, resource, user

from pulumi_conduit.cli.stack_export import read_export, read_export_file
from pulumi_conduit.errors import InvalidInputError
from pulumi_conduit.resources.declaration_registry import Kind
from pulumi_conduit.resources.tenant import Tenant

ANN = "ann@acme.example"
GOLDEN = "tests/upgrades/0.1.0/state.json"


def _read(*resources, **more):
    return read_export(export(*resources, **more), "dev.json")


def test_each_kind_is_read_with_its_id_its_tenant_and_its_accounts():
    """What declares an object is all that is taken."""
    found = _read(user(ANN, [2, 1]), grant(ANN, 3), account_list("bob@acme.example", 4, 5), company("ACME"))

    expected = [
        (Kind.USER, ANN, Tenant.parse(HERE), {1, 2}, ANN),
        (Kind.GRANT, f"{ANN}:3", Tenant.parse(HERE), {3}, ANN),
        (Kind.GRANT_LIST, "bob@acme.example", Tenant.parse(HERE), {4, 5}, "bob@acme.example"),
        (Kind.COMPANY, "acme", Tenant.parse(LINK), set(), "acme"),
    ]
    assert expected == [(one.kind, one.id, one.tenant, one.accounts, one.email) for one in found.ours]
    assert ("proj/dev", "dev.json") == (found.stack, found.origin)


def test_a_state_of_every_released_version_is_read(request):
    """The golden state of a release has every kind, and reads that are not managed."""
    found = read_export_file(request.config.rootpath / GOLDEN)

    assert "golden/golden" == found.stack
    assert {Kind.USER, Kind.GRANT, Kind.GRANT_LIST, Kind.COMPANY} == {one.kind for one in found.ours}
    assert "seen" not in {one.id for one in found.ours}
    assert 0 == found.others


def test_others_are_counted_and_not_read():
    """Another provider's resource counts; components, providers and what is only read do not."""
    component = {
        "urn": "urn:pulumi:dev::proj::conduit:index:Roster::r",
        "type": "conduit:index:Roster",
        "custom": False,
    }

    found = _read(user(ANN), bucket(), bucket("seen", external=True), component)

    assert (1, 1) == (len(found.ours), found.others)


def test_the_part_of_a_roster_declares_nothing_and_is_no_reason_to_refuse():
    """It is in no API; without this, no stack of a split roster could be reviewed."""
    part = resource("RosterShard", "3", {"index": 3, "count": 20}, None)

    found = _read(user(ANN), part)

    assert ([ANN], 0) == ([one.id for one in found.ours], found.others)


def test_what_is_to_be_deleted_is_no_declaration_and_is_named():
    """The old half of a replacement is still in the state, and not wanted any more."""
    found = _read(user(ANN), user("old@acme.example", delete=True))

    assert [ANN] == [one.id for one in found.ours]
    assert (f"urn:pulumi:dev::proj::{PREFIX}ConductorUser::old@acme.example",) == found.to_delete


def test_operations_that_did_not_end_are_named():
    """Those on resources of ours only."""
    found = _read(pending=[{"type": "creating", "resource": user(ANN)}, {"type": "deleting", "resource": bucket()}])

    assert (f"creating urn:pulumi:dev::proj::{PREFIX}ConductorUser::{ANN}",) == found.begun
    assert () == found.ours


def test_an_empty_stack_declares_nothing():
    """A stack that was never brought up has no resources at all, and is no error."""
    found = read_export('{"version": 3, "deployment": {"manifest": {}}}', "new.json")

    assert ("new.json", (), 0) == (found.stack, found.ours, found.others)


def test_a_secret_that_was_exported_in_clear_is_read():
    """With --show-secrets a program's secret list can be compared."""
    lists = account_list(ANN)
    lists["inputs"]["accountIds"] = {**SECRET, "plaintext": "[1,2]"}

    assert {1, 2} == _read(lists).ours[0].accounts


def test_the_feature_flags_of_a_newer_cli_change_nothing():
    """Version 4 has the same resources."""
    assert 1 == len(_read(user(ANN), version=4).ours)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"version": 3}',
        '{"version": 3, "deployment": null}',
        '{"version": 3, "checkpoint": {}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_export_is_an_error(text):
    """An empty or torn file is never a stack without resources."""
    with pytest.raises(
        InvalidInputError, match=r"^dev\.json is not an export of a stack; write it with `pulumi stack ex"
    ):
        read_export(text, "dev.json")


def test_an_unknown_version_is_an_error():
    """Who knows what it means."""
    with pytest.raises(InvalidInputError, match=r"^dev\.json is an export of version 9, not of 3 or 4$"):
        _read(version=9)


@pytest.mark.parametrize("resources", [None, {}, "x", [1], [{"urn": "u"}], [{"type": "t", "urn": 1}]], ids=str)
def test_resources_of_another_form_are_an_error(resources):
    """A list that is not one hides nothing."""
    text = json.dumps({"version": 3, "deployment": {"resources": resources}})
    if resources is None:
        assert () == read_export(text, "dev.json").ours
        return
    with pytest.raises(InvalidInputError, match=r"^dev\.json: its `resources` are not as `pulumi stack export` write"):
        read_export(text, "dev.json")


def test_pending_operations_of_another_form_are_an_error():
    """A run that did not end must not be overlooked."""
    with pytest.raises(InvalidInputError, match=r"its `pending_operations` are not as"):
        _read(pending=[{"type": "creating"}])


def _without_tenant():
    return {**user(ANN), "outputs": {}}


def _typed(**values):
    made = user(ANN)
    made["outputs"] |= values
    return made


def _encrypted():
    lists = account_list(ANN)
    lists["inputs"]["accountIds"] = {**SECRET, "ciphertext": "v1:abc:def"}
    return lists


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (_without_tenant(), "its state lacks `tenant`"),
        (_encrypted(), "its accountIds is encrypted; export this stack with --show-secrets, and protect the file"),
        (_typed(type=None), "its type is none of ADMIN, READ_ONLY, STANDARD"),
        (_typed(status="GONE"), "its status is none of ACTIVE, INACTIVE"),
        (
            _typed(type={**SECRET, "ciphertext": "v1:abc"}),
            "its type is encrypted; export this stack with --show-secrets, and protect the file",
        ),
        ({**user(ANN), "id": "nobody"}, "must be an email address in ASCII"),
        ({**user(ANN), "id": None}, "must be an email address in ASCII"),
        ({**grant(ANN, 1), "id": ANN}, "must be an email address, a colon and an account id"),
        ({**company("ACME"), "id": "a/b"}, "must be 1 to 1024 characters out of A-Z, a-z and 0-9"),
        ({**account_list(ANN, 1), "inputs": {}}, "must be a list of account ids"),
        ({**account_list(ANN, 1), "inputs": []}, "its inputs are not an object"),
        ({**user(ANN), "type": f"{PREFIX}Team"}, f"its type {PREFIX}Team is not known to this version"),
    ],
)
def test_a_resource_of_ours_that_cannot_be_read_is_an_error(resource, reason):
    """It would otherwise look as if nobody had declared it."""
    with pytest.raises(InvalidInputError) as caught:
        _read(user("bob@acme.example"), resource)

    assert f"dev.json: {resource['urn']} cannot be read: {reason}" == str(caught.value)


def test_every_resource_that_cannot_be_read_is_reported_at_once():
    """Up to ten of them, and how many more there are; nothing of the file steers a terminal."""
    bad = [{**user(f"u{n}@acme.example"), "id": "x", "urn": f"urn\x1b[31m{n}"} for n in range(12)]

    with pytest.raises(InvalidInputError) as caught:
        _read(*bad)

    lines = str(caught.value).split("\n")
    assert (11, "dev.json: 2 more cannot be read") == (len(lines), lines[-1])
    assert lines[0].startswith(r"dev.json: urn\x1b[31m0 cannot be read: ")


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file or directory"), (b"\xff", None)])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path, content, reason):
    """With the reason, on one line."""
    path = tmp_path / "dev.json"
    if content:
        path.write_bytes(content)

    expected = "dev.json.? is not UTF-8" if reason is None else rf"dev\.json.? cannot be read: {reason}$"
    with pytest.raises(InvalidInputError, match=expected):
        read_export_file(path)
