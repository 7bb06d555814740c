"""Scenarios: failing checks, diffs, creates, updates and deletes, failing programs, and what a later run makes of them.

Every failing run forces its order with depends_on: what else had begun when a step failed is chance otherwise.
"""

from differential.scenario import Break, Mend, preview, scenario, up

_LINE = "a = Toy('a')\nb = Toy('b', Opts(depends_on=[a]), size={size})\nc = Toy('c', Opts(depends_on=[b]))"

SCENARIOS = [
    scenario(
        "create-fails-and-is-retried",
        "After a failed create what came before is kept, what comes after waits, and a later run goes on.",
        up(_LINE.format(size=1), Break("create", "b")),
        preview(),
        up(),
        up(None, Mend()),
        up(),
        is_ordered=True,
    ),
    scenario(
        "update-fails-and-is-retried",
        "After a failed update the old state stands, and a later run tries again.",
        up(_LINE.format(size=1)),
        up(_LINE.format(size=2), Break("update", "b")),
        preview(),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "failed-step-stops-deletes",
        "Nothing is deleted in a run in which a step failed.",
        up("a = Toy('a')\nToy('gone', Opts(depends_on=[a]))"),
        up("a = Toy('a')\nToy('b', Opts(depends_on=[a]))", Break("create", "b")),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "delete-fails-and-is-retried",
        "A failed delete keeps the resource, and what it depends on, for a later run.",
        up("a = Toy('a')\nb = Toy('b', Opts(depends_on=[a]))\nToy('c', Opts(depends_on=[b]))"),
        up("", Break("delete", "b")),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "check-refuses",
        "A check failure fails preview and up, and leaves the old state.",
        up("a = Toy('a')\nToy('b', Opts(depends_on=[a]), size=1)"),
        preview("a = Toy('a')\nToy('b', Opts(depends_on=[a]), size=2)", Break("reject", "b")),
        up(),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "check-fails",
        "An exception in check fails preview and up, on a new and on an old resource.",
        preview("a = Toy('a')\nToy('b', Opts(depends_on=[a]), size=1)", Break("check", "b")),
        up(),
        up(None, Mend()),
        up("a = Toy('a')\nToy('b', Opts(depends_on=[a]), size=2)", Break("check", "b")),
        is_ordered=True,
    ),
    scenario(
        "diff-fails",
        "An exception in diff fails preview and up, and leaves the old state.",
        up("a = Toy('a')\nToy('b', Opts(depends_on=[a]), size=1)"),
        preview("a = Toy('a')\nToy('b', Opts(depends_on=[a]), size=2)", Break("diff", "b")),
        up(),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "replacement-create-fails",
        "When the create of a replacement fails, the old resource stands, and a later run replaces it.",
        up("a = Toy('a', name='one')\nToy('b', of=a.serial)"),
        up("a = Toy('a', name='two')\nToy('b', of=a.serial)", Break("create", "two")),
        preview(),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "replacement-delete-fails",
        "When the delete of a replacement fails, the old resource stays, marked for deletion by a later run.",
        up("a = Toy('a', name='one')\nToy('b', of=a.serial)"),
        up("a = Toy('a', name='two')\nToy('b', of=a.serial)", Break("delete", "one")),
        preview(),
        up(),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "delete-first-create-fails",
        "A create that fails after its delete leaves replacements pending; each retry deletes the dependent again.",
        up("a = Toy('a', Opts(delete_before_replace=True), name='1')\nToy('b', of=a.serial, replace_on=['of'])"),
        up(
            "a = Toy('a', Opts(delete_before_replace=True), name='2')\nToy('b', of=a.serial, replace_on=['of'])",
            Break("create", "2"),
        ),
        preview(),
        up(),
        up(None, Mend()),
        up(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-delete-fails",
        "A delete that fails before its create leaves the old resource and the old state.",
        up("Toy('a', Opts(delete_before_replace=True), name='1')"),
        up("Toy('a', Opts(delete_before_replace=True), name='2')", Break("delete", "1")),
        up(None, Mend()),
        is_ordered=True,
    ),
]
