"""The output files of an adoption."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_conduit.cli.adopt.code import program_text, roster_program_text, roster_text
from pulumi_conduit.cli.adopt.import_file import import_text

if TYPE_CHECKING:
    from pulumi_conduit.cli.adopt.inventory import Inventory

__all__ = ["TenantFiles"]


@dataclass(frozen=True)
class TenantFiles:
    """The paths of the files; without a roster, the program declares every person one by one."""

    import_file: Path
    component: str
    roster: Path | None
    program: Path | None

    def paths(self) -> list[Path]:
        """Return every file that will be written."""
        return [path for path in (self.roster, self.program, self.import_file) if path is not None]

    def progress(self) -> Path:
        """Return the file in which an interrupted run saves its progress."""
        return self.import_file.with_name(f"{self.import_file.name}.progress")

    def texts(self, inventory: Inventory) -> dict[Path, str]:
        """Return the content of each file."""
        texts = {self.import_file: import_text(inventory, self.component if self.roster else None)}
        if self.roster:
            texts[self.roster] = roster_text(inventory, is_csv=self.roster.suffix.lower() == ".csv")
        if self.program:
            texts[self.program] = self._program(inventory)
        return texts

    def declaration(self, profile: str | None) -> str:
        """Return the program that declares the roster, from the folder of the program or else of the roster."""
        home = (self.program or self.import_file).parent
        path = Path(os.path.relpath(self.roster or Path(), home)).as_posix()
        return roster_program_text(self.component, path, profile)

    def _program(self, inventory: Inventory) -> str:
        return self.declaration(inventory.profile) if self.roster else program_text(inventory)
