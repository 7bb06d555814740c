"""Scenarios: refresh, with drift, disappearance and new ids."""

from differential.scenario import Break, Drift, Mend, Vanish, preview, refresh, scenario, up

_THREE = "a = Toy('a', size=1)\nb = Toy('b', of=a.serial, size=1)\nToy('c', Opts(depends_on=[b]), size=1)"

SCENARIOS = [
    scenario(
        "refresh-finds-nothing",
        "A refresh of an unchanged world changes nothing, also of an empty stack.",
        refresh(),
        up(_THREE),
        refresh(),
        up(),
    ),
    scenario(
        "refresh-finds-drift",
        "A refresh takes over what changed outside, and the next run puts it right.",
        up(_THREE),
        refresh(Drift("a", {"size": 5, "serial": "drifted"})),
        preview(),
        up(),
        refresh(),
    ),
    scenario(
        "refresh-of-mute-resources",
        "Where read returns no inputs, a refresh keeps the old inputs and takes the outputs.",
        up("Toy('a', size=1, mute=True)"),
        refresh(Drift("a", {"size": 5})),
        preview(),
        up(),
    ),
    scenario(
        "refresh-finds-a-resource-gone",
        "A refresh drops what is gone, and those who depended on it forget it; the next run creates it again.",
        up(_THREE),
        refresh(Vanish("a")),
        preview(),
        up(),
        refresh(Vanish("c")),
        up(),
    ),
    scenario(
        "refresh-finds-a-new-id",
        "A read that answers with another id renames the resource in the state.",
        up("Toy('a', size=1)"),
        refresh(Drift("a", {"id_now": "elsewhere"})),
    ),
    scenario(
        "refresh-fails",
        "A read that fails fails the refresh, and the state stands.",
        up("Toy('a')"),
        refresh(Break("read", "a")),
        refresh(Mend()),
    ),
]
