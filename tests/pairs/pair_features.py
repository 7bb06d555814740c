"""The features that the matrix crosses, each a small change of the program, of the remote side or of the operation.

This is the only list: rows and columns come from it, so that no cell can be missing. A feature that needs another start
says so in `starts`; what it does in the edit, in `edits`; what happens outside between the two, in `outside`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pair_program_data import ANN, Program

__all__ = ["FEATURES", "NAMES", "Feature", "cells"]

Change = Callable[[Program], Program]


def _same(program: Program) -> Program:
    return program


@dataclass(frozen=True)
class Feature:
    """One row and column of the matrix."""

    name: str
    sentence: str
    starts: Change = _same
    then_starts: Change | None = None  # a second program that is applied before the edit
    edits: Change = _same
    outside: tuple[tuple[str, Any], ...] = ()  # what is changed of the user behind the program's back
    is_refreshed: bool = False
    forgets: bool = False  # the state is emptied before the edit
    fails_first: bool = False
    lags: bool = False


def _with_list(program: Program) -> Program:
    return replace(program, grants=(), listed=(1, 2))


FEATURES = (
    Feature("grants", "One grant is removed, another added", edits=lambda p: replace(p, grants=(2, 4))),
    Feature(
        "list",
        "The user has an exclusive list, of which one account is removed and another added",
        starts=_with_list,
        edits=lambda p: replace(p, listed=(1, 3)),
    ),
    Feature(
        "reactivation",
        "INACTIVE was applied, ACTIVE is declared",
        then_starts=lambda p: p.having(status="INACTIVE"),
        edits=lambda p: p.having(status="ACTIVE"),
    ),
    Feature("inactive", "INACTIVE is declared", edits=lambda p: p.having(status="INACTIVE")),
    Feature("off", "The user is deactivated outside, and no refresh sees it", outside=(("status", "INACTIVE"),)),
    Feature(
        "off-seen",
        "The user is deactivated outside, and a refresh sees it",
        outside=(("status", "INACTIVE"),),
        is_refreshed=True,
    ),
    Feature("drift", "The type is changed outside", outside=(("type", "STANDARD"),), is_refreshed=True),
    Feature("rename", "User and access have new names, without aliases", edits=lambda p: replace(p, name="new")),
    Feature("move", "User and access move into a component, no aliases", edits=lambda p: replace(p, parent="team")),
    Feature("replace", "The user is replaced by --replace", edits=lambda p: p.run_with("replace")),
    Feature("target", "The user alone is the --target", edits=lambda p: p.run_with("target")),
    Feature("exclude", "The user is left out by --exclude", edits=lambda p: p.run_with("exclude")),
    Feature(
        "ignore-type",
        "Another type is declared, under ignore_changes",
        edits=lambda p: p.having(type="STANDARD").optioned(ignore_changes=["type"]),
    ),
    Feature(
        "ignore-on-destroy",
        "on_destroy was retain, is deactivate, under ignore_changes",
        starts=lambda p: p.having(on_destroy="retain"),
        edits=lambda p: p.having(on_destroy="deactivate").optioned(ignore_changes=["on_destroy"]),
    ),
    Feature("transform-type", "A transformation sets the type", edits=lambda p: _transformed(p, type="STANDARD")),
    Feature(
        "transform-on-destroy", "A transformation sets on_destroy", edits=lambda p: _transformed(p, on_destroy="retain")
    ),
    Feature("protect", "The user is protected", edits=lambda p: p.optioned(protect=True)),
    Feature("retain-on-delete", "The user has retain_on_delete", edits=lambda p: p.optioned(retain_on_delete=True)),
    Feature("on-destroy", "The user has on_destroy=retain", edits=lambda p: p.having(on_destroy="retain")),
    Feature(
        "import",
        "The stack has lost its state, and the user is imported",
        edits=lambda p: p.optioned(import_=ANN),
        forgets=True,
    ),
    Feature("get", "The same user is looked at by get", edits=lambda p: replace(p, looked_at=ANN)),
    Feature("profile", "A profile of the same identity", edits=lambda p: replace(p, profile="b")),
    Feature("identity", "A profile of another identity, same accounts", edits=lambda p: replace(p, profile="c")),
    Feature("failed", "A run before has failed at every write of accounts", fails_first=True),
    Feature("lag", "Reads are late by one after each write", lags=True),
)
NAMES = tuple(one.name for one in FEATURES)


def _transformed(program: Program, **values: Any) -> Program:
    return replace(program, transformed={**program.transformed, **values})


def cells() -> list[tuple[str, str]]:
    """Return all pairs; a feature beside itself is the feature alone."""
    return list(itertools.combinations_with_replacement(NAMES, 2))
