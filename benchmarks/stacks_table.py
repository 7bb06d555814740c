"""The results of `benchmarks.stacks` as Markdown. Must not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["as_markdown"]

_MIB = 2**20


def as_markdown(results: Mapping[str, Any]) -> str:
    """Return the page."""
    options, lives = results["options"], results["lives"]
    count = options["stacks"]
    about = (
        f"{options['users']:,} people with a grant each, {options['latency_ms']:.0f} ms for each request, checkpoints"
        f" skipped, `file://` backend: {count} stacks, {options['at_once']} at a time (`pulumi-conduit stacks`),"
        " against one stack (`pulumi`). Seconds; one run each, so small differences mean nothing."
    )
    lines = [
        "# Past one stack",
        "",
        about,
        "",
        f"| | {count} stacks | CPU | one stack | CPU | one / {count} | calls, {count} stacks | calls, one |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *_compared(lives["many"], lives["one"]),
        "",
        f"State: {_mib(lives['many'])} MiB in {count} files, {_mib(lives['one'])} MiB in one.",
        "",
        "## Killed and resumed",
        "",
        *_killed(lives["killed"], options),
        "",
        "## Machine",
        "",
        *(f"- {name}: {value}" for name, value in results["machine"].items()),
        f"- load before and after: {', '.join(map(str, results['loads']))}",
    ]
    return "\n".join(lines) + "\n"


def _compared(many: Sequence[Mapping[str, Any]], one: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for left, right in zip(many, one, strict=True):
        cells = (
            left["workload"],
            f"{left['wall_s']:.1f}",
            f"{left['cpu_s']:.1f}",
            f"{right['wall_s']:.1f}",
            f"{right['cpu_s']:.1f}",
            f"{right['wall_s'] / left['wall_s']:.2f}",
            f"{sum(left['calls'].values()):,}",
            f"{sum(right['calls'].values()):,}",
        )
        yield f"| {' | '.join(cells)} |"


def _killed(samples: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Iterator[str]:
    killed, resumed = samples
    yield (
        f"The command and all its CLIs were killed (SIGKILL) when {options['kill_at']:.0%} of the people had been made,"
        f" after {killed['wall_s']:.1f} s. `--resume --unlock` took {resumed['wall_s']:.1f} s. In all"
        f" {resumed['made_in_all']:,} `POST /users` were answered for {options['users']:,} people, and the sandbox held"
        " exactly the file's people."
    )


def _mib(samples: Sequence[Mapping[str, Any]]) -> str:
    return f"{max(one['state_bytes'] for one in samples) / _MIB:.1f}"
