"""URNs: taken apart as Pulumi does, whatever a resource is called."""

import pytest

from pulumi_conduit.urns import name_of, parse_urn, stack_of

TYPE = "pulumi-python:dynamic/conduit:ConductorUser"


@pytest.mark.parametrize(
    "name", ["ada", "hr::team", ":x", "x::", "::", "a$b", "x$y::pulumi:pulumi:Stack::z", "a\nb", ""]
)
@pytest.mark.parametrize("parents", ["", "conduit:index:Roster$", "a:b:C$conduit:index:Roster$"])
def test_a_name_may_hold_anything(name, parents):
    """Only the first three separators are any: what follows is the name, and the type is the last of the third part."""
    urn = parse_urn(f"urn:pulumi:dev::onboarding::{parents}{TYPE}::{name}")

    assert ("dev", "onboarding", TYPE, name) == (urn.stack, urn.project, urn.type, urn.name)
    assert parents.rstrip("$") == urn.parent_types


@pytest.mark.parametrize("text", ["", "ada", "urn:pulumi:dev::onboarding::a:b:C", "urn:other:dev::p::t::n"])
def test_what_is_no_urn_is_an_error_and_is_shown_as_it_is(text):
    """A text of another form is never half a URN."""
    with pytest.raises(ValueError, match=r"^not a URN: "):
        parse_urn(text)

    assert text == name_of(text)


def test_two_resources_of_one_stack_have_the_same_beginning():
    """Stack and project come first, so that no name can pretend to be of another."""
    one, other = f"urn:pulumi:dev::p::{TYPE}::a::b", f"urn:pulumi:dev::p::{TYPE}::c"

    assert stack_of(one) == stack_of(other) != stack_of(other.replace("dev", "prod"))
