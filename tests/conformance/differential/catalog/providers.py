"""Scenarios: explicit providers."""

from differential.scenario import Break, Hidden, Mend, destroy, preview, refresh, scenario, up

_ONE = """
p = pulumi.ProviderResource("pulumi-python", "p", {config})
Toy("a", Opts(provider=p), size={size})
"""

SCENARIOS = [
    scenario(
        "explicit-provider",
        "A resource with an explicit provider is served by a process configured with that provider's inputs alone.",
        preview(_ONE.format(config="{'toy:profile': 'x'}", size=1), config={"conformance:region": "eu"}),
        up(),
        up(),
        up(_ONE.format(config="{'toy:profile': 'x'}", size=2)),
        refresh(),
        up(""),
    ),
    scenario(
        "explicit-provider-changes-its-configuration",
        "A provider's inputs change in place, and its resources stay.",
        up(_ONE.format(config="{'toy:profile': 'x'}", size=1)),
        preview(_ONE.format(config="{'toy:profile': 'y', 'toy:more': '1'}", size=1)),
        up(),
        up(_ONE.format(config="{}", size=1)),
        destroy(),
    ),
    scenario(
        "explicit-provider-with-a-secret",
        "A provider's secret input is secret in the state and plain in its configuration.",
        up(_ONE.format(config="{'toy:token': Output.secret('hunter2')}", size=1), config={"x:y": Hidden("z")}),
        refresh(),
        destroy(),
    ),
    scenario(
        "explicit-provider-configured-from-an-output",
        "A provider whose inputs are not known in a preview is not asked; in the update it is.",
        preview(
            """
            a = Toy("a")
            p = pulumi.ProviderResource("pulumi-python", "p", {"toy:profile": a.serial})
            b = Toy("b", Opts(provider=p), size=1)
            Toy("c", of=b.serial, size=b.size if hasattr(b, "size") else 0)
            """
        ),
        up(),
        preview(),
        up(),
        is_ordered=True,
    ),
    scenario(
        "provider-given-to-a-component",
        "Children inherit the provider that their component was given.",
        up(
            """
            p = pulumi.ProviderResource("pulumi-python", "p", {"toy:profile": "x"})
            g = Group("g", Opts(providers=[p]))
            a = Toy("a", Opts(parent=g))
            Toy("b", Opts(parent=a))
            Toy("c")
            """
        ),
        up(),
        destroy(),
    ),
    scenario(
        "resource-moves-between-providers",
        "A resource that moves to another provider stays the same, and the state says whose it is.",
        up(
            """
            p = pulumi.ProviderResource("pulumi-python", "p", {"toy:profile": "x"})
            q = pulumi.ProviderResource("pulumi-python", "q", {"toy:profile": "y"})
            Toy("a", Opts(provider=p), size=1)
            """
        ),
        preview(
            """
            p = pulumi.ProviderResource("pulumi-python", "p", {"toy:profile": "x"})
            q = pulumi.ProviderResource("pulumi-python", "q", {"toy:profile": "y"})
            Toy("a", Opts(provider=q), size=1)
            """
        ),
        up(),
        up("Toy('a', size=2)"),
        up(_ONE.format(config="{}", size=2)),
    ),
    scenario(
        "provider-and-resource-both-go",
        "A provider is deleted after what it serves, and stays while a delete of that fails.",
        up(_ONE.format(config="{'toy:profile': 'x'}", size=1)),
        up("", Break("delete", "a")),
        up(None, Mend()),
        is_ordered=True,
    ),
    scenario(
        "provider-renamed-with-an-alias",
        "A provider under a new label is the same by its alias; without one its resources move to a new provider.",
        up(_ONE.format(config="{'toy:profile': 'x'}", size=1)),
        up(
            """
            p = pulumi.ProviderResource("pulumi-python", "q", {"toy:profile": "x"}, Opts(aliases=[Alias(name="p")]))
            Toy("a", Opts(provider=p), size=1)
            """
        ),
        up(
            """
            p = pulumi.ProviderResource("pulumi-python", "r", {"toy:profile": "x"})
            Toy("a", Opts(provider=p), size=1)
            """
        ),
    ),
]
