"""Old names are found in Pulumi's order and followed through the whole state; dependencies decide what follows."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_conduit.testing.engine.plan import Graph
from pulumi_conduit.testing.engine.states import Alias, Namespace, State, renamed

HERE = Namespace("dev", "proj")
STACK = "urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev"
TEAM = "urn:pulumi:dev::proj::my:Team::blue"


def test_a_urn_holds_the_types_of_all_parents_but_the_stack():
    """Parents count by type, the stack does not count, and the name is the resource's own."""
    child = HERE.urn(TEAM, "my:Kind", "one")

    assert "urn:pulumi:dev::proj::my:Kind::one" == HERE.urn(STACK, "my:Kind", "one")
    assert "urn:pulumi:dev::proj::my:Team$my:Kind::one" == child
    assert "urn:pulumi:dev::proj::my:Team$my:Kind$my:Leaf::two" == HERE.urn(child, "my:Leaf", "two")


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        (Alias(urn="urn:any"), "urn:any"),
        (Alias(name="old"), "urn:pulumi:dev::proj::my:Team$my:Kind::old"),
        (Alias(type="my:Old"), "urn:pulumi:dev::proj::my:Team$my:Old::one"),
        (Alias(no_parent=True), "urn:pulumi:dev::proj::my:Kind::one"),
        (Alias(parent="urn:pulumi:dev::proj::my:Other::red"), "urn:pulumi:dev::proj::my:Other$my:Kind::one"),
        (Alias(stack="prod"), "urn:pulumi:prod::proj::my:Team$my:Kind::one"),
        (Alias(project="old"), "urn:pulumi:dev::old::my:Team$my:Kind::one"),
    ],
)
def test_an_alias_differs_only_in_what_it_says(alias, expected):
    """What an alias leaves out is as it is now."""
    assert [expected] == HERE.candidates("one", "my:Kind", TEAM, [alias], {})


def test_children_follow_a_renamed_parent():
    """A child is looked for under its parent's old URN, also where its name began with the parent's."""
    used = {TEAM: "urn:pulumi:dev::proj::my:Group::green"}

    plain = HERE.candidates("one", "my:Kind", TEAM, [], used)
    prefixed = HERE.candidates("blue-one", "my:Kind", TEAM, [], used)

    assert ["urn:pulumi:dev::proj::my:Group$my:Kind::one"] == plain
    assert ["urn:pulumi:dev::proj::my:Group$my:Kind::green-one"] == prefixed


def test_a_childs_own_alias_is_tried_under_both_parents():
    """The child may have been renamed before its parent or with it."""
    used = {TEAM: "urn:pulumi:dev::proj::my:Group::green"}

    found = HERE.candidates("one", "my:Kind", TEAM, [Alias(name="old")], used)

    assert [
        "urn:pulumi:dev::proj::my:Team$my:Kind::old",
        "urn:pulumi:dev::proj::my:Group$my:Kind::one",
        "urn:pulumi:dev::proj::my:Group$my:Kind::old",
    ] == found


def test_every_reference_follows_a_new_name_and_the_alias_is_dropped():
    """Parents, providers, dependencies and `deletedWith` name what is there now."""
    records: list[dict[str, Any]] = [
        {"urn": "urn:s::p::t::new", "aliases": ["urn:s::p::t::old"]},
        {
            "urn": "urn:s::p::t::other",
            "provider": "urn:s::p::t::old::id",
            "dependencies": ["urn:s::p::t::old", "urn:s::p::t::else"],
            "propertyDependencies": {"a": ["urn:s::p::t::old"], "b": []},
            "deletedWith": "urn:s::p::t::old",
        },
    ]

    assert [
        {"urn": "urn:s::p::t::new"},
        {
            "urn": "urn:s::p::t::other",
            "provider": "urn:s::p::t::new::id",
            "dependencies": ["urn:s::p::t::new", "urn:s::p::t::else"],
            "propertyDependencies": {"a": ["urn:s::p::t::new"]},
            "deletedWith": "urn:s::p::t::new",
        },
    ] == renamed(records)


def test_a_state_without_aliases_stays_as_it_is():
    """Nothing is rewritten for nothing: empty lists of dependencies stay."""
    records = [{"urn": "urn:s::p::t::a", "propertyDependencies": {"a": []}}]

    assert [{"urn": "urn:s::p::t::a", "propertyDependencies": {"a": []}}] == renamed(records)


@st.composite
def recorded(draw):
    """Return resources in an order of creation, each with relations to earlier ones only."""
    states: list[Any] = []
    for number in range(draw(st.integers(1, 8))):
        earlier = [one.urn for one in states]
        some = st.lists(st.sampled_from(earlier), max_size=2) if earlier else st.just([])
        parent = draw(st.sampled_from(["", *earlier]))
        one = State(f"urn:pulumi:dev::p::t::{number}", "t", custom=draw(st.booleans()), parent=parent)
        one.dependencies = draw(some)
        one.property_dependencies = {"a": draw(some)}
        one.deleted_with = draw(st.sampled_from(["", *earlier]))
        states.append(one)
    return states


@given(recorded())
def test_nothing_is_deleted_before_what_needs_it(states):
    """In the groups of a deletion, nobody stands after or beside something that it needs."""
    groups = Graph(states).antichains(states)
    place = {one.urn: number for number, group in enumerate(groups) for one in group}

    assert sorted(place) == sorted(one.urn for one in states)
    for one in states:
        for urn in (*one.relations(), *filter(None, [one.parent])):
            assert place[one.urn] < place[urn]


@given(recorded())
def test_dependents_and_dependencies_are_two_sides_of_one(states):
    """Who is found to need a thing is found again among what depends on it, relations taken through others."""
    graph = Graph(states)
    for needed, needing in itertools.combinations(states, 2):
        if needing in graph.depending_on(needed, set()):
            assert needed in graph.transitive_dependencies(needing)


def test_who_needs_a_component_needs_all_that_is_in_it():
    """A dependency on a component holds back its children, however deep, but not those of a custom resource."""
    team = State("urn::p::t::team", "t", custom=False)
    inner = State("urn::p::t::inner", "t", custom=True, parent=team.urn)
    grandchild = State("urn::p::t::grandchild", "t", custom=True, parent=inner.urn)
    needy = State("urn::p::t::needy", "t", custom=True, dependencies=[team.urn])
    graph = Graph([team, inner, grandchild, needy])

    assert {team, inner, grandchild} == graph.dependencies_of(needy)
    assert [[needy], [grandchild], [inner], [team]] == graph.antichains([team, inner, grandchild, needy])


def test_what_is_ignored_pulls_in_no_dependents():
    """Dependents of a resource that is planned already are not looked at through it."""
    first = State("urn::p::t::1", "t", custom=True)
    second = State("urn::p::t::2", "t", custom=True, dependencies=[first.urn])
    third = State("urn::p::t::3", "t", custom=True, dependencies=[second.urn])
    graph = Graph([first, second, third])

    assert [second, third] == graph.depending_on(first, set())
    assert [] == graph.depending_on(first, {second.urn})
