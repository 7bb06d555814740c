"""Two runners perform the same course; after every step what they did is compared."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from differential.comparison import step_differences
from differential.runners import Runner, perform

from .courses import Course

MakeRunner = Callable[[Path], Runner]


@dataclass(frozen=True)
class Verdict:
    """How far two runners agreed: the lines of the first step that differed, if any."""

    compared: int
    differences: tuple[str, ...] = ()


def compare_runners(course: Course, right: MakeRunner, tried: MakeRunner) -> Verdict:
    """Perform a course on both runners until they differ; after a difference nothing more can be concluded."""
    with TemporaryDirectory() as folder:
        one, two = right(Path(folder) / "right"), tried(Path(folder) / "tried")
        compared = 0
        for step in course.steps():
            found = step_differences(perform(one, step), perform(two, step))
            compared += 1
            if found:
                return Verdict(compared, tuple(found))
    return Verdict(compared)
