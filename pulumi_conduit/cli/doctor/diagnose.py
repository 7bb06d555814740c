"""The order of the checks: what costs nothing first, and what goes over the network last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_conduit.cli.doctor import apis, machine, settings
from pulumi_conduit.cli.doctor.size import size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_conduit.cli.doctor.findings import Finding
    from pulumi_conduit.cli.doctor.subject import Subject

__all__ = ["SECTIONS", "diagnose"]

SECTIONS: dict[str, tuple[Callable[[Subject], Iterator[Finding]], ...]] = {
    "Settings": (
        settings.found_settings,
        settings.routes,
        settings.in_clear,
        settings.unknown_variables,
        settings.unknown_keys,
        settings.profiles,
    ),
    "Program": (machine.cli, machine.interpreter),
    "Stack": (size,),
    "APIs": (apis.offline, apis.conductor, apis.link),
}


def diagnose(subject: Subject) -> Iterator[tuple[str, Finding]]:
    """Examine, and hand out each finding with its section as soon as it is there."""
    for section, checks in SECTIONS.items():
        for check in checks:
            for finding in check(subject):
                yield section, finding
