"""Scenarios: resources that are read, not managed."""

from differential.scenario import Break, Drift, Mend, Vanish, destroy, preview, refresh, scenario, up

_FOUND = Drift("there", {"name": "there", "size": 1, "serial": "s"})

SCENARIOS = [
    scenario(
        "get-finds-a-resource",
        "A resource that is got by its id is read in preview and up, follows the world, and is not deleted.",
        preview("a = Toy('a', Opts(id='there'))\nToy('b', of=a.serial)", _FOUND),
        up(),
        up(),
        up(None, Drift("there", {"size": 2, "serial": "s2"})),
        refresh(Drift("there", {"size": 3, "serial": "s3"})),
        up("Toy('b')"),
    ),
    scenario(
        "get-is-destroyed-without-a-delete",
        "A stack with a got resource is destroyed without a call for it.",
        up("a = Toy('a', Opts(id='there'))\nToy('b', Opts(depends_on=[a]))", _FOUND),
        destroy(),
        is_ordered=True,
    ),
    scenario(
        "get-with-an-id-from-another",
        "A resource got by an id that is an output is read when the id is known.",
        preview("a = Toy('a')\nToy('b', Opts(id=a.id))"),
        up(),
        up(),
        is_ordered=True,
    ),
    scenario(
        "get-fails",
        "A read that fails fails preview and up.",
        up("Toy('x')"),
        preview("x = Toy('x')\nToy('a', Opts(id='there', depends_on=[x]))", _FOUND, Break("read", "there")),
        up(),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "get-becomes-managed-and-back",
        "A got resource that the program then manages is created; a managed one that is then got is let go.",
        up("Toy('a', Opts(id='there'))", _FOUND),
        preview("Toy('a', name='there')"),
        up(),
        preview("Toy('a', Opts(id='there'))"),
        up(),
        is_ordered=True,
    ),
    scenario(
        "get-changes-its-id",
        "A got resource whose id changes is read anew, not replaced.",
        up("a = Toy('a', Opts(id='there'))\nToy('b', of=a.serial)", _FOUND),
        preview("a = Toy('a', Opts(id='here'))\nToy('b', of=a.serial)", Drift("here", {"name": "here", "serial": "h"})),
        up(),
        is_ordered=True,
    ),
    scenario(
        "get-finds-nothing",
        "A got resource that is gone leaves the state at a refresh, and comes back hollow when it is read again.",
        up("Toy('a', Opts(id='there'))", _FOUND),
        refresh(Vanish("there")),
        up(),
        is_ordered=True,
    ),
]
