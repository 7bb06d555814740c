"""Scenarios: secrets, in inputs, outputs, configuration and stack outputs."""

from differential.scenario import Hidden, destroy, preview, refresh, scenario, up

SCENARIOS = [
    scenario(
        "secret-input",
        "A secret input reaches the provider in the clear and the state as a secret, as input and as output.",
        preview("Toy('a', pw=Output.secret('hunter2'), size=1)"),
        up(),
        up(),
        up("Toy('a', pw=Output.secret('other'), size=1)"),
        up("Toy('a', pw='other', size=1)"),
        up("Toy('a', pw=Output.secret('other'), size=2)"),
        refresh(),
        destroy(),
    ),
    scenario(
        "secret-inside-a-value",
        "A secret inside a dictionary or a list stays secret where it stands.",
        up("Toy('a', deep={'pw': Output.secret('x'), 'user': 'u'}, listed=['y', Output.secret('z')])"),
        up(),
        refresh(),
        up("Toy('a', deep={'pw': Output.secret('x2'), 'user': 'u'}, listed=['y', Output.secret('z')])"),
    ),
    scenario(
        "secret-flows-to-dependents",
        "What is made of a secret is secret, and so is a stack output of it.",
        preview(
            """
            a = Toy("a", pw=Output.secret("x"))
            Toy("b", of=a.pw, joined=Output.concat("<", a.pw, ">"), plain=a.name)
            pulumi.export("pw", a.pw)
            pulumi.export("deep", {"pw": a.pw, "name": a.name})
            pulumi.export("shown", Output.unsecret(a.pw))
            """
        ),
        up(),
        up(),
    ),
    scenario(
        "additional-secret-outputs",
        "Outputs named in additional_secret_outputs become secret, also when the option comes later or goes.",
        up("a = Toy('a', Opts(additional_secret_outputs=['serial']))\npulumi.export('serial', a.serial)"),
        up(),
        up("Toy('a', Opts(additional_secret_outputs=['serial', 'size']), size=1)"),
        up("Toy('a', size=1)"),
        up("Toy('a', size=2)"),
    ),
    scenario(
        "secret-configuration",
        "Stack configuration, secrets among it, configures the default provider and stands in its state.",
        preview(
            """
            config = pulumi.Config()
            Toy("a", pw=config.require_secret("pw"), region=config.require("region"))
            pulumi.export("pw", config.require_secret("pw"))
            """,
            config={"conformance:pw": Hidden("hunter2"), "conformance:region": "eu"},
        ),
        up(),
        up(config={"conformance:pw": Hidden("hunter3"), "conformance:region": "eu", "other:key": "x"}),
        refresh(config={"conformance:pw": Hidden("hunter4"), "conformance:region": "us"}),
        up(),
        destroy(),
    ),
]
