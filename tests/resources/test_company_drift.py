"""An edit of a company sends both fields: the edited one as declared, the other one as it is at that moment."""

import pytest
from declarations import company, lines

CLOSED = "company 'ACME': page_enabled is false in Conduit Link but true in the program; this edit of something else"
EDIT = "POST /link/company/{id}/"


def up(stack, name="Acme", *, page=True, **properties):
    """Bring the company up."""
    return stack.up({"acme": company(name=name, pageEnabled=page, **properties)})


def plan(stack, name="Acme", *, page=True):
    """Preview the company."""
    return stack.preview({"acme": company(name=name, pageEnabled=page)})


def remote(sandbox):
    """Return name and page as they are."""
    found = sandbox.link.company("ACME")
    return found["name"], found["page_enabled"]


@pytest.mark.parametrize("drop", [None, "before", "after"])
@pytest.mark.parametrize("ignored", [["pageEnabled"], ["pageEnabled", "onConflict"]])
def test_a_page_that_was_closed_outside_and_is_ignored_stays_closed(sandbox, stack, ignored, drop):
    """An edit of the name does not open it, nor does any run after that, whatever becomes of the answer."""
    up(stack)
    stack.ignored["acme"] = ignored
    sandbox.link.edit_company("ACME", page_enabled=False)
    if drop:
        sandbox.faults.add(EDIT, drop=drop)

    up(stack, "New")

    assert (remote(sandbox), stack.warnings) == (("New", False), [])
    assert stack.outputs("acme")["pageEnabled"] is False
    assert plan(stack, "New") == [("same", "acme")]
    assert remote(sandbox) == ("New", False)
    up(stack, "Newer")
    assert remote(sandbox) == ("Newer", False)
    up(stack, "Newer", onDestroy="retain")
    assert remote(sandbox) == ("Newer", False)
    stack.refresh()
    up(stack, "Newest")
    assert remote(sandbox) == ("Newest", False)


def test_a_name_that_was_changed_outside_and_is_ignored_stays(sandbox, stack):
    """Closing the page does not take back somebody else's name."""
    up(stack)
    stack.ignored["acme"] = ["name"]
    sandbox.link.edit_company("ACME", name="Theirs")

    up(stack, page=False)

    assert remote(sandbox) == ("Theirs", False)
    assert plan(stack, page=False) == [("same", "acme")]


def test_drift_that_is_not_ignored_is_shown_by_the_next_plan_and_repaired(sandbox, stack):
    """The edit of the name leaves the page, says so, and records it; the same program then opens it."""
    up(stack)
    sandbox.link.edit_company("ACME", page_enabled=False)

    up(stack, "New")

    assert remote(sandbox) == ("New", False)
    assert [warning.startswith(CLOSED) for warning in stack.warnings] == [True]
    assert plan(stack, "New") == [("update", "acme")]
    up(stack, "New")
    assert remote(sandbox) == ("New", True)
    assert plan(stack, "New") == [("same", "acme")]


def test_what_is_ignored_no_more_is_repaired(sandbox, stack):
    """Without the option the declaration counts again."""
    up(stack)
    stack.ignored["acme"] = ["pageEnabled"]
    sandbox.link.edit_company("ACME", page_enabled=False)
    up(stack, "New")
    stack.ignored.clear()

    assert plan(stack, "New") == [("update", "acme")]
    up(stack, "New")

    assert remote(sandbox) == ("New", True)


def test_what_is_ignored_altogether_is_not_edited(sandbox, stack):
    """`*` stands for every property."""
    up(stack)
    stack.ignored["acme"] = ["pageEnabled"]
    sandbox.link.edit_company("ACME", page_enabled=False)
    up(stack, "New")
    sandbox.forget_requests()
    stack.handler("company", "acme")
    stack.ignored["acme"] = ["*"]

    handler = stack.handler("company", "acme")
    assert not handler.diff(handler.state(stack.outputs("acme")), stack.held["acme"].inputs)
    assert lines(sandbox) == []


def test_a_drifted_page_that_is_declared_no_more_is_left(sandbox, stack):
    """Undeclared means as it is, whatever was seen of it before."""
    up(stack)
    sandbox.link.edit_company("ACME", page_enabled=False)
    up(stack, "New")

    stack.up({"acme": company(name="New")})

    assert remote(sandbox) == ("New", False)
    assert stack.preview({"acme": company(name="New")}) == [("same", "acme")]


def test_an_edit_of_both_sends_both_as_declared(sandbox, stack):
    """What the plan shows is what is done."""
    up(stack)
    sandbox.link.edit_company("ACME", name="Theirs", page_enabled=True)

    up(stack, "New", page=False)

    assert (remote(sandbox), stack.warnings) == (("New", False), [])


PROGRAM = """
import pulumi
import pulumi_conduit as conduit

conduit.Company(
    "acme", company_id="ACME", name="{name}", page_enabled=True, on_destroy="retain",
    opts=pulumi.ResourceOptions(ignore_changes={ignored}),
)
"""


@pytest.mark.parametrize(
    ("ignored", "page", "operation"),
    [(["page_enabled"], False, "same"), (["pageEnabled"], False, "same"), ([], True, "update")],
)
def test_the_engine_passes_what_is_ignored(conduit_stack, conduit_sandbox, tmp_path, ignored, page, operation):
    """Through a whole engine, too, an ignored page stays closed, and another one is opened by the next run."""
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: one\nruntime: python\n", encoding="utf-8")

    def write(name):
        (folder / "__main__.py").write_text(PROGRAM.format(name=name, ignored=ignored), encoding="utf-8")

    write("Acme")
    made = conduit_stack(folder)
    made.up()
    conduit_sandbox.link.edit_company("ACME", page_enabled=False)
    write("New")
    made.up()
    assert conduit_sandbox.link.company("ACME")["page_enabled"] is False

    ran = made.up()

    assert conduit_sandbox.link.company("ACME")["page_enabled"] is page
    assert ran.summary.get(operation)
