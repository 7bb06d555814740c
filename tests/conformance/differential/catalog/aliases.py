"""Scenarios: resources that are found again under another URN, and those that are not."""

from differential.scenario import Break, Mend, preview, scenario, up

_TOY = "pulumi-python:dynamic/toy:Toy"

SCENARIOS = [
    scenario(
        "alias-of-an-old-name",
        "A resource that names its old label is the same resource, and dependents follow.",
        up("a = Toy('a')\nb = Toy('b', of=a.serial)\nToy('c', Opts(depends_on=[a], deleted_with=a))"),
        preview(
            """
            a = Toy("new", Opts(aliases=[Alias(name="a")]), name="a")
            b = Toy("b", of=a.serial)
            Toy("c", Opts(depends_on=[a], deleted_with=a))
            """
        ),
        up(),
        up("a = Toy('new', name='a')\nb = Toy('b', of=a.serial)\nToy('c', Opts(depends_on=[a], deleted_with=a))"),
    ),
    scenario(
        "renamed-without-an-alias",
        "A resource whose label changes without an alias is created anew and the old one deleted.",
        up("a = Toy('a')\nToy('b', of=a.serial)"),
        preview("a = Toy('new')\nToy('b', of=a.serial)"),
        up(),
    ),
    scenario(
        "alias-of-an-old-type",
        "A resource that names its old type is the same resource.",
        up("Toy('a')"),
        preview(f"Gadget('a', Opts(aliases=[Alias(type_='{_TOY}')]))"),
        up(),
        up("Gadget('a')"),
    ),
    scenario(
        "type-changed-without-an-alias",
        "A resource whose type changes without an alias is created anew.",
        up("Toy('a')"),
        preview("Gadget('a', name='a2')"),
        up(),
    ),
    scenario(
        "alias-of-an-old-parent",
        "A resource that moves under a component, and back, is the same resource.",
        up("Toy('a')"),
        up("g = Group('g')\nToy('a', Opts(parent=g, aliases=[Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))"),
        up("g = Group('g')\nToy('a', Opts(aliases=[Alias(parent=g)]))"),
    ),
    scenario(
        "alias-by-urn",
        "A resource that names an old URN is the same resource, and an alias that leads nowhere is no matter.",
        up("Toy('a')"),
        up(
            f"""
            urn = "urn:pulumi:dev::conformance::{_TOY}::"
            Toy("b", Opts(aliases=[urn + "nobody", urn + "a"]), name="a")
            """
        ),
        up("Toy('b', Opts(aliases=['urn:pulumi:dev::conformance::x:y:Z::nobody']), name='a')"),
    ),
    scenario(
        "alias-inherited-by-children",
        "The children of a renamed component follow it, also those whose label bears its name.",
        up("g = Group('g')\na = Toy('g-a', Opts(parent=g))\nToy('b', Opts(parent=a))\ng.register_outputs({'x': 1})"),
        preview(
            """
            g = Group("h", Opts(aliases=[Alias(name="g")]))
            a = Toy("h-a", Opts(parent=g), name="g-a")
            Toy("b", Opts(parent=a))
            g.register_outputs({"x": 1})
            """
        ),
        up(),
        up("g = Group('h')\na = Toy('h-a', Opts(parent=g), name='g-a')\nToy('b', Opts(parent=a))"),
    ),
    scenario(
        "alias-and-replacement",
        "A resource found by its alias can be replaced in the same run, create first and delete first.",
        up("a = Toy('a', name='one')\nToy('b', of=a.serial)"),
        up("a = Toy('a2', Opts(aliases=[Alias(name='a')]), name='two')\nToy('b', of=a.serial)"),
        up(
            """
            a = Toy("a3", Opts(aliases=[Alias(name="a2")], delete_before_replace=True), name="three")
            Toy("b", of=a.serial, replace_on=["of"])
            """
        ),
        up(
            """
            a = Toy("a4", Opts(aliases=[Alias(name="a3")], delete_before_replace=True), name="four")
            Toy("b", of=a.serial, replace_on=["of"])
            """
        ),
        is_ordered=True,
    ),
    scenario(
        "alias-of-a-resource-still-declared",
        "An alias of a resource that the program still declares fails the run.",
        up("Toy('a')"),
        up("a = Toy('a')\nToy('b', Opts(aliases=[Alias(name='a')], depends_on=[a]))"),
        is_ordered=True,
    ),
    scenario(
        "label-taken-in-the-run-that-left-it",
        "A label that a resource has left by an alias cannot be taken in the same run, which fails half way.",
        up("a = Toy('a')\nToy('b', Opts(depends_on=[a]))"),
        up(
            """
            c = Toy("c", Opts(aliases=[Alias(name="a")]), name="a")
            Toy("a", Opts(aliases=[Alias(name="b")], depends_on=[c]), name="b")
            """
        ),
        up("c = Toy('b', Opts(aliases=[Alias(name='c')]), name='a')\nToy('a', Opts(depends_on=[c]), name='b')"),
        is_ordered=True,
    ),
    scenario(
        "alias-in-a-run-that-fails",
        "A resource found by its alias keeps its new place when a later step fails.",
        up("a = Toy('a')\nToy('b', Opts(depends_on=[a]), size=1)"),
        up(
            """
            a = Toy("a2", Opts(aliases=[Alias(name="a")]), name="a")
            Toy("b", Opts(depends_on=[a]), size=2)
            """,
            Break("update", "b"),
        ),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "alias-fails-before-dependents-follow",
        "Dependents not yet registered when a run fails point to the new URN of what they depend on.",
        up("a = Toy('a', size=1)\nb = Toy('b', of=a.serial)\nToy('c', Opts(parent=b))"),
        up(
            """
            a = Toy("a2", Opts(aliases=[Alias(name="a")]), name="a", size=1)
            x = Toy("x", Opts(depends_on=[a]))
            b = Toy("b", Opts(depends_on=[x]), of=a.serial)
            Toy("c", Opts(parent=b))
            """,
            Break("create", "x"),
        ),
        up(None, Mend()),
        is_ordered=True,
    ),
]
