"""The import file holds what an `up` over the same people would have stored, property by property."""

import pytest

KINDS = ("ConductorUser", "UserAccountAccess", "Company")


@pytest.fixture
def tenant(conduit_sandbox):
    """Put people of every sort and two companies into the sandbox."""
    conductor, link = conduit_sandbox.conductor, conduit_sandbox.link
    conductor.put_user("Ada@Acme.example", first_name="Ada", last_name="Lovelace", type="STANDARD", accounts=[2, 1])
    conductor.put_user("grace@acme.example", view="RESEARCH", sso_access=True, accounts=[3, 99])
    conductor.put_user("alan@acme.example", last_name="'Turing\"", status="INACTIVE", accounts=[4])
    link.put_company("Acme", name="Acme Corporation", page_enabled=False)
    link.put_company("B2", name=None)
    return "acme\nB2\n"


def shown(resources):
    """Return id, inputs and outputs by name and kind, of our resources only."""
    ours = [one for one in resources if one["type"].rpartition(":")[2] in KINDS]
    return {
        (one["type"], one.get("name") or one["urn"].rpartition("::")[2]): {
            part: one[part] for part in ("id", "inputs", "outputs")
        }
        for one in ours
    }


@pytest.mark.parametrize(
    "code",
    [
        ["--program", "__main__.py"],
        ["--roster", "people.yml", "--name", "everybody", "--program", "__main__.py"],
        ["--format", "program"],
    ],
)
def test_the_entries_are_what_up_stores(adopt, tenant, conduit_stack, conduit_sandbox, code):
    """Up takes everything over without a write, and records exactly the same."""
    adopted = adopt(*code, stdin=tenant)
    (adopted.folder / "Pulumi.yaml").write_text("name: adopted\nruntime: python\n", encoding="utf-8")
    stack = conduit_stack(adopted.folder)
    stack.up()

    assert 0 == adopted.code
    assert [] == conduit_sandbox.writes()
    assert shown(stack.resources()) == shown(adopted.entries().values())
    assert 3 + 4 + 2 == len(shown(adopted.entries().values()))


def test_a_profile_stands_in_every_entry(adopt, tenant, conduit_stack, conduit_sandbox, monkeypatch):
    """The program passes it on, and the state records it."""
    for name, value in conduit_sandbox.environ(profile="b").items():
        monkeypatch.setenv(name, value)
    adopted = adopt("--program", "__main__.py", "--profile", "b", stdin=tenant)

    assert "conduit.Roster('team', 'roster.yaml', profile='b')" in adopted.text("__main__.py")
    ours = shown(adopted.entries().values()).values()
    assert ["b"] * 9 == [one["inputs"]["profile"] for one in ours] == [one["outputs"]["profile"] for one in ours]


def test_children_of_a_roster_have_it_as_their_parent(adopt, tenant):
    """The component comes first, and resources of a plain program have no parent at all."""
    first, *rest = adopt(stdin=tenant).entries().values()

    assert {"type": "conduit:index:Roster", "name": "team", "component": True} == first
    assert {"team"} == {one["parent"] for one in rest}
    plain = adopt("--format", "program", "--force", stdin=tenant).entries()
    assert not any("parent" in one or "component" in one for one in plain.values())
    assert ("ada@acme.example-1", "UserAccountAccess") in plain
