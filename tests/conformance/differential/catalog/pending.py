"""Scenarios: what a failed replacement leaves behind, and every way to go on from there."""

from differential.scenario import Break, Mend, Step, destroy, preview, refresh, scenario, up

_ONE = "a = Toy('a', name='one')\nToy('b', of=a.serial)"
_TWO = "a = Toy('a', name='two')\nToy('b', of=a.serial)"
_THREE = "a = Toy('a', name='three')\nToy('b', of=a.serial)"

_OLD = "a = Toy('a', Opts(delete_before_replace=True), name='1')\nToy('b', of=a.serial, replace_on=['of'])"
_NEW = "a = Toy('a', Opts(delete_before_replace=True), name='2')\nToy('b', of=a.serial, replace_on=['of'])"


def _with_a_delete_pending(*then: Step) -> tuple[Step, ...]:
    return up(_ONE), up(_TWO, Break("delete", "one")), *then


def _with_replacements_pending(*then: Step) -> tuple[Step, ...]:
    return up(_OLD), up(_NEW, Break("create", "2")), *then


SCENARIOS = [
    scenario(
        "pending-delete-and-another-replacement",
        "A resource with a pending delete is replaced once more, which makes two pending deletes.",
        *_with_a_delete_pending(
            up(_THREE, Break("delete", "two"), continue_on_error=True), up(None, Mend()), destroy()
        ),
    ),
    scenario(
        "pending-delete-and-refresh",
        "A refresh reads what is pending to be deleted too, and leaves it pending.",
        *_with_a_delete_pending(refresh(), up(None, Mend())),
        is_ordered=True,
    ),
    scenario(
        "pending-delete-and-destroy",
        "A destroy deletes what was pending too.",
        *_with_a_delete_pending(destroy(Mend())),
    ),
    scenario(
        "pending-delete-and-removal",
        "When the program drops a resource with a pending delete, both go.",
        *_with_a_delete_pending(up("", Mend())),
    ),
    scenario(
        "pending-replacement-and-refresh",
        "A refresh leaves pending replacements alone; the dependent is deleted once more before it is created.",
        *_with_replacements_pending(refresh(Mend()), preview(), up()),
        is_ordered=True,
    ),
    scenario(
        "pending-replacement-and-destroy",
        "A destroy forgets what was deleted already, without a call.",
        *_with_replacements_pending(destroy(Mend())),
        is_ordered=True,
    ),
    scenario(
        "pending-replacement-and-removal",
        "A resource with a pending replacement that the program drops is forgotten, without a call.",
        *_with_replacements_pending(preview("", Mend()), up()),
        is_ordered=True,
    ),
    scenario(
        "pending-replacement-and-the-old-inputs",
        "A resource with a pending replacement is created even where its inputs are the old ones again.",
        *_with_replacements_pending(preview(_OLD, Mend()), up(), up()),
        is_ordered=True,
    ),
    scenario(
        "pending-replacement-of-a-dependent-whose-create-fails",
        "Where the dependent's create fails after its own delete, it alone stays pending.",
        up(_OLD),
        up(_NEW, Break("create", "b")),
        preview(),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "pending-replacement-with-an-alias",
        "A resource with a pending replacement can be found by its alias.",
        *_with_replacements_pending(
            up(
                """
                a = Toy("a2", Opts(delete_before_replace=True, aliases=[Alias(name="a")]), name="2")
                Toy("b", of=a.serial, replace_on=["of"])
                """,
                Mend(),
            )
        ),
        is_ordered=True,
    ),
]
