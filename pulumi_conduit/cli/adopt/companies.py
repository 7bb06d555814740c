"""From ids to companies as an `up` would have recorded them; what an interrupted run has read is not read again."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pulumi_conduit.api.records import CompanyRecord
from pulumi_conduit.cli.adopt.inventory import LeftOut
from pulumi_conduit.errors import NotFoundError, RefusedError, UnexpectedResponseError, escaped
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.company.model import PROPERTIES, CompanySpec, CompanyState, recorded_company
from pulumi_conduit.resources.fields import normal_form
from pulumi_conduit.resources.serialization import from_properties
from pulumi_conduit.roster.nodes import Position, Problems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pulumi_conduit.resources.sessions import LinkSession

__all__ = ["CompanyReader", "Progress", "read_ids"]

_LONGEST_S = 3600.0
_FLAGS = os.O_CREAT | os.O_APPEND | os.O_WRONLY


class Progress:
    """The companies that were read, by lower-cased id; safe for several threads."""

    def __init__(self, path: Path, tenant: str) -> None:
        """Read what is there; RefusedError where it is of another tenant, or of something else altogether."""
        self.path = path
        self._tenant = tenant
        self._lock = threading.Lock()
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        self._records = self._read(text)
        if text and time.time() - path.stat().st_mtime > _LONGEST_S:
            path.unlink()
            text, self._records = "", {}
        self._is_begun = bool(text)

    def record(self, company_id: str) -> CompanyRecord | None:
        """Return a company that was read already."""
        return self._records.get(company_id.lower())

    def note(self, record: CompanyRecord) -> None:
        """Keep a company, on disk before anything else is asked."""
        with self._lock:
            self._records[record.id.lower()] = record
            # The end of a line comes before the line: what a kill has cut off must not spoil what follows.
            self._append(("" if self._is_begun else self._head()) + f"\n{record.model_dump_json()}")

    def _append(self, text: str) -> None:
        with os.fdopen(os.open(self.path, _FLAGS, 0o600), "a", encoding="utf-8") as stream:
            stream.write(text)
        self._is_begun = True

    def _head(self) -> str:
        return json.dumps({"tenant": self._tenant})

    def _read(self, text: str) -> dict[str, CompanyRecord]:
        first, *lines = text.split("\n")
        if text and first != self._head():
            raise RefusedError(
                f"{escaped(str(self.path))}: is not the progress of a run over this Link APP; remove it to begin anew"
            )
        return {record.id.lower(): record for record in map(_record, lines) if record}


def _record(line: str) -> CompanyRecord | None:
    with contextlib.suppress(ValidationError):
        return CompanyRecord.model_validate_json(line)
    return None


_MISSING = "404: this Link APP has no company of this id"


def read_ids(text: str, file: str) -> list[str]:
    """Return the ids in a text, one a line and each once; InvalidInputError lists every line that is none."""
    ids: dict[str, str] = {}
    problems = Problems()
    for number, line in enumerate(text.splitlines(), start=1):
        if one := _id(line.strip(), Position(file, number, 1), problems):
            ids.setdefault(one.lower(), one)
    problems.refuse_any()
    return list(ids.values())


def _id(text: str, at: Position, problems: Problems) -> str | None:
    try:
        return fields.company_id(text) if text else None
    except ValueError as error:
        problems.add(at, f"company_id: {error}")
        return None


class CompanyReader:
    """The companies of one Link APP."""

    def __init__(self, session: LinkSession, profile: str | None, progress: Progress) -> None:
        """Take the Link APP, the profile that leads to it, and what was read before."""
        self._session = session
        self._profile = profile
        self._progress = progress
        self.found: list[CompanyState] = []
        self.left_out: list[LeftOut] = []
        self.resumed = 0
        """How many an earlier run has read."""

    def look(self, ids: Sequence[str], *, workers: int, tick: Callable[[], None]) -> None:
        """Ask for each company that was not read before, several at a time; `tick` is called after each."""
        self.resumed = sum(self._progress.record(one) is not None for one in ids)
        pool = ThreadPoolExecutor(workers)
        try:
            asked = {one: pool.submit(self._read, one) for one in ids}
            for future in as_completed(asked.values()):
                future.result()  # the first failure ends it: what was read stays noted
                tick()
        finally:
            pool.shutdown(cancel_futures=True)
        for company_id, future in asked.items():
            self._judge(company_id, future.result())

    def _read(self, company_id: str) -> CompanyRecord | NotFoundError | UnexpectedResponseError:
        known = self._progress.record(company_id)
        if known is not None:
            return known
        try:
            record = self._session.client.get_company(company_id)
        except (NotFoundError, UnexpectedResponseError) as error:
            return error
        self._progress.note(record)
        return record

    def _judge(self, company_id: str, answer: CompanyRecord | NotFoundError | UnexpectedResponseError) -> None:
        what = f"company '{escaped(company_id, 80)}'"
        if isinstance(answer, NotFoundError | UnexpectedResponseError):
            reason = _MISSING if isinstance(answer, NotFoundError) else str(answer)
            self.left_out.append(LeftOut(what, reason))
            return
        declared = {
            "companyId": answer.id,
            "name": answer.name or None,  # no name can be declared only by leaving it out
            "pageEnabled": answer.link_page.enabled,
            "profile": self._profile,
        }
        normal = normal_form(PROPERTIES, declared)
        name = escaped(answer.name or "", 80)
        self.left_out += [LeftOut(what, f"{reason}; it is '{name}'") for reason in normal.reasons]
        if not normal.reasons:
            spec = from_properties(CompanySpec, normal.inputs, "company")
            self.found.append(recorded_company(spec, answer, self._session.tenant))
