"""Scenarios: resource options that the engine alone acts on."""

from differential.scenario import destroy, preview, refresh, scenario, up

_GUARDED = """
a = Toy("a")
b = Toy("b", Opts(depends_on=[a], protect={protect}), size=1)
Toy("c", Opts(depends_on=[b]))
"""

SCENARIOS = [
    scenario(
        "ignore-changes-of-an-input",
        "An ignored input keeps its old value, whether it changes, goes or comes.",
        up("Toy('a', size=1, colour='red')"),
        preview("Toy('a', Opts(ignore_changes=['size']), size=2, colour='red')"),
        up(),
        up("Toy('a', Opts(ignore_changes=['size']), size=3, colour='blue')"),
        up("Toy('a', Opts(ignore_changes=['size']), colour='blue')"),
        up("Toy('a', Opts(ignore_changes=['shape']), size=1, colour='blue', shape='round')"),
        up("Toy('a', size=4, colour='blue')"),
    ),
    scenario(
        "ignore-changes-inside-a-value",
        "An ignored path inside a dictionary or a list keeps its old value.",
        up("Toy('a', deep={'x': 1, 'y': 1}, tags=['p', 'q'])"),
        up("Toy('a', Opts(ignore_changes=['deep.x', 'tags[0]']), deep={'x': 2, 'y': 1}, tags=['r', 'q'])"),
        up("Toy('a', Opts(ignore_changes=['deep.x', 'tags[0]']), deep={'x': 2, 'y': 2}, tags=['r', 's'])"),
        up("Toy('a', Opts(ignore_changes=['deep[\"x\"]', 'tags[*]']), deep={'x': 3, 'y': 2}, tags=['t', 'u'])"),
    ),
    scenario(
        "ignore-changes-of-everything",
        "A star ignores every change.",
        up("Toy('a', size=1, deep={'x': 1})"),
        preview("Toy('a', Opts(ignore_changes=['*']), size=2, deep={'x': 2}, colour='red')"),
        up(),
        up("Toy('a', Opts(ignore_changes=['*']))"),
    ),
    scenario(
        "ignore-changes-of-a-path-that-is-not-there",
        "An ignored path that cannot be followed is ignored itself.",
        up("Toy('a', deep={'x': 1}, tags=['p'])"),
        up("Toy('a', Opts(ignore_changes=['deep.none.more']), deep={'x': 2}, tags=['p'])"),
        up("Toy('a', Opts(ignore_changes=['tags[5]']), deep={'x': 3}, tags=['p', 'q'])"),
    ),
    scenario(
        "ignore-changes-on-create",
        "Ignored inputs count at the first create and at the create of a replacement; between them they stay.",
        up("Toy('a', Opts(ignore_changes=['size']), name='one', size=1)"),
        up("Toy('a', Opts(ignore_changes=['size']), name='two', size=2)"),
        up("Toy('a', Opts(ignore_changes=['name']), name='three', size=2)"),
    ),
    scenario(
        "protected-resource-is-not-deleted",
        "Deleting a protected resource is an error, what it needs is kept, other deletes go on; unprotected it goes.",
        up(_GUARDED.format(protect=True)),
        preview(""),
        up(""),
        up(_GUARDED.format(protect=False)),
        up(""),
        is_ordered=True,
    ),
    scenario(
        "protected-resource-is-updated-but-not-replaced",
        "A protected resource may change in place; a replacement is an error.",
        up("Toy('a', Opts(protect=True), name='one', size=1)"),
        up("Toy('a', Opts(protect=True), name='one', size=2)"),
        preview("Toy('a', Opts(protect=True), name='two', size=2)"),
        up(),
        preview("Toy('a', Opts(protect=False), name='two', size=2)"),
        up(),
        is_ordered=True,
    ),
    scenario(
        "protected-resource-is-not-destroyed",
        "Destroy of a stack with a protected resource fails and spares what it needs.",
        up(_GUARDED.format(protect=True)),
        destroy(),
        up(_GUARDED.format(protect=False)),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "protection-goes-down-to-children",
        "Children of a protected parent are protected too.",
        up("g = Group('g', Opts(protect=True))\nToy('a', Opts(parent=g))"),
        up(""),
        up("g = Group('g')\nToy('a', Opts(parent=g))"),
        up(""),
    ),
    scenario(
        "retained-resource-is-forgotten",
        "A retained resource leaves the state without a delete, also when it is replaced or destroyed.",
        up("Toy('a', Opts(retain_on_delete=True), name='one')\nToy('b', Opts(retain_on_delete=True))"),
        preview("Toy('a', Opts(retain_on_delete=True), name='two')\nToy('b', Opts(retain_on_delete=True))"),
        up(),
        up("Toy('a', Opts(retain_on_delete=True), name='two')"),
        destroy(),
    ),
    scenario(
        "retained-resource-replaced-delete-first",
        "A retained resource that is replaced delete-first is not deleted either.",
        up("Toy('a', Opts(retain_on_delete=True, delete_before_replace=True), name='one')"),
        up("Toy('a', Opts(retain_on_delete=True, delete_before_replace=True), name='two')"),
        up("Toy('a', Opts(delete_before_replace=True), name='three')"),
        is_ordered=True,
    ),
    scenario(
        "deleted-with-spares-a-delete",
        "What is deleted with another is not deleted by itself, unless it goes alone.",
        up("a = Toy('a')\nToy('b', Opts(deleted_with=a))\nToy('c', Opts(deleted_with=a))"),
        up("a = Toy('a')\nToy('b', Opts(deleted_with=a))"),
        preview(""),
        up(),
        up("a = Toy('a')\nToy('b', Opts(deleted_with=a))"),
        destroy(),
    ),
    scenario(
        "deleted-with-in-a-replacement",
        "What is deleted with a resource that is replaced delete-first goes without a delete and is made again.",
        up("a = Toy('a', Opts(delete_before_replace=True), name='1')\nToy('b', Opts(deleted_with=a), of=a.serial)"),
        up("a = Toy('a', Opts(delete_before_replace=True), name='2')\nToy('b', Opts(deleted_with=a), of=a.serial)"),
        up(
            """
            a = Toy("a", Opts(delete_before_replace=True), name="3")
            Toy("b", Opts(deleted_with=a), of=a.serial, replace_on=["of"])
            """
        ),
        is_ordered=True,
    ),
    scenario(
        "custom-timeouts-are-kept",
        "Custom timeouts come into the state, change it, and leave it.",
        up("Toy('a', Opts(custom_timeouts=pulumi.CustomTimeouts(create='5m', delete='90s')))"),
        up("Toy('a', Opts(custom_timeouts=pulumi.CustomTimeouts(update='1h')))"),
        preview("Toy('a')"),
        up(),
        refresh(),
    ),
    scenario(
        "options-that-change-on-an-unchanged-resource",
        "Options that come or go on a resource whose inputs stay reach the state without a provider's write.",
        up("a = Toy('a')\nb = Toy('b')"),
        up("a = Toy('a')\nb = Toy('b', Opts(protect=True, retain_on_delete=True, depends_on=[a]))"),
        up("a = Toy('a')\nb = Toy('b', Opts(deleted_with=a, ignore_changes=['size'], delete_before_replace=True))"),
        up("a = Toy('a')\nb = Toy('b', Opts(replace_on_changes=['size'], additional_secret_outputs=['serial']))"),
        up("a = Toy('a')\nb = Toy('b')"),
    ),
]
