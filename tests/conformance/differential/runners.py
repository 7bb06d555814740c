"""What a runner is: an engine with a stack that performs steps in order, and what is observed of each step."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .normalization import normal_calls, normal_pending, normal_plan, normal_resources
from .object_store import ObjectStore
from .scenario import Config, Scenario, Step
from .validity import disorder

PROJECT = "conformance"
STACK = "dev"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Raw:
    """What an engine left of one operation, in its own words."""

    ok: bool
    plan: list[tuple[str, str]]
    deployment: dict[str, Any]


class Runner(Protocol):
    """An engine with a stack of its own."""

    workspace: "Workspace"

    def run(self, step: Step, config: Config) -> Raw:
        """Perform one operation in the workspace."""


@dataclass
class Workspace:
    """The folders of one stack: the program, its objects, its log, and whatever the engine keeps."""

    folder: Path
    config: Config = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill the workspace with a project and the example provider."""
        self.program.mkdir(parents=True)
        self.objects = ObjectStore(self.folder / "world")
        (self.program / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n", encoding="utf-8")
        for name in ("example_provider.py", "object_store.py"):
            shutil.copy(_HERE / name, self.program / name)

    @property
    def program(self) -> Path:
        """Return the program's folder."""
        return self.folder / "program"

    @property
    def environ(self) -> dict[str, str]:
        """Return the variables from which the provider knows where its objects and its log are."""
        return {"PROVIDER_LOG": str(self.folder / "calls.jsonl"), "PROVIDER_OBJECTS": str(self.folder / "world")}

    def prepare(self, step: Step) -> None:
        """Let happen what happens before an operation."""
        if step.source is not None:
            (self.program / "__main__.py").write_text(step.source, encoding="utf-8")
        if step.config is not None:
            self.config = step.config
        for event in step.events:
            event.happen(self.objects)

    def take_calls(self) -> list[dict[str, Any]]:
        """Return the calls since the last time, in order, and forget them."""
        log = Path(self.environ["PROVIDER_LOG"])
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]


def perform(runner: Runner, step: Step, *, is_ordered: bool = False) -> dict[str, Any]:
    """Perform one step and return what was observed, in normal form."""
    runner.workspace.prepare(step)
    raw = runner.run(step, runner.workspace.config)
    seen = {"operation": step.operation, "ok": raw.ok}
    is_sequence = is_ordered and step.operation != "refresh"  # reads run at once, whatever depends on what
    calls = normal_calls(runner.workspace.take_calls(), is_ordered=is_sequence)
    if step.operation == "preview":
        return {**seen, "plan": normal_plan(raw.plan), "calls": calls}
    state = {"resources": normal_resources(raw.deployment), "pending": normal_pending(raw.deployment)}
    return {**seen, "calls": calls, **state, "disorder": disorder(raw.deployment)}


def play(scenario: Scenario, runner: Runner) -> list[dict[str, Any]]:
    """Perform a whole scenario and return what was observed of each step."""
    return [perform(runner, step, is_ordered=scenario.is_ordered) for step in scenario.steps]
