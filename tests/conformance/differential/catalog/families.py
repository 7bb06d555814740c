"""Scenarios: parents and components."""

from differential.scenario import Vanish, destroy, preview, refresh, scenario, up

SCENARIOS = [
    scenario(
        "component-with-outputs",
        "A component keeps the outputs it registers, also when they change or are secret.",
        preview(
            """
            g = Group("g")
            a = Toy("a", Opts(parent=g))
            g.register_outputs({"serial": a.serial, "list": [a.name, Output.secret("x")]})
            """
        ),
        up(),
        up("g = Group('g')\na = Toy('a', Opts(parent=g))\ng.register_outputs({'size': 3})"),
        up("g = Group('g')\na = Toy('a', Opts(parent=g))"),
        refresh(),
        destroy(),
    ),
    scenario(
        "components-within-components",
        "Components nest, and what is removed from their middle is deleted from the leaves up.",
        up(
            """
            outer = Group("outer")
            inner = Group("inner", Opts(parent=outer))
            a = Toy("a", Opts(parent=inner))
            Toy("b", Opts(parent=a))
            Toy("c", Opts(parent=outer, depends_on=[inner]))
            """
        ),
        preview("outer = Group('outer')\nToy('c', Opts(parent=outer))"),
        up(),
        up(""),
    ),
    scenario(
        "component-removed",
        "A component that leaves the program takes its children with it, children first.",
        up("g = Group('g')\na = Toy('a', Opts(parent=g))\nToy('b', Opts(parent=a))\nToy('other')"),
        preview("Toy('other')"),
        up(),
        is_ordered=False,
    ),
    scenario(
        "component-as-a-dependency",
        "depends_on a component means its children.",
        up(
            """
            g = Group("g")
            a = Toy("a", Opts(parent=g))
            b = Toy("b", Opts(parent=g, depends_on=[a]))
            Toy("c", Opts(depends_on=[g]))
            """
        ),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "component-below-a-resource",
        "A component whose parent is a resource records no provider; what is below it finds its own.",
        up(
            """
            p = pulumi.ProviderResource("pulumi-python", "p", {"toy:profile": "b"})
            a = Toy("a", Opts(provider=p))
            b = Group("b", Opts(parent=a))
            Toy("c", Opts(parent=b))
            """
        ),
        up(),
        destroy(),
    ),
    scenario(
        "resource-as-parent",
        "A resource can be the parent of another; it is created before and deleted after.",
        up("a = Toy('a', name='one')\nToy('b', Opts(parent=a))"),
        preview("a = Toy('a', name='two')\nToy('b', Opts(parent=a))"),
        up(),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "parent-replaced-delete-first",
        "A parent that is replaced delete-first leaves a child that need not be replaced.",
        up("a = Toy('a', Opts(delete_before_replace=True), name='1')\nToy('b', Opts(parent=a))"),
        up("a = Toy('a', Opts(delete_before_replace=True), name='2')\nToy('b', Opts(parent=a))"),
        up(
            """
            a = Toy("a", Opts(delete_before_replace=True), name="3")
            Toy("b", Opts(parent=a), of=a.serial, replace_on=["of"])
            """
        ),
        up(
            """
            a = Toy("a", Opts(delete_before_replace=True), name="4")
            Toy("b", Opts(parent=a), of=a.serial, replace_on=["of"])
            """
        ),
        is_ordered=True,
    ),
    scenario(
        "parent-gone",
        "A refresh that finds a parent gone, and its child alive, keeps a state that can be read.",
        up("a = Toy('a')\nToy('b', Opts(parent=a))"),
        refresh(Vanish("a")),
        up(),
    ),
    scenario(
        "component-changes-its-type-and-place",
        "A component that becomes another's child without an alias is made anew, and so are its children.",
        up("g = Group('g')\nToy('a', Opts(parent=g))"),
        up("h = Group('h')\ng = Group('g', Opts(parent=h))\nToy('a', Opts(parent=g), name='a2')"),
    ),
]
