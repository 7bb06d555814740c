"""Scenarios: replacements, in both orders, with those that depend on what is replaced."""

from differential.scenario import destroy, preview, scenario, up

_CHAIN = """
    a = Toy("a", {opts}, name="{name}")
    b = Toy("b", name="b", of=a.serial, replace_on={replace_b})
    Toy("c", name="c", of=b.serial)
"""


def _chain(name: str, opts: str = "Opts()", replace_b: str = "[]") -> str:
    return _CHAIN.format(name=name, opts=opts, replace_b=replace_b)


_DBR = "Opts(delete_before_replace=True)"

SCENARIOS = [
    scenario(
        "replace-creates-first",
        "A replacement creates before it deletes, and deletes at the end.",
        up("a = Toy('a', name='old')\nToy('b', of=a.serial)"),
        preview("a = Toy('a', name='new')\nToy('b', of=a.serial)"),
        up(),
        up(),
        is_ordered=True,
    ),
    scenario(
        "replace-keeps-dependents-that-only-change",
        "Dependents of a replaced resource are updated between its create and its delete.",
        up(_chain("one")),
        preview(_chain("two")),
        up(),
        is_ordered=True,
    ),
    scenario(
        "replace-pulls-dependents-along",
        "A dependent that must be replaced on the changed value is replaced too, create first.",
        up(_chain("one", replace_b="['of']")),
        preview(_chain("two", replace_b="['of']")),
        up(),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-by-option",
        "delete_before_replace deletes before it creates.",
        up("Toy('a', Opts(delete_before_replace=True), name='one')"),
        preview("Toy('a', Opts(delete_before_replace=True), name='two')"),
        up(),
        up(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-by-answer",
        "The provider's answer asks for delete-before-replace.",
        up("Toy('a', name='one', delete_first=True)"),
        preview("Toy('a', name='two', delete_first=True)"),
        up(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-option-overrules-answer",
        "An explicit False as option overrules the provider's answer.",
        up("Toy('a', Opts(delete_before_replace=False), name='one', delete_first=True)"),
        preview("Toy('a', Opts(delete_before_replace=False), name='two', delete_first=True)"),
        up(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-leaves-dependents-that-only-change",
        "Dependents that would not be replaced survive a delete-before-replace.",
        up(_chain("one", _DBR)),
        preview(_chain("two", _DBR)),
        up(),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-takes-dependents-first",
        "Dependents that would be replaced are deleted before what they depend on.",
        up(_chain("one", _DBR, "['of']")),
        preview(_chain("two", _DBR, "['of']")),
        up(),
        up(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-through-depends-on-only",
        "A dependent by depends_on alone is not replaced with what it depends on.",
        up("a = Toy('a', Opts(delete_before_replace=True), name='1')\nToy('b', Opts(depends_on=[a]))"),
        preview("a = Toy('a', Opts(delete_before_replace=True), name='2')\nToy('b', Opts(depends_on=[a]))"),
        up(),
        is_ordered=True,
    ),
    scenario(
        "delete-first-through-a-long-chain",
        "A chain of dependents that all must be replaced is deleted from its end and created from its start.",
        *(
            step(
                f"""
                last = Toy("t0", Opts(delete_before_replace=True), name="{name}")
                for n in range(1, 5):
                    last = Toy(f"t{{n}}", of=last.serial, replace_on=["of"])
                """
            )
            for name in ("one", "two")
            for step in (preview, up)
        ),
        is_ordered=True,
    ),
    scenario(
        "replace-on-changes-with-the-engine-comparing",
        "replace_on_changes works on top-level and nested paths where the engine compares.",
        up("Toy('a', Opts(replace_on_changes=['size', 'deep.x']), says='unknown', size=1, deep={'x': 1, 'y': 1})"),
        preview("Toy('a', Opts(replace_on_changes=['size', 'deep.x']), says='unknown', size=1, deep={'x': 1, 'y': 2})"),
        up(),
        preview("Toy('a', Opts(replace_on_changes=['size', 'deep.x']), says='unknown', size=1, deep={'x': 2, 'y': 2})"),
        up(),
        up("Toy('a', Opts(replace_on_changes=['size', 'deep.x']), says='unknown', size=2, deep={'x': 2, 'y': 2})"),
        is_ordered=True,
    ),
    scenario(
        "replace-on-changes-of-anything",
        "A star replaces on any change, and a list path on a change of that element.",
        up("Toy('a', Opts(replace_on_changes=['*']), says='unknown', size=1)"),
        up("Toy('a', Opts(replace_on_changes=['*']), says='unknown', size=2)"),
        up("Toy('a', Opts(replace_on_changes=['tags[1]']), says='unknown', size=2, tags=['x', 'y'])"),
        up("Toy('a', Opts(replace_on_changes=['tags[1]']), says='unknown', size=2, tags=['z', 'y'])"),
        up("Toy('a', Opts(replace_on_changes=['tags[1]']), says='unknown', size=2, tags=['z', 'w'])"),
        up("Toy('a', Opts(replace_on_changes=['tags[*]']), says='unknown', size=2, tags=['q', 'w'])"),
        is_ordered=True,
    ),
    scenario(
        "replace-on-changes-with-the-provider-comparing",
        "Where the provider says that something changed but not what, replace_on_changes has nothing to go by.",
        up("Toy('a', Opts(replace_on_changes=['size']), size=1)"),
        preview("Toy('a', Opts(replace_on_changes=['size']), size=2)"),
        up(),
        up("Toy('a', Opts(replace_on_changes=['*']), size=3)"),
        is_ordered=True,
    ),
]
