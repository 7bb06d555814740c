"""Scenarios: programs that fail or say odd things."""

from differential.scenario import Break, Mend, preview, scenario, up

_BOOM = "def boom(_):\n    raise ValueError('boom')\n"

SCENARIOS = [
    scenario(
        "program-fails-before-it-declares",
        "A program that fails at once fails the run, and nothing is deleted.",
        up("Toy('a')"),
        preview("raise ValueError('boom')"),
        up(),
        up("Toy('a')"),
    ),
    scenario(
        "program-fails-after-it-declared",
        "A program that fails on a known output keeps what was made, and nothing is deleted.",
        up("Toy('old')"),
        up(f"{_BOOM}Toy('a').serial.apply(boom)"),
        up("Toy('a')"),
    ),
    scenario(
        "program-exits",
        "A program that exits with a code that is not zero fails the run.",
        preview("import sys\nsys.exit(3)"),
        up(),
        up("import sys\nsys.exit(0)"),
    ),
    scenario(
        "program-does-not-compile",
        "A program that cannot be compiled fails the run and leaves the state.",
        up("Toy('a')"),
        up("this is no program"),
    ),
    scenario(
        "program-logs-an-error",
        "An error that a program logs does not fail the run, whether it is about a resource or not.",
        preview("a = Toy('a')\npulumi.log.error('no', a)"),
        up(),
        up("Toy('a', size=2)\npulumi.log.error('no')"),
        up("Toy('b')\npulumi.log.error('no')"),
        up("a = Toy('a')\npulumi.log.warn('hm', a)\npulumi.log.info('so')"),
    ),
    scenario(
        "stack-output-fails",
        "A stack output that cannot be made fails the run; resources and old outputs stay.",
        up("a = Toy('a')\npulumi.export('x', a.serial)\npulumi.export('y', 1)"),
        up(f"{_BOOM}a = Toy('a', size=2)\npulumi.export('x', a.serial.apply(boom))\npulumi.export('z', 2)"),
        up("a = Toy('a', size=2)\npulumi.export('z', 2)"),
    ),
    scenario(
        "stack-outputs-of-a-failed-run",
        "A run that fails keeps old stack outputs.",
        up("a = Toy('a')\npulumi.export('x', 1)\npulumi.export('y', 1)"),
        up("a = Toy('a', size=2)\npulumi.export('x', 2)\npulumi.export('z', a.serial)", Break("update", "a")),
        up("pulumi.export('x', 3)", Break("delete", "a")),
        up(None, Mend()),
    ),
    scenario(
        "urn-declared-twice",
        "A URN that is declared twice fails the run.",
        preview("a = Toy('a')\nToy('a', Opts(depends_on=[a]), size=2)"),
        up(),
        up("a = Toy('a')"),
        is_ordered=True,
    ),
    scenario(
        "resource-as-an-input",
        "A resource given as an input reaches the provider as its id, and makes a dependency.",
        preview("a = Toy('a')\nToy('b', of=a, listed=[a, 1], deep={'a': a})"),
        up(),
        preview(),
        up(),
        up(""),
        is_ordered=True,
    ),
    scenario(
        "component-as-an-input",
        "A component given as an input reaches the provider as its URN.",
        up("g = Group('g')\na = Toy('a', Opts(parent=g))\nToy('b', Opts(depends_on=[a]), of=g)"),
        up(),
        is_ordered=True,
    ),
    scenario(
        "name-that-comes-from-another",
        "A natural key that is made of another's output is unknown in a preview, and follows a replacement.",
        preview("a = Toy('a')\nToy('b', name=Output.concat('of-', a.serial))"),
        up(),
        preview("a = Toy('a', name='z')\nToy('b', name=Output.concat('of-', a.serial))"),
        up(),
        is_ordered=True,
    ),
    scenario(
        "declared-within-an-apply",
        "A resource declared within an apply is made in an update, and missing from a preview.",
        preview("Toy('a').serial.apply(lambda serial: Toy('b', of=serial))"),
        up(),
        preview(),
        up("Toy('a')"),
        is_ordered=True,
    ),
]
