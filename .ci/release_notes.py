"""`release_notes.py v1.2.3`: print the changelog of a release; fail unless the tag is the version and it has a date."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_SECTION = re.compile(r"^## \[(?P<version>[^\]]+)\] - (?P<date>.+)\n(?P<text>(?:(?!## ).*\n)*)", re.MULTILINE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def notes(tag: str, source: str, changelog: str) -> str:
    """Return the section of a tag's version; ValueError with what is wrong."""
    version = _VERSION.findall(source)[0]
    if tag != f"v{version}":
        raise ValueError(
            f"the tag is {tag!r} but pulumi_conduit.__version__ is {version!r}: they must be the same version"
        )
    section = next((one for one in _SECTION.finditer(changelog) if one["version"] == version), None)
    if section is None:
        raise ValueError(f"CHANGELOG.md has no section '## [{version}] - <date>'")
    if not _DATE.fullmatch(section["date"]):
        raise ValueError(f"CHANGELOG.md says {section['date']!r} of {version}: replace that by the date of the release")
    return section["text"].strip() + "\n"


def main() -> int:
    """Print the notes, or one line of what is wrong."""
    pages = [ROOT / "pulumi_conduit" / "__init__.py", ROOT / "CHANGELOG.md"]
    try:
        sys.stdout.write(notes(sys.argv[1], *(page.read_text(encoding="utf-8") for page in pages)))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
