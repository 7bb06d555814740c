"""Stands in for pip where guides and pipelines install: nothing is downloaded, but what they ask for must be here.

`install` passes if the environment of the tests satisfies every requirement, extras included; `list` answers the
language host, which looks for plugins and would wait seconds for the real one.
"""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

INSTALLERS = {"pip", "setuptools", "wheel"}
"""What the CLI upgrades in an environment that it has made; nothing of ours needs them."""


def requirements(arguments):
    """Yield what is to be installed, from the command line and from the files that it names."""
    words = iter(arguments)
    for word in words:
        if word in {"-r", "--requirement"}:
            lines = (line.partition(" #")[0].strip() for line in Path(next(words)).read_text("utf-8").splitlines())
            yield from (Requirement(line) for line in lines if line and not line.startswith(("#", "-")))
        elif not word.startswith("-"):
            yield Requirement(word)


def missing(requirement):
    """Yield what the environment lacks of a requirement and of its extras."""
    if requirement.name in INSTALLERS:
        return
    try:
        found = distribution(requirement.name)
    except PackageNotFoundError:
        yield str(requirement)
        return
    if not requirement.specifier.contains(found.version, prereleases=True):
        yield f"{requirement}, for {found.version} is here"
    for extra in requirement.extras:
        if extra not in found.metadata.get_all("Provides-Extra", []):
            yield f"{requirement.name}[{extra}], for there is no such extra"
        needed = [Requirement(text) for text in found.requires or []]
        for need in needed:
            if need.marker and not need.marker.evaluate({"extra": ""}) and need.marker.evaluate({"extra": extra}):
                yield from missing(need)


def main(command, *arguments):
    """Answer as pip would."""
    if command == "list":
        sys.stdout.write("[]")
    elif command == "install":
        lacking = [text for one in requirements(arguments) for text in missing(one)]
        sys.exit(f"not installed for the tests: {'; '.join(lacking)}" if lacking else 0)
    else:
        sys.stdout.write("pip 25.1 from here (python 3)\n")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["--version"]))
