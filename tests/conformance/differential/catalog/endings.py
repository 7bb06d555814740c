"""Scenarios: destroys, and runs that go on after errors."""

from differential.scenario import Break, Mend, Vanish, destroy, refresh, scenario, up

_TREE = """
a = Toy("a")
b = Toy("b", Opts(depends_on=[a]))
c = Toy("c", Opts(depends_on=[b]))
x = Toy("x")
Toy("y", Opts(depends_on=[x]))
"""

SCENARIOS = [
    scenario(
        "destroy-fails-and-is-retried",
        "A destroy in which a delete fails keeps the resource and what it depends on, for another destroy.",
        up("a = Toy('a')\nb = Toy('b', Opts(depends_on=[a]))\nToy('c', Opts(depends_on=[b]))"),
        destroy(Break("delete", "b")),
        destroy(Mend()),
        is_ordered=True,
    ),
    scenario(
        "destroy-goes-on-after-an-error",
        "With --continue-on-error a destroy deletes all that does not stand in the way of a failed delete.",
        up(_TREE),
        destroy(Break("delete", "b"), continue_on_error=True),
        destroy(Mend()),
    ),
    scenario(
        "up-goes-on-after-an-error",
        "With --continue-on-error an update does all that does not depend on what failed.",
        up(_TREE, Break("create", "b"), continue_on_error=True),
        up(None, Mend()),
    ),
    scenario(
        "deletes-go-on-after-an-error",
        "With --continue-on-error an update in which a step failed deletes what has left the program.",
        up(_TREE),
        up("Toy('a', size=1)\nToy('n')", Break("update", "a"), continue_on_error=True),
        up(None, Mend()),
    ),
    scenario(
        "failed-update-spares-dependents",
        "With --continue-on-error dependents of a failed update are not touched, nor deleted.",
        up("a = Toy('a', size=1)\nb = Toy('b', of=a.serial)\nToy('c', Opts(parent=a), size=1)\nToy('d', size=1)"),
        up(
            """
            a = Toy("a", size=2)
            b = Toy("b", of=a.serial, size=2)
            Toy("c", Opts(parent=a), size=2)
            Toy("d", size=2)
            """,
            Break("update", "a"),
            continue_on_error=True,
        ),
        up(None, Mend()),
    ),
    scenario(
        "failed-check-ends-the-run",
        "A failed check ends the run, even with --continue-on-error; what was done before stands.",
        up("d = Toy('d', size=1)\na = Toy('a', Opts(depends_on=[d]), size=1)\nb = Toy('b', Opts(depends_on=[a]))"),
        up(
            "d = Toy('d', size=2)\na = Toy('a', Opts(depends_on=[d]), size=2)\nb = Toy('b', Opts(depends_on=[a]))",
            Break("reject", "a"),
            continue_on_error=True,
        ),
        up(None, Mend()),
    ),
    scenario(
        "failed-replacement-goes-on",
        "With --continue-on-error a failed create of a replacement keeps the old resource and its dependents.",
        up("a = Toy('a', name='one')\nb = Toy('b', of=a.serial)\nToy('old')"),
        up("a = Toy('a', name='two')\nb = Toy('b', of=a.serial)", Break("create", "two"), continue_on_error=True),
        up(None, Mend()),
    ),
    scenario(
        "destroy-of-what-is-gone",
        "What vanished is deleted like the rest, and a refresh before finds that there is nothing.",
        up("a = Toy('a')\nToy('b', Opts(depends_on=[a]))"),
        destroy(Vanish("a")),
        up(),
        refresh(Vanish("a"), Vanish("b")),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "component-whose-child-fails",
        "A component stays in the state when its child fails; its outputs come with the next run.",
        up(
            """
            g = Group("g")
            a = Toy("a", Opts(parent=g))
            g.register_outputs({"serial": a.serial})
            """,
            Break("create", "a"),
        ),
        up(None, Mend()),
        is_ordered=True,
    ),
]
