"""Scenarios: the life of a resource, its inputs, and what else a program may say about it."""

from differential.scenario import Drift, destroy, preview, scenario, up

SCENARIOS = [
    scenario(
        "life-of-one-resource",
        "A resource is created, left alone, updated and deleted.",
        preview("Toy('a', size=1)"),
        up(),
        preview(),
        up(),
        preview("Toy('a', size=2)"),
        up(),
        preview(""),
        up(),
        destroy(),
    ),
    scenario(
        "empty-program",
        "A program without resources has a stack and nothing else, and destroy leaves nothing.",
        preview(""),
        up(),
        up(),
        destroy(),
        destroy(),
    ),
    scenario(
        "inputs-of-every-kind",
        "Numbers, texts, lists, dictionaries, empty values and None reach provider and state as the SDK sends them.",
        up(
            """
            Toy("a", whole=3, part=0.5, big=12345678901234567, huge=1e300, minus=-1, yes=True, no=False,
                text="", umlaut="Zoë ✓ 漢字", quote='"\\\\\\n', none=None, empty_list=[], empty_dict={},
                listed=[1, "two", None, [3.5, []]], nested={"deep": {"er": [{"x": None, "y": {}}]}})
            """
        ),
        preview(),
        up(),
    ),
    scenario(
        "input-added-and-removed",
        "An input that comes or goes is an update.",
        up("Toy('a', size=1)"),
        up("Toy('a', size=1, colour='red')"),
        preview("Toy('a', colour='red')"),
        up(),
        up("Toy('a', colour=None)"),
    ),
    scenario(
        "check-fills-in-inputs",
        "What check adds to the inputs is what diff, create and the state see.",
        preview("Toy('a', fill={'size': 7})"),
        up(),
        up(),
        up("Toy('a', fill={'size': 8})"),
        up("Toy('a', size=1, fill={'size': 8})"),
    ),
    scenario(
        "diff-unknown-lets-the-engine-compare",
        "Where diff does not say whether anything changed, the engine compares the inputs itself.",
        up("Toy('a', says='unknown', size=1, tags=['x', 'y'])"),
        up(),
        preview("Toy('a', says='unknown', size=2, tags=['x', 'z'])"),
        up(),
        up("Toy('a', says='unknown', tags=['x'])"),
    ),
    scenario(
        "output-only-change-is-not-seen-by-up",
        "What changes outside Pulumi is not seen by an update without refresh.",
        up("Toy('a', size=1, emit={'address': 'here'})"),
        up(None, Drift("a", {"serial": "other", "address": "there"})),
        preview("Toy('a', size=2, emit={'address': 'here'})"),
        up(),
    ),
    scenario(
        "outputs-flow-into-inputs",
        "An output reaches a dependent's inputs, nested and in a list, and makes a property dependency.",
        preview(
            """
            a = Toy("a", emit={"where": {"host": "h", "ports": [1, 2]}}, where=None)
            b = Toy("b", text=a.serial, nested={"list": ["x", a.serial]}, id_of=a.id)
            Toy("c", both=[a.serial, b.serial], upper=b.serial.apply(lambda s: s.upper()), host=a.where["host"])
            """
        ),
        up(),
        preview(),
        up(),
        preview(
            """
            a = Toy("a", emit={"where": {"host": "h2", "ports": [1, 2]}}, where=None)
            b = Toy("b", text=a.serial, nested={"list": ["x", a.serial]}, id_of=a.id)
            Toy("c", both=[a.serial, b.serial], upper=b.serial.apply(lambda s: s.upper()), host=a.where["host"])
            """
        ),
        up(),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "depends-on-orders-creates-and-deletes",
        "Creates follow depends_on, deletes go against it.",
        up(
            """
            a = Toy("a")
            b = Toy("b", Opts(depends_on=[a]))
            Toy("c", Opts(depends_on=[b, a]))
            """
        ),
        up("a = Toy('a')\nc = Toy('c', Opts(depends_on=[a]))"),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "unknowns-in-a-preview",
        "In a preview what is not known yet travels through chains, lists and applies.",
        preview(
            """
            a = Toy("a")
            b = Toy("b", one=a.serial, listed=["x", a.serial, 3], deep={"a": {"b": a.serial}}, plain=a.name)
            c = Toy("c", joined=Output.concat("-", a.serial, "-"), chained=b.one, of_apply=b.serial.apply(len))
            pulumi.export("known", a.name)
            pulumi.export("unknown", c.serial)
            pulumi.export("mixed", {"k": [a.name, c.serial]})
            """
        ),
        up(),
        preview(),
    ),
    scenario(
        "stack-outputs-come-change-and-go",
        "Stack outputs follow the program.",
        up("pulumi.export('one', 1)\npulumi.export('two', {'a': [1, None, 'x']})\npulumi.export('none', None)"),
        up("pulumi.export('one', 2)\npulumi.export('three', Toy('a').serial)"),
        preview("pulumi.export('three', Toy('a').serial)"),
        up(),
        up("Toy('a')"),
    ),
    scenario(
        "many-deletes-at-once",
        "Independent resources that leave the program are all deleted.",
        up("for n in range(12):\n    Toy(f'r{n}', size=n)"),
        preview("Toy('r0', size=0)"),
        up(),
    ),
    scenario(
        "everything-renamed-at-once",
        "Resources that change label and name together are created anew and the old ones deleted.",
        up("a = Toy('a')\nToy('b', of=a.serial)"),
        preview("a = Toy('x')\nToy('y', of=a.serial)"),
        up(),
    ),
    scenario(
        "two-names-swapped",
        "Two resources that swap their names are both replaced, by objects of the other's key.",
        up("a = Toy('a', name='one')\nToy('b', Opts(depends_on=[a]), name='two')"),
        preview("a = Toy('a', name='two')\nToy('b', Opts(depends_on=[a]), name='one')"),
        up(),
        up(),
        is_ordered=True,
    ),
]
